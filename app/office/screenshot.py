"""What a screenshot says of a post, offered to the person who handed it in; what they accept becomes a stated fact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import Principal
from app.db.event_tables import Event
from app.db.flag_tables import Flag, Screening
from app.db.submission_tables import Submission
from app.election.days import check_dates
from app.errors import BadInput, Conflict, NotAllowed
from app.intake.upload import LENGTHS, PLATFORMS
from app.review.acts import check_free, mirror, open_item
from app.review.correct import ACTION, DECIDED
from app.review.workflow import step
from app.screening.record import raise_flag
from app.screening.rejudge import judge_anew, rejudge, stored_lines
from app.text.storable import storable
from app.vision.screen_dates import day_meant
from app.vision.screen_layout import understand

FIELDS = ("platform", "handle", "act_date", "text")
SETTLED = "submission.context"
"""The event with which the offer of a submission is settled, whatever was accepted."""
SOURCE = "screenshot"
REVIEWED = "Sedang atau sudah ditinjau; sampaikan kepada peninjau / It is under review or decided: tell the reviewer"
LONGEST_TEXT = 20_000
"""Characters of a caption at most, wherever it comes from."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value for one of FIELDS that is not stated so yet, how sure it is (0..1), and the words in the picture."""

    field: str
    value: str
    confidence: float
    read: str
    picture: int


def suggestions(session: Session, submission: Submission) -> list[Suggestion]:
    """What the pictures of a screened submission offer; nothing once somebody has settled it."""
    if submission.state != "screened" or _settled(session, submission):
        return []
    found: dict[str, Suggestion] = {}
    for picture, stored in enumerate(_newest(session, submission).observations):
        for one in _read(stored, picture, submission):
            found.setdefault(one.field, one)
    stated = {name: _plain(getattr(submission, name)) for name in FIELDS}
    return [
        found[name]
        for name in FIELDS
        if name in found and found[name].value != stated[name] and (name != "text" or not stated["text"].strip())
    ]


def settle(session: Session, principal: Principal, submission: Submission, given: Mapping[str, str]) -> Event:
    """State what the person accepted or corrected (empty: as it was), on record with its source, and judge the
    observations anew; the caller commits. A post that is indicated only now gets its flag.

    Raises NotAllowed for others than who handed it in, Conflict (not screened yet, settled, decided, in somebody's
    hands), BadInput naming the field."""
    principal.require("submission.create")
    if submission.submitted_by != principal.user_id:
        raise NotAllowed("Hanya pengirimnya / Only the person who handed it in")
    session.execute(update(Submission).where(Submission.id == submission.id).values(key=Submission.key))
    if submission.state != "screened":
        raise Conflict("Belum selesai ditapis / It has not been screened yet")
    if _settled(session, submission):
        raise Conflict("Sudah pernah diisi / This has been settled already")
    new = _checked(submission, given)
    changed = {name: [_plain(getattr(submission, name)), _plain(value)] for name, value in new.items()}
    flag = session.scalar(select(Flag).where(Flag.submission_id == submission.id))
    if new:
        _state(session, principal, submission, new, changed, flag)
    facts = {"changed": changed, "source": SOURCE}
    return audit.append(session, principal, SETTLED, "submission", submission.id, facts)


def _state(
    session: Session,
    principal: Principal,
    submission: Submission,
    new: Mapping[str, object],
    changed: Mapping[str, object],
    flag: Flag | None,
) -> None:
    item = None if flag is None else open_item(session, flag.id)
    if item is not None:
        if item.case.base in DECIDED:
            raise Conflict(REVIEWED)
        try:
            check_free(item.case, principal)
        except Conflict as error:
            raise Conflict(REVIEWED) from error  # who reviews it is not told
    for name, value in new.items():
        setattr(submission, name, value)
    if item is None:
        screening, found = judge_anew(session, submission, _newest(session, submission))
        if found.flagged:
            raise_flag(session, submission, screening, found)
        return
    rejudge(session, item.flag)
    facts = {"changed": changed, "effect": {}, "note": "", "seen": item.flag.last_event, "source": SOURCE}
    event = audit.append(session, principal, ACTION, "flag", item.flag.id, facts)
    mirror(session, item.flag, step(item.case, event))


def _read(stored: Mapping[str, object], picture: int, submission: Submission) -> Iterator[Suggestion]:
    layout = understand(stored_lines(stored), float(stored["height"]))  # type: ignore[arg-type]
    fields = {field.name: field for field in layout.fields}
    if "platform" in fields:
        one = fields["platform"]
        yield Suggestion("platform", one.value, one.confidence, "", picture)
    name = fields.get("handle") or fields.get("display_name")
    if name is not None:
        yield Suggestion("handle", storable(name.value)[: LENGTHS["handle"]], name.confidence, name.value, picture)
    if "time" in fields and (day := day_meant(fields["time"].value, submission.known_date)):
        sure = round(day[1] * fields["time"].confidence, 2)
        yield Suggestion("act_date", day[0].isoformat(), sure, fields["time"].value, picture)
    if "caption" in fields:
        one = fields["caption"]
        yield Suggestion("text", storable(one.value), one.confidence, one.value, picture)


def _checked(submission: Submission, given: Mapping[str, str]) -> dict[str, object]:
    """The values that differ from what is stated."""
    unknown = set(given) - set(FIELDS)
    if unknown:
        raise BadInput(f"Tidak dikenal; pilihan / Unknown; choices: {', '.join(FIELDS)}", field=min(unknown))
    wanted: dict[str, object] = {name: storable(value.strip()) for name, value in given.items() if value.strip()}
    if wanted.get("platform", "") not in PLATFORMS:
        raise BadInput(f"Pilihan / Choices: {', '.join(filter(None, PLATFORMS))}", field="platform")
    if len(str(wanted.get("handle", ""))) > LENGTHS["handle"]:
        raise BadInput(f"Lebih dari {LENGTHS['handle']} karakter / Too many characters", field="handle")
    if len(str(wanted.get("text", ""))) > LONGEST_TEXT:
        raise BadInput(f"Lebih dari {LONGEST_TEXT} karakter / Too many characters", field="text")
    if "act_date" in wanted:
        try:
            day = date.fromisoformat(str(wanted["act_date"]))
        except ValueError as error:
            raise BadInput("Tulis sebagai 2029-11-30 / Write it as 2029-11-30", field="act_date") from error
        check_dates(day, submission.known_date, datetime.now(ZoneInfo(submission.contest.timezone)).date())
        wanted["act_date"] = day
    return {name: value for name, value in wanted.items() if getattr(submission, name) != value}


def _settled(session: Session, submission: Submission) -> bool:
    query = select(Event.id).where(
        Event.object_type == "submission", Event.object_id == str(submission.id), Event.action == SETTLED
    )
    return session.scalar(query.limit(1)) is not None


def _newest(session: Session, submission: Submission) -> Screening:
    query = select(Screening).where(Screening.submission_id == submission.id)
    return session.scalars(query.order_by(Screening.created_at.desc()).limit(1)).one()


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
