"""The text screen: every signal of a text about the pairs of a contest, with exact spans of the original."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby

from app.text.intents import QUOTED, Intent, PhraseHit, find_phrases, performed, settle_meanings, understand
from app.text.lexicon import Lexicon
from app.text.matcher import Anchor, Company, NameHit, find_names, keep_accompanied, nearest_anchor
from app.text.normalise import Normalised, normalise
from app.text.numbers import NumberHit, find_numbers, settle_unsure
from app.text.registry import Registry
from app.text.signals import TextSignal
from app.text.surveys import find_claim

_TAG_REST = re.compile(r"\w*")
_QUOTE = re.compile(r"[\"“«]([^\"“”«»\n]{3,300})[\"”»]|(?<!\w)[‘']([^‘’'\n]{3,300})[’'](?!\w)")
_BYLINE = re.compile(
    r"^\W*[A-Z][A-Z .,/]{2,40},?\s*(?:\(?[\w.]+\.(?:com|id|co\.id|net|tv)\)?|\([A-Z]{3,}[\w ]*\))\s*[-–—]+\s"
    r"|\b(?i:senin|selasa|rabu|kamis|jum'?at|sabtu|minggu|ahad)\s*\(\d{1,2}[/-]\d{1,2}(?:[/-]\d{2,4})?\)"
)
_SPEAKER = re.compile(r"[A-Z][^:\n]{1,60}:(?=\s+['\"“]?[A-Z])")
HEADING = 6
"""A heading names who speaks ("Sekjen PDIP: …") with at most so many words."""
_HEADLINE_WORDS = 4
_SMALL_WORDS = frozenset(
    (
        "yang",
        "dengan",
        "untuk",
        "pada",
        "dari",
        "dalam",
        "oleh",
        "agar",
        "saat",
        "akan",
        "karena",
        "sebagai",
        "atas",
        "jadi",
    )
)
"""Words that headlines write small (compared in canonical form)."""
POLITE, CHEERING, BESIDE = 0.3, 0.6, 0.8
"""Confidence in cheering emoji: folded hands and the like; others; others right beside a pair."""
COLUMN_PHRASES = ("kotak kosong", "kotak kosong menang")
OFFICE_WORDS = frozenset({"untuk", "for", "menuju", "pimpin", "memimpin"})
FIRST_SEAT = frozenset({"1", "satu", "01"})
CHANT = 6
"""A text of at most so many words can be a mere shout."""
CONTEXT_CODES_FROM_PHRASES = frozenset({"NETRALITAS", "BERITA", "RESMI", "HAK_PILIH"})


def screen_text(text: str, registry: Registry, answers: bool = False) -> tuple[TextSignal, ...]:
    """Signals of any string, ordered by place; pure and total: no string makes it raise. `answers`: it is a comment on
    what speaks of one pair, so that a short one needs not name it ("gas!")."""
    normal = normalise(text, registry.vocabulary)
    if not normal.tokens:
        return ()
    words = registry.lexicon
    phrases = find_phrases(normal, words)
    calls = performed(phrases)
    numbers = find_numbers(normal, words.numbers, registry.by_number, registry.region)
    ballots = _anchors(normal, (), numbers, registry)
    names = keep_accompanied(normal, find_names(normal, registry), Company(calls, ballots), words.names)
    numbered = [
        (hit.first, hit.last, registry.number_of[hit.pattern.paslon])
        for hit in names
        if hit.pattern.paslon in registry.number_of
    ]
    numbers = settle_unsure(normal, numbers, numbered, [call.first for call in calls])
    anchors = _anchors(normal, names, numbers, registry)
    phrases = settle_meanings(normal, _outside_names(phrases, names, numbers), anchors)
    intents = [_for_column(intent, registry) for intent in understand(normal, phrases, anchors, words, answers)]
    quoted = [match.span() for match in _QUOTE.finditer(text)]
    signals = [
        *(_name_signal(normal, hit) for hit in names),
        *_number_signals(normal, numbers, registry),
        *_emoji_signals(normal, anchors, registry),
        *(_intent_signal(normal, intent, quoted) for intent in intents),
        *_context_signals(normal, phrases),
        *_writing_signals(normal, names),
        *_balance(normal, anchors, registry),
        *_chant(normal, anchors, names, words),
        *_offices(normal, anchors, registry),
    ]
    claim = find_claim(normal, anchors, words)
    if claim is not None:
        signals.append(claim)
    return tuple(sorted(signals, key=lambda signal: (signal.start, signal.end, signal.code)))


def pairs_named(signals: Iterable[TextSignal]) -> frozenset[str]:
    """The pairs that a text speaks of."""
    return frozenset(signal.paslon for signal in signals if signal.paslon is not None)


def _outside_names(
    phrases: Iterable[PhraseHit], names: Iterable[NameHit], numbers: Iterable[NumberHit]
) -> list[PhraseHit]:
    """Phrases without those that are part of a person's name ("Pak Bagus") or are a ballot number ("nomor satu"), which
    would praise one pair only; slogans and tags may call."""
    inside = {place for hit in names if hit.pattern.code in ("NAMA", "ALIAS") for place in range(hit.first, hit.last)}
    inside |= {place for hit in numbers if hit.role == "ballot" for place in range(hit.first, hit.last)}
    return [hit for hit in phrases if not inside.issuperset(range(hit.first, hit.last))]


def _signal(text: Normalised, first: int, last: int, code: str, confidence: float, **more: object) -> TextSignal:
    start, end = text.span(first, last)
    return TextSignal(code, start, end, text.source[start:end], confidence=round(confidence, 3), **more)  # type: ignore[arg-type]


def _anchors(
    text: Normalised, names: Iterable[NameHit], numbers: Iterable[NumberHit], registry: Registry
) -> list[Anchor]:
    """Places that stand for a pair: its names, its number, its number in fingers."""
    found = [Anchor(hit.first, hit.last, hit.pattern.paslon, hit.pattern.code == "PARTAI") for hit in names]
    found += [
        Anchor(hit.first, hit.last, registry.by_number[hit.value])
        for hit in numbers
        if hit.role in ("ballot", "finger") and hit.value in registry.by_number
    ]
    for place, token in enumerate(text.tokens):
        number = registry.lexicon.finger_emoji.get(token.text) if token.kind == "emoji" else None
        if number is not None and number in registry.by_number:
            found.append(Anchor(place, place + 1, registry.by_number[number]))
    return sorted(found)


def _name_signal(text: Normalised, hit: NameHit) -> TextSignal:
    pattern = hit.pattern
    start, end = text.span(hit.first, hit.last)
    code = pattern.code
    if text.tokens[hit.first].kind == "tag":
        code = "TAGAR"
        rest = _TAG_REST.match(text.source, end)
        end = rest.end() if rest else end
        start = max(text.source.rfind("#", 0, start), text.source.rfind("＃", 0, start), 0)
    elif text.tokens[hit.first].kind == "mention" and code == "AKUN":
        start -= 1
    params = {"calon": pattern.candidate} if pattern.candidate else {}
    return TextSignal(code, start, end, text.source[start:end], pattern.paslon, None, round(hit.confidence, 3), params)


def _number_signals(text: Normalised, numbers: Iterable[NumberHit], registry: Registry) -> Iterator[TextSignal]:
    for hit in numbers:
        paslon = registry.by_number.get(hit.value)
        params = {"number": hit.value}
        if hit.role == "ballot":
            yield _signal(text, hit.first, hit.last, "NOMOR", hit.confidence, paslon=paslon, params=params)
        elif hit.role == "finger":
            yield _signal(
                text, hit.first, hit.last, "SALAM_JARI", hit.confidence, paslon=paslon, direction="pro", params=params
            )
        elif hit.role == "other":
            yield _signal(text, hit.first, hit.last, "ANGKA_LAIN", hit.confidence)


def _emoji_signals(text: Normalised, anchors: Sequence[Anchor], registry: Registry) -> Iterator[TextSignal]:
    """Finger emoji, cheering and jeering ones; one repeated in a row is one signal."""
    words = registry.lexicon
    for (kind, emoji), run in groupby(enumerate(text.tokens), key=lambda item: (item[1].kind, item[1].text)):
        if kind != "emoji":
            continue
        places = [place for place, _ in run]
        first, last = places[0], places[-1] + 1
        number = words.finger_emoji.get(emoji)
        if number is not None:
            pair, params = registry.by_number.get(number), {"number": number}
            yield _signal(text, first, last, "EMOJI_JARI", 0.6, paslon=pair, direction="pro", params=params)
            continue
        near = nearest_anchor(text, first, anchors, partial(_apart, first))
        pair = near.paslon if near else None
        if emoji in words.jeering_emoji:
            yield _signal(text, first, last, "SERANGAN", 0.5, paslon=pair, direction="contra")
            continue
        beside = near is not None and (near.first == last or near.last == first)
        confidence = POLITE if emoji in words.polite_emoji else BESIDE if beside else CHEERING
        yield _signal(text, first, last, "EMOJI_DUKUNGAN", confidence, paslon=pair, direction="pro")


def _apart(place: int, anchor: Anchor) -> float:
    return abs(anchor.first - place)


def _for_column(intent: Intent, registry: Registry) -> Intent:
    """A phrase against the only pair ("coblos kotak kosong") is a call for the empty column where it is registered."""
    turned = intent.code in ("SERANGAN", "PUJIAN") and intent.hit.text.endswith(COLUMN_PHRASES)
    if not turned or registry.column is None or intent.paslon != registry.column:
        return intent
    return intent._replace(code="AJAKAN_KUAT", direction="contra" if intent.negated else "pro")


def _intent_signal(text: Normalised, intent: Intent, quoted: Sequence[tuple[int, int]]) -> TextSignal:
    start, end = text.span(intent.first, intent.hit.last)
    inside = any(first <= start and end <= last for first, last in quoted)
    params: dict[str, str | int | float] = {"phrase": intent.hit.text}
    if intent.negated:
        params["negated"] = 1
    if inside:
        params["quoted"] = 1
    return TextSignal(
        intent.code,
        start,
        end,
        text.source[start:end],
        intent.paslon,
        intent.direction,
        round(intent.confidence * (QUOTED if inside else 1.0), 3),
        params,
    )


def _context_signals(text: Normalised, phrases: Iterable[PhraseHit]) -> Iterator[TextSignal]:
    for hit in phrases:
        if hit.rule.code in CONTEXT_CODES_FROM_PHRASES:
            params = {"phrase": hit.text}
            yield _signal(text, hit.first, hit.last, hit.rule.code, hit.rule.confidence, params=params)


def _writing_signals(text: Normalised, names: Sequence[NameHit]) -> Iterator[TextSignal]:
    """News by its looks: a byline, a dateline, a headline in title case without a call, an emoji or a tag."""
    for match in _BYLINE.finditer(text.source):
        yield TextSignal("BERITA", match.start(), match.end(), match.group(), confidence=0.9)
    if speaker := _SPEAKER.match(text.source):
        named = any(hit.last <= HEADING and text.span(0, hit.last)[1] == speaker.end() - 1 for hit in names)
        if named:
            yield TextSignal("BERITA", 0, speaker.end(), speaker.group(), confidence=0.5, params={"style": "speaker"})
    if any(token.kind in ("tag", "emoji", "mention") for token in text.tokens) or "!" in text.source:
        return
    longer = [
        token
        for token in text.tokens
        if token.kind == "word" and token.end - token.start > 3 and token.text not in _SMALL_WORDS
    ]
    capital = sum(text.source[token.start].isupper() for token in longer)
    upper = sum(text.source[token.start : token.end].isupper() for token in longer)
    if len(longer) >= _HEADLINE_WORDS and capital >= 0.85 * len(longer) and upper <= 0.5 * len(longer):
        yield _signal(text, 0, len(text.tokens), "BERITA", 0.6, params={"style": "headline"})


def _chant(
    text: Normalised, anchors: Sequence[Anchor], names: Iterable[NameHit], words: Lexicon
) -> Iterator[TextSignal]:
    """A short text that is nothing but a pair's alias, tag, slogan or number, or its name with cheers: said to show
    one's side."""
    spoken = {place for anchor in anchors for place in range(anchor.first, anchor.last)}
    formal = any(hit.pattern.code in ("NAMA", "AKUN") for hit in names)
    rest = [token for place, token in enumerate(text.tokens) if place not in spoken]
    cheers = [token for token in rest if token.text in words.cheering_emoji - words.polite_emoji]
    one_pair = len({anchor.paslon for anchor in anchors}) == 1 and not anchors[0].party
    alone = all(token.kind == "emoji" for token in rest) and len(text.tokens) - len(cheers) <= CHANT
    if one_pair and ((alone and not formal) or (cheers and (alone or text.short))):
        pair, params = anchors[0].paslon, {"style": "only_name"}
        confidence = 0.85 if cheers else 0.5
        yield _signal(text, 0, len(text.tokens), "IMPLISIT", confidence, paslon=pair, direction="pro", params=params)


def _offices(text: Normalised, anchors: Sequence[Anchor], registry: Registry) -> Iterator[TextSignal]:
    """ "Arman untuk Muara Embun", "Arman Muara Embun 1": the pair wished into the region's office."""
    for is_region, run in groupby(range(len(text.tokens)), key=lambda place: text.word(place) in registry.region):
        if not is_region:
            continue
        places = list(run)
        first, last = places[0], places[-1] + 1
        meant = text.word(first - 1) in OFFICE_WORDS
        first -= meant
        if text.word(last) in FIRST_SEAT and text.same_sentence(first, last):
            last, meant = last + 1, True
        near = nearest_anchor(text, first, anchors, partial(_apart, first))
        if meant and near is not None and 0 <= first - near.last <= 1:
            yield _signal(text, first, last, "AJAKAN_LEMAH", 0.7, paslon=near.paslon, direction="pro")


def _balance(text: Normalised, anchors: Sequence[Anchor], registry: Registry) -> Iterator[TextSignal]:
    """All pairs of the contest named in one text: a list, a debate, a survey."""
    named = {anchor.paslon for anchor in anchors}
    if len(registry.pairs) >= 2 and named.issuperset(registry.pairs):
        first, last = min(anchor.first for anchor in anchors), max(anchor.last for anchor in anchors)
        yield _signal(text, first, last, "BERIMBANG", 0.8)
