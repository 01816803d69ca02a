"""What keeps review fair: declarations of interest, the risk class of regions, known cases."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.api.deps import SessionDep, may
from app.auth.principal import Principal
from app.db.contest_tables import ContestRow
from app.errors import AppError, BadInput
from app.review import fairness, risk
from app.review.risk_file import import_risks, parse_risks
from app.rules.priority import RISKS
from app.web.page import language_of, render, see_other
from app.web.undo import short_id

router = APIRouter(prefix="/kewajaran")
ZONE = "Asia/Jakarta"
LONGEST_FILE = 512 * 1024
SHOWN = 500
Text = Annotated[str, Form()]
Reader = Annotated[Principal, may("flag.read")]
Decider = Annotated[Principal, may("flag.decide")]
Coordinator = Annotated[Principal, may("flag.coordinate")]
Manager = Annotated[Principal, may("queue.manage")]


@router.get("")
def show(request: Request, session: SessionDep, principal: Reader, impor: int | None = None) -> Response:
    """Reviewers, coordinators, admins, auditors."""
    return _draw(request, session, principal, imported=impor)


@router.post("/benturan")
def declare(request: Request, session: SessionDep, principal: Decider, contest: Text = "", note: Text = "") -> Response:
    """Reviewers and coordinators: an interest of their own in a contest."""
    try:
        fairness.declare(session, principal, contest, note)
        session.commit()
    except AppError as error:
        return _draw(request, session, principal, error=error, form="conflict")
    return see_other("/kewajaran#benturan")


@router.post("/benturan/akhiri")
def withdraw(
    request: Request,
    session: SessionDep,
    principal: Coordinator,
    user: Annotated[UUID, Form()],
    contest: Text = "",
    note: Text = "",
) -> Response:
    """Coordinators: end somebody else's declaration, with a reason."""
    try:
        fairness.withdraw(session, principal, user, contest, note)
        session.commit()
    except AppError as error:
        return _draw(request, session, principal, error=error, form="withdraw")
    return see_other("/kewajaran#benturan")


@router.post("/risiko")
def classify(
    request: Request,
    session: SessionDep,
    principal: Manager,
    region: Text = "",
    kelas: Text = "",
    note: Text = "",
) -> Response:
    """Coordinators and admins: the class of one region."""
    try:
        risk.set_risk(session, principal, region, kelas, note)
        session.commit()
    except AppError as error:
        return _draw(request, session, principal, error=error, form="risk")
    return see_other("/kewajaran#risiko")


@router.post("/risiko/impor")
def import_table(
    request: Request, session: SessionDep, principal: Manager, file: Annotated[UploadFile, File()]
) -> Response:
    """Coordinators and admins: the whole table as a CSV file."""
    try:
        data = file.file.read(LONGEST_FILE + 1)
        if len(data) > LONGEST_FILE:
            raise BadInput("Berkas lebih dari 512 KB / The file has more than 512 KB", field="file")
        count = import_risks(session, principal, parse_risks(data))
        session.commit()
    except AppError as error:
        return _draw(request, session, principal, error=error, form="import")
    return see_other(f"/kewajaran?impor={count}#risiko")


@router.post("/acuan")
def mark(
    request: Request, session: SessionDep, principal: Coordinator, flag: Text = "", verdict: Text = "", note: Text = ""
) -> Response:
    """Coordinators: a case whose right verdict is known, by the address or the id of its item."""
    try:
        fairness.mark_gold(session, principal, _flag_id(flag), verdict, note)
        session.commit()
    except AppError as error:
        error.field = error.field or "flag"
        return _draw(request, session, principal, error=error, form="gold")
    return see_other("/kewajaran#acuan")


@router.post("/acuan/cabut")
def unmark(request: Request, session: SessionDep, principal: Coordinator, flag: Annotated[UUID, Form()]) -> Response:
    """Coordinators: take the mark off."""
    try:
        fairness.unmark_gold(session, principal, flag)
        session.commit()
    except AppError as error:
        return _draw(request, session, principal, error=error, form="unmark")
    return see_other("/kewajaran#acuan")


def _flag_id(text: str) -> UUID:
    try:
        return UUID(text.strip().split("?")[0].rstrip("/").rsplit("/", 1)[-1])
    except ValueError as error:
        raise BadInput("Tempel alamat atau id butir / Paste the address or id of an item", field="flag") from error


def _draw(
    request: Request,
    session: Session,
    principal: Principal,
    *,
    error: AppError | None = None,
    form: str = "",
    imported: int | None = None,
) -> Response:
    session.rollback()
    t = language_of(request)
    contests = session.scalars(select(ContestRow).order_by(ContestRow.name)).all()
    names = {row.id: row.name for row in contests}
    regions = {row.region_code: row.region_name for row in contests}
    declared = session.scalars(fairness.declarations(principal)).all() if principal.may("flag.decide") else ()
    classed = risk.risks(session)
    given = fairness.trials_made(session) if principal.may("flag.coordinate") else {}
    return render(
        request,
        "fairness.html",
        principal,
        status=error.status if error else 200,
        contests=contests,
        conflicts=[
            {
                "user": str(row.user_id), "login": row.user.login, "contest": row.contest_id,
                "name": names.get(row.contest_id, row.contest_id), "note": row.note,
                "at": t.moment(row.declared_at, ZONE), "mine": row.user_id == principal.user_id,
            }
            for row in declared
        ],
        risks=[
            {"code": row.region_code, "name": regions.get(row.region_code, ""), "risk": row.risk, "note": row.note}
            for row in classed[:SHOWN]
        ],
        more=t.number(len(classed) - SHOWN) if len(classed) > SHOWN else "",
        classes=RISKS,
        gold=[
            {
                "flag": str(row.flag_id), "short": short_id(row.flag_id), "verdict": row.verdict, "note": row.note,
                "by": row.marked_by, "at": t.moment(row.marked_at, ZONE), "given": t.number(given.get(row.flag_id, 0)),
            }
            for row in (fairness.gold_cases(session, principal) if principal.may("flag.coordinate") else ())
        ],
        imported=t.plural("fairness.imported", imported) if imported is not None and imported >= 0 else "",
        refused=form,
        errors={error.field or "form": t.one_of(error.detail)} if error else {},
    )  # fmt: skip
