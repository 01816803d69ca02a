"""Long work: a look that changes nothing, its report, applying it; cancelling, taking over, and notices."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import select

from app import audit
from app.auth.principal import Principal
from app.db.base import now
from app.db.event_tables import Event
from app.db.flag_tables import Flag, Screening
from app.db.office_tables import Executor, Work, WorkStep
from app.db.people_tables import User
from app.jobs import errands
from app.jobs.errands import Errand, Stopped
from app.jobs.runner import Runner
from app.office.kinds import KINDS, doers
from app.rules.revise import with_bands
from app.rules.ruleset import own_source
from app.screening.rule_versions import draft, publish
from tests.api.world import CONTEST, World, problem

WHY = "Ambang baru hasil kalibrasi"
WEAK, CALL, PLAIN = "Keren, salam dua jari nomor 2 \N{THUMBS UP SIGN}", "Ayo coblos nomor 3!", "Selamat pagi, warga"
HTML = {"Accept": "text/html"}


def claim(world: World, executor: str = "uji") -> Errand | None:
    return errands.claim(world.services.engine, executor, 10.0, 3)


def work_now(world: World) -> int:
    """Do all that waits, in this thread; how many pieces that were."""
    runner = Runner(world.services.engine, "uji", doers(world.services), (), 10.0, 3)
    count = 0
    while (errand := claim(world)) is not None:
        runner._attend(errand)
        count += 1
    return count


def coordinator(world: World) -> Principal:
    with world.services.sessions() as session:
        user = session.scalars(select(User).where(User.login == "coordinator")).one()
        return Principal(user.id, user.login, user.name, "coordinator")


def draft_rules(world: World, *, live: bool = False, **bands: float) -> int:
    """A draft with other limits; made live where asked for."""
    with world.services.sessions() as session:
        row = draft(session, coordinator(world), with_bands(own_source(), bands), WHY)
        if live:
            publish(session, coordinator(world), row.id, WHY, replaces=None)
        session.commit()
        return row.id


def start(world: World, **body: Any) -> dict[str, Any]:
    answer = world.browser("coordinator").post("/api/v1/works/rescreen", json={"contest": CONTEST} | body)
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


def read(world: World, work_id: str) -> dict[str, Any]:
    found: dict[str, Any] = world.browser("admin").get(f"/api/v1/works/{work_id}").json()
    return found


def apply(world: World, look_id: str, reason: str = WHY) -> Any:
    return world.browser("coordinator").post(f"/api/v1/works/{look_id}/application", json={"reason": reason})


def posts(world: World, *texts: str) -> None:
    for text in texts:
        assert world.submit(text).status_code == 202
    world.screen_now()


def flags(world: World) -> list[tuple[str, str]]:
    with world.services.sessions() as session:
        return sorted((flag.band, flag.state) for flag in session.scalars(select(Flag)))


def test_a_look_by_a_draft_reports_and_changes_nothing(world: World) -> None:
    posts(world, WEAK, CALL, PLAIN)
    before = flags(world)
    begun = start(world, draft=draft_rules(world, low=0.39))
    assert (begun["state"], begun["done"]) == ("queued", 0)
    assert work_now(world) == 1
    found = read(world, begun["id"])
    assert (found["state"], found["done"], found["total"]) == ("done", 3, 3)
    assert found["result"]["effects"] == {"same": 2, "falls away": 1}
    assert [one["effect"] for one in found["result"]["examples"]] == ["falls away"]
    assert flags(world) == before
    with world.services.sessions() as session:
        assert len(session.scalars(select(Screening)).all()) == 3
        assert {e.action for e in session.scalars(select(Event).where(Event.object_type == "work"))} == {
            "work.asked", "work.done",
        }  # fmt: skip
        assert audit.verify(session).broken_at is None
    refused = problem(apply(world, begun["id"]), 409, "rules")  # nobody published that draft
    assert "bukan yang berlaku" in refused["detail"]


def test_what_the_live_rules_say_is_applied_once(world: World) -> None:
    posts(world, WEAK, CALL, PLAIN)
    draft_rules(world, live=True, low=0.01)
    look = start(world)
    work_now(world)
    assert read(world, look["id"])["result"]["effects"]["appears"] == 1
    problem(apply(world, look["id"], "pendek"), 422, "reason")
    applying = apply(world, look["id"])
    assert applying.status_code == 202, applying.text
    problem(apply(world, look["id"]), 409)
    work_now(world)
    found = read(world, applying.json()["id"])
    assert found["state"] == "done", found
    assert found["result"]["written"] == 3
    assert found["result"]["effects"]["appears"] == 1
    assert len(flags(world)) == 3
    with world.services.sessions() as session:
        done = session.scalars(select(Event).where(Event.action == "submission.rescreened")).all()
        assert {event.actor for event in done} == {"coordinator"}
        assert audit.verify(session).broken_at is None
    again = start(world)
    work_now(world)
    assert read(world, again["id"])["result"]["writes"] == 0


def test_a_killed_worker_s_work_is_continued_and_nothing_is_done_twice(world: World) -> None:
    posts(world, WEAK, CALL, PLAIN)
    begun = start(world)
    first = claim(world, "mati")
    assert first is not None
    doing = doers(world.services)[first.kind]
    steps = 0

    @dataclass(frozen=True, slots=True)
    class Dying(Errand):
        seen: list[int] = field(default_factory=list)

        def done(self, session: Any, number: int, outcome: Any) -> None:
            if len(self.seen) == 1:
                raise KeyboardInterrupt
            Errand.done(self, session, number, outcome)
            self.seen.append(number)

    dying = Dying(first.id, first.attempt, first.kind, first.params, first.login, first.user_id, first.engine)
    with pytest.raises(KeyboardInterrupt):
        doing(dying)
    assert read(world, begun["id"])["done"] == 1
    with world.services.sessions() as session:
        kept = session.scalars(select(WorkStep.number).where(WorkStep.outcome.is_not(None))).all()
        steps = len(session.scalars(select(WorkStep)).all())
    assert work_now(world) == 1  # the executor "mati" has no heartbeat
    found = read(world, begun["id"])
    assert (found["state"], found["done"], found["total"]) == ("done", 3, 3)
    assert steps == 3
    assert kept == dying.seen
    with world.services.sessions() as session:
        row = session.get_one(Work, uuid.UUID(begun["id"]))
        assert (row.attempt, row.deaths) == (2, 1)
        with pytest.raises(Stopped):  # the dead worker wakes up
            Errand.done(dying, session, 2, {})


def test_work_of_a_live_worker_is_left_alone(world: World) -> None:
    begun = start(world)
    with world.services.sessions() as session:
        session.add(Executor(id="hidup", seen_at=now()))
        session.commit()
    assert claim(world, "hidup") is not None
    assert claim(world, "lain") is None
    assert read(world, begun["id"])["state"] == "running"


def test_work_over_which_workers_die_is_given_up(world: World) -> None:
    begun = start(world)
    for _ in range(3):
        assert claim(world, "mati") is not None
    assert claim(world, "mati") is None
    found = read(world, begun["id"])
    assert found["state"] == "failed"
    assert "3 proses mati" in found["failure"]


def test_cancelling_ends_it_and_keeps_what_was_done(world: World) -> None:
    posts(world, WEAK, CALL)
    begun = start(world)
    errand = claim(world)
    assert errand is not None
    errand.plan(["a", "b"])
    manager = world.browser("admin")
    assert manager.post(f"/api/v1/works/{begun['id']}/cancellation").json()["state"] == "cancelled"
    with world.services.sessions() as session, pytest.raises(Stopped):
        errand.done(session, 0, {})
    assert errands.finish(errand, {}) is False
    problem(manager.post(f"/api/v1/works/{begun['id']}/cancellation"), 409)
    problem(manager.post(f"/api/v1/works/{uuid.uuid4()}/cancellation"), 404)
    problem(apply(world, begun["id"]), 409)
    assert work_now(world) == 0


def test_rules_that_change_in_the_middle_end_the_work(world: World) -> None:
    posts(world, WEAK)
    begun = start(world)
    errand = claim(world, "mati")
    assert errand is not None
    errand.plan(["x"], rules="lama")
    work_now(world)
    assert "Aturan berubah" in read(world, begun["id"])["failure"]


@pytest.mark.parametrize(
    ("body", "status", "name"),
    [
        ({"contest": "tidak-ada"}, 422, "contest"), ({"limit": 0}, 422, "limit"), ({"draft": 999}, 404, None),
        ({"since": "2029-01-02T00:00:00Z", "until": "2029-01-01T00:00:00Z"}, 422, "until"),
    ],
)  # fmt: skip
def test_bad_requests_are_told(tidy_world: World, body: dict[str, Any], status: int, name: str | None) -> None:
    client = tidy_world.browser("coordinator")
    problem(client.post("/api/v1/works/rescreen", json={"contest": CONTEST} | body), status, name)
    assert client.get("/api/v1/works").json()["items"] == []


def test_daily_work_is_put_in_once(world: World) -> None:
    engine = world.services.engine
    assert errands.schedule(engine, "retain", "retain:2029-01-01") is True
    assert errands.schedule(engine, "retain", "retain:2029-01-01") is False
    assert work_now(world) == 1
    (row,) = world.browser("admin").get("/api/v1/works").json()["items"]
    assert (row["kind"], row["state"], row["login"], row["result"]["rules"]) == ("retain", "done", "system", {})
    assert set(doers(world.services)) == set(KINDS)


def test_unknown_work_fails_visibly(world: World) -> None:
    errands.schedule(world.services.engine, "bulk", "bulk:1")
    work_now(world)
    assert "tidak dikenal" in world.browser("admin").get("/api/v1/works").json()["items"][0]["failure"]


def test_the_pages_from_the_form_to_the_report_and_its_application(world: World) -> None:
    posts(world, WEAK, CALL, PLAIN)
    draft_rules(world, live=True, low=0.01)
    client = world.browser("coordinator")
    bad = client.post("/pekerjaan/periksa-ulang", data={"contest": CONTEST, "since": "besok"}, headers=HTML)
    assert (bad.status_code, 'value="besok"' in bad.text) == (422, True)
    begun = client.post("/pekerjaan/periksa-ulang", data={"contest": CONTEST, "limit": "10"}, headers=HTML)
    assert begun.status_code == 303
    page = begun.headers["location"]
    assert "data-refresh" in client.get(page, headers=HTML).text
    assert "menunggu proses pemeriksa" in client.get("/antrean", headers=HTML).text
    work_now(world)
    assert "Pemeriksaan ulang selesai" in client.get("/antrean", headers=HTML).text
    assert "Pemeriksaan ulang selesai" not in world.browser("admin").get("/antrean", headers=HTML).text
    seen = client.post(f"{page}/dilihat", headers=HTML)
    assert seen.headers["location"] == page
    assert "Pemeriksaan ulang selesai" not in client.get("/antrean", headers=HTML).text
    report = client.get(page, headers=HTML).text
    assert "tanda baru" in report
    assert "data-refresh" not in report
    refused = client.post(f"{page}/terapkan", data={"reason": ""}, headers=HTML)
    assert (refused.status_code, "paling sedikit 10" in refused.text) == (422, True)
    applying = client.post(f"{page}/terapkan", data={"reason": WHY}, headers=HTML)
    assert applying.status_code == 303, applying.text
    work_now(world)
    assert "3 hasil ditulis" in client.get(applying.headers["location"], headers=HTML).text
    assert "Terapkan</button>" not in client.get(page, headers=HTML).text
    listing = world.browser("admin").get("/pekerjaan", headers=HTML).text
    assert "Penerapan pemeriksaan ulang" in listing
    assert "Mulai memeriksa" not in listing
