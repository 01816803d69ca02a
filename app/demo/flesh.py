"""Shaded bodies from swept balls: a depth picture of limbs, lit as one soft surface."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from app.imaging.decode import Pixels

Mask = npt.NDArray[np.float32]
"""height x width, 0 outside to 1 inside; the edge is soft."""
Point = npt.NDArray[np.float64]
"""x right, y down, z towards the viewer, in pixels unless said otherwise."""
Tone = tuple[float, float, float]
"""Blue, green, red, 0-255."""

AMBIENT, FACING, SLANTED, HOLLOW = 0.688, 0.347, 0.14, 0.198
"""Strengths of the light, found by search: with these the hand models read drawn hands like photographed ones."""


@dataclass(frozen=True, slots=True)
class Limb:
    """A ball that moves from `start` to `end` while its radius changes."""

    start: Point
    end: Point
    start_radius: float
    end_radius: float


def render(
    limbs: Sequence[Limb], width: int, height: int, tone: Tone, unit: float, glow: float = 0.0
) -> tuple[Pixels, Mask]:
    """Limbs in pixels of a `width` x `height` picture, nearest surface in front, light from the upper left; `unit`
    (px) is the size of the whole thing, to which softness and hollows are in proportion; `glow` is how much redder
    skin gets where it turns away. BGR and where it is solid."""
    fine = 2
    depth = np.full((height * fine, width * fine), -np.inf, np.float32)
    for limb in limbs:
        _sweep(depth, limb, fine)
    solid = np.isfinite(depth)
    surface = np.where(solid, depth, depth[solid].min() if solid.any() else 0).astype(np.float32)
    light, facing = _lit(surface, unit * fine)
    colour = light[..., None] * np.array(tone, np.float32)
    colour[..., 2] += glow * (1 - facing)
    size = (width, height)
    mask = np.asarray(cv2.resize(solid.astype(np.float32), size, interpolation=cv2.INTER_AREA), np.float32)
    return cv2.resize(colour, size, interpolation=cv2.INTER_AREA).clip(0, 255).astype(np.uint8), mask


def _lit(surface: Mask, unit: float) -> tuple[Mask, Mask]:
    """How bright each place is, and how much it faces the viewer."""
    soft = cv2.GaussianBlur(surface, (0, 0), 0.006 * unit)
    slope_x, slope_y = cv2.Sobel(soft, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(soft, cv2.CV_32F, 0, 1) / 8
    facing = 1 / np.sqrt(1 + slope_x**2 + slope_y**2)
    slanted = (facing * (slope_x + 1.1 * slope_y)).clip(-2, 2)
    hollow = (cv2.GaussianBlur(surface, (0, 0), 0.02 * unit) - surface) / (0.037 * unit)
    light = (AMBIENT + FACING * facing + SLANTED * slanted) * (1 - HOLLOW * hollow.clip(0, 1))
    return np.asarray(light, np.float32), np.asarray(facing, np.float32)


def _sweep(depth: Mask, limb: Limb, fine: int) -> None:
    """Raises `depth` to the limb's surface where that is nearer."""
    start, end = limb.start * fine, limb.end * fine
    start_radius, end_radius = limb.start_radius * fine, limb.end_radius * fine
    limit, reach = np.array(depth.shape[::-1]), max(start_radius, end_radius)
    low = np.floor(np.minimum(start, end)[:2] - reach).astype(int).clip(0, limit)
    high = np.ceil(np.maximum(start, end)[:2] + reach).astype(int).clip(0, limit)
    y, x = np.mgrid[low[1] : high[1], low[0] : high[0]].astype(np.float32)
    way = end - start
    along = (((x - start[0]) * way[0] + (y - start[1]) * way[1]) / (way[:2] @ way[:2] + 1e-9)).clip(0, 1)
    radius = start_radius + (end_radius - start_radius) * along
    inside = radius**2 - (x - start[0] - along * way[0]) ** 2 - (y - start[1] - along * way[1]) ** 2
    surface = start[2] + along * way[2] + np.sqrt(np.maximum(inside, 0))
    part = depth[low[1] : high[1], low[0] : high[0]]
    np.copyto(part, np.maximum(part, surface), where=inside > 0, casting="same_kind")
