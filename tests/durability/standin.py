"""A stand-in for screening that follows the same rule (the fence) and leaves a trace of every step in a folder."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app import jobs
from app.db.engine import open_engine
from app.db.flag_tables import Screening
from app.db.submission_tables import Submission
from app.settings import Settings

POISON = "poison"


def screening(engine: Engine, traces: Path, pace: float) -> Callable[[UUID, int], None]:
    """Screen one submission in `pace` seconds; a poisonous one kills the process."""

    def trace(step: str, submission_id: UUID, attempt: int) -> None:
        (traces / f"{step}_{os.getpid()}_{submission_id}_{attempt}_{uuid4().hex}").touch()

    def screen(submission_id: UUID, attempt: int) -> None:
        trace("started", submission_id, attempt)
        with Session(engine) as session:
            text = session.get_one(Submission, submission_id).text
        if text == POISON:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(pace)
        with Session(engine) as session, session.begin():
            kept = record(session, submission_id, attempt)
        trace("recorded" if kept else "fenced", submission_id, attempt)

    return screen


def record(session: Session, submission_id: UUID, attempt: int) -> bool:
    """Write a result that shows when it was written twice."""
    if not jobs.settle(session, submission_id, attempt, state="screened"):
        return False
    session.add(
        Screening(
            submission_id=submission_id, pipeline_version=uuid4().hex, versions={}, band="low", score=0.0,
            observations=[], signals=[], bias=0.0, pairs=[], timings={},
        )
    )  # fmt: skip
    return True


def work(traces: Path, pace: float, stop_seconds: float) -> None:
    """A worker process, configured by the environment."""
    settings = Settings()
    screen = screening(open_engine(settings.sqlalchemy_url), traces, pace)
    jobs.run_worker(settings, screen, stop_seconds=stop_seconds)
