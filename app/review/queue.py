"""The order of work: most urgent first, read by index. Filters are plain parameters, so that an address saves them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, String, Uuid, and_, case, cast, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload, lazyload, selectinload

from app.auth.principal import Principal
from app.db.tables import ConflictOfInterest, ContestRow, Event, Flag, Screening, Submission
from app.errors import BadInput, NotFound
from app.review.workflow import STATES
from app.text.storable import storable

MANY = 1000
"""Counting stops here, so that a page of a full queue takes no longer than one of a short queue."""
BANDS = ("high", "medium", "low")
SECRET = frozenset({"decided_once", "disagreement", "needs_info", "escalated"})
"""States in which somebody's verdict may still be hidden from those who decide next."""
CHOICES = {"state": STATES, "band": BANDS}


@dataclass(frozen=True, slots=True)
class Filters:
    """What to show; empty values leave nothing out. `region` is a code or the beginning of one, `signal` a code of a
    signal, `reviewer` the login of somebody who gave a verdict."""

    state: str = ""
    contest: str = ""
    band: str = ""
    region: str = ""
    stage: str = ""
    signal: str = ""
    platform: str = ""
    reviewer: str = ""
    assigned: str = ""
    lane: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Some flags, and the cursor of the next page or None."""

    items: list[Flag]
    next: str | None


def ordered() -> Select[Flag]:
    """Flags in the order of work, with what showing them takes."""
    loaded = (
        joinedload(Flag.submission).selectinload(Submission.images),
        joinedload(Flag.submission).joinedload(Submission.contest),
        selectinload(Flag.screening),
    )
    return select(Flag).options(*loaded).order_by(Flag.priority.desc(), Flag.id)


def follows(priority: float, flag_id: uuid.UUID) -> ColumnElement[bool]:
    """Whether a flag comes after this place in the order; written so that an index finds the place."""
    return and_(Flag.priority <= priority, or_(Flag.priority < priority, Flag.id > flag_id))


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
    filters: Filters | None = None,
    viewer: Principal | None = None,
) -> Page:
    """Flags in the order of work. `after` is the cursor of the page before; `filters` holds more of them than the
    three named here, and tells `viewer` of no verdict that they must not know. Raises BadInput for unknown ones."""
    chosen = filters or Filters(state or "", contest or "", band or "")
    query = ordered().where(*conditions(chosen, viewer))
    if after:
        cursor = _at_cursor(session, after)
        query = query.where(follows(cursor.priority, cursor.id))
    found = session.scalars(query.limit(limit + 1)).all()
    items = list(found[:limit])
    return Page(items, str(items[-1].id) if len(found) > limit else None)


def conditions(filters: Filters, viewer: Principal | None = None) -> list[ColumnElement[bool]]:
    """The filters as conditions on Flag, for this viewer. Raises BadInput for a state or band that does not exist."""
    for field, known in CHOICES.items():
        if getattr(filters, field) not in ("", *known):
            raise BadInput(f"Tidak dikenal; pilihan / Unknown; choices: {', '.join(known)}", field=field)
    given = {name: storable(getattr(filters, name)) for name in Filters.__slots__ if getattr(filters, name)}
    made = [column == given[name] for name, column in COLUMNS.items() if name in given]
    if "region" in given:
        contests = select(ContestRow.id).where(ContestRow.region_code.startswith(given["region"], autoescape=True))
        made.append(Flag.contest_id.in_(contests))
    if "platform" in given:
        submissions = select(Submission.id).where(Submission.platform == given["platform"])
        made.append(Flag.submission_id.in_(submissions))
    if "signal" in given:
        code = f'"code": "{given["signal"]}"'
        holds = cast(Screening.signals, String).contains(code, autoescape=True)
        made.append(exists().where(Screening.id == Flag.screening_id, holds))
    if "reviewer" in given:
        made.append(_has_verdict_of(given["reviewer"], viewer))
    return made


COLUMNS = {
    "state": Flag.state, "contest": Flag.contest_id, "band": Flag.band, "stage": Flag.stage,
    "assigned": Flag.assigned_to, "lane": Flag.lane,
}  # fmt: skip


def _has_verdict_of(login: str, viewer: Principal | None) -> ColumnElement[bool]:
    """Whether this person gave a verdict; of a colleague's, only where it is no secret to the viewer any more."""
    decided = select(Event.object_id).where(
        Event.object_type == "flag", Event.action.in_(["flag.confirm", "flag.dismiss"]), Event.actor == login
    )
    ids = decided.subquery().c.object_id
    given = Flag.id.in_(select(cast(func.replace(ids, "-", ""), Uuid)))
    if viewer is None or not viewer.judges or viewer.login == login:
        return given
    secret = SECRET - {"disagreement"} if viewer.role == "coordinator" else SECRET
    return and_(given, case((Flag.state == "claimed", Flag.resume), else_=Flag.state).not_in(secret))


def _at_cursor(session: Session, cursor: str) -> Flag:
    try:
        return get_flag(session, uuid.UUID(cursor))
    except (ValueError, NotFound) as error:
        raise BadInput("Penanda halaman tidak dikenal / Unknown cursor", field="after") from error


# -- what comes next ------------------------------------------------------------------------------------------------


def waits_for(session: Session, principal: Principal | None, desk: str = "review") -> list[ColumnElement[bool]]:
    """Conditions for what lies on a desk and this person may decide."""
    made: list[ColumnElement[bool]] = [Flag.desk == desk]
    if principal is None or not principal.may("flag.decide"):
        return made
    made.append(~Flag.barred.contains(f"|{principal.login}|", autoescape=True))
    made.append(or_(Flag.assigned_to.is_(None), Flag.assigned_to == principal.login))
    declared = select(ConflictOfInterest.contest_id).where(ConflictOfInterest.user_id == principal.user_id)
    conflicts = session.scalars(declared).all()
    return [*made, Flag.contest_id.not_in(conflicts)] if conflicts else made


def next_flag(session: Session, after: uuid.UUID | None = None, principal: Principal | None = None) -> Flag | None:
    """What a reviewer would be given next, without claiming it: the first of the desk, or the one that follows `after`
    in the order of work (then from the start); only what `principal` may decide when one is given."""
    query = select(Flag).options(lazyload("*")).where(*waits_for(session, principal))
    query = query.order_by(Flag.priority.desc(), Flag.id).limit(1)
    current = session.get(Flag, after) if after else None
    if current is None:
        return session.scalar(query)
    following = session.scalar(query.where(follows(current.priority, current.id)))
    return following or session.scalar(query.where(Flag.id != current.id))


def count_open(session: Session, principal: Principal | None = None) -> int:
    """How many flags wait on the desk of the reviewers, for this person where one is given; MANY stands for more."""
    waiting = select(Flag.id).where(*waits_for(session, principal)).limit(MANY).subquery()
    return session.scalar(select(func.count()).select_from(waiting)) or 0


def shown_state(flag: Flag, moment: datetime) -> str:
    """The state of the row; a claim that ran out counts no more."""
    ran_out = flag.state == "claimed" and flag.claimed_until is not None and flag.claimed_until <= moment
    return flag.resume if ran_out else flag.state
