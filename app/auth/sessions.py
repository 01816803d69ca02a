"""Signed-in browsers: a random cookie whose hash alone is kept, so that a copy of the database opens nothing."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import audit
from app.auth.passwords import check_password
from app.auth.principal import SYSTEM, Principal
from app.auth.users import LOGIN, principal_of
from app.db.base import now
from app.db.people_tables import User, UserSession
from app.errors import NotSignedIn

SECRET_BYTES = 32
LONGEST_SECRET = 200
REFUSED = "Nama masuk atau kata sandi salah / Wrong login or password"


def sign_in(
    session: Session, login: str, password: str, *, lifetime: timedelta, replaces: str = ""
) -> tuple[str, UserSession]:
    """The cookie's value and its row; NotSignedIn when login or password is wrong or the person is inactive.

    The session of the cookie that it `replaces` in the browser ends.

    The failure is an event too: commit it. The login is written only when such a person exists (people type
    passwords into the wrong field). The work is the same for unknown people.
    """
    login = login.strip().lower()
    user = session.scalar(select(User).where(User.login == login)) if LOGIN.fullmatch(login) else None
    fits, renewed = check_password(user.password_hash if user else None, password)
    if user is None or not fits or not user.active:
        refuse(session, user)
        raise NotSignedIn(REFUSED)
    if renewed:
        user.password_hash = renewed
    sign_out(session, replaces)
    value = secrets.token_urlsafe(SECRET_BYTES)
    moment = now()
    expired = UserSession.user_id == user.id, UserSession.expires_at <= moment
    session.execute(delete(UserSession).where(*expired))
    row = UserSession(token_hash=fingerprint(value), user=user, created_at=moment, expires_at=moment + lifetime)
    session.add(row)
    audit.append(session, principal_of(user), "session.start", "user", user.id)
    return value, row


def refuse(session: Session, user: User | None) -> None:
    """Write down a try that failed; nobody has proven who they are, so the system is the actor."""
    if user is None:
        audit.append(session, SYSTEM, "session.refused", "user", "", {"reason": "unknown"})
    else:
        reason = "password" if user.active else "inactive"
        audit.append(session, SYSTEM, "session.refused", "user", user.id, {"login": user.login, "reason": reason})


def sign_out(session: Session, cookie: str) -> None:
    """End the session of this cookie, if there is one."""
    row = find(session, cookie)
    if row is not None:
        audit.append(session, principal_of(row.user), "session.end", "user", row.user_id)
        session.delete(row)


def resolve(session: Session, cookie: str) -> Principal | None:
    """Who is signed in with this cookie; None when it is unknown, expired or the person inactive."""
    row = find(session, cookie)
    if row is None or row.expires_at <= now() or not row.user.active:
        return None
    return principal_of(row.user)


def find(session: Session, cookie: str) -> UserSession | None:
    """The row of a cookie, expired or not."""
    return session.get(UserSession, fingerprint(cookie)) if 0 < len(cookie) <= LONGEST_SECRET else None


def fingerprint(secret: str) -> str:
    """sha256 of a random secret; it has 256 bits, so no salt and no slow hash are needed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
