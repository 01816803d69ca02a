"""Cutting a text into plain and marked pieces, however its spans overlap; and choosing what of a long text is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

LINE, LINES = 90, 12
"""Characters of a line as it is usually shown, and lines of a long text that are shown at first."""
AROUND, LONGEST = 70, 3 * LINE
"""Characters shown on both sides of a mark, and of a long mark itself."""
REACH = 20
"""How far a cut may move to fall between two words."""

Span = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text. `tags` are those of the signals whose span ends with this run, `by` of those that cover it."""

    text: str
    marked: bool
    tags: tuple[str, ...]
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What of a text is shown: runs of pieces with gaps between them, and where they stand. `hidden` counts the
    characters left out; `before` and `after` tell whether text is missing at the ends."""

    parts: tuple[tuple[Piece, ...], ...]
    hidden: int
    before: bool
    after: bool


def pieces(text: str, spans: Iterable[Span]) -> list[Piece]:
    """The text in runs; `spans` are (start, end, tag) in characters, clipped to the text."""
    clipped = [(max(start, 0), min(end, len(text)), tag) for start, end, tag in spans]
    clipped = sorted(span for span in clipped if span[0] < span[1])
    cuts = sorted({0, len(text), *(cut for start, end, _ in clipped for cut in (start, end))})
    runs: list[Piece] = []
    open_spans: list[Span] = []
    waiting = iter([*clipped, (len(text) + 1, 0, "")])
    upcoming = next(waiting)
    for start, end in pairwise(cuts):
        open_spans = [span for span in open_spans if span[1] > start]
        while upcoming[0] <= start:
            open_spans.append(upcoming)
            upcoming = next(waiting)
        by = tuple(dict.fromkeys(tag for _, _, tag in open_spans))
        ending = tuple(dict.fromkeys(tag for _, last, tag in open_spans if last == end))
        runs.append(Piece(text[start:end], bool(by), ending, by))
    return runs


def excerpt(text: str, spans: Sequence[Span], lines: int = LINES) -> Excerpt:
    """About `lines` lines around the spans, those named first before others; the whole text where it is short."""
    chosen = windows(text, spans, lines)
    parts = tuple(
        tuple(pieces(text[first:last], [(start - first, end - first, tag) for start, end, tag in spans]))
        for first, last in chosen
    )
    shown = sum(last - first for first, last in chosen)
    before = bool(chosen) and chosen[0][0] > 0
    return Excerpt(parts, len(text) - shown, before, bool(chosen) and chosen[-1][1] < len(text))


def windows(text: str, spans: Sequence[Span], lines: int = LINES) -> list[tuple[int, int]]:
    """The parts (first, last) of the text to show, in its order and apart from each other."""
    if not text or height(text) <= lines + 2:
        return [(0, len(text))] if text else []
    wanted = [(max(start, 0) - AROUND, min(end, start + LONGEST) + AROUND) for start, end, _ in spans]
    chosen: list[tuple[int, int]] = []
    for first, last in [*wanted, (0, 2 * LINE)]:
        window = _between_words(text, max(first, 0), min(last, len(text)))
        if window[0] >= window[1] or any(a <= window[0] and window[1] <= b for a, b in chosen):
            continue
        merged = _merged([*chosen, window])
        if chosen and sum(height(text[a:b]) for a, b in merged) > lines:
            break
        chosen = merged
    return chosen


def height(text: str) -> int:
    """Lines that the text takes."""
    return sum(max(1, -(-len(row) // LINE)) for row in text.split("\n"))


def _between_words(text: str, first: int, last: int) -> tuple[int, int]:
    """The same part, moved outwards to the next space where one is near."""
    begin = next((at for at in range(first, max(first - REACH, 0) - 1, -1) if at == 0 or text[at - 1].isspace()), first)
    stop = min(last + REACH, len(text))
    end = next((at for at in range(last, stop + 1) if at == len(text) or text[at].isspace()), last)
    return begin, end


def _merged(parts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for first, last in sorted(parts):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged
