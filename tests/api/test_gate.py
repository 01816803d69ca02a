"""How many requests tokens, people and strangers may make, and what they are told about it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from fastapi.testclient import TestClient

from app.auth import limits
from app.auth.principal import Principal
from tests.api.edge import taken_from
from tests.api.world import CALL, FORM, World, problem

HTML = {"Accept": "text/html"}


@pytest.fixture(autouse=True)
def own_minute() -> Iterator[None]:
    """Nothing is left of the minute of other tests, and nothing for them."""
    limits.limiter().storage.reset()
    yield
    limits.limiter().storage.reset()


@pytest.fixture
def narrow(sqlite_world: World) -> World:
    """A world with small limits; no database decides on them."""
    sqlite_world.settings.requests_per_minute = 12
    sqlite_world.settings.strangers_per_minute = 10
    sqlite_world.settings.costly_per_minute = 2
    sqlite_world.services.operating.forget()
    sqlite_world.browser("admin").get("/api/v1/session")  # the values are read with the first caller
    limits.limiter().storage.reset()
    return sqlite_world


def statuses(client: TestClient, path: str, times: int) -> list[int]:
    return [client.get(path).status_code for _ in range(times)]


def refused(answer: httpx.Response) -> None:
    body = problem(answer, 429)
    assert body["type"] == "urn:netra:problem:too-many"
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


def test_each_token_has_its_minute_and_is_told_what_is_left(narrow: World) -> None:
    one, other = narrow.program("monitor", "submit"), narrow.program("monitor", "submit")
    first = one.get("/api/v1/session")  # unknown until now: counted to its address
    assert first.headers["RateLimit-Policy"] == '"strangers";q=10;w=60'
    second = one.get("/api/v1/session")
    assert second.headers["RateLimit-Policy"] == '"requests";q=12;w=60'
    assert re.fullmatch(r'"requests";r=11;t=\d+', second.headers["RateLimit"])
    assert statuses(one, "/api/v1/session", 12) == [200] * 11 + [429]
    refused(one.get("/api/v1/session"))
    assert statuses(other, "/api/v1/session", 2) == [200, 200]


def test_a_page_says_it_too(narrow: World) -> None:
    person = narrow.browser("reviewer")
    assert statuses(person, "/antrean", 13)[-1] == 200
    answer = person.get("/antrean", headers=HTML)
    assert answer.status_code == 429
    assert answer.headers["content-type"].startswith("text/html")
    assert int(answer.headers["Retry-After"]) >= 1
    assert "Terlalu sering" in answer.text


def test_guessing_tokens_is_refused_without_shutting_out_the_neighbours(narrow: World) -> None:
    neighbour = narrow.program("monitor", "submit")
    assert neighbour.get("/api/v1/session").status_code == 200
    guesses = [
        narrow.nobody().get("/api/v1/session", headers={"Authorization": f"Bearer ntr_{number}"})
        for number in range(12)
    ]
    assert [answer.status_code for answer in guesses] == [401] * 9 + [429] * 3
    refused(guesses[-1])
    assert statuses(neighbour, "/api/v1/session", 3) == [200] * 3
    assert narrow.nobody().get("/healthz").status_code == 429


def test_cookies_that_open_nothing_are_strangers(narrow: World) -> None:
    client = TestClient(narrow.app, cookies={"netra_session": "x" * 40}, follow_redirects=False)
    client.portal = narrow.root.portal
    assert statuses(client, "/antrean", 11) == [401] * 10 + [429]


def test_a_revoked_token_becomes_a_stranger(narrow: World) -> None:
    limits.learn("ntr_once", Principal(None, "a", "a", "monitor"))
    assert limits.whose("ntr_once") is not None
    client = narrow.nobody()
    client.headers["Authorization"] = "Bearer ntr_once"
    assert client.get("/api/v1/session").status_code == 401
    assert limits.whose("ntr_once") is None


def test_costly_routes_have_a_smaller_minute_of_their_own(narrow: World) -> None:
    auditor = narrow.program("auditor", "admin")
    path = "/api/v1/events/verification"
    assert statuses(auditor, path, 4) == [200, 200, 200, 429]  # the first was a stranger's
    assert auditor.get("/api/v1/events").status_code == 200


def test_nothing_of_a_body_is_read_when_the_minute_is_over(narrow: World) -> None:
    one = narrow.program("monitor", "submit")
    statuses(one, "/api/v1/session", 13)
    headers = {"Content-Type": FORM, "Authorization": one.headers["Authorization"]}
    assert taken_from(narrow.app, "/api/v1/submissions", headers) == (429, 0)
    assert narrow.submit(CALL, client=one).status_code == 429


def test_static_files_are_not_counted(narrow: World) -> None:
    assert statuses(narrow.nobody(), "/static/app.css", 15) == [200] * 15


def test_what_is_known_of_secrets_stays_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_KNOWN", 3)
    someone = Principal(None, "a", "a", "monitor")
    for number in range(5):
        limits.learn(f"secret {number}", someone)
    known = [limits.whose(f"secret {number}") is not None for number in range(5)]
    assert known[-3:] == [True] * 3
    assert not any(known[:2])
    for secret in ("", "x" * 300):
        limits.learn(secret, someone)
        assert limits.whose(secret) is None
