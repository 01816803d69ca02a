"""Pages of other origins: none by default, those of the list with a token, never with cookies."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session, sessionmaker

from app.settings import Settings
from tests.api.edge import add_people, browser, build, make_token, settings

ALLOWED, OTHER = "https://dasbor.example.id", "https://lain.example.id"
ASKED = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}


def configured(listed: str) -> str:
    return settings(data_dir=Path(), cors_origins=listed).cors_origins


@pytest.fixture
def client(sessions: sessionmaker[Session]) -> TestClient:
    add_people(sessions)
    app = build(sessions, cors_origins=f"{ALLOWED}, http://localhost:5173")
    plain, _ = make_token(app, "monitor", "submit")
    return TestClient(app, headers={"Authorization": f"Bearer {plain}", "Sec-Fetch-Site": "cross-site"})


def test_origins_are_written_as_browsers_do() -> None:
    assert configured("") == ""
    assert configured("HTTPS://Dasbor.Example.ID:443, http://localhost:5173\nhttp://localhost:5173") == (
        "https://dasbor.example.id,http://localhost:5173"
    )
    assert configured("chrome-extension://abcdefgh") == "chrome-extension://abcdefgh"


@pytest.mark.parametrize(
    "wrong", ["*", "null", "dasbor.example.id", "https://a.id/pfad", "ftp://a.id", "https://a:99999"]
)
def test_what_is_no_origin_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="not an origin"):
        Settings(_env_file=None, cors_origins=wrong)  # type: ignore[call-arg]


def test_an_origin_of_the_list_reads_with_a_token(client: TestClient) -> None:
    answer = client.get("/api/v1/session", headers={"Origin": ALLOWED})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == ALLOWED
    assert "access-control-allow-credentials" not in answer.headers
    assert "Retry-After" in answer.headers["access-control-expose-headers"]
    assert "Origin" in answer.headers["vary"]
    before = client.options("/api/v1/session", headers={"Origin": ALLOWED, **ASKED})
    assert before.status_code == 200
    assert before.headers["access-control-allow-origin"] == ALLOWED
    assert "Authorization" in before.headers["access-control-allow-headers"]
    assert before.headers["x-content-type-options"] == "nosniff"


def test_refusals_can_be_read_too(client: TestClient) -> None:
    wrong = {"Origin": ALLOWED, "Authorization": "Bearer ntr_x"}
    answer = client.get("/api/v1/session", headers=wrong)
    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == ALLOWED
    assert client.post("/api/v1/session", headers=wrong, content=b"{").headers["access-control-allow-origin"] == ALLOWED


def test_other_origins_and_pages_get_nothing(client: TestClient) -> None:
    for origin in (OTHER, "null", ALLOWED + ":8443", ALLOWED.replace("https", "http")):
        answer = client.get("/api/v1/session", headers={"Origin": origin})
        assert not [name for name in answer.headers if name.startswith("access-control")], origin
        assert "Origin" in answer.headers["vary"]
        before = client.options("/api/v1/session", headers={"Origin": origin, **ASKED})
        assert before.status_code == 400
        assert not [name for name in before.headers if name.startswith("access-control")], origin
    assert "access-control-allow-origin" not in client.get("/masuk", headers={"Origin": ALLOWED}).headers


def test_a_cookie_does_nothing_from_an_origin_of_the_list(sessions: sessionmaker[Session]) -> None:
    add_people(sessions)
    person = browser(build(sessions, cors_origins=ALLOWED), "admin")
    foreign = {"Origin": ALLOWED, "Sec-Fetch-Site": "cross-site"}
    assert person.delete("/api/v1/session", headers=foreign).status_code == 403
    assert "access-control-allow-credentials" not in person.get("/api/v1/session", headers=foreign).headers


def test_none_by_default(sessions: sessionmaker[Session]) -> None:
    client = TestClient(build(sessions))
    answer = client.options("/api/v1/session", headers={"Origin": ALLOWED, **ASKED})
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]
