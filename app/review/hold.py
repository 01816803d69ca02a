"""Legal holds, and what became of an item's originals: the part of retention that people see on the item."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import Principal
from app.db.event_tables import Event
from app.db.flag_tables import Flag
from app.db.office_tables import Destruction, LegalHold
from app.errors import Conflict, NotFound
from app.review.acts import note_of, open_item
from app.text.storable import storable

LEAST_REASON = 10


def hold(session: Session, principal: Principal, flag_id: uuid.UUID, reason: str) -> Event:
    """Stop the timers of this item's originals, for a reason; the caller commits.

    Raises Conflict where it is held already or its originals are destroyed."""
    principal.require("flag.coordinate")
    kept = note_of(reason, LEAST_REASON, "reason")
    flag = open_item(session, flag_id).flag
    if destruction_of(session, flag.submission_id) is not None:
        raise Conflict("Berkas aslinya sudah dimusnahkan / Its originals are destroyed already")
    if session.get(LegalHold, flag.submission_id) is not None:
        raise Conflict("Butir ini sudah ditahan / This item is held already")
    session.add(LegalHold(submission_id=flag.submission_id, reason=kept, held_by=principal.login))
    return audit.append(session, principal, "flag.hold", "flag", flag.id, {"reason": kept})


def lift(session: Session, principal: Principal, flag_id: uuid.UUID, reason: str) -> Event:
    """Let the timers run again, for a reason; the caller commits. Raises NotFound where nothing is held."""
    principal.require("flag.coordinate")
    kept = note_of(reason, LEAST_REASON, "reason")
    flag = open_item(session, flag_id).flag
    row = session.get(LegalHold, flag.submission_id)
    if row is None:
        raise NotFound("Butir ini tidak ditahan / This item is not held")
    session.delete(row)
    return audit.append(session, principal, "flag.unhold", "flag", flag.id, {"reason": storable(kept)})


def destruction_of(session: Session, submission_id: uuid.UUID) -> Destruction | None:
    """The destruction of a submission's originals, None while they are there."""
    query = select(Destruction).where(Destruction.submission_id == submission_id, Destruction.kind == "item")
    return session.scalar(query)


def retention_of(session: Session, flag: Flag) -> dict[str, Any]:
    """Whether the item is held, and under which rule its originals were destroyed: values of JSON, null where not."""
    held = session.get(LegalHold, flag.submission_id)
    gone = destruction_of(session, flag.submission_id)
    return {
        "held": None if held is None else {"reason": held.reason, "by": held.held_by, "at": held.held_at.isoformat()},
        "destroyed": None
        if gone is None
        else {"rule": gone.rule, "at": gone.at.isoformat(), "run": gone.run_id, "hashes": gone.hashes},
    }
