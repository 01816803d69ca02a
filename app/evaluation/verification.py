"""One photo against one photo: are they the same person? ROC, and the share of true pairs at few false ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.stats.clusters import spread
from app.vision.observations import Floats

Values = npt.NDArray[np.float64]
FALSE_RATES = (1e-2, 1e-3, 1e-4)
CURVE_POINTS = 400


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """All pairs of photos, best score first. `left`, `right`: index of the person on either photo."""

    scores: Values
    same: npt.NDArray[np.bool_]
    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    people: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """The share of true pairs accepted where `rate` of the false pairs are, the cosine that does it, and the interval
    over people. `value` is None where there are too few false pairs (fewer than 1/rate) or no true ones."""

    rate: float
    value: float | None
    low: float
    high: float
    threshold: float | None


def pairs_of(embeddings: Sequence[Floats], person: Sequence[int]) -> Pairs:
    """Every pair of photos of n unit vectors and whose they are (numbers from 0 on)."""
    matrix, owner = np.array(embeddings, float), np.array(person, np.int64)
    first, second = np.triu_indices(len(owner), 1)
    scores = (matrix @ matrix.T)[first, second] if len(owner) else np.zeros(0)
    order = np.argsort(-scores, kind="stable")
    left, right = owner[first[order]], owner[second[order]]
    return Pairs(scores[order], left == right, left, right, int(owner.max()) + 1 if len(owner) else 0)


def accepted(pairs: Pairs, rate: float) -> Accepted:
    """The true pairs accepted at `rate` of false ones; a person who is drawn twice counts twice in every pair."""
    count = int((~pairs.same).sum())
    if count * rate < 1 or not pairs.same.any():
        return Accepted(rate, None, 0.0, 1.0, None)
    value, threshold = _at(pairs, rate, np.ones(pairs.people))
    low, high = spread(lambda weights: _at(pairs, rate, weights)[0], pairs.people)
    return Accepted(rate, value, min(low, value), max(high, value), threshold)


def limit_interval(pairs: Pairs, rate: float) -> tuple[float | None, float | None]:
    """The cosine that `rate` of the false pairs reach: as measured, and the upper end of its interval over people.

    None twice where there are fewer than 1/rate false pairs."""
    if int((~pairs.same).sum()) * rate < 1:
        return None, None
    _, threshold = _at(pairs, rate, np.ones(pairs.people))
    _, high = spread(lambda weights: _at(pairs, rate, weights)[1], pairs.people)
    return threshold, max(high, threshold)


def _at(pairs: Pairs, rate: float, weights: Values) -> tuple[float, float]:
    """The share of true pairs above the score that at most `rate` of the false pairs exceed, and that score."""
    weight = weights[pairs.left] * np.where(pairs.same, 1.0, weights[pairs.right])
    false, true = np.where(pairs.same, 0.0, weight), np.where(pairs.same, weight, 0.0)
    whole = true.sum()
    if not false.sum():
        return float("nan"), float("nan")
    inside = int(np.searchsorted(np.cumsum(false), rate * false.sum(), side="right"))
    threshold = float(pairs.scores[min(inside, len(pairs.scores) - 1)])
    return (float(true[:inside].sum() / whole) if whole else float("nan")), threshold


def curve(pairs: Pairs) -> list[tuple[float, float]]:
    """The ROC: (share of false pairs, share of true pairs) accepted, from the strictest cosine to the laxest; at most
    some 400 points, closest where false pairs are few."""
    false, true = np.cumsum(~pairs.same), np.cumsum(pairs.same)
    if not len(false) or not false[-1] or not true[-1]:
        return []
    wanted = np.unique(np.geomspace(1, false[-1], CURVE_POINTS).astype(int))
    rows = np.searchsorted(false, wanted)
    return [(float(false[row] / false[-1]), float(true[row] / true[-1])) for row in rows]
