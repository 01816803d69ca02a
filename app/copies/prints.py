"""The fingerprints of a picture: PDQ hashes of the whole, of the photo in its frame, and of windows into that photo."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import pdqhash

from app.copies.panel import panel
from app.imaging.decode import Pixels
from app.imaging.pyramid import Pyramid

WORKING_SIDE = 512
HASHED_SIDE = 64
"""What PDQ reduces pictures to itself; averaged by OpenCV instead, eleven hashes take as long as one of 512 px."""
LEAST_QUALITY = 30
"""PDQ's own measure (0..100) of how much there is to hash; plain surfaces have no fingerprint."""
WINDOW = 0.91
"""Side of the windows: with up to an eighth of the sides cut off, wherever, a picture lies close to one of them."""
PLACES = tuple((right, down) for down in (0.0, 0.5, 1.0) for right in (0.0, 0.5, 1.0))
WHOLE, PANEL, WINDOWS = "whole", "panel", "windows"

Words = npt.NDArray[np.uint64]
"""n x 4: one PDQ hash of 256 bits in each row."""


@dataclass(frozen=True, slots=True, eq=False)
class Prints:
    """The hashes of one picture and of its mirror image, row by row; `kinds` names the rows (WHOLE, PANEL, then those
    of the WINDOWS). `photo` is the photo within its frame, or the whole picture, as it was hashed."""

    kinds: tuple[str, ...]
    hashes: Words
    mirrored: Words
    photo: Pixels

    @property
    def fronts(self) -> int:
        """How many of the rows, the first, are of whole pictures and panels."""
        return len(self.kinds) - self.kinds.count(WINDOWS)

    def by_kind(self) -> dict[str, bytes]:
        """The hashes as they are stored: 32 bytes each, those of a kind behind each other."""
        return {
            kind: self.hashes[[row for row, name in enumerate(self.kinds) if name == kind]].tobytes()
            for kind in dict.fromkeys(self.kinds)
        }


def working_copy(picture: Pixels | Pyramid) -> tuple[Pixels, Pixels | None]:
    """The picture at most WORKING_SIDE px long, and the photo in it where it has a frame."""
    pyramid = Pyramid.of(picture)
    height, width = pyramid.size
    scale = min(1.0, WORKING_SIDE / max(height, width))
    small = pyramid.resized(scale) if scale < 1 else pyramid.levels[0]
    box = panel(small)
    return small, None if box is None else small[box[1] : box[3], box[0] : box[2]]


def fingerprint(picture: Pixels | Pyramid) -> Prints:
    """The fingerprints of a decoded picture; none for one without structure."""
    small, photo = working_copy(picture)
    inner = small if photo is None else photo
    parts = [(WHOLE, small)] if photo is None else [(WHOLE, small), (PANEL, photo)]
    parts += [(WINDOWS, _window(inner, *place)) for place in PLACES]
    found = [(name, *hashed) for name, part in parts if (hashed := _hash(part)) is not None]
    return Prints(
        tuple(name for name, *_ in found),
        np.array([plain for _, plain, _ in found], np.uint64).reshape(-1, 4),
        np.array([mirror for *_, mirror in found], np.uint64).reshape(-1, 4),
        inner,
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
