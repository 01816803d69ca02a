"""What the rule screen of texts costs: texts per second of one core, as a ratio to the automaton alone.

usage: python scripts/bench/text.py [--json] [--texts FILE] [--rounds N] [--patterns N]

Made-up posts (or the lines of a file) against a contest whose names make at least 3,000 patterns; CPU time, the best of
the rounds, so that another busy process changes little. For comparison the same folded texts go through one automaton
of ahocorasick_rs with as many patterns as names and word list have together.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from ahocorasick_rs import AhoCorasick
from rich.console import Console

from app.election.contest import Candidate, Contest, Paslon
from app.text.fold import fold
from app.text.lexicon import lexicon
from app.text.registry import Registry, compile_registry
from app.text.screen import screen_text

GOAL = 2000
SYLLABLES = ("ba", "ran", "di", "ka", "su", "mar", "ti", "wi", "ja", "nur", "lek", "sa", "to", "pra", "gu", "min", "yo")
EVERYDAY = [
    "kerja", "bakti", "warga", "hari", "minggu", "pagi", "di", "balai", "desa", "jangan", "lupa", "bawa", "cangkul",
    "ya", "bapak", "ibu", "semua", "hujan", "deras", "semalam", "jalan", "depan", "pasar", "tergenang", "air", "harga",
    "cabai", "naik", "lagi", "anak", "sekolah", "libur", "panjang", "alhamdulillah", "sehat",
]  # fmt: skip
CALLS = (
    "ayo coblos nomor 2", "02 💪🔥", "jangan pilih nomor 4", "gas terus pak", "semoga menang", "c0bl0s n0m0r tiga",
    "#CoblosNo2 #LanjutkanKerja", "saya sekeluarga dukung", "tidak becus, cuma janji", "Rapat RT 02 RW 03 jam 7 pagi",
    "KPU gelar simulasi pemungutan suara", "harga 2 ribu dapat 3", "c o b l o s nomor dua", "mantap pak bupati",
)  # fmt: skip


def main() -> int:
    """Measure, then print a line or JSON."""
    options = _options()
    registry = large_registry(options.patterns)
    texts = _lines(options.texts) if options.texts else made_texts(2000)
    patterns = _patterns(registry)
    alone = AhoCorasick(patterns)
    folded = [f" {fold(text)[0]} " for text in texts]
    screen = best(lambda: [screen_text(text, registry) for text in texts], options.rounds)
    automaton = best(lambda: [alone.find_matches_as_indexes(text, overlapping=True) for text in folded], options.rounds)
    result = {
        "texts": len(texts),
        "patterns": len(patterns),
        "characters": round(sum(map(len, texts)) / len(texts)),
        "texts_per_second": round(len(texts) / screen),
        "ms_per_text": round(1000 * screen / len(texts), 3),
        "automaton_ms_per_text": round(1000 * automaton / len(texts), 4),
        "ratio": round(screen / automaton, 1),
        "goal": GOAL,
        "met": len(texts) / screen >= GOAL,
    }
    if options.json:
        print(json.dumps(result, indent=1))
    else:
        Console(width=120).print(
            f"{result['texts_per_second']} texts/s ({result['ms_per_text']} ms), {result['patterns']} patterns, "
            f"{result['characters']} characters a text; automaton alone {result['automaton_ms_per_text']} ms, "
            f"ratio {result['ratio']}; goal {GOAL}/s {'✓' if result['met'] else '✗'}",
            highlight=False,
        )
    return 0


def best(work: Callable[[], object], rounds: int) -> float:
    """CPU seconds of the fastest round; a first one warms the caches."""
    work()
    spent = []
    for _ in range(rounds):
        begin = time.process_time()
        work()
        spent.append(time.process_time() - begin)
    return min(spent)


def large_registry(least: int) -> Registry:
    """A contest of pairs with made-up names and words, until its patterns and the word list's are so many."""
    chance = random.Random(1)
    words = sorted({"".join(chance.choices(SYLLABLES, k=4)) for _ in range(6000)})
    chance.shuffle(words)
    source = itertools.cycle(words)
    pairs: list[Paslon] = []
    while True:
        number = len(pairs) + 1
        people = tuple(Candidate(f"{number}{side}", f"{next(source)} {next(source)} {next(source)}") for side in "ab")
        aliases = tuple(f"{next(source)} {next(source)}" for _ in range(30))
        pairs.append(Paslon(f"p{number}", number, people, aliases, (f"{next(source)} maju {next(source)}",)))
        if len(pairs) % 6 == 0 or len(pairs) < 6:
            made = compile_registry(
                Contest("bench", "bench", "99", "Muara Embun", date(2029, 11, 28), paslon=tuple(pairs))
            )
            if len(made.patterns) >= least:
                return made


def made_texts(count: int) -> list[str]:
    """Posts of 5 to 40 words, a third of them with campaign talk, none twice."""
    chance = random.Random(2)
    texts = []
    for place in range(count):
        words = chance.choices(EVERYDAY, k=chance.randint(5, 40))
        if place % 3 == 0:
            words.insert(chance.randrange(len(words)), chance.choice(CALLS))
        texts.append(f"{' '.join(words)} {''.join(chance.choices(SYLLABLES, k=3))}.")
    return texts


def _patterns(registry: Registry) -> list[str]:
    """As many patterns as the screen looks for, made of the words that it knows."""
    words = sorted(registry.vocabulary.words)
    wanted = len(registry.patterns) + len(lexicon().rules)
    pairs = (f" {one} {other} " for one, other in zip(words, reversed(words), strict=True))
    return [*(f" {word} " for word in words), *pairs][:wanted]


def _lines(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="JSON with stable keys")
    parser.add_argument("--texts", type=Path, help="a file with a text a line instead of made-up ones")
    parser.add_argument("--rounds", type=int, default=5, help="rounds; the fastest counts")
    parser.add_argument("--patterns", type=int, default=3000, help="names' patterns at least")
    options = parser.parse_args()
    options.rounds = max(1, options.rounds)
    return options


if __name__ == "__main__":
    sys.exit(main())
