"""The order of work: strength, region risk, stage and deadline in one number that an index can hold."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

START = date(2020, 1, 1)
RISKS = ("high", "medium", "low")
"""Classes of the election vulnerability index (IKP): tinggi, sedang, rendah. They order work, never raise a score."""


@cache
def _weights() -> dict[str, Any]:
    text = files("app.rules").joinpath("data/priority.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def priority(score: float, risk: str | None, stage: str, due: date) -> float:
    """The greater, the sooner. `score` is 0..1, `risk` one of RISKS or None where nobody classed the region."""
    weights = _weights()
    extra: float = weights["risk"].get(risk, 0.0) + weights["stage"].get(stage, 0.0)
    days = (due - START).days
    return round(float(weights["strength"] * score + extra - weights["per_day"] * days), 6)
