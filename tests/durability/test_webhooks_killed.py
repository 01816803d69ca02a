"""A worker that delivers to webhooks is killed in the middle: nothing is lost, and the order stays."""

from __future__ import annotations

import os
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from app import audit
from app.auth.principal import SYSTEM
from app.db.hook_tables import Delivery, Webhook
from app.settings import Settings
from app.webhooks import service
from app.webhooks.signing import Verifier
from tests import forked
from tests.durability.conftest import HEARTBEAT, SILENCE
from tests.durability.hook_worker import work
from tests.receiver import LOCAL, Receiver, receiving, until

EVENTS = 12


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    folder = tmp_path / "data"
    folder.mkdir()
    return Settings(data_dir=folder, database_url=database_url, webhook_allow=LOCAL)


@pytest.fixture
def receiver(settings: Settings, sessions: sessionmaker[Session]) -> Iterator[Receiver]:
    """A receiver that is slow enough to be met in the middle of its work, and subscribed to the roster."""
    with receiving() as made, sessions() as session:
        secret, _ = service.create(session, settings, SYSTEM, "uji", made.url, ["roster.changed"])
        session.commit()
        made.verifier = Verifier(secret)
        made.pace = 0.1
        yield made


def hire(settings: Settings) -> BaseProcess:
    """A worker process."""
    environment = os.environ | {
        "NETRA_DATABASE_URL": settings.database_url, "NETRA_DATA_DIR": str(settings.data_dir),
        "NETRA_WEBHOOK_ALLOW": LOCAL, "NETRA_HEARTBEAT_SECONDS": str(HEARTBEAT),
        "NETRA_EXECUTOR_SILENCE_SECONDS": str(SILENCE),
    }  # fmt: skip
    return forked.start(environment, settings.data_dir / "workers.log", work)


def happen(sessions: sessionmaker[Session], times: int) -> list[int]:
    """So many changes of the roster; the numbers of their events."""
    with sessions() as session:
        made = [audit.append(session, SYSTEM, "contest.updated", "contest", "c").id for _ in range(times)]
        session.commit()
    return made


def test_kill_nine_between_deliveries(
    settings: Settings, receiver: Receiver, sessions: sessionmaker[Session], engine: Engine
) -> None:
    numbers = happen(sessions, EVENTS // 2)
    receiver.answers = [200, 500, 200]
    workers = [hire(settings)]
    try:
        until(lambda: len(receiver.requests) >= 4, 40)
        workers.append(hire(settings))  # a peer stands by, as in a crew
        workers[0].kill()
        numbers += happen(sessions, EVENTS // 2)
        until(lambda: len(set(receiver.numbers())) == EVENTS, 60)
    finally:
        for worker in workers:
            forked.kill(worker)
    firsts = list(dict.fromkeys(receiver.numbers()))
    assert firsts == numbers  # each came, and none before an earlier one
    assert len(receiver.numbers()) <= EVENTS + 1  # only what was under way when the worker died came twice
    assert {request.status for request in receiver.requests} <= {200, 500}
    with sessions() as session:
        assert set(session.scalars(select(Delivery.number))) == set(numbers)
        assert session.scalars(select(Webhook.state)).one() == "active"
