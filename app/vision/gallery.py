"""Open-set matching of faces against the registered photos of one contest; "nobody" is an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.vision.observations import Face, Floats

MatchBand = Literal["strong", "possible", "review", "none", "too_small"]


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """Embeddings of the registered photos of one contest. `matrix`: n x d float32 unit rows; `candidates[i]` and
    `photos[i]` tell whose photo row i is; `model` names the recogniser, `version` counts changes of the roster."""

    matrix: Floats
    candidates: tuple[str, ...]
    photos: tuple[str, ...]
    model: str
    version: int = 0


@dataclass(frozen=True, slots=True)
class FaceThresholds:
    """Cosine limits of a model pack and the smallest face widths (px) that may be flagged and compared."""

    strong: float = 0.64
    possible: float = 0.58
    review: float = 0.50
    margin: float = 0.05
    flag_size: float = 40.0
    compare_size: float = 24.0


@dataclass(frozen=True, slots=True)
class FaceMatch:
    """The best registered person for one face. `candidate` is None for "none" and "too_small"; `score` is the best
    cosine whatever the band, `runner_up` that of the next best *person* (or None); `photo` the closest reference."""

    band: MatchBand
    candidate: str | None = None
    score: float | None = None
    runner_up: float | None = None
    photo: str | None = None


def match_faces(faces: Sequence[Face], gallery: Gallery, thresholds: FaceThresholds) -> tuple[FaceMatch, ...]:
    """One match per face, in order."""
    raise NotImplementedError
