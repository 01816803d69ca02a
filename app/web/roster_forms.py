"""Changing the roster by form: elections, contests, pairs, registered photos. Coordinators and admins."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel, ValidationError
from sqlalchemy.orm import Session

from app.api.deps import ServicesDep, SessionDep, may
from app.api.face_check import run_check
from app.api.photo_form import PhotoDep
from app.api.problems import from_validation
from app.auth.principal import Principal
from app.db.contest_tables import CandidateRow, ContestRow, ReferencePhoto
from app.errors import AppError, BadInput, NotFound
from app.roster import service
from app.roster.enrol import enrol, withdraw
from app.roster.file import ContestFile, ElectionFile, PaslonFile, StageFile
from app.roster.gallery import outline
from app.roster.stages import stage_of
from app.text.storable import storable
from app.web.contest_list import draw_elections
from app.web.contests import draw_contest
from app.web.page import language_of, see_other

router = APIRouter(prefix="/roster")
Writer = Annotated[Principal, may("roster.write")]
Text = Annotated[str, Form()]
Texts = Annotated[list[str], Form()]
Entry = TypeVar("Entry", bound=BaseModel)


@router.post("/pemilu")
def add_election(
    request: Request,
    session: SessionDep,
    principal: Writer,
    id: Text = "",  # noqa: A002
    name: Text = "",
    kind: Text = "pilkada",
    voting_day: Text = "",
) -> Response:
    """An election; one of the same id is changed."""
    given = {"id": id, "name": name, "kind": kind, "voting_day": voting_day}
    try:
        service.save_election(session, principal, checked(ElectionFile, given))
        session.commit()
    except AppError as error:
        return _refused(request, session, principal, error, "election", given)
    return see_other("/kontes")


@router.post("/kontes")
def add_contest(
    request: Request,
    session: SessionDep,
    principal: Writer,
    election: Text = "",
    id: Text = "",  # noqa: A002
    name: Text = "",
    region_code: Text = "",
    region_name: Text = "",
    timezone: Text = "Asia/Jakarta",
) -> Response:
    """A contest without pairs; they are added on its own page."""
    given = {
        "election": election, "id": id, "name": name, "region_code": region_code, "region_name": region_name,
        "timezone": timezone,
    }  # fmt: skip
    region = {"code": region_code.strip(), "name": region_name}
    try:
        entry = checked(ContestFile, {"id": id, "name": name, "region": region, "timezone": timezone})
        entry = entry.model_copy(update={"stages": _own_stages(session, entry.id)})
        service.save_contest(session, principal, election, entry)
        session.commit()
    except AppError as error:
        return _refused(request, session, principal, error, "contest", given)
    return see_other(f"/kontes/{entry.id}")


def _own_stages(session: Session, contest_id: str) -> list[StageFile]:
    """The stages that a contest of this id has set already: this form does not speak of them."""
    row = session.get(ContestRow, contest_id)
    return [stage_of(span) for span in outline(row).stage_overrides] if row else []


@router.post("/paslon")
def save_pair(
    request: Request,
    session: SessionDep,
    principal: Writer,
    contest: Text,
    number: Text = "",
    head: Text = "",
    head_nicknames: Text = "",
    deputy: Text = "",
    deputy_nicknames: Text = "",
    aliases: Text = "",
    slogans: Text = "",
    hashtags: Text = "",
    parties: Text = "",
    accounts: Text = "",
    salam: Texts = [],  # noqa: B006
) -> Response:
    """A pair with its words; the pair of the same number, or of the same people, is changed."""
    people = [(head, head_nicknames), (deputy, deputy_nicknames)]
    words = {
        "aliases": aliases, "slogans": slogans, "hashtags": hashtags, "parties": parties, "accounts": accounts,
    }  # fmt: skip
    drawn = number.strip()
    given: dict[str, Any] = {
        "number": int(drawn) if re.fullmatch(r"[0-9]{1,4}", drawn) else drawn or None,
        "candidates": [{"name": name, "nicknames": _list(short, r"[,\n]")} for name, short in people if name.strip()],
        **{name: _list(text, r"\n") for name, text in words.items()},
        "salam": [pose for one in salam for pose in _list(one, r"\n")],
    }
    if session.get(ContestRow, contest) is None:
        raise NotFound("Pemilihan ini tidak terdaftar / There is no such contest")
    try:
        service.save_paslon(session, principal, contest, checked(PaslonFile, given))
        session.commit()
    except AppError as error:
        session.rollback()
        return draw_contest(request, session, principal, contest, failure=failure_of(request, error, "pair"))
    return see_other(f"/kontes/{contest}")


@router.post("/foto")
def add_photo(
    request: Request,
    session: SessionDep,
    services: ServicesDep,
    principal: Writer,
    photo: PhotoDep,
) -> Response:
    """A registered photo; refused with the reason when its face cannot serve."""
    candidate = photo.candidate
    person = session.get(CandidateRow, storable(candidate))
    if person is None:
        raise NotFound("Calon ini tidak terdaftar / There is no such candidate")
    contest = person.paslon.contest_id
    face = photo.data, photo.choice
    try:
        enrol(session, services.blobs, services.settings, services.faces, principal, candidate, *face)
        session.commit()
    except AppError as error:
        session.rollback()
        return draw_contest(request, session, principal, contest, failure=failure_of(request, error, candidate))
    return see_other(f"/kontes/{contest}")


@router.post("/uji-foto/{contest_id:path}")
def try_photo(
    request: Request, session: SessionDep, services: ServicesDep, principal: Writer, photo: PhotoDep, contest_id: str
) -> Response:
    """Who a photo would match, told on the page of the contest at once: nothing is kept that it could lead back to."""
    try:
        found = run_check(services, session, principal, contest_id, photo.data)
        session.commit()
    except AppError as error:
        session.rollback()
        failure = failure_of(request, error, "check")
        return draw_contest(request, session, principal, contest_id, failure=failure)
    return draw_contest(request, session, principal, contest_id, found=found)


@router.post("/foto/{photo_id}/cabut")
def withdraw_photo(session: SessionDep, principal: Writer, photo_id: UUID) -> Response:
    """A registered photo and its stored face code are removed."""
    photo = session.get(ReferencePhoto, photo_id)
    if photo is None:
        raise NotFound("Foto ini tidak ada / There is no such photo")
    contest = photo.candidate.paslon.contest_id
    withdraw(session, principal, photo)
    session.commit()
    return see_other(f"/kontes/{contest}")


def checked(kind: type[Entry], given: dict[str, Any]) -> Entry:
    """The entry, checked as in a roster file. Raises BadInput that names the field."""
    try:
        return kind(**given)
    except ValidationError as error:
        raise from_validation(error.errors()) from error


def day_of(text: str, field: str) -> date:
    """The day of a date field. Raises BadInput."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise BadInput("Isi tanggalnya / Give the date", field=field) from error


def _list(text: str, separator: str) -> list[str]:
    return [part.strip() for part in re.split(separator, text) if part.strip()]


def failure_of(request: Request, error: AppError, form: str) -> dict[str, Any]:
    """What a page is told of a refusal: which form, why, and the faces to choose from."""
    message = language_of(request).one_of(error.detail)
    return {"form": form, "message": message, "faces": error.extra.get("faces", []), "status": error.status}


def _refused(
    request: Request, session: Session, principal: Principal, error: AppError, form: str, given: dict[str, str]
) -> Response:
    session.rollback()
    return draw_elections(request, session, principal, failure=failure_of(request, error, form), given=given)
