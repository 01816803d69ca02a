"""Bringing a database to the newest revision; the only place where the schema changes."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from app.db.engine import open_engine
from app.errors import NotReady

SCRIPTS = Path(__file__).parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("path_separator", "os")
    return config


def migrate(url: str) -> str:
    """Upgrade the database at `url` (made if it is a SQLite file that does not exist yet); the revision reached.
    Two processes may call it at once: the second waits for the first."""
    engine = open_engine(url)
    config = _config()
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SELECT pg_advisory_lock(7264)")
                connection.commit()
            else:
                connection.exec_driver_sql("BEGIN EXCLUSIVE")
            try:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
                connection.commit()
            finally:
                if connection.dialect.name == "postgresql":
                    connection.rollback()
                    connection.exec_driver_sql("SELECT pg_advisory_unlock(7264)")
                    connection.commit()
        return newest()
    finally:
        engine.dispose()


def newest() -> str:
    """The revision that this code expects."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def current(engine: Engine) -> str | None:
    """The revision of a database, None when it was never migrated."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return MigrationContext.configure(connection).get_current_revision()


def require_newest(engine: Engine) -> None:
    """Raise NotReady unless the database is at the revision that this code expects."""
    if current(engine) != newest():
        raise NotReady(
            "Basis data belum siap; jalankan `netra migrate` / The database is not ready: run `netra migrate`"
        )
