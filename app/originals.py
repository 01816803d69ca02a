"""Letting originals go without losing one: condemned first, erased later, given back to whoever stores the same again.

Whoever names an original appends an event in the same transaction, and so holds the end of the chain until it commits.
Condemning and erasing hold it as well: nothing is erased while somebody is about to name it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from app import audit
from app.db.base import now
from app.db.contest_tables import ReferencePhoto
from app.db.event_tables import Event
from app.db.office_tables import Condemned, Destruction
from app.db.submission_tables import SubmissionImage
from app.storage import Blobs

TOGETHER = 500
_CONDEMNED = select(Condemned.sha256).where(Condemned.sha256.in_(bindparam("named", expanding=True)))


def keep(session: Session, blobs: Blobs, originals: Mapping[str, Callable[[], bytes]]) -> None:
    """Store these bytes again where they were condemned; call it after the event that names them was appended."""
    for digest in session.connection().scalars(_CONDEMNED, {"named": list(originals)}).all():
        blobs.put(originals[digest]())
        session.execute(delete(Condemned).where(Condemned.sha256 == digest))


def condemn(session: Session, digests: Iterable[str], rule: str) -> None:
    """Mark originals that are to go; what something still names is spared when they are erased. The caller commits."""
    for digest in dict.fromkeys(digests):
        row = session.get(Condemned, digest, populate_existing=True)
        if row is None:
            session.add(Condemned(sha256=digest, rule=rule))
        elif row.gone_at is not None:  # it went before, and came back by a way that did not ask here
            row.rule, row.since, row.gone_at = rule, now(), None


def waiting(session: Session) -> list[Condemned]:
    """The condemned originals that are still to be erased."""
    query = select(Condemned).where(Condemned.gone_at.is_(None)).order_by(Condemned.since, Condemned.sha256)
    return list(session.scalars(query))


class Names:
    """What names an original: a picture of a post that was not destroyed, a registered photo, an objection's paper.

    The papers stand in events alone; they are read once, and then only what came after."""

    def __init__(self, session: Session) -> None:
        self._papers: set[str] = set()
        self._read_to = 0
        self._read(session)

    def _read(self, session: Session) -> None:
        query = select(Event.id, Event.data).where(Event.action == "flag.appeal", Event.id > self._read_to)
        newest = session.scalar(select(Event.id).order_by(Event.id.desc()).limit(1)) or 0
        self._papers |= {data["document"] for _, data in session.execute(query) if "document" in data}
        self._read_to = newest

    def among(self, session: Session, digests: Collection[str], besides: uuid.UUID | None = None) -> set[str]:
        """Which of these something names now; `besides` is a submission that does not count."""
        self._read(session)
        wanted = sorted(set(digests))
        found = self._papers & set(wanted)
        for start in range(0, len(wanted), TOGETHER):
            part = wanted[start : start + TOGETHER]
            destroyed = select(Destruction.id).where(
                Destruction.kind == "item", Destruction.submission_id == SubmissionImage.submission_id
            )
            pictures = select(SubmissionImage.sha256).where(SubmissionImage.sha256.in_(part), ~destroyed.exists())
            if besides is not None:
                pictures = pictures.where(SubmissionImage.submission_id != besides)
            found |= set(session.scalars(pictures))
            found |= set(session.scalars(select(ReferencePhoto.sha256).where(ReferencePhoto.sha256.in_(part))))
        return found


def erase(session: Session, blobs: Blobs, names: Names, digest: str) -> bool:
    """Delete a condemned original unless something names it again; the caller commits at once. True when it went.

    The bytes go before the commit: after a crash in between the row says that it is still to be done."""
    audit.hold(session)
    row = session.get(Condemned, digest, populate_existing=True)
    if row is None or row.gone_at is not None:
        return False
    if names.among(session, [digest]):
        session.delete(row)
        return False
    blobs.delete(digest)
    row.gone_at = now()
    return True


def unnamed(session: Session, blobs: Blobs, names: Names, before: datetime) -> list[str]:
    """Originals older than `before` that nothing names and nobody condemned: an upload broke off after storing them."""
    old = [digest for digest, since in blobs.listed() if since < before]
    found = []
    for start in range(0, len(old), TOGETHER):
        part = old[start : start + TOGETHER]
        condemned = select(Condemned.sha256).where(Condemned.sha256.in_(part), Condemned.gone_at.is_(None))
        taken = names.among(session, part) | set(session.scalars(condemned))
        found += [digest for digest in part if digest not in taken]
    return found
