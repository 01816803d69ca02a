"""People who sign in: made, given a new password, deactivated; each act is an event without secrets."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from typing import cast

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app import audit
from app.auth.passwords import encodable, hash_password
from app.auth.principal import ROLES, Principal, Role
from app.db.base import now
from app.db.people_tables import ApiToken, User, UserSession
from app.errors import BadInput, Conflict, NotFound

LOGIN = re.compile(r"[a-z0-9._-]{2,80}")
REGION = re.compile(r"[A-Za-z0-9.-]{0,20}")
RESERVED = frozenset({"system"})


def create_user(
    session: Session, actor: Principal, login: str, name: str, role: str, password: str, region_code: str = ""
) -> User:
    """Add a person. `role` is one of ROLES. Errors: BadInput per field, Conflict when the login is taken."""
    actor.require("user.manage")
    if not LOGIN.fullmatch(login) or login in RESERVED:
        raise BadInput(
            "Nama masuk: 2-80 huruf kecil, angka, titik, garis / "
            "The login must be 2-80 of a-z, 0-9, dot, dash, underscore and not a reserved word",
            field="login",
        )
    if role not in ROLES:
        raise BadInput(f"Peran tidak dikenal, pilih / Unknown role, choose: {', '.join(ROLES)}", field="role")
    if not REGION.fullmatch(region_code):
        raise BadInput("Kode wilayah tidak sah / Not a region code, for instance 16.12", field="region_code")
    name = one_line(name, 200, "name")
    hashed = hash_password(password)
    user = User(id=uuid.uuid4(), login=login, name=name, role=role, region_code=region_code, password_hash=hashed)
    audit.append(session, actor, "user.create", "user", user.id, {"login": login, "role": role, "region": region_code})
    if session.scalar(select(User.id).where(User.login == login)) is not None:
        raise Conflict(f"Nama masuk sudah dipakai / This login is taken: {login}", field="login")
    session.add(user)
    session.flush()
    return user


def set_password(session: Session, actor: Principal, user: User, password: str) -> None:
    """Give a new password and end the person's sessions; their tokens stay, they are not bound to it."""
    actor.require("user.manage")
    hashed = hash_password(password)
    audit.append(session, actor, "user.password", "user", user.id, {"login": user.login})
    user.password_hash = hashed
    end_sessions(session, user)


def deactivate(session: Session, actor: Principal, user: User) -> None:
    """Bar a person from signing in, end all sessions and revoke all tokens.

    Conflict when nobody would be left who may manage users. The event comes first: it makes such acts queue up.
    """
    actor.require("user.manage")
    audit.append(session, actor, "user.deactivate", "user", user.id, {"login": user.login})
    admins = select(func.count()).where(User.role == "admin", User.active.is_(True), User.id != user.id)
    if user.role == "admin" and not session.scalar(admins):
        raise Conflict("Ini admin terakhir yang aktif / This is the last active admin; make another one first")
    user.active = False
    end_sessions(session, user)
    revoked = update(ApiToken).where(ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None))
    session.execute(revoked.values(revoked_at=now()))


def list_users(session: Session, *, limit: int = 1000) -> Sequence[User]:
    """People in the order of their logins; the public, which is nobody, is not among them."""
    return session.scalars(select(User).where(User.role.in_(ROLES)).order_by(User.login).limit(limit)).all()


def find_user(session: Session, key: uuid.UUID | str) -> User:
    """A person by id or by login; NotFound when there is none."""
    by_id = isinstance(key, uuid.UUID)
    readable = by_id or LOGIN.fullmatch(str(key)) is not None
    user = session.scalar(select(User).where(User.id == key if by_id else User.login == key)) if readable else None
    if user is None:
        raise NotFound("Pengguna tidak ada / No such user", field=None if by_id else "login")
    return user


def end_sessions(session: Session, user: User) -> None:
    """Sign a person out of every browser."""
    session.execute(delete(UserSession).where(UserSession.user_id == user.id))


def principal_of(user: User) -> Principal:
    """The person as a caller, signed in without a token."""
    return Principal(user.id, user.login, user.name, cast(Role, user.role), user.region_code)


def one_line(text: str, longest: int, field: str) -> str:
    """A name that every database and screen can hold: trimmed, printable, 1 to `longest` characters."""
    text = text.strip()
    if not 1 <= len(text) <= longest or not text.isprintable() or not encodable(text):
        raise BadInput(
            f"Isi satu baris, 1-{longest} karakter yang dapat dicetak / One line of 1-{longest} printable characters",
            field=field,
        )
    return text
