"""Square crops of faces: cut from the halving that fits, turned as asked, or aligned to the recogniser's template."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from app.imaging.decode import Pixels
from app.vision.observations import Floats

Array = npt.NDArray[np.float64]
Matrix = Array
"""2 x 3, from pixels of the photo to pixels of the crop."""

ALIGNED_SIDE = 112
ARCFACE_TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)  # fmt: skip
"""Eyes, nose and mouth corners in the 112 x 112 crop (insightface.utils.face_align.arcface_dst)."""

SMALLEST_LEVEL = 16
EDGE_GREY = 127


class Pyramid:
    """A photo and its halvings, made when first needed, so that a big face is averaged and not sampled."""

    def __init__(self, pixels: Pixels) -> None:
        self.levels: list[Pixels] = [np.ascontiguousarray(pixels)]

    @classmethod
    def of(cls, picture: Pixels | Pyramid) -> Pyramid:
        """The pyramid itself, or a new one: steps that look at the same picture can share its halvings."""
        return picture if isinstance(picture, Pyramid) else cls(picture)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the photo."""
        height, width = self.levels[0].shape[:2]
        return height, width

    def _level(self, index: int) -> Pixels:
        while len(self.levels) <= index:
            height, width = self.levels[-1].shape[:2]
            half = (max(1, width // 2), max(1, height // 2))
            self.levels.append(np.asarray(cv2.resize(self.levels[-1], half, interpolation=cv2.INTER_AREA), np.uint8))
        return self.levels[index]

    def _nearest(self, scale: float) -> Pixels:
        """The level from which `scale` is a reduction to a half at most."""
        index = 0
        while scale < 0.5 and max(self._level(index).shape[:2]) > SMALLEST_LEVEL:
            scale, index = scale * 2, index + 1
        return self._level(index)

    def resized(self, scale: float) -> Pixels:
        """The whole photo, resized by `scale`; never empty."""
        height, width = self.size
        size = max(1, round(width * scale)), max(1, round(height * scale))
        return np.asarray(cv2.resize(self._nearest(scale), size, interpolation=cv2.INTER_LINEAR), np.uint8)

    def crop(self, matrix: Matrix, side: int, border: int = EDGE_GREY) -> Pixels:
        """The `side` x `side` crop that `matrix` describes; what lies outside the photo is filled with `border`."""
        (a, b, _), (c, d, _) = matrix
        level = self._nearest(abs(a * d - b * c) ** 0.5)
        height, width = self.size
        factor = np.array([level.shape[1] / width, level.shape[0] / height])
        local = matrix.copy()
        local[:, :2] /= factor
        local[:, 2] += local[:, :2] @ (0.5 - 0.5 * factor)
        crop = cv2.warpAffine(level, local, (side, side), flags=cv2.INTER_LINEAR, borderValue=(border,) * 3)
        return np.asarray(crop, np.uint8)


def squares(centres: Array, sizes: Array, angles: Array, side: int) -> Array:
    """n matrices (n x 2 x 3) that bring squares of `sizes` photo pixels at `centres`, turned, to `side` pixels."""
    cosine, sine = np.cos(angles) * side / sizes, np.sin(angles) * side / sizes
    turns = np.stack([np.stack([cosine, sine], axis=-1), np.stack([-sine, cosine], axis=-1)], axis=1)
    shifts = side / 2 - np.einsum("nij,nj->ni", turns, centres)
    return np.concatenate([turns, shifts[:, :, None]], axis=2)


def alignment(landmarks: Floats) -> Matrix | None:
    """The similarity that brings 5 x 2 landmarks nearest to the template (least squares, as Umeyama 1991 without
    mirroring); None where they coincide. Same result as insightface's estimate_norm, without loading scikit-image."""
    points = landmarks.astype(np.float64)
    origin, target = points.mean(axis=0), ARCFACE_TEMPLATE.mean(axis=0)
    source, wanted = points - origin, ARCFACE_TEMPLATE - target
    spread = float((source**2).sum())
    if not np.isfinite(spread) or spread < 1e-3:
        return None
    along = float((source * wanted).sum()) / spread
    across = float((source[:, 0] * wanted[:, 1] - source[:, 1] * wanted[:, 0]).sum()) / spread
    turn = np.array([[along, -across], [across, along]])
    if np.hypot(along, across) < 1e-6:
        return None
    return np.column_stack([turn, target - turn @ origin])


def aligned(pyramid: Pyramid, landmarks: Floats) -> Pixels | None:
    """The 112 x 112 BGR crop that the recogniser reads, or None where the landmarks say nothing."""
    matrix = alignment(landmarks)
    return None if matrix is None else pyramid.crop(matrix, ALIGNED_SIDE, border=0)
