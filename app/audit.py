"""The chain of events: every act is appended, and each event carries the hash of the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Integer, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from app.db.base import now
from app.db.event_tables import ChainHead, Event

GENESIS = "0" * 64
CONTENT = ("id", "at", "actor", "role", "action", "object_type", "object_id", "data")
"""What the hash of an event covers besides the hash before it, in this order."""
# written once, and executed beside the unit of work: an event is never changed, and every act waits for its own
_HEAD = update(ChainHead).where(ChainHead.id == 1)
_TAKE = _HEAD.values(event_id=ChainHead.event_id + bindparam("count", type_=Integer)).returning(
    ChainHead.event_id, ChainHead.hash
)
_ADD = insert(Event)
_MOVE = _HEAD.values(hash=bindparam("newest"))


class Actor(Protocol):
    """Who acted, as it is written into the chain: any principal."""

    @property
    def login(self) -> str:
        """The name to sign in with, or "system"."""

    @property
    def role(self) -> str:
        """The role in which the act was done."""


def digest(event: Event) -> str:
    """sha256 over the previous hash and the canonical JSON of the event's content."""
    return _linked(event.previous, [getattr(event, name) for name in CONTENT])


def _linked(previous: str, content: Sequence[Any]) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(previous.encode() + text.encode("utf-8")).hexdigest()


@dataclass(frozen=True, slots=True)
class Act:
    """What an event will say: who did what to which object."""

    actor: Actor
    action: str
    object_type: str
    object_id: object
    data: Mapping[str, Any]


def append(
    session: Session,
    actor: Actor,
    action: str,
    object_type: str,
    object_id: object,
    data: Mapping[str, Any] | None = None,
) -> Event:
    """Add one event in the caller's transaction; what it says. Appenders queue up on the head row until they commit."""
    return Event(**append_all(session, [Act(actor, action, object_type, object_id, data or {})])[0])


def append_all(session: Session, acts: Sequence[Act]) -> list[dict[str, Any]]:
    """Add events in this order, with as many statements as for one; their columns."""
    session.flush()
    connection = session.connection()
    last, previous = connection.execute(_TAKE, {"count": len(acts)}).one()
    rows = []
    for number, act in enumerate(acts, last - len(acts) + 1):
        row: dict[str, Any] = {
            "id": number,
            "at": now().isoformat(timespec="microseconds"),
            "actor": act.actor.login,
            "role": act.actor.role,
            "action": act.action,
            "object_type": act.object_type,
            "object_id": str(act.object_id),
            "data": json.loads(json.dumps(dict(act.data))),
        }
        row |= {"previous": previous, "hash": _linked(previous, [row[name] for name in CONTENT])}
        previous = row["hash"]
        rows.append(row)
    connection.execute(_ADD, rows)
    connection.execute(_MOVE, {"newest": previous})
    return rows


def hold(session: Session) -> None:
    """Take the end of the chain until the caller commits: nobody appends meanwhile, and what they did is seen.

    For acts that lock rows of several things: whoever holds the head and wants a row never meets somebody who holds
    that row and wants the head, as long as they come here first."""
    session.flush()
    session.connection().execute(_HEAD.values(event_id=ChainHead.event_id))


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of walking the chain; `broken_at` is the id of the first event that does not hold, or None."""

    events: int
    broken_at: int | None
    reason: str = ""


def walk(session: Session, last: int | None = None) -> Iterator[Event]:
    """The events in order, up to number `last`, streamed."""
    query = select(Event).order_by(Event.id)
    if last is not None:
        query = query.where(Event.id <= last)
    yield from session.scalars(query.execution_options(yield_per=1000))


def first_since(session: Session, moment: datetime) -> int:
    """The number of the first event at this moment or after it, one behind the last when there is none.

    Moments grow with the numbers, so that a few events tell; no index over moments is needed."""
    low, high = 1, (session.scalar(select(ChainHead.event_id)) or 0) + 1
    while low < high:
        middle = (low + high) // 2
        at = session.scalar(select(Event.at).where(Event.id == middle))
        if at is not None and datetime.fromisoformat(at) >= moment:
            high = middle
        else:
            low = middle + 1
    return low


def verify(session: Session) -> Verification:
    """Recompute every hash, check that no number is missing and that the head is the last event.

    The head is read first: what is appended during the walk is left for the next one."""
    end = session.execute(select(ChainHead.event_id, ChainHead.hash).where(ChainHead.id == 1)).one()
    previous, count = GENESIS, 0
    for event in walk(session, end.event_id):
        fault = _fault(event, count + 1, previous)
        if fault:
            return Verification(count, event.id, fault)
        previous, count = event.hash, count + 1
        session.expunge(event)
    if (end.event_id, end.hash) != (count, previous):
        return Verification(count, count, "events at the end are missing")
    last = session.scalar(select(func.max(Event.id))) or 0
    if last > session.execute(select(ChainHead.event_id).where(ChainHead.id == 1)).scalar_one():
        return Verification(count, last, "the head does not know this event")
    return Verification(count, None)


def _fault(event: Event, expected: int, previous: str) -> str:
    if event.id != expected:
        return f"event {expected} is missing"
    if event.previous != previous:
        return "the link to the event before it does not hold"
    return "its content was changed" if digest(event) != event.hash else ""
