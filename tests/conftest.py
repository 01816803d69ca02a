"""Shared fixtures: every database test runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session, sessionmaker

from app import jobs
from app.db.engine import open_engine, session_factory
from app.db.migrate import migrate
from tests import postgres

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = REPOSITORY.parent / "shared"
MODELS = REPOSITORY / "models"
numbers = itertools.count(1)


def missing(what: str) -> None:
    """A loud skip for a newcomer, a failure where CI is set."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing; scripts/test installs it")
    pytest.skip(f"{what} is missing; scripts/test installs it when it may")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real material beside the repository."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("no ../shared/data beside the repository: tests on real material are left out")
    return folder


@pytest.fixture(scope="session")
def model_folder() -> Path:
    """The prepared default pack."""
    folder = MODELS / "default"
    if not (folder / "mobilefacenet_192.onnx").is_file():
        missing("the default model pack (scripts/prepare_models.py)")
    return folder


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that tests copy."""
    path = tmp_path_factory.mktemp("template") / "netra.db"
    prepare(f"sqlite:///{path}")
    with create_engine(f"sqlite:///{path}").connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """URL pattern of a private cluster whose database `template_netra` is migrated."""
    if postgres.binaries() is None:
        missing("PostgreSQL (Debian package postgresql)")
    with postgres.cluster() as pattern:
        run_sql(pattern.format(name="postgres"), "CREATE DATABASE template_netra")
        prepare(pattern.format(name="template_netra"))
        yield pattern


def prepare(url: str) -> None:
    """All that `netra migrate` does."""
    migrate(url)
    jobs.migrate(url)


def run_sql(url: str, statement: str) -> None:
    """One statement outside a transaction."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@contextmanager
def fresh_database(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[str]:
    """The URL of a migrated, empty database; a SQLite file lies in `folder`."""
    if kind == "sqlite":
        path = folder / "netra.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    pattern: str = request.getfixturevalue("postgres_url")
    name = f"netra_{os.getpid()}_{next(numbers)}"
    run_sql(pattern.format(name="postgres"), f"CREATE DATABASE {name} TEMPLATE template_netra")
    yield pattern.format(name=name)
    run_sql(pattern.format(name="postgres"), f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh migrated database, once per database kind."""
    with fresh_database(request, request.param, tmp_path) as url:
        yield url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a fresh database."""
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions on a fresh database."""
    return session_factory(engine)


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """One session on a fresh database."""
    with sessions() as opened:
        yield opened
