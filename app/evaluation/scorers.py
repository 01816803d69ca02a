"""Ways to say how well a face fits a registered person; `netra calibrate faces` tries them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from app.vision.observations import Face

Values = npt.NDArray[np.float64]
Scorer = Callable[[Sequence[Face], Sequence[Sequence[Face]]], Values]
"""n faces and the registered faces of m people (all with embeddings) -> n x m scores."""

COHORT_TOP = 50


def _matrix(faces: Sequence[Face]) -> Values:
    return np.array([face.embedding for face in faces], float)


def _unit(rows: Values) -> Values:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9))


def _means(people: Sequence[Sequence[Face]], weighted: bool = False) -> Values:
    sums = [(_matrix(faces) * (_lengths(faces) if weighted else 1.0)).sum(axis=0) for faces in people]
    return _unit(np.stack(sums))


def _lengths(faces: Sequence[Face]) -> Values:
    return np.array([[face.norm or 0.0] for face in faces], float)


def mean(faces: Sequence[Face], people: Sequence[Sequence[Face]]) -> Values:
    """The cosine with the mean of the person's photos, as app.vision.gallery does it."""
    return np.asarray(_matrix(faces) @ _means(people).T)


def quality_mean(faces: Sequence[Face], people: Sequence[Sequence[Face]]) -> Values:
    """The same, each photo weighted by the length of its embedding before normalising."""
    return np.asarray(_matrix(faces) @ _means(people, weighted=True).T)


def closest(faces: Sequence[Face], people: Sequence[Sequence[Face]]) -> Values:
    """The cosine with the closest photo."""
    rows = _matrix(faces)
    return np.stack([(rows @ _matrix(photos).T).max(axis=1) for photos in people], axis=1)


def mean_and_closest(faces: Sequence[Face], people: Sequence[Sequence[Face]]) -> Values:
    """Half of each."""
    return (mean(faces, people) + closest(faces, people)) / 2


def normalised(cohort: Sequence[Face]) -> Scorer:
    """Adaptive s-norm (Matejka et al. 2017): scores in standard deviations over those with the 50 nearest strangers.

    `cohort`: faces of people who stand in no gallery. Only for measuring: a service would have to keep strangers."""
    others = _matrix(cohort)

    def score(faces: Sequence[Face], people: Sequence[Sequence[Face]]) -> Values:
        rows, means = _matrix(faces), _means(people)
        (row_mean, row_spread), (mean_mean, mean_spread) = (_top(side @ others.T) for side in (rows, means))
        plain = rows @ means.T
        by_face, by_person = (plain - row_mean) / row_spread, (plain - mean_mean.T) / mean_spread.T
        return np.asarray((by_face + by_person) / 2)

    return score


def _top(scores: Values) -> tuple[Values, Values]:
    nearest = np.sort(scores, axis=1)[:, -COHORT_TOP:]
    return nearest.mean(axis=1, keepdims=True), np.maximum(nearest.std(axis=1, keepdims=True), 1e-6)


SCORERS: Mapping[str, Scorer] = {
    "mean": mean,
    "quality mean": quality_mean,
    "closest photo": closest,
    "mean and closest": mean_and_closest,
}
