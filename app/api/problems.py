"""Every error leaves as application/problem+json (RFC 9457), worded for people, without echoing their input."""

from __future__ import annotations

import errno
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from itertools import islice
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.allow import allowed
from app.api.wording import explain
from app.errors import (
    AppError,
    BadInput,
    Conflict,
    NotAllowed,
    NotFound,
    NotReady,
    NotSignedIn,
    StorageFull,
    TooLarge,
    TooMany,
)
from app.telemetry import describe_exception

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 20
Page = Callable[[Request, dict[str, Any]], Response | None]
log = structlog.get_logger("netra.problems")


class FieldError(BaseModel):
    """One field that was not acceptable."""

    field: str
    type: str
    message: str


class Problem(BaseModel):
    """RFC 9457 problem details. `instance` names the request in the logs; `errors` lists fields on status 422."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["urn:netra:problem:bad-input"])
    title: str
    status: int
    detail: str
    field: str | None = None
    instance: str | None = None
    errors: list[FieldError] | None = None


class MethodNotAllowed(AppError):
    """The path exists, but not for this method."""

    status = 405
    type = "method-not-allowed"
    title = "Metode tidak didukung / Method not supported"


class Malformed(AppError):
    """The body is not what its content type says."""

    status = 400
    type = "malformed"
    title = "Permintaan rusak / Malformed request"


class ProblemResponse(JSONResponse):
    """JSON that survives lone surrogates and values without a JSON form."""

    media_type = MEDIA_TYPE

    def render(self, content: Any) -> bytes:
        """UTF-8 JSON; what has no UTF-8 form becomes a question mark."""
        return json.dumps(content, ensure_ascii=False, default=str).encode("utf-8", "replace")


def problem_response(
    error: AppError, *, request_id: str | None = None, headers: Mapping[str, str] | None = None
) -> ProblemResponse:
    """The response for an error; Retry-After from its `retry_after`, WWW-Authenticate on 401."""
    body = error.problem()
    if request_id:
        body["instance"] = f"urn:netra:request:{request_id}"
    sent = dict(headers or {})
    if "retry_after" in error.extra:
        sent["Retry-After"] = str(error.extra["retry_after"])
    if error.status == 401:
        sent["WWW-Authenticate"] = "Bearer"
    return ProblemResponse(body, status_code=error.status, headers=sent)


# -- from exceptions to AppErrors -----------------------------------------------------------------------------------

KINDS: tuple[type[AppError], ...] = (
    NotSignedIn, NotAllowed, NotFound, MethodNotAllowed, Conflict, TooLarge, BadInput, TooMany, NotReady, Malformed,
)  # fmt: skip
DETAILS = {
    400: "Isi permintaan tidak dapat dibaca / The body of the request cannot be read",
    404: "Alamat ini tidak ada / There is nothing at this address",
    405: "Metode ini tidak didukung di alamat ini / This address does not support this method",
    413: "Permintaan terlalu besar / The request is too large",
}
BUSY = "Basis data sedang sibuk, coba lagi sebentar / The database is busy, try again in a moment"
AWAY = "Basis data tidak dapat dihubungi, coba lagi / The database cannot be reached, try again"
FULL = "Penyimpanan penuh; hubungi pengelola / The storage is full; tell the administrator"
UNPREPARED = "Basis data belum disiapkan, jalankan / The database is not prepared, run: netra migrate"
RETRY_SECONDS = 2
POSTGRES_FULL, POSTGRES_UNPREPARED = {"53100"}, {"42P01", "42703"}
POSTGRES_BUSY = {"40001", "40P01", "55P03", "57014"}
POSTGRES_ENDED = {"25P03", "57P01", "57P02", "57P03", "57P05"}
"""Idle for too long in a transaction, or ended by the administrator, a crash, a start, an idle session's limit."""
SQLITE_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def from_http(error: HTTPException) -> AppError:
    """The AppError with the status of an exception that FastAPI or Starlette raised."""
    kinds = {kind.status: kind for kind in KINDS}
    worded = " / " in str(error.detail)  # by us, in both languages
    detail = str(error.detail) if worded else DETAILS.get(error.status_code, str(error.detail))
    if error.status_code in kinds:
        return kinds[error.status_code](detail)
    other = AppError(detail)
    other.status = error.status_code
    other.type = f"http-{error.status_code}"
    other.title = HTTPStatus(error.status_code).phrase if error.status_code in set(HTTPStatus) else "HTTP"
    return other


def from_validation(errors: Iterable[Mapping[str, Any]]) -> BadInput:
    """One BadInput for all fields that pydantic refused; it names fields, never their values."""
    listed = [
        {"field": field_of(error["loc"]), "type": str(error["type"]), "message": explain(error)}
        for error in islice(errors, MOST_ERRORS)
    ]
    first = listed[0]
    return BadInput(f"{first['field']}: {first['message']}", field=first["field"], errors=listed)


def field_of(location: Iterable[object]) -> str:
    """The dotted name of a field; parts come from the sender, so they are cut and cleaned."""
    parts = [str(part)[:60] for part in location][:8]
    named = parts[1:] if len(parts) > 1 and parts[0] in {"body", "query", "path", "header", "cookie"} else parts
    if parts[:1] == ["body"] and len(parts) == 2 and parts[1].isdigit():
        named = ["body"]
    return "".join(letter if letter.isprintable() else "?" for letter in ".".join(named))


def from_database(error: DBAPIError) -> AppError | None:
    """Full, not migrated, busy or away: the last two may succeed when tried again. None when the SQL is wrong."""
    state = getattr(error.orig, "sqlstate", None)
    code = getattr(error.orig, "sqlite_errorcode", None)
    basic = None if code is None else code & 0xFF  # extended codes carry the basic one in their low byte
    if basic == sqlite3.SQLITE_FULL or state in POSTGRES_FULL:
        return StorageFull(FULL)
    if state in POSTGRES_UNPREPARED or (basic == sqlite3.SQLITE_ERROR and "no such" in str(error.orig)):
        return NotReady(UNPREPARED)
    if isinstance(error, ProgrammingError) or basic == sqlite3.SQLITE_ERROR:
        return None
    busy = basic in SQLITE_BUSY or state in POSTGRES_BUSY
    return NotReady(BUSY if busy else AWAY, retry_after=RETRY_SECONDS)


def from_lost(error: DBAPIError) -> AppError | None:
    """A connection that the server or the network has ended. None for any other fault: that is a bug."""
    state = str(getattr(error.orig, "sqlstate", None) or "")
    lost = error.connection_invalidated or state in POSTGRES_ENDED or state.startswith("08")
    return NotReady(AWAY, retry_after=RETRY_SECONDS) if lost else None


def from_os(error: OSError) -> AppError | None:
    """A full disk; every other failure of the system is a bug or a broken machine."""
    return StorageFull(FULL) if error.errno in {errno.ENOSPC, errno.EDQUOT} else None


TRANSLATIONS: tuple[tuple[type[Exception], Callable[[Any], AppError | None]], ...] = (
    (AppError, lambda error: error),
    (RequestValidationError, lambda error: from_validation(error.errors())),
    (HTTPException, from_http),
    (IntegrityError, lambda _: Conflict("Bertentangan dengan data yang ada / This contradicts what is already there")),
    (DataError, lambda _: BadInput("Nilai tidak dapat disimpan / A value cannot be stored")),
    (OperationalError, from_database),
    (ProgrammingError, from_database),
    (InternalError, from_lost),
    (InterfaceError, from_lost),
    (PoolTimeout, lambda _: NotReady(BUSY, retry_after=RETRY_SECONDS)),
    (OSError, from_os),
)


def translate(error: Exception) -> AppError | None:
    """The AppError for any exception that has one; None for a bug of ours."""
    return next((make(error) for kind, make in TRANSLATIONS if isinstance(error, kind)), None)


def unexpected(error: Exception, request_id: str) -> AppError:
    """The answer to a bug of ours; the log gets the place and the id that the answer names, no message."""
    log.error("unexpected", request_id=request_id, **describe_exception(error))
    return AppError(f"Terjadi kesalahan; sebutkan nomor ini / Something went wrong; quote this number: {request_id}")


# -- into the application -------------------------------------------------------------------------------------------


def answered(
    request: Request, error: AppError, page: Page | None, headers: Mapping[str, str] | None = None
) -> Response:
    """The response to an error: a page where a browser asks for one outside /api, else problem+json."""
    request_id = getattr(request.state, "request_id", None)
    response = problem_response(error, request_id=request_id, headers=headers)
    wants_page = "text/html" in request.headers.get("accept", "")
    if page and wants_page and not request.url.path.startswith("/api/"):
        drawn = page(request, error.problem())
        if drawn is not None:
            drawn.headers.update({k: v for k, v in response.headers.items() if k in {"retry-after", "allow"}})
            return drawn
    return response


def refuse(error: AppError, page: Page | None = None) -> ASGIApp:
    """An application that answers every request with this error."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await answered(Request(scope), error, page)(scope, receive, send)

    return answer


def install_problem_handlers(app: FastAPI, page: Page | None = None) -> None:
    """Answer errors as problem+json. `page` may draw a page instead, for browsers outside /api.

    What is no AppError in the end is answered by the edge middleware, which sees what happens everywhere.
    """

    async def answer(request: Request, error: Exception) -> Response:
        known = translate(error)
        if known is None:
            raise error
        headers = dict(getattr(error, "headers", None) or {}) if isinstance(error, HTTPException) else {}
        if known.status == 405:
            headers["Allow"] = allowed(app, request.url.path)
        return answered(request, known, page, headers)

    for kind, _ in TRANSLATIONS:
        app.add_exception_handler(kind, answer)


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route: which problems it may answer with."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }
