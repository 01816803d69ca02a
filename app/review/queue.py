"""The order of work: strongest first, read by index."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.db.tables import Flag, Submission
from app.errors import BadInput, NotFound
from app.text.storable import storable

STATES = ("new", "confirmed", "dismissed")
BANDS = ("high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Page:
    """Some flags, and the cursor of the next page or None."""

    items: list[Flag]
    next: str | None


def _ordered() -> Select[Flag]:
    loaded = (
        joinedload(Flag.submission).selectinload(Submission.images),
        joinedload(Flag.submission).joinedload(Submission.contest),
        selectinload(Flag.screening),
    )
    return select(Flag).options(*loaded).order_by(Flag.score.desc(), Flag.id)


def _after(flag: Flag) -> ColumnElement[bool]:
    return or_(Flag.score < flag.score, and_(Flag.score == flag.score, Flag.id > flag.id))


def get_flag(session: Session, flag_id: uuid.UUID) -> Flag:
    """The flag. Raises NotFound."""
    flag = session.get(Flag, flag_id)
    if flag is None:
        raise NotFound("Butir ini tidak ada / There is no such item")
    return flag


def list_flags(
    session: Session,
    *,
    state: str | None = None,
    contest: str | None = None,
    band: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page:
    """Flags in the order of work. `after` is the cursor of the page before. Raises BadInput for unknown filters."""
    query = _ordered()
    for field, value, known in (("state", state, STATES), ("band", band, BANDS)):
        if value and value not in known:
            raise BadInput(f"Tidak dikenal; pilihan / Unknown; choices: {', '.join(known)}", field=field)
        if value:
            query = query.where(getattr(Flag, field) == value)
    if contest:
        query = query.where(Flag.contest_id == storable(contest))
    if after:
        query = query.where(_after(_at_cursor(session, after)))
    found = session.scalars(query.limit(limit + 1)).all()
    items = list(found[:limit])
    return Page(items, str(items[-1].id) if len(found) > limit else None)


def _at_cursor(session: Session, cursor: str) -> Flag:
    try:
        return get_flag(session, uuid.UUID(cursor))
    except (ValueError, NotFound) as error:
        raise BadInput("Penanda halaman tidak dikenal / Unknown cursor", field="after") from error


def next_flag(session: Session, after: uuid.UUID | None = None) -> Flag | None:
    """The strongest undecided flag, or the one that follows `after` in the order of work (then from the start)."""
    query = _ordered().where(Flag.state == "new").limit(1)
    current = session.get(Flag, after) if after else None
    if current is None:
        return session.scalar(query)
    return session.scalar(query.where(_after(current))) or session.scalar(query.where(Flag.id != current.id))


def count_open(session: Session) -> int:
    """How many flags wait for a decision."""
    return session.scalar(select(func.count()).select_from(Flag).where(Flag.state == "new")) or 0
