"""What hides part of a face, drawn onto photos: mask, glasses, cap, headscarf. Drawn covers say where a detector or a
recogniser begins to fail; photos of people who wear them say how often."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from app.imaging.decode import Pixels
from app.imaging.pyramid import Array, Matrix
from app.vision.face_crops import alignment
from app.vision.face_format import ARCFACE_TEMPLATE
from app.vision.observations import Face

CLOTHS = ((214, 188, 142), (70, 60, 58), (225, 222, 218), (96, 42, 60), (60, 96, 74))
"""Blue-grey, black, white, maroon, green; BGR."""
FRAME, LENS = (30, 30, 34), (24, 20, 20)
LEFT_EYE, RIGHT_EYE = ARCFACE_TEMPLATE[0], ARCFACE_TEMPLATE[1]
MIDDLE = 56.0
"""Column of the nose in the aligned crop of 112 x 112, in whose coordinates everything is drawn."""
SUB = 4
"""Binary places of a pixel that OpenCV's drawing is given."""


def mask(photo: Pixels, face: Face) -> Pixels:
    """A cloth mask from the bridge of the nose to under the chin, with its bands."""
    cover = _Cover(photo, face)
    cover.line([(22, 70), (4, 62)], 1.5, cover.cloth)
    cover.line([(90, 70), (108, 62)], 1.5, cover.cloth)
    cover.fill([(21, 68), (MIDDLE, 60), (91, 68), (89, 96), (74, 116), (38, 116), (23, 96)], cover.cloth)
    return cover.shaded()


def glasses(photo: Pixels, face: Face) -> Pixels:
    """A dark frame around both eyes."""
    cover = _Cover(photo, face)
    _frame(cover)
    return cover.drawn


def sunglasses(photo: Pixels, face: Face) -> Pixels:
    """The same with lenses that nothing is seen through."""
    cover = _Cover(photo, face)
    for eye in (LEFT_EYE, RIGHT_EYE):
        cover.fill(_oval(_moved(eye, 0, 2), 16, 13), LENS)
    _frame(cover)
    return cover.drawn


def cap(photo: Pixels, face: Face) -> Pixels:
    """A cap down to the brows, with its visor."""
    cover = _Cover(photo, face)
    cover.fill([(6, 38), (8, 8), (26, -22), (MIDDLE, -32), (86, -22), (104, 8), (106, 38)], cover.cloth)
    cover.fill(_oval(np.array([MIDDLE, 38.0]), 52, 9), tuple(0.7 * part for part in cover.cloth))
    return cover.shaded()


def headscarf(photo: Pixels, face: Face) -> Pixels:
    """A scarf around the oval of the face: hair, ears, neck and shoulders are under it."""
    cover = _Cover(photo, face)
    outside = [*_oval(np.array([MIDDLE, 66.0]), 66, 88, start=180, end=360), (150, 190), (-38, 190)]
    cover.fill(outside, cover.cloth, but=_oval(np.array([MIDDLE, 70.0]), 37, 48))
    return cover.shaded()


COVERS: Mapping[str, Callable[[Pixels, Face], Pixels]] = {
    "mask": mask,
    "glasses": glasses,
    "sunglasses": sunglasses,
    "cap": cap,
    "headscarf": headscarf,
}
"""Name -> the photo (BGR) with it drawn on the face."""


class _Cover:
    """A copy of the photo to draw on, in the coordinates of the aligned face."""

    def __init__(self, photo: Pixels, face: Face) -> None:
        found = alignment(face.landmarks)
        self.back: Matrix = np.eye(2, 3) if found is None else np.asarray(cv2.invertAffineTransform(found), float)
        self.photo, self.drawn = photo, photo.copy()
        self.cloth = CLOTHS[round(float(np.abs(face.landmarks).sum())) % len(CLOTHS)]

    def fill(self, shape: Sequence[object], colour: Sequence[float], but: Sequence[object] | None = None) -> None:
        """A closed shape, with a hole where `but` is given."""
        shapes = [self._points(one) for one in (shape, but) if one is not None]
        cv2.fillPoly(self.drawn, shapes, tuple(colour), cv2.LINE_AA, SUB)

    def line(self, points: Sequence[object], width: float, colour: Sequence[float], closed: bool = False) -> None:
        """A line of `width` pixels of the aligned face."""
        thick = max(1, round(width * float(np.linalg.norm(self.back[:, 0]))))
        cv2.polylines(self.drawn, [self._points(points)], closed, tuple(colour), thick, cv2.LINE_AA, SUB)

    def shaded(self) -> Pixels:
        """The cloth takes a part of the light that falls on what it covers."""
        light = cv2.GaussianBlur(cv2.cvtColor(self.photo, cv2.COLOR_BGR2GRAY), (0, 0), 9).astype(np.float32)
        factor = np.clip(0.7 + 0.5 * light / max(float(light.mean()), 1.0) - 0.2, 0.5, 1.3)[..., None]
        touched = (self.drawn != self.photo).any(axis=2, keepdims=True)
        return np.where(touched, np.clip(self.drawn * factor, 0, 255).astype(np.uint8), self.drawn)

    def _points(self, points: Sequence[object]) -> npt.NDArray[np.int32]:
        there = np.asarray(points, float) @ self.back[:, :2].T + self.back[:, 2]
        return np.asarray(np.round(there * 2**SUB), np.int32)


def _frame(cover: _Cover) -> None:
    for eye, side in ((LEFT_EYE, -1), (RIGHT_EYE, 1)):
        cover.line(_oval(_moved(eye, 0, 2), 15, 12), 2.2, FRAME, closed=True)
        cover.line([_moved(eye, side * 15, -1), _moved(eye, side * 32, -3)], 2.2, FRAME)
    cover.line([_moved(LEFT_EYE, 15, 0), _moved(RIGHT_EYE, -15, 0)], 2.2, FRAME)


def _moved(point: Array, across: float, down: float) -> Array:
    return np.asarray(point + np.array([across, down]))


def _oval(middle: Array, across: float, down: float, start: float = 0, end: float = 360) -> list[tuple[float, float]]:
    """Points of an ellipse, clockwise from the right (degrees, as OpenCV counts them)."""
    turns = np.radians(np.linspace(start, end, 48))
    return [(middle[0] + across * float(np.cos(t)), middle[1] + down * float(np.sin(t))) for t in turns]
