"""Which desk a post belongs to: neutrality, campaigning in the quiet period, or a survey that nobody vouches for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from app.rules.ruleset import RuleSet
from app.rules.signals import Signal

Lane = Literal["netralitas", "hoaks_survei", "masa_tenang"]
LANES: tuple[Lane, ...] = Lane.__args__  # type: ignore[attr-defined]
NEUTRALITY: Lane = "netralitas"
SEEN = ("face", "gesture", "joint")


def lane_of(counting: Sequence[Signal], rules: RuleSet) -> Lane:
    """The lane of the signals that count. A survey claim goes to its own lane unless a stronger sign takes a side:
    a call or praise that weighs more, or what is seen in the pictures."""
    if any(signal.code == "OFFICIAL_ACCOUNT" for signal in counting):
        return "masa_tenang"
    claim = math.fsum(signal.weight for signal in counting if signal.code == "SURVEI")
    if claim <= 0:
        return NEUTRALITY
    said = max((s.weight for s in counting if rules.families.get(s.code) == "intent"), default=0.0)
    seen = math.fsum(s.weight for s in counting if rules.families.get(s.code) in SEEN and s.weight > 0)
    return "hoaks_survei" if claim > max(said, seen) else NEUTRALITY
