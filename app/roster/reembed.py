"""Reference photos after a change of the face model: which are left behind, and embedding them anew one by one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import Select, case, func, select, update
from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import Principal
from app.db.contest_tables import CandidateRow, ContestRow, Election, PaslonRow, ReferencePhoto
from app.db.engine import rows_changed
from app.errors import AppError, BadInput, NotReady
from app.imaging.decode import ImageLimits, decode
from app.roster.closing import changed, require_open
from app.roster.enrol import FaceModels
from app.roster.vault import seal
from app.sealing import fernet
from app.settings import Settings
from app.storage import Blobs
from app.vision.enrolment import choose_face, quality, same_face
from app.vision.faces import find_faces
from app.vision.packs import find_pack


@dataclass(frozen=True, slots=True)
class GalleryState:
    """How far the photos of an open contest are comparable: `behind` of `photos` were embedded by another model."""

    contest: str
    name: str
    photos: int
    behind: int


@dataclass(frozen=True, slots=True)
class Embedded:
    """What became of one photo: done, gone (withdrawn meanwhile, or its election closed), same (nothing to do), or
    refused with the reason that its uploader would be told (Indonesian / English)."""

    photo: str
    candidate: str
    outcome: str
    reason: str = ""


def model_in_use(settings: Settings) -> str | None:
    """The recogniser of the pack in use, without opening it; None where its list cannot be read."""
    try:
        return find_pack(settings.models_dir, settings.model_pack).embedding_id
    except (NotReady, KeyError):
        return None


def states(session: Session, model: str) -> list[GalleryState]:
    """Every contest of an open election that has reference photos, those left behind first."""
    behind = func.sum(case((ReferencePhoto.model != model, 1), else_=0))
    query = (
        select(ContestRow.id, ContestRow.name, func.count(), behind)
        .join(PaslonRow, PaslonRow.contest_id == ContestRow.id)
        .join(CandidateRow)
        .join(ReferencePhoto)
        .join(Election, Election.id == ContestRow.election_id)
        .where(Election.closed_at.is_(None), ReferencePhoto.embedding.is_not(None))
        .group_by(ContestRow.id, ContestRow.name)
    )
    found = [GalleryState(contest, name, photos, int(old)) for contest, name, photos, old in session.execute(query)]
    return sorted(found, key=lambda one: (-one.behind, one.contest))


def behind(session: Session, model: str) -> list[uuid.UUID]:
    """The photos of open elections whose embedding another model made, in an order that stays."""
    return list(session.scalars(_behind(model).order_by(ReferencePhoto.created_at, ReferencePhoto.id)))


def count_behind(session: Session, model: str) -> int:
    """How many there are."""
    return session.scalar(select(func.count()).select_from(_behind(model).subquery())) or 0


def _behind(model: str) -> Select[uuid.UUID]:
    return (
        select(ReferencePhoto.id)
        .join(CandidateRow)
        .join(PaslonRow)
        .join(ContestRow, ContestRow.id == PaslonRow.contest_id)
        .join(Election, Election.id == ContestRow.election_id)
        .where(Election.closed_at.is_(None), ReferencePhoto.embedding.is_not(None), ReferencePhoto.model != model)
    )


def embed_again(
    session: Session, blobs: Blobs, settings: Settings, models: FaceModels, principal: Principal, photo_id: uuid.UUID
) -> Embedded:
    """Replace the embedding of one photo by that of the model in use, made from the kept original; the caller commits.

    The old one stays where the photo cannot serve: nobody is compared with it, and the photo is named as refused."""
    principal.require("roster.write")
    photo = session.get(ReferencePhoto, photo_id)
    if photo is None or photo.embedding is None:
        return Embedded(str(photo_id), "", "gone")
    candidate, before = photo.candidate_id, photo.model
    if before == models.embedder.model:
        return Embedded(str(photo_id), candidate, "same")
    contest, box = photo.candidate.paslon.contest_id, photo.box
    try:
        require_open(session, contest)
        picture = decode(blobs.get(photo.sha256), ImageLimits(settings.max_image_bytes, settings.max_image_pixels))
        faces = find_faces(picture.pixels, models.detector, models.embedder, models.thresholds)
        face = choose_face(faces, same_face(faces, [value * picture.scale for value in box]))
    except AppError as error:
        return Embedded(str(photo_id), candidate, "refused", error.detail)
    if face.embedding is None:
        raise BadInput("Wajah tidak dapat dibandingkan / The face cannot be compared", field="photo")
    values = {
        "model": models.embedder.model,
        "embedding": seal(fernet(settings), face.embedding),
        "quality": quality(picture.pixels, face, models.thresholds),
        "box": [round(value / picture.scale, 1) for value in face.box],
    }
    audit.hold(session)
    still = ReferencePhoto.id == photo_id, ReferencePhoto.embedding.is_not(None), ReferencePhoto.model == before
    replaced = update(ReferencePhoto).where(*still).values(**values)
    if rows_changed(session.execute(replaced.execution_options(synchronize_session=False))) != 1:
        return Embedded(str(photo_id), candidate, "gone")
    changed(session, contest)
    facts = {"photo": str(photo_id), "before": before, "model": models.embedder.model}
    audit.append(session, principal, "photo.reembedded", "candidate", candidate, facts)
    return Embedded(str(photo_id), candidate, "done")
