"""Working copies made on request and never stored: crops, and pictures with everything blurred but some boxes."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from app.imaging.decode import Pixels

Rectangle = tuple[float, float, float, float]
MARGIN = 0.35
"""Around a crop on each side, in sizes of its box."""


def _inside(box: Rectangle, width: int, height: int) -> tuple[int, int, int, int]:
    x0, y0, x1, y1 = box
    left, top = int(np.clip(np.floor(x0), 0, width)), int(np.clip(np.floor(y0), 0, height))
    return left, top, int(np.clip(np.ceil(x1), left, width)), int(np.clip(np.ceil(y1), top, height))


def crop(pixels: Pixels, box: Rectangle, margin: float = MARGIN) -> Pixels:
    """The box with a margin (in box sizes) around it, at least one pixel."""
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = box
    grow_x, grow_y = (x1 - x0) * margin, (y1 - y0) * margin
    left, top, right, bottom = _inside((x0 - grow_x, y0 - grow_y, x1 + grow_x, y1 + grow_y), width, height)
    left, top = min(left, width - 1), min(top, height - 1)
    return pixels[top : max(bottom, top + 1), left : max(right, left + 1)].copy()


def blur_except(pixels: Pixels, boxes: Iterable[Rectangle]) -> Pixels:
    """Everything unrecognisable but the boxes: the picture is shrunk to about 24 cells, so nothing can be undone."""
    height, width = pixels.shape[:2]
    cells = max(1, round(max(width, height) / 24))
    small = cv2.resize(pixels, (max(1, width // cells), max(1, height // cells)), interpolation=cv2.INTER_AREA)
    blurred = np.ascontiguousarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
    for box in boxes:
        left, top, right, bottom = _inside(box, width, height)
        blurred[top:bottom, left:right] = pixels[top:bottom, left:right]
    return blurred


def encode_jpeg(pixels: Pixels, longest: int | None = None, quality: int = 88) -> bytes:
    """JPEG bytes, shrunk so that no side is longer than `longest`."""
    height, width = pixels.shape[:2]
    if longest is not None and max(height, width) > longest:
        ratio = longest / max(height, width)
        size = (max(1, round(width * ratio)), max(1, round(height * ratio)))
        pixels = np.ascontiguousarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    done, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError("the picture could not be encoded")
    return bytes(data)
