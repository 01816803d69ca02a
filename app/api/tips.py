"""Informasi awal from the public: sent by anybody, looked through and converted by people of the office."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict
from sqlalchemy.orm import Session

from app import telemetry
from app.api.deps import ANYONE, Number, ServicesDep, SessionDep, may
from app.api.flags import DecisionOut, decided
from app.api.problems import problem_responses
from app.api.tip_form import STATUS, TIP_SCHEMA, GateDep, ProvenDep, TipDep, signing
from app.auth.principal import Principal
from app.db.base import now
from app.db.event_tables import Event
from app.errors import AppError
from app.review.reasons import LONGEST_NOTE
from app.sealing import fernet
from app.tips import convert, found, proof, sheet
from app.tips.receive import receive
from app.tips.status import Stage, status_of

router = APIRouter(prefix="/api/v1/tips", tags=["tips"])
Reader = Annotated[Principal, may("flag.read")]
Officer = Annotated[Principal, may("tip.convert")]
Coordinator = Annotated[Principal, may("reporter.read")]
REFUSALS = problem_responses(404, 409, 422)
EXAMPLE: JsonDict = {
    "kind": "laporan", "known_date": "2029-11-20", "place": "Halaman kantor kecamatan", "seen": 41,
    "note": "Lurah mengunggah ajakan memilih nomor urut 2 di grup warga.",
    "reporter": {
        "name": "Nama Pelapor", "address": "Jalan Contoh 1, Muara Embun", "contact": "0800-000-000",
        "standing": "voter", "signed": True,
    },
}  # fmt: skip


class ChallengeOut(BaseModel):
    """Find a number for which sha256("<challenge>:<number>") begins with `bits` zero bits; good for one tip."""

    challenge: str
    bits: int
    expires_at: datetime


class ReceiptOut(BaseModel):
    """The receipt code, told this once: only its hash is stored."""

    code: str
    received_at: datetime


class CodeIn(BaseModel):
    """A receipt code; in the body, so that it stands in no address and no log."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"code": "7KQM-2WXB-R9TD-5HFM"}]})
    code: str = Field(max_length=80)


class StatusOut(BaseModel):
    """How far the office is: received, in_review or done; not how it ended. `since`: when this began."""

    state: Stage
    received_at: datetime
    since: datetime


class TipOut(BaseModel):
    """A tip. `state`: new, converted (`kind`: temuan or laporan) or aside; `flag` and what follows are null until it is
    screened; `submission_state` says failed where it could not be. `seen` are its sender's words."""

    id: uuid.UUID
    state: str
    kind: str
    contest: str
    platform: str
    url: str
    text: str
    seen: str
    pictures: int
    act_date: date
    received_at: datetime
    since: datetime
    submission: uuid.UUID
    submission_state: str
    flag: uuid.UUID | None
    flag_state: str | None
    band: str | None
    last_event: int | None


class TipPage(BaseModel):
    """Some tips, newest first, and the cursor of the next page."""

    items: list[TipOut]
    next: str | None


class ReporterBody(BaseModel):
    """Who reports: kept sealed on a sheet of its own. `standing`: voter, monitor (accredited) or contestant; `signed`:
    the signature on the form is that of the identity card."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field("", max_length=200)
    address: str = Field("", max_length=500)
    contact: str = Field("", max_length=200)
    id_number: str = Field("", max_length=40)
    standing: str = Field("", max_length=20)
    relation: str = Field("", max_length=200)
    witnesses: str = Field("", max_length=sheet.LONGEST_WITNESSES)
    signed: bool = False


class ConversionIn(BaseModel):
    """What the tip becomes; `seen` is the last event of its item that the officer saw. `officer` makes a temuan (left
    out: the caller); `reporter` belongs to a laporan. `note` describes the event and stands in the audit trail: no
    word about the reporter belongs there."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})
    kind: Literal["temuan", "laporan"]
    known_date: date
    place: str = Field(max_length=convert.LONGEST_PLACE)
    note: str = Field(max_length=LONGEST_NOTE)
    seen: Number
    officer: str = Field("", max_length=200)
    reporter: ReporterBody | None = None


class AsideIn(BaseModel):
    """Why nothing is made of a tip."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "tip_too_little", "note": "", "seen": 12}]}
    )
    reason: str = Field(max_length=40, description=", ".join(convert.ASIDE_REASONS))
    note: str = Field("", max_length=LONGEST_NOTE)
    seen: Number


class SeenIn(BaseModel):
    """The last event of the tip's item that the officer saw, and a note where it is asked for."""

    model_config = ConfigDict(extra="forbid")
    note: str = Field("", max_length=LONGEST_NOTE)
    seen: Number


class ReasonIn(BaseModel):
    """Why the sheet is read: at least 10 characters, which stand in the audit trail."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"reason": "Undangan klarifikasi kepada pelapor"}]}
    )
    reason: str = Field(max_length=LONGEST_NOTE)


@router.get(
    "/challenge", operation_id="read_tip_challenge", dependencies=[ANYONE], responses=problem_responses(404, 429)
)
def read_challenge(services: ServicesDep, door: GateDep) -> ChallengeOut:
    """A challenge for one tip; nothing of it is stored. 404 while the office takes no tips."""
    made = proof.issue(signing(services), door.values.tip_bits, now())
    return ChallengeOut(challenge=made.text, bits=made.bits, expires_at=made.expires)


@router.post(
    "",
    status_code=201,
    operation_id="create_tip",
    dependencies=[ANYONE],
    responses=problem_responses(404, 409, 413, 422, 429, 507),
    openapi_extra={"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": TIP_SCHEMA}}}},
)
def create_tip(services: ServicesDep, session: SessionDep, challenge: ProvenDep, form: TipDep) -> ReceiptOut:
    """Send informasi awal without saying who one is: pictures, text or an address, and what was seen.

    `Netra-Challenge` and `Netra-Proof` are checked before the body is read."""
    if isinstance(form.outcome, AppError):
        raise form.outcome
    got = receive(session, services.blobs, services.settings, form.outcome, form.text("seen"), challenge)
    session.commit()
    telemetry.SUBMISSIONS.labels("new").inc()
    return ReceiptOut(code=got.code, received_at=got.tip.made_at)


@router.post(
    "/status", operation_id="read_tip_status", dependencies=[ANYONE, STATUS], responses=problem_responses(404, 422, 429)
)
def read_status(body: CodeIn, session: SessionDep) -> StatusOut:
    """Where the tip with this receipt code stands; the same answer for every code that is not known."""
    status = status_of(session, body.code)
    return StatusOut(state=status.stage, received_at=status.received, since=status.since)


@router.get("", operation_id="list_tips", responses=problem_responses(422))
def list_tips(
    _principal: Reader,
    session: SessionDep,
    state: Annotated[str, Query(max_length=20, description=", ".join(found.STATES))] = "",
    contest: Annotated[str, Query(max_length=80)] = "",
    after: Annotated[str | None, Query(max_length=80)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> TipPage:
    """Informasi awal from the public, newest first; flagged by the rules or not."""
    page = found.list_tips(session, state=state, contest=contest, after=after, limit=limit)
    return TipPage(items=[_shown(one) for one in page.items], next=page.next)


@router.post("/{tip_id}/conversion", status_code=201, operation_id="convert_tip", responses=REFUSALS)
def convert_tip(
    tip_id: uuid.UUID, body: ConversionIn, principal: Officer, session: SessionDep, services: ServicesDep
) -> DecisionOut:
    """Make a temuan or a laporan of it; only then can anybody review it. Who does this gives no verdict on it."""
    reporter = sheet.Reporter(**body.reporter.model_dump()) if body.reporter else None
    wanted = convert.Conversion(body.kind, body.known_date, body.place, body.note, body.officer, reporter)
    cipher = fernet(services.settings)
    return _done(session, tip_id, convert.convert(session, principal, cipher, tip_id, wanted, body.seen))


@router.post("/{tip_id}/conversion/undo", status_code=201, operation_id="unconvert_tip", responses=REFUSALS)
def unconvert_tip(tip_id: uuid.UUID, body: SeenIn, principal: Officer, session: SessionDep) -> DecisionOut:
    """Take the conversion back while nobody has decided; the reporter's sheet is destroyed."""
    return _done(session, tip_id, convert.unconvert(session, principal, tip_id, body.note, body.seen))


@router.post("/{tip_id}/setting-aside", status_code=201, operation_id="set_tip_aside", responses=REFUSALS)
def set_tip_aside(tip_id: uuid.UUID, body: AsideIn, principal: Officer, session: SessionDep) -> DecisionOut:
    """Make nothing of it, for a reason."""
    return _done(session, tip_id, convert.set_aside(session, principal, tip_id, body.reason, body.note, body.seen))


@router.post("/{tip_id}/taking-back", status_code=201, operation_id="take_tip_back", responses=REFUSALS)
def take_tip_back(tip_id: uuid.UUID, body: SeenIn, principal: Officer, session: SessionDep) -> DecisionOut:
    """Look again at what was set aside."""
    return _done(session, tip_id, convert.take_back(session, principal, tip_id, body.seen))


@router.post("/{tip_id}/reporter", operation_id="read_reporter", responses=REFUSALS)
def read_reporter(
    tip_id: uuid.UUID, body: ReasonIn, principal: Coordinator, session: SessionDep, services: ServicesDep
) -> ReporterBody:
    """Open the sheet about the reporter of a laporan; that, with the reason, is an event."""
    opened = sheet.read(session, principal, fernet(services.settings), tip_id, body.reason)
    session.commit()
    return ReporterBody(**{name: getattr(opened, name) for name in ReporterBody.model_fields})


def _done(session: Session, tip_id: uuid.UUID, event: Event) -> DecisionOut:
    flag = found.flag_of(session, found.get_tip(session, tip_id))
    session.commit()
    return decided(session, flag.id, event)


def _shown(one: found.Listed) -> TipOut:
    tip, flag, post = one.tip, one.flag, one.tip.submission
    return TipOut(
        id=tip.id, state=tip.state, kind=tip.kind, contest=post.contest_id, platform=post.platform, url=post.url,
        text=post.text, seen=tip.seen, pictures=len(post.images), act_date=post.act_date, received_at=tip.made_at,
        since=tip.since, submission=post.id, submission_state=post.state, flag=flag.id if flag else None,
        flag_state=flag.state if flag else None, band=flag.band if flag else None,
        last_event=flag.last_event if flag else None,
    )  # fmt: skip
