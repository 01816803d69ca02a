"""Who may sign in, with what, for how long, and what is written down about it."""

from __future__ import annotations

import itertools
import json
import logging
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from fastapi import FastAPI
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from app import audit
from app.api.deps import PUBLIC, SIGNED_IN, route_acts
from app.auth import limits, passwords, users
from app.auth.principal import PERMISSIONS, ROLE_SCOPES, ROLES
from app.auth.sessions import fingerprint
from app.db.people_tables import User, UserSession
from app.telemetry import JsonHandler, configure_logging
from tests.api.edge import NEW, PASSWORD, add_people, browser, build, events, make_token, program, sign_in

ROUTES = sorted(route_acts(build()).items())


@pytest.fixture(autouse=True)
def no_limits_from_other_tests() -> Iterator[None]:
    limits.limiter().storage.reset()
    yield
    limits.limiter().storage.reset()


@pytest.fixture
def app(sessions: sessionmaker[Session]) -> FastAPI:
    add_people(sessions)
    return build(sessions)


# -- every route and every role -------------------------------------------------------------------------------------


def test_every_route_states_who_may_call_it() -> None:
    assert len(ROUTES) == 17
    assert all(act is not None for _, act in ROUTES)


def test_roles_and_routes(app: FastAPI) -> None:
    callers = {role: browser(app, role) for role in ROLES} | {None: browser(app)}
    checked = 0
    for ((method, pattern), act), (role, client) in itertools.product(ROUTES, callers.items()):
        if act in {PUBLIC, SIGNED_IN}:
            continue
        path = pattern.replace("{user_id}", str(uuid.uuid4())).replace("{token_id}", str(uuid.uuid4()))
        status = client.request(method, path, json={}).status_code
        if role is None:
            assert status == 401, (method, path)
        elif role in PERMISSIONS[act][0]:
            assert status in {200, 404, 422}, (method, path, role)
        else:
            assert status == 403, (method, path, role)
        checked += 1
    assert checked == 14 * (len(ROLES) + 1)


def test_the_openapi_says_who_may_call() -> None:
    schema = build().openapi()
    operation = schema["paths"]["/api/v1/tokens"]["post"]
    assert operation["x-netra-permission"] == {"act": "token.manage", "roles": ["admin"], "scopes": ["admin"]}
    assert operation["security"] == [{"token": []}, {"session": []}]
    assert set(operation["responses"]) >= {"201", "401", "403", "404", "409", "422"}
    assert operation["responses"]["422"] == {"$ref": "#/components/responses/BadInput"}
    refusal = schema["components"]["responses"]["BadInput"]
    assert set(refusal["content"]) == {"application/problem+json"}
    assert schema["paths"]["/api/v1/session"]["post"]["security"] == []
    assert "Problem" in schema["components"]["schemas"]
    assert "HTTPValidationError" not in str(schema)


def test_every_scope_a_role_may_carry_opens_something() -> None:
    for role, scopes in ROLE_SCOPES.items():
        for scope in scopes:
            assert any(role in roles and scope in needed for roles, needed in PERMISSIONS.values()), (role, scope)


# -- signing in -----------------------------------------------------------------------------------------------------


def test_sign_in_who_and_sign_out(app: FastAPI, sessions: sessionmaker[Session]) -> None:
    client = browser(app, "reviewer")
    me = client.get("/api/v1/session").json()
    assert (me["login"], me["role"], me["scopes"]) == ("reviewer", "reviewer", None)
    assert "flag.decide" in me["acts"]
    assert "user.manage" not in me["acts"]
    value = client.cookies["netra_session"]
    with sessions() as session:
        rows = session.scalars(select(UserSession.token_hash)).all()
    assert rows == [fingerprint(value)]
    assert len(value) >= 43
    assert client.delete("/api/v1/session").status_code == 204
    assert "netra_session" not in client.cookies
    client.cookies.set("netra_session", value)
    assert client.get("/api/v1/session").status_code == 401
    assert [event.actor for event in events(sessions, "session.end")] == ["reviewer"]


def test_signing_in_again_ends_the_session_that_this_browser_had(app: FastAPI, sessions: sessionmaker[Session]) -> None:
    client, elsewhere = browser(app, "reviewer"), browser(app, "reviewer")
    before = client.cookies["netra_session"]
    assert sign_in(client, "reviewer", "kata sandi keliru") == 401
    assert client.get("/api/v1/session").status_code == 200
    assert sign_in(client, "coordinator") == 200
    assert client.get("/api/v1/session").json()["login"] == "coordinator"
    assert elsewhere.get("/api/v1/session").status_code == 200
    client.cookies.clear()
    client.cookies.set("netra_session", before)
    assert client.get("/api/v1/session").status_code == 401
    assert [event.actor for event in events(sessions, "session.end")] == ["reviewer"]


@pytest.mark.parametrize("public_url", ["", "https://netra.example"])
def test_cookie_flags(sessions: sessionmaker[Session], public_url: str) -> None:
    add_people(sessions)
    client = browser(build(sessions, public_url=public_url, session_hours=2), base=public_url or "http://testserver")
    cookie = client.post("/api/v1/session", json={"login": "admin", "password": PASSWORD}).headers["set-cookie"]
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/", "max-age=7200"} <= parts
    assert ("secure" in parts) == bool(public_url)
    assert cookie.startswith("__Host-netra_session=" if public_url else "netra_session=")
    assert client.get("/api/v1/session").status_code == 200


def test_sessions_expire_and_end_with_the_person(app: FastAPI, sessions: sessionmaker[Session]) -> None:
    clients = [browser(app, "monitor"), browser(app, "auditor")]
    with sessions() as session:
        auditor = users.find_user(session, "auditor")
        expired = update(UserSession).where(UserSession.user_id != auditor.id)
        session.execute(expired.values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
        session.commit()
    assert clients[0].get("/api/v1/session").status_code == 401
    assert clients[1].get("/api/v1/session").status_code == 200
    assert browser(app, "admin").delete(f"/api/v1/users/{auditor.id}").status_code == 204
    assert clients[1].get("/api/v1/session").status_code == 401
    assert sign_in(browser(app), "auditor") == 401


@pytest.mark.parametrize(
    ("login", "password", "reason", "written"),
    [
        ("nobody", PASSWORD, "unknown", None),
        ("x\x00'; --", PASSWORD, "unknown", None),
        ("reviewer", "not the password", "password", "reviewer"),
    ],
)
def test_a_refused_try_is_written_down(
    app: FastAPI, sessions: sessionmaker[Session], login: str, password: str, reason: str, written: str | None
) -> None:
    answer = browser(app).post("/api/v1/session", json={"login": login, "password": password})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    (event,) = events(sessions, "session.refused")
    assert (event.actor, event.data.get("reason"), event.data.get("login")) == ("system", reason, written)
    assert login == written or login not in str(event.data)


def test_unknown_people_cost_the_same_work(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str] = []
    original = PasswordHash.verify_and_update

    def counted(self: PasswordHash, password: str, stored: str) -> tuple[bool, str | None]:
        verified.append(stored.rsplit("$", 2)[0])
        return original(self, password, stored)

    monkeypatch.setattr(PasswordHash, "verify_and_update", counted)
    answers = [
        browser(app).post("/api/v1/session", json={"login": login, "password": "not the password"})
        for login in ("reviewer", "nobody", "\ttab")
    ]
    assert len(verified) == 3
    assert len(set(verified)) == 1
    assert len({answer.json()["detail"] for answer in answers}) == 1


def test_guessing_is_slowed_down(sessions: sessionmaker[Session]) -> None:
    add_people(sessions)
    client = browser(build(sessions, sign_in_per_minute=3))
    assert [sign_in(client, "reviewer") for _ in range(5)] == [200] * 5
    assert [sign_in(client, "reviewer", "not the password") for _ in range(4)] == [401, 401, 401, 429]
    answer = client.post("/api/v1/session", json={"login": "reviewer", "password": PASSWORD})
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert sign_in(client, "admin") == 200
    assert len(events(sessions, "session.refused")) == 3


def test_spraying_over_many_logins_is_slowed_down() -> None:
    for number in range(20):
        limits.spend_sign_in(2, "2001:db8::1", f"user{number}")
    with pytest.raises(limits.TooMany):
        limits.spend_sign_in(2, "2001:db8::2", "another")
    limits.spend_sign_in(2, "192.0.2.7", "another")


def test_an_old_hash_is_renewed(app: FastAPI, sessions: sessionmaker[Session]) -> None:
    old = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8192, parallelism=1),)).hash(PASSWORD)
    with sessions() as session:
        session.execute(update(User).where(User.login == "reviewer").values(password_hash=old))
        session.commit()
    browser(app, "reviewer")
    with sessions() as session:
        renewed = users.find_user(session, "reviewer").password_hash
    assert renewed != old
    assert not passwords.HASHER.current_hasher.check_needs_rehash(renewed)
    browser(app, "reviewer")


# -- what is left behind --------------------------------------------------------------------------------------------


@pytest.fixture
def json_logs(capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[[], list[dict[str, object]]]]:
    """The log lines written so far, without those of the test client."""
    configure_logging("DEBUG")

    def lines() -> list[dict[str, object]]:
        parsed = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
        return [line for line in parsed if line["logger"] != "httpx"]

    yield lines
    root = logging.getLogger()
    root.handlers[:] = [handler for handler in root.handlers if not isinstance(handler, JsonHandler)]
    structlog.reset_defaults()


def test_no_secret_reaches_logs_or_events(
    app: FastAPI, sessions: sessionmaker[Session], json_logs: Callable[[], list[dict[str, object]]]
) -> None:
    plain, token_id = make_token(app, "monitor", "submit")
    admin = browser(app, "admin")
    rotated = admin.post(f"/api/v1/tokens/{token_id}/rotate").json()["token"]
    admin.post("/api/v1/users", json=NEW)
    program(app, rotated).get("/api/v1/session?handle=@orang.tertentu")
    sign_in(browser(app), "reviewer", "wrong but secret")
    sign_in(browser(app), "typed my secret here", "-")
    cookie = admin.cookies["netra_session"]
    lines = json_logs()
    logs = json.dumps(lines)
    with sessions() as session:
        written = " ".join(f"{event.object_id} {event.data}" for event in audit.walk(session))
        verified = audit.verify(session)
    assert verified == audit.Verification(7, None)
    requests = [line for line in lines if line["event"] == "request"]
    assert [line["status"] for line in requests] == [200, 201, 200, 200, 201, 200, 401, 401]
    assert len({line["request_id"] for line in requests}) == 8
    secrets = [PASSWORD, plain, rotated, cookie, fingerprint(cookie), NEW["password"], "wrong but secret", "my secret"]
    assert [secret for secret in secrets if secret in logs or secret in written] == []
    assert [personal for personal in ("orang.tertentu", "reviewer", "Sari", "testclient") if personal in logs] == []
