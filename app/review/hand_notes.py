"""What the reviewer is told of hands beside the findings: shared poses beside chance, and hints that never count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from babel.numbers import format_decimal, format_percent

from app.i18n import LANGUAGES, translator

HINTS = ("finger_heart",)
"""Poses that are read too badly to count: three of four letters O look like a finger heart."""
RARE = 0.001
"""Chances below this are not told apart."""


def hand_notes(observations: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Code and words of every note about the hands of stored observations, picture by picture."""
    several = len(observations) > 1
    found = []
    for number, seen in enumerate(observations, 1):
        for code, params in _notes(seen):
            note = {"code": code.upper()}
            for language in LANGUAGES:
                tr = translator(language, "console")
                said = tr(f"hands.{code}", **_worded(params, language))
                note[f"text_{language}"] = f"{tr('hands.picture', number=number)} {said}" if several else said
            found.append(note)
    return found


def _notes(seen: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for group in seen.get("groups", ()):
        yield "group", group
    for name in HINTS:
        count = sum(hand["name"] == name for hand in seen["hands"])
        if count:
            yield "hint", {"name": name, "people": count}


def _worded(params: Mapping[str, Any], language: str) -> dict[str, str]:
    words = {"gesture": translator(language)(f"gesture.{params['name']}"), "people": str(params["people"])}
    if "chance" in params:
        chance = max(params["chance"], RARE)
        percent = format_percent(chance, "0.0 %", locale=language)
        below = "< " if params["chance"] < RARE else ""
        expected = format_decimal(params["expected"], "0.0", locale=language)
        words |= {"of": str(params["of"]), "expected": expected, "chance": f"{below}{percent}"}
    return words
