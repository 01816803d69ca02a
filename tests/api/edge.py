"""A small application around the real routers and the real edge, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import chain
from types import SimpleNamespace
from typing import Any

import anyio
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.api import auth, own_tokens, tokens, users
from app.api.document import publish_document
from app.api.problems import install_problem_handlers
from app.api.security import install_edge
from app.auth.passwords import hash_password
from app.auth.principal import ROLES
from app.db.event_tables import Event
from app.db.people_tables import User
from app.operating import Operating
from app.settings import Settings

PASSWORD = "kata sandi uji 7351"
NEW = {"login": "sari", "name": "Sari Dewi", "role": "reviewer", "password": "kata sandi panjang"}
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


UNHURRIED = {"requests_per_minute": 1_000_000, "strangers_per_minute": 1_000_000, "costly_per_minute": 1_000_000}
"""All tests of a process come from one address and share its counters."""


def settings(**values: object) -> Settings:
    """Settings that read neither environment files nor the machine's state, without limits of requests."""
    return Settings(_env_file=None, **(UNHURRIED | values))  # type: ignore[arg-type, call-arg]


def build(sessions: sessionmaker[Session] | None = None, **values: object) -> FastAPI:
    """The routers for sign-in, users and tokens behind the edge."""
    app = FastAPI()
    configured = settings(**values)
    engine = sessions.kw["bind"] if sessions else None
    operating = Operating(configured, sessions) if sessions else None
    app.state.services = SimpleNamespace(
        settings=configured, sessions=sessions, engine=engine, blobs=None, operating=operating
    )
    for module in (auth, users, tokens, own_tokens):
        app.include_router(module.router)
    install_problem_handlers(app)
    install_edge(app, configured)
    publish_document(app)
    return app


@cache
def stored_password() -> str:
    """One hash for all test people: hashing is slow on purpose."""
    return hash_password(PASSWORD)


def add_people(sessions: sessionmaker[Session]) -> None:
    """One person of each role; the login is the role."""
    with sessions() as session:
        for role in ROLES:
            session.add(User(login=role, name=f"Orang {role}", role=role, password_hash=stored_password()))
        session.commit()


def browser(app: FastAPI, login: str | None = None, base: str = "http://testserver") -> TestClient:
    """A browser on our own pages, signed in when a login is given."""
    client = TestClient(app, base_url=base, headers=SAME_ORIGIN)
    if login:
        answer = client.post("/api/v1/session", json={"login": login, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
    return client


def program(app: FastAPI, token: str) -> TestClient:
    """A program with an API token and no cookies."""
    return TestClient(app, headers={"Authorization": f"Bearer {token}"})


def sign_in(client: TestClient, login: str, password: str = PASSWORD) -> int:
    """The status of a try to sign in."""
    return client.post("/api/v1/session", json={"login": login, "password": password}).status_code


def make_token(app: FastAPI, login: str, *scopes: str, **more: object) -> tuple[str, str]:
    """The plain token and its id, made by the administrator through the API."""
    body = {"login": login, "name": "peramban", "scopes": list(scopes), **more}
    answer = browser(app, "admin").post("/api/v1/tokens", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["token"], answer.json()["id"]


def chunks(total: int, taken: list[int]) -> Iterator[bytes]:
    """A body without Content-Length; `taken` counts what the server took."""
    for _ in range(total // 65536):
        taken.append(65536)
        yield b"x" * 65536


def taken_from(app: FastAPI, path: str, headers: Mapping[str, str], beginning: bytes = b"") -> tuple[int, int]:
    """The answer to an endless POST, and how many bytes the server asked for after its `beginning`, chunk by chunk as
    from a network."""
    taken: list[int] = []
    statuses: list[int] = []
    endless = chain([beginning] if beginning else [], chunks(64 * 1024 * 1024, taken))

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": next(endless), "more_body": True}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    sent = {"Host": "testserver", "Transfer-Encoding": "chunked", **headers}
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()], "scheme": "http",
        "server": ("testserver", 80), "http_version": "1.1",
    }  # fmt: skip
    anyio.run(app, scope, receive, send)
    return statuses[0], sum(taken)


def events(sessions: sessionmaker[Session], action: str) -> list[Event]:
    """All events of one kind, in order."""
    with sessions() as session:
        return list(session.scalars(select(Event).where(Event.action == action).order_by(Event.id)))
