"""How far reviewers agree: Cohen's kappa with its interval, and each reviewer against colleagues or known answers."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from app.stats.rates import CONFIDENCE, ENOUGH, Rate, rates_by, wilson, z_of


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one reviewer found of one item, independently of the others."""

    item: Hashable
    reviewer: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Kappa:
    """Cohen's kappa of `pairs` double judgements (-1..1), None where chance alone explains everything; the interval
    `low`..`high`; `observed` and `by_chance` are the shares of agreement behind it."""

    value: float | None
    low: float
    high: float
    pairs: int
    observed: float
    by_chance: float

    @property
    def enough(self) -> bool:
        """Whether there are enough double judgements to show it."""
        return self.pairs >= ENOUGH and self.value is not None


def kappa(pairs: Sequence[tuple[str, str]], confidence: float = CONFIDENCE) -> Kappa:
    """Cohen's kappa of (first verdict, second verdict) with the large-sample interval of Fleiss, Cohen and Everitt
    (1969). Where the reviewers always or never agree that variance vanishes; Wilson's interval of the agreement, the
    chance held fixed, stands in for it."""
    count = len(pairs)
    if not count:
        return Kappa(None, -1.0, 1.0, 0, 0.0, 0.0)
    cells = {cell: number / count for cell, number in Counter(pairs).items()}
    first = _margin(pair[0] for pair in pairs)
    second = _margin(pair[1] for pair in pairs)
    agreeing = sum(one == other for one, other in pairs)
    observed = agreeing / count
    by_chance = math.fsum(first[name] * second.get(name, 0.0) for name in first)
    if math.isclose(by_chance, 1.0):
        return Kappa(None, -1.0, 1.0, count, observed, by_chance)
    value = (observed - by_chance) / (1 - by_chance)
    if agreeing in (0, count):
        low, high = ((edge - by_chance) / (1 - by_chance) for edge in wilson(agreeing, count, confidence))
    else:
        half = z_of(confidence) * math.sqrt(_variance(cells, first, second, value, by_chance) / count)
        low, high = value - half, value + half
    return Kappa(value, max(low, -1.0), min(high, 1.0), count, observed, by_chance)


def _margin(verdicts: Iterable[str]) -> dict[str, float]:
    counted = Counter(verdicts)
    return {name: number / counted.total() for name, number in counted.items()}


def _variance(
    cells: Mapping[tuple[str, str], float],
    first: Mapping[str, float],
    second: Mapping[str, float],
    value: float,
    by_chance: float,
) -> float:
    """The variance of kappa for one pair (Fleiss, Cohen and Everitt 1969, eq. 13); never below 0."""
    rest = 1 - value
    same = math.fsum(
        share * (1 - (first[one] + second[one]) * rest) ** 2 for (one, other), share in cells.items() if one == other
    )
    apart = math.fsum(
        share * (second.get(one, 0.0) + first.get(other, 0.0)) ** 2
        for (one, other), share in cells.items()
        if one != other
    )
    total = same + rest**2 * apart - (value - by_chance * rest) ** 2
    return max(total, 0.0) / (1 - by_chance) ** 2


def double_judgements(verdicts: Iterable[Verdict]) -> list[tuple[str, str]]:
    """(first, second) verdict of every item that two different people judged; verdicts come in order of time, and of
    one person only the first on an item counts."""
    return [
        (found[0].verdict, found[1].verdict) for found in _by_item(verdicts).values() if len(found) > 1
    ]  # fmt: skip


def agreement_by_reviewer(verdicts: Iterable[Verdict], confidence: float = CONFIDENCE) -> dict[str, Rate]:
    """Of each reviewer: how often a colleague who judged the same item found the same."""
    cases = (
        (one.reviewer, one.verdict == other.verdict)
        for found in _by_item(verdicts).values()
        for one, other in permutations(found, 2)
    )
    return rates_by(cases, confidence)


def agreement_with(
    truth: Mapping[Hashable, str], verdicts: Iterable[Verdict], confidence: float = CONFIDENCE
) -> dict[str, Rate]:
    """Of each reviewer: how often the verdict was the known one (`truth` by item), as on gold items."""
    found = (verdict for row in _by_item(verdicts).values() for verdict in row)
    return rates_by(((one.reviewer, one.verdict == truth[one.item]) for one in found if one.item in truth), confidence)


def _by_item(verdicts: Iterable[Verdict]) -> dict[Hashable, list[Verdict]]:
    grouped: defaultdict[Hashable, dict[str, Verdict]] = defaultdict(dict)
    for verdict in verdicts:
        grouped[verdict.item].setdefault(verdict.reviewer, verdict)
    return {item: list(found.values()) for item, found in grouped.items()}
