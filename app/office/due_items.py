"""What is due to be destroyed: one bounded read per rule, by the values that apply now."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session

from app.db.event_tables import Event
from app.db.flag_tables import Flag
from app.db.gold_tables import GoldTrial
from app.db.office_tables import Destruction, LegalHold
from app.db.submission_tables import Submission
from app.operating import Values
from app.review.figures import outcomes

RULES = ("unreviewed", "dismissed", "confirmed", "working")
SCREENED = ("screened", "failed")
TOGETHER = 500


@dataclass(frozen=True, slots=True)
class Due:
    """A submission whose time is up under a rule: since when it ran."""

    submission: uuid.UUID
    rule: str
    since: datetime


def due(session: Session, values: Values, moment: datetime, only: uuid.UUID | None = None) -> Iterator[Due]:
    """Everything that is due at `moment` and neither held nor destroyed, rule by rule; with `only` that submission.

    "unreviewed": nobody began on it, or made a case of the tip; "dismissed", with tips that were set aside, and
    "confirmed": by the outcome; "working": the observations of what was closed. A rule of 0 days is off."""
    for query, rule, kind, days in (
        (_unflagged(), "unreviewed", "item", values.keep_unreviewed_days),
        (_in_state("new"), "unreviewed", "item", values.keep_unreviewed_days),
        (_in_state("tip"), "unreviewed", "item", values.keep_unreviewed_days),
        (_in_state("dismissed"), "dismissed", "item", values.keep_dismissed_days),
        (_in_state("set_aside"), "dismissed", "item", values.keep_dismissed_days),
    ):
        if days:
            yield from _over(session, _open(query, kind, only), rule, moment - timedelta(days=days))
    yield from _closed(session, values, moment, only)


def _unflagged() -> Select[uuid.UUID, datetime, str | None, uuid.UUID | None]:
    """Submissions that raised no flag."""
    query = select(Submission.id, Submission.received_at, Event.at, Flag.id)
    query = query.outerjoin(Flag, Flag.submission_id == Submission.id).outerjoin(Event, Event.id == Flag.last_event)
    return query.where(Flag.id.is_(None), Submission.state.in_(SCREENED))


def _in_state(state: str) -> Select[uuid.UUID, datetime, str | None, uuid.UUID | None]:
    """Submissions whose flag is in this state, with the moment of its newest event."""
    query = select(Submission.id, Submission.received_at, Event.at, Flag.id)
    query = query.join(Flag, Flag.submission_id == Submission.id).outerjoin(Event, Event.id == Flag.last_event)
    return query.where(Flag.state == state)


def _open(
    query: Select[uuid.UUID, datetime, str | None, uuid.UUID | None], kind: str, only: uuid.UUID | None
) -> Select[uuid.UUID, datetime, str | None, uuid.UUID | None]:
    """Of these what is neither held nor destroyed already."""
    held = exists().where(LegalHold.submission_id == Submission.id)
    kinds = ("item",) if kind == "item" else ("item", "working")
    gone = exists().where(Destruction.submission_id == Submission.id, Destruction.kind.in_(kinds))
    query = query.where(~held, ~gone).order_by(Submission.received_at, Submission.id)
    return query if only is None else query.where(Submission.id == only)


def _over(
    session: Session, query: Select[uuid.UUID, datetime, str | None, uuid.UUID | None], rule: str, before: datetime
) -> Iterator[Due]:
    time_is_up: ColumnElement[bool] = Submission.received_at < before
    for submission, received, at, _flag in session.execute(query.where(time_is_up)).all():
        since = max(received, datetime.fromisoformat(at)) if at else received
        if since < before:
            yield Due(submission, rule, since)


def _closed(session: Session, values: Values, moment: datetime, only: uuid.UUID | None) -> Iterator[Due]:
    """What was closed, by its outcome; its working data where the whole of it is not due. A trial of a known case is
    evidence of nothing: it goes as soon as what was dismissed."""
    days = {"dismissed": values.keep_dismissed_days, "confirmed": values.keep_confirmed_days}
    working = values.keep_working_days
    rows = session.execute(_open(_in_state("closed"), "item", only)).all()
    for start in range(0, len(rows), TOGETHER):
        part = rows[start : start + TOGETHER]
        ids = [submission for submission, *_ in part]
        emptied = select(Destruction.submission_id).where(Destruction.submission_id.in_(ids))
        worked = set(session.scalars(emptied.where(Destruction.kind == "working")))
        confirmed = outcomes(session, [flag for *_, flag in part if flag is not None])
        trials = set(session.scalars(select(GoldTrial.submission_id).where(GoldTrial.submission_id.in_(ids))))
        for submission, received, at, flag in part:
            since = datetime.fromisoformat(at) if at else received
            goes = submission in trials or (flag is not None and confirmed.get(flag) is False)
            outcome = "dismissed" if goes else "confirmed"
            limit = days[outcome]
            if limit and since < moment - timedelta(days=limit):
                yield Due(submission, outcome, since)
            elif working and submission not in worked and since < moment - timedelta(days=working):
                yield Due(submission, "working", since)
