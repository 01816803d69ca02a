"""What signals say together: conjunctions raise, contradictions are shown, all pairs side by side explain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.election.calendar import Stage
from app.election.contest import Contest
from app.rules.ruleset import RuleSet
from app.rules.signals import Param, Signal

PLAIN_NAMES = ("NAMA", "ALIAS", "PARTAI", "AKUN")
CAMPAIGN_NAMES = ("TAGAR", "SLOGAN")
SURE_FACES = ("FACE_MATCH", "FACE_POSSIBLE")


def joint_signals(found: Sequence[Signal], contest: Contest, stage: Stage, rules: RuleSet) -> Iterator[Signal]:
    """The signals that follow from those found; each conjunction at most once per pair."""
    faces = [signal for signal in found if signal.code in SURE_FACES]
    hands = [signal for signal in found if signal.code == "GESTURE"]
    words = [signal for signal in found if signal.kind == "text" and signal.weight > 0 and signal.paslon is not None]
    joined = [*_conjunctions(faces, hands, words, rules)]
    yield from joined
    beside = {pair.id for pair in contest.beside}  # fingers are read for this contest's numbers only
    yield from _contradictions([face for face in faces if face.paslon not in beside], hands, words, rules)
    yield from _all_pairs(faces, hands, contest, rules)
    if stage.code == "masa_tenang" and any(map(_campaigns, [*joined, *words])):
        yield Signal("MASA_TENANG", "rule", rules.weights["MASA_TENANG"])


def _conjunctions(
    faces: Sequence[Signal], hands: Sequence[Signal], words: Sequence[Signal], rules: RuleSet
) -> Iterator[Signal]:
    named = {word.paslon for word in words if word.code != "NUMBER_WORN"}
    telling = [word for word in words if word.direction != "contra" and word.paslon in named]
    speaking = _naming_first(telling, rules)
    possible = [
        *(_face_and_gesture(face, hand, rules) for face in faces for hand in hands if _same_place(face, hand)),
        *(
            _face_and_text(face, word, rules)
            for face in faces
            for word in speaking
            if word.paslon == face.paslon and word.code not in PLAIN_NAMES
        ),
        *(
            _text_and_gesture(word, hand, rules)
            for hand in hands
            for word in speaking
            if word.paslon == hand.paslon and word.code != "PARTAI"
        ),
    ]
    for key in dict.fromkeys((signal.code, signal.paslon) for signal in possible):
        yield max((signal for signal in possible if (signal.code, signal.paslon) == key), key=lambda s: s.weight)


def _naming_first(words: Sequence[Signal], rules: RuleSet) -> list[Signal]:
    """The words in the order in which they are quoted: what names the pair most clearly, before what cheers for it."""
    names = rules.families
    return sorted(words, key=lambda word: (names.get(word.code) != "name", "assumed" in word.params, -word.weight))


def _same_place(face: Signal, hand: Signal) -> bool:
    return face.paslon == hand.paslon and face.picture == hand.picture


def _face_weight(code: str, face: Signal, rules: RuleSet) -> float:
    return rules.weights[code] if face.code == "FACE_MATCH" else rules.possible[code]


def _strength(hand: Signal, rules: RuleSet) -> float:
    return hand.weight / rules.weights["GESTURE"] if rules.weights["GESTURE"] else 0.0


def _face_and_gesture(face: Signal, hand: Signal, rules: RuleSet) -> Signal:
    weight = _face_weight("FACE_AND_GESTURE", face, rules) * _strength(hand, rules)
    params = {name: hand.params[name] for name in ("gesture", "hand")}
    params |= {name: face.params[name] for name in ("candidate", "face")}
    return _joint("FACE_AND_GESTURE", weight, hand, params)


def _face_and_text(face: Signal, word: Signal, rules: RuleSet) -> Signal:
    params = {name: face.params[name] for name in ("candidate", "face")}
    return _joint("FACE_AND_TEXT", _face_weight("FACE_AND_TEXT", face, rules), face, params, word.quote)


def _text_and_gesture(word: Signal, hand: Signal, rules: RuleSet) -> Signal:
    params = {name: hand.params[name] for name in ("gesture", "hand")}
    weight = rules.weights["TEXT_AND_GESTURE"] * _strength(hand, rules)
    return _joint("TEXT_AND_GESTURE", weight, hand, params, word.quote)


def _joint(code: str, weight: float, place: Signal, params: dict[str, Param], quote: str | None = None) -> Signal:
    return Signal(
        code, "rule", weight, paslon=place.paslon, direction="pro", picture=place.picture, quote=quote, params=params
    )


def _contradictions(
    faces: Sequence[Signal], hands: Sequence[Signal], words: Sequence[Signal], rules: RuleSet
) -> Iterator[Signal]:
    """Fingers that can only mean pairs other than the one whose face is beside them, or whose side the words take."""
    sides = [word for word in words if rules.families[word.code] == "intent" and word.direction == "pro"]
    for other, between in [*((face, "face") for face in faces), *((word, "text") for word in sides)]:
        here = [hand for hand in hands if between == "text" or hand.picture == other.picture]
        agreeing = {hand.params["gesture"] for hand in here if hand.paslon == other.paslon}
        backed = {signal.paslon for signal in (faces if between == "face" else words)}
        for hand in here:
            if hand.paslon not in backed and hand.params["gesture"] not in agreeing and other.paslon and hand.paslon:
                params: dict[str, Param] = {"between": between, "paslon_a": other.paslon, "paslon_b": hand.paslon}
                params |= {name: hand.params[name] for name in ("gesture", "hand")}
                yield Signal(
                    "CONTRADICTION",
                    "context",
                    rules.weights["CONTRADICTION"],
                    picture=hand.picture,
                    box=hand.box,
                    params=params,
                )


def _all_pairs(faces: Sequence[Signal], hands: Sequence[Signal], contest: Contest, rules: RuleSet) -> Iterator[Signal]:
    """Every pair of the contest in one picture, by face or by number: a debate, an official event, a joke on all."""
    groups = (
        ("face", faces, {pair.id for pair in contest.paslon if pair.candidates}),
        ("hand", hands, {pair.id for pair in contest.paslon if pair.number is not None}),
    )
    for what, signals, everyone in groups:
        pictures = dict.fromkeys(signal.picture for signal in signals)
        for picture in pictures:
            present = {signal.paslon for signal in signals if signal.picture == picture}
            if len(everyone) > 1 and everyone <= present:
                params: dict[str, Param] = {"by": what, "count": len(everyone)}
                yield Signal("ALL_PAIRS", "context", rules.weights["ALL_PAIRS"], picture=picture, params=params)
                return


def _campaigns(signal: Signal) -> bool:
    """Whether it is campaigning: words that take a side or carry the campaign's own, or a conjunction."""
    return signal.kind == "rule" or signal.code in CAMPAIGN_NAMES or signal.direction is not None
