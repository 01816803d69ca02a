"""Shares, intervals, durations and scores in words: never a share without its interval, nor one of too few cases."""

from __future__ import annotations

from app.stats.agreement import Kappa
from app.stats.calibration import Recall
from app.stats.durations import Durations
from app.stats.rates import ENOUGH, Rate
from app.stats.whatif import Estimate
from app.web.words import Words


def percent(value: float, t: Words) -> str:
    """62%, with a decimal where it would say 0 or 100 of something in between."""
    exact = value * 100
    digits = 1 if 0 < exact < 1 or 99 < exact < 100 else 0
    return f"{t.number(exact, digits)}%"


def share(found: Rate | Estimate | Recall, t: Words) -> str:
    """The share with its interval, or that there is not enough data for one."""
    if not found.enough or found.value is None:
        return t("figures.little")
    return t("figures.share", value=percent(found.value, t), low=percent(found.low, t), high=percent(found.high, t))


def counted(found: Rate, t: Words) -> str:
    """12 of 40."""
    return t("figures.of", hits=t.number(found.hits), total=t.number(found.total))


def score(value: float, t: Words) -> str:
    """A score or threshold with two decimals."""
    return t.number(round(value, 2) + 0.0, 2)


def seconds(value: float | None, t: Words) -> str:
    """18 s, or 2 min 5 s from two minutes on; a dash where nothing was measured."""
    if value is None:
        return "–"
    if value < 120:
        return t("figures.seconds", s=t.number(value))
    minutes, rest = divmod(round(value), 60)
    return t("figures.minutes", m=t.number(minutes), s=rest)


def handling(found: Durations, t: Words) -> tuple[str, str]:
    """Median and 90th percentile; the latter only of enough cases."""
    return seconds(found.median, t), seconds(found.p90, t) if found.enough else t("figures.little")


def kappa(found: Kappa, t: Words) -> str:
    """Kappa with its interval, or that there is not enough data."""
    if not found.enough or found.value is None:
        return t("figures.little")
    return t("figures.share", value=score(found.value, t), low=score(found.low, t), high=score(found.high, t))


def little(t: Words) -> str:
    """Why some figures are not shown."""
    return t("figures.little_why", n=t.number(ENOUGH))
