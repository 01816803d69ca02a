"""Properties of the rules that no table of weights and no caption may break."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.election.contest import Contest
from app.errors import BadInput
from app.rules.circumstances import SILENT_CODES
from app.rules.facts import Facts
from app.rules.judge import counts, judge
from app.rules.ruleset import RuleSet, own_source, parse_rules
from app.rules.signals import Assessment, Evidence, Signal
from app.text.registry import compile_registry
from app.text.screen import screen_text
from app.text.signals import CODES
from tests.unit.situations import NAMES, RULES, VOTING_DAY, contest, evidence, face, hand, picture, says
from tests.unit.test_judge_circumstances import jersey

FINGERS = {1: "index", 2: "peace", 3: "three", 4: "four"}
WORDS = {1: "satu", 2: "dua", 3: "tiga", 4: "empat"}
EMOJI = {1: "☝️", 2: "✌️", 3: "🤟", 4: "🖖"}
CAPTIONS = (
    "Ayo coblos nomor {a}, lanjutkan!", "Jangan sampai pilih nomor {a}", "Jangan pilih nomor {a}, pilih nomor {b} saja",
    "Salam {word} jari!", "Pilih nomor {word}", "Paslon {a} vs paslon {b}", "Pendukung nomor {a} jangan datang ke TPS",
    "HASIL SURVEI nomor {a} unggul 71%", "Gas nomor {a}! {emoji}", "coblos no.{a} bukan {b}", "Bersama {name}",
    "{name} bupati kita, dukung nomor {a}", "Debat {name} dan {other}", "Kebersamaan kantor", "ASN netral", "",
)  # fmt: skip
SHOWN = st.lists(st.sampled_from(["face a", "face b", "hand a", "hand b", "nobody"]), max_size=4)
WITH_NAMES = contest()
REGISTRY = compile_registry(WITH_NAMES)


def told(caption: str, shown: list[str], a: int, b: int, day: int, facts: Facts) -> Assessment:
    """A post about the pairs a and b: its caption is read, its faces and hands are put in."""
    words = {"a": a, "b": b, "word": WORDS[a], "emoji": EMOJI[a], "name": NAMES[a - 1][0], "other": NAMES[b - 1][0]}
    pair = {"a": a, "b": b}
    things = [
        face("?") if one == "nobody" else face(f"{pair[one[-1]]}a") if one[0] == "f" else hand(FINGERS[pair[one[-1]]])
        for one in shown
    ]
    post = Evidence((picture(*things),), screen_text(caption.format(**words), REGISTRY))
    return judge(post, WITH_NAMES, VOTING_DAY + timedelta(days=day), RULES, facts)


def essence(found: Assessment, names: dict[str, str]) -> tuple[object, ...]:
    """Everything that counts, under other names of the pairs; places in texts of another length are left out."""
    signals = [
        (s.code, names.get(s.paslon or "", s.paslon), s.direction, s.weight, names.get(str(s.params.get("paslon_a"))))
        for s in found.signals
    ]
    lead = names.get(found.paslon or "", found.paslon)
    return found.score, found.band, lead, found.direction, found.articles, found.lane, sorted(map(str, signals))


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from(CAPTIONS),
    SHOWN,
    st.permutations([1, 2, 3, 4]),
    st.sampled_from([-80, -30, -2, 0]),
    st.sampled_from([Facts(), Facts("pns"), Facts("kades")]),
)
def test_swapping_two_numbers_in_caption_fingers_and_faces_swaps_the_result(
    caption: str, shown: list[str], order: list[int], day: int, facts: Facts
) -> None:
    a, b, *_ = order
    names = {f"p{a}": f"p{b}", f"p{b}": f"p{a}"}
    same = {name: name for name in names}
    one, other = told(caption, shown, a, b, day, facts), told(caption, shown, b, a, day, facts)
    assert essence(one, names) == essence(other, same)


weights = st.dictionaries(st.sampled_from(sorted(RULES.weights)), st.floats(0.2, 5.0), max_size=12)
poses = st.lists(st.sampled_from(["peace", "gun_L", "phone", "horns", "finger_heart"]), min_size=1, max_size=6)
hints = st.lists(st.sampled_from([code for code in CODES if code not in ("MENGHALANGI", "SURVEI")]), max_size=4)


def other_rules(factors: dict[str, float]) -> RuleSet:
    """Rules with other weights, as wild as they may be."""
    table = {code: weight * factors.get(code, 1.0) for code, weight in RULES.weights.items()}
    unnamed = {code: min(weight * factors.get(code, 1.0), table[code]) for code, weight in RULES.unnamed.items()}
    return replace(RULES, weights=MappingProxyType(table), unnamed=MappingProxyType(unnamed))


@settings(deadline=None, max_examples=200)
@given(weights, poses, hints, st.booleans(), st.booleans(), st.sampled_from([-30, -2]))
def test_a_pose_with_nothing_but_hints_is_never_high_whatever_the_rules(
    factors: dict[str, float], shown: list[str], hinting: list[str], weak: bool, worn: bool, day: int
) -> None:
    rules = other_rules(factors)
    things = [*map(hand, shown), *([face("2a", "review")] if weak else [])]
    words = [says(code, None, f"{code} {place}") for place, code in enumerate(hinting)]
    post = evidence(picture(*things), *([jersey()] if worn else []), *words)
    found = judge(post, contest(), VOTING_DAY + timedelta(days=day), rules, Facts("pns", children=True))
    assert found.band != "high"
    counting = [signal.weight for signal in found.signals if counts(signal, found)]
    assert found.score == 1 / (1 + math.exp(-math.fsum([found.bias, *counting])))


def test_what_holds_a_pose_back_is_shown_and_gives_way_to_a_face() -> None:
    heavy = other_rules({"GESTURE": 5.0})
    alone = judge(evidence(picture(hand("peace"))), contest(), VOTING_DAY - timedelta(days=30), heavy)
    held = next(signal for signal in alone.signals if signal.code == "POSE_ALONE")
    assert held.weight < 0
    assert alone.band == "medium"
    both = judge(evidence(picture(hand("peace"), face("2a"))), contest(), VOTING_DAY - timedelta(days=30), heavy)
    assert "POSE_ALONE" not in {signal.code for signal in both.signals}
    assert both.band == "high"


@settings(deadline=None, max_examples=60)
@given(st.floats(0.5, 4.0), st.floats(0.2, 3.0), st.floats(0.02, 0.3), st.floats(0.5, 0.95))
def test_a_draft_that_would_let_a_pose_or_a_face_alone_be_medium_is_refused(
    gesture: float, matched: float, low: float, high: float
) -> None:
    source = own_source().replace("GESTURE = 2.0", f"GESTURE = {gesture}").replace("= 2.2  ", f"= {matched}  ", 1)
    source = source.replace("low = 0.15", f"low = {low}").replace("high = 0.75", f"high = {high}")
    try:
        rules = parse_rules(source.encode())
    except BadInput:
        return
    on = VOTING_DAY - timedelta(days=30)
    poses_only = evidence(*[picture(*[hand(name) for name in ("peace", "gun_L", "phone")])] * 3)
    assert judge(poses_only, contest(), on, rules).band in ("none", "low")
    assert judge(evidence(picture(face("2a"), face("2b"))), contest(), on, rules).band in ("none", "low")


PAIR_SIGNS = [code for code in CODES if code not in SILENT_CODES]


def pair_score(found: Assessment, paslon: str) -> float:
    """The sum for a pair with what belongs to no pair, explanations left out."""
    return math.fsum(s.weight for s in found.signals if s.paslon in (None, paslon) and s.kind != "context")


@settings(deadline=None, max_examples=150)
@given(
    st.sampled_from(CAPTIONS), SHOWN, st.sampled_from(["face", "hand", "banner", *PAIR_SIGNS]), st.integers(1, 4),
    st.sampled_from([-80, -30, -2]), st.sampled_from([Facts(), Facts("pns")]),
)  # fmt: skip
def test_one_more_sign_of_a_pair_never_lowers_its_score(
    caption: str, shown: list[str], kind: str, number: int, day: int, facts: Facts
) -> None:
    words = {"a": 2, "b": 3, "word": "dua", "emoji": "✌️", "name": NAMES[1][0], "other": NAMES[2][0]}
    faces = {"face a": face("2a"), "face b": face("3a"), "hand a": hand("peace"), "hand b": hand("three")}
    things = [faces.get(one, face("?")) for one in shown]
    said = screen_text(caption.format(**words), REGISTRY)
    before = Evidence((picture(*things),), said)
    extra: object = {"face": face(f"{number}b"), "hand": hand(FINGERS[number])}.get(kind)
    if extra is not None:
        after = Evidence((picture(*things, extra),), said)
    elif kind == "banner":
        after = Evidence((picture(*things, says("NAMA", number, "nama di spanduk")),), said)
    else:
        after = Evidence(before.pictures, (*said, says(kind, number, "kata baru")))
    on = VOTING_DAY + timedelta(days=day)
    old, new = (judge(post, WITH_NAMES, on, RULES, facts) for post in (before, after))
    assert pair_score(new, f"p{number}") >= pair_score(old, f"p{number}") - 1e-9


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_salute_makes_its_pair_lead_whatever_number_the_pose_reads_as(number: int) -> None:
    """Metal reads as 3; adopted by another pair it is that pair's, and still a weaker sign for 3."""

    def with_salute(within: Contest) -> Contest:
        pairs = tuple(replace(p, salam=("metal",)) if p.number == number else p for p in within.paslon)
        return replace(within, paslon=pairs)

    on = VOTING_DAY - timedelta(days=30)
    found = judge(evidence(picture(hand("metal"))), with_salute(contest()), on, RULES)
    reading: dict[str | None, Signal] = {signal.paslon: signal for signal in found.signals}
    assert found.paslon == f"p{number}"
    assert reading[f"p{number}"].weight == RULES.weights["GESTURE"]
    if number != 3:
        assert reading["p3"].weight == RULES.weights["GESTURE"] * RULES.adopted_elsewhere
        assert reading["p3"].params["adopted"] == 1
