"""Deciding: every act is an event that names the last event its author saw; a stale one changes nothing."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import Principal
from app.db.base import now
from app.db.contest_tables import PaslonRow
from app.db.event_tables import Event
from app.db.flag_tables import Flag
from app.errors import BadInput, NotAllowed
from app.review.acts import Item, append, check_may_judge, has_conflict, note_of, open_item
from app.review.queue import get_flag
from app.review.reasons import NOTE_FOR_OTHER, REASONS
from app.review.workflow import target
from app.roster.gallery import scope_of
from app.rules.catalogue import acts
from app.text.storable import storable

SECOND_LOOKS = 0.1


def decide(
    session: Session,
    principal: Principal,
    flag_id: uuid.UUID,
    verdict: str,
    reason: str,
    note: str,
    seen: int,
    *,
    paslon: str | None = None,
    article: str | None = None,
    second_look_share: float = SECOND_LOOKS,
    together: Mapping[str, object] | None = None,
) -> Event:
    """Confirm or dismiss a flag; the caller commits. What a confirmation leaves out is taken as it was preselected:
    the leading pair and its first kandidat pasal. `second_look_share` of the dismissals go to a second person.
    `together` is put on record where the verdict is one of several that were given at once.

    Raises BadInput (verdict, reason, note, paslon, article), NotAllowed (role, own upload, second verdict, conflict of
    interest, another's assignment) or Conflict (someone acted since `seen`, holds it, or the state forbids it)."""
    principal.require("flag.decide")
    if verdict not in REASONS:
        raise BadInput("Pilih confirm atau dismiss / Choose confirm or dismiss", field="verdict")
    if reason not in REASONS[verdict]:
        raise BadInput(f"Pilih satu alasan / Choose a reason: {', '.join(REASONS[verdict])}", field="reason")
    kept = note_of(note)
    if reason == "other" and len(kept) < NOTE_FOR_OTHER:
        raise BadInput(
            f"Alasan lain perlu catatan paling sedikit {NOTE_FOR_OTHER} karakter"
            f" / Another reason needs a note of at least {NOTE_FOR_OTHER} characters",
            field="note",
        )
    item = open_item(session, flag_id, seen)
    target(item.case, verdict)
    check_may_judge(session, principal, item)
    facts: dict[str, object] = {
        "verdict": verdict, "reason": reason, "note": kept, "seen": seen, "band": item.flag.band,
        "blind": principal.login not in item.case.informed and item.case.base != "disagreement",
    }  # fmt: skip
    facts |= {"together": dict(together)} if together else {}
    if verdict == "confirm":
        facts |= _named(session, item.flag, paslon, article)
    elif not item.case.verdicts:
        facts["second_look"] = is_chosen(f"{flag_id}:{item.case.round}", second_look_share)
    return append(session, principal, item, verdict, facts | handling(item, principal))


def undo(session: Session, principal: Principal, flag_id: uuid.UUID, seen: int) -> Event:
    """Take the newest verdict back with a compensating event, at any time before closing; the caller commits.

    A colleague's claim falls with it. Raises as `decide` does; only its author or a coordinator may."""
    principal.require("flag.decide")
    item = open_item(session, flag_id, seen)
    flag = item.flag
    if flag.submission.submitted_by == principal.user_id:
        raise NotAllowed("Unggahan sendiri ditinjau orang lain / Somebody else reviews what you handed in")
    if has_conflict(session, principal.user_id, flag.contest_id):
        raise NotAllowed("Anda menyatakan benturan kepentingan / You declared a conflict of interest")
    target(item.case, "undo")
    undone = item.case.verdicts[-1]
    if principal.role != "coordinator" and undone.actor != principal.login:
        raise NotAllowed("Hanya pemutusnya atau koordinator / Only the person who decided, or a coordinator")
    return append(session, principal, item, "undo", {"undoes": undone.event, "seen": seen})


def is_chosen(key: str, share: float) -> bool:
    """Whether this key falls into a share (0..1) of all keys: always the same answer, evenly spread."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) < share * 2**64


def handling(item: Item, principal: Principal) -> dict[str, object]:
    """How long this person held the item, in seconds, where they had claimed it."""
    since = item.case.held_since
    if item.case.holder != principal.login or since is None:
        return {}
    return {"handling_seconds": round((now() - since).total_seconds(), 3)}


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


def _named(session: Session, flag: Flag, paslon: str | None, article: str | None) -> dict[str, object]:
    """The pair and the kandidat pasal of a confirmation, checked."""
    pair_id = paslon or flag.paslon_id
    pair = session.get(PaslonRow, storable(pair_id)) if pair_id else None
    if pair is None or pair.contest_id not in scope_of(session, flag.contest_id).ids:
        raise BadInput("Pilih paslon dari pemilihan ini / Choose a pair of this contest", field="paslon")
    code = article or next(iter(flag.articles), None)
    if code not in {entry.code for entry in acts()}:
        raise BadInput("Pilih kandidat pasal dari katalog SKB / Choose an act of the SKB catalogue", field="article")
    return {"paslon": pair.id, "article": code}
