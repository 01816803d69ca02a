"""What a person makes of a tip: a temuan, a laporan with its reporter, or nothing; and taking that back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from cryptography.fernet import Fernet
from sqlalchemy.orm import Session

from app.auth.principal import Principal
from app.auth.users import one_line
from app.db.base import now
from app.db.event_tables import Event
from app.db.flag_tables import Flag
from app.db.tip_tables import Tip
from app.election.days import check_dates
from app.election.deadlines import due_on
from app.errors import BadInput, NotAllowed
from app.operating import holidays
from app.review.acts import Item, append, check_free, events_of, has_conflict, note_of, open_item
from app.review.workflow import target
from app.rules.priority import priority
from app.tips import sheet
from app.tips.found import flag_of, get_tip
from app.tips.sheet import Reporter

TEMUAN, LAPORAN = KINDS = ("temuan", "laporan")
ASIDE_REASONS = (
    "tip_not_neutrality", "tip_too_little", "tip_known", "tip_elsewhere", "tip_late", "tip_spam", "other",
)  # fmt: skip
LEAST_NOTE, LEAST_UNDO = 20, 10
LONGEST_PLACE = 200


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a tip becomes. `known_date`: when the officer found it, or the reporter came to know it; `note` describes
    the event (uraian); `officer` makes the temuan, empty: who converts; `reporter` is there for a laporan alone."""

    kind: str
    known_date: date | None
    place: str
    note: str
    officer: str = ""
    reporter: Reporter | None = None


def convert(
    session: Session, principal: Principal, cipher: Fernet, tip_id: uuid.UUID, wanted: Conversion, seen: int
) -> Event:
    """Make the tip a temuan or a laporan: its item goes to the reviewers, and who did this gives no verdict on it. The
    caller commits. The reporter is kept on a sheet of its own and stands in no event.

    Raises BadInput naming the formal or material condition that is not met, NotAllowed, or Conflict (stale, converted
    already, not yet screened)."""
    tip, item = _opened(session, principal, tip_id, seen)
    target(item.case, "convert")
    if wanted.kind not in KINDS:
        raise BadInput(f"Pilih / Choose: {', '.join(KINDS)}", field="kind")
    known = _known_in_time(session, item.flag, wanted)
    facts: dict[str, object] = {"kind": wanted.kind, "known_date": known.isoformat(), "seen": seen}
    facts["known_before"] = item.flag.submission.known_date.isoformat()
    facts["place"] = one_line(wanted.place, LONGEST_PLACE, "place")
    facts["note"] = note_of(wanted.note, LEAST_NOTE)
    if wanted.kind == TEMUAN:
        facts["officer"] = one_line(wanted.officer.strip() or principal.name, 200, "officer")
    else:
        reporter = sheet.checked(wanted.reporter or Reporter())
        facts["standing"] = reporter.standing
    event = append(session, principal, item, "convert", facts)
    if wanted.kind == LAPORAN:
        sheet.keep(session, principal, cipher, tip.id, reporter)
    _known_since(session, item.flag, known)
    tip.state, tip.kind, tip.since = "converted", wanted.kind, now()
    session.flush()
    return event


def unconvert(session: Session, principal: Principal, tip_id: uuid.UUID, note: str, seen: int) -> Event:
    """Take a conversion back while nobody has decided: the item is informasi awal again and the reporter's sheet is
    destroyed. A mistake is corrected by converting anew. The caller commits; only who converted, or a coordinator."""
    tip, item = _opened(session, principal, tip_id, seen)
    target(item.case, "unconvert")
    if principal.role != "coordinator" and item.case.converted != principal.login:
        raise NotAllowed("Hanya yang menjadikannya atau koordinator / Only the person who did it, or a coordinator")
    check_free(item.case, principal)
    made = next(event for event in reversed(events_of(session, item.flag)) if event.action == "flag.convert")
    facts = {"note": note_of(note, LEAST_UNDO), "undoes": made.id, "seen": seen}
    facts["sheet_destroyed"] = sheet.remove(session, tip.id)
    event = append(session, principal, item, "unconvert", facts)
    _known_since(session, item.flag, date.fromisoformat(made.data["known_before"]))
    tip.state, tip.kind, tip.since = "new", "", now()
    session.flush()
    return event


def set_aside(session: Session, principal: Principal, tip_id: uuid.UUID, reason: str, note: str, seen: int) -> Event:
    """Make nothing of the tip, for a reason; the caller commits."""
    if reason not in ASIDE_REASONS:
        raise BadInput(f"Pilih satu alasan / Choose a reason: {', '.join(ASIDE_REASONS)}", field="reason")
    kept = note_of(note, LEAST_NOTE if reason == "other" else 0)
    return _moved(session, principal, tip_id, "set_aside", "aside", {"reason": reason, "note": kept, "seen": seen})


def take_back(session: Session, principal: Principal, tip_id: uuid.UUID, seen: int) -> Event:
    """Look again at a tip that was set aside; the caller commits."""
    return _moved(session, principal, tip_id, "take_back", "new", {"seen": seen})


def _moved(
    session: Session, principal: Principal, tip_id: uuid.UUID, act: str, state: str, facts: dict[str, object]
) -> Event:
    tip, item = _opened(session, principal, tip_id, facts["seen"])
    event = append(session, principal, item, act, facts)
    tip.state, tip.since = state, now()
    session.flush()
    return event


def _opened(session: Session, principal: Principal, tip_id: uuid.UUID, seen: object) -> tuple[Tip, Item]:
    """The tip and its item, locked, for somebody who may act on it."""
    principal.require("tip.convert")
    tip = get_tip(session, tip_id)
    flag = flag_of(session, tip)
    if has_conflict(session, principal.user_id, flag.contest_id):
        raise NotAllowed("Anda menyatakan benturan kepentingan / You declared a conflict of interest")
    return tip, open_item(session, flag.id, int(str(seen)))


def _known_in_time(session: Session, flag: Flag, wanted: Conversion) -> date:
    """The known date. Raises BadInput where it is missing, impossible, or longer ago than the law lets one file."""
    submission = flag.submission
    if wanted.known_date is None:
        raise BadInput("Isi tanggal diketahui / Say when it became known", field="known_date")
    today = datetime.now(ZoneInfo(submission.contest.timezone)).date()
    check_dates(submission.act_date, wanted.known_date, today)
    last = due_on(submission.contest.election.kind, wanted.known_date, holidays(session))
    if today > last:
        late = (
            f"Lewat batas pengajuan ({last}): tidak dapat diregistrasi / Past the last day to file ({last}):"
            " it cannot be registered"
        )
        if wanted.kind == LAPORAN:
            late = (
                f"Lewat batas pengajuan ({last}): laporan tidak diregistrasi, pengawas dapat menjadikannya temuan"
                f" / Past the last day to file ({last}): a laporan is not registered; an officer may make it a temuan"
            )
        raise BadInput(late, field="known_date")
    return wanted.known_date


def _known_since(session: Session, flag: Flag, known: date) -> None:
    """The day from which the deadline runs; the place in the queue moves with it."""
    submission = flag.submission
    submission.known_date = known
    due = due_on(submission.contest.election.kind, known, holidays(session))
    if flag.due_on is not None:
        flag.priority += priority(0, None, "", due) - priority(0, None, "", flag.due_on)
    flag.due_on = due
