"""The words in a picture, told apart before they are screened: the post's own, and what others wrote below it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from app.text.registry import Registry
from app.text.screen import screen_text
from app.text.signals import TextSignal
from app.vision.observations import TextLine
from app.vision.screen_layout import Layout, paragraphs, understand

COMMENT = "comment"
"""The origin of a signal in the words of somebody else; `author` is that account, where it is known."""


def screen_lines(lines: Sequence[TextLine], registry: Registry, height: float) -> tuple[tuple[int, TextSignal], ...]:
    """Signals of the text in a picture `height` px high, each filed under the line where it begins, its span cut to
    that line. Lines of a paragraph are read as one, so that a phrase may run over their ends; buttons, counts and the
    phone's own bar are nobody's words; each comment of others is a text of its own and marked as one."""
    layout = understand(lines, height)
    numbers = paragraphs(lines, layout.roles)
    found = [
        filed
        for indices, params in _texts(layout)
        for filed in _screened([(index, numbers[index], lines[index].text) for index in indices], registry, params)
    ]
    return tuple(sorted(found, key=lambda filed: (filed[0], filed[1].start, filed[1].end, filed[1].code)))


def _texts(layout: Layout) -> Iterator[tuple[list[int], dict[str, str | int | float]]]:
    """Lines that belong to one text, and what its signals say of their origin."""
    roles = layout.roles
    yield [index for index, role in enumerate(roles) if role in ("text", "caption")], {}
    for index, role in enumerate(roles):
        if role == "account":
            yield [index], {}
    comments = [index for index, role in enumerate(roles) if role == COMMENT]
    for author, group in groupby(comments, key=lambda index: layout.authors[index]):
        yield list(group), {"origin": COMMENT} | ({"author": author} if author else {})


def _screened(
    rows: Sequence[tuple[int, int, str]], registry: Registry, params: dict[str, str | int | float]
) -> Iterator[tuple[int, TextSignal]]:
    """`rows` are (line, paragraph, text)."""
    text, paragraph = "", -1
    starts: list[int] = []
    for _, number, words in rows:
        if starts:
            text += " " if number == paragraph else "\n"
        starts.append(len(text))
        text, paragraph = text + words, number
    for signal in screen_text(text, registry):
        place = max((row for row, start in enumerate(starts) if start <= signal.start), default=0)
        length = len(rows[place][2])
        begin = min(signal.start - starts[place], length)
        end = min(signal.end - starts[place], length)
        marked = {**signal.params, **params}
        yield rows[place][0], replace(signal, start=begin, end=max(begin, end), params=marked)
