"""Retention: what is due goes, row and event before the file; what is held, named elsewhere or confirmed stays."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select, update

from app import audit, jobs, originals
from app.auth.principal import SYSTEM
from app.db.base import now
from app.db.contest_tables import ReferencePhoto
from app.db.event_tables import Event
from app.db.flag_tables import Flag, Screening
from app.db.office_tables import Condemned, Destruction, DestructionRun
from app.db.people_tables import UserSession
from app.db.submission_tables import Submission
from app.office.retention import GRACE, Done, look, retain
from app.roster.enrol import withdraw
from app.screening.rescreen import choose
from tests.api.people import act, add, verdict
from tests.api.world import CONTEST, World, problem

CALL = "Ayo coblos nomor 3, lanjutkan! — rahasia pengirim"
WHY = "Diminta kejaksaan, surat 12"


def picture(seed: int) -> bytes:
    """A small picture that differs from all others."""
    pixels = np.random.default_rng(seed).integers(0, 255, (48, 48, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def run(world: World, days: float) -> Done:
    """Retention as it would run after so many days; whoever was signed in is so no more."""
    world.__dict__.pop("_monitor", None)
    return retain(world.services, moment=now() + timedelta(days=days))


def keep(world: World, **values: int) -> None:
    body = {"values": values, "reason": "Jadwal retensi kantor"}
    assert world.browser("admin").put("/api/v1/settings", json=body).status_code == 200


def post(world: World, seed: int = 1, text: str = CALL, **fields: str) -> tuple[str, str, str]:
    """A flagged post with a picture: flag, submission, sha256."""
    flag, _ = world.flagged(text, [picture(seed)], handle="@seseorang", agency="Dinas", **fields)
    with world.services.sessions() as session:
        submission = session.get_one(Flag, uuid.UUID(flag)).submission
        return flag, str(submission.id), submission.images[0].sha256


def there(world: World, digest: str) -> bool:
    return digest in {name for name, _ in world.services.blobs.listed()}


def dismiss(world: World, flag: str) -> None:
    assert verdict(world.browser("reviewer"), flag, world.last_event(flag), "dismiss").status_code == 201


def events(world: World, action: str) -> list[Event]:
    with world.services.sessions() as session:
        assert audit.verify(session).broken_at is None
        return list(session.scalars(select(Event).where(Event.action == action).order_by(Event.id)))


def read(world: World, flag: str) -> dict[str, Any]:
    body: dict[str, Any] = world.browser("auditor").get(f"/api/v1/flags/{flag}").json()
    return body


def test_an_unreviewed_item_goes_after_its_time(world: World) -> None:
    flag, submission, digest = post(world)
    assert run(world, 29).run is None
    assert there(world, digest)
    with world.services.sessions() as session:
        assert look(session, world.services.operating.now(), now() + timedelta(days=31)).rules == {"unreviewed": 1}
        assert session.scalars(select(Destruction)).all() == []  # a look writes nothing
    assert there(world, digest)
    done = run(world, 31)
    assert done.rules == {"unreviewed": 1}
    assert not there(world, digest)
    item = read(world, flag)
    assert (item["state"], item["images"], item["text"]["caption"]) == ("closed", [], "")
    assert item["retention"]["destroyed"]["hashes"] == [{"sha256": digest, "kept": False}]
    assert item["context"]["handle"] == item["context"]["agency"] == ""
    (event,) = events(world, "submission.destroyed")
    assert (event.actor, event.object_id, event.data["rule"]) == ("system", submission, "unreviewed")
    assert [one.object_id for one in events(world, "flag.lapse")] == [flag]
    with world.services.sessions() as session:
        stored = session.scalars(select(Screening)).one()
        assert stored.observations == []
        assert all(not {"quote", "span", "box"} & signal.keys() for signal in stored.signals)
        assert "rahasia" not in str(stored.signals)
        assert choose(session, CONTEST) == []  # nothing is left to screen again
    assert world.browser("reviewer").get(f"/media/flags/{flag}/images/0?blur=1").status_code == 404


def test_a_dismissed_item_keeps_its_hash_and_reason(world: World) -> None:
    flag, _, digest = post(world)
    dismiss(world, flag)
    assert run(world, 31).rules == {"dismissed": 1}
    assert not there(world, digest)
    item = read(world, flag)
    assert item["state"] == "dismissed"
    assert [event["data"]["reason"] for event in item["events"] if event["action"] == "flag.dismiss"] == ["duplicate"]
    assert [event["action"] for event in item["events"]][-1] == "flag.destroyed"


def test_what_people_work_on_or_confirmed_stays(world: World) -> None:
    first, second = add(world, "ani", "budi")
    working, _, one = post(world, 1)
    confirmed, _, two = post(world, 2, CALL + " lagi")
    for client in (first, second):
        assert verdict(client, confirmed, world.last_event(confirmed)).status_code == 201
    assert verdict(first, working, world.last_event(working)).status_code == 201  # waits for its second look
    assert run(world, 4000).run is None
    assert there(world, one)
    assert there(world, two)
    body = {"note": "selesai", "seen": world.last_event(confirmed)}
    assert act(world.browser("coordinator"), confirmed, "closure", **body).status_code == 201
    assert run(world, 4000).rules == {"working": 1}  # its working data; the originals wait for the records schedule
    assert there(world, two)
    assert read(world, confirmed)["text"]["lines"] == []
    assert read(world, confirmed)["text"]["caption"] != ""
    assert run(world, 4000).run is None
    keep(world, keep_confirmed_days=365)
    assert run(world, 4000).rules == {"confirmed": 1}
    assert not there(world, two)
    assert there(world, one)


def test_an_unflagged_post_and_a_failed_one_go_too(world: World) -> None:
    answer = world.submit("Selamat pagi", [picture(3)])
    world.screen_now()
    digest = answer.json()["images"][0]["sha256"]
    with world.services.sessions() as session:
        session.execute(update(Submission).values(state="failed"))
        session.commit()
    assert run(world, 31).rules == {"unreviewed": 1}
    assert not there(world, digest)
    with world.services.sessions() as session:
        assert list(jobs.failed_submissions(session)) == []
        assert jobs.requeue(session, SYSTEM, uuid.UUID(answer.json()["id"])) is False


def test_a_hold_stops_the_timers(world: World) -> None:
    flag, _, digest = post(world)
    coordinator = world.browser("coordinator")
    problem(act(coordinator, flag, "hold", reason="pendek"), 422, "reason")
    assert act(world.browser("reviewer"), flag, "hold", reason=WHY).status_code == 403
    assert act(coordinator, flag, "hold", reason=WHY).status_code == 201
    problem(act(coordinator, flag, "hold", reason=WHY), 409)
    assert run(world, 400).run is None
    assert there(world, digest)
    assert read(world, flag)["retention"]["held"]["reason"] == WHY
    coordinator = world.browser("coordinator")
    assert act(coordinator, flag, "hold-lifting", reason=WHY).status_code == 201
    problem(act(coordinator, flag, "hold-lifting", reason=WHY), 404)
    assert run(world, 400).rules == {"unreviewed": 1}
    problem(act(world.browser("coordinator"), flag, "hold", reason=WHY), 409)
    assert [len(events(world, name)) for name in ("flag.hold", "flag.unhold")] == [1, 1]


def test_a_file_that_another_post_names_stays(world: World) -> None:
    first, _, digest = post(world, 5)
    second, _, same = post(world, 5, CALL + " (kedua)")
    assert same == digest
    dismiss(world, first)
    keep(world, keep_unreviewed_days=0)
    assert run(world, 31).rules == {"dismissed": 1}
    assert there(world, digest)
    assert read(world, first)["retention"]["destroyed"]["hashes"] == [{"sha256": digest, "kept": True}]
    assert world.browser("reviewer").get(f"/media/flags/{second}/images/0?blur=1").status_code == 200
    keep(world, keep_unreviewed_days=30)
    assert run(world, 31).rules == {"unreviewed": 1}
    assert not there(world, digest)


def test_the_same_post_again_is_a_new_submission_with_its_original(world: World) -> None:
    flag, submission, digest = post(world)
    dismiss(world, flag)
    run(world, 31)
    again = post(world)
    assert again[1] != submission
    assert again[2] == digest
    assert there(world, digest)
    assert run(world, 1).run is None
    assert there(world, digest)


def test_an_upload_between_condemning_and_erasing_keeps_its_original(world: World) -> None:
    """The row says that the file is to go when the same bytes come again: they stay."""
    flag, _, digest = post(world)
    dismiss(world, flag)
    with world.services.sessions() as session:
        originals.condemn(session, [digest], "dismissed")
        session.commit()
    post(world, text=CALL + " baru")
    with world.services.sessions() as session:
        assert session.get(Condemned, digest) is None
    assert run(world, 0).run is None
    assert there(world, digest)


def test_a_withdrawn_photo_s_file_goes(world: World) -> None:
    world.enrol_candidates()
    with world.services.sessions() as session:
        photo = session.scalars(select(ReferencePhoto).limit(1)).one()
        digest = photo.sha256
        withdraw(session, SYSTEM, photo)
        session.commit()
    assert there(world, digest)
    with world.services.sessions() as session:
        assert look(session, world.services.operating.now()).rules == {"photo": 1}
    assert run(world, 0).rules == {"photo": 1}
    assert not there(world, digest)
    assert [event.object_id for event in events(world, "original.destroyed")] == [digest]


def test_a_file_that_nothing_names_goes_after_a_day(world: World) -> None:
    digest = world.services.blobs.put(picture(9))
    assert run(world, 0).run is None
    assert there(world, digest)
    assert run(world, GRACE / timedelta(days=1) + 0.1).rules == {"orphan": 1}
    assert not there(world, digest)


def test_an_objection_s_paper_is_no_orphan(world: World) -> None:
    flag, _, _ = post(world)
    dismiss(world, flag)
    paper = b"%PDF-1.4 keberatan"
    form = {"note": "Surat keberatan dari yang bersangkutan", "seen": str(world.last_event(flag))}
    answer = world.browser("coordinator").post(
        f"/api/v1/flags/{flag}/appeals", data=form, files={"document": ("k.pdf", paper, "application/pdf")}
    )
    assert answer.status_code == 201, answer.text
    keep(world, keep_unreviewed_days=0)
    before = {name for name, _ in world.services.blobs.listed()}
    assert run(world, 40).run is None
    assert {name for name, _ in world.services.blobs.listed()} == before


def test_running_again_changes_nothing(world: World) -> None:
    flag, _, _ = post(world)
    dismiss(world, flag)
    first = run(world, 31)
    assert first.run is not None
    with world.services.sessions() as session:
        known = len(session.scalars(select(Event)).all())
    assert run(world, 31).run is None
    with world.services.sessions() as session:
        assert len(session.scalars(select(Event)).all()) == known
        assert len(session.scalars(select(DestructionRun)).all()) == 1


def test_expired_sessions_go(world: World) -> None:
    world.browser("reviewer")
    with world.services.sessions() as session:
        session.execute(update(UserSession).values(expires_at=now() - timedelta(hours=1)))
        session.commit()
    assert run(world, 0).sessions > 0
    with world.services.sessions() as session:
        assert session.scalars(select(UserSession)).all() == []


def test_the_record_tells_what_went(world: World) -> None:
    flag, submission, digest = post(world)
    dismiss(world, flag)
    done = run(world, 31)
    auditor = world.browser("auditor")
    (row,) = auditor.get("/api/v1/destructions").json()["items"]
    assert (row["id"], row["things"]) == (done.run, 1)
    (line,) = auditor.get(f"/api/v1/destructions/{done.run}").json()["items"]
    assert (line["rule"], line["submission"], line["sha256"]) == ("dismissed", submission, digest)
    problem(auditor.get("/api/v1/destructions/99"), 404)
    page = auditor.get(f"/retensi/{done.run}", headers={"Accept": "text/html"}).text
    assert digest in page
    assert "Tidak diteruskan" in page
    file = auditor.get(f"/retensi/{done.run}/csv")
    assert file.headers["content-type"].startswith("text/csv")
    table = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert table[1][1] == "dismissed"
    assert digest in table[1]
    item = auditor.get(f"/antrean/{flag}", headers={"Accept": "text/html"}).text
    assert "dimusnahkan pada" in item
    assert digest in item
    assert f"/media/flags/{flag}/images" not in item
    assert world.browser("reviewer").get("/retensi").status_code == 403


@pytest.mark.parametrize("role", ["coordinator", "admin", "auditor"])
def test_the_page_of_retention(common_world: World, role: str) -> None:
    text = common_world.browser(role).get("/retensi", headers={"Accept": "text/html"}).text
    assert "Belum ada yang dimusnahkan" in text
    assert "30 hari" in text
