"""Workers are killed, frozen and stopped in the middle of a job: nothing is lost, nothing is done twice."""

from __future__ import annotations

import signal
from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from app import jobs
from app.db.base import now
from app.db.office_tables import Executor
from app.settings import Settings
from tests import forked
from tests.durability.conftest import ATTEMPTS, Crew, until, working
from tests.durability.standin import POISON


def test_kills_in_the_middle_of_jobs_lose_and_double_nothing(crew: Crew) -> None:
    waiting = crew.submit(24)
    workers = [crew.hire(), crew.hire()]
    for turn in range(4):
        victim = workers[turn % 2]
        until(lambda victim=victim: crew.busy(victim))
        forked.kill(victim)
        workers[turn % 2] = crew.hire()
    until(crew.settled, 60)
    assert crew.results() == dict.fromkeys(waiting, 1)
    assert {crew.row(one).state for one in waiting} == {"screened"}
    assert max(crew.row(one).attempt for one in waiting) > 1, "no kill hit a running job"


def test_a_worker_that_dies_for_good_is_taken_over(crew: Crew) -> None:
    waiting = crew.submit(6)
    dead = crew.hire(pace=0.5)
    until(lambda: crew.busy(dead))
    forked.kill(dead)
    crew.hire()
    until(crew.settled)
    assert crew.results() == dict.fromkeys(waiting, 1)
    with Session(crew.engine) as session:
        assert jobs.stats(session, 2.0)["live_executors"] == 1


def test_a_frozen_worker_that_thaws_writes_nothing_and_works_on(crew: Crew) -> None:
    [one] = crew.submit()
    frozen = crew.hire(pace=1.0)
    until(lambda: crew.busy(frozen))
    crew.signal(frozen, signal.SIGSTOP)
    peer = crew.hire(pace=2.0)
    until(lambda: crew.busy(peer))
    crew.signal(frozen, signal.SIGCONT)
    until(lambda: crew.steps("fenced", frozen) == [str(one)])
    until(crew.settled)
    assert crew.row(one).attempt == 2
    assert crew.steps("recorded") == crew.steps("recorded", peer) == [str(one)]
    forked.kill(peer)
    [another] = crew.submit()
    until(crew.settled)
    assert crew.steps("recorded", frozen) == [str(another)]
    assert crew.results() == {one: 1, another: 1}


def test_a_job_that_kills_its_worker_is_given_up_visibly(crew: Crew) -> None:
    [poison] = crew.submit(text=POISON)
    others = crew.submit(6)
    workers = [crew.hire(), crew.hire()]

    def settled_with_a_supervisor() -> bool:
        for place, worker in enumerate(workers):
            if not worker.is_alive():
                workers[place] = crew.hire()
        return crew.settled()

    until(settled_with_a_supervisor, 60)
    assert crew.row(poison).state == "failed"
    assert f"{ATTEMPTS} percobaan" in (crew.row(poison).failure or "")
    assert [event.object_id for event in crew.events("submission.failed")] == [str(poison)]
    assert crew.steps("started").count(str(poison)) == ATTEMPTS
    assert crew.results() == dict.fromkeys(others, 1)


def test_asked_to_stop_a_worker_finishes_its_job(crew: Crew) -> None:
    running, waiting = crew.submit(2)
    worker = crew.hire(pace=1.0)
    until(lambda: crew.busy(worker))
    worker.terminate()
    worker.join(60)
    assert worker.exitcode == 0
    assert (crew.row(running).state, crew.row(running).attempt) == ("screened", 1)
    assert (crew.row(waiting).state, crew.row(waiting).attempt) == ("queued", 1)
    with Session(crew.engine) as session:
        assert jobs.stats(session)["live_executors"] == 0


def test_asked_to_stop_a_worker_releases_what_it_cannot_finish(crew: Crew) -> None:
    [one] = crew.submit()
    slow = crew.hire(pace=60.0, stop_seconds=1.0)
    until(lambda: crew.busy(slow))
    slow.terminate()
    slow.join(60)
    assert slow.exitcode == 0
    assert (crew.row(one).state, crew.row(one).attempt) == ("queued", 2)
    crew.hire()
    until(crew.settled)
    assert crew.results() == {one: 1}


def test_heartbeats_of_the_dead_are_struck_out(crew: Crew, brisk: Settings) -> None:
    with Session(crew.engine) as session, session.begin():
        session.add(Executor(id="long gone"))
        session.flush()
        session.execute(update(Executor).values(seen_at=now() - timedelta(hours=1)))

    def gone() -> bool:
        with Session(crew.engine) as session:
            return session.get(Executor, "long gone") is None

    with working(brisk, crew.screen):
        until(gone)
