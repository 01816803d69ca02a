"""Where a text names a pair: registry patterns, and the company that ambiguous names need."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from app.text.lexicon import NameWords
from app.text.normalise import Normalised
from app.text.registry import NamePattern, Registry

CALL_REACH = {"common": 3, "ordinary": 1}
"""How many words from a campaign phrase an ambiguous name may stand."""
FUZZY_FACTOR = 0.8
DEGREES = frozenset({"yang", "lebih", "paling", "sangat", "sudah", "tidak", "begitu", "makin"})


class NameHit(NamedTuple):
    """Tokens first..last-1 name a pair."""

    first: int
    last: int
    pattern: NamePattern
    confidence: float


class Anchor(NamedTuple):
    """A place (tokens first..last-1) that stands for one pair; `party`: only one of its parties does."""

    first: int
    last: int
    paslon: str
    party: bool = False


def nearest_anchor(
    text: Normalised, place: int, anchors: Sequence[Anchor], distance: Callable[[Anchor], float]
) -> Anchor | None:
    """The nearest to a token among the ordered anchors beside it in its sentence; the first of equals."""
    after = bisect_left(anchors, place, key=lambda anchor: anchor.first)
    beside = [a for a in anchors[max(0, after - 2) : after + 2] if text.same_sentence(a.first, place)]
    return min(beside, key=distance, default=None)


class Call(NamedTuple):
    """A campaign phrase (tokens first..last-1); `verb` takes an object behind it, `wish` is a prayer."""

    first: int
    last: int
    verb: bool
    wish: bool


class Company(NamedTuple):
    """What else the text holds: campaign phrases and ballot numbers."""

    calls: Sequence[Call]
    numbers: Sequence[Anchor]


def find_names(text: Normalised, registry: Registry) -> list[NameHit]:
    """Every place where a form of a pair's name stands, the longest first where they overlap."""
    hits = []
    for index, start, end in registry.automaton.find_matches_as_indexes(text.text, overlapping=True):
        first, last = text.opens.get(start), text.closes.get(end)
        if first is None or last is None:
            continue
        for pattern in registry.patterns[index]:
            if _allowed(text, first, last, pattern):
                fuzzy = any(token.fuzzy for token in text.tokens[first:last])
                hits.append(NameHit(first, last, pattern, pattern.confidence * (FUZZY_FACTOR if fuzzy else 1.0)))
    return _longest(hits)


def _allowed(text: Normalised, first: int, last: int, pattern: NamePattern) -> bool:
    tokens = text.tokens[first:last]
    kinds = {token.kind for token in tokens}
    if tokens[0].sentence != tokens[-1].sentence or (pattern.kinds and not kinds.issubset(pattern.kinds)):
        return False
    if len(kinds) > 1 and not kinds.isdisjoint(("tag", "mention")):
        return False
    start, end = text.span(first, last)
    if pattern.code == "AKUN":
        rest = text.source[end : end + 2]
        longer = rest[:1].isalnum() or rest[:1] == "_" or (rest[:1] == "." and rest[1:].isalnum())
        return text.source[start - 1 : start] == "@" and not longer
    if pattern.code == "PARTAI" and pattern.capital and tokens[0].kind == "word":
        return text.source[start:end].isupper() or (first > 0 and text.word(first - 1) == "partai")
    return True


_PREFERENCE = ("AKUN", "TAGAR", "NAMA", "ALIAS", "SLOGAN", "PARTAI")


def _longest(hits: Iterable[NameHit]) -> list[NameHit]:
    """Hits that lie within no longer one; a hashtag that contains an alias is one naming, not two."""
    chosen: list[NameHit] = []
    taken: set[int] = set()
    order = sorted(
        hits,
        key=lambda hit: (
            hit.first - hit.last,
            hit.pattern.trust != "sure",
            _PREFERENCE.index(hit.pattern.code),
            hit.first,
        ),
    )
    for hit in order:
        if taken.isdisjoint(range(hit.first, hit.last)):
            chosen.append(hit)
            taken.update(range(hit.first, hit.last))
    return sorted(chosen, key=lambda hit: hit.first)


def keep_accompanied(text: Normalised, hits: Sequence[NameHit], company: Company, words: NameWords) -> list[NameHit]:
    """The hits that can be trusted: sure ones, and ambiguous ones in company of what makes them a person."""
    kept = [hit for hit in hits if hit.pattern.trust == "sure"]
    doubtful = [hit for hit in hits if hit.pattern.trust != "sure"]
    for hit in doubtful:
        others = [*kept, *(other for other in doubtful if other.pattern.candidate != hit.pattern.candidate)]
        if _accompanied(text, hit, others, company, words):
            kept.append(hit)
    return sorted(kept, key=lambda hit: hit.first)


def _accompanied(text: Normalised, hit: NameHit, others: Iterable[NameHit], company: Company, words: NameWords) -> bool:
    """Whether an ambiguous name stands for its bearer; an ordinary word must moreover be written as a name."""
    ordinary = hit.pattern.trust == "ordinary"
    if ordinary and _is_adjective(text, hit, words):
        return False
    if _respected(text, hit, words) or _beside_partner(text, hit, others):
        return True
    if ordinary and not _written_as_name(text, hit):
        return hit.pattern.code == "ALIAS" and _called_directly(text, hit, company)
    return (
        _all_capital(text, hit)
        or text.tokens[hit.first].kind == "tag"
        or (text.word(hit.first - 1) in words.offices and text.same_sentence(hit.first - 1, hit.first))
        or any(a.paslon == hit.pattern.paslon and text.same_sentence(a.first, hit.first) for a in company.numbers)
        or _called(text, hit, company)
    )


def _respected(text: Normalised, hit: NameHit, words: NameWords) -> bool:
    """Whether a word of respect stands right before it, with nothing but a dot or space between."""
    if hit.first == 0 or text.word(hit.first - 1) not in words.honorifics:
        return False
    return not _between(text, hit.first).strip(" .@")


def _beside_partner(text: Normalised, hit: NameHit, others: Iterable[NameHit]) -> bool:
    return any(
        other.pattern.paslon == hit.pattern.paslon
        and text.same_sentence(other.first, hit.first)
        and (other.pattern.trust == "sure" or _touching(hit, other))
        for other in others
    )


def _all_capital(text: Normalised, hit: NameHit) -> bool:
    """Whether two words or more all begin with a capital."""
    tokens = text.tokens[hit.first : hit.last]
    return len(tokens) > 1 and all(text.source[token.start].isupper() for token in tokens)


def _written_as_name(text: Normalised, hit: NameHit) -> bool:
    start, end = text.span(hit.first, hit.last)
    written = text.source[start:end]
    return written.isupper() if hit.pattern.capital else written[:1].isupper()


def _called_directly(text: Normalised, hit: NameHit, company: Company) -> bool:
    """ "coblos bani", "bani menang": nothing but a space between, and no prayer ("amin semoga menang")."""
    return any(
        (call.verb and call.last == hit.first and not _between(text, hit.first))
        or (call.first == hit.last and not call.wish and not _between(text, hit.last))
        for call in company.calls
        if text.same_sentence(call.first, hit.first)
    )


def _between(text: Normalised, index: int) -> str:
    """What separates the token from the one before, but for spaces."""
    return text.source[text.tokens[index - 1].end : text.tokens[index].start].strip(" \u00a0")


def _called(text: Normalised, hit: NameHit, company: Company) -> bool:
    reach = CALL_REACH[hit.pattern.trust]
    return any(
        text.same_sentence(call.first, hit.first) and hit.first - call.last <= reach and call.first - hit.last <= reach
        for call in company.calls
    )


def _touching(one: NameHit, other: NameHit) -> bool:
    return abs(one.first - other.last) <= 1 or abs(other.first - one.last) <= 1


def _is_adjective(text: Normalised, hit: NameHit, words: NameWords) -> bool:
    """An ordinary word after "yang" or before "banget" describes."""
    before = text.word(hit.first - 1)
    if hit.first and before in DEGREES and not _between(text, hit.first):
        return True
    return hit.last < len(text.tokens) and text.word(hit.last) in words.intensifiers
