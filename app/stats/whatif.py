"""What another threshold would mean: the size of the queue, and the precision and recall to expect."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.stats.rates import CONFIDENCE, ENOUGH, wilson

THRESHOLDS = tuple(step / 20 for step in range(1, 20))


@dataclass(frozen=True, slots=True)
class Scored:
    """A screened submission. `stratum` groups those among which the decided ones are as good as drawn at random: the
    band, where strong items are decided first. `confirmed` is None while nobody has decided."""

    score: float
    stratum: str
    confirmed: bool | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A weighted share with its interval; `cases` is the number of unweighted cases that would be as informative."""

    value: float | None
    low: float
    high: float
    cases: float

    @property
    def enough(self) -> bool:
        """Whether it rests on enough cases to be shown."""
        return self.cases >= ENOUGH and self.value is not None


@dataclass(frozen=True, slots=True)
class Point:
    """With `threshold` as the least score: how many of the submissions would be queued, and what to expect of them."""

    threshold: float
    queued: int
    precision: Estimate
    recall: Estimate


UNKNOWN = Estimate(None, 0.0, 1.0, 0.0)


def what_if(
    items: Iterable[Scored], thresholds: Sequence[float] = THRESHOLDS, confidence: float = CONFIDENCE
) -> tuple[Point, ...]:
    """One point per threshold.

    Each decided item stands for all of its stratum: its weight is the stratum's size over its decided items. Precision
    carries Wilson's interval with Kish's effective number of cases. Recall joins the ends of two Wilson intervals per
    stratum (what lies above the threshold, what lies below), so that a sample without a relevant item still leaves
    doubt. A figure that would need a stratum without a single decision is unknown."""
    rows = sorted(items, key=lambda item: item.score)
    strata = [_stratum(name, rows) for name in dict.fromkeys(item.stratum for item in rows)]
    highest_blind = max((stratum.highest for stratum in strata if not stratum.decided), default=-math.inf)
    scores = [item.score for item in rows]
    points = []
    for threshold in thresholds:
        seeing = highest_blind < threshold
        precision = _precision(strata, threshold, confidence) if seeing else UNKNOWN
        found = _recall(strata, threshold, confidence) if highest_blind == -math.inf else UNKNOWN
        points.append(Point(threshold, len(rows) - bisect_left(scores, threshold), precision, found))
    return tuple(points)


@dataclass(frozen=True, slots=True)
class _Stratum:
    """Ascending scores of the decided and of the confirmed items among `size`; `highest` is the highest of all."""

    size: int
    highest: float
    decided: list[float]
    confirmed: list[float]


def _stratum(name: str, rows: Sequence[Scored]) -> _Stratum:
    own = [item for item in rows if item.stratum == name]
    decided = [item.score for item in own if item.confirmed is not None]
    return _Stratum(len(own), own[-1].score, decided, [item.score for item in own if item.confirmed])


def _above(scores: Sequence[float], threshold: float) -> int:
    return len(scores) - bisect_left(scores, threshold)


def _precision(strata: Iterable[_Stratum], threshold: float, confidence: float) -> Estimate:
    relevant = total = squares = 0.0
    for stratum in strata:
        count = _above(stratum.decided, threshold)
        if count:
            weight = stratum.size / len(stratum.decided)
            relevant += weight * _above(stratum.confirmed, threshold)
            total += weight * count
            squares += weight * weight * count
    if not total:
        return UNKNOWN
    value, cases = min(relevant / total, 1.0), total * total / squares
    return Estimate(value, *wilson(value * cases, cases, confidence), cases)


def _recall(strata: Sequence[_Stratum], threshold: float, confidence: float) -> Estimate:
    found, lost, cases = [0.0] * 3, [0.0] * 3, math.inf
    for stratum in strata:
        decided, above = len(stratum.decided), _above(stratum.confirmed, threshold)
        unseen = stratum.size - decided
        cases = min(cases, decided) if unseen else cases
        for sums, hits in ((found, above), (lost, len(stratum.confirmed) - above)):
            shares = hits / decided, *wilson(hits, decided, (1 + confidence) / 2)
            for index, part in enumerate(shares):
                sums[index] += hits + unseen * part
    if not found[0] + lost[0]:
        return UNKNOWN
    if math.isinf(cases):
        cases = sum(len(stratum.decided) for stratum in strata)
    return Estimate(
        found[0] / (found[0] + lost[0]),
        found[1] / (found[1] + lost[2]) if found[1] + lost[2] else 0.0,
        found[2] / (found[2] + lost[1]) if found[2] + lost[1] else 1.0,
        cases,
    )
