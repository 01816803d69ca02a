"""`netra upload` of a thousand pictures, killed twice, its server once: a thousand submissions, a whole result file."""

from __future__ import annotations

import csv
import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app.auth.sessions import fingerprint
from app.db.base import now
from app.db.contest_tables import ContestRow, Election
from app.db.engine import open_engine
from app.db.people_tables import ApiToken, User
from app.db.submission_tables import Submission, SubmissionImage
from tests import forked
from tests.conftest import fresh_database
from tests.durability.conftest import until

WANTED = 1000
PATIENCE = 120.0


@dataclass
class Sending:
    """A server process and a sending one, on one database."""

    folder: Path
    engine: Engine
    environment: dict[str, str]
    port: int
    processes: list[BaseProcess] = field(default_factory=list)

    @property
    def journal(self) -> Path:
        return self.folder / "photos.journal.jsonl"

    def start(self, run: Callable[..., None], *given: object) -> BaseProcess:
        self.processes.append(forked.start(self.environment, self.folder / "output.log", run, *given))
        return self.processes[-1]

    def serve(self) -> BaseProcess:
        server = self.start(forked.serve, self.port)
        forked.wait_for(f"http://127.0.0.1:{self.port}/masuk", server)
        return server

    def send(self) -> BaseProcess:
        return self.start(
            forked.netra, "upload", str(self.folder / "photos"), "--contest", "c", "--batch", "40", "--patience", "1"
        )

    def noted(self) -> int:
        """How many lines the journal has."""
        return self.journal.read_bytes().count(b"\n") if self.journal.exists() else 0

    def stored(self) -> int:
        with Session(self.engine) as session:
            return session.scalar(select(func.count()).select_from(Submission)) or 0


@pytest.fixture
def sending(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sending]:
    """On SQLite alone: on PostgreSQL the same holds and takes twice as long."""
    with fresh_database(request, "sqlite", tmp_path) as url:
        engine = open_engine(url)
        yield from prepared(url, engine, tmp_path)
        engine.dispose()


def prepared(database_url: str, engine: Engine, tmp_path: Path) -> Iterator[Sending]:
    """A contest, a person with a token, the pictures; no process yet."""
    token = f"ntr_{secrets.token_urlsafe(32)}"
    with Session(engine) as session, session.begin():
        user = User(login="pantau", name="Pantau", role="monitor", password_hash="")
        election = Election(id="e", name="Pilkada", voting_day=now().date() + timedelta(days=10))
        contest = ContestRow(id="c", election=election, name="Kota", region_code="99", region_name="Kota")
        session.add_all([user, election, contest])
        session.add(ApiToken(name="uji", token_hash=fingerprint(token), scopes=["submit"], user=user))
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(WANTED):
        Image.new("RGB", (8, 8), (number % 256, number // 256, 0)).save(photos / f"{number:04}.png")
    place = forked.reserved()
    port = forked.port_of(place)
    chosen = {
        "DATABASE_URL": database_url, "DATA_DIR": str(tmp_path / "data"), "EMBEDDED_WORKER": "false", "TOKEN": token,
        "SERVER": f"http://127.0.0.1:{port}", "SUBMISSIONS_PER_MINUTE": "100000", "LOG_LEVEL": "WARNING",
    }  # fmt: skip
    made = Sending(tmp_path, engine, os.environ | {f"NETRA_{name}": value for name, value in chosen.items()}, port)
    yield made
    for process in made.processes:
        forked.kill(process)
    place.close()


def kill(process: BaseProcess) -> None:
    assert process.is_alive(), "it has ended before it could be killed"
    forked.kill(process)


def test_a_thousand_pictures_arrive_once(sending: Sending) -> None:
    server = sending.serve()
    first = sending.send()
    until(lambda: sending.stored() >= 60, PATIENCE)  # in the middle of a batch, before its answer
    kill(first)
    assert sending.noted() <= sending.stored()
    second = sending.send()
    until(lambda: sending.noted() >= 360, PATIENCE)  # right after a line of the journal
    kill(server)
    assert second.is_alive()
    sending.serve()
    until(lambda: sending.noted() >= 600, PATIENCE)
    kill(second)
    sending.journal.write_bytes(sending.journal.read_bytes()[:-7])  # a line that the crash cut off
    last = sending.send()
    last.join(PATIENCE)
    assert last.exitcode == 0, (sending.folder / "output.log").read_text()
    with (sending.folder / "photos.results.csv").open(encoding="utf-8-sig") as file:
        results = list(csv.DictReader(file))
    assert [one["file"] for one in results] == [f"{number:04}.png" for number in range(WANTED)]
    assert {one["status"] for one in results} <= {"accepted", "again"}
    assert len({one["submission"] for one in results}) == WANTED == sending.stored()
    with Session(sending.engine) as session:
        assert session.scalar(select(func.count(SubmissionImage.sha256.distinct()))) == WANTED
        assert {str(one) for one in session.scalars(select(Submission.id))} == {one["submission"] for one in results}
        assert set(session.scalars(select(Submission.capture_method))) == {"bulk"}
