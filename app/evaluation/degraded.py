"""What happens to photos on their way into a post: smaller, recompressed, cropped, photographed from a phone; and
what people wear on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np

from app.evaluation.covers import COVERS
from app.imaging.decode import Pixels
from app.imaging.redact import encode_jpeg
from app.vision.observations import Face

Degrade = Callable[[Pixels, Face | None], Pixels]
ORIGINAL = "original"
FILLED = 0.9
"""Share of the frame's width that the face fills in "crop"."""
SCREEN, LIGHT_BAR, DARK = 0.8, (238, 238, 238), (24, 22, 20)
TILT = 0.035


def smaller(pixels: Pixels, scale: float, quality: int | None = None) -> Pixels:
    """Resized by `scale`, and compressed as JPEG of `quality` where one is given."""
    size = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    return small if quality is None else compressed(small, quality)


def compressed(pixels: Pixels, quality: int) -> Pixels:
    """Through JPEG and back."""
    data = np.frombuffer(encode_jpeg(pixels, quality=quality), np.uint8)
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def filled(pixels: Pixels, face: Face | None) -> Pixels:
    """Cut so that the face fills 90 % of the frame; the photo as it is where no face is known."""
    if face is None:
        return pixels
    x0, y0, x1, y1 = face.box
    half = (x1 - x0) / FILLED / 2
    middle_x, middle_y = (x0 + x1) / 2, (y0 + y1) / 2
    left, right = max(0, round(middle_x - half)), min(pixels.shape[1], round(middle_x + half))
    top, bottom = max(0, round(middle_y - half)), min(pixels.shape[0], round(middle_y + half))
    return np.ascontiguousarray(pixels[top : max(bottom, top + 1), left : max(right, left + 1)])


def on_a_phone(pixels: Pixels, _: Face | None) -> Pixels:
    """Shown on a dark phone with a light bar above, photographed a little askew and unevenly lit, JPEG 60."""
    height, width = pixels.shape[:2]
    frame = np.full((round(height * 1.7), round(width * 1.15), 3), DARK, np.uint8)
    frame[: round(height * 0.12)] = LIGHT_BAR
    top, left = round(height * 0.3), round(width * 0.075)
    frame[top : top + height, left : left + width] = pixels
    rows, columns = frame.shape[:2]
    size = round(columns * SCREEN), round(rows * SCREEN)
    corners = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
    moved = np.array([[TILT, 0], [1, TILT], [1 - TILT, 1], [0, 1 - TILT]]) * size
    seen = cv2.warpPerspective(frame, cv2.getPerspectiveTransform(corners, moved.astype(np.float32)), size)
    light = np.linspace(1.08, 0.82, size[0])[None, :, None]
    return compressed(np.clip(seen * light, 0, 255).astype(np.uint8), 60)


def worn(cover: Callable[[Pixels, Face], Pixels]) -> Degrade:
    """The photo with something drawn on its face; as it is where no face is known."""
    return lambda pixels, face: pixels if face is None else cover(pixels, face)


def blurred(pixels: Pixels, share: float) -> Pixels:
    """Out of focus: a Gaussian blur of `share` of the longer side."""
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), share * max(pixels.shape[:2])), np.uint8)


BLURS = ("blur .008", "blur .014")
DEGRADATIONS: Mapping[str, Degrade] = {
    "0.5x": lambda pixels, _: smaller(pixels, 0.5),
    "0.33x jpeg40": lambda pixels, _: smaller(pixels, 0.33, 40),
    "0.25x jpeg40": lambda pixels, _: smaller(pixels, 0.25, 40),
    "crop": filled,
    "phone": on_a_phone,
    BLURS[0]: lambda pixels, _: blurred(pixels, 0.008),
    BLURS[1]: lambda pixels, _: blurred(pixels, 0.014),
    **{name: worn(cover) for name, cover in COVERS.items()},
}
"""Name -> what is done to the pixels of a photo; the face is the one found in it."""
