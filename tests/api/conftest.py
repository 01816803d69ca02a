"""The real application for the tests of this folder: one model pack per session, one database per test or module."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from app.cli import main
from app.db.engine import open_engine, session_factory
from app.db.people_tables import User
from app.db.submission_tables import Submission
from app.main import create_app
from app.screening.models import Models, load_models
from app.settings import Settings
from app.settings import settings as read_settings
from tests.api.command import Netra, Piped, Result
from tests.api.edge import add_people, settings
from tests.api.world import World, add_contests, write_roster
from tests.conftest import DATABASES, MODELS, fresh_database, in_one_file, run_sql
from tests.reuse import Databases, Sights, with_known_routes

build = with_known_routes(create_app)
sights = Sights()


@pytest.fixture(scope="session")
def models(model_folder: Path) -> Models:
    """The model pack, opened once."""
    return load_models(model_folder.parent)


def settings_for(database_url: str, folder: Path, **more: object) -> Settings:
    """Settings of a server that keeps everything in `folder` and screens nothing by itself; nothing is drawn by lot."""
    base = {
        "data_dir": folder, "database_url": database_url, "models_dir": MODELS, "embedded_worker": False,
        "submissions_per_minute": 100_000, "sign_in_per_minute": 100_000,
        "second_look_share": 0.0, "unflagged_sample": 0.0, "gold_share": 0.0,
    }  # fmt: skip
    return settings(**(base | more))


def people_and_contests(url: str) -> None:
    """Fill an empty database with what every world has."""
    engine = open_engine(url)
    sessions = session_factory(engine)
    add_people(sessions)
    add_contests(sessions)
    engine.dispose()


@pytest.fixture(scope="session")
def sqlite_peopled(sqlite_migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with people and contests that worlds copy."""
    path = tmp_path_factory.mktemp("peopled") / "netra.db"
    shutil.copy(sqlite_migrated, path)
    people_and_contests(f"sqlite:///{path}")
    return in_one_file(path)


@pytest.fixture(scope="session")
def postgres_peopled(postgres_url: str) -> Iterator[Databases]:
    """Databases with people and contests."""
    run_sql(postgres_url.format(name="postgres"), "CREATE DATABASE template_peopled TEMPLATE template_netra")
    people_and_contests(postgres_url.format(name="template_peopled"))
    databases = Databases(postgres_url, "template_peopled")
    yield databases
    databases.close()


@contextmanager
def world_on(database_url: str, folder: Path, models: Models, **more: object) -> Iterator[World]:
    """The application on a database with people and contests; an empty one is given them."""
    chosen = settings_for(database_url, folder, **more)
    app = build(chosen)
    with pytest.MonkeyPatch.context() as patched, TestClient(app) as root:
        patched.setattr("app.screening.pipeline.observe", sights.observe)
        services = app.state.services
        services._models = models
        with services.sessions() as session:
            empty = session.scalar(select(User.id).limit(1)) is None
        if empty:
            people_and_contests(database_url)
        yield World(app, root, chosen, services)


@contextmanager
def fresh_world(
    request: pytest.FixtureRequest, kind: str, folder: Path, models: Models, **more: object
) -> Iterator[World]:
    """The application with its people and contests on a database of its own."""
    with (
        fresh_database(request, kind, folder, "peopled") as url,
        world_on(url, folder / "data", models, **more) as made,
    ):
        yield made


@pytest.fixture(params=DATABASES)
def world(request: pytest.FixtureRequest, tmp_path: Path, models: Models) -> Iterator[World]:
    """A fresh application, once per database kind."""
    with fresh_world(request, request.param, tmp_path, models) as made:
        yield made


@pytest.fixture(scope="module", params=DATABASES)
def common_world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, models: Models
) -> Iterator[World]:
    """An application that the tests of a module share, once per database kind: for what leaves no traces."""
    with fresh_world(request, request.param, tmp_path_factory.mktemp("world"), models) as made:
        yield made


@pytest.fixture
def tidy_world(common_world: World) -> Iterator[World]:
    """The shared application; what was refused has left nothing behind, and what was taken can be screened."""
    yield common_world
    common_world.screen_now()
    with common_world.services.sessions() as session:
        failed = select(func.count()).select_from(Submission).where(Submission.state != "screened")
        assert session.scalar(failed) == 0


@pytest.fixture
def sqlite_world(request: pytest.FixtureRequest, tmp_path: Path, models: Models) -> Iterator[World]:
    """A fresh application on SQLite alone, for what no database can influence."""
    with fresh_world(request, "sqlite", tmp_path, models) as made:
        yield made


@pytest.fixture
def netra(
    tmp_path: Path, models: Models, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Netra]:
    """Run one command in this process, with the model pack that is open already."""
    for name in [name for name in os.environ if name.startswith("NETRA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NETRA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("NETRA_MODELS_DIR", str(MODELS))
    monkeypatch.chdir(tmp_path)
    for module in ("app.cli.screen", "app.cli.roster"):
        monkeypatch.setattr(importlib.import_module(module), "load_models", lambda *_, **__: models)
    monkeypatch.setattr("app.screening.pipeline.observe", sights.observe)
    read_settings.cache_clear()

    def run(*arguments: object, stdin: str = "") -> Result:
        capfd.readouterr()
        monkeypatch.setattr(sys, "argv", ["netra", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", Piped(stdin))
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0
        streams = capfd.readouterr()
        return Result(code, streams.out, streams.err)

    yield run
    read_settings.cache_clear()


@pytest.fixture
def database(database_url: str, netra: Netra, monkeypatch: pytest.MonkeyPatch) -> str:
    """The commands of this test work on a migrated database, of both kinds."""
    monkeypatch.setenv("NETRA_DATABASE_URL", database_url)
    read_settings.cache_clear()
    return database_url


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    """The roster's file, its photos beside it."""
    return write_roster(tmp_path / "roster")
