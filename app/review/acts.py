"""What every act on an item has in common: lock it, derive its case, check, append the event, mirror the row."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import audit
from app.audit import Actor
from app.auth.principal import Principal
from app.db.base import now
from app.db.contest_tables import ConflictOfInterest
from app.db.engine import rows_changed
from app.db.event_tables import Event
from app.db.flag_tables import Flag
from app.db.people_tables import User
from app.errors import BadInput, Conflict, NotAllowed
from app.review.known import kept_from, knows, not_for
from app.review.queue import get_flag
from app.review.reasons import LONGEST_NOTE
from app.review.workflow import COORDINATORS, Case, replay, step, target
from app.text.storable import storable

MIRRORED = ("state", "resume", "desk", "claimed_by", "claimed_until", "assigned_to", "barred", "last_event", "priority")
"""What may have changed in a flag's row since it was read."""


@dataclass(frozen=True, slots=True)
class Item:
    """A locked flag with the case that its events make."""

    flag: Flag
    case: Case


def events_of(session: Session, flag: Flag) -> list[Event]:
    """The events of the flag, oldest first."""
    query = select(Event).where(Event.object_type == "flag", Event.object_id == str(flag.id))
    return list(session.scalars(query.order_by(Event.id)))


def case_of(session: Session, flag: Flag) -> Case:
    """The case of a flag, derived from its events."""
    return replay(events_of(session, flag))


def open_item(session: Session, flag_id: uuid.UUID, seen: int | None = None) -> Item:
    """The flag, locked until the caller commits. Raises NotFound, or Conflict when news came in since event `seen`."""
    flag = get_flag(session, flag_id)
    same = Flag.last_event == (Flag.last_event if seen is None else seen)
    if (
        rows_changed(session.execute(update(Flag).where(Flag.id == flag_id, same).values(last_event=Flag.last_event)))
        != 1
    ):
        session.refresh(flag, ["last_event"])
        raise Conflict(
            "Rekan sudah bertindak atas butir ini; muat ulang / A colleague has acted on this item already: reload",
            last_event=flag.last_event,
        )
    session.refresh(flag, MIRRORED)
    return Item(flag, case_of(session, flag))


def append(session: Session, actor: Actor, item: Item, act: str, facts: Mapping[str, object]) -> Event:
    """Append the act as an event and mirror the case that follows. Raises Conflict where the table forbids it."""
    target(item.case, act)
    event = audit.append(session, actor, f"flag.{act}", "flag", item.flag.id, facts)
    mirror(session, item.flag, step(item.case, event))
    return event


def mirror(session: Session, flag: Flag, case: Case) -> None:
    """Write what the case says into the flag's row, from which the queue reads."""
    flag.state, flag.desk, flag.last_event = case.state, case.desk, case.last_event
    flag.resume = case.base if case.state == "claimed" else ""
    flag.claimed_by, flag.claimed_until, flag.assigned_to = case.holder, case.held_until, case.assigned
    uploader = session.scalar(select(User.login).where(User.id == flag.submission.submitted_by))
    others = kept_from(session, flag, decided=bool(case.verdicts))
    own = {login for login in (uploader, case.converted) if login}
    flag.barred = barred_text(case.deciders | others | own)
    session.flush()


def barred_text(logins: frozenset[str] | set[str]) -> str:
    """Logins as the row keeps them: |a|b|"""
    return "".join(f"|{login}" for login in sorted(logins)) + "|"


# -- who may --------------------------------------------------------------------------------------------------------


def check_free(case: Case, principal: Principal) -> None:
    """Raise Conflict while somebody else's claim runs."""
    if case.held_by_other(principal.login, now()):
        raise Conflict(
            f"Sedang ditangani {case.holder} / {case.holder} is at work on it",
            held_until=case.held_until.isoformat() if case.held_until else None,
        )


def check_may_judge(session: Session, principal: Principal, item: Item) -> None:
    """Raise NotAllowed where this person may give no verdict on this item, and Conflict where not now."""
    why = why_not(session, principal, item)
    if why is not None:
        raise NotAllowed(why)
    check_free(item.case, principal)


def why_not(session: Session, principal: Principal, item: Item) -> str | None:
    """Why this person may give no verdict on this item whoever holds it; None where they may."""
    flag, case = item.flag, item.case
    own = _own(principal, item)
    if own is not None:
        return own
    if principal.login in case.deciders or knows(session, flag, principal.login):
        return (
            "Butir ini perlu orang lain: Anda sudah memutuskannya"
            " / Another person must look at it: you have decided on it"
        )
    if case.base in COORDINATORS and principal.role != "coordinator":
        return "Ini menunggu koordinator / This waits for a coordinator"
    if case.assigned not in (None, principal.login) and principal.role != "coordinator":
        return f"Ditugaskan kepada {case.assigned} / Assigned to {case.assigned}"
    if has_conflict(session, principal.user_id, flag.contest_id):
        return "Anda menyatakan benturan kepentingan di sini / You declared a conflict of interest here"
    return not_for(flag, principal)


def _own(principal: Principal, item: Item) -> str | None:
    """Why somebody who brought the item in does not review it."""
    if item.flag.submission.submitted_by == principal.user_id:
        return "Unggahan sendiri ditinjau orang lain / Somebody else reviews what you handed in"
    if principal.login == item.case.converted:
        return (
            "Anda yang menjadikannya temuan atau laporan; orang lain yang meninjau"
            " / You made it a temuan or a laporan: somebody else reviews it"
        )
    return None


def has_conflict(session: Session, user_id: uuid.UUID | None, contest_id: str) -> bool:
    """Whether this person declared an interest in the contest."""
    return user_id is not None and session.get(ConflictOfInterest, (user_id, contest_id)) is not None


def note_of(note: str, least: int = 0, field: str = "note") -> str:
    """A note, as it is stored; `field` is the name under which the caller sent it. Raises BadInput where it is too
    long, or shorter than `least` characters."""
    told, said = ("Alasan", "The reason") if field == "reason" else ("Catatan", "The note")
    if len(note) > LONGEST_NOTE:
        raise BadInput(
            f"{told} paling banyak {LONGEST_NOTE:,} karakter / {said} has at most {LONGEST_NOTE:,} characters",
            field=field,
        )
    kept = storable(note.strip())
    if least == 1 and not kept:
        raise BadInput(f"{told} tidak boleh kosong / {said} must not be empty", field=field)
    if len(kept) < least:
        raise BadInput(
            f"{told} paling sedikit {least} karakter / {said} needs at least {least} characters", field=field
        )
    return kept
