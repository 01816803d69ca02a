"""Informasi awal in pages: the form of the public, and what the office makes of a tip; no script is needed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import escape
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app import audit
from app.api.tip_form import TRIES
from app.db.base import now
from app.db.event_tables import Event
from app.db.submission_tables import Submission
from app.db.tip_tables import ReporterSheet, Tip
from app.screening.models import Models
from app.sealing import signing_key
from app.tips import proof
from app.tips.codes import read_code
from app.tips.proof import LEAST_SECONDS, VALID, Challenge
from tests.api.conftest import fresh_world
from tests.api.edge import SAME_ORIGIN, taken_from
from tests.api.tipping import NOTE, REPORTER, SEEN, let_tips_in, rows, tipped
from tests.api.world import CALL, CONTEST, FORM, World, form, part, plain

SMALL = 64 * 1024
TYPED = {
    "contest": CONTEST, "text": "Ayo <b>coblos</b> nomor 3", "platform": "whatsapp", "url": "https://contoh.id/p/1?a=1&b=2",
    "act_date": "2026-01-02", "seen": f"{SEEN} \"Begitu\" & <i>begini</i>",
}  # fmt: skip
TOLD = "Uraian <yang> sudah diketik"
WHY = "Undangan klarifikasi kepada pelapor"
RECEIPT = re.compile(r'<output class="receipt" id="receipt">([\w-]+)</output>')
MULTIPART = {"Content-Type": FORM}


@pytest.fixture
def small(request: pytest.FixtureRequest, tmp_path: Path, models: Models) -> Iterator[World]:
    """Small pictures only, and the door is open; no database decides on forms."""
    with fresh_world(request, "sqlite", tmp_path, models, max_image_bytes=SMALL) as made:
        let_tips_in(made)
        yield made


def challenge(world: World, age: timedelta = timedelta(0)) -> Challenge:
    """One that the form has held for so long."""
    return proof.issue(signing_key(world.settings, "tip challenge"), 4, now() - age)


def worked(given: Challenge) -> dict[str, str]:
    """What a script puts into the form's address."""
    return {"tantangan": given.text, "bukti": proof.work(given)}


def answered(world: World, given: Challenge) -> dict[str, str]:
    """The fields that a person without scripts fills in."""
    total = sum(proof.question(signing_key(world.settings, "tip challenge"), given))
    return {"tantangan": given.text, "jawaban": str(total)}


def send(world: World, images: tuple[bytes, ...] = (), **fields: str) -> httpx.Response:
    """Send the page's form, with everything filled in and its work done unless `fields` say otherwise."""
    given = TYPED | (worked(challenge(world)) if "tantangan" not in fields else {}) | fields
    said = {name: given.pop(name) for name in ("tantangan", "bukti") if "bukti" in fields or "tantangan" not in fields}
    headers = SAME_ORIGIN | MULTIPART
    return world.nobody().post("/sampaikan", params=said, content=form(given, images), headers=headers)


def kept(answer: httpx.Response, status: int, error: str = "", **changed: str) -> None:
    """The form again, with all that was typed, the reason beside its field, and a challenge of its own."""
    assert answer.status_code == status, answer.text
    for name, value in (TYPED | changed).items():
        if name in {"contest", "platform"}:
            assert f'<option value="{value}" selected>' in answer.text
        else:
            assert escape(value).replace("&#x27;", "&#39;").replace("&quot;", "&#34;") in answer.text, name
    assert 'role="alert"' in answer.text
    assert f'id="error-{error}"' in answer.text if error else True
    assert 'name="tantangan" value="' in answer.text


def tips_in(world: World) -> int:
    with world.services.sessions() as session:
        return len(session.scalars(select(Tip)).all())


# -- the form of the public ------------------------------------------------------------------------------------------


def test_a_form_is_taken_once(small: World) -> None:
    fields = worked(challenge(small))
    answer = send(small, (plain(),), **fields)
    assert answer.status_code == 200, answer.text
    (code,) = RECEIPT.findall(answer.text)
    assert read_code(code) == code.replace("-", "")
    assert "set-cookie" not in answer.headers
    status = small.nobody().post("/sampaikan/status", data={"code": code.lower()}, headers=SAME_ORIGIN)
    assert (status.status_code, 'id="now"' in status.text, code in status.text) == (200, True, False)
    again = send(small, **fields)
    kept(again, 409)
    assert RECEIPT.findall(again.text) == []
    assert tips_in(small) == 1
    with small.services.sessions() as session:
        assert session.scalars(select(Submission.text)).one() == TYPED["text"]


def test_what_was_typed_is_kept_with_the_reason(small: World) -> None:
    kept(send(small, seen="pendek"), 422, "seen", seen="pendek")
    kept(send(small, text="x" * 10_001), 422, "text", text="x" * 10_001)
    kept(send(small, url="javascript:alert(1)"), 422, "url", url="javascript:alert(1)")
    kept(send(small, act_date="kemarin"), 422, "act_date", act_date="kemarin")
    kept(send(small, (b"bukan gambar",)), 422, "images")
    kept(send(small, (plain(),) * 5), 422, "images")
    kept(send(small, (b"\xff\xd8\xff" + bytes(SMALL),)), 413, "images")
    answer = send(small, contest="tidak-ada")
    assert (answer.status_code, 'id="error-contest"' in answer.text) == (422, True)
    nothing = send(small, text="", url="")
    assert (nothing.status_code, 'id="error-images"' in nothing.text) == (422, True)
    assert tips_in(small) == 0


@pytest.mark.parametrize("body", [b"", b"x", f"--{FORM}\r\n".encode(), form(TYPED)[:200]])
def test_a_form_that_cannot_be_read(small: World, body: bytes) -> None:
    answer = small.nobody().post("/sampaikan", content=body, headers=MULTIPART | {"Accept": "text/html"})
    assert answer.status_code == 422
    assert "text/html" in answer.headers["content-type"]


def test_challenges_that_are_wrong_or_expired(small: World) -> None:
    for text in ("", "a.b.c.d", "é" * 60, challenge(small).text + "x"):
        kept(send(small, tantangan=text, bukti="1"), 422)
    kept(send(small, **worked(challenge(small, VALID))), 422)
    assert tips_in(small) == 0


def test_without_work_a_question_and_the_time_that_typing_takes(small: World) -> None:
    slow = challenge(small, timedelta(seconds=LEAST_SECONDS + 1))
    refused = send(small, tantangan=slow.text, jawaban="0")
    kept(refused, 422, "jawaban")
    assert slow.text in refused.text, "a correction is not told to be too fast"
    kept(send(small, tantangan=slow.text, bukti="x", jawaban="0"), 422)
    fast = send(small, **answered(small, challenge(small)))
    kept(fast, 429)
    assert fast.headers["retry-after"] == str(LEAST_SECONDS)
    kept(send(small, **answered(small, slow), situs="https://contoh.id"), 422)
    assert tips_in(small) == 0
    assert send(small, **answered(small, slow)).status_code == 200


def test_an_address_has_its_share_of_the_hour(small: World) -> None:
    let_tips_in(small, tips_per_hour=1)
    assert send(small).status_code == 200
    refused = send(small)
    kept(refused, 429)
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    for _ in range(TRIES - 2):  # forms with a mistake count as tries too
        assert send(small, tantangan="").status_code == 422
    assert taken_from(small.app, "/sampaikan", MULTIPART) == (429, 0)


def test_a_body_over_its_limit_is_not_read_to_its_end(small: World) -> None:
    limit = 4 * SMALL + 1024 * 1024
    assert taken_from(small.app, "/sampaikan", MULTIPART | {"Content-Length": str(limit + 1)}) == (413, 0)
    beginning = form(TYPED).rpartition(b"--batas")[0] + part("images", b"", "besar.jpg").removesuffix(b"\r\n")
    status, taken = taken_from(small.app, "/sampaikan", MULTIPART, beginning)
    assert status == 413
    assert SMALL < taken <= limit + 65536


def test_switched_off(small: World) -> None:
    let_tips_in(small, tips_open=False)
    for path in ("/sampaikan", "/sampaikan/status"):
        answer = small.nobody().get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 404
        assert 'method="post" action="/sampaikan' not in answer.text
    assert send(small).status_code == 404
    assert taken_from(small.app, "/sampaikan", MULTIPART) == (404, 0)
    assert small.nobody().post("/sampaikan/status", data={"code": "7KQM-2WXB-R9TD-5HFM"}).status_code == 404


def test_codes_that_are_unknown(small: World) -> None:
    for code, status in (("7KQM-2WXB-R9TD-5HFM", 404), ("7KQM-2WXB-R9TD-5HFN", 422), ("<b>", 422)):
        answer = small.nobody().post("/sampaikan/status", data={"code": code}, headers=SAME_ORIGIN)
        assert answer.status_code == status
        assert 'id="error-code"' in answer.text
        assert f'value="{escape(code)}"' in answer.text
    too_long = small.nobody().post("/sampaikan/status", data={"code": "7" * 81}, headers=SAME_ORIGIN)
    assert too_long.status_code == 422


# -- in the office ---------------------------------------------------------------------------------------------------


def converting(world: World, **fields: str) -> dict[str, str]:
    """The form of a conversion that meets every condition."""
    reporter = {name: str(value) for name, value in REPORTER.items()} | {"signed": "ya"}
    event = {"known_date": date.today().isoformat(), "place": "Balai warga", "note": NOTE, "officer": ""}
    return event | reporter | {"seen": str(rows(world)[1].last_event)} | fields


def act(world: World, client: TestClient, form_name: str, **fields: str) -> httpx.Response:
    """Send one of the forms of the only tip."""
    seen = {"seen": str(rows(world)[1].last_event)}
    return client.post(f"/informasi-awal/{rows(world)[0].id}/{form_name}", data=seen | fields)


def test_from_the_list_to_a_laporan_and_its_sheet(world: World) -> None:
    let_tips_in(world)
    tipped(world, CALL)
    officer, coordinator = world.browser("reviewer"), world.browser("coordinator")
    flag = rows(world)[1].id
    assert f'href="/antrean/{flag}"' in officer.get("/informasi-awal").text
    ways = (
        ("sisihkan", {"reason": "tip_too_little"}, "aside"), ("ambil-lagi", {}, "new"),
        ("temuan", converting(world), "converted"), ("batalkan", {"note": "Salah mencatat tempat"}, "new"),
        ("laporan", converting(world), "converted"),
    )  # fmt: skip
    for name, fields, state in ways:
        done = act(world, officer, name, **{**fields, "seen": str(rows(world)[1].last_event)})
        assert (done.status_code, done.headers.get("location")) == (303, f"/antrean/{flag}?sudah={name}"), done.text
        assert rows(world)[0].state == state
        assert officer.get(done.headers["location"]).status_code == 200
    sheet = act(world, coordinator, "pelapor", note=WHY)
    assert sheet.status_code == 200
    shown = [str(value) for name, value in REPORTER.items() if name not in {"standing", "signed"}]
    assert [value for value in shown if value not in sheet.text] == []
    assert WHY in sheet.text
    with world.services.sessions() as session:
        assert session.scalars(select(Event.data).where(Event.action == "flag.reporter_read")).all() == [{"note": WHY}]
        assert audit.verify(session).broken_at is None


def test_a_refused_form_keeps_what_was_typed_and_changes_nothing(small: World) -> None:
    world = small
    tipped(world, CALL)
    officer, coordinator = world.browser("reviewer"), world.browser("coordinator")
    before = rows(world)[1].last_event
    for kind, missing in (("laporan", "name"), ("laporan", "signed"), ("temuan", "known_date"), ("temuan", "place")):
        answer = act(world, officer, kind, **converting(world, **{missing: "", "note": TOLD}))
        assert answer.status_code == 422
        assert f'id="error-{missing}-{kind}"' in answer.text
        assert escape(TOLD) in answer.text
    assert act(world, officer, "temuan", **converting(world, known_date="kemarin")).status_code == 422
    for name, fields in (("sisihkan", {"reason": "apa saja"}), ("sisihkan", {"reason": "other", "note": "singkat"})):
        assert act(world, officer, name, **fields).status_code == 422
    assert act(world, officer, "temuan", **converting(world, seen="1")).status_code == 409
    assert act(world, officer, "ambil-lagi").status_code == 409
    assert act(world, officer, "batalkan", note="Tidak ada yang dibatalkan").status_code == 409
    assert act(world, officer, "temuan", **converting(world, seen="x")).status_code == 422
    assert act(world, coordinator, "pelapor", note="Tidak ada lembar pelapor di sini").status_code == 404
    assert rows(world)[1].last_event == before
    assert act(world, officer, "laporan", **converting(world)).status_code == 303
    short = act(world, coordinator, "pelapor", note="ya")
    assert (short.status_code, 'id="error-note-pelapor"' in short.text, REPORTER["name"] in short.text) == (
        422, True, False,
    )  # fmt: skip
    for login in ("reviewer", "admin", "auditor"):
        assert act(world, world.browser(login), "pelapor", note=WHY).status_code == 403
    assert act(world, world.browser("auditor"), "batalkan", note="Bukan tugasnya").status_code == 403
    unknown = "/informasi-awal/0b0e5c1e-6d3c-4f6e-9b65-1f0d6c6f4a11/ambil-lagi"
    assert officer.post(unknown, data={"seen": "1"}).status_code == 404
    with world.services.sessions() as session:
        assert len(session.scalars(select(ReporterSheet)).all()) == 1
