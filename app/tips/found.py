"""Tips as people of the office find them: one by one, and as a list beside the queue."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.flag_tables import Flag
from app.db.keyset import Sort, sliced
from app.db.submission_tables import Submission
from app.db.tip_tables import Tip
from app.errors import BadInput, Conflict, NotFound
from app.text.storable import storable

State = Literal["new", "converted", "aside"]
STATES: tuple[State, ...] = State.__args__  # type: ignore[attr-defined]
GONE = "gone"
"""The state of a tip that retention destroyed: it is in no list."""
NEWEST = Sort(((Tip.made_at, True), (Tip.id, True)))


@dataclass(frozen=True, slots=True)
class Listed:
    """A tip with its item, which is there once it was screened."""

    tip: Tip
    flag: Flag | None


@dataclass(frozen=True, slots=True)
class Page:
    """Some tips, newest first, and the cursor of the next page or None."""

    items: list[Listed]
    next: str | None


def get_tip(session: Session, tip_id: uuid.UUID) -> Tip:
    """The tip. Raises NotFound, also for what retention destroyed."""
    tip = session.get(Tip, tip_id)
    if tip is None or tip.state == GONE:
        raise NotFound("Informasi awal ini tidak ada / There is no such informasi awal")
    return tip


def flag_of(session: Session, tip: Tip) -> Flag:
    """The item of a tip. Raises Conflict while it waits to be screened."""
    flag = session.scalar(select(Flag).where(Flag.submission_id == tip.submission_id))
    if flag is None:
        raise Conflict("Masih diperiksa mesin; coba lagi sebentar / Still being screened: try again in a moment")
    return flag


def tip_of(session: Session, flag: Flag) -> Tip | None:
    """The tip that an item comes from, None for any other item."""
    return session.scalar(select(Tip).where(Tip.submission_id == flag.submission_id))


def list_tips(session: Session, *, state: str = "", contest: str = "", after: str | None = None, limit: int) -> Page:
    """Tips, newest first; `after` is the cursor of the page before. Raises BadInput for an unknown state or cursor."""
    if state not in ("", *STATES):
        raise BadInput(f"Tidak dikenal; pilihan / Unknown; choices: {', '.join(STATES)}", field="state")
    query = select(Tip).where(Tip.state == state if state else Tip.state != GONE)
    if contest:
        query = query.join(Submission).where(Submission.contest_id == storable(contest))
    found = sliced(session, query, NEWEST, _at(session, after) if after else None, limit)
    ids = [tip.submission_id for tip in found.items]
    flags = {flag.submission_id: flag for flag in session.scalars(select(Flag).where(Flag.submission_id.in_(ids)))}
    items = [Listed(tip, flags.get(tip.submission_id)) for tip in found.items]
    return Page(items, str(found.items[-1].id) if found.more else None)


def _at(session: Session, cursor: str) -> Tip:
    try:
        row = session.get(Tip, uuid.UUID(cursor))
    except ValueError:
        row = None
    if row is None:
        raise BadInput("Penanda halaman tidak dikenal / Unknown cursor", field="after")
    return row
