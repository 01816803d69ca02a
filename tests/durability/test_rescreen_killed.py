"""Long work outlives its workers: killed twice in the middle, it is continued, and no step is done twice."""

from __future__ import annotations

import os
import uuid
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import SYSTEM
from app.db.event_tables import Event
from app.db.office_tables import Work, WorkStep
from app.jobs import errands
from tests import forked
from tests.durability.conftest import until
from tests.durability.errand_worker import STEPS, work


def hire(database_url: str, folder: Path) -> BaseProcess:
    environment = os.environ | {
        "NETRA_DATABASE_URL": database_url, "NETRA_HEARTBEAT_SECONDS": "0.2", "NETRA_EXECUTOR_SILENCE_SECONDS": "1.5",
        "NETRA_MAX_ATTEMPTS": "5",
    }  # fmt: skip
    return forked.start(environment, folder / "log", work, folder)


def begun(folder: Path, worker: BaseProcess) -> int:
    """How many steps this worker began."""
    return len(list(folder.glob(f"begun_{worker.pid}_*")))


def state(engine: Engine, work: uuid.UUID) -> Work:
    with Session(engine) as session:
        return session.get_one(Work, work)


def test_kill_nine_twice_in_the_middle(database_url: str, engine: Engine, tmp_path: Path) -> None:
    with Session(engine) as session, session.begin():
        work = errands.submit(session, SYSTEM, None, "slow", {}).id
    workers = []
    try:
        for _ in range(2):
            worker = hire(database_url, tmp_path)
            workers.append(worker)
            until(lambda worker=worker: begun(tmp_path, worker) >= 4)
            forked.kill(worker)
        workers.append(hire(database_url, tmp_path))
        until(lambda: state(engine, work).state == "done")
    finally:
        for worker in workers:
            forked.kill(worker)
    row = state(engine, work)
    assert (row.done, row.total, row.deaths, row.attempt) == (STEPS, STEPS, 2, 3)
    assert row.result == {"workers": 3}
    with Session(engine) as session:
        steps = select(Event.object_id, func.count()).where(Event.action == "work.step").group_by(Event.object_id)
        assert set(dict(session.execute(steps).all()).values()) == {1}
        assert session.scalar(select(func.count()).where(WorkStep.outcome.is_not(None))) == STEPS
        assert audit.verify(session).broken_at is None


def test_a_worker_that_ends_gives_its_work_back(database_url: str, engine: Engine, tmp_path: Path) -> None:
    with Session(engine) as session, session.begin():
        work = errands.submit(session, SYSTEM, None, "slow", {}).id
    worker = hire(database_url, tmp_path)
    try:
        until(lambda: begun(tmp_path, worker) >= 2)
        worker.terminate()
        worker.join(60)
    finally:
        forked.kill(worker)
    row = state(engine, work)
    assert (row.state, row.deaths, row.executor) == ("queued", 0, None)
    assert 0 < row.done < STEPS
