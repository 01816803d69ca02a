"""Numbers in context: a ballot number, a finger salute, or a price, a date, a score, a house."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from app.text.lexicon import NumberWords
from app.text.normalise import Normalised

Role = Literal["ballot", "finger", "other", "unsure", "nothing"]
Lead = Literal["election", "call", "choice", "thing", ""]
HIGHEST_BALLOT_NUMBER = 20
ELECTION_LEADS = frozenset(
    {"coblos", "nyoblos", "mencoblos", "paslon", "menangkan", "pasangan", "calon", "kandidat", "cagub", "cabup"}
)
_PRICE_BEFORE = ("Rp", "rp", "RP", "p.", "p ", "$ ")
_PRICE_AFTER = ("%", "°", "+")


class NumberHit(NamedTuple):
    """Tokens first..last-1 hold a number; "unsure" ones count only in the company of a name or a call."""

    first: int
    last: int
    value: int
    role: Role
    confidence: float
    led: bool = False
    """Whether a word for "number" stands before it."""


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is seen around one number."""

    value: int
    digits: bool
    padded: bool
    """Written with a leading zero, as ballot numbers are."""
    led: bool
    urut: bool
    lead: Lead
    finger: bool
    cued: bool
    unit: bool
    priced: bool
    followed: bool
    short: bool
    opens: bool
    alone: bool
    seat: bool
    """ "Banten 1": the first seat of the region."""
    known: bool
    """A pair of the contest drew it."""


_RULES: tuple[tuple[Role, float, Callable[[_Facts], bool]], ...] = (
    ("finger", 0.9, lambda f: f.finger and f.cued),
    ("finger", 0.6, lambda f: f.finger),
    ("other", 1.0, lambda f: f.priced),
    ("other", 1.0, lambda f: not 1 <= f.value <= HIGHEST_BALLOT_NUMBER and (f.digits or f.led)),
    ("nothing", 0.0, lambda f: not 1 <= f.value <= HIGHEST_BALLOT_NUMBER),
    ("other", 0.9, lambda f: f.unit and not f.led and f.lead != "election" and (f.digits or f.lead == "thing")),
    ("nothing", 0.0, lambda f: f.unit and not f.led and f.lead != "election"),
    ("other", 0.7, lambda f: f.seat),
    ("ballot", 0.95, lambda f: f.urut),
    ("other", 0.95, lambda f: f.lead == "thing"),
    ("ballot", 0.95, lambda f: f.lead == "election" or (f.lead == "call" and (f.led or f.padded))),
    ("ballot", 0.9, lambda f: f.lead == "choice" and (f.led or f.padded)),
    ("ballot", 0.8, lambda f: f.lead == "call" and f.digits),
    ("ballot", 0.75, lambda f: f.lead == "choice" and f.known),
    ("ballot", 0.85, lambda f: f.followed and (f.led or f.padded)),
    ("ballot", 0.7, lambda f: f.padded and f.known),
    ("ballot", 0.65, lambda f: f.followed and (f.opens or f.short) and f.known),
    ("ballot", 0.6, lambda f: f.short and f.known and (f.led or f.alone)),
    ("unsure", 0.6, lambda f: f.led or f.digits),
)
"""The first that holds decides."""


def find_numbers(
    text: Normalised, words: NumberWords, on_ballot: Collection[int], region: Collection[str] = ()
) -> list[NumberHit]:
    """Every number that means something here; `on_ballot` are the numbers that pairs of the contest drew, `region`
    the words of the region's name."""
    hits = []
    for index, token in enumerate(text.tokens):
        if token.kind == "compound":
            hits.append(NumberHit(index, index + 1, -1, "other", 1.0))
            continue
        value = _value(token.text, words, text.word(index - 1) in words.leads)
        if value is not None and (hit := _judge(text, index, value, words, on_ballot, region)).role != "nothing":
            hits.append(hit)
    return hits


def _value(word: str, words: NumberWords, led: bool) -> int | None:
    if word.isdecimal():
        return int(word) if len(word) <= 4 else -1
    if led and word in words.roman:
        return words.roman[word]
    return words.values.get(word)


def _judge(
    text: Normalised, index: int, value: int, words: NumberWords, on_ballot: Collection[int], region: Collection[str]
) -> NumberHit:
    first = index
    while text.word(first - 1) in words.leads and text.same_sentence(first - 1, index):
        first -= 1
    facts = _facts(text, first, index, value, words, on_ballot, region)
    role, confidence = next(((role, sure) for role, sure, holds in _RULES if holds(facts)), ("nothing", 0.0))
    if role == "finger":
        return NumberHit(index, index + 2, value, "finger", confidence)
    return NumberHit(first, index + 1, value, role, confidence, facts.led)


def _facts(
    text: Normalised,
    first: int,
    index: int,
    value: int,
    words: NumberWords,
    on_ballot: Collection[int],
    region: Collection[str],
) -> _Facts:
    word = text.word(index)
    digits = word.isdecimal()
    after = [text.word(place) for place in range(index + 1, index + 4) if text.same_sentence(index, place)]
    behind = after[0] if after else ""
    before = {text.word(place) for place in range(max(0, first - 2), first)}
    return _Facts(
        value=value,
        digits=digits,
        padded=digits and len(word) == 2 and word[0] == "0",
        led=first < index,
        urut=any(text.word(place).startswith("urut") for place in range(first, index)),
        lead=_lead(text, first, words),
        finger=behind in words.finger and 1 <= value <= 10,
        cued=not before.isdisjoint(words.finger_cues),
        unit=behind in words.units,
        priced=_is_price(text, index),
        followed=not _openings(after).isdisjoint(words.follow),
        short=text.short,
        opens=first == 0,
        alone=len(text.tokens) > 1 and all(t.kind == "emoji" for place, t in enumerate(text.tokens) if place != index),
        seat=value == 1 and first == index and text.word(index - 1) in region,
        known=value in on_ballot,
    )


def _openings(after: list[str]) -> set[str]:
    """The first one, two and three words, and the word behind "saja"."""
    return {" ".join(after[:size]) for size in (1, 2, 3)} | set(after[1:2] if after[:1] == ["saja"] else ())


def _lead(text: Normalised, first: int, words: NumberWords) -> Lead:
    """What the nearest telling word before the number (at most three back, over fillers) makes of it."""
    for distance, place in enumerate(range(first - 1, max(-1, first - 4), -1), start=1):
        if not text.same_sentence(place, first):
            return ""
        kind = _lead_of(text.word(place), words)
        if kind:
            return kind
        named_thing = distance == 1 and text.word(place - 1) in words.other and text.same_sentence(place - 1, place)
        if text.word(place) not in words.fillers and not named_thing:
            return ""
    return ""


def _lead_of(word: str, words: NumberWords) -> Lead:
    if word in words.other:
        return "thing"
    if word in ELECTION_LEADS:
        return "election"
    if word in words.ballot:
        return "call"
    return "choice" if word in words.weak_ballot else ""


def _is_price(text: Normalised, index: int) -> bool:
    token = text.tokens[index]
    before = text.source[max(0, token.start - 2) : token.start]
    return text.source[token.end : token.end + 1] in _PRICE_AFTER or before in _PRICE_BEFORE


def settle_unsure(
    text: Normalised, hits: Iterable[NumberHit], named: Collection[tuple[int, int, int]], calls: Iterable[int]
) -> list[NumberHit]:
    """Unsure numbers become ballot numbers beside their own pair (first, last, number) or a call in the sentence."""
    called = {text.tokens[place].sentence for place in calls}
    settled = []
    for hit in hits:
        if hit.role != "unsure":
            settled.append(hit)
        elif any(_beside(text, hit, *pair) for pair in named):
            settled.append(hit._replace(role="ballot", confidence=0.85))
        elif hit.led and text.tokens[hit.last - 1].sentence in called:
            settled.append(hit._replace(role="ballot"))
    return settled


def _beside(text: Normalised, hit: NumberHit, first: int, last: int, number: int) -> bool:
    if hit.value != number or not text.same_sentence(first, hit.first):
        return False
    return hit.led or 0 <= hit.first - last <= 1 or 0 <= first - hit.last <= 1
