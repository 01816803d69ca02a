"""Shares and their intervals where the cases come in clusters: several photos of one person are one witness."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from app.stats.rates import CONFIDENCE, wilson

Values = npt.NDArray[np.float64]
RESAMPLES = 1000
ROUND = 12
"""Decimals that are kept: sums of many weights end a little beside 0 and 1."""


@dataclass(frozen=True, slots=True)
class Share:
    """A share 0..1 with its interval; `value` is None, and the interval the whole scale, without a case.

    `clusters` counts the people behind it, `cases` their photos (or pairs, or tries)."""

    value: float | None
    low: float
    high: float
    clusters: int
    cases: float


def share_by_cluster(hits: npt.ArrayLike, cases: npt.ArrayLike, confidence: float = CONFIDENCE, seed: int = 0) -> Share:
    """The share of all `hits` in all `cases`, one entry per cluster, with an interval over clusters.

    Percentile bootstrap (Efron 1979) that draws clusters, not cases; where every case agrees, so that there is nothing
    to draw, Wilson's interval with each cluster as one case. Raises ValueError unless 0 <= hits <= cases throughout."""
    got, tried = np.asarray(hits, float), np.asarray(cases, float)
    if got.shape != tried.shape or (got < 0).any() or (got > tried + 1e-9).any():
        raise ValueError("each cluster has between 0 and all of its cases as hits")
    used = tried > 0
    got, tried = got[used], tried[used]
    count = len(tried)
    if not count:
        return Share(None, 0.0, 1.0, 0, 0.0)
    value = round(float(got.sum() / tried.sum()), ROUND)
    if value in (0.0, 1.0) or count == 1:
        low, high = wilson(value * count, count, confidence)
        return Share(value, low, high, count, float(tried.sum()))
    drawn = draws(count, seed)
    low, high = interval((drawn @ got) / (drawn @ tried), confidence)
    return Share(value, min(low, value), max(high, value), count, float(tried.sum()))


def draws(clusters: int, seed: int = 0, resamples: int = RESAMPLES) -> Values:
    """How often each cluster is drawn in each resample: resamples x clusters, every row sums to `clusters`."""
    random = np.random.default_rng(seed)
    return random.multinomial(clusters, np.full(clusters, 1 / clusters), resamples).astype(float)


def interval(values: Values, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The middle `confidence` of resampled values; resamples without a value (nan) are left out."""
    outside = (1 - confidence) / 2
    known = values[~np.isnan(values)]
    if not len(known):
        return 0.0, 1.0
    low, high = np.quantile(known, [outside, 1 - outside])
    return float(low), float(high)


def spread(
    measure: Callable[[Values], float], clusters: int, resamples: int = 200, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """The bootstrap interval of anything that can be measured with a weight per cluster (1 each: the data as it is)."""
    return interval(np.array([measure(weights) for weights in draws(clusters, resamples=resamples)]), confidence)
