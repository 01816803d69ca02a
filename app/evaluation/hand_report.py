"""Everything that `netra evaluate gestures` reports, put together from the looks at all photos."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np

from app.evaluation.hand_looks import ORIGINAL, Look, Met
from app.evaluation.hand_photos import FIST
from app.stats.clusters import Share, share_by_cluster
from app.vision.gestures import NAMES
from app.vision.observations import Hand

SIZES = (0.0, 24.0, 32.0, 48.0, 64.0, 128.0, float("inf"))
"""Lengths of the hand's box in px where one row ends and the next begins."""
MEANINGLESS = ("other", "relaxed", "fist")
"""Names that are no number: the fist is the neutral pose."""
NOT_FOUND = "–"
COUNTS = {name: bits.count("1") for bits, name in NAMES.items()} | dict.fromkeys(
    ("thumb_up", "thumb_down", "thumb_side"), 1
)


@dataclass(frozen=True, slots=True)
class HandFigures:
    """Shares of marked hands: `found`; all five fingers read (`exact`; where only their number is known, that number);
    passed the gate with the right name (`named`) or with another one (`wrong`). `ms`: finding hands, per picture."""

    title: str
    pictures: int
    hands: int
    found: Share
    exact: Share
    named: Share
    wrong: Share
    ms: float | None


@dataclass(frozen=True, slots=True)
class HandReport:
    """All figures. `of_found` is exact among the found hands, `fists` the share of fists read as fists; `false_names`
    the share of ordinary photos on which a hand is named as a number, `false_by_name` which; `extra` counts named hands
    that nobody marked on marked photos; `confusion` is (marked, read) -> hands."""

    split: str
    photos: int
    ordinary: int
    unreadable: tuple[str, ...]
    whole: HandFigures
    of_found: Share
    fists: Share
    false_names: Share
    false_by_name: dict[str, int]
    ordinary_hands: int
    extra: int
    by_size: tuple[HandFigures, ...]
    by_people: tuple[HandFigures, ...]
    confusion: dict[tuple[str, str], int]
    ms: dict[str, float]
    ms_p90: dict[str, float]


def hand_report(looks: Sequence[Look], split: str) -> HandReport:
    """The report over all looks at one half. Intervals are over sources: photos, or what the manifest joins."""
    originals = [look for look in looks if look.variant == ORIGINAL and not look.unreadable]
    marked = [look for look in originals if look.met]
    ordinary = [look for look in originals if not look.met]
    met = [one for look in marked for one in look.met]
    stages = sorted({stage for look in originals for stage in look.ms})
    times = {stage: [look.ms[stage] for look in originals if stage in look.ms] for stage in stages}
    return HandReport(
        split=split,
        photos=len(originals),
        ordinary=len(ordinary),
        unreadable=tuple(look.name for look in looks if look.unreadable),
        whole=_figures("", marked, met),
        of_found=_share([one for one in met if one.hand], exact),
        fists=_share([one for one in met if one.truth.fingers == FIST], exact),
        false_names=_false_names(ordinary),
        false_by_name=dict(Counter(hand.name for look in ordinary for hand in look.extra if hand.readable)),
        ordinary_hands=sum(len(look.extra) for look in ordinary),
        extra=sum(says_a_number(hand) for look in marked for hand in look.extra),
        by_size=_by_size([look for look in looks if look.met and not look.variant.isdigit()]),
        by_people=_by_people(looks),
        confusion=dict(Counter((one.truth.title, _read(one.hand)) for one in met)),
        ms={stage: round(median(values), 1) for stage, values in times.items()},
        ms_p90={stage: round(float(np.quantile(values, 0.9)), 1) for stage, values in times.items()},
    )


def exact(one: Met) -> bool:
    """Whether all five fingers are as marked; where only their number is known, whether so many are raised."""
    if one.hand is None:
        return False
    if one.truth.fingers is not None:
        return one.hand.fingers == one.truth.fingers
    return one.hand.fingers.count("1") == one.truth.count


def named(one: Met) -> bool:
    """Whether the gate let it through under the right name, or one with the right number of fingers."""
    if one.hand is None or not one.hand.readable:
        return False
    if one.truth.pose is not None:
        return one.hand.name == one.truth.pose
    return COUNTS.get(one.hand.name) == one.truth.count


def says_a_number(hand: Hand) -> bool:
    """Whether the hand passed the gate under a name that can stand for a number."""
    return hand.readable and hand.name not in MEANINGLESS


def _wrong(one: Met) -> bool:
    return one.hand is not None and says_a_number(one.hand) and not named(one)


def _figures(title: str, looks: Sequence[Look], met: Sequence[Met]) -> HandFigures:
    times = [look.ms["hands"] for look in looks if "hands" in look.ms]
    return HandFigures(
        title,
        len(looks),
        len(met),
        _share(met, lambda one: one.hand is not None),
        _share(met, exact),
        _share(met, named),
        _share(met, _wrong),
        round(median(times), 1) if times else None,
    )


def _share(met: Sequence[Met], test: Callable[[Met], bool]) -> Share:
    return _by_source((one.source, test(one)) for one in met)


def _by_source(cases: Iterable[tuple[str, bool]]) -> Share:
    hits: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    for source, hit in cases:
        tried[source] += 1
        hits[source] += hit
    return share_by_cluster([hits[source] for source in tried], list(tried.values()))


def _false_names(ordinary: Sequence[Look]) -> Share:
    """By photo: a folder of ordinary photos is no person."""
    return _by_source((look.name, any(says_a_number(hand) for hand in look.extra)) for look in ordinary)


def _by_size(looks: Sequence[Look]) -> tuple[HandFigures, ...]:
    rows = []
    for low, high in pairwise(SIZES):
        inside = [
            (look, [one for one in look.met if one.truth.size and low <= one.truth.size < high]) for look in looks
        ]
        met = [one for _, found in inside for one in found]
        if met:
            title = f"≥ {low:.0f}" if high == float("inf") else f"{low:.0f}-{high:.0f}"
            rows.append(_figures(title, [look for look, found in inside if found], met))
    return tuple(rows)


def _by_people(looks: Sequence[Look]) -> tuple[HandFigures, ...]:
    """Photos by the faces found in them, then the sheets by the people put on them."""
    rows = []
    alone = [look for look in looks if look.variant == ORIGINAL and look.met]
    for title, wanted in (("0", (0,)), ("1", (1,)), ("≥ 2", range(2, 10**6))):
        here = [look for look in alone if look.people in wanted]
        if here:
            rows.append(_figures(title, here, [one for look in here for one in look.met]))
    for people in sorted({int(look.variant) for look in looks if look.variant.isdigit()}):
        here = [look for look in looks if look.variant == str(people)]
        rows.append(_figures(f"{people} (lembar / sheet)", here, [one for look in here for one in look.met]))
    return tuple(rows)


def _read(hand: Hand | None) -> str:
    return NOT_FOUND if hand is None else hand.name
