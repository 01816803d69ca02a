"""Destroying what is due: row and event first, the file after; each step may be repeated or interrupted.

The chain of events is never touched: hashes, verdicts and reasons stay, words and pictures go."""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app import audit, originals
from app.auth.principal import SYSTEM
from app.db.base import now
from app.db.capture_tables import Capture
from app.db.engine import rows_changed
from app.db.flag_tables import Flag, Screening
from app.db.office_tables import Destruction, DestructionRun
from app.db.people_tables import UserSession
from app.db.submission_tables import Submission
from app.intake.capture import forget_keys
from app.office.due_items import Due, due
from app.operating import Values
from app.originals import Names
from app.review.acts import append, open_item
from app.review.claims import expire
from app.review.fairness import close_trials
from app.review.workflow import INFORMAL
from app.screening.copies import forget
from app.screening.service import Services
from app.tips.forget import forget as forget_tip
from app.tips.forget import forget_challenges
from app.webhooks import service as webhooks

GRACE = timedelta(days=1)
"""An original that nothing names is left alone for this long: its upload may still be under way."""
ALONE = frozenset({"photo", "orphan"})
"""Rules under which a file goes by itself; the others tell of it with its submission."""
SPOKEN = ("quote", "span", "box")
"""Members of a signal that hold words of the post or say where somebody stands in a picture."""
Watch = Callable[[int, int], None]


@dataclass(slots=True)
class Done:
    """What a run destroyed, by rule; what it would, where it only looked. `run` is None where nothing was."""

    run: int | None = None
    rules: Counter[str] = field(default_factory=Counter)
    sessions: int = 0


def look(session: Session, values: Values, moment: datetime | None = None) -> Done:
    """What a run would destroy now; nothing is written."""
    moment = moment or now()
    done = Done(rules=Counter(one.rule for one in due(session, values, moment)))
    done.rules.update(row.rule for row in originals.waiting(session) if row.rule == "photo")
    expired = select(UserSession.token_hash).where(UserSession.expires_at <= moment)
    done.sessions = len(session.scalars(expired).all())
    return done


def retain(services: Services, watch: Watch = lambda _done, _total: None, moment: datetime | None = None) -> Done:
    """Destroy everything that is due; `watch(done, total)` is called after each item and may raise to stop.

    One transaction per item, then one per file. A run that was interrupted is continued by the next."""
    moment, done = moment or now(), Done()
    with services.sessions() as session:
        expire(session)
        close_trials(session, moment)
        session.commit()
        values = services.operating.now()
        waiting = list(due(session, values, moment))
        names = Names(session)
    for number, one in enumerate(waiting, 1):
        run = _begun(services, done)
        with services.sessions() as session:
            if _destroy(session, values, names, one, moment, run):
                session.commit()
                done.rules[one.rule] += 1
        watch(number, len(waiting))
    _erase(services, names, done)
    _sweep(services, names, moment, done)
    _forget_keys(services, moment)
    _end(services, values, moment, done)
    return done


def _begun(services: Services, done: Done) -> int:
    """The record of this run, begun before the first thing that it destroys."""
    if done.run is None:
        with services.sessions() as session:
            row = DestructionRun(actor=SYSTEM.login)
            session.add(row)
            session.commit()
            done.run = row.id
    return done.run


def _destroy(session: Session, values: Values, names: Names, one: Due, moment: datetime, run: int) -> bool:
    """Empty one submission, in the caller's transaction; False where it is no longer due."""
    flag = session.scalar(select(Flag).where(Flag.submission_id == one.submission))
    if flag is not None:
        open_item(session, flag.id)  # locks: flags before the chain
    audit.hold(session)
    session.expire_all()
    if one not in list(due(session, values, moment, only=one.submission)):
        return False
    submission = session.get_one(Submission, one.submission)
    kind = "working" if one.rule == "working" else "item"
    hashes = []
    if kind == "item":
        digests = dict.fromkeys(image.sha256 for image in submission.images)
        originals.condemn(session, digests, one.rule)
        _empty(submission)
        _empty_capture(session, submission.id)
        forget(session, submission.id)
        forget_tip(session, submission.id)
        elsewhere = names.among(session, digests, besides=submission.id)
        hashes = [{"sha256": digest, "kept": digest in elsewhere} for digest in digests]
    _empty_screenings(session, submission.id, wholly=kind == "item")
    session.add(
        Destruction(run_id=run, kind=kind, submission_id=submission.id, rule=one.rule, since=one.since, hashes=hashes)
    )
    facts = {"rule": one.rule, "since": one.since.isoformat(), "hashes": hashes, "run": run}
    audit.append(session, SYSTEM, f"submission.{_VERB[kind]}", "submission", submission.id, facts)
    if flag is not None:
        _tell(session, flag, one.rule, kind, facts)
    return True


_VERB = {"item": "destroyed", "working": "emptied"}


def _tell(session: Session, flag: Flag, rule: str, kind: str, facts: dict[str, Any]) -> None:
    """The item's own time line; what nobody reviewed leaves the queue."""
    if flag.state == "new" or flag.state in INFORMAL:
        append(session, SYSTEM, open_item(session, flag.id), "lapse", {"rule": rule})
    audit.append(session, SYSTEM, f"flag.{_VERB[kind]}", "flag", flag.id, facts)


def _empty(submission: Submission) -> None:
    """Take away what the post said and who said it. Its key goes too: the same post again is a new submission."""
    submission.text = submission.url = submission.handle = submission.agency = ""
    submission.parent = submission.parent_text = ""
    submission.key = hashlib.sha256(b"destroyed" + submission.id.bytes).hexdigest()


def _empty_capture(session: Session, submission_id: uuid.UUID) -> None:
    """Take away the words of the page; when it was captured, and that its sums held, stays."""
    told = update(Capture).where(Capture.submission_id == submission_id)
    session.execute(told.values(page_title="", posted_at="", note="", evidence=""))


def _empty_screenings(session: Session, submission_id: uuid.UUID, *, wholly: bool) -> None:
    """Take away what was seen and read; `wholly` also the words and places of the signals."""
    for screening in session.scalars(select(Screening).where(Screening.submission_id == submission_id)):
        screening.observations = []
        if wholly:
            screening.signals = [_bare(signal) for signal in screening.signals]


def _bare(signal: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in signal.items() if name not in SPOKEN}
    if "params" in kept:
        kept["params"] = kept["params"] | ({"phrase": "…"} if "phrase" in kept["params"] else {})
    return kept


def _erase(services: Services, names: Names, done: Done) -> None:
    """Delete the condemned files, one transaction each."""
    with services.sessions() as session:
        condemned = [(row.sha256, row.rule, row.since) for row in originals.waiting(session)]
    for digest, rule, since in condemned:
        run = _begun(services, done) if rule in ALONE else None
        with services.sessions() as session:
            if originals.erase(session, services.blobs, names, digest) and run is not None:
                hashes = [{"sha256": digest, "kept": False}]
                session.add(Destruction(run_id=run, kind="original", rule=rule, since=since, hashes=hashes))
                facts = {"rule": rule, "run": run}
                audit.append(session, SYSTEM, "original.destroyed", "original", digest, facts)
                done.rules[rule] += 1
            session.commit()


def _sweep(services: Services, names: Names, moment: datetime, done: Done) -> None:
    """Files that nothing names: an upload that broke off left them."""
    with services.sessions() as session:
        found = originals.unnamed(session, services.blobs, names, moment - GRACE)
        if not found:
            return
        audit.hold(session)
        originals.condemn(session, found, "orphan")
        session.commit()
    _erase(services, names, done)


def _forget_keys(services: Services, moment: datetime) -> None:
    """Keys under which programs sent their uploads: nobody tries again so late."""
    with services.sessions() as session:
        while forget_keys(session, moment):
            session.commit()


def _end(services: Services, values: Values, moment: datetime, done: Done) -> None:
    """Expired sessions and old deliveries of webhooks go, and the record is closed with its event."""
    with services.sessions() as session:
        if values.keep_deliveries_days:
            webhooks.forget(session, moment - timedelta(days=values.keep_deliveries_days))
        gone = session.execute(delete(UserSession).where(UserSession.expires_at <= moment))
        done.sessions = rows_changed(gone)
        forget_challenges(session, moment)
        if done.run is not None and not done.rules:  # nothing was due any more when its turn came
            session.execute(delete(DestructionRun).where(DestructionRun.id == done.run))
            done.run = None
        if done.run is not None:
            ended = update(DestructionRun).where(DestructionRun.id == done.run)
            session.execute(ended.values(ended_at=now(), sessions=done.sessions))
            facts = {"rules": dict(done.rules), "sessions": done.sessions}
            audit.append(session, SYSTEM, "retention.run", "destruction", done.run, facts)
        session.commit()
