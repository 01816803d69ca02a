"""Passing an item on: what is no case of neutrality goes to the lane it belongs to, and is counted apart."""

from __future__ import annotations

import uuid

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.auth.principal import Principal
from app.db.base import now
from app.db.event_tables import Event
from app.db.flag_tables import Flag
from app.db.gold_tables import GOLD
from app.errors import BadInput
from app.review.acts import append, check_may_judge, note_of, open_item
from app.review.queue import state_at
from app.review.workflow import INFORMAL
from app.rules.lanes import NEUTRALITY
from app.text.storable import storable

DESTINATIONS = ("hoaks_survei", "masa_tenang", "politik_uang")


def route(session: Session, principal: Principal, flag_id: uuid.UUID, lane: str, note: str, seen: int) -> Event:
    """Hand the item over to another lane: it is closed here. The caller commits. A coordinator may reopen it.

    Raises BadInput for an unknown lane, NotAllowed and Conflict as for a verdict."""
    principal.require("flag.decide")
    if lane not in DESTINATIONS:
        raise BadInput(f"Pilih jalur / Choose a lane: {', '.join(DESTINATIONS)}", field="lane")
    kept = note_of(note)
    item = open_item(session, flag_id, seen)
    check_may_judge(session, principal, item)
    event = append(
        session, principal, item, "route", {"lane": lane, "from": item.flag.lane, "note": kept, "seen": seen}
    )
    item.flag.lane = lane
    session.flush()
    return event


def count_lanes(session: Session, contest: str | None = None) -> dict[str, dict[str, int]]:
    """How many items lie in each lane besides neutrality, by state."""
    state = state_at(now()).label("state")
    query = select(Flag.lane, state, func.count()).where(
        Flag.lane != NEUTRALITY, Flag.origin != GOLD, Flag.state.not_in(INFORMAL)
    )
    if contest:
        query = query.where(Flag.contest_id == storable(contest))
    counts: dict[str, dict[str, int]] = {lane: {} for lane in DESTINATIONS}
    for lane, shown, count in session.execute(query.group_by(Flag.lane, state)):
        counts.setdefault(lane, {})[shown] = count
    return counts
