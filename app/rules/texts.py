"""Signals of the caption and of the words in pictures, each given to its pair and each wording counted once."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from app.election.contest import Contest
from app.rules.facts import Facts
from app.rules.ruleset import RuleSet
from app.rules.signals import Evidence, Param, Signal
from app.text.signals import CONTEXT_CODES, TextSignal
from app.vision.observations import Box

EVEN = 0.5
"""The chance at which a trained score says nothing."""
NUMBER_CODES = ("NOMOR", "SALAM_JARI", "EMOJI_JARI")
Field = Literal["caption", "picture"]
NO_FACTS = Facts()


@dataclass(frozen=True, slots=True)
class Found:
    """A text signal and where it stands."""

    signal: TextSignal
    field: Field
    picture: int | None = None
    line: int | None = None
    box: Box | None = None


def text_signals(
    evidence: Evidence,
    contest: Contest,
    drawn: bool,
    rules: RuleSet,
    beside: Collection[str] = (),
    facts: Facts = NO_FACTS,
) -> Iterator[Signal]:
    """One signal per finding that concerns this contest. A phrase without a pair belongs to the only pair named in
    the same field, else to the only one named in the whole post or `beside` it (by the account or the text that it
    answers); otherwise it stays without one. What others wrote below a post is listed and weighs nothing, unless the
    post in question is a comment itself (`facts`)."""
    fields = [_of_contest(field, contest) for field in _fields(evidence)]
    everywhere = _named([found for field in fields for found in field if not others(found, facts)], rules)
    everywhere |= {paslon for paslon in beside if contest.by_id(paslon)}
    for field in fields:
        only = _only(_named([found for found in field if not others(found, facts)], rules) or everywhere)
        for found in field:
            signal = _signal(found, only, drawn, rules)
            yield replace(signal, weight=0.0, params={**signal.params, "other": 1}) if others(found, facts) else signal


def others(found: Found, facts: Facts) -> bool:
    """Whether somebody else wrote it: a comment in the picture, where the post that is judged is no comment and the
    comment is not by its account."""
    params = found.signal.params
    author = str(params.get("author", "")).removeprefix("@").casefold()
    own = bool(author) and author == facts.handle.strip().removeprefix("@").casefold()
    return params.get("origin") == "comment" and not facts.parent and not own


def learned_signal(evidence: Evidence, contest: Contest, rules: RuleSet) -> Iterator[Signal]:
    """What a trained score adds where the caption names a pair: nothing below one half, its whole weight near one."""
    learned = evidence.learned
    if learned is None or learned.chance <= EVEN:
        return
    if any(signal.paslon is not None and contest.by_id(signal.paslon) for signal in evidence.caption):
        weight = rules.weights["TEXT_MODEL"] * (learned.chance - EVEN) / (1 - EVEN)
        params: dict[str, Param] = {"model": learned.model}
        yield Signal("TEXT_MODEL", "text", weight, score=learned.chance, threshold=EVEN, params=params)


def wording(quote: str | None) -> str:
    """A quote as it is compared: without case, spacing and punctuation."""
    return " ".join(re.findall(r"\w+", (quote or "").casefold())) or (quote or "").strip()


def _fields(evidence: Evidence) -> Iterator[list[Found]]:
    yield [Found(signal, "caption") for signal in evidence.caption]
    for index, content in enumerate(evidence.pictures):
        lines = content.seen.lines
        yield [
            Found(signal, "picture", index, line, lines[line].box if line < len(lines) else None)
            for line, signal in content.text
        ]


def _of_contest(field: Sequence[Found], contest: Contest) -> list[Found]:
    return [found for found in field if found.signal.paslon is None or contest.by_id(found.signal.paslon)]


def _named(field: Sequence[Found], rules: RuleSet) -> set[str]:
    """The pairs that a text names."""
    return {
        found.signal.paslon
        for found in field
        if found.signal.paslon is not None and rules.families.get(found.signal.code) in ("name", "intent")
    }


def _only(named: set[str]) -> str | None:
    return next(iter(named)) if len(named) == 1 else None


def _signal(found: Found, only: str | None, drawn: bool, rules: RuleSet) -> Signal:
    signal, params = found.signal, dict[str, Param](found.signal.params)
    paslon = signal.paslon
    if paslon is None and only is not None and rules.families.get(signal.code) == "intent":
        paslon, params["assumed"] = only, 1
    context = signal.code in CONTEXT_CODES
    weight = (rules.weights if paslon or context else rules.unnamed).get(signal.code, 0.0) * signal.confidence
    if signal.code in NUMBER_CODES and not drawn:
        weight, params["before_draw"] = 0.0, 1
    if found.line is not None:
        params["line"] = found.line + 1
    return Signal(
        signal.code,
        "context" if context else "text",
        weight,
        paslon=None if context else paslon,
        direction=signal.direction,
        score=signal.confidence,
        picture=found.picture,
        box=found.box,
        field=found.field,
        line=found.line,
        span=(signal.start, signal.end),
        quote=signal.quote,
        params=params,
    )
