"""Words, dates, ids and JSON sent by mistake or on purpose: a clear refusal or a normal result, no 500."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient

from tests.api.world import CALL, CONTEST, World, form, part, plain, problem

TODAY = datetime.now(ZoneInfo("Asia/Jakarta")).date()
TOMORROW, YESTERDAY = str(TODAY + timedelta(days=1)), str(TODAY - timedelta(days=1))


@pytest.fixture
def world(tidy_world: World) -> World:
    """The application that the tests of this file share."""
    return tidy_world


# -- text -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("sebelum\0sesudah", "sebelum�sesudah"),
        ("ganjil \ud83d sendiri \udc00", "ganjil � sendiri �"),
        ("\u202eterbalik\u202c \u200f\u202e ", "\u202eterbalik\u202c \u200f\u202e "),
        ("e" + "\u0301" * 3000, "e" + "\u0301" * 3000),
        ("😀" * 10_000, "😀" * 10_000),
        ("<script>alert(1)</script> {{7*7}} ${7*7} %s %n '; DROP TABLE flag; --", ...),
        ("\r\n \t x", "\r\n \t x"),
    ],
    ids=["NUL", "surrogates", "right to left", "marks", "10,000 emoji", "injection", "blanks"],
)
def test_strange_texts_are_screened(world: World, sent: str, stored: Any) -> None:
    answer = world.submit(sent)
    assert answer.status_code == 202, answer.text
    assert world.row(answer.json()["id"]).text == (sent if stored is ... else stored)


def test_marks_and_broken_characters_hide_no_call(world: World) -> None:
    flag_id, _ = world.flagged("Ayo co\u200bblos\0 nomor 3, \u202elanjutkan!")
    signals = world.browser("reviewer").get(f"/api/v1/flags/{flag_id}").json()["signals"]
    assert signals


@pytest.mark.parametrize("text", ["a" * 10_001, "😀" * 10_001, "a" * 200_000], ids=["letters", "emoji", "megabytes"])
def test_text_that_is_too_long(world: World, text: str) -> None:
    assert "10000" in problem(world.submit(text), 422, "text")["detail"]


def test_text_that_is_no_utf8(world: World) -> None:
    problem(world.send(form({"contest": CONTEST, "text": b"caf\xe9 \xff\xfe"})), 422, "text")


@pytest.mark.parametrize("text", ["", " \n\t "])
def test_neither_text_nor_picture(world: World, text: str) -> None:
    problem(world.submit(text), 422, "images")


def test_a_file_field_that_was_left_empty_is_no_picture(world: World) -> None:
    body = part("images", b"", "") + form({"contest": CONTEST, "text": "Rapat besok pagi"})
    assert world.send(body).json()["images"] == []


# -- context --------------------------------------------------------------------------------------------------------

FIELDS = [
    ({"act_date": TOMORROW}, "act_date"),
    ({"known_date": TOMORROW}, "known_date"),
    ({"act_date": str(TODAY), "known_date": YESTERDAY}, "known_date"),
    ({"act_date": "9999-12-31"}, "act_date"),
    ({"act_date": "0001-01-01"}, "act_date"),
    ({"act_date": "31-12-2025"}, "act_date"),
    ({"act_date": "2025-02-30"}, "act_date"),
    ({"known_date": "kemarin"}, "known_date"),
    ({"known_date": "2025-01-01T00:00:00"}, "known_date"),
    ({"act_date": "\0"}, "act_date"),
    ({"act_date": "-1-01-01"}, "act_date"),
    ({"contest": "tidak-ada"}, "contest"),
    ({"contest": "\0"}, "contest"),
    ({"contest": "\ud800"}, "contest"),
    ({"contest": "x" * 81}, "contest"),
    ({"region": "9" * 21}, "region"),
    ({"platform": "myspace"}, "platform"),
    ({"platform": "\0"}, "platform"),
    ({"subject_type": "PNS"}, "subject_type"),
    ({"capture_method": "telepati"}, "capture_method"),
    ({"handle": "@" * 201}, "handle"),
    ({"agency": "x" * 201}, "agency"),
    ({"url": "javascript:alert(1)"}, "url"),
    ({"url": "http://"}, "url"),
    ({"url": "http://[::1"}, "url"),
    ({"url": "http://a b/"}, "url"),
    ({"url": "http://a/\0"}, "url"),
    ({"url": f"https://a/{'x' * 2000}"}, "url"),
    ({"url": "www.instagram.com/p/1"}, "url"),
]


@pytest.mark.parametrize(("fields", "field"), FIELDS, ids=[repr(fields)[:60] for fields, _ in FIELDS])
def test_context_that_cannot_be_right(world: World, fields: dict[str, str], field: str) -> None:
    problem(world.submit(CALL, **fields), 422, field)


@pytest.mark.parametrize("field", ["handle", "agency"])
def test_broken_characters_in_context_are_replaced(world: World, field: str) -> None:
    found = world.submit(CALL, **{field: "a\0b\udc80"}).json()["id"]
    assert getattr(world.row(found), field) == "a�b�"


# -- addresses, queries and JSON ------------------------------------------------------------------------------------

NOWHERE = str(uuid.UUID(int=0))
BIG = "9" * 30
HUGE = "9" * 5000


def as_reviewer(world: World) -> TestClient:
    found: TestClient = world.__dict__.setdefault("_reviewer", world.browser("reviewer"))
    return found


@pytest.mark.parametrize("flag_id", ["x", "0", "null", "%00", "..%2f..", BIG, "\u202e", NOWHERE[:-1]])
def test_ids_that_are_none(world: World, flag_id: str) -> None:
    reviewer = as_reviewer(world)
    for path in (f"/api/v1/flags/{flag_id}", f"/api/v1/submissions/{flag_id}", f"/media/flags/{flag_id}/images/0"):
        answer = reviewer.get(path)
        assert answer.status_code in {404, 422}, (path, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("position", ["-1", "10", BIG, HUGE, "x", "1.5"])
def test_pictures_that_are_not_there(world: World, position: str) -> None:
    flag_id, _ = world.flagged(f"{CALL} {len(position)}", [plain()])
    answer = as_reviewer(world).get(f"/media/flags/{flag_id}/images/{position}")
    assert answer.status_code in {404, 422}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"), ({"limit": "-1"}, "limit"), ({"limit": "201"}, "limit"), ({"limit": BIG}, "limit"),
        ({"limit": HUGE}, "limit"), ({"limit": "1e3"}, "limit"), ({"limit": "\0"}, "limit"),
        ({"after": "x"}, "after"), ({"after": NOWHERE}, "after"), ({"after": "\0"}, "after"),
        ({"state": "baru"}, "state"), ({"band": "none"}, "band"), ({"contest": "x" * 81}, "contest"),
    ],
    ids=lambda given: str(given)[:40],
)  # fmt: skip
def test_queries_that_mean_nothing(world: World, query: dict[str, str], field: str) -> None:
    problem(as_reviewer(world).get("/api/v1/flags", params=query), 422, field)


@pytest.mark.parametrize("contest", ["tidak-ada", "\0", "\u202e", "' OR 1=1 --", "%"])
def test_contests_without_flags(world: World, contest: str) -> None:
    answer = as_reviewer(world).get("/api/v1/flags", params={"contest": contest})
    assert answer.json() == {"items": [], "next": None}
    problem(as_reviewer(world).get(f"/api/v1/contests/{quote(contest)}"), 404)


@pytest.mark.parametrize("after", ["-1", BIG, HUGE, "x"])
def test_events_after_no_number(world: World, after: str) -> None:
    problem(world.browser("auditor").get("/api/v1/events", params={"after": after}), 422, "after")


GOOD = {"verdict": "dismiss", "reason": "duplicate", "note": "", "seen": 1}
GARBAGE = [
    b"", b"{", b"null", b"[]", b"1", b'"x"', b"{}", b"\xff\xfe", b"[" * 50_000, b'{"seen": 1e400}', b"NaN",
    b'{"verdict":"dismiss","reason":"duplicate","seen":' + HUGE.encode() + b"}",
    b'{"verdict":"dismiss","reason":"duplicate","note":"\\ud800","seen":1}',
]  # fmt: skip


@pytest.mark.parametrize("body", GARBAGE, ids=[repr(body)[:30] for body in GARBAGE])
@pytest.mark.parametrize("act", ["decisions", "undo"])
def test_decisions_that_are_no_json_object(world: World, act: str, body: bytes) -> None:
    answer = as_reviewer(world).post(
        f"/api/v1/flags/{NOWHERE}/{act}", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in {400, 422}, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "maybe"}, {"verdict": None}, {"verdict": 1}, {"reason": None}, {"reason": "x" * 41},
        {"reason": "campaign_text"}, {"reason": "\0"}, {"reason": []}, {"note": None}, {"note": "x" * 2001},
        {"seen": -1}, {"seen": 2**31}, {"seen": 2**63}, {"seen": 10**40}, {"seen": "satu"}, {"seen": 1.5},
        {"seen": None}, {"seen": True and [1]}, {"extra": 1},
    ],
    ids=str,
)  # fmt: skip
def test_decisions_that_cannot_be_right(world: World, change: dict[str, Any]) -> None:
    answer = as_reviewer(world).post(f"/api/v1/flags/{NOWHERE}/decisions", json=GOOD | change)
    problem(answer, 422, next(iter(change)))
