"""Opening the database: SQLite (WAL, full sync, foreign keys) or PostgreSQL through the same code."""

from __future__ import annotations

import sqlite3
import time
from typing import Any, cast

from sqlalchemy import CursorResult, Engine, Result, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

BUSY_SECONDS = 30
IDLE_SECONDS = 60
"""A process that freezes inside a transaction loses it after this time, and with it the rows that it locked."""


def open_engine(url: str) -> Engine:
    """An engine for `url`; the folder of a SQLite file must exist."""
    if make_url(url).get_backend_name() != "sqlite":
        limits = {"options": f"-c idle_in_transaction_session_timeout={IDLE_SECONDS * 1000}"}
        return create_engine(
            url, connect_args=limits, pool_size=10, max_overflow=20, pool_pre_ping=True, hide_parameters=True
        )
    wait = {"timeout": BUSY_SECONDS}
    engine = create_engine(url, connect_args=wait, pool_size=10, max_overflow=20, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        connection.isolation_level = "IMMEDIATE"  # reads take no lock; the first write takes the write lock at once
        for pragma in (f"busy_timeout={BUSY_SECONDS * 1000}", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        _write_ahead(connection)

    return engine


def _write_ahead(connection: Any) -> None:
    """Switch the file to WAL once. SQLite does not wait for others here, so two processes on a new file may meet."""
    deadline = time.monotonic() + BUSY_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone()[0] not in ("wal", "memory"):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def session_factory(engine: Engine) -> sessionmaker[Session]:
    """Sessions whose rows stay readable after the one commit at the edge."""
    return sessionmaker(engine, expire_on_commit=False)


def rows_changed(result: Result[Any]) -> int:
    """How many rows an UPDATE or DELETE touched."""
    return cast("CursorResult[Any]", result).rowcount
