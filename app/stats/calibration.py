"""What scores and signals were worth: reliability by bins, precision per signal, recall from a random sample."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from app.stats.rates import CONFIDENCE, Rate, rate, rates_by, share, wilson


@dataclass(frozen=True, slots=True)
class Decided:
    """A decided item: the machine's score, the codes that spoke for it, and whether people confirmed it."""

    score: float
    codes: Collection[str]
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Bin:
    """Decided items with scores from `low` to below `high`: their mean score, and the share that was confirmed."""

    low: float
    high: float
    predicted: float
    observed: Rate


@dataclass(frozen=True, slots=True)
class Calibration:
    """The whole assessment and every signal, signals with the most cases first."""

    whole: Rate
    by_signal: dict[str, Rate]
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Recall:
    """The estimated share of all relevant submissions that were flagged, with a cautious interval; `missed` is the
    rate of relevant ones in the random sample of unflagged submissions."""

    value: float | None
    low: float
    high: float
    missed: Rate

    @property
    def enough(self) -> bool:
        """Whether the sample is large enough to show an estimate."""
        return self.missed.enough and self.value is not None


def calibration(items: Sequence[Decided], bins: int = 10, confidence: float = CONFIDENCE) -> Calibration:
    """Precision of the whole and of each signal, and the reliability curve."""
    cases = ((code, item.confirmed) for item in items for code in set(item.codes))
    whole = share((item.confirmed for item in items), confidence)
    return Calibration(whole, rates_by(cases, confidence), reliability(items, bins, confidence))


def reliability(items: Iterable[Decided], bins: int = 10, confidence: float = CONFIDENCE) -> tuple[Bin, ...]:
    """Bins of equal width over 0..1; a bin without items is left out. Raises ValueError for a score outside 0..1."""
    if bins < 1:
        raise ValueError("at least one bin")
    grouped: defaultdict[int, list[Decided]] = defaultdict(list)
    for item in items:
        if not 0 <= item.score <= 1:
            raise ValueError("a score lies between 0 and 1")
        grouped[min(int(item.score * bins), bins - 1)].append(item)
    return tuple(
        Bin(
            index / bins,
            (index + 1) / bins,
            math.fsum(item.score for item in found) / len(found),
            share((item.confirmed for item in found), confidence),
        )
        for index, found in sorted(grouped.items())
    )


def recall(
    confirmed: int, decided: int, flagged: int, unflagged: int, relevant: int, sampled: int,
    confidence: float = CONFIDENCE,
) -> Recall:  # fmt: skip
    """Recall from a simple random sample of what was not flagged.

    Of `flagged` submissions `decided` are decided, `confirmed` of them as relevant; of `unflagged` submissions a random
    `sampled` were reviewed and `relevant` of those turned out relevant. The interval joins the ends of two Wilson
    intervals, each at the level that leaves half of the doubt (Bonferroni), so it covers at least `confidence`; flags
    already decided are known and carry no doubt. Raises ValueError for counts that contradict each other."""
    if not (0 <= confirmed <= decided <= flagged and 0 <= relevant <= sampled <= unflagged):
        raise ValueError("parts must not exceed the whole")
    missed = rate(relevant, sampled, confidence)
    half = (1 + confidence) / 2
    least_share, most_share = wilson(confirmed, decided, half)
    least_missed, most_missed = wilson(relevant, sampled, half)
    waiting, unseen = flagged - decided, unflagged - sampled
    found = confirmed + waiting * (confirmed / decided if decided else 0.0)
    lost = relevant + unseen * (relevant / sampled if sampled else 0.0)
    return Recall(
        found / (found + lost) if found + lost and (decided or not flagged) and (sampled or not unflagged) else None,
        _part(confirmed + waiting * least_share, relevant + unseen * most_missed, 0.0),
        _part(confirmed + waiting * most_share, relevant + unseen * least_missed, 1.0),
        missed,
    )


def _part(found: float, lost: float, otherwise: float) -> float:
    return found / (found + lost) if found + lost else otherwise
