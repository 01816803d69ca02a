"""What a trained score sees of a text: hashed runs of words and letters, with every name and number masked."""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from collections.abc import Iterable

from app.text.fold import fold
from app.text.registry import Registry
from app.text.signals import TextSignal

BUCKETS = 1 << 18
MASKS = {
    "NAMA": "qpasangan", "ALIAS": "qpasangan", "TAGAR": "qpasangan", "SLOGAN": "qpasangan", "PARTAI": "qpartai",
    "AKUN": "qpasangan", "NOMOR": "qnomor", "SALAM_JARI": "qnomor", "EMOJI_JARI": "qnomor",
}  # fmt: skip
"""What stands in the text for every pair alike; no word begins so."""
_APART = re.compile(r"https?://\S+|www\.\S+|@\w+")
_WORD = re.compile(r"[^\W\d_]+|\d+|[^\w\s]")
_NUMBER = re.compile(r"\d+")
LETTERS = (3, 4, 5)


def masked(text: str, signals: Iterable[TextSignal], registry: Registry) -> str:
    """The folded text without names: pairs, their words and numbers as found by the screen, other people behind a word
    of respect, accounts, addresses, the region and every other number."""
    covered = sorted((s.start, s.end, MASKS[s.code]) for s in signals if s.code in MASKS)
    parts: list[str] = []
    position = 0
    for start, end, mask in covered:
        if start >= position:
            parts += [text[position:start], f" {mask} "]
            position = end
    parts.append(text[position:])
    return " ".join(_words("".join(parts), registry))


def _words(text: str, registry: Registry) -> Iterable[str]:
    respected = False
    for match in _WORD.finditer(_APART.sub(" qakun ", text)):
        raw = match.group()
        word = fold(raw)[0].strip()
        if _NUMBER.fullmatch(word):
            word = "qangka"
        elif word in registry.region:
            word = "qdaerah"
        elif respected and raw[0].isupper() and not word.startswith("q"):
            word = "qorang"
        respected = word in registry.lexicon.names.honorifics or (respected and word == ".")
        if word:
            yield word


def features(words: str) -> Counter[int]:
    """Buckets and how often each occurs: single words, pairs of words, and 3 to 5 letters within a word's edges."""
    found: Counter[int] = Counter()
    tokens = words.split()
    for place, word in enumerate(tokens):
        found[_bucket("w", word)] += 1
        if place:
            found[_bucket("p", f"{tokens[place - 1]} {word}")] += 1
        if word.startswith("q"):
            continue
        edged = f" {word} "
        for size in LETTERS:
            for start in range(max(1, len(edged) - size + 1)):
                found[_bucket("c", edged[start : start + size])] += 1
    return found


def damped(count: int) -> float:
    """How much several occurrences count."""
    return 1.0 + math.log(count)


def _bucket(kind: str, gram: str) -> int:
    return zlib.crc32(f"{kind}{gram}".encode("utf-8", "replace")) % BUCKETS
