"""What keeps review fair: declarations of interest, what stays hidden from a second pair of eyes, known cases."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import SYSTEM, Principal
from app.db.contest_tables import ConflictOfInterest, ContestRow
from app.db.event_tables import Event
from app.db.flag_tables import Flag
from app.db.gold_tables import GOLD, GoldCase, GoldTrial
from app.db.tip_tables import TIP
from app.errors import BadInput, NotFound
from app.review.acts import append, note_of, open_item
from app.review.queue import get_flag
from app.review.workflow import ALWAYS, HANDLED, TABLE, VERDICTS, Case, replay
from app.text.storable import storable

TOLD = frozenset({"confirmed", "dismissed", "closed"})
REST = timedelta(days=1)
"""A trial of a known case is closed so long after its verdict: until then it can be taken back like any other."""
ANSWERED = ("decided_once", "disagreement", "confirmed", "dismissed")

# -- conflicts of interest ------------------------------------------------------------------------------------------


def declare(session: Session, principal: Principal, contest_id: str, note: str) -> ConflictOfInterest:
    """Declare one's own interest in a contest; the caller commits. Declaring it again changes the note."""
    principal.require("flag.decide")
    contest = session.get(ContestRow, storable(contest_id))
    if contest is None or principal.user_id is None:
        raise BadInput("Pemilihan ini tidak terdaftar / No such contest", field="contest")
    kept = note_of(note)
    row = session.get(ConflictOfInterest, (principal.user_id, contest.id))
    if row is None:
        row = ConflictOfInterest(user_id=principal.user_id, contest_id=contest.id)
        session.add(row)
    row.note = kept
    audit.append(
        session, principal, "conflict.declared", "user", principal.user_id, {"contest": contest.id, "note": kept}
    )
    return row


def withdraw(session: Session, principal: Principal, user_id: uuid.UUID, contest_id: str, note: str) -> None:
    """End a declaration: a coordinator's act, with a reason, and never for oneself. The caller commits."""
    principal.require("flag.coordinate")
    row = session.get(ConflictOfInterest, (user_id, storable(contest_id)))
    if row is None:
        raise NotFound("Pernyataan ini tidak ada / There is no such declaration")
    if user_id == principal.user_id:
        raise BadInput("Koordinator lain yang mencabutnya / Another coordinator has to end it", field="user")
    session.delete(row)
    facts = {"contest": row.contest_id, "note": note_of(note, 1)}
    audit.append(session, principal, "conflict.withdrawn", "user", user_id, facts)


def declarations(principal: Principal) -> Select[ConflictOfInterest]:
    """One's own declarations; everybody's for coordinators."""
    query = select(ConflictOfInterest)
    return query if principal.role == "coordinator" else query.where(ConflictOfInterest.user_id == principal.user_id)


# -- blindness ------------------------------------------------------------------------------------------------------


def is_blind(case: Case, viewer: Principal | None) -> bool:
    """Whether this viewer must not learn what somebody else decided in this round: until they have decided too."""
    if viewer is None or not viewer.judges or not case.verdicts:
        return False
    given = {verdict.actor for verdict in case.verdicts}
    told = case.base in TOLD or (case.base == "disagreement" and viewer.role == "coordinator")
    return not told and viewer.login not in given | case.informed


def visible(events: Sequence[Event], case: Case, viewer: Principal | None) -> list[Event]:
    """The events that this viewer may see: of a round in which they are blind, no verdict, no undoing of one, and no
    word of those who gave one."""
    if not is_blind(case, viewer):
        return list(events)
    verdicts = {f"flag.{act}" for act in (*VERDICTS, "undo")}
    more = ("answer", "hand_back", "unblurred", "searched", "reporter_read")
    words = {f"flag.{act}" for act in (*ALWAYS, *HANDLED, *TABLE["claimed"], *more)}
    round_before = [event for event in events if event.id <= case.round_event]
    this_round = events[len(round_before) :]
    voices = {event.actor for event in this_round if event.action in verdicts}
    telling = [e for e in this_round if e.action in verdicts or (e.action in words and e.actor in voices)]
    return [*round_before, *(event for event in this_round if event not in telling)]


def withheld(session: Session, events: Sequence[Event], viewer: Principal) -> frozenset[int]:
    """The numbers of those among these events, of whatever items, that this viewer must not see yet."""
    if not viewer.judges:
        return frozenset()
    items = {event.object_id for event in events if event.object_type == "flag"}
    query = select(Event).where(Event.object_type == "flag", Event.object_id.in_(items)).order_by(Event.id)
    told: dict[str, list[Event]] = {}
    for event in session.scalars(query):
        told.setdefault(event.object_id, []).append(event)
    hidden: set[int] = set()
    for whole in told.values():
        seen = {event.id for event in visible(whole, replay(whole), viewer)}
        hidden |= {event.id for event in whole} - seen
    return frozenset(hidden & {event.id for event in events})


# -- known cases ----------------------------------------------------------------------------------------------------


def mark_gold(session: Session, principal: Principal, flag_id: uuid.UUID, verdict: str, note: str) -> GoldCase:
    """Mark a case whose right verdict is known; marking it again replaces that. The caller commits.

    Its event belongs to no item, so that no reviewer sees it."""
    principal.require("flag.coordinate")
    if verdict not in VERDICTS:
        raise BadInput("Pilih confirm atau dismiss / Choose confirm or dismiss", field="verdict")
    flag: Flag = get_flag(session, flag_id)
    if flag.origin == GOLD:
        raise BadInput("Butir ini sendiri uji kasus acuan / This item itself is a trial of a known case", field="flag")
    if flag.submission.capture_method == TIP:
        raise BadInput("Butir dari publik tidak menjadi acuan / What the public sent is no known case", field="flag")
    kept = note_of(note)
    row = session.get(GoldCase, flag.id) or GoldCase(flag_id=flag.id)
    row.verdict, row.note, row.marked_by = verdict, kept, principal.login
    session.add(row)
    audit.append(session, principal, "gold.marked", "gold", flag.id, {"verdict": verdict, "note": kept})
    return row


def unmark_gold(session: Session, principal: Principal, flag_id: uuid.UUID) -> None:
    """Take the mark off again; the caller commits."""
    principal.require("flag.coordinate")
    row = session.get(GoldCase, flag_id)
    if row is None:
        raise NotFound("Butir ini bukan kasus acuan / This item is not a known case")
    session.delete(row)
    audit.append(session, principal, "gold.unmarked", "gold", flag_id, {})


def gold_cases(session: Session, principal: Principal) -> Sequence[GoldCase]:
    """All known cases, for coordinators."""
    principal.require("flag.coordinate")
    return session.scalars(select(GoldCase).order_by(GoldCase.marked_at)).all()


def trials_made(session: Session) -> dict[uuid.UUID, int]:
    """How often each known case was given to reviewers once more, by the id of its item."""
    query = select(GoldTrial.case_id, func.count()).group_by(GoldTrial.case_id)
    return {row[0]: row[1] for row in session.execute(query)}


def close_trials(session: Session, moment: datetime) -> int:
    """End the trials that were answered REST ago, each with an event of the system; how many. The caller commits."""
    query = (
        select(Flag.id)
        .join(GoldTrial, GoldTrial.flag_id == Flag.id)
        .join(Event, Event.id == Flag.last_event)
        .where(Flag.state.in_(ANSWERED), Event.at <= (moment - REST).isoformat())
        .order_by(Flag.id)
    )
    ids = session.scalars(query).all()
    for flag_id in ids:
        item = open_item(session, flag_id)
        if item.case.state in ANSWERED:
            append(session, SYSTEM, item, "retire", {})
    return len(ids)
