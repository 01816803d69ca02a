"""From evidence to one assessment: pure, additive, and the same for every pair."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from app.election.calendar import numbers_drawn, stage_on, track
from app.election.contest import Contest, Paslon
from app.rules.articles import candidate_articles
from app.rules.catalogue import subject
from app.rules.circumstances import account_signals, bearing, lone_numbers, media_signals
from app.rules.faces import face_signals
from app.rules.facts import Facts
from app.rules.gestures import gesture_signals
from app.rules.joint import joint_signals
from app.rules.lanes import lane_of
from app.rules.restraint import restraint
from app.rules.ruleset import HINTS, RuleSet
from app.rules.signals import PAIR_PARAMS, Assessment, Evidence, Signal
from app.rules.texts import learned_signal, text_signals, wording
from app.text.signals import Direction

NO_FACTS = Facts()
DIRECTIONS: tuple[Direction, ...] = ("pro", "contra", "hinder")


def judge(evidence: Evidence, contest: Contest, on: date, rules: RuleSet, facts: Facts = NO_FACTS) -> Assessment:
    """Judge what was observed of a post as an act of the day `on`, with what people state of it.

    Each pair is scored by its own signals and by those that belong to no pair (context, rules, unnamed phrases); the
    pair with the highest score leads, and the assessment is about it. See Assessment for the sum."""
    stage, drawn = stage_on(contest, on), numbers_drawn(contest, on)
    accounts = list(account_signals(facts, contest, stage, rules))
    beside = {*evidence.parent, *(signal.paslon for signal in accounts if signal.paslon)}
    found = [
        *face_signals(evidence, contest, rules),
        *gesture_signals(evidence, contest, drawn, rules),
        *text_signals(evidence, contest, drawn, rules, beside, facts),
        *lone_numbers(evidence, contest, drawn, rules),
        *accounts,
        *media_signals(facts, rules),
        *learned_signal(evidence, contest, rules),
    ]
    joined = list(joint_signals(found, contest, stage, rules))
    signals = settle([*found, *joined, *bearing([*found, *joined], facts, contest, rules)], rules)
    lead = _leading(signals, contest)
    counting = [signal for signal in signals if signal.paslon in (None, lead)]
    if (held := restraint(counting, rules)) is not None:
        signals, counting = [*signals, held], [*counting, held]
    score = _sigmoid(math.fsum([rules.bias, *(signal.weight for signal in counting)]))
    band = rules.band(score)
    basis = subject(facts.subject_type)
    way = facts.track or basis.track or track(stage)
    lane = lane_of(counting, rules)
    own = any(signal.code == "CAMPAIGN_ACCOUNT" for signal in counting)
    codes = (signal.code for signal in counting if signal.weight > 0 or signal.code == "BEFORE_DRAW")
    return Assessment(
        band=band,
        score=score,
        paslon=lead,
        direction=_direction(counting),
        signals=tuple(sorted(signals, key=lambda signal: (signal.paslon not in (None, lead), -abs(signal.weight)))),
        stage=stage.code,
        track=way,
        articles=candidate_articles(codes, way, basis, lane, facts.public, contest.kind)
        if band != "none" and not own
        else (),
        rules_version=rules.version,
        bias=rules.bias,
        pairs=_spoken_of(signals, contest),
        lane=lane,
    )


def counts(signal: Signal, assessment: Assessment) -> bool:
    """Whether a listed signal is part of the score: it is about the assessment's pair, or about none."""
    return signal.paslon in (None, assessment.paslon)


def settle(signals: Sequence[Signal], rules: RuleSet) -> list[Signal]:
    """Give every signal its final weight, keeping the order: the same words count once, and within a family and pair
    each further signal counts a fixed part of the stronger one before it, so that repetition is bounded.

    A phrase that names no pair counts as a hint; where it is given to the only pair named, it keeps what it counts as
    a hint, and what it weighs beyond that joins the pair's own phrases: more names never make it count less."""
    settled = list(_once(signals))
    groups: dict[tuple[str, str | None], list[tuple[int, float]]] = {}
    for index, signal in enumerate(settled):
        hint, family = _hint(signal, rules), rules.families.get(signal.code, "context")
        groups.setdefault(("unnamed", None), []).append((index, hint))
        groups.setdefault((family, signal.paslon), []).append((index, signal.weight - hint))
    weights = [0.0] * len(settled)
    for (family, _), members in groups.items():
        for rank, (index, amount) in enumerate(sorted(members, key=lambda member: -abs(member[1]))):
            weights[index] += amount * rules.repeat[family] ** rank
    return [replace(signal, weight=weight) for signal, weight in zip(settled, weights, strict=True)]


def _hint(signal: Signal, rules: RuleSet) -> float:
    """The part of a signal's weight that it has without any pair. A known subject is such a hint too: beside others it
    adds little, so that a pose with hints stays below the high band."""
    if signal.code in HINTS:
        return signal.weight
    if signal.kind != "text" or "repeat" in signal.params:
        return 0.0
    if signal.paslon is None:
        return signal.weight
    assumed = signal.params.get("assumed") and signal.score is not None
    return min(signal.weight, rules.unnamed.get(signal.code, 0.0) * (signal.score or 0.0)) if assumed else 0.0


def _once(signals: Sequence[Signal]) -> Iterator[Signal]:
    """Words found again, in the caption or in another picture, stay listed with weight 0; the surest finding counts."""
    surest: dict[tuple[str, str | None, str], int] = {}
    for index, signal in enumerate(signals):
        if signal.field is not None:
            key = _words(signal)
            if key not in surest or abs(signal.weight) > abs(signals[surest[key]].weight):
                surest[key] = index
    kept = set(surest.values())
    for index, signal in enumerate(signals):
        if signal.field is None or index in kept:
            yield signal
        else:
            yield replace(signal, weight=0.0, params={**signal.params, "repeat": 1})


def _words(signal: Signal) -> tuple[str, str | None, str]:
    """What makes two findings the same: the meaning, the pair as the words themselves name it, and the wording."""
    return signal.code, None if "assumed" in signal.params else signal.paslon, wording(signal.quote)


def _spoken_of(signals: Sequence[Signal], contest: Contest) -> tuple[Paslon, ...]:
    """The pairs that the signals are about or mention."""
    named = {signal.paslon for signal in signals}
    named |= {str(signal.params[side]) for signal in signals for side in PAIR_PARAMS if side in signal.params}
    return tuple(pair for pair in contest.everybody if pair.id in named)


def _leading(signals: Sequence[Signal], contest: Contest) -> str | None:
    """The pair with the largest sum; of equals the one that is favoured, then the one that the post shows first."""
    weighing = [signal for signal in signals if signal.paslon is not None and signal.weight > 0]
    first = {paslon: rank for rank, paslon in enumerate(dict.fromkeys(signal.paslon for signal in weighing))}

    def standing(paslon: str) -> tuple[float, int, int]:
        own = [signal for signal in weighing if signal.paslon == paslon]
        direction = _direction(own)
        favour = DIRECTIONS.index(direction) if direction else len(DIRECTIONS)
        return -math.fsum(signal.weight for signal in own), favour, first[paslon]

    return min((pair.id for pair in contest.everybody if pair.id in first), key=standing, default=None)


def _direction(signals: Iterable[Signal]) -> Direction | None:
    """The direction with the largest weight behind it, None where nothing takes a side."""
    sums: dict[Direction, float] = {}
    for signal in signals:
        if signal.direction is not None and signal.weight > 0:
            sums[signal.direction] = sums.get(signal.direction, 0.0) + signal.weight
    return min(sums, key=lambda direction: (-sums[direction], DIRECTIONS.index(direction)), default=None)


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))
