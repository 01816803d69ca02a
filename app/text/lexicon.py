"""The word list `data/lexicon.toml`, read once and expanded into phrases of canonical words."""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal, NamedTuple

from ahocorasick_rs import AhoCorasick

from app.text.signals import Direction

Needs = Literal["", "soft", "target"]
DEFAULT_REACH = 8
_CHOICE = re.compile(r"\(([^()]*)\)")


class PhraseRule(NamedTuple):
    """What a phrase means; `code` is empty for idioms that mean nothing here, `direction` None for context."""

    code: str
    direction: Direction | None
    confidence: float
    needs: Needs
    bare: bool
    reach: int


@dataclass(frozen=True, slots=True)
class NumberWords:
    """How ballot numbers are written and what numbers mean otherwise."""

    values: Mapping[str, int]
    roman: Mapping[str, int]
    leads: frozenset[str]
    ballot: frozenset[str]
    weak_ballot: frozenset[str]
    fillers: frozenset[str]
    other: frozenset[str]
    units: frozenset[str]
    follow: frozenset[str]
    finger: frozenset[str]
    finger_cues: frozenset[str]
    glued: frozenset[str]


@dataclass(frozen=True, slots=True)
class NameWords:
    """Titles, and words that are also ordinary words or very common names."""

    before: frozenset[str]
    after: frozenset[str]
    particles: frozenset[str]
    common: frozenset[str]
    ordinary: frozenset[str]
    honorifics: frozenset[str]
    offices: frozenset[str]
    intensifiers: frozenset[str]
    regions: frozenset[str]


@dataclass(frozen=True, slots=True)
class SurveyWords:
    """Words that claim a survey, and the bodies whose surveys are news."""

    claims: tuple[str, ...]
    bodies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All of the word list; `rules[i]` is the meaning of pattern i of `automaton`, and its meaning without a pair."""

    version: str
    slang: Mapping[str, str]
    numbers: NumberWords
    names: NameWords
    finger_emoji: Mapping[str, int]
    cheering_emoji: frozenset[str]
    polite_emoji: frozenset[str]
    jeering_emoji: frozenset[str]
    negations: frozenset[str]
    forbidding: frozenset[str]
    between: frozenset[str]
    exceptions: frozenset[str]
    imperative_leads: frozenset[str]
    rules: tuple[tuple[PhraseRule, PhraseRule | None], ...]
    automaton: AhoCorasick
    surveys: SurveyWords
    words: frozenset[str]
    """Every word that occurs above but in `surveys`, for cutting run-together words and undoing leetspeak."""


def expand(pattern: str) -> Iterator[str]:
    """The phrases that "(a|b|) c" stands for."""
    parts = _CHOICE.split(pattern)
    options = [part.split("|") if index % 2 else [part] for index, part in enumerate(parts)]
    for choice in itertools.product(*options):
        yield " ".join("".join(choice).split())


@cache
def lexicon() -> Lexicon:
    """The word list of this version of the program."""
    raw = tomllib.loads(resources.files("app.text").joinpath("data/lexicon.toml").read_text(encoding="utf-8"))
    slang: dict[str, str] = raw["slang"]
    meanings: dict[str, list[PhraseRule]] = {}
    for group in raw["phrases"]:
        rule = PhraseRule(
            group["code"],
            group.get("direction"),
            group.get("confidence", 1.0),
            group.get("needs", ""),
            group.get("bare", False),
            group.get("reach", DEFAULT_REACH),
        )
        for pattern in group["phrases"]:
            for phrase in expand(pattern):
                canonical = " ".join(slang.get(word, word) for word in phrase.split())
                meanings.setdefault(canonical, []).append(rule)
    phrases = {phrase: _meaning(rules) for phrase, rules in meanings.items()}
    numbers = _numbers(raw["numbers"], slang)
    names = NameWords(**{key: frozenset(words) for key, words in raw["names"].items()})
    emoji = raw["emoji"]
    negation = {key: frozenset(slang.get(word, word) for word in words) for key, words in raw["negation"].items()}
    words = set(slang.values()) | {word for phrase in phrases for word in phrase.split()}
    words |= (
        numbers.values.keys()
        | {roman for roman in numbers.roman if len(roman) > 1}
        | numbers.leads
        | names.ordinary
        | negation["words"]
        | negation["except"]
        | set(raw["whole"]["words"])
    )
    for phrase in (*numbers.ballot, *numbers.weak_ballot, *numbers.other, *numbers.follow, *numbers.finger):
        words.update(phrase.split())
    return Lexicon(
        version=raw["version"],
        slang=slang,
        numbers=numbers,
        names=names,
        finger_emoji=emoji["jari"],
        cheering_emoji=frozenset(emoji["dukungan"]),
        polite_emoji=frozenset(emoji["lemah"]),
        jeering_emoji=frozenset(emoji["serangan"]),
        negations=negation["words"],
        forbidding=negation["forbidding"],
        between=negation["between"],
        exceptions=negation["except"],
        imperative_leads=frozenset(raw["imperative"]["leads"]),
        rules=tuple(phrases.values()),
        automaton=AhoCorasick([f" {phrase} " for phrase in phrases]),
        surveys=SurveyWords(tuple(raw["surveys"]["claims"]), tuple(raw["surveys"]["bodies"])),
        words=frozenset(word for word in words if word.isalpha()),
    )


def _meaning(rules: list[PhraseRule]) -> tuple[PhraseRule, PhraseRule | None]:
    """Of several entries the first counts; one of context behind an intent is the meaning when no pair is near."""
    context = [rule for rule in rules[1:] if rules[0].direction is not None and rule.direction is None]
    return rules[0], context[0] if context else None


def _numbers(raw: dict[str, Any], slang: Mapping[str, str]) -> NumberWords:
    sets = {
        key: frozenset(" ".join(slang.get(word, word) for word in phrase.split()) for phrase in raw[key])
        for key in raw
        if key not in ("words", "roman")
    }
    return NumberWords(values=raw["words"], roman=raw["roman"], **sets)
