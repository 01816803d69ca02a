"""The offer to undo the decision just made, drawn as a toast on the page that follows it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.auth.principal import Principal
from app.db.event_tables import Event
from app.db.flag_tables import Flag

DECISIONS = ("flag.confirm", "flag.dismiss")


@dataclass(frozen=True, slots=True)
class Offer:
    """A decision that its author may still undo: nothing has happened to the item since `event`. `second`: it waits for
    a second person."""

    flag_id: UUID
    short: str
    action: str
    event: int
    second: bool


def offer(session: Session, principal: Principal, event_id: int | None) -> Offer | None:
    """The offer for the decision `event_id` of this caller; None when there is none or something followed it."""
    event = session.get(Event, event_id) if event_id else None
    if event is None or event.actor != principal.login or event.action not in DECISIONS:
        return None
    flag = session.get(Flag, UUID(event.object_id))
    if flag is None or flag.last_event != event.id:
        return None
    second = "decided_once" in (flag.state, flag.resume)
    return Offer(flag.id, short_id(flag.id), event.action.removeprefix("flag."), event.id, second)


def short_id(flag_id: object) -> str:
    """The first characters of an id, as people read them out."""
    return str(flag_id)[:8]
