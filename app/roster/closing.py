"""Ending things: pairs and contests entered by mistake go, an election that is over is closed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Text, cast, func, or_, select, update
from sqlalchemy.orm import Session

from app import audit, originals
from app.auth.principal import Principal
from app.db.base import now
from app.db.contest_tables import CandidateRow, ContestRow, Election, PaslonRow, ReferencePhoto
from app.db.engine import rows_changed
from app.db.event_tables import Event
from app.db.flag_tables import Flag, Screening
from app.db.submission_tables import Submission
from app.errors import Conflict, NotFound
from app.text.storable import storable


@dataclass(frozen=True, slots=True)
class Closed:
    """An election that was closed, and how many embeddings were deleted with it."""

    election: Election
    embeddings: int


def changed(session: Session, contest_id: str) -> None:
    """Tell every process that this contest must be loaded anew."""
    step = update(ContestRow).where(ContestRow.id == contest_id).values(roster_version=ContestRow.roster_version + 1)
    session.execute(step)


def last_version(session: Session, contest_id: str) -> int:
    """The roster version with which a contest of this id was deleted; 0 where there was none. A new contest of the
    same id counts on, so that nobody takes what is cached of the old one for it."""
    query = select(Event).where(
        Event.object_type == "contest", Event.object_id == contest_id, Event.action == "contest.deleted"
    )
    event = session.scalars(query.order_by(Event.id.desc()).limit(1)).first()
    return int(event.data["roster_version"]) if event else 0


def is_flagged(session: Session, pair: PaslonRow) -> bool:
    """Whether a flag is about this pair, or one of its signals names it."""
    signals = cast(Screening.signals, Text).contains(f'"{pair.id}"', autoescape=True)
    query = select(Flag.id).join(Screening, Flag.screening_id == Screening.id)
    election = select(ContestRow.election_id).where(ContestRow.id == pair.contest_id).scalar_subquery()
    nearby = select(ContestRow.id).where(ContestRow.election_id == election)  # a province's pair is seen in regencies
    query = query.where(Flag.contest_id.in_(nearby), or_(Flag.paslon_id == pair.id, signals))
    return session.scalar(query.limit(1)) is not None


def delete_paslon(session: Session, principal: Principal, paslon_id: str) -> str:
    """Remove a pair with its people and photos; the id of its contest. The caller commits.

    Raises NotFound, or Conflict when a flag refers to the pair."""
    principal.require("roster.write")
    audit.hold(session)
    row = session.get(PaslonRow, storable(paslon_id))
    if row is None:
        raise NotFound("Pasangan ini tidak terdaftar / There is no such pair")
    if is_flagged(session, row):
        raise Conflict(
            "Ada butir tinjauan tentang pasangan ini, jadi ia tetap; perbaiki nama atau katanya"
            " / Items of the queue are about this pair, so it stays: correct its names or words instead"
        )
    contest_id, people = row.contest_id, _people([row])
    facts = {"number": row.number, **people}
    session.delete(row)
    changed(session, contest_id)
    audit.append(session, principal, "paslon.deleted", "paslon", row.id, facts)
    originals.condemn(session, people["photos_withdrawn"], "photo")
    return contest_id


def delete_contest(session: Session, principal: Principal, contest_id: str) -> None:
    """Remove a contest for which nothing was ever handed in, with its pairs and photos; the caller commits.

    Raises NotFound, or Conflict when there are submissions."""
    principal.require("roster.write")
    audit.hold(session)
    row = session.get(ContestRow, storable(contest_id))
    if row is None:
        raise NotFound("Pemilihan ini tidak terdaftar / There is no such contest")
    changed(session, row.id)  # whoever writes, waits from here on
    count = session.scalar(select(func.count()).select_from(Submission).where(Submission.contest_id == row.id)) or 0
    if count:
        raise Conflict(
            f"Pemilihan ini memuat {count} unggahan, jadi tetap ada; tutup pemilunya bila sudah selesai"
            f" / This contest has {count} submissions, so it stays: close its election once that is over"
        )
    session.refresh(row, ["roster_version"])
    people = _people(row.paslon)
    facts = {"name": row.name, "election": row.election_id, "roster_version": row.roster_version, **people}
    session.delete(row)
    audit.append(session, principal, "contest.deleted", "contest", row.id, facts)
    originals.condemn(session, people["photos_withdrawn"], "photo")


def _people(pairs: list[PaslonRow]) -> dict[str, list[str]]:
    """Who leaves with these pairs, as the event tells it."""
    people = [person for pair in pairs for person in pair.candidates]
    return {
        "candidates": [person.name for person in people],
        "photos_withdrawn": [photo.sha256 for person in people for photo in person.photos],
    }


def close_election(session: Session, principal: Principal, election_id: str) -> Closed:
    """Close an election: its contests take no more submissions, and the embeddings of its candidates' photos are
    deleted; flags, photos and names stay for review. There is no way back. The caller commits.

    Raises NotFound, or Conflict when it is closed already or submissions still wait to be screened."""
    principal.require("roster.write")
    audit.hold(session)
    row = session.get(Election, storable(election_id))
    if row is None:
        raise NotFound("Pemilu ini tidak terdaftar / There is no such election")
    close = update(Election).where(Election.id == row.id, Election.closed_at.is_(None)).values(closed_at=now())
    if rows_changed(session.execute(close)) != 1:
        raise Conflict("Pemilu ini sudah ditutup / This election is closed already")
    contests = select(ContestRow.id).where(ContestRow.election_id == row.id)
    waiting = select(func.count()).select_from(Submission)
    waiting = waiting.where(Submission.contest_id.in_(contests), Submission.state == "queued")
    if count := session.scalar(waiting) or 0:
        raise Conflict(
            f"{count} unggahan masih menunggu pemeriksaan; tutup sesudahnya"
            f" / {count} submissions still wait to be screened: close the election after that"
        )
    people = select(CandidateRow.id).join(PaslonRow).where(PaslonRow.contest_id.in_(contests))
    photos = update(ReferencePhoto).where(
        ReferencePhoto.candidate_id.in_(people), ReferencePhoto.embedding.is_not(None)
    )
    deleted = rows_changed(session.execute(photos.values(embedding=None)))
    for contest_id in session.scalars(contests).all():
        changed(session, contest_id)
    audit.append(session, principal, "election.closed", "election", row.id, {"embeddings_deleted": deleted})
    session.refresh(row, ["closed_at"])
    return Closed(row, deleted)


def require_open(session: Session, contest_id: str) -> None:
    """Raise Conflict when the election of this contest is closed, else keep it open until the caller commits."""
    query = select(Election.closed_at).join(ContestRow).where(ContestRow.id == contest_id)
    if session.scalar(query.with_for_update(read=True, of=Election)) is not None:
        raise Conflict("Pemilu ini sudah ditutup / This election is closed")
