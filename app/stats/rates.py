"""Shares with honest intervals, and a plain word for "not enough data"."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from statistics import NormalDist
from typing import TypeVar

ENOUGH = 30
"""Fewer cases than this are shown as counts only: their interval spans more than a third of the scale at one half."""
CONFIDENCE = 0.95
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Rate:
    """`hits` of `total` cases with the Wilson interval `low`..`high` (0..1; the whole scale where nothing is known)."""

    hits: int
    total: int
    low: float
    high: float

    @property
    def value(self) -> float | None:
        """The share, None without a case."""
        return self.hits / self.total if self.total else None

    @property
    def enough(self) -> bool:
        """Whether there are enough cases to show a share."""
        return self.total >= ENOUGH


def z_of(confidence: float) -> float:
    """The two-sided normal quantile: 1.96 for 0.95. Raises ValueError outside 0..1."""
    if not 0 < confidence < 1:
        raise ValueError("a confidence lies between 0 and 1")
    return NormalDist().inv_cdf((1 + confidence) / 2)


def wilson(hits: float, total: float, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Wilson's score interval of `hits` in `total` (Wilson 1927; Brown, Cai and DasGupta 2001, eq. 4).

    Weighted counts may be fractions. Raises ValueError unless 0 <= hits <= total."""
    if not 0 <= hits <= total:
        raise ValueError("hits lie between 0 and total")
    if total == 0:
        return 0.0, 1.0
    z = z_of(confidence)
    share, square = hits / total, z * z / total
    centre = (share + square / 2) / (1 + square)
    half = z / (1 + square) * math.sqrt(share * (1 - share) / total + square / (4 * total))
    low = 0.0 if hits == 0 else min(max(centre - half, 0.0), share)
    high = 1.0 if hits == total else max(min(centre + half, 1.0), share)
    return low, high


def rate(hits: int, total: int, confidence: float = CONFIDENCE) -> Rate:
    """The share of `hits` in `total` with its interval."""
    return Rate(hits, total, *wilson(hits, total, confidence))


def share(cases: Iterable[bool], confidence: float = CONFIDENCE) -> Rate:
    """The share of true cases."""
    counted = Counter(cases)
    return rate(counted[True], counted.total(), confidence)


def rates_by(cases: Iterable[tuple[Key, bool]], confidence: float = CONFIDENCE) -> dict[Key, Rate]:
    """The share of true cases per group, groups with the most cases first."""
    totals: Counter[Key] = Counter()
    hits: Counter[Key] = Counter()
    for key, hit in cases:
        totals[key] += 1
        hits[key] += hit
    return {key: rate(hits[key], total, confidence) for key, total in totals.most_common()}
