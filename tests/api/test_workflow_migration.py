"""Existing items keep their history when the workflow comes: one person's confirmation waits for the second."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import SYSTEM, Principal
from app.db.engine import open_engine
from app.db.flag_tables import Flag
from app.db.migrate import _config, migrate, newest
from app.review.acts import case_of, mirror
from tests.conftest import DATABASES, numbers, run_sql

KNOWN = date(2029, 9, 2)
MOMENT = "2029-09-02 00:00:00"
ROWS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("election", {"id": "e", "name": "E", "kind": "pilkada", "voting_day": date(2029, 11, 28)}),
    ("contest", {
        "id": "c", "election_id": "e", "name": "C", "region_code": "99.01", "region_name": "C",
        "timezone": "Asia/Jakarta", "stage_overrides": "[]", "roster_version": 1,
    }),
)  # fmt: skip


@pytest.fixture(params=DATABASES)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Engine]]:
    """A database at the first revision."""
    name = f"netra_old_{next(numbers)}"
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'netra.db'}"
    else:
        pattern: str = request.getfixturevalue("postgres_url")
        run_sql(pattern.format(name="postgres"), f"CREATE DATABASE {name}")
        url = pattern.format(name=name)
    engine = open_engine(url)
    with engine.connect() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.commit()
    yield url, engine
    engine.dispose()
    if request.param != "sqlite":
        run_sql(pattern.format(name="postgres"), f"DROP DATABASE {name} WITH (FORCE)")


def insert(session: Session, table: str, **values: Any) -> None:
    """One row as the first revision knew it."""
    bare = session.get_bind().dialect.name == "sqlite"
    kept = {name: value.hex if bare and isinstance(value, uuid.UUID) else value for name, value in values.items()}
    columns = ", ".join(f'"{name}"' for name in kept)
    places = ", ".join(f":{name}" for name in kept)
    session.execute(text(f'INSERT INTO "{table}" ({columns}) VALUES ({places})'), kept)


def an_item(session: Session, uploader: uuid.UUID, number: int, state: str, *acts: str) -> uuid.UUID:
    """A flag with events of the old kind."""
    submission, screening, flag = (uuid.uuid4() for _ in range(3))
    insert(
        session, "submission", id=submission, key=str(number), contest_id="c", text="", platform="", url="", handle="",
        subject_type="unknown", agency="", act_date=KNOWN, known_date=KNOWN, capture_method="upload",
        submitted_by=uploader, received_at=MOMENT, state="screened", attempt=1,
    )  # fmt: skip
    insert(
        session, "screening", id=screening, submission_id=submission, pipeline_version="1", versions="{}", band="high",
        score=0.9, observations="[]", signals="[]", timings="{}", created_at=MOMENT,
    )  # fmt: skip
    insert(
        session, "flag", id=flag, submission_id=submission, screening_id=screening, contest_id="c", band="high",
        score=0.9, stage="kampanye", track="disiplin", articles="[]", state=state, last_event=0, created_at=MOMENT,
    )  # fmt: skip
    last = audit.append(session, SYSTEM, "flag.raised", "flag", flag, {}).id
    for act in acts:
        person = Principal(None, "ani", "Ani", "reviewer")
        last = audit.append(session, person, f"flag.{act}", "flag", flag, {"verdict": act}).id
    session.execute(text("UPDATE flag SET last_event = :last WHERE last_event = 0"), {"last": last})
    return flag


def test_items_of_the_first_revision(old: tuple[str, Engine]) -> None:
    url, engine = old
    uploader = uuid.uuid4()
    with Session(engine) as session:
        for table, values in ROWS:
            insert(session, table, **values)
        insert(
            session, "user", id=uploader, login="pengunggah", name="P", role="monitor", region_code="",
            password_hash="", active=True, created_at=MOMENT,
        )  # fmt: skip
        ids = {
            "new": an_item(session, uploader, 1, "new", "confirm", "undo"),
            "decided_once": an_item(session, uploader, 2, "confirmed", "confirm"),
            "dismissed": an_item(session, uploader, 3, "dismissed", "dismiss"),
        }
        session.commit()
    assert migrate(url) == newest()
    names = ("state", "resume", "desk", "claimed_by", "assigned_to", "barred", "last_event")
    with Session(engine) as session:
        for state, flag_id in ids.items():
            flag = session.get_one(Flag, flag_id)
            kept = [getattr(flag, name) for name in names]
            assert flag.state == state
            assert flag.due_on == KNOWN + timedelta(days=7)
            assert flag.origin == "rules"
            mirror(session, flag, case_of(session, flag))
            assert [getattr(flag, name) for name in names] == kept
        assert session.get_one(Flag, ids["decided_once"]).barred == "|ani|pengunggah|"
        assert len({session.get_one(Flag, flag_id).priority for flag_id in ids.values()}) == 1
        assert audit.verify(session).broken_at is None
