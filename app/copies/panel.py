"""Finding the photo in a screenshot of it: frames of phones, bars of letterboxes, the text around a post."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from app.imaging.decode import Pixels

WORKING_SIDE = 400
PLAIN = 5
"""Grey levels within which a drawn frame keeps to its colour; the background of a photo does not."""
DIFFERENT = 6
PLAIN_SHARE = 0.6
"""Share of the strip beside a panel that has the frame's colour; the rest is text and signs."""
FILLED = 0.6
"""Share of its bounding box that a photo fills, of a row or column that it reaches."""
LEAST_SIDE, LEAST_AREA = 0.2, 0.08
LEAST_STRIP = 0.012
"""A strip narrower than this share of the side is no frame."""

Box = tuple[int, int, int, int]
Flags = npt.NDArray[np.bool_]


def panel(pixels: Pixels) -> Box | None:
    """x0, y0, x1, y1 of the photo within a frame of one colour; None where the picture has no frame.

    Frames of any plain colour are found by the corners of the picture: light and dark phones are treated alike."""
    height, width = pixels.shape[:2]
    scale = min(1.0, WORKING_SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.int16)
    found = [box for colour in _corner_colours(small) if (box := _block(small, colour)) is not None]
    if not found:
        return None
    x0, y0, x1, y1 = min(found, key=_area)
    across, down = width / size[0], height / size[1]
    return round(x0 * across), round(y0 * down), round(x1 * across), round(y1 * down)


def _area(box: Box) -> int:
    x0, y0, x1, y1 = box
    return (x1 - x0) * (y1 - y0)


def _corner_colours(small: npt.NDArray[np.int16]) -> list[npt.NDArray[np.float64]]:
    """The colours of the corners that are plain, each once."""
    side = max(2, min(small.shape[:2]) // 50)
    found: list[npt.NDArray[np.float64]] = []
    for rows in (slice(None, side), slice(-side, None)):
        for columns in (slice(None, side), slice(-side, None)):
            corner = small[rows, columns].reshape(-1, 3)
            colour = np.median(corner, axis=0)
            known = any(np.abs(colour - other).max() <= PLAIN for other in found)
            if not known and np.abs(corner - colour).max() <= PLAIN:
                found.append(colour)
    return found


def _block(small: npt.NDArray[np.int16], colour: npt.NDArray[np.float64]) -> Box | None:
    """The largest connected block that is not of the frame's colour, when plain strips lie beside it."""
    away = np.abs(small - colour.astype(np.int16)).max(axis=2)
    other = cv2.morphologyEx((away > DIFFERENT).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    other = cv2.morphologyEx(other, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))  # dark clothes on a dark frame
    count, labels, stats, _ = cv2.connectedComponentsWithStats(other, connectivity=4)
    if count < 2:
        return None
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_WIDTH] * stats[1:, cv2.CC_STAT_HEIGHT]))
    left, top, width, height = (int(value) for value in stats[largest][:4])
    reached: Flags = labels[top : top + height, left : left + width] == largest
    rows, columns = _span(reached.mean(axis=1)), _span(reached.mean(axis=0))
    if rows is None or columns is None:
        return None
    box = left + columns[0], top + rows[0], left + columns[1], top + rows[1]
    return box if _framed(away <= PLAIN, box) else None


def _span(share: npt.NDArray[np.float64]) -> tuple[int, int] | None:
    """From the first to the last line that the photo fills."""
    lines = np.flatnonzero(share >= FILLED * min(1.0, float(share.max())))
    return (int(lines[0]), int(lines[-1]) + 1) if lines.size and share.max() >= FILLED else None


def _framed(plain: Flags, box: Box) -> bool:
    """Whether the block is large enough for a photo and all that is left out looks like a frame."""
    x0, y0, x1, y1 = box
    rows, columns = plain.shape
    if x1 - x0 < LEAST_SIDE * columns or y1 - y0 < LEAST_SIDE * rows or _area(box) < LEAST_AREA * plain.size:
        return False
    sides = (
        (y0, rows, plain[:y0]), (rows - y1, rows, plain[y1:]),
        (x0, columns, plain[y0:y1, :x0]), (columns - x1, columns, plain[y0:y1, x1:]),
    )  # fmt: skip
    strips = [strip for width, whole, strip in sides if width >= LEAST_STRIP * whole]
    return bool(strips) and all(strip.mean() >= PLAIN_SHARE for strip in strips)
