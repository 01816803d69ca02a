"""Looking beyond the contest on request: an act with a reason, a hint to the reviewer, and never part of the score."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from app.auth.principal import Principal
from app.db.contest_tables import CandidateRow, ContestRow, Election
from app.db.event_tables import Event
from app.db.flag_tables import Flag
from app.errors import BadInput, Conflict, NotAllowed
from app.imaging.decode import ImageLimits, decode
from app.review.acts import has_conflict, note_of
from app.review.queue import get_flag
from app.roster.enrol import FaceModels
from app.roster.gallery import load_gallery, scope_of
from app.settings import Settings
from app.storage import Blobs
from app.vision.enrolment import same_face
from app.vision.faces import find_faces
from app.vision.gallery import FaceMatch, MatchBand, match_faces
from app.vision.observations import Face

SEARCHED = "flag.searched"
LEAST_REASON = 10
LOWER: Mapping[MatchBand, MatchBand] = {"strong": "possible", "possible": "review"}
"""Somebody among thousands resembles anybody more easily than one of 22: a band less than within the contest."""

Json = dict[str, Any]


class Eyes(Protocol):
    """The part of the services that a search needs; `faces` raises NotReady when the models are missing."""

    @property
    def settings(self) -> Settings:
        """The deployment."""

    @property
    def blobs(self) -> Blobs:
        """The originals."""

    @property
    def limits(self) -> ImageLimits:
        """What one picture may weigh."""

    @property
    def faces(self) -> FaceModels:
        """The face models."""


def search(
    session: Session, eyes: Eyes, principal: Principal, flag_id: uuid.UUID, picture: int, face: int, reason: str
) -> Event:
    """Compare one face (`picture` from 0, `face` from 1, as stored) with the candidates of all other open contests.

    The event that is appended holds the answer; the item's score and band stay. The caller commits. Raises NotFound,
    NotAllowed with a conflict of interest, BadInput without a reason or face, Conflict where the face cannot be
    compared."""
    principal.require("flag.decide")
    flag = get_flag(session, flag_id)
    if has_conflict(session, principal.user_id, flag.contest_id):
        raise NotAllowed(
            "Anda menyatakan benturan kepentingan di sini / You declared a conflict of interest here"
        )  # fmt: skip
    kept = note_of(reason, LEAST_REASON, "reason")
    found = _look(eyes, flag, picture, _stored(flag, picture, face))
    contests, people, match, absent = _compare(session, eyes, flag, found)
    facts: Json = {
        "reason": kept, "picture": picture, "face": face, "contests": contests, "people": people, "band": match.band,
    }  # fmt: skip
    if absent:
        facts["uncompared"] = absent
    if match.candidate is not None:
        facts |= _named(session, match)
    return audit.append(session, principal, SEARCHED, "flag", flag.id, facts)


def searches(events: Iterable[Event]) -> list[Json]:
    """The searches among an item's events, as the explanation tells them; each says that it was national."""
    return [
        {"event": event.id, "at": event.at, "actor": event.actor, "label": "national"} | event.data
        for event in events
        if event.action == SEARCHED
    ]


def _stored(flag: Flag, picture: int, face: int) -> Json:
    observations = flag.screening.observations
    if not 0 <= picture < len(observations):
        raise BadInput("Gambar ini tidak ada / There is no such picture", field="picture")
    faces = observations[picture]["faces"]
    if not 1 <= face <= len(faces):
        raise BadInput("Wajah ini tidak ada / There is no such face", field="face")
    found: Json = faces[face - 1]
    if found["band"] == "too_small":
        raise Conflict(
            "Wajah ini terlalu kecil untuk dibandingkan / This face is too small to be compared", field="face"
        )
    return found


def _look(eyes: Eyes, flag: Flag, picture: int, stored: Json) -> Face:
    """The face once more, from the original: what it looks like was never kept."""
    models = eyes.faces
    image = next(image for image in flag.submission.images if image.position == picture)
    decoded = decode(eyes.blobs.get(image.sha256), eyes.limits)
    faces = find_faces(decoded.pixels, models.detector, models.embedder, models.thresholds)
    number = same_face(faces, [value * decoded.scale for value in stored["box"]])
    if number is None or faces[number].embedding is None:
        raise Conflict("Wajah ini tidak dapat dibandingkan / This face cannot be compared", field="face")
    return faces[number]


def _compare(session: Session, eyes: Eyes, flag: Flag, face: Face) -> tuple[int, int, FaceMatch, int]:
    """How many contests and people it was compared with, the answer, and how many could not be compared."""
    near = scope_of(session, flag.contest_id).ids
    others = select(ContestRow.id).join(Election, Election.id == ContestRow.election_id)
    ids = session.scalars(others.where(Election.closed_at.is_(None), ContestRow.id.not_in(near))).all()
    if not ids:
        return 0, 0, FaceMatch("none"), 0
    models = eyes.faces
    gallery = load_gallery(session, eyes.settings, ids[0], models.embedder.model, *ids[1:])
    (match,) = match_faces([face], gallery, models.thresholds)
    lowered = FaceMatch(LOWER.get(match.band, match.band), match.candidate, photo=match.photo)
    return len(ids), len(set(gallery.candidates)), lowered, len(gallery.absent)


def _named(session: Session, match: FaceMatch) -> Json:
    row = session.get_one(CandidateRow, match.candidate)
    contest = row.paslon.contest
    return {
        "candidate": row.id, "name": row.name, "number": row.paslon.number, "photo": match.photo,
        "contest": contest.id, "contest_name": contest.name, "region": contest.region_name,
    }  # fmt: skip
