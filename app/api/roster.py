"""Elections, contests, pairs and their registered photos."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.api.deps import ServicesDep, SessionDep, may
from app.api.etags import ExpectedDep
from app.api.pages import PageDep, PageOut, shown
from app.api.photo_form import PHOTO_SCHEMA, PhotoDep
from app.api.problems import problem_responses
from app.auth.principal import Principal
from app.db.contest_tables import CandidateRow, ContestRow, Election, PaslonRow, ReferencePhoto
from app.db.keyset import Sort, paged
from app.errors import BadInput, NotFound
from app.roster import service
from app.roster.enrol import enrol, withdraw
from app.roster.file import ContestFile, ElectionFile, PaslonFile
from app.text.storable import storable

router = APIRouter(prefix="/api/v1", tags=["roster"])
Reader = Annotated[Principal, may("roster.read")]
Writer = Annotated[Principal, may("roster.write")]
BY_ID = Sort(((ContestRow.id, False),))
Row = TypeVar("Row")
LATEST = Sort(((Election.voting_day, True), (Election.id, False)))


class PhotoOut(BaseModel):
    """A registered photo with what was measured on it."""

    id: uuid.UUID
    sha256: str
    box: list[float]
    quality: dict[str, Any]
    model: str


class CandidateOut(BaseModel):
    """One person of a pair."""

    id: str
    position: int
    name: str
    nicknames: list[str]
    photos: list[PhotoOut]


class PaslonOut(BaseModel):
    """A pair with everything that names it."""

    id: str
    number: int | None
    candidates: list[CandidateOut]
    aliases: list[str]
    slogans: list[str]
    hashtags: list[str]
    parties: list[str]
    accounts: list[str]
    salam: list[str]


class ContestOut(BaseModel):
    """A contest; `paslon` only where one contest was asked for."""

    id: str
    name: str
    election: str
    voting_day: date
    region_code: str
    region_name: str
    timezone: str
    roster_version: int
    closed_at: datetime | None
    paslon: list[PaslonOut] | None = None


class ElectionOut(BaseModel):
    """A voting day; `closed_at` is null while posts are taken for its contests."""

    id: str
    name: str
    kind: str
    voting_day: date
    closed_at: datetime | None


class ElectionPage(PageOut[ElectionOut]):
    """Some elections, the latest voting day first."""


class ContestPage(PageOut[ContestOut]):
    """Some contests, in the order of their ids."""


def election_out(row: Election) -> ElectionOut:
    """An election without its contests."""
    return ElectionOut.model_validate(row, from_attributes=True)


def photo_out(row: ReferencePhoto) -> PhotoOut:
    """A registered photo without its embedding."""
    return PhotoOut(id=row.id, sha256=row.sha256, box=row.box, quality=row.quality, model=row.model)


def paslon_out(row: PaslonRow) -> PaslonOut:
    """A pair with its people."""
    people = [
        CandidateOut(
            id=person.id,
            position=person.position,
            name=person.name,
            nicknames=person.nicknames,
            photos=[photo_out(photo) for photo in person.photos],
        )
        for person in row.candidates
    ]
    return PaslonOut(
        id=row.id,
        number=row.number,
        candidates=people,
        aliases=row.aliases,
        slogans=row.slogans,
        hashtags=row.hashtags,
        parties=row.parties,
        accounts=row.accounts,
        salam=row.salam,
    )


def contest_out(row: ContestRow, *, whole: bool) -> ContestOut:
    """A contest, with its pairs when `whole`."""
    return ContestOut(
        id=row.id,
        name=row.name,
        election=row.election_id,
        voting_day=row.election.voting_day,
        region_code=row.region_code,
        region_name=row.region_name,
        timezone=row.timezone,
        roster_version=row.roster_version,
        closed_at=row.election.closed_at,
        paslon=[paslon_out(pair) for pair in row.paslon] if whole else None,
    )


def whole(row: ContestRow) -> ContestOut:
    """A contest with its pairs."""
    return contest_out(row, whole=True)


def _known(row: Row | None, show: Callable[[Row], BaseModel]) -> BaseModel | None:
    return None if row is None else show(row)


def find_contest(session: Session, contest_id: str) -> ContestRow:
    """The contest with its whole roster. Raises NotFound."""
    people = selectinload(ContestRow.paslon).selectinload(PaslonRow.candidates).selectinload(CandidateRow.photos)
    row = session.scalar(select(ContestRow).where(ContestRow.id == storable(contest_id)).options(people))
    if row is None:
        raise NotFound("Pemilihan ini tidak terdaftar / There is no such contest")
    return row


@router.get("/contests", operation_id="list_contests", responses=problem_responses(422))
def list_contests(
    _principal: Reader,
    session: SessionDep,
    page: PageDep,
) -> ContestPage:
    """All contests, in the order of their ids."""
    found = paged(session, select(ContestRow), BY_ID, page.after, page.limit)
    return ContestPage(**shown(found, lambda row: contest_out(row, whole=False)))


@router.get("/contests/{contest_id}", operation_id="read_contest", responses=problem_responses(404))
def read_contest(contest_id: str, _principal: Reader, session: SessionDep) -> ContestOut:
    """One contest with its pairs, people and photos."""
    return whole(find_contest(session, contest_id))


@router.get("/elections", operation_id="list_elections", responses=problem_responses(422))
def list_elections(_principal: Reader, session: SessionDep, page: PageDep) -> ElectionPage:
    """All elections, the latest voting day first."""
    return ElectionPage(**shown(paged(session, select(Election), LATEST, page.after, page.limit), election_out))


@router.get("/elections/{election_id}", operation_id="read_election", responses=problem_responses(404))
def read_election(election_id: str, _principal: Reader, session: SessionDep) -> ElectionOut:
    """One election."""
    row = session.get(Election, storable(election_id))
    if row is None:
        raise NotFound("Pemilu ini tidak terdaftar / There is no such election")
    return election_out(row)


@router.put("/elections/{election_id}", operation_id="save_election", responses=problem_responses(412, 422))
def save_election(
    election_id: str, body: ElectionFile, principal: Writer, session: SessionDep, expected: ExpectedDep
) -> ElectionOut:
    """Create or update an election; `id` is the one in the address. `If-Match`: the ETag of `read_election`."""
    if body.id != election_id:
        raise BadInput("Kode pemilu berbeda dari alamatnya / The id is not the one in the address", field="id")
    expected.hold(session, lambda: _known(session.get(Election, storable(election_id)), election_out))
    row: Election = service.save_election(session, principal, body)
    session.commit()
    return election_out(row)


@router.put(
    "/elections/{election_id}/contests", operation_id="save_contest", responses=problem_responses(409, 412, 422)
)
def save_contest(
    election_id: str, body: ContestFile, principal: Writer, session: SessionDep, expected: ExpectedDep
) -> ContestOut:
    """Create or update a contest with the pairs named; pairs that are not named stay. `If-Match`: the ETag of
    `read_contest`."""
    expected.hold(session, lambda: _known(session.get(ContestRow, body.id), whole))
    service.save_contest(session, principal, election_id, body)
    for pair in body.paslon:
        service.save_paslon(session, principal, body.id, pair)
    session.commit()
    return whole(find_contest(session, body.id))


@router.put(
    "/contests/{contest_id}/paslon", operation_id="save_paslon", responses=problem_responses(404, 409, 412, 422)
)
def save_paslon(
    contest_id: str, body: PaslonFile, principal: Writer, session: SessionDep, expected: ExpectedDep
) -> PaslonOut:
    """Create or update one pair; photos are added by their own route. `If-Match`: the ETag of `read_contest`."""
    expected.hold(session, lambda: whole(find_contest(session, contest_id)))
    find_contest(session, contest_id)
    row = service.save_paslon(session, principal, contest_id, body)
    session.commit()
    return paslon_out(row)


@router.post(
    "/candidates/{candidate_id:path}/photos",
    status_code=201,
    operation_id="enrol_photo",
    responses=problem_responses(400, 404, 409, 413, 422, 503),
    openapi_extra={"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": PHOTO_SCHEMA}}}},
)
def enrol_photo(
    candidate_id: str,
    principal: Writer,
    services: ServicesDep,
    session: SessionDep,
    photo: PhotoDep,
) -> PhotoOut:
    """Register a photo of a candidate. Refused with the reason when it cannot serve for comparing."""
    face = photo.data, photo.choice
    row = enrol(session, services.blobs, services.settings, services.faces, principal, candidate_id, *face)
    session.commit()
    return photo_out(row)


@router.delete("/photos/{photo_id}", status_code=204, operation_id="withdraw_photo", responses=problem_responses(404))
def withdraw_photo(photo_id: uuid.UUID, principal: Writer, session: SessionDep) -> None:
    """Remove a registered photo and its embedding."""
    row = session.get(ReferencePhoto, photo_id)
    if row is None:
        raise NotFound("Foto ini tidak ada / There is no such photo")
    withdraw(session, principal, row)
    session.commit()
