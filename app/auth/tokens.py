"""API tokens for programs: opaque, scoped, revocable, shown once; only their hash is kept."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import cast

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import ROLE_SCOPES, Principal, Role, Scope
from app.auth.sessions import LONGEST_SECRET, SECRET_BYTES, fingerprint
from app.auth.users import one_line
from app.db.base import now
from app.db.people_tables import ApiToken, User
from app.errors import BadInput, Conflict, NotAllowed, NotFound

PREFIX = "ntr_"
TOUCH_EVERY = timedelta(minutes=1)
LATEST = datetime(9000, 1, 1, tzinfo=UTC)
"""Until then every moment can be written in every zone."""
LONGEST_OVERLAP = timedelta(days=7)
MOST_OWN = 20
MOST_LISTED = 200
# asked at every request: columns instead of entities, and written once
_OPENING = select(
    ApiToken.id.label("token_id"), ApiToken.scopes, ApiToken.expires_at, ApiToken.revoked_at, ApiToken.last_used_at,
    User.id.label("user_id"), User.login, User.name, User.role, User.region_code, User.active,
).join(User)  # fmt: skip
_PRESENT = _OPENING.where(ApiToken.token_hash == bindparam("proof"))
_BEFORE = _OPENING.where(ApiToken.previous_hash == bindparam("proof"), ApiToken.previous_until > bindparam("moment"))
"""The secret before a rotation, while it still opens."""


def create_token(
    session: Session, actor: Principal, user: User, name: str, scopes: Iterable[str], expires_at: datetime | None = None
) -> tuple[str, ApiToken]:
    """The plain token, to be shown once, and its row.

    Errors: BadInput for a scope that the owner's role cannot use or a moment of expiry that has passed or has no
    zone; Conflict when the owner is inactive.
    """
    actor.require("token.manage")
    return _made(session, actor, user, name, scopes, expires_at)


def create_own(
    session: Session, actor: Principal, name: str, scopes: Iterable[str], days: int, most_days: int
) -> tuple[str, ApiToken]:
    """A token that a person makes for a program of their own: with scopes of their role, for `days`.

    Errors: NotAllowed where the office lets nobody (`most_days` 0), BadInput naming `days` or `scopes`, Conflict at
    MOST_OWN working ones."""
    actor.require("token.own")
    if most_days == 0:
        raise NotAllowed("Token dibuat oleh admin / Tokens are made by an administrator")
    if not 1 <= days <= most_days:
        raise BadInput(f"Paling lama {most_days} hari / At most {most_days} days", field="days")
    if sum(alive(token) for token in own_tokens(session, actor)) >= MOST_OWN:
        raise Conflict(
            f"Sudah ada {MOST_OWN} token; cabut yang tidak dipakai / There are {MOST_OWN} tokens: revoke the unused"
        )
    user = session.get_one(User, actor.user_id)
    return _made(session, actor, user, name, scopes, now() + timedelta(days=days))


def rotate(session: Session, actor: Principal, token: ApiToken, overlap: timedelta = timedelta(0)) -> str:
    """A new secret for the same token; the old one stops at once or, for programs that run, after `overlap`.

    Errors: Conflict when the token is revoked or expired, BadInput for an overlap beyond LONGEST_OVERLAP."""
    _require(actor, token)
    if not alive(token):
        raise Conflict("Token sudah dicabut atau kedaluwarsa / The token is revoked or expired; make a new one")
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        hours = LONGEST_OVERLAP // timedelta(hours=1)
        raise BadInput(f"Antara 0 dan {hours} jam / Between 0 and {hours} hours", field="overlap_hours")
    plain = new_secret()
    until = now() + overlap if overlap else None
    token.previous_hash, token.previous_until = (token.token_hash, until) if until else (None, None)
    token.token_hash = fingerprint(plain)
    token.last_used_at = None
    facts = {"owner": token.user.login, "name": token.name} | ({"old_until": until.isoformat()} if until else {})
    audit.append(session, actor, "token.rotate", "token", token.id, facts)
    return plain


def revoke(session: Session, actor: Principal, token: ApiToken) -> None:
    """Stop a token for good, with the secret before it; doing it again changes nothing."""
    _require(actor, token)
    if token.revoked_at is None:
        token.revoked_at = now()
        audit.append(session, actor, "token.revoke", "token", token.id, {"owner": token.user.login, "name": token.name})


def _made(
    session: Session, actor: Principal, user: User, name: str, scopes: Iterable[str], expires_at: datetime | None
) -> tuple[str, ApiToken]:
    if not user.active:
        raise Conflict("Pengguna ini tidak aktif / This user is not active", field="login")
    plain = new_secret()
    token = ApiToken(
        id=uuid.uuid4(),
        name=one_line(name, 120, "name"),
        token_hash=fingerprint(plain),
        scopes=usable(scopes, cast(Role, user.role)),
        user=user,
        expires_at=upcoming(expires_at),
    )
    until = expires_at.isoformat() if expires_at else None
    facts = {"owner": user.login, "name": token.name, "scopes": token.scopes, "expires_at": until}
    session.add(token)
    audit.append(session, actor, "token.create", "token", token.id, facts)
    return plain, token


def _require(actor: Principal, token: ApiToken) -> None:
    if not (actor.may("token.own") and token.user_id == actor.user_id):
        actor.require("token.manage")


def resolve(session: Session, plain: str) -> Principal | None:
    """The owner with the token's scopes; None when unknown, expired, revoked or the owner is inactive.

    Writes `last_used_at` at most once a minute: commit afterwards. A database that takes no writes at the moment
    stops nobody from reading.
    """
    if not plain.startswith(PREFIX) or len(plain) > LONGEST_SECRET:
        return None
    connection, given = session.connection(), {"proof": fingerprint(plain), "moment": now()}
    present = connection.execute(_PRESENT, given).one_or_none()
    found = present or connection.execute(_BEFORE, given).one_or_none()
    if found is None or not _opens(found.expires_at, found.revoked_at, active=found.active):
        return None
    if present is not None:  # so that people see whether a program knows the new secret
        touch(session, found.token_id, found.last_used_at)
    scopes = frozenset(cast("list[Scope]", found.scopes))
    role = cast(Role, found.role)
    return Principal(found.user_id, found.login, found.name, role, found.region_code, scopes, found.token_id)


def list_tokens(session: Session, *, limit: int = 1000) -> Sequence[ApiToken]:
    """Tokens, the newest first."""
    return session.scalars(select(ApiToken).order_by(ApiToken.created_at.desc(), ApiToken.id).limit(limit)).all()


def own_tokens(session: Session, person: Principal) -> Sequence[ApiToken]:
    """The tokens of this person, the newest first."""
    mine = select(ApiToken).where(ApiToken.user_id == person.user_id)
    return session.scalars(mine.order_by(ApiToken.created_at.desc(), ApiToken.id).limit(MOST_LISTED)).all()


def find_own(session: Session, person: Principal, token_id: uuid.UUID) -> ApiToken:
    """A token of this person; NotFound also for those of others."""
    token = session.get(ApiToken, token_id)
    if token is None or token.user_id != person.user_id:
        raise NotFound("Token tidak ada / No such token")
    return token


def find_token(session: Session, token_id: uuid.UUID) -> ApiToken:
    """A token by its id; NotFound when there is none."""
    token = session.get(ApiToken, token_id)
    if token is None:
        raise NotFound("Token tidak ada / No such token")
    return token


def alive(token: ApiToken) -> bool:
    """Whether the token opens anything now."""
    return _opens(token.expires_at, token.revoked_at, active=token.user.active)


def _opens(expires_at: datetime | None, revoked_at: datetime | None, *, active: bool) -> bool:
    return active and revoked_at is None and (expires_at is None or expires_at > now())


def usable(scopes: Iterable[str], role: Role) -> list[str]:
    """The scopes in order, each once; BadInput when none is named or the role cannot use one."""
    wanted, allowed = frozenset(scopes), ROLE_SCOPES[role]
    if not wanted or not wanted <= allowed:
        raise BadInput(
            f"Pilih lingkup untuk peran {role} / Choose from the scopes of {role}: {', '.join(sorted(allowed))}",
            field="scopes",
        )
    return sorted(wanted)


def upcoming(moment: datetime | None) -> datetime | None:
    """A moment of expiry as it may be stored."""
    if moment is not None and (moment.tzinfo is None or not now() < moment < LATEST):
        raise BadInput(
            f"Waktu kedaluwarsa harus di masa depan, sebelum tahun {LATEST.year}, dan memuat zona"
            f" / The expiry must lie ahead, before the year {LATEST.year}, and name its zone",
            field="expires_at",
        )
    return moment


def touch(session: Session, token_id: uuid.UUID, last_used_at: datetime | None) -> None:
    """Remember roughly when the token was used last."""
    moment = now()
    before = moment - TOUCH_EVERY
    if last_used_at is not None and last_used_at > before:
        return
    stale = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at <= before)
    try:
        session.execute(update(ApiToken).where(ApiToken.id == token_id, stale).values(last_used_at=moment))
    except OperationalError:
        session.rollback()


def new_secret() -> str:
    """256 random bits behind a prefix that secret scanners can find."""
    return PREFIX + secrets.token_urlsafe(SECRET_BYTES)
