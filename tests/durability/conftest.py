"""A crew of real worker processes on one database, and submissions for them."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from multiprocessing.process import BaseProcess
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app import jobs
from app.db.contest_tables import ContestRow, Election
from app.db.event_tables import Event
from app.db.flag_tables import Screening
from app.db.people_tables import User
from app.db.submission_tables import Submission
from app.settings import Settings
from tests import forked
from tests.durability import standin

HEARTBEAT, SILENCE, ATTEMPTS = 0.3, 2.0, 3


def until(happened: Callable[[], bool], seconds: float = 40.0) -> None:
    """Wait for something that other processes do."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, f"did not happen within {seconds} s"
        time.sleep(0.03)


@dataclass
class Crew:
    """Worker processes and what is known about their work."""

    url: str
    engine: Engine
    folder: Path
    workers: list[BaseProcess] = field(default_factory=list)

    @property
    def traces(self) -> Path:
        """Where the stand-in screening leaves its traces."""
        return self.folder / "traces"

    @property
    def log(self) -> Path:
        """All that the workers print."""
        return self.folder / "workers.log"

    def hire(self, pace: float = 0.2, stop_seconds: float = 5.0) -> BaseProcess:
        """Start a worker process."""
        environment = os.environ | {
            "NETRA_DATABASE_URL": self.url,
            "NETRA_HEARTBEAT_SECONDS": str(HEARTBEAT),
            "NETRA_EXECUTOR_SILENCE_SECONDS": str(SILENCE),
            "NETRA_MAX_ATTEMPTS": str(ATTEMPTS),
        }
        self.workers.append(forked.start(environment, self.log, standin.work, self.traces, pace, stop_seconds))
        return self.workers[-1]

    def screen(self, submission_id: UUID, attempt: int) -> None:
        """Screening by a worker of this process; it always succeeds."""
        standin.screening(self.engine, self.traces, 0.0)(submission_id, attempt)

    def signal(self, worker: BaseProcess, number: int) -> None:
        """Send a signal to a worker, as the system would."""
        assert worker.pid is not None
        os.kill(worker.pid, number)

    def dismiss(self) -> None:
        """End what is left."""
        for worker in self.workers:
            forked.kill(worker)

    def submit(self, count: int = 1, text: str = "post", priority: int = 10) -> list[UUID]:
        """Submissions with their jobs, each in one transaction, from this process that runs no worker."""
        made = []
        for _ in range(count):
            with Session(self.engine) as session, session.begin():
                made.append(submission(session, text))
                jobs.enqueue(session, made[-1], priority=priority)
        return made

    def row(self, submission_id: UUID) -> Submission:
        """A submission as it is now."""
        with Session(self.engine) as session:
            return session.get_one(Submission, submission_id)

    def settled(self) -> bool:
        """Nothing waits any more."""
        with Session(self.engine) as session:
            return jobs.stats(session)["queued"] == 0

    def results(self) -> Counter[UUID]:
        """How many results were written for each submission."""
        count = select(Screening.submission_id, func.count()).group_by(Screening.submission_id)
        with Session(self.engine) as session:
            return Counter(dict(session.execute(count).all()))

    def events(self, action: str) -> list[Event]:
        """What the chain says about an act."""
        with Session(self.engine) as session:
            return list(session.scalars(select(Event).where(Event.action == action)))

    def steps(self, step: str, worker: BaseProcess | None = None) -> list[str]:
        """The submissions for which workers (or one of them) left a trace."""
        names = [path.name.split("_") for path in self.traces.iterdir()]
        return [name[2] for name in names if name[0] == step and (worker is None or name[1] == str(worker.pid))]

    def busy(self, worker: BaseProcess) -> bool:
        """The worker is in the middle of a job."""
        ended = len(self.steps("recorded", worker)) + len(self.steps("fenced", worker))
        return len(self.steps("started", worker)) > ended


@contextmanager
def working(settings: Settings, screen: Callable[[UUID, int], None]) -> Iterator[jobs.Worker]:
    """A worker of this process."""
    started = jobs.start_worker(settings, screen)
    try:
        yield started
    finally:
        started.stop()


def submission(session: Session, text: str) -> UUID:
    """A queued submission with everything it refers to."""
    user = session.scalar(select(User))
    if user is None:
        user = User(login="monitor", name="Monitor", role="monitor", password_hash="")
        election = Election(id="e", name="Pilkada", voting_day=date(2026, 11, 25))
        contest = ContestRow(id="c", election=election, name="Kota", region_code="99", region_name="Kota")
        session.add_all([user, election, contest])
        session.flush()
    today = date(2026, 11, 1)
    row = Submission(
        key=uuid4().hex, contest_id="c", text=text, act_date=today, known_date=today, submitted_by=user.id
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id


@pytest.fixture
def crew(database_url: str, engine: Engine, tmp_path: Path) -> Iterator[Crew]:
    """No workers yet, on a fresh database."""
    made = Crew(database_url, engine, tmp_path)
    made.traces.mkdir()
    yield made
    made.dismiss()


@pytest.fixture
def brisk(database_url: str) -> Settings:
    """Settings of a worker in this process that notices silence soon."""
    return Settings(
        database_url=database_url,
        heartbeat_seconds=HEARTBEAT,
        executor_silence_seconds=SILENCE,
        max_attempts=ATTEMPTS,
    )
