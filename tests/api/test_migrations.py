"""Every revision keeps what is there, and the last one leaves what the tables say."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, MetaData, inspect

from app.db import migrate as migration
from app.db.base import Base
from app.db.engine import open_engine
from tests import postgres
from tests.conftest import DATABASES, run_sql

MOMENT = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)


@pytest.fixture(params=DATABASES)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new.db'}"
        return
    assert postgres.binaries()
    pattern: str = request.getfixturevalue("postgres_url")
    name = f"migrations_{uuid.uuid4().hex[:8]}"
    run_sql(pattern.format(name="postgres"), f"CREATE DATABASE {name}")
    yield pattern.format(name=name)
    run_sql(pattern.format(name="postgres"), f"DROP DATABASE {name} WITH (FORCE)")


def upgrade(engine: Engine, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(migration.SCRIPTS))
    config.set_main_option("path_separator", "os")
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()


def insert(connection: Connection, tables: MetaData, table: str, /, **values: Any) -> None:
    connection.execute(tables.tables[table].insert().values(values))


def test_what_was_there_in_version_0001_stays(empty: str) -> None:
    engine = open_engine(empty)
    upgrade(engine, "0001")
    old = MetaData()
    old.reflect(engine)
    user, submission, screening, photo = (uuid.uuid4().hex for _ in range(4))
    with engine.begin() as connection:
        insert(connection, old, "user", id=user, login="a", name="A", role="monitor", region_code="",
               password_hash="x", active=True, created_at=MOMENT)  # fmt: skip
        insert(connection, old, "election", id="p", name="P", kind="pilkada", voting_day=MOMENT.date())
        insert(connection, old, "contest", id="c", election_id="p", name="C", region_code="99", region_name="C",
               timezone="Asia/Jakarta", stage_overrides=[], roster_version=1)  # fmt: skip
        words: dict[str, Any] = {
            name: [] for name in ("aliases", "slogans", "hashtags", "parties", "accounts", "salam")
        }
        insert(connection, old, "paslon", id="c/1", contest_id="c", number=1, **words)
        insert(connection, old, "candidate", id="c/1/1", paslon_id="c/1", position=1, name="N", nicknames=[])
        insert(connection, old, "reference_photo", id=photo, candidate_id="c/1/1", sha256="0" * 64, mime="image/png",
               box=[0, 0, 1, 1], quality={}, model="m", embedding=b"sealed", created_at=MOMENT)  # fmt: skip
        insert(connection, old, "submission", id=submission, key="k", contest_id="c", text="", platform="", url="",
               handle="", subject_type="", agency="", act_date=MOMENT.date(), known_date=MOMENT.date(),
               capture_method="", submitted_by=user, received_at=MOMENT, state="screened", attempt=1)  # fmt: skip
        insert(connection, old, "screening", id=screening, submission_id=submission, pipeline_version="1",
               versions={}, band="high", score=0.9, observations=[], signals=[], timings={},
               created_at=MOMENT)  # fmt: skip
        insert(connection, old, "flag", id=uuid.uuid4().hex, submission_id=submission, screening_id=screening,
               contest_id="c", band="high", score=0.9, stage="", track="", articles=[], state="new", last_event=0,
               created_at=MOMENT)  # fmt: skip
    assert migration.migrate(empty) == migration.newest()
    new = MetaData()
    new.reflect(engine)
    with engine.connect() as connection:
        kept = connection.execute(new.tables["screening"].select()).mappings().one()
        assert (kept["score"], kept["bias"], kept["pairs"]) == (0.9, -3.5, [])
        assert connection.execute(new.tables["reference_photo"].select()).mappings().one()["embedding"] == b"sealed"
        assert connection.execute(new.tables["flag"].select()).mappings().one()["band"] == "high"
    assert {index["name"] for index in inspect(engine).get_indexes("reference_photo")} >= {
        "ix_reference_photo_candidate_id"
    }
    engine.dispose()


def test_the_revisions_lead_to_the_tables_of_the_code(empty: str) -> None:
    migration.migrate(empty)
    engine = open_engine(empty)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()
