"""Screenshots as such: what is the post, who posted it, what others wrote, and what is only the program around it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from app.vision.line_shapes import upright_boxes
from app.vision.observations import Box, TextLine
from app.vision.screen_platforms import (
    AT_HANDLE,
    CLOCK,
    ENOUGH,
    HANDLE,
    PLATFORMS,
    STATUS,
    WHEN,
    Platform,
    words,
)

Role = Literal["text", "caption", "account", "time", "count", "control", "comment", "status"]
NOT_WORDS: tuple[Role, ...] = ("status", "control", "count", "time")
"""Roles of lines that nobody wrote into the post."""
UPPER_EDGE = 0.05
"""Part of the height in which the bar with clock and battery stands."""
LEADING, INDENT, ALIKE = 1.0, 2.0, 1.45
"""Of one paragraph: the gap and the shift between two lines, in heights of a line, and how much they may differ."""
CLOCK_LINE = words(CLOCK)
SHORT_NAME = 4
"""Words of a name at most."""


@dataclass(frozen=True, slots=True)
class ScreenField:
    """Something that the screen says of the post: `name` is platform, handle, display_name, time or caption."""

    name: str
    value: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Layout:
    """The platform ("" where it is not plain), a role for every line, the author of each comment line ("" elsewhere),
    and the fields."""

    platform: str
    roles: tuple[Role, ...]
    authors: tuple[str, ...]
    fields: tuple[ScreenField, ...]


@dataclass(slots=True)
class _Sheet:
    """Lines in work: the roles found so far."""

    texts: list[str]
    lines: Sequence[TextLine]
    roles: list[Role]
    authors: list[str]
    found: dict[str, ScreenField]

    def field(self, name: str, value: str, confidence: float) -> None:
        """The first finding of a field stays."""
        if value and name not in self.found:
            self.found[name] = ScreenField(name, value, confidence)

    def free(self, start: int = 0, stop: int | None = None) -> list[int]:
        """Lines between that nothing is known of."""
        return [index for index in range(len(self.texts))[start:stop] if self.roles[index] == "text"]


def understand(lines: Sequence[TextLine], height: float) -> Layout:
    """The layout of a picture `height` px high whose lines are in reading order. A picture that is no screenshot has
    no platform, and all its lines are text."""
    texts = [" ".join(line.text.split()) for line in lines]
    sheet = _Sheet(texts, lines, ["text"] * len(lines), [""] * len(lines), {})
    for index, (text, line) in enumerate(zip(texts, lines, strict=True)):
        box = line.box
        if box[3] <= UPPER_EDGE * height * 1.5 and box[1] <= UPPER_EDGE * height and STATUS.match(text):
            sheet.roles[index] = "status"
    worth = [(_worth(platform, sheet), platform) for platform in PLATFORMS]
    best, platform = max(worth, key=lambda one: one[0])
    if best < ENOUGH:
        return Layout("", tuple(sheet.roles), tuple(sheet.authors), ())
    sheet.field("platform", platform.name, min(0.95, best))
    _program(platform, sheet)
    READERS[platform.name](platform, sheet)
    caption = [text for text, role in zip(texts, sheet.roles, strict=True) if role == "caption"]
    sheet.field("caption", " ".join(caption), 0.7)
    return Layout(platform.name, tuple(sheet.roles), tuple(sheet.authors), tuple(sheet.found.values()))


def paragraphs(lines: Sequence[TextLine], roles: Sequence[Role] | None = None) -> list[int]:
    """For each line (in reading order) the number of its paragraph: what follows in the same row, and the next row of
    the same height and role close below. Lines are compared as the picture is held to read them."""
    numbers: list[int] = []
    row: Box | None = None
    for index, box in enumerate(upright_boxes([line.corners for line in lines])):
        same_role = roles is None or index == 0 or roles[index] == roles[index - 1]
        beside = row is not None and same_role and _beside(row, box)
        follows = row is not None and same_role and (beside or _below(row, box))
        numbers.append(numbers[-1] if follows else (numbers[-1] + 1 if numbers else 0))
        row = (row[0], min(row[1], box[1]), box[2], max(row[3], box[3])) if beside and row else box
    return numbers


def _beside(row: Box, box: Box) -> bool:
    high = min(row[3] - row[1], box[3] - box[1])
    overlap = min(row[3], box[3]) - max(row[1], box[1])
    return overlap >= 0.5 * high and abs(box[0] - row[2]) <= LEADING * high


def _below(above: Box, below: Box) -> bool:
    (x0, y0, x1, y1), (u0, v0, u1, v1) = above, below
    high, low = max(y1 - y0, v1 - v0), max(1.0, min(y1 - y0, v1 - v0))
    centred = abs((x0 + x1) - (u0 + u1)) / 2 <= INDENT * low
    return high <= ALIKE * low and -low <= v0 - y1 <= LEADING * low and (abs(x0 - u0) <= INDENT * low or centred)


def _worth(platform: Platform, sheet: _Sheet) -> float:
    texts = [text for text, role in zip(sheet.texts, sheet.roles, strict=True) if role == "text"]
    return sum(worth for pattern, worth in platform.marks if any(pattern.match(text) for text in texts))


def _program(platform: Platform, sheet: _Sheet) -> None:
    """Buttons, counts and times are no words of a post."""
    for index in sheet.free():
        text = sheet.texts[index]
        if WHEN.match(text):
            sheet.roles[index] = "time"
        elif platform.counts.match(text):
            sheet.roles[index] = "count"
        elif platform.controls.match(text) or platform.ends.match(text):
            sheet.roles[index] = "control"


def _end(platform: Platform, sheet: _Sheet) -> int:
    """The line behind which others write."""
    return next((i for i, text in enumerate(sheet.texts) if platform.ends.match(text)), len(sheet.texts))


def _account(sheet: _Sheet, index: int, name: str, confidence: float, value: str = "") -> None:
    sheet.roles[index] = "account"
    sheet.field(name, (value or sheet.texts[index]).strip(" ·."), confidence)


def _time(sheet: _Sheet) -> None:
    for index, role in enumerate(sheet.roles):
        if role == "time":
            sheet.field("time", sheet.texts[index], 0.8)
            return


def _comments(sheet: _Sheet, start: int) -> None:
    """Lines behind the end: an account's name opens the words of another person."""
    author = ""
    for index in sheet.free(start):
        head = sheet.texts[index].split(" ")[0]
        if HANDLE.match(head) and ("_" in head or "." in head or head.startswith("@")):
            author = head
        sheet.roles[index], sheet.authors[index] = "comment", author


def _instagram(platform: Platform, sheet: _Sheet) -> None:
    end = _end(platform, sheet)
    _comments(sheet, end)
    free = sheet.free(0, end)
    heads = [index for index in free if HANDLE.match(sheet.texts[index])]
    if heads:
        _account(sheet, heads[0], "handle", 0.85)
        place = heads[0] + 1
        small = place in free and _height(sheet, place) < 0.95 * _height(sheet, heads[0])
        if small and place not in heads:
            sheet.roles[place] = "control"  # the place under the account's name
    likes = max((i for i, role in enumerate(sheet.roles[:end]) if role == "count"), default=None)
    handle = sheet.found["handle"].value if "handle" in sheet.found else ""
    for index in sheet.free(likes or 0, end) if likes is not None else []:
        sheet.roles[index] = "account" if handle and sheet.texts[index] == handle else "caption"
    _time(sheet)


def _facebook(platform: Platform, sheet: _Sheet) -> None:
    end = _end(platform, sheet)
    when = next((i for i, role in enumerate(sheet.roles[:end]) if role == "time"), None)
    if when is not None:
        above = sheet.free(0, when)
        if above:
            _account(sheet, above[-1], "display_name", 0.85)
        _block(sheet, when + 1, end)
    _comments(sheet, end)
    _time(sheet)


def _tiktok(platform: Platform, sheet: _Sheet) -> None:
    heads = [
        index
        for index in sheet.free()
        if sheet.texts[index].startswith("@") and HANDLE.match(sheet.texts[index].lower())
    ]
    if heads:
        _account(sheet, heads[0], "handle", 0.85)
        sound = next((i for i in range(heads[0], len(sheet.texts)) if sheet.roles[i] == "control"), len(sheet.texts))
        for index in sheet.free(heads[0], sound):
            sheet.roles[index] = "caption"
    _comments(sheet, _end(platform, sheet))
    _time(sheet)


def _whatsapp(_: Platform, sheet: _Sheet) -> None:
    """The first line names the chat; in a group a short line opens the words of each person. Who is meant is offered
    only where one person writes; nobody's words count as a comment here."""
    for index in sheet.free():
        if CLOCK_LINE.match(sheet.texts[index]):
            sheet.roles[index] = "time"
    free = sheet.free()
    if not free:
        return
    chat, *rest = free
    sheet.roles[chat] = "account"
    openers = [
        index for index in rest if len(sheet.texts[index].split()) <= SHORT_NAME and _starts_bubble(sheet, index)
    ]
    for index in openers:
        sheet.roles[index] = "account"
    names = {sheet.texts[index] for index in openers}
    if len(names) == 1:
        sheet.field("display_name", names.pop(), 0.7)
    elif not names:
        sheet.field("display_name", sheet.texts[chat], 0.5)
    if len(names) <= 1 and len(openers) <= 1:
        for index in sheet.free():
            sheet.roles[index] = "caption"
    _time(sheet)


def _starts_bubble(sheet: _Sheet, index: int) -> bool:
    """Whether a line opens a bubble: a clock or a gap stands above it, and another line follows close below."""
    if index + 1 >= len(sheet.texts) or sheet.roles[index + 1] != "text":
        return False
    above = sheet.lines[index - 1].box
    box, high = sheet.lines[index].box, _height(sheet, index)
    return sheet.roles[index - 1] in ("time", "account") or box[1] - above[3] > high


def _x(platform: Platform, sheet: _Sheet) -> None:
    end = _end(platform, sheet)
    at = next((index for index in sheet.free(0, end) if AT_HANDLE.search(sheet.texts[index])), None)
    if at is not None:
        match = AT_HANDLE.search(sheet.texts[at])
        before = sheet.texts[at][: match.start()].strip(" ·.") if match else ""
        _account(sheet, at, "handle", 0.85, match.group() if match else "")
        if before:
            sheet.field("display_name", before, 0.75)
        elif at - 1 in sheet.free(0, end):
            _account(sheet, at - 1, "display_name", 0.75)
        for index in sheet.free(at + 1, end):
            sheet.roles[index] = "caption"
        after = re.search(r"[·.\-•]\s*(.+)$", sheet.texts[at])
        if after and WHEN.match(after.group(1)):
            sheet.field("time", after.group(1), 0.7)
    _comments(sheet, end)
    _time(sheet)


def _block(sheet: _Sheet, start: int, stop: int) -> None:
    """The first paragraphs below the head are the caption: what comes after a wide gap stands in the picture."""
    last: int | None = None
    for index in sheet.free(start, stop):
        gap = 0.0 if last is None else sheet.lines[index].box[1] - sheet.lines[last].box[3]
        if last is not None and gap > 2 * _height(sheet, last):
            return
        sheet.roles[index], last = "caption", index


def _height(sheet: _Sheet, index: int) -> float:
    return sheet.lines[index].box[3] - sheet.lines[index].box[1]


READERS: dict[str, Callable[[Platform, _Sheet], None]] = {
    "instagram": _instagram, "facebook": _facebook, "tiktok": _tiktok, "whatsapp": _whatsapp, "x": _x,
}  # fmt: skip
