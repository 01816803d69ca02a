"""Deciding: every act is an event that names the last event its author saw; a stale one changes nothing."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import Principal
from app.db.engine import rows_changed
from app.db.tables import Event, Flag
from app.errors import BadInput, Conflict, NotAllowed
from app.review.queue import get_flag
from app.review.reasons import LONGEST_NOTE, NOTE_FOR_OTHER, REASONS
from app.text.storable import storable

STATE_AFTER = {"confirm": "confirmed", "dismiss": "dismissed"}


def decide(
    session: Session, principal: Principal, flag_id: uuid.UUID, verdict: str, reason: str, note: str, seen: int
) -> Event:
    """Confirm or dismiss a flag; the caller commits.

    Raises BadInput (verdict, reason, note), NotAllowed (role, own upload) or Conflict (someone acted since `seen`)."""
    principal.require("flag.decide")
    if verdict not in REASONS:
        raise BadInput("Pilih confirm atau dismiss / Choose confirm or dismiss", field="verdict")
    if reason not in REASONS[verdict]:
        raise BadInput(f"Pilih satu alasan / Choose a reason: {', '.join(REASONS[verdict])}", field="reason")
    if len(note) > LONGEST_NOTE:
        raise BadInput(f"Catatan lebih dari {LONGEST_NOTE} karakter / The note is too long", field="note")
    if reason == "other" and len(note.strip()) < NOTE_FOR_OTHER:
        raise BadInput(
            f"Alasan lain perlu catatan paling sedikit {NOTE_FOR_OTHER} karakter"
            f" / Another reason needs a note of at least {NOTE_FOR_OTHER} characters",
            field="note",
        )
    flag = _unchanged(session, principal, flag_id, seen)
    if flag.state != "new":
        raise Conflict("Butir ini sudah diputuskan; urungkan dahulu / This item is decided already; undo first")
    facts = {"verdict": verdict, "reason": reason, "note": storable(note.strip()), "seen": seen, "band": flag.band}
    return _append(session, principal, flag, f"flag.{verdict}", facts, STATE_AFTER[verdict])


def undo(session: Session, principal: Principal, flag_id: uuid.UUID, seen: int) -> Event:
    """Take the decision back with a compensating event; the caller commits. Raises as `decide` does."""
    principal.require("flag.decide")
    flag = _unchanged(session, principal, flag_id, seen)
    if flag.state == "new":
        raise Conflict("Belum ada keputusan untuk diurungkan / There is no decision to undo")
    decision = _last_decision(session, flag)
    if principal.role == "reviewer" and decision is not None and decision.actor != principal.login:
        raise NotAllowed("Hanya pemutusnya atau koordinator / Only the person who decided, or a coordinator")
    facts = {"undoes": decision.id if decision else None, "seen": seen}
    return _append(session, principal, flag, "flag.undo", facts, "new")


def log_unblur(session: Session, principal: Principal, flag_id: uuid.UUID, reason: str) -> Event:
    """Record that somebody looked at the whole picture; the caller commits."""
    principal.require("flag.read")
    flag = get_flag(session, flag_id)
    return audit.append(session, principal, "flag.unblurred", "flag", flag.id, {"reason": storable(reason[:200])})


def has_unblurred(session: Session, principal: Principal, flag: Flag) -> bool:
    """Whether this person's look at the whole picture is on record."""
    query = select(Event.id).where(
        Event.object_type == "flag",
        Event.object_id == str(flag.id),
        Event.action == "flag.unblurred",
        Event.actor == principal.login,
    )
    return session.scalar(query.limit(1)) is not None


def _unchanged(session: Session, principal: Principal, flag_id: uuid.UUID, seen: int) -> Flag:
    """The flag, locked, when nothing happened to it since event `seen`."""
    flag = get_flag(session, flag_id)
    if flag.submission.submitted_by == principal.user_id:
        raise NotAllowed("Unggahan sendiri ditinjau orang lain / Somebody else reviews what you handed in")
    same = update(Flag).where(Flag.id == flag_id, Flag.last_event == seen).values(last_event=seen)
    if rows_changed(session.execute(same)) != 1:
        session.refresh(flag, ["last_event"])
        raise Conflict(
            "Rekan sudah bertindak atas butir ini; muat ulang / A colleague has acted on this item already: reload",
            last_event=flag.last_event,
        )
    session.refresh(flag, ["state", "last_event"])
    return flag


def _append(
    session: Session, principal: Principal, flag: Flag, action: str, facts: Mapping[str, object], state: str
) -> Event:
    event = audit.append(session, principal, action, "flag", flag.id, facts)
    flag.state, flag.last_event = state, event.id
    session.flush()
    return event


def _last_decision(session: Session, flag: Flag) -> Event | None:
    query = select(Event).where(
        Event.object_type == "flag", Event.object_id == str(flag.id), Event.action.in_(["flag.confirm", "flag.dismiss"])
    )
    return session.scalars(query.order_by(Event.id.desc()).limit(1)).first()
