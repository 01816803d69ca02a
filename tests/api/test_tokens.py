"""API tokens: shown once, bound by scope and role, ended by time, rotation, revocation and their owner."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from app.auth import limits, tokens, users
from app.auth.principal import ROLE_SCOPES, ROLES, SCOPES, SYSTEM
from app.auth.sessions import fingerprint
from app.db.office_tables import Setting
from app.db.people_tables import ApiToken, User
from app.errors import BadInput
from tests.api.edge import add_people, browser, build, events, make_token, program


@pytest.fixture(autouse=True)
def no_limits_from_other_tests() -> Iterator[None]:
    limits.limiter().storage.reset()
    yield
    limits.limiter().storage.reset()


@pytest.fixture
def app(sessions: sessionmaker[Session]) -> FastAPI:
    add_people(sessions)
    return build(sessions)


def test_a_token_is_shown_once_and_kept_as_a_hash(app: FastAPI, sessions: sessionmaker[Session]) -> None:
    plain, token_id = make_token(app, "reviewer", "submit", "review")
    assert plain.startswith("ntr_")
    assert len(plain) >= 47
    admin = browser(app, "admin")
    for shown in (admin.get("/api/v1/tokens").text, admin.get(f"/api/v1/tokens/{token_id}").text):
        assert token_id in shown
        assert plain not in shown
        assert fingerprint(plain) not in shown
    with sessions() as session:
        assert tokens.find_token(session, uuid.UUID(token_id)).token_hash == fingerprint(plain)


def test_a_token_needs_its_scope_and_its_owners_role(app: FastAPI, sessions: sessionmaker[Session]) -> None:
    submit, _ = make_token(app, "admin", "submit")
    assert program(app, submit).get("/api/v1/users").status_code == 403
    assert program(app, submit).get("/api/v1/session").json()["scopes"] == ["submit"]
    admin, _ = make_token(app, "admin", "admin")
    assert program(app, admin).get("/api/v1/users").status_code == 200
    with sessions() as session:
        users.find_user(session, "admin").role = "auditor"
        session.commit()
    assert program(app, admin).get("/api/v1/users").status_code == 403


def test_scopes_stay_within_the_owners_role(session: Session) -> None:
    owners = [User(login=role, name=role, role=role, password_hash="-", active=True) for role in ROLES]
    session.add_all(owners)
    for owner, scope in itertools.product(owners, SCOPES):
        role = owner.role
        if scope in ROLE_SCOPES[role]:
            assert tokens.create_token(session, SYSTEM, owner, "t", [scope, scope])[1].scopes == [scope]
        else:
            with pytest.raises(BadInput) as refused:
                tokens.create_token(session, SYSTEM, owner, "t", [scope])
            assert refused.value.field == "scopes"


def test_rotation_and_revocation(app: FastAPI, sessions: sessionmaker[Session]) -> None:
    admin = browser(app, "admin")
    old, token_id = make_token(app, "monitor", "submit")
    new = admin.post(f"/api/v1/tokens/{token_id}/rotate").json()["token"]
    assert new != old
    assert program(app, old).get("/api/v1/session").status_code == 401
    assert program(app, new).get("/api/v1/session").status_code == 200
    assert [admin.delete(f"/api/v1/tokens/{token_id}").status_code for _ in range(2)] == [204, 204]
    answer = program(app, new).get("/api/v1/session")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert admin.post(f"/api/v1/tokens/{token_id}/rotate").status_code == 409
    acts = ["token.create", "token.rotate", "token.revoke"]
    assert [len(events(sessions, act)) for act in acts] == [1, 1, 1]


def test_a_rotated_token_may_keep_its_old_secret_for_a_while(app: FastAPI, sessions: sessionmaker[Session]) -> None:
    admin = browser(app, "admin")
    first, token_id = make_token(app, "monitor", "submit")
    answer = admin.post(f"/api/v1/tokens/{token_id}/rotate", json={"overlap_hours": 24})
    second, until = answer.json()["token"], datetime.fromisoformat(answer.json()["previous_until"])
    assert timedelta(hours=23) < until - datetime.now(UTC) <= timedelta(hours=24)
    assert program(app, first).get("/api/v1/session").status_code == 200
    assert admin.get(f"/api/v1/tokens/{token_id}").json()["last_used_at"] is None  # nobody knows the new one yet
    assert program(app, second).get("/api/v1/session").status_code == 200
    assert admin.get(f"/api/v1/tokens/{token_id}").json()["last_used_at"] is not None
    with sessions() as session:
        tokens.find_token(session, uuid.UUID(token_id)).previous_until = datetime.now(UTC) - timedelta(seconds=1)
        session.commit()
    assert program(app, first).get("/api/v1/session").status_code == 401
    third = admin.post(f"/api/v1/tokens/{token_id}/rotate", json={"overlap_hours": 1}).json()["token"]
    assert [program(app, one).get("/api/v1/session").status_code for one in (first, second, third)] == [401, 200, 200]
    assert admin.delete(f"/api/v1/tokens/{token_id}").status_code == 204
    assert [program(app, one).get("/api/v1/session").status_code for one in (second, third)] == [401, 401]
    assert admin.post(f"/api/v1/tokens/{token_id}/rotate", json={"overlap_hours": 169}).status_code == 422
    assert [event.data.get("old_until") is not None for event in events(sessions, "token.rotate")] == [True, True]


def test_people_make_tokens_for_their_own_programs(app: FastAPI, sessions: sessionmaker[Session]) -> None:
    monitor, path = browser(app, "monitor"), "/api/v1/session/tokens"
    new = {"name": "ekstensi", "scopes": ["submit", "read-own"], "days": 90}
    made = monitor.post(path, json=new)
    assert made.status_code == 201, made.text
    ends = datetime.fromisoformat(made.json()["expires_at"])
    assert timedelta(days=89) < ends - datetime.now(UTC) <= timedelta(days=90)
    plain, token_id = made.json()["token"], made.json()["id"]
    own = program(app, plain)
    assert own.get("/api/v1/session").json()["login"] == "monitor"
    assert own.post(path, json=new).status_code == 403  # no token makes another
    for wrong, field in (({"days": 91}, "days"), ({"scopes": ["review"]}, "scopes"), ({"days": 0}, "days")):
        answer = monitor.post(path, json=new | wrong)
        assert (answer.status_code, answer.json()["field"]) == (422, field), wrong
    assert [one["id"] for one in monitor.get(path).json()["items"]] == [token_id]
    assert monitor.get(path).json()["most_days"] == 90
    other = browser(app, "reviewer")
    assert other.get(path).json()["items"] == []
    assert other.post(f"{path}/{token_id}/rotate").status_code == 404
    assert other.delete(f"{path}/{token_id}").status_code == 404
    turned = monitor.post(f"{path}/{token_id}/rotate").json()["token"]
    assert [program(app, one).get("/api/v1/session").status_code for one in (plain, turned)] == [401, 200]
    assert monitor.delete(f"{path}/{token_id}").status_code == 204
    assert program(app, turned).get("/api/v1/session").status_code == 401
    acts = ["token.create", "token.rotate", "token.revoke"]
    assert [[event.actor for event in events(sessions, act)] for act in acts] == [["monitor"]] * 3


def test_nobody_holds_too_many_and_the_office_may_switch_it_off(app: FastAPI, sessions: sessionmaker[Session]) -> None:
    monitor, path = browser(app, "monitor"), "/api/v1/session/tokens"
    new = {"name": "ekstensi", "scopes": ["submit"], "days": 1}
    with sessions() as session:
        owner = users.find_user(session, "monitor")
        for number in range(tokens.MOST_OWN - 1):
            tokens.create_token(session, SYSTEM, owner, f"t{number}", ["submit"])
        session.commit()
    assert [monitor.post(path, json=new).status_code for _ in range(2)] == [201, 409]
    with sessions() as session:
        session.add(Setting(name="own_token_days", value=0, reason="Uji", changed_by="admin"))
        session.commit()
    app.state.services.operating.forget()
    assert monitor.post(path, json=new).status_code == 403


def test_tokens_expire(app: FastAPI, sessions: sessionmaker[Session]) -> None:
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    plain, token_id = make_token(app, "monitor", "submit", expires_at=soon)
    assert program(app, plain).get("/api/v1/session").status_code == 200
    with sessions() as session:
        tokens.find_token(session, uuid.UUID(token_id)).expires_at = datetime.now(UTC) - timedelta(seconds=1)
        session.commit()
    assert program(app, plain).get("/api/v1/session").status_code == 401
    assert browser(app, "admin").post(f"/api/v1/tokens/{token_id}/rotate").status_code == 409


def test_an_expiry_that_makes_no_sense_is_refused(app: FastAPI) -> None:
    admin = browser(app, "admin")
    for moment in (
        "2020-01-01T00:00:00Z",
        "2099-01-01T00:00:00",
        "soon",
        "9999-99-99",
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00+14:00",
    ):
        body = {"login": "monitor", "name": "t", "scopes": ["submit"], "expires_at": moment}
        answer = admin.post("/api/v1/tokens", json=body)
        assert (answer.status_code, answer.json()["field"]) == (422, "expires_at"), moment


def test_a_deactivated_owner_takes_the_tokens_along(app: FastAPI, sessions: sessionmaker[Session]) -> None:
    plain, token_id = make_token(app, "monitor", "submit")
    with sessions() as session:
        owner = users.find_user(session, "monitor")
    admin = browser(app, "admin")
    admin.delete(f"/api/v1/users/{owner.id}")
    assert program(app, plain).get("/api/v1/session").status_code == 401
    assert admin.get(f"/api/v1/tokens/{token_id}").json()["revoked_at"] is not None
    answer = admin.post("/api/v1/tokens", json={"login": "monitor", "name": "t", "scopes": ["submit"]})
    assert answer.status_code == 409


def test_last_use_is_written_at_most_once_a_minute(app: FastAPI, sessions: sessionmaker[Session]) -> None:
    plain, token_id = make_token(app, "monitor", "submit")

    def last_used() -> datetime | None:
        with sessions() as session:
            return tokens.find_token(session, uuid.UUID(token_id)).last_used_at

    assert last_used() is None
    program(app, plain).get("/api/v1/session")
    first = last_used()
    program(app, plain).get("/api/v1/session")
    assert first is not None
    assert last_used() == first
    with sessions() as session:
        session.execute(update(ApiToken).values(last_used_at=first - timedelta(seconds=61)))
        session.commit()
    program(app, plain).get("/api/v1/session")
    assert (last_used() or first) >= first


def test_an_authorization_header_never_falls_back_to_the_cookie(app: FastAPI) -> None:
    client = browser(app, "admin")
    assert client.get("/api/v1/session").status_code == 200
    for header in ("Bearer ntr_unknown", "Bearer x", "Bearer", "Basic YTpi", "ntr_x", f"Bearer ntr_{'x' * 999}", ""):
        answer = client.get("/api/v1/session", headers={"Authorization": header})
        assert answer.status_code == 401, header
