"""Cutting a text into plain and marked pieces, however its spans overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text. `tags` are those of the signals whose span ends with this run."""

    text: str
    marked: bool
    tags: tuple[str, ...]


def pieces(text: str, spans: Sequence[tuple[int, int, str]]) -> list[Piece]:
    """The text in runs; `spans` are (start, end, tag) in characters, clipped to the text."""
    clipped = [(max(start, 0), min(end, len(text)), tag) for start, end, tag in spans]
    clipped = [span for span in clipped if span[0] < span[1]]
    cuts = sorted({0, len(text), *(cut for start, end, _ in clipped for cut in (start, end))})
    runs = []
    for start, end in pairwise(cuts):
        marked = any(first <= start and end <= last for first, last, _ in clipped)
        runs.append(
            Piece(text[start:end], marked, tuple(dict.fromkeys(tag for _, last, tag in clipped if last == end)))
        )
    return runs
