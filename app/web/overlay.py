"""Where the boxes of a picture and their tags are drawn, in pixels of the picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

STAGE_WIDTH, STAGE_HEIGHT = 720.0, 520.0
"""Size in CSS pixels at which a picture is usually shown: it sets how large a tag must be in the picture's pixels."""
FONT, PADDING = 15.0, 5.0
TEXT_ROOM = 4.0
"""How far the box of a text stands off its letters."""
LINE_STYLES = {"face": "face", "hand": "hand"}

Rectangle = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Mark:
    """One box with its tag. `kind` is the style of line: face (solid), hand (dashed) or text (dotted)."""

    tag: str
    kind: str
    sentence: str
    x: float
    y: float
    width: float
    height: float
    tag_x: float
    tag_y: float
    tag_width: float
    tag_height: float
    text_x: float
    text_y: float
    font: float


def marks(signals: Iterable[Mapping[str, Any]], width: float, height: float) -> list[Mark]:
    """The marks of one picture's signals (keys tag, kind, box, sentence); tags keep off each other where they can."""
    scale = max(width / STAGE_WIDTH, height / STAGE_HEIGHT)
    taken: list[Rectangle] = []
    drawn = []
    for signal in signals:
        mark = _mark(signal, scale, width, height, taken)
        taken.append((mark.tag_x, mark.tag_y, mark.tag_width, mark.tag_height))
        drawn.append(mark)
    return drawn


def _mark(signal: Mapping[str, Any], scale: float, width: float, height: float, taken: list[Rectangle]) -> Mark:
    x0, y0, x1, y1 = (float(value) for value in signal["box"])
    kind = LINE_STYLES.get(signal["kind"], "text")
    if kind == "text":
        room = TEXT_ROOM * scale
        x0, y0, x1, y1 = x0 - room, y0 - room, x1 + room, y1 + room
    x0, x1 = sorted((min(max(x0, 0.0), width), min(max(x1, 0.0), width)))
    y0, y1 = sorted((min(max(y0, 0.0), height), min(max(y1, 0.0), height)))
    font, padding = FONT * scale, PADDING * scale
    tag_width, tag_height = font * 0.68 * len(signal["tag"]) + 2 * padding, font + 1.4 * padding
    places = [(x0, y0 - tag_height), (x0, y1), (x1 - tag_width, y0 - tag_height), (x1 - tag_width, y1), (x0, y0)]
    fitting = [place for place in places if _fits(place, tag_width, tag_height, width, height)] or [(x0, y0)]
    free = [place for place in fitting if not any(_overlap((*place, tag_width, tag_height), other) for other in taken)]
    tag_x, tag_y = (free or fitting)[0]
    numbers = [x0, y0, x1 - x0, y1 - y0, tag_x, tag_y, tag_width, tag_height]
    numbers += [tag_x + padding, tag_y + tag_height - 1.1 * padding, font]
    return Mark(signal["tag"], kind, signal["sentence"], *(round(value, 2) for value in numbers))


def _fits(place: tuple[float, float], tag_width: float, tag_height: float, width: float, height: float) -> bool:
    x, y = place
    return x >= 0 and y >= 0 and x + tag_width <= width and y + tag_height <= height


def _overlap(one: Rectangle, other: Rectangle) -> bool:
    return (
        one[0] < other[0] + other[2]
        and other[0] < one[0] + one[2]
        and one[1] < other[1] + other[3]
        and other[1] < one[1] + one[3]
    )
