"""Correcting what is stated of an item, with a reason: an event, and the same observations judged anew."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import Principal
from app.db.event_tables import Event
from app.db.flag_tables import Flag
from app.db.submission_tables import Submission
from app.election.days import check_dates
from app.errors import BadInput, Conflict
from app.review.acts import check_may_judge, events_of, mirror, note_of, open_item
from app.review.workflow import step
from app.rules.catalogue import subjects
from app.rules.facts import ACCOUNTS, PUBLIC
from app.screening.rejudge import rejudge
from app.text.storable import storable

TRACKS = ("", "kode_etik", "disiplin", "non_asn")
SUBJECTS = tuple(kind.code for kind in subjects())
CHOICES: dict[str, tuple[str, ...]] = {"subject_type": SUBJECTS, "public": PUBLIC, "track": TRACKS, "account": ACCOUNTS}
LONGEST_ACCOUNT = 200
LEAST_REASON = 10
DECIDED = frozenset({"confirmed", "dismissed", "closed"})
ACTION = "flag.corrected"


@dataclass(frozen=True, slots=True)
class Correction:
    """The facts that change; None leaves one as it is. `track` "" is the one that stage and subject give."""

    act_date: date | None = None
    subject_type: str | None = None
    public: str | None = None
    parent: str | None = None
    track: str | None = None
    children: bool | None = None
    account: str | None = None


def correct(
    session: Session, principal: Principal, flag_id: uuid.UUID, change: Correction, reason: str, seen: int
) -> Event:
    """Correct the item's facts; stage, track, articles, lane and band follow from the stored observations. The caller
    commits. The event keeps what was handed in.

    Raises BadInput (a value, the reason, nothing changed), NotAllowed as for a verdict, Conflict (stale, held by
    somebody, decided: reopen it first)."""
    principal.require("flag.decide")
    why = note_of(reason, LEAST_REASON, "reason")
    item = open_item(session, flag_id, seen)
    if item.case.base in DECIDED:
        raise Conflict("Butir ini sudah diputuskan; buka kembali dahulu / It is decided already: reopen it first")
    check_may_judge(session, principal, item)
    submission = item.flag.submission
    new = _changed(submission, change)
    if not new:
        raise BadInput("Tidak ada yang berubah / Nothing would change", field="act_date")
    changed = {name: [_plain(getattr(submission, name)), _plain(value)] for name, value in new.items()}
    shown = _shown(item.flag)
    for name, value in new.items():
        setattr(submission, name, value)
    rejudge(session, item.flag)
    now_shown = _shown(item.flag)
    effect = {name: [old, now_shown[name]] for name, old in shown.items() if old != now_shown[name]}
    facts = {"changed": changed, "effect": effect, "note": why, "seen": seen}
    event = audit.append(session, principal, ACTION, "flag", item.flag.id, facts)
    mirror(session, item.flag, step(item.case, event))
    return event


def corrections(session: Session, flag: Flag) -> list[Event]:
    """The corrections of an item, oldest first."""
    return [event for event in events_of(session, flag) if event.action == ACTION]


def _changed(submission: Submission, change: Correction) -> dict[str, object]:
    """The new values that differ, checked. Raises BadInput naming the field."""
    given = {name: value for name, value in asdict(change).items() if value is not None}
    for name, known in CHOICES.items():
        if name in given and given[name] not in known:
            raise BadInput(f"Tidak dikenal; pilihan / Unknown; choices: {', '.join(filter(None, known))}", field=name)
    if "parent" in given:
        given["parent"] = storable(given["parent"].strip())
        if len(given["parent"]) > LONGEST_ACCOUNT:
            raise BadInput(f"Lebih dari {LONGEST_ACCOUNT} karakter / Too many characters", field="parent")
    if "act_date" in given:
        today = datetime.now(ZoneInfo(submission.contest.timezone)).date()
        check_dates(given["act_date"], submission.known_date, today)
    return {name: value for name, value in given.items() if getattr(submission, name) != value}


def _shown(flag: Flag) -> dict[str, object]:
    """What people see of the assessment."""
    return {
        "band": flag.band, "paslon": flag.paslon_id, "direction": flag.direction, "stage": flag.stage,
        "track": flag.track, "lane": flag.lane, "articles": list(flag.articles),
    }  # fmt: skip


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
