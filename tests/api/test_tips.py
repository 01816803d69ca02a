"""Informasi awal from the public: the door, the receipt, the way to a case, and what never leaves its sheet."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app import audit
from app.auth.principal import THE_PUBLIC
from app.db.base import Base, now
from app.db.event_tables import Event
from app.db.flag_tables import Flag
from app.db.submission_tables import Submission
from app.db.tip_tables import ReporterSheet, SpentChallenge, Tip
from app.office.retention import retain
from app.review.figures import Scope, load_rows
from app.review.overview import waiting
from tests.api.edge import taken_from
from tests.api.people import add, verdict
from tests.api.tipping import NOTE, REPORTER, SEEN, challenge, conversion, let_tips_in, newest, rows, tip, tipped
from tests.api.world import CALL, FORM, World, plain, problem

SECRETS = [str(value) for name, value in REPORTER.items() if name not in {"standing", "signed", "relation"}]
QUIET = "Selamat pagi, semoga sehat selalu."


def status(world: World, code: str) -> dict[str, str]:
    answer = world.nobody().post("/api/v1/tips/status", json={"code": code})
    assert answer.status_code == 200, answer.text
    found: dict[str, str] = answer.json()
    return found


def convert(world: World, row: dict[str, object], login: str = "reviewer", **changed: object) -> None:
    done = world.browser(login).post(f"/api/v1/tips/{row['id']}/conversion", json=conversion(row, **changed))
    assert done.status_code == 201, done.text


def judged(world: World, client: TestClient, flag: object) -> int:
    return verdict(client, str(flag), world.last_event(str(flag))).status_code


# -- the whole way ---------------------------------------------------------------------------------------------------


def test_from_a_tip_to_a_confirmed_laporan(world: World) -> None:
    let_tips_in(world)
    code, row = tipped(world)
    assert (row["state"], row["flag_state"], row["seen"], row["band"]) == ("new", "tip", SEEN, "high")
    assert status(world, code)["state"] == "received"
    queue, coordinator, (third,) = world.browser("reviewer"), world.browser("coordinator"), add(world, "dewi")
    assert queue.get("/api/v1/flags").json()["items"] == []
    assert queue.post("/api/v1/flags/next").json() is None
    assert judged(world, queue, row["flag"]) == 409
    assert queue.post(f"/api/v1/flags/{row['flag']}/claim").status_code == 409

    convert(world, row)
    assert status(world, code)["state"] == "in_review"
    assert newest(world)["kind"] == "laporan"
    assert judged(world, queue, row["flag"]) == 403  # who converted it gives no verdict
    assert judged(world, coordinator, row["flag"]) == 201
    assert status(world, code)["state"] == "in_review"
    assert judged(world, third, row["flag"]) == 201
    told = status(world, code)
    assert told.keys() == {"state", "received_at", "since"}
    assert told["state"] == "done"
    with world.services.sessions() as session:
        assert session.scalars(select(Flag.state)).one() == "confirmed"
        assert audit.verify(session).broken_at is None


def test_what_the_rules_do_not_flag_is_looked_at_all_the_same(world: World) -> None:
    let_tips_in(world)
    code, row = tipped(world, QUIET)
    assert (row["band"], row["flag_state"]) == ("low", "tip")
    _, flag = rows(world)
    assert (flag.origin, flag.desk) == ("tip", "")
    aside = {"reason": "tip_not_neutrality", "note": "", "seen": row["last_event"]}
    officer = world.browser("reviewer")
    assert officer.post(f"/api/v1/tips/{row['id']}/setting-aside", json=aside).status_code == 201
    assert newest(world)["state"] == "aside"
    assert status(world, code)["state"] == "done"
    back = {"seen": newest(world)["last_event"]}
    assert officer.post(f"/api/v1/tips/{row['id']}/taking-back", json=back).status_code == 201
    assert status(world, code)["state"] == "received"
    convert(world, newest(world), kind="temuan")
    with world.services.sessions() as session:
        made = session.scalars(select(Event).where(Event.action == "flag.convert")).one()
        assert made.data["officer"] == "Orang reviewer"
        assert session.get(ReporterSheet, uuid.UUID(str(row["id"]))) is None
    assert officer.get("/api/v1/flags").json()["items"][0]["id"] == row["flag"]


def test_pictures_or_an_address_alone_are_enough(world: World) -> None:
    let_tips_in(world)
    assert tip(world, [plain()]).status_code == 201
    assert tip(world, url="https://www.tiktok.com/@contoh/video/1").status_code == 201
    assert world.screen_now() == 2
    with world.services.sessions() as session:
        assert sorted(session.scalars(select(Flag.state))) == ["tip", "tip"]
        assert set(session.scalars(select(Submission.submitted_by))) == {THE_PUBLIC.user_id}
    problem(tip(world), 422, "images")
    problem(tip(world, [plain()] * 5), 422, "images")
    problem(tip(world, [b"bukan gambar"]), 422, "images")
    problem(tip(world, text=QUIET, seen="pendek"), 422, "seen")
    problem(tip(world, text=QUIET, contest="kota-lama"), 422, "contest")
    problem(tip(world, text=QUIET, handle="budi"), 422, "handle")
    problem(world.submit(QUIET, capture_method="tip"), 422, "capture_method")


# -- the door --------------------------------------------------------------------------------------------------------


def test_closed_unless_the_office_opens_it(common_world: World) -> None:
    world = common_world
    let_tips_in(world, tips_open=False)
    for answer in (
        world.nobody().get("/api/v1/tips/challenge"),
        world.nobody().post("/api/v1/tips", content=b"", headers={"Content-Type": FORM}),
        world.nobody().post("/api/v1/tips/status", json={"code": "7KQM-2WXB-R9TD-5HFM"}),
    ):
        problem(answer, 404)
    assert taken_from(world.app, "/api/v1/tips", {"Content-Type": FORM}) == (404, 0)


def test_nothing_is_read_before_the_work_was_done(common_world: World) -> None:
    world = common_world
    let_tips_in(world)
    assert taken_from(world.app, "/api/v1/tips", {"Content-Type": FORM}) == (422, 0)
    proven = challenge(world)
    assert taken_from(world.app, "/api/v1/tips", {"Content-Type": FORM} | proven | {"Netra-Proof": "x"}) == (422, 0)
    problem(tip(world, text=CALL, headers=proven | {"Netra-Challenge": "a.b.c.d"}), 422, "challenge")


def test_a_challenge_serves_once(world: World) -> None:
    let_tips_in(world)
    proven = challenge(world)
    assert tip(world, text=CALL, headers=proven).status_code == 201
    problem(tip(world, text=CALL, headers=proven), 409, "challenge")
    with world.services.sessions() as session:
        assert len(session.scalars(select(SpentChallenge)).all()) == 1
        assert len(session.scalars(select(Tip)).all()) == 1


def test_an_address_and_a_day_have_their_limits(world: World) -> None:
    let_tips_in(world, tips_per_hour=2)
    assert [tip(world, text=f"{CALL} {n}").status_code for n in range(3)] == [201, 201, 429]
    let_tips_in(world, tips_per_day=3)
    assert tip(world, text=CALL).status_code == 201
    refused = tip(world, text=CALL)
    problem(refused, 429)
    assert int(refused.headers["retry-after"]) > 0


def test_codes_that_are_unknown_and_slips_of_the_pen(common_world: World) -> None:
    world = common_world
    let_tips_in(world)
    unknown = world.nobody().post("/api/v1/tips/status", json={"code": "7KQM-2WXB-R9TD-5HFM"})
    problem(unknown, 404)
    problem(world.nobody().post("/api/v1/tips/status", json={"code": "7KQM-2WXB-R9TD-5HFN"}), 422, "code")
    answers = [world.nobody().post("/api/v1/tips/status", json={"code": "x"}).status_code for _ in range(25)]
    assert answers[-1] == 429


# -- formal and material conditions ----------------------------------------------------------------------------------


def test_what_a_laporan_needs(world: World) -> None:
    let_tips_in(world)
    _, row = tipped(world)
    officer, address = world.browser("reviewer"), f"/api/v1/tips/{row['id']}/conversion"
    for missing in ("name", "address", "contact", "standing", "signed"):
        without = {name: value for name, value in REPORTER.items() if name != missing}
        problem(officer.post(address, json=conversion(row, reporter=without)), 422, missing)
    problem(officer.post(address, json=conversion(row, place=" ")), 422, "place")
    problem(officer.post(address, json=conversion(row, note="pendek")), 422, "note")
    tomorrow = (date.today() + timedelta(days=2)).isoformat()
    problem(officer.post(address, json=conversion(row, known_date=tomorrow)), 422, "known_date")
    problem(officer.post(address, json=conversion(row, seen=1)), 409)
    assert newest(world)["state"] == "new"


def test_after_seven_days_a_laporan_is_not_registered(world: World) -> None:
    let_tips_in(world)
    long_ago = (date.today() - timedelta(days=9)).isoformat()
    _, row = tipped(world, act_date=long_ago)
    officer, address = world.browser("reviewer"), f"/api/v1/tips/{row['id']}/conversion"
    late = problem(officer.post(address, json=conversion(row, known_date=long_ago)), 422, "known_date")
    assert "temuan" in late["detail"]
    last = (date.today() - timedelta(days=6)).isoformat()
    convert(world, row, known_date=last)
    _, flag = rows(world)
    assert flag.due_on == date.fromisoformat(last) + timedelta(days=7)


def test_a_conversion_is_taken_back_and_done_again(world: World) -> None:
    let_tips_in(world)
    _, row = tipped(world)
    convert(world, row)
    undo = f"/api/v1/tips/{row['id']}/conversion/undo"
    body = {"note": "Salah orang yang dicatat", "seen": newest(world)["last_event"]}
    problem(add(world, "dewi")[0].post(undo, json=body), 403)
    assert world.browser("reviewer").post(undo, json=body).status_code == 201
    with world.services.sessions() as session:
        assert session.scalars(select(ReporterSheet)).all() == []
    assert newest(world)["state"] == "new"
    convert(world, newest(world), kind="temuan")
    assert judged(world, world.browser("coordinator"), row["flag"]) == 201
    body["seen"] = newest(world)["last_event"]
    problem(world.browser("reviewer").post(undo, json=body), 409)


# -- who may, and what is kept where ---------------------------------------------------------------------------------


def test_the_sheet_is_read_by_coordinators_with_a_reason_and_stands_nowhere_else(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    let_tips_in(world)
    _, row = tipped(world)
    convert(world, row)
    address, why = f"/api/v1/tips/{row['id']}/reporter", {"reason": "Undangan klarifikasi kepada pelapor"}
    for login in ("reviewer", "admin", "auditor", "monitor"):
        problem(world.browser(login).post(address, json=why), 403)
    coordinator = world.browser("coordinator")
    problem(coordinator.post(address, json={"reason": "ya"}), 422, "reason")
    assert coordinator.post(address, json=why).json() == REPORTER
    with world.services.sessions() as session:
        read = session.scalars(select(Event).where(Event.action == "flag.reporter_read")).one()
        assert (read.actor, read.data) == ("coordinator", {"note": why["reason"]})
        stored = "".join(str(session.execute(table.select()).all()) for table in Base.metadata.sorted_tables)
    shown = [
        coordinator.get(path).text
        for path in (f"/api/v1/flags/{row['flag']}", f"/antrean/{row['flag']}", "/api/v1/tips", "/jejak-audit")
    ]
    everything = stored + "".join(shown) + "".join(capsys.readouterr())
    assert [secret for secret in SECRETS if secret in everything] == []
    assert NOTE in stored


def test_retention_destroys_words_receipt_and_sheet(world: World) -> None:
    let_tips_in(world, keep_unreviewed_days=1)
    code, row = tipped(world)
    convert(world, row)
    lone, other = tipped(world, QUIET)
    done = retain(world.services, moment=now() + timedelta(days=3))
    assert done.rules["unreviewed"] == 2
    with world.services.sessions() as session:
        assert {(one.state, one.seen, one.code_hash) for one in session.scalars(select(Tip))} == {("gone", "", None)}
        assert session.scalars(select(ReporterSheet)).all() == []
        assert session.scalars(select(SpentChallenge)).all() == []
        assert set(session.scalars(select(Flag.state))) == {"closed"}
        assert audit.verify(session).broken_at is None
    for gone in (code, lone):
        problem(world.nobody().post("/api/v1/tips/status", json={"code": gone}), 404)
    assert world.browser("auditor").get("/api/v1/tips").json()["items"] == []
    reopened = {"note": "Dibuka lagi karena ada bukti baru", "seen": world.last_event(str(other["flag"]))}
    problem(world.browser("coordinator").post(f"/api/v1/flags/{other['flag']}/reopening", json=reopened), 409)


def test_tips_belong_to_no_figure_before_they_are_a_case(world: World) -> None:
    let_tips_in(world)
    _, row = tipped(world)
    with world.services.sessions() as session:
        assert load_rows(session, Scope()) == []
        assert waiting(session, None, date.today()).items == 0
    convert(world, row)
    with world.services.sessions() as session:
        assert len(load_rows(session, Scope())) == 1
        assert waiting(session, None, date.today()).items == 1
