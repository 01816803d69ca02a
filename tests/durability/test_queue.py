"""A job exists exactly when its transaction commits; the engine's tables are made once, by one."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import create_engine, inspect
from sqlalchemy.orm import Session

from app import jobs
from app.db import migrate as tables
from app.errors import NotReady
from app.jobs.queue import POLL_SECONDS, client
from app.settings import Settings
from tests import forked
from tests.conftest import run_sql
from tests.durability.conftest import Crew, submission, until, working

numbers = itertools.count(1)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database in which nothing was made yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    pattern: str = request.getfixturevalue("postgres_url")
    name = f"empty_{os.getpid()}_{next(numbers)}"
    run_sql(pattern.format(name="postgres"), f"CREATE DATABASE {name}")
    yield pattern.format(name=name)
    run_sql(pattern.format(name="postgres"), f"DROP DATABASE {name} WITH (FORCE)")


def migration(url: str, folder: Path) -> BaseProcess:
    """A process that makes the engine's tables."""
    return forked.start(os.environ, folder / "migration.log", jobs.migrate, url)


def has_tables(url: str) -> bool:
    """The engine has begun to make its tables."""
    engine = create_engine(url)
    schema = None if engine.dialect.name == "sqlite" else "dbos"
    try:
        return inspect(engine).has_table("dbos_migrations", schema=schema)
    finally:
        engine.dispose()


def test_rolled_back_means_no_job_and_committed_means_one(crew: Crew, brisk: Settings) -> None:
    with Session(crew.engine) as session:
        undone = submission(session, "undone")
        jobs.enqueue(session, undone)
        session.rollback()
    with Session(crew.engine) as session, session.begin():
        kept = submission(session, "kept")
        jobs.enqueue(session, kept)
        jobs.enqueue(session, kept)
    waiting = client(crew.engine).list_workflows()
    assert [job.workflow_id for job in waiting] == [f"{kept}:1"]
    assert [job.input for job in waiting] == [{"args": (str(kept), 1), "kwargs": {}}]
    with working(brisk, crew.screen):
        until(crew.settled)
    assert crew.results() == {kept: 1}
    assert crew.steps("started") == [str(kept)]


def test_a_job_is_invisible_until_its_transaction_commits(crew: Crew, brisk: Settings) -> None:
    with working(brisk, crew.screen):
        crew.submit()
        until(crew.settled)
        with Session(crew.engine) as session:
            late = submission(session, "late")
            jobs.enqueue(session, late)
            time.sleep(4 * POLL_SECONDS)
            assert str(late) not in crew.steps("started")
            session.commit()
        until(crew.settled)
    assert str(late) in crew.steps("recorded")


def test_urgent_jobs_come_first(crew: Crew, brisk: Settings) -> None:
    patient = crew.submit(3, priority=20)
    urgent = crew.submit(2, priority=1)
    order: list[UUID] = []

    def screen(submission_id: UUID, attempt: int) -> None:
        order.append(submission_id)
        crew.screen(submission_id, attempt)

    with working(brisk, screen):
        until(crew.settled)
    assert order == [*urgent, *patient]


def test_counts_tell_what_waits(crew: Crew) -> None:
    with Session(crew.engine) as session:
        assert jobs.stats(session) == {
            "queued": 0, "screened": 0, "failed": 0, "oldest_queued_seconds": None, "live_executors": 0,
        }  # fmt: skip
    crew.submit(2)
    with Session(crew.engine) as session:
        counted = jobs.stats(session)
    assert counted["queued"] == 2
    assert counted["oldest_queued_seconds"] is not None
    assert 0 <= counted["oldest_queued_seconds"] < 60


def test_several_migrations_at_once(empty_url: str, tmp_path: Path) -> None:
    processes = [migration(empty_url, tmp_path) for _ in range(3)]
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    jobs.migrate(empty_url)
    assert has_tables(empty_url)


def test_a_migration_killed_half_way_is_completed_by_the_next(empty_url: str, tmp_path: Path) -> None:
    tables.migrate(empty_url)
    process = migration(empty_url, tmp_path)
    until(lambda: has_tables(empty_url) or not process.is_alive())
    forked.kill(process)
    jobs.migrate(empty_url)
    jobs.start_worker(Settings(database_url=empty_url), lambda *_: None).stop()


def test_a_worker_before_the_migration_says_what_to_run(empty_url: str) -> None:
    tables.migrate(empty_url)
    with pytest.raises(NotReady, match="netra migrate"):
        jobs.start_worker(Settings(database_url=empty_url), lambda *_: None)
