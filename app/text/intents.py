"""What a text wants: campaign phrases with direction, negation, and the pair that each is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from app.text.lexicon import Lexicon, PhraseRule
from app.text.matcher import Anchor, Call, nearest_anchor
from app.text.normalise import Normalised
from app.text.signals import Direction

PERFORMED = frozenset({"AJAKAN_KUAT", "AJAKAN_LEMAH", "DUKUNGAN", "SERANGAN", "KEGIATAN"})
"""Codes whose phrases are company for an ambiguous name."""
VERBS = frozenset({"AJAKAN_KUAT", "SERANGAN"})
WISHES = frozenset({"semoga", "mudah", "insyaallah", "bismillah", "aamiin", "doa", "doakan"})
NEGATION_REACH = 3
BEFORE = 1.5
"""Words that a pair before the phrase counts as farther away than one behind it."""
UNATTACHED, ELSEWHERE, BY_PARTY = 0.5, 0.85, 0.65
"""Factors of confidence: no pair in the sentence; one pair in the other sentences; only a party stands for the pair."""
TOLD, ASKED, QUOTED, DENIED = 0.55, 0.6, 0.6, 0.8
"""Told about others; a question; inside quotation marks; a fault that is denied or forbidden."""


ANSWER = 12
"""A comment of at most so many words, emoji included, may leave out the pair that it answers."""
SAID = 0.75
"""The least confidence in a phrase of a short text: a comment of a few words says it itself."""


class PhraseHit(NamedTuple):
    """Tokens first..last-1 are a phrase of the word list."""

    first: int
    last: int
    rule: PhraseRule
    text: str
    otherwise: PhraseRule | None = None
    """What the phrase means when no pair is near ("sudah nyoblos": going to vote)."""


class Intent(NamedTuple):
    """A phrase in its sentence: what it does, to whom, how surely."""

    hit: PhraseHit
    code: str
    direction: Direction
    paslon: str | None
    confidence: float
    negated: bool
    first: int
    """The token where it begins: of the phrase, or of the word that denies it."""


def find_phrases(text: Normalised, words: Lexicon) -> list[PhraseHit]:
    """The phrases of the text; a longer one silences those it overlaps, idioms included."""
    hits = []
    for index, start, end in words.automaton.find_matches_as_indexes(text.text, overlapping=True):
        first, last = text.opens.get(start), text.closes.get(end)
        if first is not None and last is not None and text.same_sentence(first, last - 1):
            rule, otherwise = words.rules[index]
            hits.append(PhraseHit(first, last, rule, text.text[start + 1 : end - 1], otherwise))
    chosen: list[PhraseHit] = []
    taken: set[int] = set()
    for hit in sorted(hits, key=lambda hit: (hit.first - hit.last, hit.first)):
        if taken.isdisjoint(range(hit.first, hit.last)):
            chosen.append(hit)
            taken.update(range(hit.first, hit.last))
    return sorted(chosen, key=lambda hit: hit.first)


def performed(hits: Iterable[PhraseHit]) -> list[Call]:
    """The campaign phrases that are company for a name (praise and context are none)."""
    return [
        Call(hit.first, hit.last, hit.rule.code in VERBS, hit.text.split()[0] in WISHES)
        for hit in hits
        if hit.rule.code in PERFORMED
    ]


def settle_meanings(text: Normalised, hits: Iterable[PhraseHit], anchors: Sequence[Anchor]) -> list[PhraseHit]:
    """The hits, those with two meanings settled by whether a pair is near."""
    settled = []
    for hit in hits:
        anchor = _nearest(text, hit, anchors) if hit.otherwise else None
        alone = anchor is None or _gap(hit, anchor) > hit.rule.reach
        settled.append(hit._replace(rule=hit.otherwise) if hit.otherwise and alone else hit)
    return settled


def understand(
    text: Normalised, hits: Iterable[PhraseHit], anchors: Sequence[Anchor], words: Lexicon, answers: bool = False
) -> list[Intent]:
    """Each campaign phrase with direction, pair and confidence; phrases that lack what they need are left out."""
    phrases = list(hits)
    taken = {place for hit in phrases for place in range(hit.first, hit.last) if hit.text not in words.negations}
    taken |= {place for anchor in anchors for place in range(anchor.first, anchor.last)}
    found = (
        _understand_one(text, hit, anchors, taken, words, answers) for hit in phrases if hit.rule.direction is not None
    )
    return [intent for intent in found if intent is not None]


def _understand_one(
    text: Normalised, hit: PhraseHit, anchors: Sequence[Anchor], taken: set[int], words: Lexicon, answers: bool
) -> Intent | None:
    rule = hit.rule
    anchor = _nearest(text, hit, anchors)
    answering = answers and not anchors and len(text.tokens) <= ANSWER
    near = answering or (anchor is not None and _gap(hit, anchor) <= rule.reach)
    if (rule.needs == "target" and not near) or _is_score(text, hit):
        return None
    confidence = rule.confidence
    if text.short and confidence < SAID:
        confidence = SAID
    if anchor is None and (answering or rule.needs == "soft"):
        confidence *= (
            ELSEWHERE if answering or len({other.paslon for other in anchors if not other.party}) == 1 else UNATTACHED
        )
    if rule.bare and not text.short and not _calls(text, hit, words):
        confidence *= TOLD
    if text.tokens[hit.first].sentence in text.questions:
        confidence *= ASKED
    if anchor is not None and anchor.party:
        confidence *= BY_PARTY
    denial = _denial(text, hit, taken, words)
    negated = denial is not None
    code, direction = rule.code, rule.direction
    if denial is not None:
        forbidden = text.word(denial) in words.forbidding or text.word(hit.first - 1) in ("usah", "perlu")
        turned = _turn(rule, forbidden)
        if turned is None:
            return None
        code, direction = turned
        confidence *= DENIED if rule.code == "SERANGAN" else 1.0
    if anchor is not None and _excepted(text, hit, anchor, words):
        code, direction, negated = ("AJAKAN_KUAT", "pro", True) if negated else ("SERANGAN", "contra", True)
    first = hit.first if denial is None else denial
    return Intent(hit, code, direction or "pro", anchor.paslon if anchor else None, confidence, negated, first)


def _is_score(text: Normalised, hit: PhraseHit) -> bool:
    """ "menang 2-0": a match, not an election."""
    return hit.last < len(text.tokens) and text.tokens[hit.last].kind == "compound"


def _turn(rule: PhraseRule, forbidden: bool) -> tuple[str, Direction] | None:
    """What a denied phrase says; None: nothing. A forbidden call ("jangan pilih") is a call, the other way; to forbid
    somebody a fault ("jangan korupsi") is a reproach, to deny it ("tidak korupsi") is praise."""
    if forbidden and rule.code in ("AJAKAN_KUAT", "AJAKAN_LEMAH"):
        return rule.code, "contra"
    if rule.code in ("AJAKAN_KUAT", "AJAKAN_LEMAH", "DUKUNGAN", "PUJIAN"):
        return "SERANGAN", "contra"
    if rule.code == "SERANGAN":
        return ("SERANGAN", "contra") if forbidden else ("PUJIAN", "pro")
    return None


def _gap(hit: PhraseHit, anchor: Anchor) -> int:
    return anchor.first - hit.last if anchor.first >= hit.last else max(0, hit.first - anchor.last)


def _nearest(text: Normalised, hit: PhraseHit, anchors: Sequence[Anchor]) -> Anchor | None:
    """The nearest pair in the sentence; what follows is preferred, since verbs take their object behind them."""
    return nearest_anchor(
        text, hit.first, anchors, lambda anchor: _gap(hit, anchor) + BEFORE * (anchor.first < hit.first)
    )


def _calls(text: Normalised, hit: PhraseHit, words: Lexicon) -> bool:
    """Whether a bare verb calls on people: it opens the sentence, or follows a word of calling, a number or a tag."""
    place = hit.first - 1
    if not text.same_sentence(place, hit.first):
        return True
    token = text.tokens[place]
    between = text.source[token.end : text.tokens[hit.first].start]
    return token.kind != "word" or token.text in words.imperative_leads or any(mark in between for mark in ",:;-(")


def _denial(text: Normalised, hit: PhraseHit, taken: set[int], words: Lexicon) -> int | None:
    """The place of the word that denies the phrase, None where it is affirmed."""
    for place in range(hit.first - 1, hit.first - 2 - NEGATION_REACH, -1):
        if not text.same_sentence(place, hit.first):
            return None
        word = text.word(place)
        if word in words.negations:
            return None if place in taken else place
        if word not in words.between:
            return None
    return None


def _excepted(text: Normalised, hit: PhraseHit, anchor: Anchor, words: Lexicon) -> bool:
    """Whether "selain" stands between the phrase and the pair ("pilih selain 2")."""
    return any(text.word(place) in words.exceptions for place in range(hit.last, anchor.first))
