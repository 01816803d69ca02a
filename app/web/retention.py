"""Retention: what is due, the records of what was destroyed, and holding one item."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.deps import Number, ServicesDep, SessionDep, may
from app.auth.principal import Principal
from app.errors import BadInput, Conflict, NotFound
from app.office import record
from app.office.due_items import RULES
from app.office.retention import look
from app.operating import SPECS
from app.review import hold
from app.web.exporting import Cell, export
from app.web.item_page import Attempt, refused
from app.web.page import language_of, render, see_other
from app.web.settings import worded

router = APIRouter()
ZONE = "Asia/Jakarta"
SHOWN = 2000
"""Lines of a record on its page; the file has all."""
COLUMNS = ("number", "rule", "kind", "submission", "since", "at", "sha256", "kept")
Text = Annotated[str, Form()]
Auditor = Annotated[Principal, may("audit.read")]
Coordinator = Annotated[Principal, may("flag.coordinate")]


@router.get("/retensi")
def retention(request: Request, session: SessionDep, services: ServicesDep, principal: Auditor) -> Response:
    """Coordinators, admins, auditors."""
    t = language_of(request)
    values = services.operating.now()
    rules = [(one.name, worded(one.kind, getattr(values, one.name), t)) for one in SPECS if one.group == "retention"]
    due = look(session, values).rules
    return render(
        request,
        "retention.html",
        principal,
        rules=rules,
        due=[(rule, t.number(due[rule])) for rule in (*RULES, "photo") if due[rule]],
        runs=[
            {
                "id": run.id,
                "at": t.moment(run.begun_at, ZONE),
                "ended": t.moment(run.ended_at, ZONE) if run.ended_at else "",
                "things": t.number(things),
            }
            for run, things in record.runs(session).items
        ],
    )


@router.get("/retensi/{run_id}")
def one_record(request: Request, session: SessionDep, principal: Auditor, run_id: Number) -> Response:
    """Coordinators, admins, auditors: a record of destruction, to print and sign."""
    t = language_of(request)
    run = record.get_run(session, run_id)
    found = list(record.lines(session, run_id))
    return render(
        request,
        "retention_record.html",
        principal,
        run=run,
        begun=t.moment(run.begun_at, ZONE),
        ended=t.moment(run.ended_at, ZONE) if run.ended_at else "",
        counts=[(rule, t.number(count)) for rule, count in record.counts(found).items()],
        files=t.number(sum(bool(one.sha256) and not one.kept for one in found)),
        more=t.number(max(0, len(found) - SHOWN)) if len(found) > SHOWN else "",
        lines=[
            {
                "number": t.number(number),
                "rule": one.rule,
                "kind": one.kind,
                "submission": str(one.submission or ""),
                "since": t.moment(one.since, ZONE),
                "at": t.moment(one.at, ZONE),
                "sha256": one.sha256,
                "kept": one.kept,
            }
            for number, one in enumerate(found[:SHOWN], 1)
        ],
    )


@router.get("/retensi/{run_id}/csv")
def record_file(
    request: Request, session: SessionDep, services: ServicesDep, principal: Auditor, run_id: Number
) -> Response:
    """Coordinators, admins, auditors: the same as a file."""
    t = language_of(request)
    record.get_run(session, run_id)
    titles = [t(f"retention.column.{column}") for column in COLUMNS]

    def rows(own: Session) -> list[tuple[Cell, ...]]:
        return [
            (number, one.rule, one.kind, str(one.submission or ""), one.since, one.at, one.sha256, t.yes(one.kept))
            for number, one in enumerate(record.lines(own, run_id), 1)
        ]

    return export(services, session, principal, t, "pemusnahan", titles, {"run": str(run_id)}, rows)


@router.post("/antrean/{flag_id}/tahan")
def hold_item(
    request: Request, session: SessionDep, principal: Coordinator, flag_id: UUID, reason: Text = "", lepas: Text = ""
) -> Response:
    """Coordinators: stop the item's timers, or let them run again, for a reason."""
    try:
        (hold.lift if lepas else hold.hold)(session, principal, flag_id, reason)
    except (BadInput, Conflict, NotFound) as error:
        return refused(request, session, principal, flag_id, Attempt(error))
    session.commit()
    return see_other(f"/antrean/{flag_id}")
