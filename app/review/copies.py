"""The copies of an item: everything that shows the same, who posted it, and when it was seen first."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload, lazyload, selectinload

from app.auth.principal import Principal
from app.db.base import now
from app.db.copy_tables import CopyLink
from app.db.event_tables import Event
from app.db.flag_tables import Flag
from app.db.submission_tables import Submission
from app.election.calendar import stage_on
from app.review.acts import Item, case_of, why_not
from app.review.fairness import is_blind
from app.review.queue import shown_state
from app.review.workflow import VERDICTS, allows, replay
from app.roster.gallery import outline

MOST = 100
"""Copies that are listed, and decided at a time; the first ones by the day of the act."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A submission that shows the same. `flag_id`, `state`, `band` and `last_event` are None where it has no item, the
    state also while it must stay hidden from a viewer who has yet to decide about the item in question.
    `how` (bytes, picture, mirror or caption) and `strength` are those of its link to the item where there is one.
    `open`: this viewer may decide it now; `why_not` says why not, where it is undecided."""

    submission_id: uuid.UUID
    contest: str
    platform: str
    handle: str
    text: str
    pictures: int
    act_date: date
    received_at: datetime
    how: str | None
    strength: float | None
    flag_id: uuid.UUID | None = None
    state: str | None = None
    band: str | None = None
    last_event: int | None = None
    open: bool = False
    why_not: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The copies of an item without itself, the earliest act first. `size` counts all with the item, listed or not.

    `first_act` is the earliest day of an act among all of them, `first` its submission; `older` says that this lies
    before the stage began in which the item's own act falls: an old post may have been handed in again.
    `stage_since` is the first day of that stage, None where it is open. `accounts`: platform and handle, each once."""

    copies: tuple[Copy, ...]
    size: int
    first: uuid.UUID
    first_act: date
    stage: str
    stage_since: date | None
    older: bool
    accounts: tuple[tuple[str, str], ...]


def copies_of(session: Session, flag: Flag, viewer: Principal) -> Group | None:
    """The copies of an item as this viewer may know them; None where it has none."""
    post = flag.submission
    if post.copy_group is None:
        return None
    here = Submission.copy_group == post.copy_group
    size = session.scalar(select(func.count()).select_from(Submission).where(here)) or 0
    by_age = (Submission.act_date, Submission.received_at, Submission.id)
    first = session.execute(select(Submission.id, Submission.act_date).where(here).order_by(*by_age).limit(1)).one()
    query = select(Submission).where(here, Submission.id != post.id).order_by(*by_age).limit(MOST)
    rows = session.scalars(query.options(selectinload(Submission.images), joinedload(Submission.contest))).all()
    if not rows:
        return None
    cases = _cases(session, [row.id for row in rows])
    links = _links(session, post.id)
    secret = is_blind(case_of(session, flag), viewer)
    listed = (_copy(row, links.get(row.id)) for row in rows)
    stage = stage_on(outline(post.contest), post.act_date)
    posted = select(Submission.platform, Submission.handle).where(here, Submission.handle != "").distinct()
    accounts = session.execute(posted.order_by(Submission.handle).limit(MOST))
    return Group(
        copies=tuple(_judged(session, one, cases.get(one.submission_id), viewer, secret=secret) for one in listed),
        size=size,
        first=first.id,
        first_act=first.act_date,
        stage=stage.code,
        stage_since=stage.first,
        older=first.id != post.id and stage.first is not None and first.act_date < stage.first,
        accounts=tuple((platform, handle) for platform, handle in accounts),
    )


def counts(session: Session, flags: Iterable[Flag]) -> Mapping[uuid.UUID, int]:
    """For each group of these flags, how many submissions it has."""
    groups = {flag.copy_group for flag in flags if flag.copy_group is not None}
    if not groups:
        return {}
    query = select(Submission.copy_group, func.count()).where(Submission.copy_group.in_(groups))
    rows = session.execute(query.group_by(Submission.copy_group)).all()
    return {group: count for group, count in rows if group is not None}


def _cases(session: Session, submissions: list[uuid.UUID]) -> dict[uuid.UUID, Item]:
    """The items of submissions, each with the case that its events make."""
    query = select(Flag).options(lazyload("*")).where(Flag.submission_id.in_(submissions))
    flags = session.scalars(query).all()
    told: dict[str, list[Event]] = {str(flag.id): [] for flag in flags}
    events = select(Event).where(Event.object_type == "flag", Event.object_id.in_(told)).order_by(Event.id)
    for event in session.scalars(events):
        told[event.object_id].append(event)
    return {flag.submission_id: Item(flag, replay(told[str(flag.id)])) for flag in flags}


def _links(session: Session, submission_id: uuid.UUID) -> dict[uuid.UUID, CopyLink]:
    """The links of a submission, by the submission at their other end."""
    either = or_(CopyLink.submission_id == submission_id, CopyLink.other_id == submission_id)
    found = session.scalars(select(CopyLink).where(either))
    return {link.other_id if link.submission_id == submission_id else link.submission_id: link for link in found}


def _copy(row: Submission, link: CopyLink | None) -> Copy:
    return Copy(
        submission_id=row.id,
        contest=row.contest_id,
        platform=row.platform,
        handle=row.handle,
        text=row.text,
        pictures=len(row.images),
        act_date=row.act_date,
        received_at=row.received_at,
        how=link.how if link else None,
        strength=link.strength if link else None,
    )


def _judged(session: Session, copy: Copy, item: Item | None, viewer: Principal, *, secret: bool) -> Copy:
    """With what concerns its item; `secret`: a verdict on it would tell what was decided about the item in question."""
    if item is None:
        return copy
    flag, case = item.flag, item.case
    undecided = any(allows(case, verdict) for verdict in VERDICTS)
    why = why_not(session, viewer, item) if undecided and viewer.may("flag.decide") else None
    if why is None and undecided and case.held_by_other(viewer.login, now()):
        why = f"Sedang ditangani {case.holder} / {case.holder} is at work on it"
    return replace(
        copy,
        flag_id=flag.id,
        state=None if secret and case.verdicts else shown_state(flag, now()),
        band=flag.band,
        last_event=flag.last_event,
        open=undecided and why is None and viewer.may("flag.decide"),
        why_not=None if secret and case.verdicts else why,
    )
