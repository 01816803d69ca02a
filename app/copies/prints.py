"""The fingerprints of a picture: PDQ hashes of the whole, of the photo in its frame, and of windows into that photo."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import pdqhash

from app.copies.panel import Box, panel
from app.imaging.decode import Pixels
from app.imaging.pyramid import Pyramid

WORKING_SIDE = 512
HASHED_SIDE = 128
"""Windows are reduced to this before they are hashed: hashing itself is then the smaller part of the time."""
LEAST_QUALITY = 30
"""PDQ's own measure (0..100) of how much there is to hash; plain surfaces have no fingerprint."""
WINDOW = 0.91
"""Side of the windows: a picture cropped by up to an eighth lies close to one of them, wherever it was cropped."""
PLACES = {"c": (0.5, 0.5), "nw": (0.0, 0.0), "ne": (1.0, 0.0), "sw": (0.0, 1.0), "se": (1.0, 1.0)}
KINDS = ("whole", "panel", *PLACES)
Words = npt.NDArray[np.uint64]
"""n x 4: one PDQ hash of 256 bits in each row."""


@dataclass(frozen=True, slots=True, eq=False)
class Prints:
    """The hashes of one picture and of its mirror image, row by row, with their kinds; `panel` is the photo's box in
    the picture where it has a frame."""

    kinds: tuple[str, ...]
    hashes: Words
    mirrored: Words
    panel: Box | None


def fingerprint(picture: Pixels | Pyramid) -> Prints:
    """The fingerprints of a decoded picture; none for one without structure."""
    pyramid = Pyramid.of(picture)
    height, width = pyramid.size
    scale = min(1.0, WORKING_SIDE / max(height, width))
    small = pyramid.resized(scale) if scale < 1 else pyramid.levels[0]
    box = panel(small)
    inner = small if box is None else small[box[1] : box[3], box[0] : box[2]]
    parts = {"whole": small} | ({} if box is None else {"panel": inner})
    parts |= {name: _window(inner, *place) for name, place in PLACES.items()}
    found = [(name, *hashed) for name, part in parts.items() if (hashed := _hash(part)) is not None]
    full = None if box is None else tuple(round(value / scale) for value in box)
    return Prints(
        tuple(name for name, *_ in found),
        np.array([plain for _, plain, _ in found], np.uint64).reshape(-1, 4),
        np.array([mirror for *_, mirror in found], np.uint64).reshape(-1, 4),
        full,  # type: ignore[arg-type]
    )


def _window(pixels: Pixels, right: float, down: float) -> Pixels:
    """The window of side WINDOW that lies so far to the right and down (0..1)."""
    height, width = pixels.shape[:2]
    x, y = round(width * (1 - WINDOW) * right), round(height * (1 - WINDOW) * down)
    return pixels[y : y + max(1, round(height * WINDOW)), x : x + max(1, round(width * WINDOW))]


def _hash(pixels: Pixels) -> tuple[Words, Words] | None:
    """The hash of a picture and of its mirror image; None where there is nothing to hash."""
    size = min(HASHED_SIDE, pixels.shape[1]), min(HASHED_SIDE, pixels.shape[0])
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    bits, quality = pdqhash.compute(np.ascontiguousarray(small[:, :, ::-1]))
    if quality < LEAST_QUALITY:
        return None
    mirrored, _ = pdqhash.compute(np.ascontiguousarray(small[:, ::-1, ::-1]))
    return pack(bits), pack(mirrored)


def pack(bits: npt.ArrayLike) -> Words:
    """256 bits as four words."""
    return np.packbits(np.asarray(bits, np.uint8)).view(np.uint64)
