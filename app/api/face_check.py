"""Testing a photo: which registered candidate would it match? Answered at once; nothing of the photo is kept."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.api.deps import ServicesDep, SessionDep, may
from app.api.photo_form import PHOTO_SCHEMA, PhotoDep
from app.api.problems import problem_responses
from app.auth.principal import Principal
from app.intake.accept import DECODERS
from app.roster.face_check import FaceCheck, Person, check_faces
from app.roster.photo_report import report
from app.screening.service import Services
from app.vision.gallery import MatchBand

router = APIRouter(prefix="/api/v1", tags=["roster"])
Writer = Annotated[Principal, may("roster.write")]
SCHEMA: dict[str, Any] = PHOTO_SCHEMA | {"properties": {"photo": PHOTO_SCHEMA["properties"]["photo"]}}


class PersonOut(BaseModel):
    """A registered person near to a face: the cosine, and the closest of their photos. `contest` names that of the
    province for its candidates."""

    candidate: str
    name: str
    number: int | None
    contest: str | None
    score: float
    photo: uuid.UUID


class FaceOut(BaseModel):
    """One face of the photo. `best` and `second` are null where nobody is named: in the bands none, too_small,
    uncalibrated and not_compared."""

    box: list[float]
    size: float
    band: MatchBand
    best: PersonOut | None
    second: PersonOut | None
    margin: float | None
    highest: float | None


class FaceCheckOut(BaseModel):
    """Every face of the photo, biggest first, with what it was compared with."""

    contest: str
    photos: int
    people: int
    faces: list[FaceOut]
    unlisted: int


class ResemblesOut(BaseModel):
    """Another candidate whom a registered photo resembles enough to be named: the cosine, and the photo of theirs."""

    candidate: str
    score: float
    photo: uuid.UUID


class PhotoReportOut(BaseModel):
    """A registered photo: any of small, blurred, turned, weak, drawn, and whom else it resembles."""

    photo: uuid.UUID
    warnings: list[str]
    resembles: ResemblesOut | None


class PersonReportOut(BaseModel):
    """The registered photos of a candidate; `missing` more are asked for."""

    candidate: str
    name: str
    number: int | None
    photos: list[PhotoReportOut]
    missing: int


class PhotoReportsOut(BaseModel):
    """Every candidate of the contest, in the order of the ballot."""

    items: list[PersonReportOut]


def run_check(services: Services, session: Session, principal: Principal, contest_id: str, data: bytes) -> FaceCheck:
    """The test for an endpoint or a page, which has to commit its event; as few pictures at a time as elsewhere."""
    models = services.faces
    with DECODERS:
        return check_faces(session, services.settings, models, principal, contest_id, data)


@router.get("/contests/{contest_id}/photo-report", operation_id="report_photos", responses=problem_responses(404, 503))
def report_photos(contest_id: str, _principal: Writer, services: ServicesDep, session: SessionDep) -> PhotoReportsOut:
    """Which registered photos are weak or resemble another candidate, and where more are asked for."""
    found = report(session, services.settings, contest_id)
    return PhotoReportsOut(items=[PersonReportOut.model_validate(one, from_attributes=True) for one in found])


@router.post(
    "/contests/{contest_id}/face-check",
    operation_id="check_face",
    responses=problem_responses(400, 404, 409, 413, 422, 503),
    openapi_extra={"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": SCHEMA}}}},
)
def check_face(
    contest_id: str, principal: Writer, services: ServicesDep, session: SessionDep, photo: PhotoDep
) -> FaceCheckOut:
    """Which registered candidate the faces of a photo would match, in bands, with the margin to the next person.

    The photo, its faces and their embeddings are not kept. That a test was made is an event."""
    found = run_check(services, session, principal, contest_id, photo.data)
    session.commit()
    faces = [
        FaceOut(
            box=[round(value, 1) for value in face.box],
            size=round(face.size, 1),
            band=face.band,
            best=_person(face.best),
            second=_person(face.second),
            margin=None if face.margin is None else round(face.margin, 4),
            highest=None if face.highest is None else round(face.highest, 4),
        )
        for face in found.faces
    ]
    return FaceCheckOut(
        contest=contest_id, photos=found.photos, people=found.people, faces=faces, unlisted=found.unlisted
    )


def _person(person: Person | None) -> PersonOut | None:
    if person is None:
        return None
    return PersonOut(
        candidate=person.id,
        name=person.name,
        number=person.number,
        contest=person.contest or None,
        score=round(person.score, 4),
        photo=uuid.UUID(person.photo),
    )
