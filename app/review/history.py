"""What is known around an item: other posts of the same account, and what was decided about them."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload, lazyload

from app.auth.principal import Principal
from app.db.base import now
from app.db.event_tables import Event
from app.db.flag_tables import Flag
from app.db.gold_tables import GOLD, ordinary
from app.db.submission_tables import Submission
from app.review.fairness import visible
from app.review.known import trial_of
from app.review.queue import shown_state
from app.review.workflow import replay

LONGEST = 5
MANY = 100
"""Counting stops here."""


@dataclass(frozen=True, slots=True)
class Past:
    """Another item of an account. `verdict` ("confirm" or "dismiss"), `reason` and `decided_by` are those of the last
    verdict that stands; None while there is none, or while the viewer must not know it."""

    flag_id: uuid.UUID
    contest: str
    act_date: date
    state: str
    band: str
    verdict: str | None
    reason: str | None
    decided_by: str | None


@dataclass(frozen=True, slots=True)
class Account:
    """What else came from the account of an item: the newest acts first, how many items there are in all, and how
    many posts were handed in, with this one. Counts stop at MANY. Without an account everything is empty."""

    past: tuple[Past, ...] = ()
    items: int = 0
    posts: int = 0


def account_of(session: Session, flag: Flag, viewer: Principal, most: int = LONGEST) -> Account:
    """The other items of the account (platform and handle) of a flag, as far as this viewer may know them. A trial of
    a known case stands in the place of that case: neither is shown beside the other."""
    post = flag.submission
    if not post.handle or not viewer.may("flag.read"):
        return Account()
    same: tuple[ColumnElement[bool], ...] = (Submission.platform == post.platform, Submission.handle == post.handle)
    trial = trial_of(session, flag)
    itself = (flag.id,) if trial is None else (flag.id, trial.case_id)
    shown = (*same, Flag.id.not_in(itself), Flag.origin != GOLD)
    others = select(Flag.id).join(Submission).where(*shown)
    items = session.scalar(select(func.count()).select_from(others.limit(MANY).subquery())) or 0
    posts = session.scalar(
        select(func.count()).select_from(select(Submission.id).where(*same, ordinary()).limit(MANY).subquery())
    )
    if not items:
        return Account(posts=posts or 0)
    query = select(Flag).join(Submission).options(lazyload("*"), joinedload(Flag.submission))
    found = session.scalars(query.where(*shown).order_by(Submission.act_date.desc(), Flag.id).limit(most)).all()
    events = _events(session, [row.id for row in found])
    return Account(tuple(_past(row, events[str(row.id)], viewer) for row in found), items, posts or 0)


def _events(session: Session, flags: Sequence[uuid.UUID]) -> defaultdict[str, list[Event]]:
    """The events of several flags in one query, oldest first."""
    query = select(Event).where(Event.object_type == "flag", Event.object_id.in_([str(flag) for flag in flags]))
    found: defaultdict[str, list[Event]] = defaultdict(list)
    for event in session.scalars(query.order_by(Event.id)):
        found[event.object_id].append(event)
    return found


def _past(flag: Flag, events: Sequence[Event], viewer: Principal) -> Past:
    case = replay(events)
    standing = {verdict.event for verdict in case.verdicts}
    told = [event for event in visible(events, case, viewer) if event.id in standing]
    last = told[-1] if told else None
    return Past(
        flag_id=flag.id,
        contest=flag.contest_id,
        act_date=flag.submission.act_date,
        state=shown_state(flag, now()),
        band=flag.band,
        verdict=last.action.removeprefix("flag.") if last else None,
        reason=str(last.data.get("reason", "")) if last else None,
        decided_by=last.actor if last else None,
    )
