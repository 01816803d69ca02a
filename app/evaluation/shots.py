"""What the pipeline makes of each labelled photo: whether the face is found, its embedding, what it cost."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Protocol

import numpy as np

from app.errors import AppError
from app.evaluation.degraded import DEGRADATIONS, ORIGINAL
from app.evaluation.people import Person
from app.imaging.decode import ImageLimits, Pixels, decode
from app.imaging.pyramid import Pyramid
from app.vision.face_embedder import FaceEmbedder
from app.vision.faces import Detector, find_faces
from app.vision.gallery import FaceThresholds, Gallery, match_faces
from app.vision.observations import Face

TIMED = 200
SMALLEST_MEASURED = 12.0
"""px; faces under the pack's floor are embedded here all the same, so that the floor itself can be measured."""


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One photo of a person, as it is or degraded (`variant`). `face` is the person's face, None where none was found;
    `faces` how many were found; `ms` milliseconds by stage. `unreadable` says why a file could not be decoded."""

    person: str
    photo: str
    variant: str
    face: Face | None
    faces: int
    ms: dict[str, float]
    unreadable: str = ""


class FaceEyes(Protocol):
    """The part of a model pack that looks at faces."""

    @property
    def detector(self) -> Detector:
        """Finds faces."""

    @property
    def embedder(self) -> FaceEmbedder:
        """Makes embeddings."""

    @property
    def thresholds(self) -> FaceThresholds:
        """Limits of the pack."""


def shoot(person: Person, eyes: FaceEyes, variants: Sequence[str] = ()) -> Iterator[Shot]:
    """Every photo of a person as it is, then each of `variants` (names of DEGRADATIONS) of it."""
    for path in person.photos:
        start = time.perf_counter()
        try:
            pixels = _read(path)
        except AppError as error:
            yield Shot(person.name, path.name, ORIGINAL, None, 0, {}, error.detail)
            continue
        decoded = 1000 * (time.perf_counter() - start)
        original = look(person.name, path.name, ORIGINAL, pixels, eyes)
        yield replace(original, ms={"decode": decoded} | original.ms)
        for variant in variants:
            yield look(person.name, path.name, variant, DEGRADATIONS[variant](pixels, original.face), eyes)


def look(person: str, photo: str, variant: str, pixels: Pixels, eyes: FaceEyes) -> Shot:
    """One picture through the service's own detector and recogniser."""
    floor = replace(eyes.thresholds, compare_size=min(SMALLEST_MEASURED, eyes.thresholds.compare_size))
    start = time.perf_counter()
    watch = Watched(eyes.detector)
    faces = find_faces(pixels, watch, eyes.embedder, floor)
    whole = 1000 * (time.perf_counter() - start)
    ms = {"detect": watch.ms, "embed": whole - watch.ms}
    return Shot(person, photo, variant, subject(faces, *pixels.shape[:2]), len(faces), ms)


def subject(faces: Sequence[Face], height: int, width: int) -> Face | None:
    """Whose photo it is: the biggest face, unless a smaller one stands much nearer to the middle.

    Area less twice the squared distance from the middle, as in insightface's own examples."""

    def weight(face: Face) -> float:
        x0, y0, x1, y1 = face.box
        aside, above = (x0 + x1 - width) / 2, (y0 + y1 - height) / 2
        return (x1 - x0) * (y1 - y0) - 2 * (aside**2 + above**2)

    return max(faces, key=weight, default=None)


def _read(path: Path) -> Pixels:
    return decode(path.read_bytes(), ImageLimits()).pixels


class Watched:
    """A detector that notes how long its last look took."""

    def __init__(self, detector: Detector) -> None:
        self.detector = detector
        self.ms = 0.0

    def detect(self, picture: Pixels | Pyramid) -> list[Face]:
        """Faces as the detector gives them."""
        start = time.perf_counter()
        found = self.detector.detect(picture)
        self.ms = 1000 * (time.perf_counter() - start)
        return found


def matching_ms(shots: Sequence[Shot], limits: FaceThresholds, people: int = 22, photos: int = 3) -> float | None:
    """Median milliseconds to look one face up in a gallery of `people`; None without faces to fill it."""
    found = [shot.face for shot in shots if shot.face is not None and shot.face.embedding is not None]
    if len(found) < people * photos:
        return None
    rows = found[: people * photos]
    matrix = np.stack([face.embedding for face in rows if face.embedding is not None])
    owners = tuple(f"c{index // photos}" for index in range(len(rows)))
    gallery = Gallery(matrix, owners, tuple(f"p{index}" for index in range(len(rows))), "measured")
    times = []
    for face in found[:TIMED]:
        start = time.perf_counter()
        match_faces([face], gallery, limits)
        times.append(1000 * (time.perf_counter() - start))
    return median(times)
