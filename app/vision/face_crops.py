"""Square crops of faces: turned as asked, or aligned to the recogniser's template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from app.imaging.decode import Pixels
from app.imaging.pyramid import Array, Matrix, Pyramid
from app.vision.face_format import ALIGNED_SIDE, ARCFACE_TEMPLATE
from app.vision.observations import Face, Floats

Size = tuple[int, int]
"""Width and height in pixels."""

LYING = 1.5
"""Height over width of the line of the eyes: from about 56 degrees on a face lies rather than stands."""


def squares(centres: Array, sizes: Array, angles: Array, side: int) -> Array:
    """n matrices (n x 2 x 3) that bring squares of `sizes` photo pixels at `centres`, turned, to `side` pixels."""
    cosine, sine = np.cos(angles) * side / sizes, np.sin(angles) * side / sizes
    turns = np.stack([np.stack([cosine, sine], axis=-1), np.stack([-sine, cosine], axis=-1)], axis=1)
    shifts = side / 2 - np.einsum("nij,nj->ni", turns, centres)
    return np.concatenate([turns, shifts[:, :, None]], axis=2)


def alignment(landmarks: Floats, template: Array = ARCFACE_TEMPLATE) -> Matrix | None:
    """The similarity that brings 5 x 2 landmarks nearest to the template, 5 x 2 (least squares, as Umeyama 1991 without
    mirroring); None where they coincide. Same result as insightface's estimate_norm, without loading scikit-image."""
    points = landmarks.astype(np.float64)
    origin, target = points.mean(axis=0), template.mean(axis=0)
    source, wanted = points - origin, template - target
    spread = float((source**2).sum())
    if not np.isfinite(spread) or spread < 1e-3:
        return None
    along = float((source * wanted).sum()) / spread
    across = float((source[:, 0] * wanted[:, 1] - source[:, 1] * wanted[:, 0]).sum()) / spread
    turn = np.array([[along, -across], [across, along]])
    if np.hypot(along, across) < 1e-6:
        return None
    return np.column_stack([turn, target - turn @ origin])


def aligned(
    pyramid: Pyramid, landmarks: Floats, template: Array = ARCFACE_TEMPLATE, side: int = ALIGNED_SIDE
) -> Pixels | None:
    """The `side` x `side` BGR crop that a recogniser reads, or None where the landmarks say nothing."""
    matrix = alignment(landmarks, template)
    return None if matrix is None else pyramid.crop(matrix, side, border=0)


def apart(landmarks: Array, same: float = 0.5) -> npt.NDArray[np.intp]:
    """The rows of n x 5 x 2 landmarks, best first, whose eyes are not those of a better row: their middles lie at least
    `same` of the better one's eye distance apart. A second box around a forehead is no second face."""
    kept: list[int] = []
    middles = landmarks[:, :2].mean(axis=1)
    widths = np.linalg.norm(landmarks[:, 1] - landmarks[:, 0], axis=1)
    for row in range(len(landmarks)):
        if all(np.linalg.norm(middles[row] - middles[better]) >= same * widths[better] for better in kept):
            kept.append(row)
    return np.array(kept, np.intp)


def quarter_turns(faces: Sequence[Face]) -> int:
    """By how many quarters (as np.rot90 counts them) a picture must be turned for its faces to stand: 1 or 3 where most
    of them lie on their side, else 0."""
    eyes = np.array([face.landmarks[1] - face.landmarks[0] for face in faces], float)
    lying = np.abs(eyes[:, 1]) > LYING * np.abs(eyes[:, 0])
    if 2 * lying.sum() <= len(faces):
        return 0
    return 1 if eyes[lying, 1].sum() > 0 else 3


def turned_back(face: Face, turns: int, level: Size, photo: Size) -> Face:
    """A face found in a photo that was reduced to `level` and turned by `turns` quarters (as np.rot90 does), in pixels
    of the photo."""
    width, height = level
    scale = np.array(photo, float) / level

    def back(points: Array) -> Array:
        x, y = points[:, 0], points[:, 1]
        places = {1: (width - y, x), 2: (width - x, height - y), 3: (y, height - x)}[turns]
        return np.stack(places, axis=1) * scale

    corners = back(np.array(face.box, float).reshape(2, 2))
    x0, y0, x1, y1 = (round(float(value), 2) for value in (*corners.min(axis=0), *corners.max(axis=0)))
    return replace(face, box=(x0, y0, x1, y1), landmarks=back(face.landmarks.astype(float)).astype(np.float32))
