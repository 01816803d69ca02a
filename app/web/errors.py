"""What a browser is shown instead of problem+json."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy.exc import SQLAlchemyError

from app.api.deps import caller
from app.auth.principal import Principal
from app.errors import AppError
from app.web.page import language_of, render, see_other

KNOWN = (403, 404, 405, 409, 413, 422, 429, 500, 503, 507)


def error_page(request: Request, problem: dict[str, Any]) -> Response | None:
    """The page of a problem; 401 leads to signing in and back. None under /media, where no page is expected."""
    if request.url.path.startswith("/media/"):
        return None
    status = int(problem["status"])
    if status == 401:
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return see_other(f"/masuk?{urlencode({'kembali': asked if request.method == 'GET' else '/'})}")
    unread = _unread(request, problem) if status == 422 and request.method == "GET" else []
    if status == 422 and request.method == "GET" and "errors" in problem and not unread:
        status = 404  # an address whose parts cannot be read leads nowhere
    t = language_of(request)
    title = t(f"error.{status}") if status in KNOWN else t("error.other")
    detail = t("error.404.detail") if status in (404, 405) else t.one_of(str(problem["detail"]))
    principal = _reader(request)
    if principal is not None and "act" in problem:  # a page of another role: its name says more than that of the act
        detail = t("error.403.detail", role=t(f"role.{principal.role}"))
    if unread:
        detail = t("error.422.unread", names=", ".join(unread))
    elif status == 500:
        detail = t("error.500.detail")
    asks = status == 422 and request.method == "GET" and request.query_params
    without = [pair for pair in request.query_params.multi_items() if pair[0] not in unread] if unread else []
    plain = f"{request.url.path}?{urlencode(without)}".rstrip("?") if asks else ""
    retry = status in (409, 429, 500, 503) and request.method == "GET"
    number = getattr(request.state, "request_id", "") if status >= 500 else ""
    return render(
        request, "error.html", principal, status=status, title=title, detail=detail, retry=retry, number=number,
        plain=plain,
    )  # fmt: skip


def _unread(request: Request, problem: dict[str, Any]) -> list[str]:
    """The names of the values after the question mark that are not what the page asks for."""
    names = [str(one["field"]) for one in problem.get("errors", ())]
    return [name for name in dict.fromkeys(names) if name in request.query_params]


def _reader(request: Request) -> Principal | None:
    """Who is signed in, so that the page leads back to their work; nobody where even that cannot be read."""
    with suppress(SQLAlchemyError, AppError):
        return caller(request, None, None)
    return None
