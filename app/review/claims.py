"""Claims: one person holds an item for a while; what nobody works on any more comes back by itself."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, select, update
from sqlalchemy.orm import Session

from app.auth.principal import SYSTEM, Principal
from app.db.base import now
from app.db.contest_tables import ConflictOfInterest
from app.db.event_tables import Event
from app.db.flag_tables import Flag
from app.db.people_tables import User
from app.errors import BadInput, Conflict
from app.review.acts import Item, append, case_of, check_may_judge, open_item
from app.review.filters import Filters, conditions, waits_for
from app.review.queue import follows, get_flag

MINUTES = 10.0
JUDGES = ("reviewer", "coordinator")


def claim(session: Session, principal: Principal, flag_id: uuid.UUID, minutes: float = MINUTES) -> Flag:
    """Hold this item; the caller commits. Holding it already extends the claim.

    Raises Conflict while somebody else holds it or its state forbids it, NotAllowed where one may not decide on it."""
    principal.require("flag.decide")
    item = _without_dead_claim(session, open_item(session, flag_id))
    check_may_judge(session, principal, item)
    if item.case.holder == principal.login:
        _extend(session, principal, item, minutes)
    else:
        append(session, principal, item, "claim", {"until": _until(minutes)})
    return item.flag


def claim_next(
    session: Session,
    principal: Principal,
    minutes: float = MINUTES,
    *,
    skip: uuid.UUID | None = None,
    filters: Filters | None = None,
) -> Flag | None:
    """Hold the most urgent item that this person may decide, or None when there is none; the caller commits.

    What they hold already is given again, unless it is the one to `skip`: that is released, and the search goes on
    behind it. Coordinators are given what waits for a coordinator first. Two people never get the same item."""
    principal.require("flag.decide")
    place = _leave(session, principal, skip) if skip else None
    held = None if place is not None else _held(session, principal)
    if held is not None:
        return claim(session, principal, held, minutes)
    expire(session)
    wanted = conditions(filters or Filters(), principal)
    for desk in ("coordinator", "review") if principal.role == "coordinator" else ("review",):
        waiting = [*waits_for(session, principal, desk), *wanted]
        found = None
        if place is not None:
            found = _take(session, principal, minutes, [*waiting, follows(place.priority, place.id)])
            waiting.append(Flag.id != place.id)
        found = found or _take(session, principal, minutes, waiting)
        if found is not None:
            return found
    return None


def renew(session: Session, principal: Principal, flag_id: uuid.UUID, minutes: float = MINUTES) -> Flag:
    """Extend one's claim while at work; the caller commits. Cheap: only the second half of a claim leaves an event."""
    principal.require("flag.decide")
    item = open_item(session, flag_id)
    if item.case.holder != principal.login:
        raise Conflict("Anda tidak memegang butir ini / You do not hold this item", state=item.case.state)
    _extend(session, principal, item, minutes)
    return item.flag


def release(session: Session, principal: Principal, flag_id: uuid.UUID) -> Flag:
    """Give up one's claim, if one holds it; the caller commits. A coordinator may end anybody's."""
    principal.require("flag.decide")
    item = open_item(session, flag_id)
    holder = item.case.holder
    if holder == principal.login or (holder is not None and principal.role == "coordinator"):
        append(session, principal, item, "release", {"of": holder})
    return item.flag


def assign(session: Session, principal: Principal, flag_id: uuid.UUID, login: str) -> Event:
    """Give the item to one person, who alone is offered it; ends a claim of another. The caller commits.

    Raises BadInput for somebody who may not decide on it."""
    principal.require("flag.coordinate")
    item = open_item(session, flag_id)
    user = session.scalar(select(User).where(User.login == login))
    if user is None or user.login not in {person.login for person in assignable(session, item.flag)}:
        raise BadInput("Orang ini tidak dapat memutus butir ini / This person cannot decide on it", field="to")
    return append(session, principal, item, "assign", {"to": user.login})


def assignable(session: Session, flag: Flag) -> Sequence[User]:
    """Who may decide on this item, in the order of their names."""
    declared = select(ConflictOfInterest.user_id).where(ConflictOfInterest.contest_id == flag.contest_id)
    query = (
        select(User).where(User.active, User.role.in_(JUDGES), User.id.not_in(declared)).order_by(User.name, User.id)
    )
    return [user for user in session.scalars(query) if f"|{user.login}|" not in flag.barred]


def expire(session: Session) -> int:
    """End the claims that ran out, each with an event of the system; how many. Skips what others have locked."""
    dead = select(Flag.id).where(Flag.claimed_by.is_not(None), Flag.claimed_until <= now())
    ids = session.scalars(dead.with_for_update(skip_locked=True)).all()
    for flag_id in ids:
        _without_dead_claim(session, open_item(session, flag_id))
    return len(ids)


def _leave(session: Session, principal: Principal, flag_id: uuid.UUID) -> Flag:
    """Give up one's own claim where one holds the item; somebody else's stays."""
    item = open_item(session, flag_id)
    if item.case.holder == principal.login:
        append(session, principal, item, "release", {"of": principal.login})
    return item.flag


def _without_dead_claim(session: Session, item: Item) -> Item:
    until = item.case.held_until
    if until is None or until > now():
        return item
    append(session, SYSTEM, item, "expire", {"of": item.case.holder})
    return Item(item.flag, case_of(session, item.flag))


def _extend(session: Session, principal: Principal, item: Item, minutes: float) -> None:
    until = item.case.held_until
    if until is None or until - now() < timedelta(minutes=minutes) / 2:
        append(session, principal, item, "renew", {"until": _until(minutes)})


def _held(session: Session, principal: Principal) -> uuid.UUID | None:
    """What this person holds and may still decide, most urgent first, when there is something."""
    _, *decidable = waits_for(session, principal)
    mine = select(Flag.id).where(Flag.claimed_by == principal.login, Flag.claimed_until > now(), *decidable)
    return session.scalar(mine.order_by(Flag.priority.desc(), Flag.id).limit(1))


def _take(session: Session, principal: Principal, minutes: float, waiting: list[ColumnElement[bool]]) -> Flag | None:
    """Claim the first that waits, in one statement that passes over rows which others are about to claim."""
    until = _until(minutes)
    first: Select[uuid.UUID] = select(Flag.id).where(*waiting).order_by(Flag.priority.desc(), Flag.id).limit(1)
    chosen = first.with_for_update(skip_locked=True).scalar_subquery()
    values = {
        "resume": Flag.state, "state": "claimed", "desk": "", "claimed_by": principal.login,
        "claimed_until": datetime.fromisoformat(until),
    }  # fmt: skip
    taken = update(Flag).where(Flag.id == chosen).values(values).returning(Flag.id)
    flag_id = session.scalar(taken.execution_options(synchronize_session=False))
    if flag_id is None:
        return None
    flag = get_flag(session, flag_id)
    append(session, principal, Item(flag, case_of(session, flag)), "claim", {"until": until})
    return flag


def _until(minutes: float) -> str:
    return (now() + timedelta(minutes=minutes)).isoformat(timespec="microseconds")
