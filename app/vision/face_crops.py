"""Square crops of faces: turned as asked, or aligned to the recogniser's template."""

from __future__ import annotations

import numpy as np

from app.imaging.decode import Pixels
from app.imaging.pyramid import Array, Matrix, Pyramid
from app.vision.observations import Floats

ALIGNED_SIDE = 112
ARCFACE_TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)  # fmt: skip
"""Eyes, nose and mouth corners in the 112 x 112 crop (insightface.utils.face_align.arcface_dst)."""


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
