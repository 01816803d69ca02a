"""`netra rules`: versions of the rules from a draft over its differences to what is live, and back again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy.orm import Session

from app.auth.principal import Principal
from app.auth.users import find_user, principal_of
from app.cli.console import cell, database, out
from app.errors import BadInput
from app.rules.revise import Change, changes
from app.rules.ruleset import own_source, parse_rules
from app.screening import rule_versions as versions

app = typer.Typer(no_args_is_help=True, help="Versi aturan / Versions of the rules")
By = Annotated[str, typer.Option(help="login of the coordinator who decides it")]
Reason = Annotated[str, typer.Option(help="why; it is kept on record")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="weights file (TOML)")]


@app.command("list")
def list_versions() -> None:
    """The version that is live, and the newest ones."""
    with database() as session:
        live = versions.live(session)
        rows = versions.VERSIONS.newest(session)
    table = Table("nomor / number", "versi / version", "keadaan / state", "oleh / by", "alasan / reason")
    if live.id is None:
        table.add_row("-", live.rules.version, "live", "-", "berkas bawaan / the project's own file")
    for row in rows:
        table.add_row(str(row.id), row.version, row.state, row.made_by, cell(row.reason))
    out.print(table)


@app.command("check")
def check(file: File) -> None:
    """Whether a weights file keeps the principles, and what it would change of the live rules. Nothing is written."""
    after = parse_rules(_text_of(file).encode())
    with database() as session:
        before = versions.live(session).rules
    _show(changes(before, after), before.version, after.version)


@app.command("draft")
def draft(
    by: By,
    reason: Reason,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="weights file; without it the own one")] = None,
) -> None:
    """Keep a weights file as a draft and print its number; it changes nothing before it is published."""
    source = own_source() if file is None else _text_of(file)
    with database() as session:
        row = versions.draft(session, _coordinator(session, by), source, reason)
        session.commit()
        out.print(f"{row.id} {row.version} {row.state}", highlight=False)


@app.command("compare")
def compare(number: Annotated[int, typer.Argument(help="number of a version")]) -> None:
    """What publishing a version would change of the live rules."""
    with database() as session:
        found = versions.differences(session, number)
        names = versions.live(session).rules.version, versions.VERSIONS.get(session, number).version
    _show(found, *names)


@app.command("publish")
def publish(number: Annotated[int, typer.Argument(help="number of a version")], by: By, reason: Reason) -> None:
    """Let screening use a draft, or a retired version again, from the next submission on."""
    with database() as session:
        replaces = versions.VERSIONS.live_id(session)
        versions.publish(session, _coordinator(session, by), number, reason, replaces)
        session.commit()
        out.print(f"{versions.VERSIONS.get(session, number).version} live", highlight=False)


def _coordinator(session: Session, login: str) -> Principal:
    user = find_user(session, login)
    if not user.active:
        raise BadInput("Akun ini tidak aktif / This account is not active", field="by")
    return principal_of(user)


def _text_of(file: Path) -> str:
    """The text of a weights file. Raises BadInput."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"Tidak dapat dibaca / Cannot be read: {file}", field="FILE") from error


def _show(found: tuple[Change, ...], before: str, after: str) -> None:
    table = Table("nilai / value", "sebelum / before", "sesudah / after", title=f"{before} → {after}")
    for one in found:
        table.add_row(one.name, *("-" if value is None else f"{value:g}" for value in (one.before, one.after)))
    out.print(table if found else f"{before} = {after}: tidak ada beda / no difference", highlight=False)
