"""What is shown first of much: equal findings folded, long texts cut around their marks, the contest's calendar."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.election.contest import Contest
from app.web.folding import fold, heads
from app.web.spans import LINES, excerpt, height, pieces, windows
from app.web.strip import ROOM, WIDTH, strip
from app.web.surroundings import deadline
from app.web.words import words

CONTEST = Contest("c", "Contoh", "99.01", "Contoh", date(2029, 11, 27))


def said(tag: str, quote: str, **more: Any) -> dict[str, Any]:
    """A finding in words."""
    base = {"code": "NOMOR", "field": "caption", "paslon": {"id": "p2"}, "direction": "pro", "weight": 0.0}
    return base | {"tag": tag, "quote": quote} | more


def test_equal_words_fold_into_the_one_that_counts() -> None:
    found = fold(
        [said("K1", "nomor 2"), said("K2", "Nomor  2", weight=1.5), said("K3", "nomor 3"), said("K4", "NOMOR 2")]
    )
    assert [(one.head["tag"], [member["tag"] for member in one.members]) for one in found] == [
        ("K2", ["K1", "K2", "K4"]), ("K3", ["K3"]),
    ]  # fmt: skip
    assert heads(found) == {"K1": "K2", "K2": "K2", "K4": "K2", "K3": "K3"}


def test_what_differs_in_pair_source_or_direction_stays_apart_and_faces_never_fold() -> None:
    same = said("K1", "dua")
    others = [
        same | {"tag": "K2", "paslon": {"id": "p3"}}, same | {"tag": "K3", "paslon": None},
        same | {"tag": "T1", "field": "picture"}, same | {"tag": "K4", "direction": "contra"},
        same | {"tag": "K5", "code": "DUKUNGAN"},
    ]  # fmt: skip
    face = {"tag": "F1", "code": "FACE_MATCH", "field": None, "weight": 2.0}
    assert len(fold([same, *others, face, face | {"tag": "F2"}])) == 8


def test_a_tag_that_leads_a_line_of_its_own_keeps_it() -> None:
    both = [said("T1", "dua", field="picture"), said("T2", "dua", field="picture", weight=1.0)]
    alone = said("T1", "lain", field="picture", code="SLOGAN")
    assert heads(fold([*both, alone])) == {"T1": "T1", "T2": "T2"}


def test_a_short_text_is_shown_whole_and_a_long_one_around_its_marks() -> None:
    assert excerpt("", []).parts == ()
    short = excerpt("Ayo pilih nomor 2", [(4, 17, "K1")])
    assert (short.hidden, short.before, short.after, len(short.parts)) == (0, False, False, 1)
    text = "lorem ipsum " * 700 + "ayo coblos nomor 2 " + "dolor sit " * 100
    start = text.index("coblos")
    cut = excerpt(text, [(start, start + 14, "K1")])
    shown = ["".join(piece.text for piece in part) for part in cut.parts]
    assert any("ayo coblos nomor" in part for part in shown)
    assert cut.hidden == len(text) - sum(map(len, shown)) > 8000
    assert not cut.before
    assert cut.after
    assert [piece.text for part in cut.parts for piece in part if piece.marked] == ["coblos nomor 2"[:14]]
    assert height("a\n" * 4900) > 4000
    assert sum(height("\n".join("a" for _ in range(9))) for _ in windows("a\n" * 4900, [])) < 40


def test_the_weightiest_marks_are_shown_first() -> None:
    text = "x " * 4000
    spans = [(7000, 7004, "K1"), *((at, at + 2, "K2") for at in range(0, 6000, 200))]
    shown = excerpt(text, spans)
    assert "K1" in {tag for part in shown.parts for piece in part for tag in piece.by}


SPANS = st.lists(
    st.tuples(st.integers(-5, 3000), st.integers(-5, 3000), st.sampled_from(["K1", "K2", "K3"])), max_size=9
)


@settings(deadline=None, max_examples=60)
@given(st.text("ab \n", max_size=2500), SPANS)
def test_an_excerpt_shows_parts_of_the_text_in_order(text: str, spans: list[tuple[int, int, str]]) -> None:
    chosen = windows(text, spans)
    assert all(0 <= first < last <= len(text) for first, last in chosen)
    assert all(before[1] < after[0] for before, after in itertools.pairwise(chosen))
    assert bool(chosen) == bool(text)
    cut = excerpt(text, spans)
    assert cut.hidden == len(text) - sum(last - first for first, last in chosen)
    assert sum(height(text[a:b]) for a, b in chosen) <= LINES + 2 or len(chosen) == 1
    assert "".join(piece.text for piece in pieces(text, spans)) == text


def test_the_strip_shows_every_day_once_with_the_stage_of_the_act() -> None:
    act = CONTEST.voting_day - timedelta(days=10)
    drawn = strip(CONTEST, act, act + timedelta(days=2))
    segments = drawn.segments
    assert [s.code for s in segments if s.current] == ["kampanye"]
    assert abs(sum(s.width for s in segments) - WIDTH) < 0.5
    assert all(one.last + timedelta(1) == other.first for one, other in itertools.pairwise(segments))
    pins = {pin.kind: pin for pin in drawn.pins}
    assert pins["act"].x < pins["known"].x < pins["vote"].x
    assert [pin.beyond for pin in drawn.pins] == [0, 0, 0]
    assert (segments[0].first, segments[-1].last) == (
        CONTEST.voting_day - timedelta(days=96 + ROOM), CONTEST.voting_day + timedelta(days=20 + ROOM),
    )  # fmt: skip


def test_days_beyond_the_strip_stand_at_its_ends() -> None:
    drawn = strip(CONTEST, date(2027, 1, 1), date(2031, 1, 1))
    pins = {pin.kind: pin for pin in drawn.pins}
    assert (pins["act"].beyond, pins["known"].beyond) == (-1, 1)
    assert 0 <= pins["act"].x < pins["vote"].x < pins["known"].x <= WIDTH
    assert not any(segment.current for segment in drawn.segments)


def test_a_deadline_is_told_in_days() -> None:
    t = words("id")
    assert deadline(None, "Asia/Jakarta", t) == ""
    due = "2029-09-09"
    told = [deadline(due, "Asia/Jakarta", t, date(2029, 9, day)) for day in (6, 9, 11)]
    assert told == ["9 Sep 2029 · 3 hari lagi", "9 Sep 2029 · hari ini", "9 Sep 2029 · lewat 2 hari"]
