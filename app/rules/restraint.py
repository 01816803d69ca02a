"""A pose stays below the high band unless a face or words point to its pair too: whatever the weights say."""

from __future__ import annotations

import math
from collections.abc import Sequence

from app.rules.ruleset import RuleSet
from app.rules.signals import Signal

BELOW = 0.01
"""Log-odds by which a restrained sum stays under the high band."""
HINTING = ("GESTURE", "GROUP_POSE", "FACE_REVIEW", "NUMBER_WORN")
"""What may be the pair's and is no more than a hint."""
SPEAKING = ("MENGHALANGI",)
"""What speaks by itself though it names no pair."""


def restraint(counting: Sequence[Signal], rules: RuleSet) -> Signal | None:
    """What takes the sum of these signals below the high band where a pose is all that points to the pair; None where
    something else does, or the sum stays below anyway."""
    weighing = [signal for signal in counting if signal.weight > 0]
    poses = [signal for signal in weighing if signal.code == "GESTURE"]
    if not poses or any(_points(signal) for signal in weighing):
        return None
    excess = math.fsum(signal.weight for signal in counting) - (rules.needed("high") - BELOW)
    if excess <= 0:
        return None
    surest = max(poses, key=lambda signal: signal.weight)
    params = {name: surest.params[name] for name in ("gesture", "hand", "count")}
    return Signal("POSE_ALONE", "context", -excess, picture=surest.picture, box=surest.box, params=params)


def _points(signal: Signal) -> bool:
    """Whether it points to the pair, or weighs by itself, without the pose."""
    if signal.code in SPEAKING:
        return True
    return signal.paslon is not None and signal.code not in HINTING
