"""`netra retain`: destroy what is due, or only say what would be."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from app.cli.console import bar, err, out
from app.office.retention import Done, look
from app.office.retention import retain as destroy
from app.settings import settings


def retain(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what is due; nothing is written")] = False,
) -> None:
    """Destroy originals and working data whose time is up, by the rules of the settings; a record says what went."""
    from app.main import open_services

    services = open_services(settings())
    try:
        if dry_run:
            with services.sessions() as session:
                _show(look(session, services.operating.now()), "akan / would")
            return
        with bar() as progress:
            task = progress.add_task("Memusnahkan / Destroying", total=None)
            done = destroy(services, lambda number, total: progress.update(task, completed=number, total=total))
        _show(done, "dimusnahkan / destroyed")
        if done.run is not None:
            err.print(f"Berita acara / record: /retensi/{done.run}", highlight=False)
    finally:
        services.engine.dispose()


def _show(done: Done, title: str) -> None:
    table = Table("aturan / rule", title)
    for rule, count in sorted(done.rules.items()):
        table.add_row(rule, str(count))
    table.add_row("sesi / sessions", str(done.sessions))
    out.print(table)
