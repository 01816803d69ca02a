"""What holds for every judgement: sums that add up, bounded repetition, and no pair treated unlike another."""

from __future__ import annotations

import json
import math
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.election.contest import Candidate, Contest, Paslon
from app.errors import BadInput
from app.rules import ruleset
from app.rules.catalogue import act, acts
from app.rules.judge import counts, judge
from app.rules.ruleset import load_rules
from app.rules.serial import signal_from_json, signal_to_json
from app.rules.signals import OWN_CODES, Assessment, Evidence, PictureEvidence, Signal
from app.text.signals import CODES, CONTEXT_CODES, TextSignal
from app.vision.gallery import FaceThresholds
from tests.unit.situations import RULES, VOTING_DAY, assess, contest, evidence, face, hand, pair, picture, says

WEIGHTS = Path(ruleset.__file__).parent / "data" / "weights.toml"
POSES = ["index", "thumb_up", "peace", "gun_L", "three", "four", "horns", "fist", "relaxed", "finger_heart"]

numbers = st.integers(1, 4)
bands = st.sampled_from(["strong", "possible", "review"])
faces = st.builds(lambda number, side, band: face(f"{number}{side}", band), numbers, st.sampled_from("ab"), bands)
hands = st.builds(lambda name, sure: hand(name, confidence=sure), st.sampled_from(POSES), st.floats(0.6, 1.0))
words = st.builds(
    lambda code, number, quote, sure, turned: replace(
        says(code, number, quote, "contra" if turned else None), confidence=sure
    ),
    st.sampled_from(CODES),
    st.none() | numbers,
    st.text("abc ", min_size=1, max_size=5),
    st.floats(0.1, 1.0),
    st.booleans(),
)
explanations = st.builds(says, st.sampled_from(CONTEXT_CODES))
things = st.lists(st.one_of(faces, hands, words, explanations), max_size=6)
posts = st.builds(
    lambda pictures, caption: evidence(*(picture(*items) for items in pictures), *caption),
    st.lists(things, max_size=3),
    st.lists(words | explanations, max_size=5),
)
days = st.sampled_from([-120, -66, -30, -2, 0, 30])


def on(day: int, post: Evidence, within: Contest | None = None) -> Assessment:
    return judge(post, within or contest(), VOTING_DAY + timedelta(days=day), RULES)


def support(found: Assessment, paslon: str) -> float:
    """The log-odds that speak for a pair, context and rules left out."""
    return math.fsum(s.weight for s in found.signals if s.paslon in (None, paslon) and s.kind != "context")


@settings(deadline=None, max_examples=80)
@given(posts, days)
def test_the_weights_that_count_add_up_to_the_score(post: Evidence, day: int) -> None:
    found = on(day, post)
    counting = [signal for signal in found.signals if counts(signal, found)]
    assert found.bias == RULES.bias
    total = math.fsum([found.bias, *(signal.weight for signal in counting)])
    assert found.score == pytest.approx(1 / (1 + math.exp(-total)), abs=1e-12)
    assert found.band == RULES.band(found.score)
    assert all(signal.paslon in (None, found.paslon) for signal in counting)


@settings(deadline=None, max_examples=80)
@given(posts, days)
def test_the_leading_pair_has_the_most_to_speak_for_it(post: Evidence, day: int) -> None:
    found = on(day, post)
    for paslon in ("p1", "p2", "p3", "p4"):
        own = [signal.weight for signal in found.signals if signal.paslon == paslon]
        lead = [signal.weight for signal in found.signals if signal.paslon == found.paslon and found.paslon]
        assert math.fsum(own) <= math.fsum(lead) + 1e-9


def with_more(post: Evidence, thing: object, place: str) -> Evidence:
    """The post with one thing more: in its caption, in a new picture, or in its first picture."""
    if place == "caption" and isinstance(thing, TextSignal):
        return replace(post, caption=(*post.caption, thing))
    if place == "new picture" or not post.pictures:
        return replace(post, pictures=(*post.pictures, picture(thing)))
    first, added = post.pictures[0], picture(thing)
    seen = replace(
        first.seen,
        faces=first.seen.faces + added.seen.faces,
        hands=first.seen.hands + added.seen.hands,
        lines=first.seen.lines + added.seen.lines,
    )
    words = tuple((len(first.seen.lines) + line, signal) for line, signal in added.text)
    merged = PictureEvidence(seen, first.matches + added.matches, first.text + words)
    return replace(post, pictures=(merged, *post.pictures[1:]))


@settings(deadline=None, max_examples=150)
@given(
    posts,
    numbers,
    st.sampled_from(["face", "hand", *CODES]),
    st.sampled_from(["caption", "new picture", "first picture"]),
    days,
)
def test_one_more_sign_of_a_pair_never_lowers_it(post: Evidence, number: int, kind: str, place: str, day: int) -> None:
    if kind == "face":
        thing: object = face(f"{number}a")
    elif kind == "hand":
        thing = hand(["index", "peace", "three", "four"][number - 1])
    else:
        thing = says(kind, number, "kata baru")
    before, after = on(day, post), on(day, with_more(post, thing, place))
    assert support(after, f"p{number}") >= support(before, f"p{number}") - 1e-9


@settings(deadline=None, max_examples=50)
@given(posts, st.sampled_from(CONTEXT_CODES))
def test_context_never_raises(post: Evidence, code: str) -> None:
    explained = evidence(*post.pictures, *post.caption, says(code, None, "penjelasan"))
    assert on(-30, explained).score <= on(-30, post).score + 1e-12


def swap_evidence(post: Evidence, names: dict[str, str]) -> Evidence:
    """The same post about pair 2 where it was about pair 1, and the other way round; hands stay as they are."""

    def text(signal: TextSignal) -> TextSignal:
        return replace(signal, paslon=names.get(signal.paslon or "", signal.paslon))

    def shown(content: PictureEvidence) -> PictureEvidence:
        matches = [replace(m, candidate=names.get(m.candidate or "", m.candidate)) for m in content.matches]
        return PictureEvidence(content.seen, tuple(matches), tuple((line, text(s)) for line, s in content.text))

    return Evidence(tuple(map(shown, post.pictures)), tuple(map(text, post.caption)))


def named(signal: Signal, names: dict[str, str]) -> Signal:
    params = {key: names.get(value, value) if isinstance(value, str) else value for key, value in signal.params.items()}
    return replace(signal, paslon=names.get(signal.paslon or "", signal.paslon), params=params)


@settings(deadline=None, max_examples=150)
@given(posts, days, st.tuples(numbers, numbers).filter(lambda couple: couple[0] != couple[1]), st.booleans())
def test_swapping_two_pairs_swaps_the_result(
    post: Evidence, day: int, couple: tuple[int, int], reordered: bool
) -> None:
    first, second = couple
    names = {f"p{first}": f"p{second}", f"p{second}": f"p{first}"}
    names |= {f"{a}{side}": f"{b}{side}" for a, b in (couple, couple[::-1]) for side in "ab"}

    def renamed(old: Paslon) -> Paslon:
        people = tuple(Candidate(names.get(c.id, c.id), c.name) for c in old.candidates)
        return replace(old, id=names.get(old.id, old.id), candidates=people)

    pairs = tuple(map(renamed, contest().paslon))
    swapped = contest(pairs[::-1] if reordered else pairs)
    before, after = on(day, post), on(day, swap_evidence(post, names), swapped)
    assert (after.score, after.band, after.direction) == (before.score, before.band, before.direction)
    assert after.paslon == names.get(before.paslon or "", before.paslon)
    assert after.articles == before.articles
    assert list(after.signals) == [named(signal, names) for signal in before.signals]


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_every_pair_is_judged_alike(number: int) -> None:
    pose = ["index", "peace", "three", "four"][number - 1]
    found = assess(picture(face(f"{number}a"), hand(pose)), says("DUKUNGAN", number), says("ALIAS", number))
    reference = assess(picture(face("2a"), hand("peace")), says("DUKUNGAN", 2), says("ALIAS", 2))
    assert (found.score, found.band) == (reference.score, reference.band)
    assert found.paslon == f"p{number}"


def test_a_gesture_alone_stays_low_whatever_is_shown_and_however_often() -> None:
    shows_two = ["peace", "gun_L", "phone", "finger_heart", "horns"] * 10
    found = assess(*[picture(*[hand(name) for name in shows_two]) for _ in range(10)])
    assert found.band == "low"


def test_hints_never_make_a_gesture_high() -> None:
    hints = [says(code, None, f"{code} {index}") for code in CODES for index in range(5) if code != "MENGHALANGI"]
    assert assess(picture(hand("peace"), hand("gun_L")), *hints).band == "medium"


def test_several_hands_are_one_signal_with_their_count() -> None:
    (found,) = assess(picture(hand("peace", confidence=0.7), hand("peace", confidence=0.9), hand("fist"))).signals
    assert found.code == "GESTURE"
    assert (found.params["count"], found.params["hand"], found.params["hands"]) == (2, 2, "1,2")
    assert found.score == 0.9


def test_the_same_words_count_once_and_the_surest_counts() -> None:
    sure, unsure = says("AJAKAN_KUAT", 3, "Coblos nomor 3!"), says("AJAKAN_KUAT", 3, "COBLOS  NOMOR 3")
    once = assess(sure)
    twice = assess(replace(unsure, confidence=0.5), picture(sure))
    assert twice.score == once.score
    assert [signal.params.get("repeat") for signal in twice.signals] == [None, 1]
    assert [signal.field for signal in twice.signals] == ["picture", "caption"]
    other = assess(sure, picture(says("AJAKAN_KUAT", 3, "menangkan 3")))
    assert other.score > once.score


def test_a_phrase_belongs_to_the_only_pair_that_is_named() -> None:
    caption = assess(says("DUKUNGAN"), says("ALIAS", 2))
    assert {signal.paslon for signal in caption.signals} == {"p2"}
    poster = assess(says("ALIAS", 2), picture(says("AJAKAN_KUAT", None, "ayo coblos")))
    assert poster.band == "high"
    two = assess(says("DUKUNGAN"), says("ALIAS", 2), says("ALIAS", 3))
    assert next(signal for signal in two.signals if signal.code == "DUKUNGAN").paslon is None


def test_people_and_pairs_of_other_contests_are_ignored() -> None:
    assert assess(picture(face("9a")), says("AJAKAN_KUAT", 9)).signals == ()


def test_a_signal_keeps_its_measurement_and_its_place() -> None:
    limits = FaceThresholds(strong=0.66)
    post = replace(evidence(picture(), picture(face("2b"), says("NOMOR", 2, "no 2"))), limits=limits)
    found = {signal.code: signal for signal in on(-30, post).signals}
    assert (found["FACE_MATCH"].score, found["FACE_MATCH"].threshold, found["FACE_MATCH"].picture) == (0.71, 0.66, 1)
    assert found["FACE_MATCH"].params == {"face": 1, "candidate": "2b", "photo": "photo-2b"}
    assert (found["NOMOR"].field, found["NOMOR"].line, found["NOMOR"].span) == ("picture", 0, (0, 4))
    assert found["NOMOR"].box == (0.0, 0.0, 50.0, 10.0)


def test_a_contradiction_is_shown_and_other_pairs_are_kept_apart() -> None:
    found = assess(picture(face("1a"), hand("peace")), says("PUJIAN", 1))
    codes = {signal.code: signal for signal in found.signals}
    assert codes["CONTRADICTION"].params["paslon_a"] == "p1"
    assert codes["CONTRADICTION"].params["paslon_b"] == "p2"
    assert codes["GESTURE"].weight > 0
    assert not counts(codes["GESTURE"], found)
    assert found.signals[-1].code == "GESTURE"


def test_words_for_one_pair_and_fingers_of_another_contradict() -> None:
    found = assess(picture(hand("peace")), says("AJAKAN_KUAT", 3))
    assert next(signal for signal in found.signals if signal.code == "CONTRADICTION").params["between"] == "text"


def test_masa_tenang_puts_campaigning_first_and_nothing_else() -> None:
    assert assess(says("AJAKAN_KUAT", 3), day=-2).score > assess(says("AJAKAN_KUAT", 3), day=-20).score
    quiet = assess(picture(face("2a"), face("?")), day=-2)
    assert "MASA_TENANG" not in {signal.code for signal in quiet.signals}


def test_a_number_in_words_means_nothing_before_the_drawing() -> None:
    found = assess(says("NOMOR", 2), says("SALAM_JARI", 2), day=-80)
    assert [signal.weight for signal in found.signals] == [0.0, 0.0]
    assert all(signal.params["before_draw"] for signal in found.signals)


@settings(deadline=None, max_examples=50)
@given(posts, days)
def test_signals_survive_json(post: Evidence, day: int) -> None:
    for signal in on(day, post).signals:
        assert signal_from_json(json.loads(json.dumps(signal_to_json(signal)))) == signal


def test_json_of_a_later_version_is_still_read() -> None:
    row = signal_to_json(Signal("NAMA", "text", 0.3, box=(1.0, 2.0, 3.0, 4.0))) | {"later": 1}
    assert signal_from_json(row) == Signal("NAMA", "text", 0.3, box=(1.0, 2.0, 3.0, 4.0))
    assert {field.name for field in fields(Signal)} > {"box", "span"}


def test_the_rules_know_every_code_and_name_their_version() -> None:
    assert set(RULES.weights) == {*CODES, *CONTEXT_CODES, *OWN_CODES}
    assert RULES.version.startswith("1.2+")
    assert load_rules().version == RULES.version


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("GESTURE = 2.0", "GESTURE = 3.2", "a gesture alone"),
        ("IMPLISIT = 1.6          # an allusion is", "IMPLISIT = 2.4 # an allusion is", "with hints"),
        ("FACE_MATCH = 2.2", "FACE_MATCH = 3.0", "a face alone"),
        ("AJAKAN_KUAT = 5.4", "AJAKAN_KUAT = 4.0", "must be high"),
        ("NETRALITAS = -2.2", "NETRALITAS = 0.5", "wrong sign"),
        ("PUJIAN = 1.94", "PUJIAN = -1", "wrong sign"),
        ("PUJIAN = 0.4", "PUJIAN = 2.4", "unnamed.PUJIAN"),
        ("medium = 0.40", "medium = 0.10", "bands"),
        ("gesture = 0.05", "gesture = 1.5", "repeat"),
        ("TAGAR = 1.2", "TAGAR_LAMA = 1.2", "TAGAR"),
        ("bias = -3.5", "bias = ", "not readable"),
    ],
)
def test_a_table_that_breaks_a_principle_is_refused(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    text = WEIGHTS.read_text(encoding="utf-8")
    assert old in text
    draft = tmp_path / "draft.toml"
    draft.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadInput, match=complaint):
        load_rules(draft)


def test_a_draft_has_another_version_and_its_own_weights(tmp_path: Path) -> None:
    draft = tmp_path / "draft.toml"
    draft.write_text(WEIGHTS.read_text(encoding="utf-8").replace("TAGAR = 1.2", "TAGAR = 1.0"), encoding="utf-8")
    rules = load_rules(draft)
    assert rules.weights["TAGAR"] == 1.0
    assert rules.version != RULES.version
    with pytest.raises(BadInput):
        load_rules(tmp_path / "absent.toml")


def test_the_catalogue_lists_the_acts_of_the_decree() -> None:
    assert [item.code for item in acts() if item.decree] == [f"E{n}" for n in range(1, 8)] + [
        f"D{n}" for n in range(1, 13)
    ]
    assert act("D7").sanction == "berat"
    assert {code for item in acts() for hint in item.suggested_by for group in hint.groups for code in group} <= set(
        RULES.weights
    )


def test_two_hands_make_six_only_where_there_is_a_sixth_pair() -> None:
    both = picture(hand("five", owner=0), hand("index", owner=0), face("?"))
    (six,) = assess(both, within=contest(6)).signals
    assert (six.params["gesture"], six.params["hands"], six.paslon) == ("six_2h", "1,2", "p6")
    five = assess(both, within=contest(5))
    assert {signal.paslon for signal in five.signals} == {"p5", "p1"}


def test_a_salute_shared_by_two_pairs_counts_for_both() -> None:
    shared = contest((pair(1, salam=("metal",)), pair(2, salam=("metal",)), pair(3)))
    found = assess(picture(hand("metal")), within=shared)
    assert {signal.paslon: signal.params["reading"] for signal in found.signals if signal.code == "GESTURE"} == {
        "p1": "salam", "p2": "salam", "p3": "number",
    }  # fmt: skip


def test_a_face_of_the_pair_that_the_fingers_mean_is_no_contradiction() -> None:
    found = assess(picture(face("1a"), face("2a"), hand("peace")))
    assert "CONTRADICTION" not in {signal.code for signal in found.signals}


def test_words_against_a_pair_do_not_join_its_gesture_or_its_face() -> None:
    against = assess(picture(face("2a"), hand("peace")), says("SERANGAN", 2), says("AJAKAN_KUAT", 2, "", "contra"))
    assert {"TEXT_AND_GESTURE", "FACE_AND_TEXT"}.isdisjoint(signal.code for signal in against.signals)
    towards = assess(picture(face("2a"), hand("peace")), says("DUKUNGAN", 2))
    assert {"TEXT_AND_GESTURE", "FACE_AND_TEXT"} <= {signal.code for signal in towards.signals}
