"""The chain of events: every act is appended, and each event carries the hash of the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.db.tables import ChainHead, Event, now

GENESIS = "0" * 64


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
    content = [
        event.id,
        event.at,
        event.actor,
        event.role,
        event.action,
        event.object_type,
        event.object_id,
        event.data,
    ]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(event.previous.encode() + text.encode("utf-8")).hexdigest()


def append(
    session: Session,
    actor: Actor,
    action: str,
    object_type: str,
    object_id: object,
    data: Mapping[str, Any] | None = None,
) -> Event:
    """Add one event in the caller's transaction. Appenders queue up on the head row until they commit."""
    session.flush()
    session.execute(update(ChainHead).where(ChainHead.id == 1).values(event_id=ChainHead.event_id + 1))
    head = session.execute(select(ChainHead.event_id, ChainHead.hash).where(ChainHead.id == 1)).one()
    event = Event(
        id=head.event_id,
        at=now().isoformat(timespec="microseconds"),
        actor=actor.login,
        role=actor.role,
        action=action,
        object_type=object_type,
        object_id=str(object_id),
        data=json.loads(json.dumps(dict(data or {}))),
        previous=head.hash,
        hash="",
    )
    event.hash = digest(event)
    session.add(event)
    session.execute(update(ChainHead).where(ChainHead.id == 1).values(hash=event.hash))
    session.flush()
    return event


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of walking the chain; `broken_at` is the id of the first event that does not hold, or None."""

    events: int
    broken_at: int | None
    reason: str = ""


def walk(session: Session) -> Iterator[Event]:
    """All events in order, streamed."""
    yield from session.scalars(select(Event).order_by(Event.id).execution_options(yield_per=1000))


def verify(session: Session) -> Verification:
    """Recompute every hash, check that no number is missing and that the head is the last event."""
    previous, count = GENESIS, 0
    for event in walk(session):
        if event.id != count + 1:
            return Verification(count, event.id, f"event {count + 1} is missing")
        if event.previous != previous:
            return Verification(count, event.id, "the link to the event before it does not hold")
        if digest(event) != event.hash:
            return Verification(count, event.id, "its content was changed")
        previous, count = event.hash, count + 1
        session.expunge(event)
    head = session.get(ChainHead, 1)
    if head is None or (head.event_id, head.hash) != (count, previous):
        return Verification(count, count, "events at the end are missing")
    return Verification(count, None)
