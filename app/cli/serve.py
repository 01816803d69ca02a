"""Running Netra: the server, a worker of its own, the migrations."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from sqlalchemy.engine import make_url

from app import heap, jobs, telemetry
from app.cli.console import database, err
from app.db.migrate import migrate as migrate_schema
from app.settings import Settings, settings


def serve(
    host: Annotated[str | None, typer.Option(help="address to listen on")] = None,
    port: Annotated[int | None, typer.Option(help="port to listen on", min=0, max=65535)] = None,
    processes: Annotated[int, typer.Option(help="server processes", min=1, max=64)] = 1,
) -> None:
    """Serve the console and the API, with an embedded worker unless NETRA_EMBEDDED_WORKER=false."""
    chosen = settings()
    with database(chosen):  # what is missing is said here in one line, not by every process
        pass
    uvicorn.run(
        "app.main:create_app",
        factory=True,
        host=host or chosen.host,
        port=chosen.port if port is None else port,
        proxy_headers=True,
        forwarded_allow_ips=chosen.trusted_proxies,
        workers=processes,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )


def worker() -> None:
    """Screen queued submissions in a process of its own, until SIGTERM."""
    from app.main import open_services
    from app.office.kinds import DAILY, doers
    from app.screening.service import screen_submission
    from app.webhooks.delivering import courier

    chosen = settings()
    heap.bound(screens=True)
    telemetry.configure_logging(chosen.log_level)
    services = open_services(chosen)
    _ = services.models  # a missing pack is said now, not at the first job
    err.print("netra worker: siap / ready", highlight=False)
    screens = partial(screen_submission, services)
    jobs.run_worker(chosen, screens, kinds=doers(services), daily=DAILY, courier=courier(services))


def migrate() -> None:
    """Bring the database to the newest revision, on SQLite and PostgreSQL."""
    chosen = settings()
    revision = bring_up(chosen)
    place = make_url(chosen.sqlalchemy_url).render_as_string(hide_password=True)
    err.print(f"{place}: revisi / revision {revision}", highlight=False)


def bring_up(chosen: Settings) -> str:
    """Migrate our tables and those of the job engine; the revision reached."""
    url = make_url(chosen.sqlalchemy_url)
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    revision = migrate_schema(chosen.sqlalchemy_url)
    jobs.migrate(chosen.sqlalchemy_url)
    return revision
