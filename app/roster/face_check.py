"""Testing a photo against the registered candidates of a contest: who it would match, or nobody. Nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import Principal
from app.db.contest_tables import CandidateRow, ContestRow
from app.errors import NotFound
from app.imaging.decode import ImageLimits, Picture, decode
from app.imaging.redact import crop, encode_jpeg
from app.roster.closing import require_open
from app.roster.enrol import FaceModels
from app.roster.gallery import load_gallery, scope_of
from app.settings import Settings
from app.text.storable import storable
from app.vision.faces import find_faces
from app.vision.gallery import FaceMatch, FaceThresholds, Gallery, Likeness, MatchBand, match_faces, ranking
from app.vision.observations import Box, Face

UNCOMPARED = frozenset({"too_small", "uncalibrated", "not_compared"})
LISTED = 12
"""Faces of a photo that are told of, the biggest first."""
CROP = 160


@dataclass(frozen=True, slots=True)
class Person:
    """A registered person as a test names them; `contest` names the province's contest for its candidates."""

    id: str
    name: str
    number: int | None
    contest: str
    score: float
    photo: str


@dataclass(frozen=True, slots=True)
class CheckedFace:
    """One face: its box (pixels of the photo) and width, and what it would match. `best` and `second` are the two
    people nearest to it, None in the band "none" and in those of UNCOMPARED; `highest` is the nearest cosine
    whoever it is; `crop` is a JPEG of the face, for the answer alone."""

    box: Box
    size: float
    band: MatchBand
    best: Person | None
    second: Person | None
    highest: float | None
    crop: bytes

    @property
    def margin(self) -> float | None:
        """How far the second person is behind the first."""
        return None if self.best is None or self.second is None else self.best.score - self.second.score


@dataclass(frozen=True, slots=True)
class FaceCheck:
    """The answer. `photos` of `people` were compared, made by the model in use; `unlisted` faces are left out."""

    faces: tuple[CheckedFace, ...]
    photos: int
    people: int
    unlisted: int
    thresholds: FaceThresholds


def check_faces(
    session: Session, settings: Settings, models: FaceModels, principal: Principal, contest_id: str, data: bytes
) -> FaceCheck:
    """Compare the faces of a photo with the registered photos of a contest; the caller commits the event, which says
    that somebody tested and what came out, and nothing of the photo.

    Raises NotFound, Conflict when the election is closed, and what `decode` raises of a picture that is none."""
    principal.require("roster.write")
    contest = session.get(ContestRow, storable(contest_id))
    if contest is None:
        raise NotFound("Pemilihan ini tidak terdaftar / There is no such contest")
    require_open(session, contest.id)
    _, *provinces = scope_of(session, contest.id).ids
    gallery = load_gallery(session, settings, contest.id, models.embedder.model, *provinces)
    picture = decode(data, ImageLimits(settings.max_image_bytes, settings.max_image_pixels))
    faces = find_faces(picture.pixels, models.detector, models.embedder, models.thresholds)
    matches = match_faces(faces, gallery, models.thresholds)
    pairs = list(zip(faces, matches, strict=True))[:LISTED]
    checked = tuple(_checked(session, contest.id, picture, face, match, gallery) for face, match in pairs)
    bands = [match.band for match in matches]
    facts = {"faces": len(faces), "bands": {band: bands.count(band) for band in sorted(set(bands))}}
    audit.append(session, principal, "face.checked", "contest", contest.id, facts)
    photos, people = len(gallery.photos), len(set(gallery.candidates))
    return FaceCheck(checked, photos, people, len(faces) - len(checked), models.thresholds)


def _checked(
    session: Session, contest_id: str, picture: Picture, face: Face, match: FaceMatch, gallery: Gallery
) -> CheckedFace:
    near = ranking(face, gallery) if match.band not in UNCOMPARED else ()
    named = [_person(session, contest_id, likeness) for likeness in near[:2]] if match.candidate else []
    x0, y0, x1, y1 = face.box
    scale = picture.scale
    return CheckedFace(
        box=(x0 / scale, y0 / scale, x1 / scale, y1 / scale),
        size=face.size / scale,
        band=match.band,
        best=named[0] if named else None,
        second=named[1] if len(named) > 1 else None,
        highest=near[0].score if near else None,
        crop=encode_jpeg(crop(picture.pixels, face.box), CROP),
    )


def _person(session: Session, contest_id: str, likeness: Likeness) -> Person:
    row = session.get_one(CandidateRow, likeness.candidate)
    other = "" if row.paslon.contest_id == contest_id else row.paslon.contest.name
    return Person(row.id, row.name, row.paslon.number, other, likeness.score, likeness.photo)
