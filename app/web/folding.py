"""Equal findings folded into one line: a call that a post repeats eleven times is one finding, eleven times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fold:
    """The weightiest of equal signals, and all of them in the order of the explanation."""

    head: Json
    members: tuple[Json, ...]


def fold(signals: Iterable[Json]) -> list[Fold]:
    """Words that say the same of the same pair in the same source are one; everything else stands alone.

    A repeated word weighs nothing and carries a note, so the one that counts is the head."""
    found: dict[object, list[Json]] = {}
    for position, signal in enumerate(signals):
        found.setdefault(_sameness(signal) or position, []).append(signal)
    return [Fold(max(same, key=lambda signal: abs(signal["weight"])), tuple(same)) for same in found.values()]


def _sameness(signal: Json) -> tuple[object, ...] | None:
    """What equal findings have in common; None for what is never folded."""
    if signal["field"] is None:
        return None
    pair = signal["paslon"]["id"] if signal["paslon"] else None
    quote = " ".join((signal["quote"] or "").casefold().split())
    return signal["code"], pair, signal["direction"], signal["field"], quote


def heads(folds: Sequence[Fold]) -> dict[str, str]:
    """Tag of every signal -> tag under which the list shows it: its own where that leads a line."""
    leading = {found.head["tag"] for found in folds}
    shown: dict[str, str] = {}
    for found in folds:
        for signal in found.members:
            tag = signal["tag"]
            shown.setdefault(tag, tag if tag in leading else found.head["tag"])
    return shown
