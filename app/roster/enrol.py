"""Enrolling a registered photo: one face, good enough to compare, its embedding sealed."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit, originals
from app.auth.principal import Principal
from app.db.contest_tables import CandidateRow, ReferencePhoto
from app.errors import BadInput, Conflict, NotFound
from app.imaging.decode import ImageLimits, decode, inspect, sha256
from app.roster.closing import changed, require_open
from app.roster.vault import seal
from app.sealing import fernet
from app.settings import Settings
from app.storage import Blobs
from app.text.storable import storable
from app.vision.enrolment import choose_face, quality
from app.vision.faces import Detector, FaceEmbedder, find_faces
from app.vision.gallery import FaceThresholds


class FaceModels(Protocol):
    """The part of a model pack that enrolment needs."""

    @property
    def detector(self) -> Detector:
        """Finds faces."""

    @property
    def embedder(self) -> FaceEmbedder:
        """Makes embeddings."""

    @property
    def thresholds(self) -> FaceThresholds:
        """Limits of the pack."""


def enrol(
    session: Session,
    blobs: Blobs,
    settings: Settings,
    models: FaceModels,
    principal: Principal,
    candidate_id: str,
    data: bytes,
    choice: int | None = None,
) -> ReferencePhoto:
    """Store a registered photo of a candidate; the caller commits.

    Raises BadInput with the reason when the photo cannot serve (no face, several and none chosen, too small),
    Conflict when the candidate has this photo already or the election is closed."""
    principal.require("roster.write")
    candidate = session.get(CandidateRow, storable(candidate_id))
    if candidate is None:
        raise NotFound("Calon ini tidak terdaftar / There is no such candidate")
    if _already(session, candidate_id, sha256(data)):
        raise Conflict("Foto ini sudah terdaftar untuk calon tersebut / This photo is registered already")
    contest_id = candidate.paslon.contest_id
    require_open(session, contest_id)
    limits = ImageLimits(settings.max_image_bytes, settings.max_image_pixels)
    header = inspect(data, limits)
    picture = decode(data, limits)
    faces = find_faces(picture.pixels, models.detector, models.embedder, models.thresholds)
    face = choose_face(faces, choice)
    if face.embedding is None:
        raise BadInput("Wajah tidak dapat dibandingkan / The face cannot be compared", field="photo")
    digest = blobs.put(data)
    audit.hold(session)
    photo = ReferencePhoto(
        candidate_id=candidate_id,
        sha256=digest,
        mime=header.mime,
        box=[round(value / picture.scale, 1) for value in face.box],
        quality=quality(picture.pixels, face, models.thresholds),
        model=models.embedder.model,
        embedding=seal(fernet(settings), face.embedding),
    )
    candidate.photos.append(photo)
    changed(session, contest_id)
    require_open(session, contest_id)  # also now that nobody else writes
    session.flush()
    facts = {"photo": str(photo.id), "sha256": digest, "quality": photo.quality}
    audit.append(session, principal, "photo.enrolled", "candidate", candidate_id, facts)
    originals.keep(session, blobs, {digest: lambda: data})
    return photo


def _already(session: Session, candidate_id: str, digest: str) -> bool:
    query = select(ReferencePhoto.id).where(
        ReferencePhoto.candidate_id == candidate_id, ReferencePhoto.sha256 == digest
    )
    return session.scalar(query) is not None


def withdraw(session: Session, principal: Principal, photo: ReferencePhoto) -> None:
    """Remove a registered photo with its embedding; the caller commits."""
    principal.require("roster.write")
    audit.hold(session)
    candidate = photo.candidate
    changed(session, candidate.paslon.contest_id)
    session.delete(photo)
    audit.append(session, principal, "photo.withdrawn", "candidate", candidate.id, {"sha256": photo.sha256})
    originals.condemn(session, [photo.sha256], "photo")
