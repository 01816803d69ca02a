"""Drawn hands that the hand models read like photographed ones: bones in space, covered with flesh.

Proportions and light were found by search against the models; the tests say what is read at which size and angle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.demo.flesh import Limb, Mask, Point, Tone, render
from app.imaging.decode import Pixels

SKIN: tuple[Tone, ...] = ((125, 160, 205), (110, 148, 198), (92, 128, 178), (78, 110, 158))

# Lengths below are in palms and fingers of a hand about 1 long: x towards the little finger, y to the fingertips,
# z out of the palm; one row per finger from index to little finger.
KNUCKLES = ((-0.135, 0.471, -0.025), (-0.067, 0.507, -0.006), (0.07, 0.511, 0.012), (0.16, 0.447, -0.025))
PHALANGES = ((0.18, 0.103, 0.082), (0.2, 0.12, 0.086), (0.185, 0.11, 0.086), (0.144, 0.082, 0.074))
THICKNESS = (0.059, 0.061, 0.058, 0.05)
PALM_THICKNESS = (0.088, 0.09, 0.083, 0.079)
SPLAY = (-14.956, -1.347, 10.187, 25.324)
RAISED, CURLED = (4.5, 4.705, 3.544), (79.295, 104.8, 75.36)
"""Bend (degrees) at each joint of a raised and of a curled finger."""
TAPER = 0.912
THUMB_THICKNESS = (0.093, 0.073, 0.065, 0.037)
THUMBS = {
    "out": ((-0.07, 0.10, 0.04), (-0.20, 0.197, 0.073), (-0.343, 0.337, 0.084), (-0.44, 0.404, 0.05)),
    "square": ((-0.098, 0.13, 0.031), (-0.233, 0.279, 0.071), (-0.368, 0.31, 0.09), (-0.487, 0.304, 0.066)),
    "across": ((-0.07, 0.1, 0.05), (-0.165, 0.27, 0.12), (-0.07, 0.385, 0.16), (0.05, 0.41, 0.15)),
    "over": ((-0.07, 0.113, 0.032), (-0.19, 0.273, 0.146), (-0.13, 0.427, 0.263), (0.015, 0.411, 0.294)),
}
"""Joints of the thumb: standing off, at a right angle, across the palm, over curled fingers."""

LENGTH = 0.74
"""Pixels of one unit in a picture of side 1."""
MIDDLE = 0.42
"""Height of the hand's middle, which is the picture's, above the wrist."""


@dataclass(frozen=True, slots=True)
class Placing:
    """How a hand stands in its square picture of `size` pixels; `turn` is clockwise, in degrees."""

    size: int
    turn: float
    mirrored: bool

    def pixels(self, point: Sequence[float] | Point) -> Point:
        """Where a point of the hand is in the picture."""
        right, up = point[0] if self.mirrored else -point[0], point[1] - MIDDLE
        cosine, sine = np.cos(np.radians(self.turn)), np.sin(np.radians(self.turn))
        scale = LENGTH * self.size
        x, y = right * cosine + up * sine, up * cosine - right * sine
        return np.array([self.size / 2 + scale * x, self.size / 2 - scale * y, scale * point[2]])


def draw_hand(
    bits: str, size: int, tone: Tone = SKIN[0], angle: float = 0.0, *, mirrored: bool = False
) -> tuple[Pixels, Mask]:
    """A right hand, palm to the viewer, raising five finger bits (thumb first): `size` x `size` BGR pixels and where
    they are hand. `angle` turns it clockwise (degrees); a lone thumb points up; mirrored: a left hand.

    Raises ValueError when `bits` are not five zeros and ones."""
    place, scale = placing(bits, size, angle, mirrored), LENGTH * size
    limbs = [
        Limb(place.pixels(bone.start), place.pixels(bone.end), bone.start_radius * scale, bone.end_radius * scale)
        for bone in bones(bits)
    ]
    return render(limbs, size, size, tone, size, glow=13.0)


def placing(bits: str, size: int, angle: float = 0.0, mirrored: bool = False) -> Placing:
    """The placing that draw_hand uses. The wrist is the hand's origin: `placing(...).pixels((0, 0, 0))`."""
    on_its_side = 0.0 if bits != "10000" else 90.0 if mirrored else -90.0
    return Placing(size, angle + on_its_side, mirrored)


def joints(bits: str) -> Point:
    """21 x 3 landmarks (wrist, then four of each finger from thumb to little finger) in the hand's own units."""
    thumb, fingers = _thumb(bits), [_finger(finger, bits) for finger in range(4)]
    chains = [[thumb[0].start, *(bone.end for bone in thumb)]]
    chains += [[finger[0].start, *(bone.end for bone in finger)] for finger in fingers]
    return np.array([np.zeros(3), *(point for chain in chains for point in chain)])


def bones(bits: str) -> list[Limb]:
    """Forearm, palm, fingers and thumb in the hand's own units."""
    if len(bits) != 5 or set(bits) - {"0", "1"}:
        raise ValueError(f"five finger bits are needed, thumb first, not {bits!r}")
    made = [Limb(np.array([0.0, -0.55, -0.02]), np.array([0.0, 0.02, 0.0]), 0.167, 0.139)]
    for (x, y, z), thickness in zip(KNUCKLES, PALM_THICKNESS, strict=True):
        made.append(Limb(np.array([x * 0.62, 0.06, 0.0]), np.array([x, y - 0.03, z]), 0.104, thickness))
    made.append(Limb(np.array([0.10, 0.10, 0.02]), np.array([0.145, 0.34, 0.02]), 0.09, 0.075))
    for finger in range(4):
        made += _finger(finger, bits)
    return made + _thumb(bits)


def _finger(finger: int, bits: str) -> list[Limb]:
    raised = bits[finger + 1] == "1"
    splay = np.radians(SPLAY[finger] * (1.0 if raised else 0.35))
    point, pitch, radius = np.array(KNUCKLES[finger]), 0.0, THICKNESS[finger]
    made = []
    for length, bend in zip(PHALANGES[finger], RAISED if raised else CURLED, strict=True):
        pitch += np.radians(bend)
        way = np.array([np.sin(splay) * np.cos(pitch), np.cos(splay) * np.cos(pitch), np.sin(pitch)])
        made.append(Limb(point, point + length * way, radius, radius * TAPER))
        point, radius = made[-1].end, radius * TAPER
    return made


def _thumb(bits: str) -> list[Limb]:
    if bits[0] == "1":
        pose = "square" if bits in ("10000", "11000") else "out"
    else:
        pose = "across" if bits.startswith("0111") else "over"
    points = [np.array(point) for point in THUMBS[pose]]
    return [Limb(*ends) for ends in zip(points, points[1:], THUMB_THICKNESS, THUMB_THICKNESS[1:], strict=False)]
