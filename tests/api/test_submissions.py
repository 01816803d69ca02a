"""Handing in: what is acknowledged is stored with its job, and the same post again is the same submission."""

from __future__ import annotations

import hashlib
import io
import os
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import OperationalError

from app import jobs
from app.auth import users as people
from app.db.event_tables import Event
from app.db.flag_tables import Flag, Screening
from app.db.submission_tables import Submission, SubmissionImage
from app.imaging.decode import prove
from app.intake.accept import accept
from app.intake.upload import Upload
from tests.api.edge import taken_from
from tests.api.world import CALL, CONTEST, FORM, REGION, World, form, plain, problem

TODAY = datetime.now(ZoneInfo("Asia/Jakarta")).date()
CONTEXT = {
    "platform": "instagram", "url": "https://www.instagram.com/p/abc/?x=1", "handle": "@dedi.embun",
    "subject_type": "pns", "agency": "Dinas Perhubungan", "act_date": str(TODAY - timedelta(days=3)),
    "known_date": str(TODAY - timedelta(days=1)), "capture_method": "original_bytes",
}  # fmt: skip


def count(world: World, table: Any) -> int:
    with world.services.sessions() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def jobs_of(world: World) -> list[str]:
    """The names of the engine's jobs: they begin with the submission's id."""
    with world.services.sessions() as session:
        schema = "dbos." if session.get_bind().dialect.name == "postgresql" else ""
        return list(session.scalars(text(f"SELECT workflow_uuid FROM {schema}workflow_status")))


def test_a_post_with_all_its_context_is_stored_as_given(world: World) -> None:
    picture = plain()
    answer = world.submit("Bangga bersama\nBANI", [picture], **CONTEXT)
    assert answer.status_code == 202
    body = answer.json()
    assert answer.headers["Location"] == f"/api/v1/submissions/{body['id']}"
    assert body["state"] == "queued"
    assert body["images"] == [
        {
            "position": 0, "sha256": hashlib.sha256(picture).hexdigest(), "mime": "image/jpeg", "bytes": len(picture),
            "width": 64, "height": 48,
        }
    ]  # fmt: skip
    row = world.row(body["id"])
    for field in ("platform", "url", "handle", "subject_type", "agency", "capture_method"):
        assert getattr(row, field) == CONTEXT[field]
    assert row.text == "Bangga bersama\nBANI"
    assert (str(row.act_date), str(row.known_date)) == (CONTEXT["act_date"], CONTEXT["known_date"])
    assert row.contest_id == CONTEST
    again = world.monitor.get(answer.headers["Location"])
    assert again.status_code == 200
    assert again.json() == body


def test_the_acknowledged_post_is_on_disk_with_its_job_and_its_event(world: World) -> None:
    picture = plain(60, "PNG")
    found = world.submit(images=[picture]).json()["id"]
    digest = hashlib.sha256(picture).hexdigest()
    assert world.services.blobs.root is not None
    assert (world.services.blobs.root / "originals" / digest[:2] / digest).read_bytes() == picture
    assert jobs_of(world) == [f"{found}:1"]
    with world.services.sessions() as session:
        event = session.scalars(select(Event).where(Event.action == "submission.received")).one()
    assert (event.actor, event.role, event.object_id) == ("monitor", "monitor", found)
    assert event.data == {"contest": CONTEST, "images": [digest], "capture_method": "upload"}


def test_originals_are_synced_before_the_transaction_commits(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, int]] = []
    real = os.fsync

    def noted(handle: int) -> None:
        seen.append((Path(f"/proc/self/fd/{handle}").readlink().name, count(sqlite_world, Submission)))
        real(handle)

    monkeypatch.setattr("app.storage.os.fsync", noted)
    picture = plain(61)
    assert sqlite_world.submit(images=[picture]).status_code == 202
    digest = hashlib.sha256(picture).hexdigest()
    assert [name for name, _ in seen][:3] == [digest, digest[:2], "originals"]
    assert {rows for _, rows in seen} == {0}
    assert count(sqlite_world, Submission) == 1


@pytest.mark.parametrize("given", [{"text": CALL}, {"images": [plain()]}], ids=["text", "picture"])
def test_either_text_or_a_picture_is_enough(world: World, given: dict[str, Any]) -> None:
    assert world.submit(**given).status_code == 202


def test_ten_pictures_keep_their_order(world: World) -> None:
    pictures = [plain(20 * number) for number in range(10)]
    body = world.submit(images=pictures).json()
    assert [image["sha256"] for image in body["images"]] == [hashlib.sha256(data).hexdigest() for data in pictures]
    assert [image["position"] for image in body["images"]] == list(range(10))


def test_dates_that_are_not_given_are_today_in_the_contest(world: World) -> None:
    body = world.submit(CALL).json()
    assert body["act_date"] == body["known_date"] == str(datetime.now(ZoneInfo("Asia/Jakarta")).date())
    known = world.submit(CALL, known_date="2026-01-05").json()
    assert known["act_date"] == known["known_date"] == "2026-01-05"


# -- the same again -------------------------------------------------------------------------------------------------


def test_the_same_bytes_and_context_are_the_same_submission(world: World) -> None:
    first = world.submit(CALL, [plain()], **CONTEXT)
    second = world.submit(CALL, [plain()], **CONTEXT)
    assert second.status_code == 202
    assert second.json() == first.json()
    assert second.headers["Location"] == first.headers["Location"]
    assert (count(world, Submission), count(world, SubmissionImage), len(jobs_of(world))) == (1, 1, 1)
    world.screen_now()
    assert world.submit(CALL, [plain()], **CONTEXT).json()["state"] == "screened"


def test_the_same_post_again_after_it_failed_is_queued_again(world: World) -> None:
    first = world.submit(CALL, [plain()]).json()
    with world.services.sessions() as session:
        session.execute(update(Submission).values(state="failed", failure="OSError", deaths=2))
        session.commit()
    assert world.monitor.get(f"/api/v1/submissions/{first['id']}").json()["failure"] == "OSError"
    again = world.submit(CALL, [plain()])
    assert (again.status_code, again.json()) == (202, first)
    assert jobs_of(world) == [f"{first['id']}:1", f"{first['id']}:2"]
    assert world.submit(CALL, [plain()]).json() == first
    with world.services.sessions() as session:
        (event,) = session.scalars(select(Event).where(Event.action == "submission.requeued")).all()
    assert (event.actor, event.object_id, event.data) == ("monitor", first["id"], {"attempt": 2})
    assert world.screen_now() == 1
    assert world.row(first["id"]).state == "screened"


def test_no_transaction_is_open_while_pictures_are_decoded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL ends a connection that stays idle in a transaction for a minute; ten pictures may take longer."""
    busy: list[bool] = []

    def noted(*given: Any, **options: Any) -> Any:
        busy.append(opened.in_transaction())
        return prove(*given, **options)

    monkeypatch.setattr("app.intake.accept.prove", noted)
    with world.services.sessions() as opened:
        monitor = people.principal_of(people.find_user(opened, "monitor"))
        upload = Upload(images=[io.BytesIO(plain(shade)) for shade in (1, 2)], contest=CONTEST)
        accepted = accept(opened, world.services.blobs, world.settings, monitor, upload)
        opened.commit()
    assert busy == [False, False]
    assert len(world.row(str(accepted.submission.id)).images) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"text": f"{CALL} "}, {"images": [plain(1)]}, {"images": [plain(), plain()]}, {"handle": "@lain"},
        {"act_date": str(TODAY - timedelta(days=2))}, {"url": ""}, {"contest": "muara-a"},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_other_bytes_or_context_are_another_submission(world: World, change: dict[str, Any]) -> None:
    given: dict[str, Any] = {"text": CALL, "images": [plain()]} | CONTEXT
    first = world.submit(**given).json()
    assert world.submit(**given | change).json()["id"] != first["id"]


def test_the_same_post_from_two_people_is_two_submissions(world: World) -> None:
    first = world.submit(CALL).json()["id"]
    second = world.submit(CALL, client=world.browser("reviewer")).json()["id"]
    assert first != second


def test_eight_threads_at_once_make_one_submission(world: World) -> None:
    callers = [world.program("monitor", "submit") for _ in range(8)]
    barrier = threading.Barrier(8)

    def send(number: int) -> tuple[int, str]:
        barrier.wait()
        answer = world.submit(CALL, [plain(33)], client=callers[number], **CONTEXT)
        return answer.status_code, answer.json().get("id", answer.text)

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(send, range(8)))
    assert len(answers) == 1, answers
    assert next(iter(answers))[0] == 202
    assert (count(world, Submission), len(jobs_of(world))) == (1, 1)
    with world.services.sessions() as session:
        received = select(func.count()).select_from(Event).where(Event.action == "submission.received")
        assert session.scalar(received) == 1


# -- all or nothing -------------------------------------------------------------------------------------------------


def test_without_a_job_there_is_no_submission(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    events = count(world, Event)

    def broken(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("the job engine's table is away"))

    monkeypatch.setattr(jobs, "enqueue", broken)
    assert world.submit(CALL, [plain()]).status_code == 503
    assert (count(world, Submission), count(world, SubmissionImage), count(world, Event)) == (0, 0, events)
    monkeypatch.undo()
    assert world.submit(CALL, [plain()]).status_code == 202
    assert len(jobs_of(world)) == 1


def test_a_failing_commit_leaves_neither_submission_nor_job(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OperationalError("COMMIT", {}, Exception("the server went away"))

    assert world.submit(CALL).status_code == 202  # signs the monitor in
    monkeypatch.setattr("sqlalchemy.orm.Session.commit", broken)
    assert world.submit("Rapat besok").status_code == 503
    monkeypatch.undo()
    assert (count(world, Submission), len(jobs_of(world))) == (1, 1)


# -- the contest ----------------------------------------------------------------------------------------------------


def test_the_contest_is_found_by_its_region(world: World) -> None:
    assert world.submit(CALL, contest="", region=REGION).json()["contest"] == CONTEST


@pytest.mark.parametrize(
    ("contest", "region", "field", "words"),
    [
        ("kota-lama", "", "contest", "ditutup / "),
        ("tidak-ada", "", "contest", "No such contest"),
        ("", "99.02", "region", "No open contest"),
        ("", "99.03", "region", "Several contests"),
        ("", "", "contest", "Name the contest"),
    ],
)
def test_contests_that_cannot_be_meant(world: World, contest: str, region: str, field: str, words: str) -> None:
    body = problem(world.submit(CALL, contest=contest, region=region), 422, field)
    assert words in body["detail"]
    assert count(world, Submission) == 0


# -- asking afterwards ----------------------------------------------------------------------------------------------


def test_the_flag_is_told_to_who_handed_in(world: World) -> None:
    flag_id, _ = world.flagged()
    (item,) = world.monitor.get("/api/v1/submissions").json()["items"]
    assert item["flag"] == {"id": flag_id, "band": "high", "state": "in_review"}
    assert (item["state"], item["failure"]) == ("screened", None)
    assert (count(world, Flag), count(world, Screening)) == (1, 1)


def test_own_submissions_come_newest_first_page_by_page(world: World) -> None:
    made = [world.submit(f"Rapat nomor surat {number}").json()["id"] for number in range(5)]
    world.submit("Dari orang lain", client=world.browser("reviewer"))
    found, cursor, pages = [], "", 0
    while cursor is not None:
        query = {"limit": "2"} | ({"after": cursor} if cursor else {})
        page = world.monitor.get("/api/v1/submissions", params=query).json()
        found += [item["id"] for item in page["items"]]
        cursor, pages = page["next"], pages + 1
    assert found == made[::-1]
    assert pages == 3


@pytest.mark.parametrize("cursor", ["x", str(uuid.uuid4()), "\0", "1" * 80], ids=["letter", "unknown", "NUL", "long"])
def test_unknown_cursors(common_world: World, cursor: str) -> None:
    problem(common_world.monitor.get("/api/v1/submissions", params={"after": cursor}), 422, "after")


def test_a_foreign_submission_is_not_there_for_a_monitor(world: World) -> None:
    location = world.submit(CALL, client=world.browser("coordinator")).headers["Location"]
    assert "ada" in problem(world.monitor.get(location), 404)["detail"]
    for login in ("reviewer", "coordinator", "admin", "auditor"):
        assert world.browser(login).get(location).status_code == 200
    assert world.program("reviewer", "submit").get(location).status_code == 404
    assert world.program("reviewer", "review").get(location).status_code == 200


def test_more_than_the_minute_allows(sqlite_world: World) -> None:
    sqlite_world.settings.submissions_per_minute = 3
    answers = [sqlite_world.submit(f"Rapat {number}") for number in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert int(answers[3].headers["Retry-After"]) >= 1
    assert problem(answers[3], 429)["type"] == "urn:netra:problem:too-many"


def test_each_token_has_its_own_minute_and_nothing_is_read_when_it_is_over(sqlite_world: World) -> None:
    sqlite_world.settings.submissions_per_minute = 1
    one, other = (sqlite_world.program("monitor", "submit") for _ in range(2))
    assert [sqlite_world.submit(CALL, client=client).status_code for client in (one, other, one)] == [202, 202, 429]
    assert sqlite_world.submit("Rapat", client=sqlite_world.browser("monitor")).status_code == 202
    headers = {"Content-Type": FORM, "Authorization": one.headers["Authorization"]}
    assert taken_from(sqlite_world.app, "/api/v1/submissions", headers) == (429, 0)


def test_the_acknowledgement_needs_no_model(world: World) -> None:
    """An API process without a worker never opens the pack."""
    world.services._models = None
    answer = world.send(form({"contest": CONTEST, "act_date": str(date(2026, 1, 5))}, [plain()]), FORM)
    assert answer.status_code == 202
    assert world.services._models is None
