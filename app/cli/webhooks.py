"""`netra webhook`: who is told what happens, and whether a message that came in is ours."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from app.auth.principal import SYSTEM
from app.cli.console import cell, database, err, out
from app.errors import BadInput
from app.settings import settings
from app.webhooks import service
from app.webhooks.kinds import CODES
from app.webhooks.signing import WINDOW_SECONDS, Refused, Verifier, is_secret

app = typer.Typer(help="Pesan ke sistem lain. / Messages to other systems.", no_args_is_help=True)
EVER = 10**12


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


@app.command("add")
def add_webhook(
    name: Annotated[str, typer.Argument(help="what it is for")],
    url: Annotated[str, typer.Argument(help="address of the receiver")],
    event: Annotated[list[str], typer.Option(help=f"any of: {', '.join(CODES)}")],
    contest: Annotated[list[str] | None, typer.Option(help="only these contests; without it all")] = None,
) -> None:
    """Make a webhook; its secret is shown once, here."""
    with database() as session:
        secret, row = service.create(session, settings(), SYSTEM, name, url, event, contest or ())
        session.commit()
        err.print(f"webhook {row.id}; hanya tampil sekali / shown once:", highlight=False)
    out.print(secret, highlight=False)


@app.command("verify")
def verify(
    body: Annotated[Path, typer.Argument(help="the body of the request, byte for byte as it came")],
    headers: Annotated[Path, typer.Option(help="its headers, one on each line")],
    secret_file: Annotated[Path, typer.Option(help="file with the webhook's secret")],
    at_any_time: Annotated[bool, typer.Option(help="also when it is older than a receiver may believe")] = False,
) -> None:
    """Check a message as a receiver has kept it; needs no database. Exit code 2 if it is not ours."""
    try:
        content, told, secret = (
            body.read_bytes(),
            headers.read_text("latin-1"),
            secret_file.read_text("latin-1").strip(),
        )
    except OSError as error:
        raise BadInput(f"Berkas tidak terbaca / The file cannot be read: {error.filename}: {error.strerror}") from error
    if not is_secret(secret):
        raise BadInput("Ini bukan rahasia webhook / This is no secret of a webhook: whsec_…", field="secret-file")
    lines = (line.partition(":") for line in told.splitlines())
    given = {name.strip(): value.strip() for name, _, value in lines}
    try:
        found = Verifier(secret, window_seconds=EVER if at_any_time else WINDOW_SECONDS).check(given, content)
    except Refused as error:
        raise BadInput(f"Pesan ini tidak boleh dipercaya / This message must not be believed: {error}") from error
    out.print(f"{found}: tanda tangan cocok / the signature fits", highlight=False)
