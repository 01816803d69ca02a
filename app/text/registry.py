"""A contest compiled into patterns: every form in which its pairs are named, and how far each form can be trusted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

from ahocorasick_rs import AhoCorasick

from app.election.contest import Candidate, Contest, Paslon
from app.text.fold import fold
from app.text.lexicon import Lexicon, lexicon
from app.text.normalise import normalise
from app.text.vocabulary import Vocabulary, build_vocabulary

Trust = Literal["sure", "common", "ordinary"]
"""sure: names somebody by itself; common: a frequent given name; ordinary: also a word of the language."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_BRACKETS = re.compile(r"\([^)]*\)")
EMPTY_COLUMN = ("kotak kosong", "kolom kosong")
"""How the empty column is named."""
REGION_KINDS = frozenset({"provinsi", "kabupaten", "kota", "daerah", "khusus", "istimewa"})
SHORTEST_ALONE = 4
"""A part of a name of fewer letters names nobody alone (nicknames do)."""


class NamePattern(NamedTuple):
    """What a form of a name means."""

    paslon: str
    code: str
    trust: Trust
    confidence: float
    candidate: str | None = None
    kinds: tuple[str, ...] = ()
    """Kinds of tokens it may stand in; empty: any."""
    capital: bool = False
    """Written in capitals alone: a party's acronym, a pair's acronym that is also a word."""


@dataclass(frozen=True, slots=True)
class Registry:
    """The compiled contest. Build once per version of a contest and keep: tens of milliseconds for a large one."""

    contest_id: str
    lexicon: Lexicon
    vocabulary: Vocabulary
    automaton: AhoCorasick
    patterns: tuple[tuple[NamePattern, ...], ...]
    """patterns[i] is what pattern i of the automaton can mean."""
    by_number: Mapping[int, str]
    number_of: Mapping[str, int]
    pairs: tuple[str, ...]
    column: str | None
    """The empty column, where it stands against a single pair."""
    region: frozenset[str]
    """Words of the region's name: "Banten 1" is the office, not a ballot number."""


def plain_name(name: str) -> tuple[str, ...]:
    """The words of a registered name, lower case, without titles before and degrees behind."""
    words = lexicon().names
    front = _BRACKETS.sub(" ", name).split(",")[0]
    raw = [part.strip("-–/") for part in front.split()]
    tokens = [(part, "".join(_WORD.findall(fold(part)[0].replace("'", "")))) for part in raw]
    tokens = [(part, word) for part, word in tokens if word]
    while len(tokens) > 1 and (tokens[0][1] in words.before or tokens[0][0].count(".") > 1):
        tokens = tokens[1:]
    while len(tokens) > 1 and (tokens[-1][1] in words.after or tokens[-1][0].rstrip(".").count(".") > 0):
        tokens = tokens[:-1]
    return tuple(word for _, word in tokens)


def compile_registry(contest: Contest) -> Registry:
    """All ways to name the pairs of a contest, as one automaton over canonical words."""
    words = lexicon()
    pairs = [pair for pair in contest.paslon if not pair.empty]
    vocabulary = _vocabulary(contest.paslon, words)
    found: dict[str, list[NamePattern]] = {}
    for pair in contest.paslon:
        for form, pattern in _forms(pair, words):
            canonical = " ".join(token.text for token in normalise(form, vocabulary).tokens)
            if canonical:
                known = found.setdefault(canonical, [])
                if all((other.paslon, other.code) != (pattern.paslon, pattern.code) for other in known):
                    known.append(pattern)
    unique = {form: tuple(meant) for form, meant in found.items() if len({pattern.paslon for pattern in meant}) == 1}
    numbered = {pair.number: pair.id for pair in contest.paslon if pair.number is not None}
    return Registry(
        contest_id=contest.id,
        lexicon=words,
        vocabulary=vocabulary,
        automaton=AhoCorasick([f" {form} " for form in unique]),
        patterns=tuple(unique.values()),
        by_number=numbered,
        number_of={paslon: number for number, paslon in numbered.items()},
        pairs=tuple(pair.id for pair in pairs),
        column=next((pair.id for pair in contest.paslon if pair.empty), None),
        region=(frozenset(_words(contest.region_name)) | words.names.regions) - REGION_KINDS,
    )


def _vocabulary(pairs: Iterable[Paslon], words: Lexicon) -> Vocabulary:
    names: set[str] = set()
    others: set[str] = set()
    for pair in pairs:
        for candidate in pair.candidates:
            names.update(plain_name(candidate.name))
            others.update(word for nickname in candidate.nicknames for word in _words(nickname))
        column = EMPTY_COLUMN if pair.empty else ()
        for phrase in (*pair.aliases, *pair.slogans, *pair.parties, *column):
            others.update(_words(phrase))
        for tag in (*pair.hashtags, *pair.accounts):
            others.update(_humps(tag))
    own = names | others
    slang = {short: long for short, long in words.slang.items() if short not in own}
    misspelt = {name for name in names if _trust(name, words) == "sure"}
    return build_vocabulary(
        words.words | own,
        slang,
        words.numbers.leads | words.numbers.glued | {"no", "nmr"},
        words.names.before | words.names.honorifics | {"no", "nmr", "tgl", "jl", "yth", "dll", "dkk", "tlp", "telp"},
        frozenset(words.finger_emoji) | words.cheering_emoji | words.jeering_emoji,
        misspelt,
    )


def _words(phrase: str) -> list[str]:
    return [word.replace("'", "") for word in _WORD.findall(fold(phrase)[0]) if len(word) > 1]


def _humps(tag: str) -> list[str]:
    """The words of a camel-case tag or account ("#BANIuntukMuaraEmbun")."""
    parts = re.findall(r"[A-Z]{2,}(?=[a-z]{3,})|[A-Z]?[a-z]+|[A-Z]+", tag)
    return [part.lower() for part in parts if len(part) > 2]


def _trust(word: str, words: Lexicon) -> Trust:
    if word in words.names.ordinary or word in words.words:
        return "ordinary"
    return "common" if word in words.names.common else "sure"


def _forms(pair: Paslon, words: Lexicon) -> Iterator[tuple[str, NamePattern]]:
    """Every written form of a pair with its meaning; the surest meaning of a form comes first."""
    for candidate in pair.candidates:
        yield from _candidate_forms(pair, candidate, words)
    if pair.empty:
        yield from ((name, NamePattern(pair.id, "ALIAS", "sure", 0.95)) for name in EMPTY_COLUMN)
    yield from _together(pair, words)
    for alias in pair.aliases:
        yield alias, _alias(pair, alias, words)
    for slogan in pair.slogans:
        length = len(_words(slogan))
        trust: Trust = "sure" if length > 1 else _trust(slogan.strip().lower(), words)
        yield slogan, NamePattern(pair.id, "SLOGAN", trust, 0.9 if length > 2 else 0.65)
    for tag in pair.hashtags:
        yield f"#{tag.lstrip('#')}", NamePattern(pair.id, "TAGAR", "sure", 0.95, kinds=("tag",))
    for party in pair.parties:
        short = len(party) <= 4
        yield party, NamePattern(pair.id, "PARTAI", "sure", 0.6, capital=short)
    for account in pair.accounts:
        yield f"@{account.lstrip('@')}", NamePattern(pair.id, "AKUN", "sure", 0.9, kinds=("mention",))


def _alias(pair: Paslon, alias: str, words: Lexicon) -> NamePattern:
    parts = _words(alias)
    if len(parts) == 1:
        trust: Trust = "ordinary" if _trust(parts[0], words) == "ordinary" else "sure"
        return NamePattern(pair.id, "ALIAS", trust, 0.9 if trust == "sure" else 0.75, capital=alias.isupper())
    respectful = len(parts) == 2 and parts[0] in words.names.honorifics
    code = "NAMA" if respectful else "ALIAS"
    return NamePattern(pair.id, code, "sure", 0.8 if respectful else 0.95)


def _candidate_forms(pair: Paslon, candidate: Candidate, words: Lexicon) -> Iterator[tuple[str, NamePattern]]:
    name = plain_name(candidate.name)
    if len(name) > 1:
        yield " ".join(name), NamePattern(pair.id, "NAMA", "sure", 1.0, candidate.id)
        joints = {(name[0], name[-1]), *pairwise(name)}
        for joint in sorted(joints):
            if not all(word in words.names.particles or len(word) == 1 for word in joint):
                plain: Trust = "ordinary" if all(_trust(word, words) == "ordinary" for word in joint) else "sure"
                yield " ".join(joint), NamePattern(pair.id, "NAMA", plain, 0.95, candidate.id)
    for nickname in candidate.nicknames:
        parts = _words(nickname)
        trust: Trust = "sure" if len(parts) > 1 else _trust(nickname.strip().lower(), words)
        yield nickname, NamePattern(pair.id, "NAMA", trust, 0.85, candidate.id)
    for word in _alone(candidate, words):
        yield word, NamePattern(pair.id, "NAMA", _trust(word, words), 0.8, candidate.id)


def _alone(candidate: Candidate, words: Lexicon) -> list[str]:
    """The words of the name that can stand for the person."""
    name = plain_name(candidate.name)
    usable = [word for word in name if len(word) >= SHORTEST_ALONE and word not in words.names.particles]
    return usable or [word for word in name if len(word) >= 3][:1]


def _together(pair: Paslon, words: Lexicon) -> Iterator[tuple[str, NamePattern]]:
    """The two of a pair in one breath: "Arman-Lilis", "Arman & Lilis", "Arman dan Lilis"."""
    if len(pair.candidates) != 2:
        return
    first, second = ([*_alone(c, words), *(n.lower() for n in c.nicknames)] for c in pair.candidates)
    for one in first:
        for other in second:
            ordinary = "ordinary" in (_trust(one, words), _trust(other, words))
            both = _trust(one, words) == _trust(other, words) == "ordinary"
            pattern = NamePattern(pair.id, "ALIAS", "ordinary" if both else "sure", 0.85 if ordinary else 0.95)
            yield f"{one} {other}", pattern
            yield f"{one} dan {other}", pattern
