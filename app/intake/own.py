"""What was handed in, by oneself or by everybody, read by index."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.auth.principal import Principal
from app.db.flag_tables import Flag
from app.db.gold_tables import ordinary
from app.db.keyset import Page, Sort, paged
from app.db.submission_tables import Submission
from app.intake.arrival import Arrival
from app.text.storable import storable

NEWEST = Sort(((Submission.received_at, True), (Submission.id, True)))
FLAGGED = "flagged"
STATES = ("queued", "screened", FLAGGED, "failed")
"""What became of a submission, as people are told: "screened" is one in which nothing was indicated."""


IN_REVIEW = "in_review"
OUTCOMES = ("confirmed", "dismissed", "closed")
"""What whoever handed a post in is told of its review: how it ended, and until then no more than that it goes on."""


def told(flag: Flag) -> str:
    """The state of a flag for whoever handed the post in."""
    return flag.state if flag.state in OUTCOMES else IN_REVIEW


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to show; empty values leave nothing out. `state` is one of STATES; `everybody`: others' posts too."""

    contest: str = ""
    state: str = ""
    platform: str = ""
    everybody: bool = False


def own_submissions(
    session: Session,
    principal: Principal,
    after: str | None = None,
    limit: int = 50,
    *,
    wanted: Wanted | None = None,
    sort: Sort = NEWEST,
) -> Page[Submission]:
    """The caller's submissions, or everybody's where they ask for these and may. `after` is the cursor of the page
    before. Raises BadInput for an unknown cursor, NotAllowed."""
    chosen = wanted or Wanted()
    if chosen.everybody:
        principal.require("submission.read")
    query = _conditions(principal, chosen).options(joinedload(Submission.contest), selectinload(Submission.images))
    places = select(Submission)
    if not chosen.everybody:
        places = places.where(Submission.submitted_by == principal.user_id)
    return paged(session, query, sort, after or "", limit, among=places)


def _conditions(principal: Principal, wanted: Wanted) -> Select[Submission]:
    query = select(Submission)
    if not wanted.everybody:
        query = query.where(Submission.submitted_by == principal.user_id, ordinary())  # nobody hands in a trial
    if wanted.contest:
        query = query.where(Submission.contest_id == storable(wanted.contest))
    if wanted.platform:
        query = query.where(Submission.platform == storable(wanted.platform))
    if not wanted.state:
        return query
    flagged = select(Flag.id).where(Flag.submission_id == Submission.id).exists()
    if wanted.state == FLAGGED:
        return query.where(flagged)
    query = query.where(Submission.state == storable(wanted.state))
    return query.where(~flagged) if wanted.state == "screened" else query


def flags_of(session: Session, submissions: Iterable[Submission | Arrival]) -> dict[uuid.UUID, Flag]:
    """The flags that were raised on these submissions, by submission."""
    ids = [row.id for row in submissions]
    flags = session.scalars(select(Flag).where(Flag.submission_id.in_(ids)))
    return {flag.submission_id: flag for flag in flags}
