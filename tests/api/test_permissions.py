"""Every route, called by every role, every token and nobody, against the one table of permissions."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient

from app.api.deps import PUBLIC, SIGNED_IN, route_acts
from app.auth.principal import PERMISSIONS, ROLES, SCOPES, Principal, Role, Scope
from app.screening.models import Models
from tests.api.conftest import build, fresh_world, settings_for
from tests.api.edge import taken_from
from tests.api.tipping import let_tips_in
from tests.api.world import World

ROUTES = sorted(route_acts(build(settings_for("", Path()))).items())
MIB = 1024 * 1024
BODIES = {"PUT": {}, "POST": {}, "DELETE": None}
OWN_RULE = {("GET", "/api/v1/submissions/{submission_id}"): ("submission.read", "submission.read-own")}
"""Routes for whoever is signed in that ask for one of several permissions themselves."""
MISSING_FIRST = {
    "/api/v1/elections/{election_id}/close", "/api/v1/tokens/{token_id}/rotate", "/pengguna/token",
    "/api/v1/session/tokens/{token_id}/rotate", "/token/{token_id}/cabut", "/token/{token_id}/ganti",
    "/pengguna/token/{token_id}/cabut", "/pengguna/token/{token_id}/ganti",
    "/pengguna/{user_id}/nonaktif", "/pengguna/{user_id}/sandi", "/roster/foto/{photo_id}/cabut",
    "/aturan/{version_id}/terbitkan", "/skor-teks/{version_id}/pakai", "/skor-teks/{version_id}/hentikan",
    "/api/v1/works/{work_id}/cancellation",
    "/api/v1/webhooks/{webhook_id}", "/api/v1/webhooks/{webhook_id}/pause", "/api/v1/webhooks/{webhook_id}/ping",
    "/api/v1/webhooks/{webhook_id}/resumption", "/api/v1/webhooks/{webhook_id}/rotation",
    *(f"/webhook/{{webhook_id}}{act}" for act in ("", "/jeda", "/lanjut", "/uji", "/rahasia", "/hapus")),
    "/webhook/{webhook_id}/kiriman/{delivery_id}/ulang",
    "/api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/redelivery",
    "/pekerjaan/{work_id}/batal", "/pekerjaan/{work_id}/dilihat",
    "/pekerjaan/{work_id}/terapkan", "/antrean/{flag_id}/tahan",
    "/dasbor/{bagian}.csv",
    "/api/v1/flags/{flag_id}/claim", "/api/v1/flags/{flag_id}/renewal", "/antrean/{flag_id}/ambil",
    "/antrean/{flag_id}/lepas", "/antrean/{flag_id}/acuan", "/antrean/{flag_id}/keberatan",
    "/antrean/{flag_id}/komentar", "/antrean/{flag_id}/tugaskan",
    "/kiriman/{submission_id}/cek-ulang", "/kiriman/{submission_id}", "/api/v1/submissions/{submission_id}/context",
    "/informasi-awal/{tip_id}/pelapor",
    "/antrean/saringan/{filter_id}/bagikan", "/antrean/saringan/{filter_id}/hapus",
}  # fmt: skip
"""Acts that look for the thing they are about before anything of the (empty) body is judged."""
NEEDS_NOTHING = {
    "/api/v1/flags/next", "/antrean.csv", "/jejak-audit.csv", "/kiriman.csv", "/kontes.csv", "/pengguna.csv",
    "/pengguna/token.csv", "/mutu.csv",
}  # fmt: skip
"""Acts without a body that answer even where there is nothing to do."""
NOTHING_TO_DO = {"/api/v1/works/re-embedding", "/pekerjaan/foto-acuan"}
"""Acts without a body that are refused where there is nothing to do."""
NEXT_PAGE = "/antrean/berikutnya"
"""Leads on, to the next item or to the empty queue."""
Caller = tuple[Role | None, frozenset[Scope] | None]
CALLERS: list[Caller] = [
    (None, None),
    *[(role, None) for role in ROLES],
    *[(role, frozenset({scope})) for role in ROLES for scope in SCOPES],
    *[(role, frozenset(SCOPES)) for role in ROLES],
]


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, models: Models) -> Iterator[World]:
    """SQLite is enough: no database decides on permissions."""
    folder = tmp_path_factory.mktemp("permissions")
    with fresh_world(request, "sqlite", folder, models) as made:
        let_tips_in(made, tips_per_hour=100_000)
        yield made


def made_up(pattern: str) -> str:
    """The route's path with ids that do not exist: numbers where it takes numbers."""
    numbered = re.sub(r"\{(?:event|version|model|run)_id\}", "4711", pattern)
    return re.sub(r"\{[^}]*\}", str(uuid.uuid4()), numbered)


def call(client: TestClient, method: str, pattern: str) -> httpx.Response:
    """The route with ids that do not exist."""
    path = made_up(pattern)
    body = BODIES.get(method)
    return client.request(method, path, json=body) if body is not None else client.request(method, path)


def allowed(caller: Caller, method: str, pattern: str, act: str) -> bool:
    """What the table says."""
    role, scopes = caller
    if role is None:
        return act == PUBLIC
    principal = Principal(None, role, role, role, scopes=scopes)
    if (method, pattern) in OWN_RULE:
        return any(principal.may(one) for one in OWN_RULE[method, pattern])
    return act in {PUBLIC, SIGNED_IN} or principal.may(act)


def expected(method: str, pattern: str, role: Role | None) -> int:
    """The answer to a caller who may: pages are there, made-up things are not, empty forms are told."""
    if method == "GET" and (pattern == "/" or (pattern == "/masuk" and role is not None)):
        return 303
    if pattern == NEXT_PAGE:
        return 303
    if pattern in NEEDS_NOTHING:
        return 200
    if pattern in NOTHING_TO_DO:
        return 409
    if method in {"POST", "PUT"}:
        return 404 if pattern in MISSING_FIRST else 422
    if pattern.endswith("/{position}"):
        return 422  # the made-up one is no number
    return 404 if method == "DELETE" or "{" in pattern else 200


def test_every_route_states_who_may_call_it() -> None:
    assert len(ROUTES) > 50
    assert [route for route, act in ROUTES if act is None] == []
    asked = {act for _, act in ROUTES} | {act for acts in OWN_RULE.values() for act in acts}
    assert asked - {PUBLIC, SIGNED_IN} == set(PERMISSIONS)


def test_what_is_open_to_everybody() -> None:
    assert [route for route, act in ROUTES if act == PUBLIC] == [
        ("DELETE", "/api/v1/session"), ("GET", "/api/v1/tips/challenge"), ("GET", "/healthz"), ("GET", "/masuk"),
        ("GET", "/rujukan-api"), ("GET", "/rujukan-api/{tag}"),
        ("GET", "/sampaikan"), ("GET", "/sampaikan/status"), ("POST", "/api/v1/session"), ("POST", "/api/v1/tips"),
        ("POST", "/api/v1/tips/status"), ("POST", "/keluar"), ("POST", "/masuk"), ("POST", "/pilihan"),
        ("POST", "/sampaikan"), ("POST", "/sampaikan/status"),
    ]  # fmt: skip


@pytest.mark.parametrize("caller", CALLERS, ids=lambda c: f"{c[0]}-{'cookie' if c[1] is None else '+'.join(c[1])}")
def test_the_matrix(world: World, caller: Caller) -> None:
    role, scopes = caller
    client = world.nobody() if role is None else world.browser(role) if scopes is None else world.program(role, *scopes)
    for (method, pattern), act in ROUTES:
        if act == PUBLIC and method != "GET":
            continue  # signing in and out, tested where they are
        answer = call(client, method, pattern)
        told = f"{method} {pattern} ({act}) as {caller}: {answer.status_code}"
        if allowed(caller, method, pattern, str(act)):
            assert answer.status_code == expected(method, pattern, role), told
        else:
            assert answer.status_code == (401 if role is None else 403), told
            assert answer.headers["content-type"] == "application/problem+json", told


ITEM = "0b0e5c1e-6d3c-4f6e-9b65-1f0d6c6f4a11"
UPLOADS = (
    "/api/v1/submissions", "/api/v1/submissions:batch", "/kirim", "/kirim/banyak",
    "/api/v1/candidates/muara-embun/2/1/photos", "/roster/foto",
    f"/api/v1/flags/{ITEM}/appeals", f"/antrean/{ITEM}/keberatan",
    "/api/v1/contests/muara-embun/face-check", "/roster/uji-foto/muara-embun",
)  # fmt: skip
FORM_TYPE = {"Content-Type": "multipart/form-data; boundary=x"}


@pytest.mark.parametrize("path", UPLOADS)
def test_nothing_is_read_of_an_upload_by_somebody_who_may_not(world: World, path: str) -> None:
    assert taken_from(world.app, path, FORM_TYPE) == (401, 0)
    unknown = FORM_TYPE | {"Authorization": "Bearer ntr_x", "Cookie": "netra_session=x"}
    assert taken_from(world.app, path, unknown) == (401, 0)
    other = world.program("auditor", *SCOPES).headers["Authorization"]
    assert taken_from(world.app, path, FORM_TYPE | {"Authorization": other}) == (403, 0)


def test_no_other_body_may_be_larger_than_a_mebibyte(world: World) -> None:
    acts = {path for (method, path), _ in ROUTES if method == "POST" and not path.endswith("/photos")} - set(UPLOADS)
    acts -= {"/api/v1/contests/{contest_id}/face-check", "/roster/uji-foto/{contest_id:path}"}
    acts -= {"/sampaikan"}  # the public sends pictures there; tests/api/test_web_tips.py
    assert len(acts) > 15
    for pattern in acts:
        path = made_up(pattern)
        _, taken = taken_from(world.app, path, FORM_TYPE)
        assert taken <= MIB + 65536, path


def test_a_browser_without_a_session_is_led_to_signing_in(world: World) -> None:
    other = ("/api", "/media", "/metrics")
    pages = [path for (method, path), act in ROUTES if method == "GET" and act != PUBLIC and not path.startswith(other)]
    assert len(pages) > 8
    for path in pages:
        answer = world.nobody().get(made_up(path), headers={"Accept": "text/html"})
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/masuk?kembali=%2F"), path


def test_the_openapi_is_open_and_says_the_same(world: World) -> None:
    answer = world.nobody().get("/api/openapi.json")
    assert answer.status_code == 200
    described = {
        (method.upper(), path): operation["x-netra-permission"]["act"]
        for path, operations in answer.json()["paths"].items()
        for method, operation in operations.items()
    }
    stated = {(method, re.sub(r":\w+\}", "}", path)): act for (method, path), act in ROUTES}
    assert described == {route: act for route, act in stated.items() if route[1].startswith(("/api", "/healthz"))}


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer ntr_x", "Basic YTpi", "ntr_x", "Bearer \xff"])
def test_tokens_that_are_none(world: World, header: str) -> None:
    cookie = world.browser("admin").cookies
    client = TestClient(world.app, cookies=cookie)
    answer = client.get("/api/v1/users", headers={"Authorization": header.encode("latin-1")})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
