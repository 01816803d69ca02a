"""The edge around every request: headers, cross-site guard, body limit, access log, counters."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from starlette.responses import StreamingResponse

from app import telemetry
from app.api.problems import install_problem_handlers
from app.api.security import CONTENT_SECURITY_POLICY, HEADERS, install_edge
from tests.api.edge import chunks, settings, taken_from

MIB = 1024 * 1024


def application(**values: object) -> FastAPI:
    app = FastAPI()

    @app.post("/act")
    def act() -> str:
        return "done"

    @app.get("/things/{name}")
    def thing(name: str) -> str:
        return name

    @app.post("/read")
    @app.post("/kirim")
    @app.post("/api/v1/submissions")
    @app.post("/roster/foto")
    @app.post("/api/v1/candidates/{candidate:path}/photos")
    async def read(request: Request) -> int:
        return len(await request.body())

    @app.get("/broken")
    def broken() -> StreamingResponse:
        def pieces() -> Iterator[bytes]:
            yield b"first"
            raise ValueError("personal words")

        return StreamingResponse(pieces())

    install_problem_handlers(app)
    install_edge(app, settings(**values))
    return app


def client(**values: object) -> TestClient:
    return TestClient(application(**values))


# -- headers --------------------------------------------------------------------------------------------------------


def test_the_policy_is_the_one_decided_on() -> None:
    assert CONTENT_SECURITY_POLICY == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
        "trusted-types netra"
    )


@pytest.mark.parametrize("path", ["/things/a", "/nothing", "/read"])
def test_every_answer_carries_the_headers(path: str) -> None:
    answer = client().get(path)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert answer.headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in answer.headers


def test_refusals_of_the_edge_carry_them_too() -> None:
    answer = client().post("/act", headers={"Sec-Fetch-Site": "cross-site"})
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_strict_transport_behind_tls() -> None:
    answer = client(public_url="https://netra.example").get("/things/a")
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


# -- cross-site guard -----------------------------------------------------------------------------------------------

COOKIE = {"Cookie": "netra_session=x"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (COOKIE | {"Sec-Fetch-Site": "same-origin"}, 200),
        (COOKIE | {"Sec-Fetch-Site": "none"}, 200),
        (COOKIE | {"Sec-Fetch-Site": "same-site"}, 403),
        (COOKIE | {"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        (COOKIE | {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, 403),
        (COOKIE | {"Origin": "http://testserver"}, 200),
        (COOKIE | {"Origin": "https://netra.example"}, 200),
        (COOKIE | {"Origin": "http://evil.example"}, 403),
        (COOKIE | {"Origin": "http://testserver.evil.example"}, 403),
        (COOKIE | {"Origin": "null"}, 403),
        (COOKIE | {"Origin": "http://["}, 403),
        (COOKIE, 403),
        ({}, 200),
        (COOKIE | {"Authorization": "Bearer ntr_x", "Sec-Fetch-Site": "cross-site"}, 200),
    ],
)
def test_cross_site_acts(headers: dict[str, str], status: int) -> None:
    edge = client(public_url="https://netra.example")
    answer = edge.post("/act", headers=headers)
    assert answer.status_code == status
    assert edge.get("/things/a", headers=headers).status_code == 200
    if status == 403:
        assert answer.json()["type"] == "urn:netra:problem:not-allowed"


# -- body limit -----------------------------------------------------------------------------------------------------


LIMITS = {
    "/api/v1/submissions": 4 * MIB, "/kirim": 4 * MIB, "/roster/foto": 2 * MIB, "/read": MIB,
    "/api/v1/candidates/muara-embun/2/1/photos": 2 * MIB,
}  # fmt: skip
"""With three pictures of a mebibyte: all of them, one of them, none."""


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data; boundary=x", ""])
@pytest.mark.parametrize(("path", "limit"), LIMITS.items())
def test_a_chunked_body_is_cut_off_while_it_streams(path: str, limit: int, content_type: str) -> None:
    edge = client(max_images=3, max_image_bytes=MIB)
    headers = {"Content-Type": content_type} if content_type else {}
    answer = edge.post(path, content=chunks(limit, []), headers=headers)
    assert (answer.status_code, answer.text) == (200, str(limit))
    answer = edge.post(path, content=chunks(limit + 65536, []), headers=headers)
    assert "content-length" not in answer.request.headers
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:netra:problem:too-large")
    assert f"{limit:,} bytes" in answer.json()["detail"]


def test_no_more_is_taken_than_the_limit() -> None:
    """What the server asks for is counted, as a real server would send it: chunk by chunk."""
    app = application(max_images=1, max_image_bytes=MIB)
    assert taken_from(app, "/read", {"Content-Type": "application/json"}) == (413, MIB + 65536)


def test_an_announced_length_is_refused_before_a_byte_is_read() -> None:
    answer = client(max_images=1, max_image_bytes=MIB).post("/read", content=b"x" * (MIB + 1))
    assert answer.status_code == 413
    assert answer.json()["limit"] == MIB
    assert answer.headers["content-type"] == "application/problem+json"


# -- access log and counters ----------------------------------------------------------------------------------------


def test_the_access_log_names_no_person() -> None:
    with structlog.testing.capture_logs() as logs:
        answer = client().get("/things/Ibu-Sari?handle=@ibu.sari", headers=COOKIE)
    (line,) = logs
    assert line.keys() == {"event", "log_level", "method", "route", "status", "ms"}
    assert (line["method"], line["route"], line["status"]) == ("GET", "/things/{name}", 200)
    assert len(answer.headers["x-request-id"]) == 32


def test_an_answer_that_breaks_off_is_logged_without_its_words() -> None:
    with structlog.testing.capture_logs() as logs:
        answer = client().get("/broken")
    assert answer.content == b"first"
    assert [line["event"] for line in logs] == ["unexpected", "broken off", "request"]
    assert "personal words" not in str(logs)


def test_requests_are_counted_by_pattern() -> None:
    edge = client()
    labels = {"method": "GET", "route": "/things/{name}", "status": "200"}
    before = telemetry.REGISTRY.get_sample_value("netra_requests_total", labels) or 0
    for name in ("a", "b"):
        edge.get(f"/things/{name}")
    edge.request("BREW", "/things/a")
    assert telemetry.REGISTRY.get_sample_value("netra_requests_total", labels) == before + 2
    page, media_type = telemetry.render_metrics()
    assert media_type.startswith("text/plain")
    assert b"BREW" not in page
    assert b'method="OTHER"' in page
