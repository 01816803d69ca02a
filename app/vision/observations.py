"""What is seen in one picture: faces, hands and lines of text, in pixels of the upright original."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixels of the decoded, orientation-corrected image."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face. `landmarks`: 5 x 2 (eyes, nose, mouth corners, image-left first). `embedding`: unit vector or None
    where the face is too small to compare; `norm` is its length before normalising (a quality hint); `sharpness` is
    None until somebody looks (app.vision.face_quality)."""

    box: Box
    landmarks: Floats
    score: float
    embedding: Floats | None = None
    norm: float | None = None
    sharpness: float | None = None

    @property
    def size(self) -> float:
        """Width in pixels."""
        return self.box[2] - self.box[0]


@dataclass(frozen=True, slots=True, eq=False)
class Hand:
    """One hand. `landmarks`: 21 x 2. `fingers`: five bits thumb to little finger, "01100" is the V sign. `name`: a
    gesture name of the pose table, "other" or "relaxed". `readable` says whether it passed the gate; `face` is the
    index of the nearest plausible owner among the faces of the picture; `right` the person's right hand, unless the
    photo is mirrored; `turn` where wrist to knuckles point, degrees clockwise from straight up (-180..180)."""

    box: Box
    landmarks: Floats
    fingers: str
    name: str
    confidence: float
    presence: float
    palm: float
    right: bool
    readable: bool
    face: int | None = None
    turn: float = 0.0

    @property
    def size(self) -> float:
        """Longer side of the box in pixels."""
        return max(self.box[2] - self.box[0], self.box[3] - self.box[1])


@dataclass(frozen=True, slots=True, eq=False)
class TextLine:
    """One line read in the picture. `corners`: 4 x 2, clockwise from the start of the line."""

    text: str
    score: float
    corners: Floats

    @property
    def box(self) -> Box:
        """The upright rectangle around the corners."""
        (x0, y0), (x1, y1) = self.corners.min(axis=0), self.corners.max(axis=0)
        return float(x0), float(y0), float(x1), float(y1)


@dataclass(frozen=True, slots=True)
class Observations:
    """All that was seen in one picture of `width` x `height` pixels."""

    width: int
    height: int
    faces: tuple[Face, ...] = ()
    hands: tuple[Hand, ...] = ()
    lines: tuple[TextLine, ...] = ()
