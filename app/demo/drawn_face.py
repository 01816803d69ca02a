"""A drawn bystander's head: every face detector tried finds it, and no two recognisably differ.

Recognisers take all drawn faces for near relatives (.79-.97) with an unusually long embedding, so these serve for
bystanders, blurring and layout and never as candidates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from app.imaging.decode import Pixels

Floats = npt.NDArray[np.float32]
Colour = Sequence[float] | npt.NDArray[np.float64]
"""Blue, green, red, 0-255."""
LIGHT = (-0.3, -0.4)


class _Easel:
    """A transparent square painted with soft-edged, shaded ellipses in coordinates from 0 to 1."""

    def __init__(self, size: int, under: Colour) -> None:
        self.y, self.x = np.mgrid[0:size, 0:size].astype(np.float32) / size
        self.colour = np.full((size, size, 3), np.asarray(under, np.float32))
        self.cover = np.zeros((size, size), np.float32)

    def ellipse(
        self,
        centre: tuple[float, float],
        radii: tuple[float, float],
        colour: Colour,
        soft: float = 0.004,
        shade: float = 0.0,
        turn: float = 0.0,
    ) -> None:
        """`soft` is the width of the edge, `shade` how round it looks, `turn` in radians."""
        cosine, sine = np.cos(turn), np.sin(turn)
        dx, dy = self.x - centre[0], self.y - centre[1]
        u, v = (dx * cosine + dy * sine) / radii[0], (dy * cosine - dx * sine) / radii[1]
        distance = np.sqrt(u**2 + v**2)
        mask = np.clip((1 - distance) / (soft / min(radii)), 0, 1)
        paint = np.broadcast_to(np.asarray(colour, np.float32), self.colour.shape)
        if shade:
            roundness = np.sqrt(np.clip(1 - distance**2, 0, 1))
            paint = paint * (0.62 + 0.38 * roundness + shade * (LIGHT[0] * u + LIGHT[1] * v))[..., None]
        self.colour += mask[..., None] * (paint - self.colour)
        self.cover = np.maximum(self.cover, mask)


@dataclass(frozen=True, slots=True)
class _Looks:
    """What varies from one drawn person to the next."""

    tone: npt.NDArray[np.float64]
    hair: npt.NDArray[np.float64]
    width: float
    height: float
    scarf: npt.NDArray[np.float64] | None
    glasses: bool


def draw_face(seed: int, size: int, tone: Colour, scarf: Colour | None) -> tuple[Pixels, Floats]:
    """A head of about .4 x .6 of a `size` x `size` picture, centred, and where it is opaque. `tone` is the skin,
    `scarf` the colour of a headscarf (hijab) or None; `seed` varies the features."""
    random = np.random.default_rng(seed)
    looks = _Looks(
        tone=np.asarray(tone, np.float64),
        hair=random.uniform(18, 45) * np.array([1, 0.95, 0.9]),
        width=random.uniform(0.185, 0.225),
        height=random.uniform(0.26, 0.30),
        scarf=None if scarf is None else np.asarray(scarf, np.float64),
        glasses=bool(random.random() < 0.25),
    )
    easel = _Easel(size, looks.hair if looks.scarf is None else looks.scarf)
    _head(easel, looks)
    _eyes(easel, looks, random)
    nose = random.uniform(0.07, 0.1)
    _nose(easel, looks, nose, random.uniform(0.030, 0.043))
    _mouth(easel, looks, random)
    pixels = cv2.GaussianBlur(easel.colour, (0, 0), size / 380)
    return pixels.clip(0, 255).astype(np.uint8), easel.cover


def _head(easel: _Easel, looks: _Looks) -> None:
    tone, width, height = looks.tone, looks.width, looks.height
    easel.ellipse((0.5, 0.80), (0.10, 0.17), tone * 0.86, shade=0.1)
    if looks.scarf is not None:
        easel.ellipse((0.5, 0.81), (0.24, 0.17), looks.scarf, shade=0.2)
        easel.ellipse((0.5, 0.53), (width * 1.42, height * 1.38), looks.scarf, shade=0.25)
    else:
        easel.ellipse((0.5, 0.44), (width * 1.17, height * 1.10), looks.hair, shade=0.1)
        for side in (-1, 1):
            easel.ellipse((0.5 + side * width, 0.52), (0.028, 0.055), tone * 0.9, shade=0.2)
    easel.ellipse((0.5, 0.5), (width, height), tone, soft=0.006, shade=0.35)
    easel.ellipse((0.5, 0.5 + height * 0.55), (width * 0.7, height * 0.48), tone, soft=0.06, shade=0.25)
    for side in (-1, 1):
        easel.ellipse((0.5 + side * 0.09, 0.58), (0.06, 0.045), tone * (0.93, 0.93, 1.05), soft=0.05)


def _eyes(easel: _Easel, looks: _Looks, random: np.random.Generator) -> None:
    tone, apart, y = looks.tone, random.uniform(0.082, 0.102), 0.5 - random.uniform(0.045, 0.07)
    width = random.uniform(0.034, 0.046)
    height, tilt = width * random.uniform(0.38, 0.55), random.uniform(-0.12, 0.12)
    brow_gap, brow_width = random.uniform(0.042, 0.05), width * random.uniform(1.2, 1.5)
    for side in (-1, 1):
        x = 0.5 + side * apart
        easel.ellipse((x, y - 0.006), (width * 1.45, height * 2.3), tone * 0.8, soft=0.03)
        easel.ellipse((x, y), (width, height), (225, 228, 230), soft=0.006, turn=side * tilt)
        easel.ellipse((x, y), (height * 1.02, height * 1.02), (45, 40, 38))
        easel.ellipse((x - 0.004, y - 0.004), (0.004, 0.004), (240, 240, 240), soft=0.003)
        easel.ellipse((x, y - height * 0.95), (width * 1.12, height * 0.32), (40, 36, 34), soft=0.008, turn=side * tilt)
        easel.ellipse((x, y + height * 1.5), (width, height * 0.3), tone * 0.82, soft=0.015)
        brow = (x + side * 0.004, y - brow_gap - height * 0.5)
        easel.ellipse(brow, (brow_width, 0.0135), looks.hair * 1.2 + 10, soft=0.008, turn=side * 0.08)
    if looks.glasses:
        _glasses(easel, apart, y)


def _glasses(easel: _Easel, apart: float, y: float) -> None:
    size = len(easel.colour)
    thick = max(1, round(size / 140))
    for side in (-1, 1):
        centre = (round((0.5 + side * apart) * size), round((y + 0.004) * size))
        rim = (max(1, round(0.062 * size)), max(1, round(0.045 * size)))
        cv2.ellipse(easel.colour, centre, rim, 0, 0, 360, (25, 25, 25), thick, cv2.LINE_AA)
    ends = [(round((0.5 + side * (apart - 0.062)) * size), round(y * size)) for side in (-1, 1)]
    cv2.line(easel.colour, ends[0], ends[1], (25, 25, 25), thick, cv2.LINE_AA)


def _nose(easel: _Easel, looks: _Looks, length: float, width: float) -> None:
    tone, tip = looks.tone, 0.5 + length * 0.72
    easel.ellipse((0.51, 0.5), (0.012, length * 0.8), tone * 0.9, soft=0.02)
    easel.ellipse((0.494, 0.5), (0.009, length * 0.8), tone * 1.07, soft=0.015)
    easel.ellipse((0.5, tip), (width, width * 0.62), tone, soft=0.02, shade=0.5)
    easel.ellipse((0.5, tip + width * 0.5), (width * 1.05, width * 0.2), tone * 0.72, soft=0.012)
    for side in (-1, 1):
        easel.ellipse((0.5 + side * width * 0.52, tip + width * 0.34), (width * 0.24, width * 0.15), tone * 0.45, 0.006)
        wing = (0.5 + side * width * 0.95, tip - length * 0.02)
        easel.ellipse(wing, (width * 0.4, width * 0.45), tone * 0.92, soft=0.015, shade=0.3)


def _mouth(easel: _Easel, looks: _Looks, random: np.random.Generator) -> None:
    tone, y, width = looks.tone, 0.5 + random.uniform(0.145, 0.165), random.uniform(0.062, 0.085)
    lips = tone * (0.72, 0.70, 0.92)
    easel.ellipse((0.5, y - 0.008), (width, 0.014 + 0.006 * random.random()), lips * 0.92, soft=0.008)
    lower = 0.016 + 0.006 * random.random()
    easel.ellipse((0.5, y + 0.011), (width * 0.82, lower), lips * 1.08, soft=0.008, shade=0.3)
    easel.ellipse((0.5, y), (width * 1.02, 0.0045), tone * 0.42, soft=0.005)
    easel.ellipse((0.5, y + 0.05), (0.035, 0.015), tone * 0.88, soft=0.03)
    if looks.scarf is None and random.random() < 0.3:
        easel.ellipse((0.5, y - 0.032), (width * 0.9, 0.012), looks.hair * 1.3, soft=0.02)
