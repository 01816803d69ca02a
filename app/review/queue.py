"""The order of work: most urgent first, read by index. Filters are plain parameters, so that an address saves them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, joinedload, lazyload, selectinload

from app.auth.principal import Principal
from app.db.base import now
from app.db.flag_tables import Flag
from app.db.keyset import Page, Sort, unknown_cursor
from app.db.submission_tables import Submission
from app.errors import NotFound
from app.review.filters import DESKS, STORED, Filters, Pile, indexed, looked_at, narrowed, ran_out, waits_for

MANY = 1000
"""Counting stops here, so that a page of a full queue takes no longer than one of a short queue."""
WINDOW = 2000
"""So many flags are looked at for one page where no index answers a filter; the next page looks further."""
NEAR = 8
"""First, so many times the length of a page: common values are found there."""
BY_URGENCY = Sort(((Flag.priority, True), (Flag.id, False)))
SORTS = {
    "priority": BY_URGENCY,
    "due": Sort(((Flag.due_on, False), (Flag.id, False))),
    "created": Sort(((Flag.created_at, False), (Flag.id, False))),
}


@dataclass(frozen=True, slots=True)
class FlagPage(Page[Flag]):
    """A page of flags. `searched`: it ends where the search did, and there may be more behind."""

    searched: bool = False


def loaded() -> Select[Flag]:
    """Flags with what showing them takes."""
    return select(Flag).options(
        joinedload(Flag.submission).selectinload(Submission.images),
        joinedload(Flag.submission).joinedload(Submission.contest),
        selectinload(Flag.screening),
    )


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
    filters: Filters,
    viewer: Principal | None = None,
    sort: Sort = BY_URGENCY,
    after: str | None = None,
    limit: int = 50,
) -> FlagPage:
    """Flags in the order of work or another. `after` is the cursor of the page before; `viewer` is told of no verdict
    that they must not know.

    Where no index answers a filter, WINDOW flags are looked at: a page may then be short and still have a next one.
    Raises BadInput for unknown filters or cursors."""
    chosen = narrowed(session, filters)
    further: list[ColumnElement[bool]] = []
    if sort.keys[0][0] is Flag.due_on:
        further.append(Flag.due_on.is_not(None))  # all have one but those of very old versions
    if after:
        further.append(sort.behind(_at_cursor(session, after)))
    candidates = select(Flag.id).where(*known(session, chosen, viewer), *further).order_by(*sort.order())
    back = given_back(session, chosen, viewer, further)
    slow = looked_at(chosen)
    items: list[Flag] = []
    for size in dict.fromkeys((min(NEAR * limit, WINDOW), WINDOW) if slow else (limit + 1,)):
        among = Flag.id.in_(candidates.limit(size))
        wanted = loaded().where(or_(among, Flag.id.in_(back)) if back else among, *slow).order_by(*sort.order())
        items = list(session.scalars(wanted.limit(limit + 1)))
        if len(items) > limit:
            return FlagPage(items[:limit], str(items[limit - 1].id))
    last = session.scalar(candidates.offset(WINDOW - 1).limit(1)) if slow else None
    return FlagPage(items, str(last) if last else None, searched=last is not None)


def known(
    session: Session, filters: Filters, viewer: Principal | None, pile: Pile = STORED
) -> list[ColumnElement[bool]]:
    """The conditions that an index answers, those of a desk included. Raises BadInput for unknown filters."""
    made = indexed(filters, viewer, pile)
    return [*made, *waits_for(session, viewer, DESKS[filters.state], pile)] if filters.state in DESKS else made


def given_back(
    session: Session, filters: Filters, viewer: Principal | None, further: Sequence[ColumnElement[bool]] = ()
) -> Sequence[uuid.UUID]:
    """What these filters show besides what the rows say: flags whose claim ran out, in the state before it."""
    if not filters.state or filters.state == "claimed":
        return []
    pile = ran_out(now())
    if session.scalar(select(Flag.id).where(*pile.among).limit(1)) is None:
        return []
    return session.scalars(select(Flag.id).where(*known(session, filters, viewer, pile), *further)).all()


def count_found(session: Session, filters: Filters, viewer: Principal | None, most: int = MANY) -> int | None:
    """How many flags these filters show, `most` standing for more; None where only a search could tell."""
    chosen = narrowed(session, filters)
    if looked_at(chosen):
        return None
    found = select(Flag.id).where(*known(session, chosen, viewer)).limit(most).subquery()
    stored = session.scalar(select(func.count()).select_from(found)) or 0
    return min(most, stored + len(given_back(session, chosen, viewer)))


def _at_cursor(session: Session, cursor: str) -> Flag:
    try:
        return get_flag(session, uuid.UUID(cursor))
    except (ValueError, NotFound) as error:
        raise unknown_cursor() from error


# -- what comes next ------------------------------------------------------------------------------------------------


def next_flag(session: Session, after: uuid.UUID | None = None, principal: Principal | None = None) -> Flag | None:
    """What a reviewer would be given next, without claiming it: the first of the desk, or the one that follows `after`
    in the order of work (then from the start); only what `principal` may decide when one is given."""
    current = session.get(Flag, after) if after else None
    if current is None:
        return _most_urgent(session, principal)
    following = _most_urgent(session, principal, follows(current.priority, current.id))
    return following or _most_urgent(session, principal, Flag.id != current.id)


def _most_urgent(session: Session, principal: Principal | None, *further: ColumnElement[bool]) -> Flag | None:
    query = select(Flag).options(lazyload("*")).order_by(*BY_URGENCY.order()).limit(1)
    piles = (STORED, ran_out(now()))
    found = [session.scalar(query.where(*waits_for(session, principal, pile=pile), *further)) for pile in piles]
    return min((flag for flag in found if flag), key=lambda flag: (-flag.priority, flag.id), default=None)


def count_open(session: Session, principal: Principal | None = None) -> int:
    """How many flags wait on the desk of the reviewers, for this person where one is given; MANY stands for more."""
    return count_found(session, Filters(state="waiting"), principal) or 0


def state_at(moment: datetime) -> ColumnElement[str]:
    """`shown_state` in SQL, for counting."""
    return case((and_(Flag.state == "claimed", Flag.claimed_until <= moment), Flag.resume), else_=Flag.state)


def shown_state(flag: Flag, moment: datetime) -> str:
    """The state of the row; a claim that ran out counts no more."""
    ran_out = flag.state == "claimed" and flag.claimed_until is not None and flag.claimed_until <= moment
    return flag.resume if ran_out else flag.state
