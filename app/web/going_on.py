"""The filters with which somebody began: the next item comes from them too, until work begins anew."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.api.deps import services_of
from app.api.security import is_secure
from app.auth.principal import Principal
from app.db.flag_tables import Flag
from app.review.claims import claim_next
from app.web.listing import SORT, address
from app.web.page import see_other
from app.web.queue_filters import PATH, QueueQuery

COOKIE = "saringan"
MOST_CHARS = 1000


def begun_with(request: Request) -> QueueQuery:
    """The filters that this browser works through; none where it has none or they cannot be read."""
    kept = request.cookies.get(COOKIE, "")[:MOST_CHARS]
    try:
        return QueueQuery.model_validate(dict(parse_qsl(kept)))
    except ValidationError:
        return QueueQuery.model_validate({})


def shown(request: Request) -> str:
    """The queue under those filters, or nothing where there are none."""
    values = begun_with(request).values()
    return address(PATH, values) if values else ""


def begin(request: Request, response: Response, asked: QueueQuery) -> None:
    """Remember the filters for as long as the browser is open; without any, forget those before."""
    values = {name: value for name, value in asked.values().items() if name != SORT}
    if not values:
        response.delete_cookie(COOKIE)
        return
    secure = is_secure(services_of(request).settings)
    response.set_cookie(COOKIE, urlencode(values), httponly=True, samesite="strict", secure=secure)


def take(
    request: Request, session: Session, principal: Principal, chosen: QueueQuery, skip: UUID | None = None
) -> Flag | None:
    """Hold the next item that these filters show; the caller commits."""
    minutes = services_of(request).operating.now().claim_minutes
    return claim_next(session, principal, minutes, skip=skip, filters=chosen.filters())


def onward(flag: Flag | None, chosen: QueueQuery, decided: int | None = None) -> Response:
    """To the item that was taken, else to the queue under these filters, which are worked through then; the page tells
    of the event `decided`."""
    told = {} if decided is None else {"putus": str(decided)}
    if flag is not None:
        return see_other(address(f"{PATH}/{flag.id}", told))
    values = chosen.values()
    response = see_other(address(PATH, values | told, habis="1" if values or not told else ""))
    response.delete_cookie(COOKIE)
    return response
