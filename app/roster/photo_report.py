"""Registered photos that resemble another candidate: of the wrong person, or of two people whom the model confuses."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db.contest_tables import CandidateRow, ContestRow, PaslonRow, ReferencePhoto
from app.errors import NotFound, NotReady
from app.roster.gallery import load_gallery
from app.settings import Settings
from app.text.storable import storable
from app.vision.gallery import FaceThresholds, Likeness, crossed
from app.vision.packs import find_pack

WANTED = 3
"""Photos per person that a roster should have."""
MOST = 800
"""Photos of a contest that are compared with each other for a page."""


def confusable(session: Session, settings: Settings, contest_id: str) -> dict[str, Likeness] | None:
    """Photo -> the photo of another candidate of the contest that it resembles as much as a found face must resemble
    somebody to be named; None where that cannot be told: another key, or more than MOST photos."""
    query = (
        select(ReferencePhoto.model, func.count())
        .join(CandidateRow)
        .join(PaslonRow)
        .where(PaslonRow.contest_id == contest_id)
        .group_by(ReferencePhoto.model)
    )
    models = {row[0]: row[1] for row in session.execute(query)}
    if sum(models.values()) > MOST:
        return None
    least = limits(settings).possible
    found: dict[str, Likeness] = {}
    try:
        for model in models:
            found |= crossed(load_gallery(session, settings, contest_id, model), least)
    except NotReady:
        return None
    return found


def limits(settings: Settings) -> FaceThresholds:
    """The thresholds of the pack in use, without opening it; the standard ones where its list cannot be read."""
    try:
        return find_pack(settings.models_dir, settings.model_pack).thresholds
    except NotReady:
        return FaceThresholds()


@dataclass(frozen=True, slots=True)
class PhotoLine:
    """One registered photo: what is weak about it (codes of app.vision.enrolment.quality), and the other candidate whom
    it resembles, if any."""

    photo: str
    warnings: tuple[str, ...]
    resembles: Likeness | None


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A candidate with their photos; `missing` more are asked for."""

    candidate: str
    name: str
    number: int | None
    photos: tuple[PhotoLine, ...]
    missing: int


def report(session: Session, settings: Settings, contest_id: str) -> tuple[PersonLine, ...]:
    """Every candidate of a contest, in the order of the ballot. Raises NotFound, or NotReady where photos cannot be
    compared with each other: another key, or too many."""
    row = session.get(ContestRow, storable(contest_id))
    if row is None:
        raise NotFound("Pemilihan ini tidak terdaftar / There is no such contest")
    alike = confusable(session, settings, row.id)
    if alike is None:
        raise NotReady(
            "Foto tidak dapat dibandingkan satu sama lain: kunci lain, atau terlalu banyak"
            " / The photos cannot be compared with each other: another key, or too many"
        )
    return tuple(
        PersonLine(
            person.id,
            person.name,
            pair.number,
            tuple(
                PhotoLine(str(photo.id), tuple(photo.quality.get("warnings", ())), alike.get(str(photo.id)))
                for photo in person.photos
            ),
            max(0, WANTED - len(person.photos)),
        )
        for pair in row.paslon
        for person in pair.candidates
    )
