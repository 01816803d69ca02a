"""`netra webhook`: how the receivers of messages fare."""

from __future__ import annotations

import typer
from rich.table import Table

from app.cli.console import cell, database, out
from app.webhooks import service

app = typer.Typer(help="Pesan ke sistem lain. / Messages to other systems.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Make `list` a command of its own even while it is the only one."""


@app.command("list")
def list_webhooks() -> None:
    """Webhooks with their state, failures in a row, when a message was last taken, and how many ended without."""
    table = Table(
        "id", "nama / name", "alamat / address", "keadaan / state", "gagal / failures", "diterima / taken", "dead"
    )
    with database() as session:
        for row in service.listed(session).items:
            fares = service.health(session, row)
            taken = fares.delivered_at.isoformat(timespec="seconds") if fares.delivered_at else "–"
            state = f"{row.state} ({row.halted_for})" if row.halted_for else row.state
            table.add_row(str(row.id), cell(row.name), cell(row.url), state, str(row.failures), taken, str(fares.dead))
    out.print(table)
