"""How an item's band comes about: every contribution, rounded so that those shown add up to the sum that is shown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from app.rules.wording import label_of
from app.web.words import Words

Json = dict[str, Any]
DIGITS = 2


def parts_of(item: Json, t: Words) -> Json:
    """The start that all posts have, what each kind of finding adds or takes, strongest first, and the sum."""
    sums: dict[str, list[float]] = {}
    for signal in item["signals"]:
        if signal["counts"] and signal["weight"]:
            sums.setdefault(signal["code"], []).append(signal["weight"])
    found = sorted(sums.items(), key=lambda one: -abs(math.fsum(one[1])))
    values = [item["bias"], *(math.fsum(weights) for _, weights in found)]
    *shown, total = _signed(values, t)
    names = [t("sum.start"), *(_name(code, len(weights), t) for code, weights in found)]
    return {"rows": [{"name": name, "value": value} for name, value in zip(names, shown, strict=True)], "total": total}


def adding_up(values: Sequence[float], digits: int) -> tuple[list[float], float]:
    """The values and their sum, rounded; the rounded values add up to the rounded sum, none off by a whole step."""
    scale = 10**digits
    total = round(math.fsum(values) * scale)
    floors = [math.floor(value * scale) for value in values]
    order = sorted(range(len(values)), key=lambda place: floors[place] - values[place] * scale)
    raised = set(order[: total - sum(floors)])
    return [(floor + (place in raised)) / scale for place, floor in enumerate(floors)], total / scale


def _signed(values: Sequence[float], t: Words) -> list[str]:
    shown, total = adding_up(values, DIGITS)
    return [f"{'−' if value < 0 else '+'}{t.number(abs(value), DIGITS)}" for value in (*shown, total)]


def _name(code: str, times: int, t: Words) -> str:
    label = label_of(code, t.language)
    return label if times == 1 else f"{label} ({times}×)"
