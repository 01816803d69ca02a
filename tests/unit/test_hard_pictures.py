"""Thirty harder pictures, by a seed that nothing was tuned on, read as the pipeline reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.evaluation.ocr import Sample, assess, quality, written_signals, wrong_characters
from app.roster.file import contest_of, read_roster
from app.screening.pictured_text import screen_lines
from app.text.registry import compile_registry
from app.vision.reading import Reader
from tests.conftest import REPOSITORY, missing
from tests.hard_pictures import KINDS, REPORTED, hard_pictures, missing_fonts


@pytest.mark.parametrize(
    ("truth", "read", "wrong"),
    [
        ("coblos", "ayo coblos 2", 0),
        ("coblos", "ayo cblos 2", 1),
        ("coblos", "", 6),
        ("coblos", "c0bl0s", 2),
        ("a", "b", 1),
    ],
)
def test_a_line_is_compared_with_what_is_most_like_it(truth: str, read: str, wrong: int) -> None:
    assert wrong_characters(truth, read) == wrong


@pytest.mark.models
def test_thirty_harder_pictures_lose_no_signal(model_folder: Path, record_property: pytest.RecordProperty) -> None:
    if missing_fonts():
        missing(f"fonts: {', '.join(missing_fonts())} (fonts-dejavu-core, fonts-noto-core, fonts-noto-color-emoji)")
    roster = read_roster(REPOSITORY / "app" / "demo" / "data" / "roster.json")
    registry = compile_registry(contest_of(roster, roster.contests[0]))
    reader, reads = Reader(model_folder), []
    for hard in hard_pictures(REPORTED):
        lines = reader.read(hard.pixels)
        found = [signal for _, signal in screen_lines(lines, registry, hard.pixels.shape[0])]
        sample = Sample(Path(hard.kind), hard.kind, tuple(hard.lines))
        wanted = written_signals(hard.lines, registry)
        reads.append(assess(sample, [line.text for line in lines], wanted, found, 0.0))
    result = quality(reads)
    record_property("cer, signals", f"{result.error.value} {result.signals}")
    assert len(reads) == 30
    assert {read.kind for read in reads} == set(KINDS)
    assert result.signals.cases >= 40
    assert result.error.value is not None
    assert result.error.value <= 0.03
    assert result.signals.value == 1.0
