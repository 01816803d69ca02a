"""Every kind of failure leaves as problem+json that tells people what to do and leaks nothing."""

from __future__ import annotations

import errno
import json
import sqlite3
import time
from pathlib import Path

import pytest
import structlog
from fastapi import FastAPI, HTTPException
from fastapi.testclient import TestClient
from pydantic import BaseModel, Field
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.responses import HTMLResponse

from app import errors
from app.api.problems import install_problem_handlers
from app.api.security import install_edge
from app.api.wording import explain
from tests.api.edge import settings

SECRET = "Ibu Sari 08123456789"


class Item(BaseModel):
    model_config = {"extra": "forbid"}
    name: str = Field(max_length=5)
    count: int = Field(ge=1)


def failing(error: Exception) -> TestClient:
    """An application whose only page fails, and whose other one takes an item."""
    app = FastAPI()

    @app.get("/fail")
    def fail() -> None:
        raise error

    @app.post("/item")
    def item(body: Item) -> None:
        """Takes an item."""

    install_problem_handlers(app)
    install_edge(app, settings())
    return TestClient(app)


def problem(answer: object) -> dict[str, object]:
    """The body of a problem whose form is right."""
    assert answer.headers["content-type"] == "application/problem+json"  # type: ignore[attr-defined]
    body = answer.json()  # type: ignore[attr-defined]
    assert {"type", "title", "status", "detail", "instance"} <= body.keys()
    assert body["status"] == answer.status_code  # type: ignore[attr-defined]
    assert body["instance"] == f"urn:netra:request:{answer.headers['x-request-id']}"  # type: ignore[attr-defined]
    assert " / " in body["title"]
    return body


def all_kinds(kind: type[errors.AppError]) -> list[type[errors.AppError]]:
    return [kind, *(deeper for child in kind.__subclasses__() for deeper in all_kinds(child))]


@pytest.mark.parametrize("kind", all_kinds(errors.AppError))
def test_every_app_error(kind: type[errors.AppError]) -> None:
    answer = failing(kind("Salah / Wrong", field="name", limit=3)).get("/fail")
    assert answer.status_code == kind.status
    body = problem(answer)
    assert (body["type"], body["title"]) == (f"urn:netra:problem:{kind.type}", kind.title)
    assert (body["detail"], body["field"], body["limit"]) == ("Salah / Wrong", "name", 3)
    assert (answer.headers.get("www-authenticate") == "Bearer") == (kind is errors.NotSignedIn)


def of_sqlite(code: int, message: str = "x") -> OperationalError:
    cause = sqlite3.OperationalError(message)
    cause.sqlite_errorcode = code
    return OperationalError(f"INSERT {SECRET}", {"name": SECRET}, cause)


def of_postgres(state: str | None) -> OperationalError:
    cause = Exception("server says")
    cause.sqlstate = state  # type: ignore[attr-defined]
    return OperationalError(f"INSERT {SECRET}", {"name": SECRET}, cause)


def ended(kind: type[DBAPIError], state: str | None, *, lost: bool = False) -> DBAPIError:
    cause = Exception("server says")
    cause.sqlstate = state  # type: ignore[attr-defined]
    return kind(f"INSERT {SECRET}", {"name": SECRET}, cause, connection_invalidated=lost)


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (of_sqlite(sqlite3.SQLITE_BUSY), 503, "not-ready"),
        (of_sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT), 503, "not-ready"),
        (of_sqlite(sqlite3.SQLITE_FULL), 507, "storage-full"),
        (of_sqlite(sqlite3.SQLITE_ERROR, "no such table: event"), 503, "not-ready"),
        (of_sqlite(sqlite3.SQLITE_ERROR, "near SELECTT: syntax error"), 500, "internal"),
        (of_postgres("53100"), 507, "storage-full"),
        (of_postgres("40P01"), 503, "not-ready"),
        (of_postgres("42P01"), 503, "not-ready"),
        (of_postgres(None), 503, "not-ready"),
        (ended(InternalError, "25P03"), 503, "not-ready"),
        (ended(InterfaceError, "08003"), 503, "not-ready"),
        (ended(InterfaceError, None, lost=True), 503, "not-ready"),
        (ended(InternalError, "XX000"), 500, "internal"),
        (ended(InterfaceError, None), 500, "internal"),
        (IntegrityError(SECRET, {"name": SECRET}, Exception(SECRET)), 409, "conflict"),
        (DataError(SECRET, {"name": SECRET}, Exception(SECRET)), 422, "bad-input"),
        (PoolTimeout(SECRET), 503, "not-ready"),
        (OSError(errno.ENOSPC, SECRET), 507, "storage-full"),
        (OSError(errno.EACCES, SECRET), 500, "internal"),
        (ZeroDivisionError(SECRET), 500, "internal"),
        (HTTPException(404, SECRET), 404, "not-found"),
        (HTTPException(413, SECRET), 413, "too-large"),
    ],
)
def test_failures_below(error: Exception, status: int, kind: str) -> None:
    with structlog.testing.capture_logs() as logs:
        answer = failing(error).get("/fail")
    body = problem(answer)
    assert (answer.status_code, body["type"]) == (status, f"urn:netra:problem:{kind}")
    assert SECRET not in answer.text
    assert SECRET not in str(logs)
    found = [line for line in logs if line["event"] == "unexpected"]
    assert bool(found) == (status == 500)
    if found:
        assert found[0]["request_id"] in str(body["detail"])
        assert found[0]["error"] == type(error).__name__
        assert any(frame.startswith("test_problems.py:") for frame in found[0]["frames"])


def test_busy_says_when_to_come_back() -> None:
    assert failing(of_sqlite(sqlite3.SQLITE_LOCKED)).get("/fail").headers["retry-after"] == "2"


def test_a_database_that_is_really_locked(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'x.db'}", connect_args={"timeout": 0})
    with engine.begin() as holder, engine.connect() as other:
        holder.execute(text("CREATE TABLE t (n INTEGER)"))
        holder.execute(text("INSERT INTO t VALUES (1)"))
        with pytest.raises(OperationalError) as caught:
            other.execute(text("CREATE TABLE u (n INTEGER)"))
    assert failing(caught.value).get("/fail").status_code == 503


def ask_until_it_ends(connection: Connection) -> None:
    """A busy server may be late to end it."""
    while True:
        time.sleep(0.1)
        connection.execute(text("SELECT 1"))


@pytest.mark.postgres
def test_a_connection_that_postgresql_has_ended(postgres_url: str) -> None:
    engine = create_engine(postgres_url.format(name="postgres"))
    with engine.connect() as connection:
        connection.execute(text("SET SESSION idle_in_transaction_session_timeout = 20"))
        with pytest.raises(DBAPIError) as caught:
            ask_until_it_ends(connection)
    engine.dispose()
    answer = failing(caught.value).get("/fail")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


def test_a_database_that_is_not_migrated() -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection, pytest.raises(OperationalError) as caught:
        connection.execute(text("SELECT * FROM user"))
    assert "netra migrate" in str(problem(failing(caught.value).get("/fail"))["detail"])


def test_unknown_address_and_method() -> None:
    client = failing(ValueError())
    assert problem(client.get("/nothing"))["type"] == "urn:netra:problem:not-found"
    answer = client.put("/fail")
    assert problem(answer)["type"] == "urn:netra:problem:method-not-allowed"
    assert answer.headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b'{"name": "' + SECRET.encode() + b'", "count": 1}', ["name"]),
        (b'{"name": "\\ud800", "count": 0}', ["name", "count"]),
        (b'{"name": "a\\u0000", "count": "many"}', ["count"]),
        (b'{"name": "a", "count": 1, "\\ud800x": 1}', ["body"]),
        (b'{"name": "a", "count": 1e400}', ["count"]),
        (b'{"name": "a", "count": NaN}', ["count"]),
        (b"[]", ["body"]),
        (b"", ["body"]),
        (b'{"name": ', ["body"]),
        (
            json.dumps({"name": "a", "count": 1} | {f"x{n}": 1 for n in range(50)}).encode(),
            [f"x{n}" for n in range(20)],
        ),
    ],
)
def test_input_that_is_refused(body: bytes, fields: list[str]) -> None:
    answer = failing(ValueError()).post("/item", content=body, headers={"Content-Type": "application/json"})
    found = problem(answer)
    assert answer.status_code == 422
    assert found["field"] == fields[0]
    listed = found["errors"]
    assert [error["field"] for error in listed] == fields  # type: ignore[attr-defined]
    assert all(" / " in error["message"] for error in listed)  # type: ignore[attr-defined]
    assert SECRET not in answer.text
    assert answer.content.decode("utf-8")


@pytest.mark.parametrize("body", [b"\xff\xfe\xfd", b"[" * 100_000, b'{"count": ' + b"9" * 5000 + b"}"])
def test_input_that_cannot_be_read(body: bytes) -> None:
    answer = failing(ValueError()).post("/item", content=body, headers={"Content-Type": "application/json"})
    assert problem(answer)["status"] in {400, 422}


def test_surrogates_in_a_problem_do_not_break_it() -> None:
    answer = failing(errors.BadInput("rusak \ud800\x00 / broken", value="\udfff")).get("/fail")
    assert problem(answer)["value"] == "?"


def test_browsers_get_a_page_when_there_is_one() -> None:
    app = FastAPI()
    install_problem_handlers(app, page=lambda _, body: HTMLResponse(f"<h1>{body['status']}</h1>", body["status"]))
    client = TestClient(app, headers={"Accept": "text/html"})
    assert client.get("/nothing").text == "<h1>404</h1>"
    assert client.get("/api/v1/nothing").headers["content-type"] == "application/problem+json"
    assert client.get("/nothing", headers={"Accept": "*/*"}).headers["content-type"] == "application/problem+json"


def test_limits_of_days_are_written_as_days() -> None:
    error = {"type": "less_than_equal", "loc": ("body", "day"), "ctx": {"le": "datetime.date(2150, 12, 31)"}}
    assert explain(error) == "paling besar 2150-12-31 / at most 2150-12-31"


@pytest.mark.parametrize(
    ("code", "limit", "worded"),
    [
        ("string_too_short", {"min_length": 1}, "tidak boleh kosong / must not be empty"),
        ("string_too_short", {"min_length": 3}, "paling sedikit 3 karakter / at least 3 characters"),
        ("too_short", {"min_length": 1, "actual_length": 0}, "tidak boleh kosong / must not be empty"),
        ("too_long", {"max_length": 1, "actual_length": 2}, "paling banyak 1 butir / at most 1 item"),
    ],
)
def test_a_limit_of_one_is_worded_as_one(code: str, limit: dict[str, int], worded: str) -> None:
    assert explain({"type": code, "ctx": limit}) == worded
