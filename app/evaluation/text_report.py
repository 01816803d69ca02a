"""How well the text rules do: shares with intervals over groups of like texts, whole and by signal, kind, direction."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
import numpy.typing as npt

from app.election.contest import Contest
from app.evaluation.text_registry import BEFORE_VOTING
from app.evaluation.text_sets import Sample
from app.rules.facts import Facts
from app.rules.judge import judge
from app.rules.ruleset import RuleSet
from app.rules.signals import Evidence
from app.stats.clusters import Share, Values, share_by_cluster, spread
from app.text.registry import Registry
from app.text.screen import screen_text
from app.text.signals import CONTEXT_CODES, Direction

DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
ALIKE = {"AJAKAN": ("AJAKAN_KUAT", "AJAKAN_LEMAH"), "NAMA": ("NAMA", "ALIAS"), "SLOGAN": ("SLOGAN", "TAGAR")}
"""Names that files give to several codes."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of one sample."""

    sample: Sample
    group: int
    flagged: bool
    direction: Direction | None
    paslon: str | None
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Quality:
    """Precision, recall and the share that is flagged, each with its interval; `n` samples."""

    n: int
    flagged: Share
    precision: Share
    recall: Share


@dataclass(frozen=True, slots=True)
class TextReport:
    """Everything measured on one file. Parts that the file has no labels for are empty shares or empty mappings."""

    n: int
    labelled: int
    groups: int
    whole: Quality
    f1: tuple[float | None, float, float]
    direction: Share
    paslon: Share
    by_signal: Mapping[str, Quality]
    by_kind: Mapping[str, Quality]
    by_direction: Mapping[str, Quality]
    ms_per_text: float


def judge_texts(
    samples: Sequence[Sample],
    groups: npt.NDArray[np.int64],
    registry: Registry,
    contest: Contest,
    rules: RuleSet,
    facts: Facts,
) -> tuple[list[Verdict], float]:
    """Each text as the caption of a post of a campaign day, and the CPU milliseconds that one text took."""
    verdicts, begin = [], time.process_time()
    for sample, group in zip(samples, groups.tolist(), strict=True):
        evidence = Evidence(caption=screen_text(sample.text, registry))
        found = judge(evidence, contest, contest.voting_day - BEFORE_VOTING, rules, facts)
        codes = frozenset(signal.code for signal in found.signals)
        direction = found.direction if found.flagged else None
        verdicts.append(Verdict(sample, group, found.flagged, direction, found.paslon, codes))
    return verdicts, (time.process_time() - begin) * 1000 / max(1, len(samples))


def report(verdicts: Sequence[Verdict], contest: Contest, ms_per_text: float) -> TextReport:
    """The figures. Intervals draw groups (accounts and near-duplicates), not texts."""
    labelled = [one for one in verdicts if one.sample.partisan is not None]
    partisan = [one for one in labelled if one.sample.partisan]
    pairs = {one.sample.pair: _pair_of(one.sample.pair, contest) for one in partisan}
    aimed = [one for one in partisan if one.flagged and one.sample.direction is not None]
    named = [one for one in partisan if one.flagged and pairs[one.sample.pair] is not None]
    return TextReport(
        n=len(verdicts),
        labelled=len(labelled),
        groups=len({one.group for one in verdicts}),
        whole=_quality(verdicts),
        f1=_f1(labelled),
        direction=_share(aimed, lambda one: one.direction == one.sample.direction),
        paslon=_share(named, lambda one: one.paslon == pairs[one.sample.pair]),
        by_signal=_by_signal(verdicts),
        by_kind={kind: _quality([v for v in verdicts if v.sample.kind == kind]) for kind in _kinds(verdicts)},
        by_direction=_by_direction(labelled),
        ms_per_text=ms_per_text,
    )


def _quality(verdicts: Sequence[Verdict]) -> Quality:
    labelled = [one for one in verdicts if one.sample.partisan is not None]
    return Quality(
        len(verdicts),
        _share(verdicts, lambda one: one.flagged),
        _share([one for one in labelled if one.flagged], lambda one: bool(one.sample.partisan)),
        _share([one for one in labelled if one.sample.partisan], lambda one: one.flagged),
    )


def _share(cases: Iterable[Verdict], hit: Callable[[Verdict], bool]) -> Share:
    """The share of hits, with an interval over groups."""
    hits: defaultdict[int, int] = defaultdict(int)
    total: defaultdict[int, int] = defaultdict(int)
    for one in cases:
        total[one.group] += 1
        hits[one.group] += hit(one)
    return share_by_cluster([hits[group] for group in total], list(total.values()))


def _f1(labelled: Sequence[Verdict]) -> tuple[float | None, float, float]:
    """F1 and its bootstrap interval over groups."""
    groups = sorted({one.group for one in labelled})
    place = {group: index for index, group in enumerate(groups)}
    counts = np.zeros((3, len(groups)))
    for one in labelled:
        where = place[one.group]
        counts[0, where] += one.flagged and bool(one.sample.partisan)
        counts[1, where] += one.flagged
        counts[2, where] += bool(one.sample.partisan)
    if not counts[2].sum():
        return None, 0.0, 1.0

    def measure(weights: Values) -> float:
        both, flagged, true = counts @ weights
        return float(2 * both / (flagged + true)) if flagged + true else float("nan")

    low, high = spread(measure, len(groups), resamples=500)
    value = measure(np.ones(len(groups)))
    return value, min(low, value), max(high, value)


def _by_direction(labelled: Sequence[Verdict]) -> dict[str, Quality]:
    """For each direction that the file knows: of the texts flagged with it those that have it, and the reverse."""
    known = {one.sample.direction for one in labelled} - {None}
    return {
        direction: Quality(
            sum(one.sample.direction == direction for one in labelled),
            _share(labelled, lambda one, d=direction: one.direction == d),  # type: ignore[misc]
            _share([one for one in labelled if one.direction == direction], _rightly),
            _share([one for one in labelled if one.sample.direction == direction], _rightly),
        )
        for direction in DIRECTIONS
        if direction in known
    }


def _rightly(one: Verdict) -> bool:
    return one.direction == one.sample.direction


def _by_signal(verdicts: Sequence[Verdict]) -> dict[str, Quality]:
    """Per code: where the file expects signals, found against expected; else partisan texts among those that have it
    and the share of the partisan texts in which it is found. `flagged` is the share of texts in which it is found."""
    expecting = [one for one in verdicts if one.sample.codes is not None]
    wanted = {code for one in expecting for code in one.sample.codes or ()}
    table: dict[str, Quality] = {}
    for name in sorted(wanted | ({code for one in verdicts for code in one.codes} if not wanted else set())):
        codes = set(ALIKE.get(name, (name,)))
        found = [one for one in verdicts if not codes.isdisjoint(one.codes)]
        if wanted:
            right = [one for one in expecting if name in (one.sample.codes or ())]
            precision = _share([one for one in found if one.sample.codes is not None], _expects(name))
            recall = _share(right, lambda one, codes=codes: not codes.isdisjoint(one.codes))  # type: ignore[misc]
        elif name in CONTEXT_CODES:
            continue
        else:
            labelled = [one for one in found if one.sample.partisan is not None]
            precision = _share(labelled, lambda one: bool(one.sample.partisan))
            true = [one for one in verdicts if one.sample.partisan]
            recall = _share(true, lambda one, codes=codes: not codes.isdisjoint(one.codes))  # type: ignore[misc]
        share = _share(verdicts, lambda one, codes=codes: not codes.isdisjoint(one.codes))  # type: ignore[misc]
        table[name] = Quality(len(found), share, precision, recall)
    return table


def _expects(name: str) -> Callable[[Verdict], bool]:
    return lambda one: name in (one.sample.codes or ())


def _kinds(verdicts: Sequence[Verdict]) -> list[str]:
    return sorted({one.sample.kind for one in verdicts} - {""})


def _pair_of(name: str, contest: Contest) -> str | None:
    """The pair that a ballot number, a person's name or a word of it stands for; None where it is not clear."""
    if name.isdecimal():
        return next((pair.id for pair in contest.paslon if pair.number == int(name)), None)
    wanted = set(name.casefold().split())
    found = {
        pair.id
        for pair in contest.paslon
        for person in pair.candidates
        if wanted and wanted <= set(person.name.casefold().split())
    }
    return found.pop() if len(found) == 1 else None
