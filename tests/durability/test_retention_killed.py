"""Retention killed between row and file, and between file and commit: the next run finishes it, nothing is lost."""

from __future__ import annotations

import os
import signal
import uuid
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from app import audit
from app.db.base import now
from app.db.contest_tables import ContestRow, Election
from app.db.event_tables import Event
from app.db.office_tables import Condemned, Destruction
from app.db.people_tables import User
from app.db.submission_tables import Submission, SubmissionImage
from app.office.retention import retain
from app.screening.service import Services
from app.settings import Settings
from app.storage import Blobs
from tests import forked
from tests.durability.dying import retain_and_die

POSTS = 4


@pytest.fixture
def services(database_url: str, engine: Engine, sessions: sessionmaker[Session], tmp_path: Path) -> Services:
    settings = Settings(data_dir=tmp_path / "data", database_url=database_url)
    settings.data_dir.mkdir()
    return Services(settings, engine, sessions, Blobs(settings.blobs_url))


def fill(services: Services) -> list[str]:
    """Unflagged posts with a picture each; the last two share theirs, and one of those two is new."""
    with services.sessions() as session:
        user = User(login="monitor", name="Monitor", role="monitor", password_hash="")
        election = Election(id="e", name="Pilkada", voting_day=date(2026, 11, 25))
        contest = ContestRow(id="c", election=election, name="Kota", region_code="99", region_name="Kota")
        session.add_all([user, election, contest])
        session.flush()
        digests = []
        for number in range(POSTS):
            data = f"gambar {min(number, POSTS - 2)}".encode()
            digests.append(services.blobs.put(data))
            received = now() + timedelta(days=30) if number == POSTS - 1 else now()
            post = Submission(
                key=uuid.uuid4().hex, contest_id="c", text="kata", act_date=date(2026, 11, 1), state="screened",
                known_date=date(2026, 11, 1), submitted_by=user.id, received_at=received,
            )  # fmt: skip
            post.images = [SubmissionImage(position=0, sha256=digests[-1], mime="x", size=len(data), width=1, height=1)]
            session.add(post)
        session.commit()
        return digests


@pytest.mark.parametrize("where", ["row", "between", "file"])
def test_kill_nine(services: Services, where: str) -> None:
    digests = fill(services)
    environment = os.environ | {
        "NETRA_DATA_DIR": str(services.settings.data_dir), "NETRA_DATABASE_URL": services.settings.database_url,
    }  # fmt: skip
    died = forked.start(environment, services.settings.data_dir / "log", retain_and_die, where)
    died.join(60)
    assert died.exitcode == -signal.SIGKILL
    with services.sessions() as session:
        told = session.scalars(select(Destruction.submission_id)).all()
        assert len(told) == (0 if where == "row" else POSTS - 1)
        assert audit.verify(session).broken_at is None
    retain(services, moment=now() + timedelta(days=40))
    left = {digest for digest, _ in services.blobs.listed()}
    assert left == {digests[-1]}  # what the new post names
    with services.sessions() as session:
        destroyed = session.scalars(select(Event.object_id).where(Event.action == "submission.destroyed")).all()
        assert len(destroyed) == len(set(destroyed)) == POSTS - 1
        assert session.scalars(select(Condemned).where(Condemned.gone_at.is_(None))).all() == []
        assert [post.text for post in session.scalars(select(Submission).order_by(Submission.received_at))] == [
            "", "", "", "kata",
        ]  # fmt: skip
        assert audit.verify(session).broken_at is None
