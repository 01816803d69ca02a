"""Shared fixtures: every database test runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import gc
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
from tests.reuse import Databases, Memory

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = REPOSITORY.parent / "shared"
MODELS = REPOSITORY / "models"
numbers = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options for what the suite does a share of, or does on demand."""
    parser.addoption("--api-examples", type=int, help="random examples for the API in all, on both databases")
    parser.addoption("--record-examples", action="store_true", help="keep answers as the examples of the OpenAPI")


def pytest_collection_finish() -> None:
    """What was imported stays: the collector of garbage need not walk through it again and again."""
    gc.collect()
    gc.freeze()


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
def sqlite_migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that tests copy."""
    path = tmp_path_factory.mktemp("template") / "netra.db"
    prepare(f"sqlite:///{path}")
    return in_one_file(path)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """URL pattern of a private cluster whose database `template_netra` is migrated."""
    if postgres.binaries() is None:
        missing("PostgreSQL (Debian package postgresql)")
    with postgres.cluster() as pattern:
        run_sql(pattern.format(name="postgres"), "CREATE DATABASE template_netra")
        prepare(pattern.format(name="template_netra"))
        yield pattern


@pytest.fixture(scope="session")
def postgres_migrated(postgres_url: str) -> Iterator[Databases]:
    """Migrated, empty databases of the cluster."""
    databases = Databases(postgres_url, "template_netra")
    yield databases
    databases.close()


@pytest.fixture(scope="session", autouse=True)
def common_memory() -> Iterator[None]:
    """Statements are compiled once for all engines of the tests."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("app.db.engine.create_engine", Memory().create_engine)
        yield


def in_one_file(path: Path) -> Path:
    """The SQLite file, with nothing beside it that a copy would miss."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


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
def fresh_database(
    request: pytest.FixtureRequest, kind: str, folder: Path, template: str = "migrated"
) -> Iterator[str]:
    """The URL of a database like the template: migrated and empty, or another; a SQLite file lies in `folder`."""
    if kind == "sqlite":
        path = folder / "netra.db"
        shutil.copy(request.getfixturevalue(f"sqlite_{template}"), path)
        yield f"sqlite:///{path}"
        return
    databases: Databases = request.getfixturevalue(f"postgres_{template}")
    name = databases.taken()
    yield databases.url(name)
    databases.given_back(name)


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
