"""What somebody handed in, newest first, read by index."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session, joinedload, selectinload

from app.auth.principal import Principal
from app.db.tables import Flag, Submission
from app.errors import BadInput


@dataclass(frozen=True, slots=True)
class Page:
    """Some submissions, and the cursor of the next page or None."""

    items: list[Submission]
    next: str | None


def own_submissions(session: Session, principal: Principal, after: str | None = None, limit: int = 50) -> Page:
    """The caller's submissions. `after` is the cursor of the page before. Raises BadInput for an unknown cursor."""
    query = select(Submission).where(Submission.submitted_by == principal.user_id)
    query = query.options(joinedload(Submission.contest), selectinload(Submission.images))
    if after:
        last = _at_cursor(session, principal, after)
        query = query.where(tuple_(Submission.received_at, Submission.id) < tuple_(last.received_at, last.id))
    newest = query.order_by(Submission.received_at.desc(), Submission.id.desc())
    found = session.scalars(newest.limit(limit + 1)).all()
    items = list(found[:limit])
    return Page(items, str(items[-1].id) if len(found) > limit else None)


def _at_cursor(session: Session, principal: Principal, cursor: str) -> Submission:
    try:
        row = session.get(Submission, uuid.UUID(cursor))
    except ValueError:
        row = None
    if row is None or row.submitted_by != principal.user_id:
        raise BadInput("Penanda halaman tidak dikenal / Unknown cursor", field="after")
    return row


def flags_of(session: Session, submissions: Iterable[Submission]) -> dict[uuid.UUID, Flag]:
    """The flags that were raised on these submissions, by submission."""
    ids = [row.id for row in submissions]
    flags = session.scalars(select(Flag).where(Flag.submission_id.in_(ids)))
    return {flag.submission_id: flag for flag in flags}
