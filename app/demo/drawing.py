"""The project's own pictures, made without any photo: hands, bystanders holding one up, posts and posters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.demo.drawn_face import draw_face
from app.demo.drawn_hand import SKIN, draw_hand, placing
from app.demo.flesh import Limb, Mask, Point, Tone, render
from app.demo.frames import phone_frame, poster
from app.imaging.decode import Pixels

__all__ = ["CLOTHES", "SKIN", "draw_hand", "draw_person", "paste", "phone_frame", "poster"]

CLOTHES: tuple[Tone, ...] = ((120, 118, 116), (84, 98, 116), (128, 104, 112), (150, 150, 146), (70, 84, 104))
"""Greys, browns and muted purples: no colour of a party."""
WIDE = 0.9
"""Width of a drawn person's picture to its height."""


def draw_person(
    seed: int, height: int = 480, bits: str | None = None, angle: float = 0.0, *, mirrored: bool = False
) -> tuple[Pixels, Mask]:
    """A bystander from the hips up, `height` x .9 `height` BGR pixels and where they are opaque. The face is about
    .2 `height` wide. `bits` (thumb first) are held up by the right hand, at the picture's left; `angle` turns that
    hand clockwise (degrees); mirrored: the left hand, at the right. `seed` chooses skin, clothes and features."""
    random = np.random.default_rng(seed)
    tone, cloth = SKIN[random.integers(len(SKIN))], CLOTHES[random.integers(len(CLOTHES))]
    scarf = CLOTHES[random.integers(len(CLOTHES))] if random.random() < 0.4 else None
    width = round(WIDE * height)
    canvas = np.zeros((height, width, 3), np.uint8)
    cover = np.zeros((height, width), np.float32)
    middle = 0.6 * width
    _cover_with(canvas, cover, *render(_torso(middle, height), width, height, cloth, height), 0, 0)
    head = round(0.5 * height)
    _cover_with(canvas, cover, *draw_face(seed, head, tone, scarf), round(middle - head / 2), round(0.02 * height))
    if bits is not None:
        size, upright = round(0.4 * height), bits != "10000"
        corner = round(0.01 * width), round((0.16 if upright else 0.56) * height)
        place = placing(bits, size, angle)
        wrist, cuff = (place.pixels((0, y, 0))[:2] + corner for y in (0.0, -0.24))
        _cover_with(canvas, cover, *draw_hand(bits, size, tone, angle), *corner)
        arm = _arm(wrist, cuff, 0.28 if upright else 0.17, middle, height)
        _cover_with(canvas, cover, *render(arm, width, height, cloth, height), 0, 0)
    if mirrored:
        canvas, cover = np.ascontiguousarray(canvas[:, ::-1]), np.ascontiguousarray(cover[:, ::-1])
    return canvas, cover


def paste(canvas: Pixels, picture: Pixels, mask: Mask, x: int, y: int) -> None:
    """Lays a picture onto the canvas, in place, its upper left corner at x, y; what stands out is cut off."""
    height, width = canvas.shape[:2]
    left, top = max(0, -x), max(0, -y)
    right, bottom = min(picture.shape[1], width - x), min(picture.shape[0], height - y)
    if right <= left or bottom <= top:
        return
    under = canvas[y + top : y + bottom, x + left : x + right]
    share = mask[top:bottom, left:right, None]
    over = picture[top:bottom, left:right].astype(np.float32)
    under[:] = np.rint(under + share * (over - under)).astype(np.uint8)


def _torso(middle: float, height: int) -> list[Limb]:
    """Shoulders, chest and the arm that hangs down."""
    return [
        _limb(height, (middle - 0.16 * height, 0.55 * height), (middle + 0.16 * height, 0.55 * height), 0.075, 0.075),
        _limb(height, (middle, 0.60 * height), (middle, 1.1 * height), 0.15, 0.13),
        _limb(height, (middle - 0.09 * height, 0.60 * height), (middle - 0.08 * height, 1.1 * height), 0.14, 0.12),
        _limb(height, (middle + 0.09 * height, 0.60 * height), (middle + 0.08 * height, 1.1 * height), 0.14, 0.12),
        _limb(height, (middle + 0.17 * height, 0.57 * height), (middle + 0.23 * height, 1.1 * height), 0.07, 0.06),
    ]


def _arm(wrist: Point, cuff: Point, reach: float, middle: float, height: int) -> list[Limb]:
    """The sleeve of the raised arm: from the shoulder to the elbow (`reach` heights from the wrist), on to the cuff."""
    elbow = wrist + reach * height * (cuff - wrist) / np.linalg.norm(cuff - wrist)
    shoulder = (middle - 0.17 * height, 0.57 * height)
    return [
        _limb(height, shoulder, elbow, 0.072, 0.062),
        _limb(height, elbow, cuff, 0.062, 0.055),
    ]


def _limb(height: int, start: Sequence[float] | Point, end: Sequence[float] | Point, thick: float, thin: float) -> Limb:
    return Limb(np.array([*start, 0.0]), np.array([*end, 0.0]), thick * height, thin * height)


def _cover_with(canvas: Pixels, cover: Mask, picture: Pixels, mask: Mask, x: int, y: int) -> None:
    """Lays a picture onto a canvas that is itself partly transparent, both in place."""
    height, width = picture.shape[:2]
    rows, columns = slice(y, y + height), slice(x, x + width)
    below = cover[rows, columns]
    share = mask[: below.shape[0], : below.shape[1]]
    together = share + below * (1 - share)
    weight = np.divide(share, together, out=np.zeros_like(share), where=together > 0)[..., None]
    under = canvas[rows, columns].astype(np.float32)
    over = picture[: below.shape[0], : below.shape[1]]
    canvas[rows, columns] = np.rint(under + weight * (over - under)).astype(np.uint8)
    cover[rows, columns] = together
