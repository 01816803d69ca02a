"""People, tokens and the chain of events, from the command line of the machine that runs Netra."""

from __future__ import annotations

import secrets
import sys
import uuid
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table

from app import audit
from app.auth import tokens as api_tokens
from app.auth import users as people
from app.auth.principal import ROLES, SCOPES, SYSTEM
from app.cli.console import cell, database, err, out
from app.db.people_tables import ApiToken, User
from app.errors import BadInput

users = typer.Typer(help="Pengguna konsol / People who sign in", no_args_is_help=True)
tokens = typer.Typer(help="Token API untuk program / API tokens", no_args_is_help=True)
log = typer.Typer(help="Jejak audit / The chain of events", no_args_is_help=True)


def read_password(given: bool) -> tuple[str, bool]:
    """The password from standard input, or a made-up one; and whether it was made up."""
    if not given:
        return secrets.token_urlsafe(12), True
    if sys.stdin.isatty():
        return str(typer.prompt("Kata sandi / Password", hide_input=True, confirmation_prompt=True)), False
    return sys.stdin.readline().rstrip("\n"), False


@users.command("add")
def add_user(
    login: str,
    name: Annotated[str, typer.Option(help="full name")],
    role: Annotated[str, typer.Option(help=f"one of: {', '.join(ROLES)}")],
    region: Annotated[str, typer.Option(help="Kemendagri code")] = "",
    password_stdin: Annotated[bool, typer.Option(help="read the password from standard input")] = False,
) -> None:
    """Add a person; without --password-stdin a password is made up and shown once."""
    password, shown = read_password(password_stdin)
    with database() as session:
        people.create_user(session, SYSTEM, login, name, role, password, region)
        session.commit()
    out.print(f"{login} ({role})" + (f"  kata sandi / password: {password}" if shown else ""), highlight=False)


@users.command("list")
def list_users() -> None:
    """All people with their roles."""
    table = Table("login", "name", "role", "region", "active")
    with database() as session:
        for user in people.list_users(session):
            table.add_row(
                cell(user.login), cell(user.name), user.role, user.region_code, "ya / yes" if user.active else "–"
            )
    out.print(table)


@users.command("password")
def set_password(
    login: str, password_stdin: Annotated[bool, typer.Option(help="read it from standard input")] = False
) -> None:
    """Set a new password; every session of the person ends."""
    password, shown = read_password(password_stdin)
    with database() as session:
        people.set_password(session, SYSTEM, people.find_user(session, login), password)
        session.commit()
    out.print(f"{login}" + (f"  kata sandi / password: {password}" if shown else ""), highlight=False)


@users.command("deactivate")
def deactivate(login: str) -> None:
    """Shut a person out at once: sessions and tokens end."""
    with database() as session:
        people.deactivate(session, SYSTEM, people.find_user(session, login))
        session.commit()
    out.print(f"{login}: nonaktif / deactivated", highlight=False)


@tokens.command("create")
def create_token(
    login: str,
    name: Annotated[str, typer.Option(help="what it is for")],
    scope: Annotated[list[str], typer.Option(help=f"any of: {', '.join(SCOPES)}")],
    days: Annotated[int, typer.Option(help="days until it expires", min=1, max=3650)] = 365,
) -> None:
    """Make a token for a program; it is shown once, here."""
    with database() as session:
        owner: User = people.find_user(session, login)
        expires = datetime.now(UTC) + timedelta(days=days)
        plain, row = api_tokens.create_token(session, SYSTEM, owner, name, scope, expires)
        session.commit()
        err.print(
            f"token {row.id}, sampai / until {expires:%Y-%m-%d}; hanya tampil sekali / shown once:", highlight=False
        )
    out.print(plain, highlight=False)


@tokens.command("list")
def list_tokens() -> None:
    """All tokens, without their secret."""
    table = Table("id", "owner", "name", "scopes", "expires", "last used", "alive")
    with database() as session:
        for token in api_tokens.list_tokens(session):
            table.add_row(*map(cell, _token_row(token)))
    out.print(table)


def _token_row(token: ApiToken) -> tuple[str, ...]:
    def day(moment: datetime | None) -> str:
        return f"{moment:%Y-%m-%d}" if moment else "–"

    alive = "ya / yes" if api_tokens.alive(token) else "–"
    scopes = ", ".join(token.scopes)
    return str(token.id), token.user.login, token.name, scopes, day(token.expires_at), day(token.last_used_at), alive


@tokens.command("rotate")
def rotate_token(
    token_id: str,
    overlap_hours: Annotated[int, typer.Option(help="the old secret works for so long", min=0, max=168)] = 0,
) -> None:
    """Give a token a new secret, shown once, here; the old one stops at once or after a while."""
    key = _token_id(token_id)
    with database() as session:
        token = api_tokens.find_token(session, key)
        plain = api_tokens.rotate(session, SYSTEM, token, timedelta(hours=overlap_hours))
        session.commit()
    err.print(f"{token_id}: rahasia baru, hanya tampil sekali / new secret, shown once:", highlight=False)
    out.print(plain, highlight=False)


@tokens.command("revoke")
def revoke_token(token_id: str) -> None:
    """End a token at once."""
    key = _token_id(token_id)
    with database() as session:
        api_tokens.revoke(session, SYSTEM, api_tokens.find_token(session, key))
        session.commit()
    out.print(f"{token_id}: dicabut / revoked", highlight=False)


def _token_id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise BadInput("Bukan nomor token; lihat `netra token list` / Not a token id", field="token_id") from error


@log.command("verify")
def verify() -> None:
    """Walk the whole chain and recompute every hash; exit code 1 when it does not hold."""
    with database() as session:
        result = audit.verify(session)
    if result.broken_at is not None:
        place = f"{result.broken_at}: {result.reason}"
        err.print(f"Rantai putus pada peristiwa / The chain breaks at event {place}", style="bold", highlight=False)
        raise typer.Exit(1)
    out.print(f"{result.events} peristiwa, rantai utuh / {result.events} events, every hash holds", highlight=False)


@log.command("list")
def list_events(last: Annotated[int, typer.Option(help="how many of the newest", min=1, max=10_000)] = 50) -> None:
    """The newest events."""
    from sqlalchemy import select

    from app.db.event_tables import Event

    table = Table("id", "at (UTC)", "actor", "role", "action", "object")
    with database() as session:
        for event in reversed(session.scalars(select(Event).order_by(Event.id.desc()).limit(last)).all()):
            thing = f"{event.object_type} {event.object_id}"
            table.add_row(str(event.id), event.at[:19], cell(event.actor), event.role, event.action, cell(thing))
    out.print(table)
