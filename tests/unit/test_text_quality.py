"""Floors and ceilings on real texts that the word list was not written from; they warn of a broken screen.

The rule here is only the measuring stick of the text signals; the service decides in app.rules.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.election.contest import Candidate, Contest, Paslon
from app.text.registry import Registry, compile_registry
from app.text.screen import screen_text
from app.text.signals import TextSignal

TEXTS = Path(__file__).parents[2] / ".." / "shared" / "data" / "text"
pytestmark = pytest.mark.skipif(not TEXTS.is_dir(), reason="the shared texts are not beside this repository")

NAMING = {
    "NAMA": 1.0, "ALIAS": 1.0, "NOMOR": 1.0, "TAGAR": 1.0, "AKUN": 1.0, "SALAM_JARI": 1.0, "EMOJI_JARI": 1.0,
    "SLOGAN": 0.8, "PARTAI": 0.6,
}  # fmt: skip
INTENT = {
    "AJAKAN_KUAT": 1.0, "AJAKAN_LEMAH": 0.75, "DUKUNGAN": 0.9, "PUJIAN": 0.6, "SERANGAN": 0.8, "MENGHALANGI": 1.2,
    "KEGIATAN": 0.7, "GRUP": 0.7, "SALAM_JARI": 0.9, "EMOJI_JARI": 0.6, "EMOJI_DUKUNGAN": 0.4, "IMPLISIT": 0.7,
}  # fmt: skip
CONTEXT = {"BERITA": 0.8, "NETRALITAS": 1.0, "RESMI": 0.8, "HAK_PILIH": 0.3, "BERIMBANG": 0.5}
THRESHOLD = 0.5


def flagged(signals: Iterable[TextSignal]) -> bool:
    """A pair is named and something is wanted of it, more than the context explains."""
    found = list(signals)
    named = max((NAMING.get(s.code, 0.0) * min(1.0, s.confidence + 0.2) for s in found), default=0.0)
    wanted: dict[str, float] = {}
    for s in found:
        if s.direction is not None:
            worth = INTENT[s.code] * s.confidence * (1.0 if s.paslon else 0.5)
            wanted[s.code] = max(wanted.get(s.code, 0.0), worth)
    ranked = sorted(wanted.values(), reverse=True)
    evidence = sum(worth * 0.6**place for place, worth in enumerate(ranked))
    excuse = 0.0
    for code, weight in CONTEXT.items():
        doubt = 1.0
        for s in found:
            doubt *= 1.0 - s.confidence if s.code == code else 1.0
        excuse += weight * (1.0 - doubt)
    return bool(named and ranked and evidence * named + 0.3 * named - excuse >= THRESHOLD)


def registry(name: str) -> Registry:
    """A registry of the shared texts, "sukamaju" or one of the real ones."""
    if name == "sukamaju":
        raw: dict[str, Any] = json.loads((TEXTS / "registry.json").read_text(encoding="utf-8"))
    else:
        raw = json.loads((TEXTS / "registries_real.json").read_text(encoding="utf-8"))[name]
    pairs = tuple(
        Paslon(
            f"p{pair['number']}",
            pair["number"],
            (Candidate("a", pair["head"]), Candidate("b", pair["deputy"])),
            aliases=tuple(pair["aliases"]),
            slogans=tuple(pair["slogans"]),
            hashtags=tuple(pair["hashtags"]),
            parties=tuple(pair["parties"]),
        )
        for pair in raw["pairs"]
    )
    return compile_registry(Contest(name, name, "99", raw["region"], date(2029, 11, 28), paslon=pairs))


def scores(file: str, name: str) -> tuple[float, float]:
    """Precision and recall on labelled texts."""
    compiled = registry(name)
    rows = [json.loads(line) for line in (TEXTS / file).read_text(encoding="utf-8").splitlines() if line]
    verdicts = [(row["label"] == "partisan", flagged(screen_text(row["text"], compiled))) for row in rows]
    hits = sum(true and said for true, said in verdicts)
    return hits / max(1, sum(said for _, said in verdicts)), hits / sum(true for true, _ in verdicts)


def share_flagged(file: str, name: str) -> float:
    """How many of the lines are flagged."""
    compiled = registry(name)
    lines = [line for line in (TEXTS / file).read_text(encoding="utf-8").splitlines() if line.strip()]
    return sum(flagged(screen_text(line, compiled)) for line in lines) / len(lines)


def test_fictional_captions() -> None:
    precision, recall = scores("dev.jsonl", "sukamaju")
    assert precision >= 0.9
    assert recall >= 0.9


def test_real_comments() -> None:
    precision, recall = scores("banten80_real.jsonl", "banten2024")
    assert precision >= 0.85
    assert recall >= 0.5


def test_headlines_are_not_partisan() -> None:
    assert share_flagged("news_headlines_2023.txt", "pilpres2024") <= 0.08


@pytest.mark.parametrize("name", ["sukamaju", "banten2024", "jatim2024"])
def test_everyday_texts_are_not_partisan(name: str) -> None:
    assert share_flagged("everyday_texts.txt", name) <= 0.01
