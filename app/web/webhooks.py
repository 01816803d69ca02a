"""Webhooks in the console: the list, one webhook with its log, and the acts on them."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.api.deps import ServicesDep, SessionDep, may, services_of
from app.auth.principal import Principal
from app.db.contest_tables import ContestRow
from app.db.hook_tables import Delivery, Webhook
from app.errors import AppError, BadInput
from app.web.listing import CURSOR, address
from app.web.page import language_of, render, see_other
from app.web.words import Words
from app.webhooks import service
from app.webhooks.delivering import message_id
from app.webhooks.kinds import CODES
from app.webhooks.secrets import old_until

router = APIRouter(prefix="/webhook")
ZONE = "Asia/Jakarta"
PAGE = 50
Text = Annotated[str, Form()]
Manager = Annotated[Principal, may("webhook.manage")]
Chosen = Annotated[list[str] | None, Form()]
State = Annotated[Literal["", "waiting", "delivered", "dead"], Query()]
BLANK: dict[str, Any] = {
    "name": "",
    "url": "",
    "events": ["flag.raised", "flag.confirmed", "flag.dismissed"],
    "contests": [],
}


@router.get("")
def webhooks(request: Request, session: SessionDep, principal: Manager) -> Response:
    """Coordinators and admins."""
    return _list(request, session, principal, BLANK)


@router.post("")
def add(
    request: Request, session: SessionDep, services: ServicesDep, principal: Manager,
    name: Text = "", url: Text = "", events: Chosen = None, contests: Chosen = None,
) -> Response:  # fmt: skip
    """Coordinators and admins: a new webhook, whose secret is on this page and nowhere else."""
    given: dict[str, Any] = {"name": name, "url": url, "events": events or [], "contests": contests or []}
    try:
        secret, row = service.create(session, services.settings, principal, **given)
        session.commit()
    except AppError as error:
        session.rollback()
        return _list(request, session, principal, given, error)
    return _one(request, session, principal, row.id, secret=secret)


@router.get("/{webhook_id}")
def one(
    request: Request, session: SessionDep, principal: Manager, webhook_id: UUID, keadaan: State = "", setelah: str = ""
) -> Response:
    """Coordinators and admins: one webhook with its log."""
    return _one(request, session, principal, webhook_id, state=keadaan, after=setelah)


@router.post("/{webhook_id}")
def change(
    request: Request, session: SessionDep, services: ServicesDep, principal: Manager, webhook_id: UUID,
    name: Text = "", url: Text = "", events: Chosen = None, contests: Chosen = None,
) -> Response:  # fmt: skip
    """Coordinators and admins: another name, address or choice of events and contests."""
    given: dict[str, Any] = {"name": name, "url": url, "events": events or [], "contests": contests or []}
    try:
        service.change(session, services.settings, principal, webhook_id, **given)
        session.commit()
    except BadInput as error:
        session.rollback()
        return _one(request, session, principal, webhook_id, error=error, given=given)
    return see_other(f"/webhook/{webhook_id}")


@router.post("/{webhook_id}/jeda")
def pause(request: Request, session: SessionDep, principal: Manager, webhook_id: UUID) -> Response:
    """Coordinators and admins: send nothing for a while."""
    try:
        service.pause(session, principal, webhook_id)
        session.commit()
    except AppError as error:
        session.rollback()
        return _one(request, session, principal, webhook_id, error=error)
    return see_other(f"/webhook/{webhook_id}")


@router.post("/{webhook_id}/lanjut")
def resume(request: Request, session: SessionDep, principal: Manager, webhook_id: UUID, lewati: Text = "") -> Response:
    """Coordinators and admins: go on where it stopped, or from now on."""
    try:
        service.resume(session, principal, webhook_id, skip=bool(lewati))
        session.commit()
    except AppError as error:
        session.rollback()
        return _one(request, session, principal, webhook_id, error=error)
    return see_other(f"/webhook/{webhook_id}")


@router.post("/{webhook_id}/uji")
def ping(session: SessionDep, services: ServicesDep, principal: Manager, webhook_id: UUID) -> Response:
    """Coordinators and admins: a test message; the log tells what came of it."""
    service.ping(session, services.settings, principal, webhook_id)
    session.commit()
    return see_other(f"/webhook/{webhook_id}#log")


@router.post("/{webhook_id}/rahasia")
def rotate(
    request: Request, session: SessionDep, services: ServicesDep, principal: Manager, webhook_id: UUID, bocor: Text = ""
) -> Response:
    """Coordinators and admins: a new secret, on this page and nowhere else."""
    secret, _ = service.rotate(session, services.settings, principal, webhook_id, keep_old=not bocor)
    session.commit()
    return _one(request, session, principal, webhook_id, secret=secret)


@router.post("/{webhook_id}/hapus")
def remove(session: SessionDep, principal: Manager, webhook_id: UUID, sure: Text = "") -> Response:
    """Coordinators and admins: delete it with its log."""
    service.find(session, webhook_id)
    if sure != "ya":
        raise BadInput("Centang bahwa Anda yakin / Tick that you are sure", field="sure")
    service.remove(session, principal, webhook_id)
    session.commit()
    return see_other("/webhook")


@router.post("/{webhook_id}/kiriman/{delivery_id}/ulang")
def redeliver(
    request: Request, session: SessionDep, principal: Manager, webhook_id: UUID, delivery_id: UUID
) -> Response:
    """Coordinators and admins: send a message once more."""
    try:
        service.redeliver(session, principal, webhook_id, delivery_id)
        session.commit()
    except AppError as error:
        session.rollback()
        return _one(request, session, principal, webhook_id, error=error)
    return see_other(f"/webhook/{webhook_id}#log")


# -- drawing --------------------------------------------------------------------------------------------------------


def _list(
    request: Request, session: Session, principal: Principal, given: dict[str, Any], error: AppError | None = None
) -> Response:
    t = language_of(request)
    return render(
        request,
        "webhooks.html",
        principal,
        status=error.status if error else 200,
        rows=[_row(session, row, t) for row in service.listed(session).items],
        given=given,
        codes=CODES,
        contests=_contests(session, given["contests"]),
        errors={error.field or "form": t.one_of(error.detail)} if error else {},
    )


def _one(
    request: Request,
    session: Session,
    principal: Principal,
    webhook_id: UUID,
    *,
    state: str = "",
    after: str = "",
    secret: str = "",
    error: AppError | None = None,
    given: dict[str, Any] | None = None,
) -> Response:
    t = language_of(request)
    row = service.find(session, webhook_id)
    shown = given or {"name": row.name, "url": row.url, "events": row.events, "contests": row.contests}
    log = service.deliveries(session, row, state, after, PAGE)
    path, values = f"/webhook/{row.id}", {"keadaan": state}
    days = services_of(request).operating.now().keep_deliveries_days
    return render(
        request,
        "webhook.html",
        principal,
        status=error.status if error else 200,
        hook=_row(session, row, t),
        given=shown,
        codes=CODES,
        contests=_contests(session, shown["contests"]),
        log=[_delivery(one, t) for one in log.items],
        waiting=any(one.state == "waiting" for one in log.items),
        chosen=state,
        states=service.DELIVERY_STATES,
        first=address(path, values) if after else "",
        next=address(path, values, **{CURSOR: log.next}) if log.next else "",
        kept=t("hook.log_about", n=t.number(days)) if days else t("hook.log_kept"),
        secret=secret,
        errors={error.field or "form": t.one_of(error.detail)} if error else {},
    )


def _contests(session: Session, chosen: list[str]) -> list[tuple[str, str]]:
    """Ids and names of the contests to choose from; what was chosen stays, also where it is not there any more."""
    names = dict(session.execute(select(ContestRow.id, ContestRow.name).order_by(ContestRow.name)).all())
    return [*names.items(), *((one, one) for one in chosen if one not in names)]


def _row(session: Session, row: Webhook, t: Words) -> dict[str, Any]:
    fares, until = service.health(session, row), old_until(row)
    return {
        "id": str(row.id),
        "name": row.name,
        "url": row.url,
        "limited": t.plural("hook.limited", len(row.contests)) if row.contests else "",
        "state": row.state,
        "halted_for": row.halted_for,
        "failing": t.plural("hook.failing", row.failures) if row.failures and row.state == "active" else "",
        "delivered": t.moment(fares.delivered_at, ZONE) if fares.delivered_at else t("hook.never"),
        "dead": t.number(fares.dead),
        "old_until": t.moment(until, ZONE) if until else "",
        "made": t("hook.made", by=row.made_by, at=t.moment(row.made_at, ZONE)),
    }


def _delivery(row: Delivery, t: Words) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "message": message_id(row.id),
        "at": t.moment(row.tried_at or row.made_at, ZONE),
        "kind": t.either(f"hook.kind.{row.kind}", row.kind),
        "code": row.kind,
        "number": "–" if row.number is None else t.number(row.number),
        "state": row.state,
        "tries": t.number(row.tries),
        "status": "" if row.status is None else str(row.status),
        "failure": t(f"hook.failure.{row.failure}") if row.failure else "",
        "took": "" if row.milliseconds is None else t("hook.took", n=t.number(row.milliseconds)),
        "answer": row.answer,
        "next": t("hook.next", at=t.moment(row.next_at, ZONE)) if row.next_at else "",
    }
