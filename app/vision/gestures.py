"""Which fingers are raised, what the hand shows, and whether it may be taken seriously: geometry, no learned part.

A classifier trained on the same landmarks was slightly better on hands like those it had seen and far worse on
others, so the rules stay geometric. Each finger gets a probability; the confidence is that of all five together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.vision.observations import Floats

Reals = npt.NDArray[np.float64]

NAMES = {
    "00000": "fist", "01000": "index", "01100": "peace", "01110": "three", "01111": "four", "11111": "five",
    "11000": "gun_L", "10001": "phone", "11001": "metal", "01001": "horns", "00001": "pinky", "00111": "ok3",
    "11100": "three_thumb", "01101": "three_index",
}  # fmt: skip
"""Finger bits (thumb, index, middle, ring, little) to gesture names; a lone thumb is named by its direction."""
TOLD = frozenset(NAMES.values()) | {"thumb_up", "thumb_down", "thumb_side", "finger_heart"}
"""Every name that `read_gesture` gives to one hand, but for "other"."""

WRIST, THUMB_TIP, INDEX_TIP, LITTLE_KNUCKLE = 0, 4, 8, 17
FINGERS = np.array([(5, 6, 7, 8), (9, 10, 11, 12), (13, 14, 15, 16), (17, 18, 19, 20)])
REACH_LIMITS = np.array([0.25, 0.25, 0.25, 0.19])


@dataclass(frozen=True, slots=True)
class Gate:
    """What a hand must have before its gesture is read at all; tuned on ordinary photos, where hands mean nothing."""

    size: float = 28.0
    presence: float = 0.8
    palm: float = 0.5
    confidence: float = 0.6
    tilt: float = 60.0
    """Four and five fingers: largest angle (degrees) between the hand and straight up."""
    spread: float = 15.0
    """Four and five fingers: smallest angle (degrees) between index and little finger."""


@dataclass(frozen=True, slots=True)
class Gesture:
    """The reading of one hand before the gate. `turn` is the way from wrist to knuckles, clockwise from straight up,
    and `spread` the angle between index and little finger, both in degrees."""

    fingers: str
    name: str
    confidence: float
    turn: float
    spread: float

    @property
    def tilt(self) -> float:
        """How far it leans from straight up, to whichever side (0..180)."""
        return abs(self.turn)


def read_gesture(shape: Floats, placed: Floats) -> Gesture:
    """Reads 21 landmarks: `shape` 21 x 3 in any square frame (the model's crop), `placed` 21 x 2 in picture pixels."""
    points = shape.astype(np.float64)
    palm = _length(points[9] - points[WRIST]) + 1e-9
    bends, reaches = _fingers(points, palm)
    others = _chance((reaches - REACH_LIMITS) / 0.06) * _chance((70 - bends) / 12)
    raised = np.array([_thumb(points, palm), *others])
    fingers = "".join("1" if chance >= 0.5 else "0" for chance in raised)
    confidence = float(np.prod(np.maximum(raised, 1 - raised)))
    name = _thumb_name(placed) if fingers == "10000" else NAMES.get(fingers, "other")
    tips = _length(points[THUMB_TIP] - points[INDEX_TIP]) / palm
    if np.all(raised[2:] >= 0.5) and tips < 0.42:  # of hands that show four, none comes under .75
        fingers, name = "00111", "ok3"
        confidence = float(np.prod(raised[2:]) * _chance((0.42 - tips) / 0.05))
    elif np.all(raised[2:] < 0.5) and _is_heart(points, palm, tips, bends[0], reaches[0]):
        name, confidence = "finger_heart", float(np.prod(1 - raised[2:]))
    spread = _angle(points[8] - points[5], points[20] - points[17])
    return Gesture(fingers, name, confidence, _turn(placed), spread)


def passes(gesture: Gesture, size: float, presence: float, palm: float, gate: Gate) -> bool:
    """Whether a hand of `size` pixels is shown clearly and on purpose; a finger heart never is more than a hint."""
    clear = size >= gate.size and presence >= gate.presence and palm >= gate.palm
    if not clear or gesture.confidence < gate.confidence:
        return False
    return gesture.name not in ("four", "five") or (gesture.tilt <= gate.tilt and gesture.spread >= gate.spread)


def _fingers(points: Reals, palm: float) -> tuple[Reals, Reals]:
    """Bend of both joints (degrees) and how much further the tip is from the wrist than the middle joint (palms)."""
    joints = points[FINGERS]
    bones = np.diff(joints, axis=1)
    bends = np.array([_angle(a, b) + _angle(b, c) for a, b, c in bones])
    from_wrist = np.linalg.norm(joints - points[WRIST], axis=2)
    return bends, (from_wrist[:, 3] - from_wrist[:, 1]) / palm


def _thumb(points: Reals, palm: float) -> float:
    """Chance that the thumb stands off: away from the little finger, off the other fingers' joints, and straight."""
    away = _length(points[4] - points[LITTLE_KNUCKLE]) - _length(points[2] - points[LITTLE_KNUCKLE])
    off = min(_length(points[4] - points[joint]) for joint in (6, 10, 14))
    bend = _angle(points[2] - points[1], points[3] - points[2]) + _angle(points[3] - points[2], points[4] - points[3])
    away, off = (away / palm - 0.12) / 0.06, (off / palm - 0.40) / 0.06
    return float(_chance(away) * _chance(off) * _chance((75 - bend) / 12))


def _is_heart(points: Reals, palm: float, tips: float, bend: float, reach: float) -> bool:
    """Thumb and index crossing near their tips over a closed hand: weak, a letter O looks the same."""
    off = min(_length(points[THUMB_TIP] - points[joint]) for joint in (6, 10, 14)) / palm
    knuckle = _angle(points[5] - points[WRIST], points[6] - points[5])
    return tips < 0.45 and off > 0.2 and -0.15 < reach < 0.45 and bend < 125 and knuckle < 75


def _thumb_name(placed: Floats) -> str:
    x, y = (placed[THUMB_TIP] - placed[2]).astype(np.float64)
    direction = float(np.degrees(np.arctan2(-y, x)))
    if 40 < abs(direction) < 140:
        return "thumb_up" if direction > 0 else "thumb_down"
    return "thumb_side"


def _turn(placed: Floats) -> float:
    x, y = (placed[9] - placed[WRIST]).astype(np.float64)
    return float(np.degrees(np.arctan2(x, -y)))


def _angle(a: Reals, b: Reals) -> float:
    cosine = float(a @ b) / (_length(a) * _length(b) + 1e-9)
    return math.degrees(math.acos(min(max(cosine, -1.0), 1.0)))


def _length(vector: Reals) -> float:
    return math.sqrt(float(vector @ vector))


def _chance(margin: Reals | float) -> Reals:
    """Logistic: .5 at the limit, so that a finger counts when it is likelier raised than not."""
    return np.asarray(1 / (1 + np.exp(-np.clip(margin, -40, 40))), np.float64)
