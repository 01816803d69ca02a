"""A process that destroys what is due and is killed at a chosen place."""

from __future__ import annotations

import os
import signal
from datetime import timedelta

import pytest

from app.db.base import now
from app.db.engine import open_engine, session_factory
from app.office import retention
from app.screening.service import Services
from app.settings import Settings
from app.storage import Blobs


def die(*_: object) -> None:
    """kill -9."""
    os.kill(os.getpid(), signal.SIGKILL)


def retain_and_die(where: str) -> None:
    """Retention of forty days later up to the `row`, `between` row and file, or the `file`."""
    settings = Settings()
    engine = open_engine(settings.sqlalchemy_url)
    services = Services(settings, engine, session_factory(engine), Blobs(settings.blobs_url))
    delete = Blobs.delete
    with pytest.MonkeyPatch.context() as patched:
        if where == "between":
            patched.setattr(retention, "_erase", die)
        elif where == "file":
            patched.setattr(Blobs, "delete", lambda blobs, digest: (delete(blobs, digest), die()))
        else:
            patched.setattr(retention, "_tell", die)
            patched.setattr(retention, "_empty", die)
        retention.retain(services, moment=now() + timedelta(days=40))
