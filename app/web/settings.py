"""The settings page: what the office changes while Netra runs, and what the environment fixes."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.deps import ServicesDep, SessionDep, may
from app.auth.principal import Principal
from app.errors import AppError, BadInput
from app.office.change import LEAST_REASON, Shown, change, environment, shown
from app.operating import BY_NAME
from app.screening.service import Services
from app.web.page import language_of, render, see_other
from app.web.words import Words

router = APIRouter(prefix="/setelan")
ZONE = "Asia/Jakarta"
GROUPS = ("review", "retention", "limits", "tips")
ON, OFF = "nyala", "mati"
UNLIMITED = {"days": "settings.off", "count": "settings.no_limit"}
"""What 0 means, by kind."""
Text = Annotated[str, Form()]
Reader = Annotated[Principal, may("settings.read")]
Writer = Annotated[Principal, may("settings.write")]


@router.get("")
def settings_page(
    request: Request, session: SessionDep, services: ServicesDep, principal: Reader, ubah: str = ""
) -> Response:
    """Everybody signed in; coordinators and admins change."""
    return _draw(request, session, services, principal, done=ubah if ubah in BY_NAME else "")


@router.post("")
def change_one(
    request: Request,
    session: SessionDep,
    services: ServicesDep,
    principal: Writer,
    name: Text = "",
    value: Text = "",
    reason: Text = "",
    seen: Text = "",
    bawaan: Text = "",
) -> Response:
    """Coordinators and admins: one value, with its reason."""
    if name not in BY_NAME:
        raise BadInput("Setelan ini tidak ada / There is no such setting", field="name")
    try:
        wanted = None if bawaan else parsed(name, value)
        before = {name: parsed(name, seen)} if seen else None
        change(session, principal, services.settings, {name: wanted}, reason, before)
        session.commit()
    except AppError as error:
        session.rollback()
        given = {"value": value, "reason": reason}
        return _draw(request, session, services, principal, error=error, refused=name, given=given)
    services.operating.forget()
    return see_other(f"/setelan?ubah={name}#{name}")


def parsed(name: str, text: str) -> Any:
    """What people typed, as a value: a share in percent, dates one per line. Raises BadInput naming the setting."""
    kind = BY_NAME[name].kind
    if kind == "dates":
        return text.replace(",", " ").split()
    if kind == "switch":
        return {ON: True, OFF: False}.get(text, text)
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError as error:
        raise BadInput("Tulis sebuah angka / Write a number", field=name) from error
    return round(number / 100, 6) if kind == "share" else number


def typed(kind: str, value: Any) -> str:
    """A value as it stands in its field."""
    if kind == "dates":
        return "\n".join(value)
    if kind == "switch":
        return ON if value else OFF
    return f"{value * 100 if kind == 'share' else value:.10g}"


def worded(kind: str, value: Any, t: Words) -> str:
    """A value as people read it."""
    if kind == "dates":
        return ", ".join(t.day(date.fromisoformat(day)) for day in value) or t("settings.none")
    if kind == "share":
        return f"{t.number(value * 100, 0 if value * 100 == int(value * 100) else 1)} %"
    if kind == "switch":
        return t("settings.on" if value else "settings.switched_off")
    if kind in UNLIMITED and value == 0:
        return t(UNLIMITED[kind])
    return t.number(value, 0 if value == int(value) else 2)


def _draw(
    request: Request,
    session: Session,
    services: Services,
    principal: Principal,
    *,
    done: str = "",
    error: AppError | None = None,
    refused: str = "",
    given: dict[str, str] | None = None,
) -> Response:
    t = language_of(request)
    rows = [_row(one, t, given if one.spec.name == refused else None) for one in shown(session, services.settings)]
    return render(
        request,
        "settings.html",
        principal,
        status=error.status if error else 200,
        groups=[(group, [row for row in rows if row["group"] == group]) for group in GROUPS],
        environment=environment(services.settings),
        may_write=principal.may("settings.write"),
        least_reason=LEAST_REASON,
        done=done,
        refused=refused,
        errors={error.field or "form": t.one_of(error.detail)} if error else {},
    )


def _row(one: Shown, t: Words, given: dict[str, str] | None) -> dict[str, Any]:
    spec = one.spec
    scale = 100 if spec.kind == "share" else 1
    return {
        "name": spec.name,
        "group": spec.group,
        "kind": spec.kind,
        "least": f"{spec.least * scale:.10g}",
        "most": f"{spec.most * scale:.10g}",
        "value": worded(spec.kind, one.value, t),
        "default": worded(spec.kind, one.default, t),
        "changed": one.changed_at is not None,
        "by": one.changed_by,
        "at": t.moment(one.changed_at, ZONE) if one.changed_at else "",
        "why": one.reason,
        "seen": typed(spec.kind, one.value),
        "field": given["value"] if given else typed(spec.kind, one.value),
        "reason": given["reason"] if given else "",
    }
