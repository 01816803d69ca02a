"""Giving a known case to the reviewers once more: an item of its own that looks like any other new one."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, aliased

from app import audit
from app.auth.principal import SYSTEM
from app.db.base import now
from app.db.capture_tables import Capture
from app.db.contest_tables import ConflictOfInterest, ContestRow, Election, RegionRisk
from app.db.event_tables import Event
from app.db.flag_tables import Flag, Screening
from app.db.gold_tables import GOLD, GoldCase, GoldTrial
from app.db.office_tables import Destruction
from app.db.people_tables import User
from app.db.submission_tables import Submission, SubmissionImage
from app.election.deadlines import due_on
from app.operating import holidays
from app.rules.priority import priority
from app.screening.record import draw

SETTLED = ("confirmed", "dismissed", "closed")
COPIED = (
    "contest_id", "text", "platform", "url", "handle", "subject_type", "agency", "act_date", "capture_method", "public",
    "parent", "parent_text", "account", "children", "track", "submitted_by",
)  # fmt: skip
"""What a trial's submission has in common with that of its case."""
SCREENED = ("pipeline_version", "versions", "band", "score", "observations", "signals", "bias", "pairs", "timings")
TOLD = ("page_title", "posted_at", "note", "evidence", "verified")
PICTURED = ("position", "sha256", "mime", "size", "width", "height")
RAISED = (
    "contest_id", "band", "score", "paslon_id", "direction", "stage", "track", "articles", "lane",
)  # fmt: skip


def give_again(session: Session, cause: uuid.UUID, share: float) -> Flag | None:
    """With `share` (0..1) of the raised items, by the id of the submission that raised one, a known case goes into the
    queue once more; which one follows from that id as well. The caller commits.

    None where the share passes this one over or no case can be given. Call it after an event was appended: whoever
    destroys originals waits until the trial that names them is committed."""
    if draw(cause, "trial") >= share:
        return None
    for case, verdict in sorted(_candidates(session), key=lambda one: _place(cause, one[0].id)):
        known = _known_to(session, case)
        if _somebody_else(session, case, known):
            return _made(session, session.get_one(Submission, cause), case, verdict, known)
    return None


def _place(cause: uuid.UUID, case: uuid.UUID) -> bytes:
    return hashlib.sha256(cause.bytes + case.bytes).digest()


def _candidates(session: Session) -> list[tuple[Flag, str]]:
    """Decided known cases of open elections whose material is all there and of which no trial is under way."""
    tried = aliased(Flag)
    waits: ColumnElement[bool] = (
        exists().where(GoldTrial.case_id == Flag.id, GoldTrial.flag_id == tried.id, tried.state != "closed")
    )  # fmt: skip
    query = (
        select(Flag, GoldCase.verdict)
        .join(GoldCase, GoldCase.flag_id == Flag.id)
        .join(ContestRow, ContestRow.id == Flag.contest_id)
        .join(Election, Election.id == ContestRow.election_id)
        .where(Flag.state.in_(SETTLED), Flag.origin != GOLD, Election.closed_at.is_(None), ~waits)
        .where(~exists().where(Destruction.submission_id == Flag.submission_id))
    )
    return [(flag, verdict) for flag, verdict in session.execute(query)]


def _known_to(session: Session, case: Flag) -> list[str]:
    """Who has given a verdict on this case or on a trial of it, also one that was taken back."""
    trials = session.scalars(select(GoldTrial.flag_id).where(GoldTrial.case_id == case.id))
    items = [str(case.id), *map(str, trials)]
    verdicts = select(Event.actor).where(
        Event.object_type == "flag", Event.object_id.in_(items), Event.action.in_(["flag.confirm", "flag.dismiss"])
    )
    return sorted(session.scalars(verdicts.distinct()))


def _somebody_else(session: Session, case: Flag, known: list[str]) -> bool:
    """Whether some reviewer may still be asked."""
    declared = select(ConflictOfInterest.user_id).where(ConflictOfInterest.contest_id == case.contest_id)
    able = select(User.id).where(
        User.active,
        User.role == "reviewer",
        User.login.not_in(known),
        User.id != case.submission.submitted_by,
        User.id.not_in(declared),
    )
    return session.scalar(able.limit(1)) is not None


def _made(session: Session, cause: Submission, case: Flag, verdict: str, known: list[str]) -> Flag:
    """The trial, in the caller's transaction: rows of its own, the originals by their hashes."""
    post = _posted(session, cause, case.submission)
    screening = Screening(submission_id=post.id, **_taken(case.screening, SCREENED))
    session.add(screening)
    session.flush()
    contest = case.submission.contest
    due = due_on(contest.election.kind, post.known_date, holidays(session))
    risk = session.scalar(select(RegionRisk.risk).where(RegionRisk.region_code == contest.region_code))
    strength = draw(post.id, "place") if case.origin == "sample" else case.score
    uploader = session.get_one(User, post.submitted_by).login
    flag = Flag(
        submission_id=post.id,
        screening_id=screening.id,
        origin=GOLD,
        due_on=due,
        priority=priority(strength, risk, case.stage, due),
        barred="".join(f"|{login}" for login in sorted({uploader, *known})) + "|",
        **_taken(case, RAISED),
    )
    session.add(flag)
    session.flush()
    session.add(
        GoldTrial(submission_id=post.id, flag_id=flag.id, case_id=case.id, verdict=verdict, known_to=known)
    )  # fmt: skip
    facts = {"band": flag.band, "submission": str(post.id)}
    flag.last_event = audit.append(session, SYSTEM, "flag.raised", "flag", flag.id, facts).id
    audit.append(session, SYSTEM, "gold.given", "gold", flag.id, {"case": str(case.id), "verdict": verdict})
    return flag


def _posted(session: Session, cause: Submission, before: Submission) -> Submission:
    """A post like that of the case, come in shortly after the one that caused this. What it tells of days keeps its
    distance from the day on which it came in, as far as the deadline is counted from it."""
    new = uuid.uuid4()
    came = cause.received_at + (now() - cause.received_at) * draw(new, "came")
    zone = ZoneInfo(before.contest.timezone)
    later = came.astimezone(zone).date() - before.received_at.astimezone(zone).date()
    post = Submission(
        id=new,
        key=hashlib.sha256(b"trial" + new.bytes).hexdigest(),
        known_date=before.known_date + later,
        received_at=came,
        state="screened",
        images=[SubmissionImage(**_taken(image, PICTURED)) for image in before.images],
        **_taken(before, COPIED),
    )
    session.add(post)
    session.flush()
    told = session.get(Capture, before.id)
    if told is not None:
        session.add(Capture(submission_id=new, captured_at=_moved(told.captured_at, later), **_taken(told, TOLD)))
    return post


def _moved(moment: str, by: timedelta) -> str:
    return (datetime.fromisoformat(moment) + by).isoformat() if moment else ""


def _taken(row: object, names: tuple[str, ...]) -> dict[str, object]:
    return {name: getattr(row, name) for name in names}
