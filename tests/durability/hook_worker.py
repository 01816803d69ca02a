"""A worker process that delivers to webhooks, with short waits."""

from __future__ import annotations

from app import jobs
from app.db.engine import open_engine, session_factory
from app.screening.service import Services
from app.settings import Settings
from app.storage import Blobs
from app.webhooks import delivering


def work() -> None:
    """Delivers until it is told to end, configured by the environment."""
    settings = Settings()
    engine = open_engine(settings.sqlalchemy_url)
    services = Services(settings, engine, session_factory(engine), Blobs(settings.blobs_url))
    delivering.WAITS = (0.2,) * 5
    jobs.run_worker(settings, lambda *_: None, stop_seconds=2.0, courier=delivering.courier(services))
