"""The deadlines of open items when the list of public holidays changes: the day, and with it the place in the queue."""

from __future__ import annotations

from collections.abc import Set
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.db.contest_tables import ContestRow, Election
from app.db.engine import rows_changed
from app.db.flag_tables import Flag
from app.db.submission_tables import Submission
from app.election.deadlines import due_on, filing_days
from app.rules.priority import priority

SETTLED = ("confirmed", "dismissed", "closed")


def recount(session: Session, holidays: Set[date]) -> int:
    """Give open items the deadline that these holidays make, and move them in the queue by as much; how many.

    One statement per day on which something became known and per deadline that it has now. The caller commits."""
    open_items = (
        select(Election.kind, Submission.known_date, Flag.due_on)
        .select_from(Flag)
        .join(Submission, Submission.id == Flag.submission_id)
        .join(ContestRow, ContestRow.id == Flag.contest_id)
        .join(Election, Election.id == ContestRow.election_id)
        .where(Flag.state.not_in(SETTLED), Flag.due_on.is_not(None))
        .distinct()
    )
    moved = 0
    for kind, known, before in session.execute(open_items).all():
        after = due_on(kind, known, holidays)
        if before is None or after == before or not filing_days(kind)[1]:
            continue
        contests = select(ContestRow.id).join(Election).where(Election.kind == kind)
        posts = select(Submission.id).where(Submission.known_date == known, Submission.contest_id.in_(contests))
        items = update(Flag).where(Flag.submission_id.in_(posts), Flag.due_on == before, Flag.state.not_in(SETTLED))
        shift = priority(0, None, "", after) - priority(0, None, "", before)
        values = {"due_on": after, "priority": Flag.priority + shift}
        moved += rows_changed(session.execute(items.values(values).execution_options(synchronize_session=False)))
    return moved
