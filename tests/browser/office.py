"""A server as an office runs it: people, a contest, its own worker; it can be stopped, started and its disk filled."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from app import jobs
from app.auth.passwords import hash_password
from app.auth.principal import SYSTEM
from app.auth.tokens import create_token
from app.db.capture_tables import Capture
from app.db.engine import open_engine, session_factory
from app.db.flag_tables import Flag
from app.db.migrate import migrate
from app.db.people_tables import User
from app.db.submission_tables import Submission
from app.roster.file import parse_roster
from app.roster.service import import_roster
from app.settings import Settings
from tests import forked
from tests.api.world import roster_document
from tests.browser.full_disk import MARK
from tests.browser.sample import PASSWORD

PEOPLE = (("pantau", "Panwascam Embun Hulu", "monitor"), ("tinjau", "Sekar Ayuningtyas", "reviewer"))
MOST_BYTES = 300_000


@dataclass
class Office:
    """The running server; `token` is that of the monitor."""

    data: Path
    place: socket.socket
    token: str
    server: BaseProcess | None = field(default=None)

    @property
    def port(self) -> int:
        return forked.port_of(self.place)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self) -> Settings:
        return Settings(_env_file=None, data_dir=self.data)  # type: ignore[call-arg]

    def start(self) -> None:
        """Serve, with a worker in the process; ends when the server answers."""
        chosen = {
            "DATA_DIR": str(self.data), "LOG_LEVEL": "WARNING", "MAX_IMAGE_BYTES": str(MOST_BYTES),
            "UNFLAGGED_SAMPLE": "0", "GOLD_SHARE": "0",
        }  # fmt: skip
        environment = os.environ | {f"NETRA_{name}": value for name, value in chosen.items()}
        log = self.data / "server.log"
        self.server = forked.start(environment, log, forked.serve, self.port, "tests.browser.full_disk:create_app")
        forked.wait_for(f"{self.url}/masuk", self.server)

    def stop(self) -> None:
        """End the server and wait for it."""
        if self.server is not None:
            self.server.terminate()
            self.server.join(forked.PATIENCE)
            self.server = None

    def fill_disk(self, *, full: bool = True) -> None:
        """From now on the store of originals has no space left, or has it again."""
        mark = self.data / MARK
        mark.touch() if full else mark.unlink(missing_ok=True)


def open_office(data: Path) -> Office:
    """A fresh office that does not serve yet."""
    data.mkdir(parents=True, exist_ok=True)
    settings = Settings(_env_file=None, data_dir=data)  # type: ignore[call-arg]
    migrate(settings.sqlalchemy_url)
    jobs.migrate(settings.sqlalchemy_url)
    engine = open_engine(settings.sqlalchemy_url)
    with session_factory(engine)() as session:
        hashed = hash_password(PASSWORD)
        people = [User(login=login, name=name, role=role, password_hash=hashed) for login, name, role in PEOPLE]
        session.add_all(people)
        import_roster(session, SYSTEM, parse_roster(roster_document()), Path())
        token, _ = create_token(session, SYSTEM, people[0], "peramban", ["submit"])
        session.commit()
    engine.dispose()
    return Office(data, forked.reserved(), token)


def rows(office: Office) -> list[tuple[Submission, Capture]]:
    """What the server holds, in the order in which it came."""
    engine = open_engine(office.settings.sqlalchemy_url)
    with session_factory(engine)() as session:
        query = select(Submission, Capture).join(Capture, Capture.submission_id == Submission.id)
        found = [(one, told) for one, told in session.execute(query.order_by(Submission.received_at))]
        for one, _ in found:
            _ = one.images
        assert session.scalar(select(func.count()).select_from(Submission)) == len(found)
    engine.dispose()
    return found


def flag_of(office: Office, submission: Submission) -> UUID:
    """The only flag of a submission."""
    engine = open_engine(office.settings.sqlalchemy_url)
    with session_factory(engine)() as session:
        flag = session.scalars(select(Flag).where(Flag.submission_id == submission.id)).one()
    engine.dispose()
    return flag.id
