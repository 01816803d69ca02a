"""People: added, given a new password, deactivated, by administrators only."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from app.auth import limits, tokens, users
from app.auth.principal import Principal
from app.db.event_tables import Event
from app.db.people_tables import User
from app.errors import NotAllowed
from tests.api.edge import NEW, PASSWORD, add_people, browser, build, events, sign_in


@pytest.fixture(autouse=True)
def no_limits_from_other_tests() -> Iterator[None]:
    limits.limiter().storage.reset()
    yield
    limits.limiter().storage.reset()


@pytest.fixture
def app(sessions: sessionmaker[Session]) -> FastAPI:
    add_people(sessions)
    return build(sessions)


def test_an_admin_adds_a_person_who_can_sign_in(app: FastAPI, sessions: sessionmaker[Session]) -> None:
    admin = browser(app, "admin")
    answer = admin.post("/api/v1/users", json=NEW | {"region_code": "16.12"})
    assert answer.status_code == 201
    assert "password" not in answer.text
    made = answer.json()
    assert admin.get(answer.headers["location"]).json() == made
    assert made["login"] in {user["login"] for user in admin.get("/api/v1/users").json()["items"]}
    assert sign_in(browser(app), " Sari ", NEW["password"]) == 200
    (event,) = events(sessions, "user.create")
    assert (event.actor, event.object_id) == ("admin", made["id"])
    assert event.data == {"login": "sari", "role": "reviewer", "region": "16.12"}
    assert admin.post("/api/v1/users", json=NEW).status_code == 409


BAD_FACTS: list[tuple[str, object]] = [
    ("login", "S"), ("login", "Sari"), ("login", "sa ri"), ("login", "sa\x00ri"), ("login", "system"),
    ("login", "s" * 81), ("name", " "), ("name", "a\x00b"), ("name", "\ud800x"), ("name", "a\nb"), ("role", "system"),
    ("role", "boss"), ("password", "too short"), ("password", "x" * 201), ("password", "\ud800" * 12),
    ("region_code", "16'12"), ("admin", True),
]  # fmt: skip


def test_a_person_with_bad_facts_is_refused(app: FastAPI, sessions: sessionmaker[Session]) -> None:
    admin = browser(app, "admin")
    for field, value in BAD_FACTS:
        body = json.dumps(NEW | {field: value})
        answer = admin.post("/api/v1/users", content=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["field"]) == (422, field), value
        assert NEW["password"] not in answer.text
    assert events(sessions, "user.create") == []


def test_a_new_password_ends_the_sessions(app: FastAPI, sessions: sessionmaker[Session]) -> None:
    reviewer, admin = browser(app, "reviewer"), browser(app, "admin")
    with sessions() as session:
        user = users.find_user(session, "reviewer")
    answer = admin.put(f"/api/v1/users/{user.id}/password", json={"password": "sandi yang baru"})
    assert answer.status_code == 204
    assert reviewer.get("/api/v1/session").status_code == 401
    tries = {"sandi yang baru": 200, PASSWORD: 401}
    for password, status in tries.items():
        assert sign_in(browser(app), "reviewer", password) == status
    assert len(events(sessions, "user.password")) == 1


def test_the_last_admin_stays(app: FastAPI, sessions: sessionmaker[Session]) -> None:
    client = browser(app, "admin")
    with sessions() as session:
        admin = users.find_user(session, "admin")
    assert client.delete(f"/api/v1/users/{admin.id}").status_code == 409
    assert client.get("/api/v1/session").status_code == 200
    client.post("/api/v1/users", json=NEW | {"role": "admin"})
    assert client.delete(f"/api/v1/users/{admin.id}").status_code == 204
    assert client.get("/api/v1/session").status_code == 401


def test_the_domain_checks_permission_itself(session: Session) -> None:
    reviewer = Principal(uuid.uuid4(), "r", "R", "reviewer")
    with pytest.raises(NotAllowed):
        users.create_user(session, reviewer, "sari", "Sari", "admin", PASSWORD)
    with pytest.raises(NotAllowed):
        tokens.create_token(session, reviewer, User(role="admin", active=True), "x", ["admin"])
    assert session.scalar(select(func.count()).select_from(Event)) == 0
