"""Real workers with the real models, killed in the middle of screening: nothing is lost and nothing is doubled."""

from __future__ import annotations

import io
import os
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, sessionmaker

from app import audit
from app.auth import users as people
from app.auth.principal import SYSTEM
from app.db.event_tables import Event
from app.db.flag_tables import Flag, Screening
from app.db.submission_tables import Submission
from app.demo import pictures
from app.demo.run import load_demo
from app.intake.accept import accept
from app.intake.upload import Upload
from app.jobs.queue import client, parse_workflow_id
from app.screening.service import Services
from app.settings import Settings
from app.storage import Blobs
from tests import forked

POSTS, FLAGGED, KILLS = 8, 5, 2

pytestmark = [pytest.mark.models, pytest.mark.slow]


@pytest.fixture
def services(
    database_url: str, engine: Engine, sessions: sessionmaker[Session], tmp_path: Path, model_folder: Path
) -> Services:
    settings = Settings(
        data_dir=tmp_path / "data",
        database_url=database_url,
        models_dir=model_folder.parent,
        heartbeat_seconds=0.3,
        executor_silence_seconds=2.0,
        max_attempts=KILLS + 2,
    )
    settings.data_dir.mkdir()
    return Services(settings, engine, sessions, Blobs(settings.blobs_url))


def hand_in(services: Services) -> None:
    """Eight posts with a picture each, five of them with a call that must be flagged."""
    scenes = [pictures.wedding(), pictures.screenshot(), pictures.strangers()]
    with services.sessions() as session:
        load_demo(session, services, lambda _step: None)
        monitor = people.principal_of(people.find_user(session, "pkd.cermin"))
        for number in range(POSTS):
            text = f"Ayo coblos nomor 3, lanjutkan! ({number})" if number < FLAGGED else f"Rapat pagi ({number})"
            scene = scenes[number % 2] if number < FLAGGED else scenes[2]
            upload = Upload(images=[io.BytesIO(scene)], text=text, contest="muara-embun")
            accept(session, services.blobs, services.settings, monitor, upload)
            session.commit()


def hire(services: Services, log: Path) -> BaseProcess:
    settings = services.settings
    environment = os.environ | {
        "NETRA_DATA_DIR": str(settings.data_dir),
        "NETRA_DATABASE_URL": settings.database_url,
        "NETRA_MODELS_DIR": str(settings.models_dir),
        "NETRA_HEARTBEAT_SECONDS": str(settings.heartbeat_seconds),
        "NETRA_EXECUTOR_SILENCE_SECONDS": str(settings.executor_silence_seconds),
        "NETRA_MAX_ATTEMPTS": str(settings.max_attempts),
        "NETRA_UNFLAGGED_SAMPLE": "0",  # by chance one more item otherwise
    }
    return forked.start(environment, log, forked.netra, "worker")


def count(services: Services, state: str) -> int:
    with services.sessions() as session:
        query = select(func.count()).select_from(Submission).where(Submission.state == state)
        return session.scalar(query) or 0


def wait(services: Services, screened: int, seconds: float = 90.0) -> None:
    end = time.monotonic() + seconds
    while count(services, "screened") < screened:
        assert time.monotonic() < end, f"{count(services, 'screened')} of {screened} after {seconds} s"
        time.sleep(0.02)


def claimed(services: Services) -> bool:
    """Some worker holds a job of a submission that still waits for its result."""
    held = client(services.engine).list_workflows(status="PENDING", load_input=False, load_output=False)
    attempts = {parse_workflow_id(job.workflow_id) for job in held}
    with services.sessions() as session:
        waiting = session.execute(select(Submission.id, Submission.attempt).where(Submission.state == "queued"))
        return not attempts.isdisjoint((row.id, row.attempt) for row in waiting)


def wait_for_a_claim(services: Services, seconds: float = 90.0) -> None:
    end = time.monotonic() + seconds
    while not claimed(services):
        assert time.monotonic() < end, f"no job was claimed within {seconds} s"
        time.sleep(0.005)


def test_kill_nine_in_the_middle_of_screening(services: Services, tmp_path: Path) -> None:
    hand_in(services)
    log = tmp_path / "worker.log"
    worker = hire(services, log)
    try:
        for kill in range(KILLS):
            wait(services, screened=2 * kill + 1)
            wait_for_a_claim(services)
            forked.kill(worker)
            worker = hire(services, log)
        wait(services, screened=POSTS)
    finally:
        forked.kill(worker)
    with services.sessions() as session:
        screenings = session.scalars(select(Screening.submission_id)).all()
        flags = session.scalars(select(Flag.submission_id)).all()
        attempts = session.scalars(select(Submission.attempt)).all()
        raised = session.scalars(select(Event.object_id).where(Event.action == "flag.raised")).all()
        assert len(screenings) == len(set(screenings)) == POSTS
        assert len(flags) == len(set(flags)) == FLAGGED
        assert len(raised) == len(set(raised)) == FLAGGED
        assert max(attempts) > 1, "no kill hit a running job: the test shows nothing"
        assert audit.verify(session).broken_at is None
        assert SYSTEM.login in set(session.scalars(select(Event.actor)))
