"""The application: routers on services that the lifespan opens once and closes again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import structlog
from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

from app import __version__, heap, jobs, telemetry
from app.api import (
    auth,
    batches,
    calendar,
    circumstances,
    copies,
    face_check,
    fairness,
    flags,
    media,
    national,
    office,
    own_tokens,
    retention,
    roster,
    roster_end,
    rule_versions,
    statistics,
    submissions,
    system,
    text_models,
    tips,
    tokens,
    users,
    webhooks,
    work,
    works,
)
from app.api.document import publish_document
from app.api.kept import Kept
from app.api.problems import install_problem_handlers
from app.api.security import install_edge
from app.db.engine import open_engine, session_factory
from app.db.migrate import require_newest
from app.db.together import Together
from app.errors import NotReady
from app.intake.accept import write
from app.office.kinds import DAILY, doers
from app.screening.service import Services, screen_submission
from app.settings import Settings
from app.settings import settings as read_settings
from app.storage import Blobs
from app.web import routes as web
from app.web.errors import error_page
from app.webhooks.delivering import courier

TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": True, "logs": False, "auto_configure": False}
"""FastAPI's own spans would carry query strings, its logs the messages of exceptions."""
log = structlog.get_logger("netra")


def open_services(settings: Settings) -> Services:
    """Database and store of originals, checked. Raises NotReady when the database was not migrated."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings.sqlalchemy_url)
    try:
        require_newest(engine)
    except NotReady:
        engine.dispose()
        raise
    return Services(settings, engine, session_factory(engine), Blobs(settings.blobs_url))


def create_app(settings: Settings | None = None) -> FastAPI:
    """The API and the console; with an embedded worker unless the settings switch it off."""
    chosen = settings or read_settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        heap.bound(screens=chosen.embedded_worker)
        services = await asyncio.to_thread(open_services, chosen)
        app.state.services = services
        app.state.intake = Together(services.sessions, partial(write, services.blobs))
        worker: jobs.Worker | None = None
        if chosen.embedded_worker:
            screens = partial(screen_submission, services)
            worker = await asyncio.to_thread(
                jobs.start_worker, chosen, screens, doers(services), DAILY, courier(services)
            )
        log.info("serving", version=__version__, embedded_worker=chosen.embedded_worker)
        try:
            yield
        finally:
            if worker is not None:
                await asyncio.to_thread(worker.stop)
            services.engine.dispose()

    app = FastAPI(
        title="Netra",
        version=__version__,
        summary="Screening of posts for indications of partisanship: a flag is informasi awal, no verdict",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        telemetry=TELEMETRY,
    )
    app.state.kept = Kept()
    for module in (  # the busiest first: routes are tried in this order
        submissions, batches,
        auth, users, tokens, own_tokens, flags, work, copies, circumstances, fairness, office, roster,
        calendar, roster_end, face_check, national, retention, works, system, media, statistics, rule_versions,
        text_models, webhooks, tips,
    ):  # fmt: skip
        app.include_router(module.router)
    app.include_router(web.router)
    web.mount(app)
    install_problem_handlers(app, error_page)
    install_edge(app, chosen, error_page)
    publish_document(app)
    telemetry.configure_logging(chosen.log_level)
    return app
