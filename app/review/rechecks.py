"""Looking again whether the original post is still there: what was captured stays evidence when it is not."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import Principal
from app.db.base import now
from app.db.event_tables import Event
from app.db.submission_tables import Submission
from app.errors import BadInput, NotFound

Json = dict[str, Any]
STATUSES = ("still_there", "gone")
ACTION = "submission.rechecked"
AHEAD = timedelta(minutes=5)
"""How far a capturing machine's clock may run ahead."""


def record_recheck(
    session: Session, principal: Principal, submission_id: uuid.UUID, status: str, at: datetime | None = None
) -> Event:
    """Record that the original was looked for at `at` (now when left out) and what was found; the caller commits.

    The same look of the same person again is the same event: it may be sent twice over a bad line.

    Raises NotFound for what this person may not see, BadInput for an unknown status or a moment that cannot be."""
    principal.require("submission.recheck")
    submission = session.get(Submission, submission_id)
    own = submission is not None and submission.submitted_by == principal.user_id
    if submission is None or not (own or principal.may("submission.read")):
        raise NotFound("Kiriman ini tidak ada / There is no such submission")
    if status not in STATUSES:
        raise BadInput(f"Pilihan / Choices: {', '.join(STATUSES)}", field="status")
    moment = at or now()
    if moment.tzinfo is None:
        raise BadInput("Waktu harus memuat zona / The moment must name its time zone", field="at")
    if not submission.received_at - timedelta(days=1) <= moment <= now() + AHEAD:
        raise BadInput(
            "Waktu pemeriksaan harus setelah kiriman diterima dan tidak di masa depan"
            " / The moment must lie after the submission came in, and not in the future",
            field="at",
        )
    told = {"status": status, "at": moment.isoformat()}
    again = (one for one in rechecks(session, submission_id) if one.actor == principal.login and one.data == told)
    return next(again, None) or audit.append(session, principal, ACTION, "submission", submission.id, told)


def rechecks(session: Session, submission_id: uuid.UUID) -> Sequence[Event]:
    """The looks at the original, oldest first."""
    query = select(Event).where(
        Event.object_type == "submission", Event.object_id == str(submission_id), Event.action == ACTION
    )
    return session.scalars(query.order_by(Event.id)).all()


def rechecks_of(session: Session, submissions: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Event]]:
    """The looks at the originals of these submissions, oldest first, by submission."""
    names = {str(one): one for one in submissions}
    query = select(Event).where(Event.object_type == "submission", Event.object_id.in_(names), Event.action == ACTION)
    found: dict[uuid.UUID, list[Event]] = {}
    for event in session.scalars(query.order_by(Event.id)):
        found.setdefault(names[event.object_id], []).append(event)
    return found


def looks(events: Iterable[Event]) -> list[Json]:
    """Who looked when, and what they found, oldest first."""
    return [{"at": event.data["at"], "status": event.data["status"], "by": event.actor} for event in events]


def newest(events: Sequence[Event]) -> tuple[datetime, bool] | None:
    """The latest look by its own clock: when, and whether the post was there."""
    looks = [(datetime.fromisoformat(event.data["at"]), event.data["status"] == "still_there") for event in events]
    return max(looks, default=None)
