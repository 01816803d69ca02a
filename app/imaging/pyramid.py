"""One decoded picture for all who look at it: its halvings, made when first needed and then shared."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from app.imaging.decode import Pixels

Array = npt.NDArray[np.float64]
Matrix = Array
"""2 x 3, from pixels of the photo to pixels of the crop."""

SMALLEST_LEVEL = 16
FAST_SIDE = 512
"""From here on the last row or column of an odd side is left out: halving is twelve times as fast without it."""
EDGE_GREY = 127


class Pyramid:
    """A photo and its halvings, so that what is small at the end is averaged, not sampled, and averaged once."""

    def __init__(self, pixels: Pixels) -> None:
        self.levels: list[Pixels] = [np.ascontiguousarray(pixels)]
        self._factors: list[Array] = [np.ones(2)]

    @classmethod
    def of(cls, picture: Pixels | Pyramid) -> Pyramid:
        """The pyramid itself, or a new one: steps that look at the same picture can share its halvings."""
        return picture if isinstance(picture, Pyramid) else cls(picture)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the photo."""
        height, width = self.levels[0].shape[:2]
        return height, width

    def nearest(self, scale: float, spare: int = 0) -> tuple[Pixels, Array]:
        """The smallest level that still has to be reduced to get to `scale` of the photo, or `spare` levels before
        it; and its pixels per pixel of the photo, across and down."""
        index = 0
        while scale < 0.5 and max(self._level(index).shape[:2]) > SMALLEST_LEVEL:
            scale, index = scale * 2, index + 1
        index = max(0, index - spare)
        return self._level(index), self._factors[index]

    def _level(self, index: int) -> Pixels:
        while len(self.levels) <= index:
            last = self.levels[-1]
            if min(last.shape[:2]) >= FAST_SIDE:
                last = last[: last.shape[0] // 2 * 2, : last.shape[1] // 2 * 2]
            height, width = last.shape[:2]
            half = (max(1, width // 2), max(1, height // 2))
            self.levels.append(np.asarray(cv2.resize(last, half, interpolation=cv2.INTER_AREA), np.uint8))
            self._factors.append(self._factors[-1] * half / (width, height))
        return self.levels[index]

    def resized(self, scale: float) -> Pixels:
        """The whole photo, resized by `scale`; never empty."""
        height, width = self.size
        size = max(1, round(width * scale)), max(1, round(height * scale))
        return np.asarray(cv2.resize(self.nearest(scale)[0], size, interpolation=cv2.INTER_LINEAR), np.uint8)

    def crop(self, matrix: Matrix, side: int, border: int = EDGE_GREY) -> Pixels:
        """The `side` x `side` crop that `matrix` describes; what lies outside the photo is filled with `border`."""
        (crop,) = self.crops(matrix[None], side, border)
        return np.asarray(crop, np.uint8)

    def crops(self, matrices: Array, side: int, border: int = EDGE_GREY) -> Pixels:
        """Those of n x 2 x 3 matrices, n x `side` x `side` x 3: much of the work is done for all at once."""
        scales = np.sqrt(np.abs(np.linalg.det(matrices[:, :, :2]))).tolist()
        levels, factors = zip(*(self.nearest(scale) for scale in scales), strict=True) if scales else ((), ())
        turns = matrices[:, :, :2] / np.reshape(factors, (-1, 1, 2))
        middles = 0.5 - 0.5 * np.reshape(factors, (-1, 2, 1))
        local = np.concatenate([turns, matrices[:, :, 2:] + turns @ middles], axis=2)
        crops = np.empty((len(matrices), side, side, 3), np.uint8)
        for crop, level, matrix in zip(crops, levels, local, strict=True):
            cv2.warpAffine(level, matrix, (side, side), crop, cv2.INTER_LINEAR, borderValue=(border,) * 3)
        return crops
