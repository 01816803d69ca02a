"""The page for the public: informasi awal without an identity, a receipt code, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import telemetry
from app.api.deps import ANYONE, ServicesDep, SessionDep
from app.api.tip_form import STATUS, GateDep, KnownDep, TipFormDep, admit, signing
from app.db.base import now
from app.db.contest_tables import ContestRow, Election
from app.errors import AppError, BadInput, Conflict, TooMany
from app.intake.upload import PLATFORMS
from app.screening.service import Services
from app.tips import proof
from app.tips.proof import LEAST_SECONDS, Challenge
from app.tips.receive import LEAST_SEEN, LONGEST_SEEN, MOST_PICTURES, receive, require_open
from app.tips.status import status_of
from app.web.page import language_of, render

router = APIRouter(prefix="/sampaikan", dependencies=[ANYONE])
GIVEN = ("contest", "text", "platform", "url", "act_date", "seen")


@router.get("")
def page(request: Request, session: SessionDep, services: ServicesDep) -> Response:
    """Anyone, while the office takes tips."""
    require_open(services.operating.now())
    return _form(request, session, services, dict.fromkeys(GIVEN, ""))


@router.post("")
def send(
    request: Request, session: SessionDep, services: ServicesDep, door: GateDep, looked: KnownDep, form: TipFormDep
) -> Response:
    """Anyone: the receipt code, or the form again with what was typed and the reason beside its field."""
    given = {name: form.text(name).replace("\r\n", "\n") for name in GIVEN}
    challenge, worked = looked.challenge, looked.challenge is not None
    try:
        if looked.refusal is not None:
            raise looked.refusal
        challenge = challenge or proof.read(signing(services), form.text("tantangan"), now())
        if form.text("situs"):
            raise BadInput("Kosongkan isian ini / Leave this field empty", field="situs")
        if not worked:
            _require_answer(services, challenge, form.text("jawaban"))
        if isinstance(form.outcome, AppError):
            raise form.outcome
        upload = replace(form.outcome, text=form.outcome.text.replace("\r\n", "\n"))
        admit(services, door, challenge, worked=worked)
        got = receive(session, services.blobs, services.settings, upload, given["seen"], challenge)
        received, zone = got.tip.made_at, got.tip.submission.contest.timezone
        session.commit()
    except AppError as error:
        session.rollback()
        return _form(request, session, services, given, error, None if isinstance(error, Conflict) else challenge)
    telemetry.SUBMISSIONS.labels("new").inc()
    return render(request, "tip_received.html", None, code=got.code, at=language_of(request).moment(received, zone))


@router.get("/status")
def status_page(request: Request, services: ServicesDep) -> Response:
    """Anyone, while the office takes tips."""
    require_open(services.operating.now())
    return render(request, "tip_status.html", None, code="", found=None)


@router.post("/status", dependencies=[STATUS])
def status(request: Request, session: SessionDep, code: Annotated[str, Form(max_length=80)] = "") -> Response:
    """Anyone with a code; it is sent in the body, so that it stands in no address."""
    t = language_of(request)
    try:
        found = status_of(session, code)
    except AppError as error:
        errors = {"code": t.one_of(error.detail)}
        return render(request, "tip_status.html", None, status=error.status, code=code, found=None, errors=errors)
    told = {
        "stage": found.stage,
        "received": t.moment(found.received, found.zone),
        "since": t.moment(found.since, found.zone),
    }
    return render(request, "tip_status.html", None, code="", found=told)


def _require_answer(services: Services, challenge: Challenge, answer: str) -> None:
    """Without a proof of work: the question, and no faster than a person types. Raises BadInput or TooMany."""
    if answer.strip() != str(sum(proof.question(signing(services), challenge))):
        raise BadInput("Isi hasil hitungan yang benar / Answer this sum with the right number", field="jawaban")
    if now() - challenge.issued < timedelta(seconds=LEAST_SECONDS):
        raise TooMany(
            "Terlalu cepat; tunggu beberapa detik lalu kirim lagi / Too fast: wait some seconds and send it again",
            retry_after=LEAST_SECONDS,
        )


def _form(
    request: Request,
    session: Session,
    services: Services,
    given: Mapping[str, str],
    error: AppError | None = None,
    held: Challenge | None = None,
) -> Response:
    """The form; with the challenge that its reader holds already, so that a correction is not told to be too fast."""
    t, key = language_of(request), signing(services)
    challenge = held or proof.issue(key, services.operating.now().tip_bits, now())
    first, second = proof.question(key, challenge)
    open_contests = select(ContestRow).join(Election).where(Election.closed_at.is_(None)).order_by(ContestRow.name)
    values: dict[str, Any] = {
        "contests": session.scalars(open_contests).all(),
        "platforms": PLATFORMS[1:],
        "given": given,
        "challenge": challenge.text,
        "bits": challenge.bits,
        "first": first,
        "second": second,
        "most": min(MOST_PICTURES, services.settings.max_images),
        "megabytes": t.number(services.settings.max_image_bytes / 1024 / 1024),
        "longest": services.settings.max_text_chars,
        "least_seen": LEAST_SEEN,
        "longest_seen": LONGEST_SEEN,
        "errors": {error.field or "form": t.one_of(error.detail)} if error else {},
    }
    answer = render(request, "tip_form.html", None, status=error.status if error else 200, **values)
    if error is not None and "retry_after" in error.extra:
        answer.headers["Retry-After"] = str(error.extra["retry_after"])
    return answer
