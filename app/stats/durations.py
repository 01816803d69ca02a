"""Handling times: the middle and the slow end, by which averages that one long lunch spoils are replaced."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from app.stats.rates import ENOUGH


@dataclass(frozen=True, slots=True)
class Durations:
    """Median and 90th percentile in seconds of `count` durations; None without any."""

    count: int
    median: float | None
    p90: float | None

    @property
    def enough(self) -> bool:
        """Whether there are enough durations for a 90th percentile."""
        return self.count >= ENOUGH


def durations(seconds: Iterable[float]) -> Durations:
    """Median and 90th percentile, interpolated between ranks (type 7 of Hyndman and Fan 1996).

    Raises ValueError for a negative duration."""
    values = sorted(seconds)
    if values and values[0] < 0:
        raise ValueError("a duration is never negative")
    if len(values) < 2:
        only = values[0] if values else None
        return Durations(len(values), only, only)
    return Durations(len(values), statistics.median(values), statistics.quantiles(values, n=10, method="inclusive")[8])
