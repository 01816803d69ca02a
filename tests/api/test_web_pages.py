"""The console's pages without a browser: who may see what, and what a form answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.event import listen, remove

from app.api.deps import PUBLIC, route_acts
from app.auth.principal import PERMISSIONS, ROLES
from app.db.event_tables import Event
from app.settings import Settings
from app.web.audit_log import actions
from app.web.words import words
from tests.api.conftest import build
from tests.browser.sample import PASSWORD, fill
from tests.conftest import prepare

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
MOMENT = datetime(2029, 9, 2, 1, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def flags() -> dict[str, str]:
    """Filled in by the client fixture: ids of the sample's flags by name."""
    return {}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, flags: dict[str, str]) -> Iterator[TestClient]:
    """A browser without scripts on the sample data."""
    data = tmp_path_factory.mktemp("web")
    settings = Settings(_env_file=None, data_dir=data, embedded_worker=False, sign_in_per_minute=1000)  # type: ignore[call-arg]
    prepare(settings.sqlalchemy_url)
    flags |= fill(settings, filler=30)
    with TestClient(build(settings), headers=SAME_ORIGIN, follow_redirects=False) as opened:
        yield opened


def enter(client: TestClient, login: str) -> None:
    """Sign in by the form."""
    client.cookies.clear()
    answer = client.post("/masuk", data={"login": login, "password": PASSWORD, "kembali": "/bantuan"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/bantuan")


def test_every_page_states_who_may_see_it(client: TestClient) -> None:
    pages = {key: act for key, act in route_acts(client.app).items() if not key[1].startswith(("/api", "/media"))}
    assert len(pages) > 25
    assert [key for key, act in pages.items() if act is None] == []
    public = {path for (_, path), act in pages.items() if act == PUBLIC}
    assert {"/masuk", "/keluar", "/pilihan"} <= public
    assert not any(path.startswith(("/antrean", "/pengguna", "/kontes", "/jejak")) for path in public)


@pytest.mark.parametrize(
    ("path", "act"),
    [
        ("/antrean", "flag.read"), ("/kirim", "submission.create"), ("/kiriman", "submission.read-own"),
        ("/kontes", "roster.read"), ("/pengguna", "user.manage"), ("/jejak-audit", "audit.read"),
    ],
)  # fmt: skip
def test_pages_are_for_the_roles_that_may(client: TestClient, path: str, act: str) -> None:
    logins = {"monitor": "pantau", "reviewer": "tinjau", "coordinator": "koordinator"}
    for role in ROLES:
        enter(client, logins.get(role, role))
        answer = client.get(path)
        assert answer.status_code == (200 if role in PERMISSIONS[act][0] else 403), (role, path)
        assert "text/html" in answer.headers["content-type"]
        assert (f'href="{path}"' in answer.text) or answer.status_code == 403
    client.cookies.clear()
    answer = client.get(f"{path}?x=1")
    assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/masuk")


def test_queue_pages_show_each_item_once(client: TestClient, flags: dict[str, str]) -> None:
    enter(client, "auditor")
    seen: list[str] = []
    path: str | None = "/antrean"
    while path:
        text = client.get(path).text
        seen += re.findall(r'<td><a href="/antrean/([0-9a-f-]{36})"', text)
        following = re.search(r'href="([^"]+)" rel="next"', text)
        path = following.group(1).replace("&amp;", "&") if following else None
    assert len(seen) == len(set(seen)) >= 30
    assert set(flags.values()) <= set(seen)


def test_ids_of_an_item_are_unique(client: TestClient, flags: dict[str, str]) -> None:
    enter(client, "tinjau")
    for flag_id in flags.values():
        ids = re.findall(r'\sid="([^"]+)"', client.get(f"/antrean/{flag_id}").text)
        assert len(ids) == len(set(ids))


def test_an_auditor_looks_and_does_not_decide(client: TestClient, flags: dict[str, str]) -> None:
    enter(client, "auditor")
    page = client.get(f"/antrean/{flags['text']}")
    assert "Peran Anda dapat melihat butir ini" in page.text
    assert 'name="verdict"' not in page.text
    form = {"seen": "1", "verdict": "confirm", "confirm_reason": "campaign_text"}
    assert client.post(f"/antrean/{flags['text']}/putusan", data=form).status_code == 403


def test_another_site_cannot_decide(client: TestClient, flags: dict[str, str]) -> None:
    enter(client, "tinjau")
    form = {"seen": "1", "verdict": "confirm", "confirm_reason": "campaign_text"}
    refused = client.post(f"/antrean/{flags['text']}/putusan", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert refused.status_code == 403
    assert "flag.confirm" not in client.get(f"/antrean/{flags['text']}").text


def test_a_stale_page_is_refused_kindly(client: TestClient, flags: dict[str, str]) -> None:
    enter(client, "tinjau")
    form = {"seen": "1", "verdict": "confirm", "confirm_reason": "campaign_text"}
    refused = client.post(f"/antrean/{flags['text']}/putusan", data=form)
    assert refused.status_code == 409
    assert "Rekan sudah bertindak" in refused.text


def test_broken_forms_and_addresses_are_pages_not_faults(client: TestClient, flags: dict[str, str]) -> None:
    enter(client, "tinjau")
    item = f"/antrean/{flags['text']}"
    assert client.post(f"{item}/putusan", data={}).status_code == 422
    assert client.post(f"{item}/putusan", data={"seen": "x", "verdict": "maybe"}).status_code == 422
    assert client.post(f"{item}/buka-samaran", data={"reason": "rahasia"}).status_code == 422
    for path in ("/antrean/1", f"/antrean/{MOMENT:%Y}", "/kontes/tidak-ada", "/x"):
        answer = client.get(path)
        assert (answer.status_code, "Tidak ditemukan" in answer.text) == (404, True), path
    assert client.get(f"{item}?gambar=99").status_code == 200
    assert client.get(f"{item}?putus=1").status_code == 200
    for path in ("/antrean?setelah=bukan-penanda", f"{item}?gambar=x"):
        assert client.get(path).status_code == 422


@pytest.mark.parametrize("number", ["-1", str(2**31), str(2**63), str(10**30)])
def test_numbers_that_no_database_holds(client: TestClient, flags: dict[str, str], number: str) -> None:
    enter(client, "koordinator")
    item = f"/antrean/{flags['text']}"
    pages = ("/jejak-audit?setelah=", "/antrean?putus=", f"{item}?putus=", f"{item}?gambar=")
    assert {path: client.get(path + number).status_code for path in pages} == dict.fromkeys(pages, 422)
    decision = {"verdict": "confirm", "confirm_reason": "campaign_text", "seen": number}
    assert client.post(f"{item}/putusan", data=decision).status_code == 422
    assert client.post(f"{item}/urungkan", data={"seen": number}).status_code == 422
    assert client.post(f"{item}/buka-samaran", data={"reason": "context", "gambar": number}).status_code == 422


def test_the_audit_trail_counts_and_filters_without_reading_it_all(client: TestClient) -> None:
    enter(client, "auditor")
    engine = client.app.state.services.engine  # type: ignore[attr-defined]
    asked: list[str] = []

    def noted(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement.lower())

    listen(engine, "before_cursor_execute", noted)
    try:
        page = client.get("/jejak-audit?tindakan=session.start")
    finally:
        remove(engine, "before_cursor_execute", noted)
    assert not [statement for statement in asked if "count(" in statement or "distinct" in statement]
    with client.app.state.services.sessions() as session:  # type: ignore[attr-defined]
        total = session.scalar(select(func.count()).select_from(Event))
    assert words("id").plural("audit.total", total) in page.text
    offered = re.findall(r'<option value="([a-z_]+\.[a-z_]+)"', page.text)
    assert offered == actions()
    assert 'value="session.start" selected' in page.text


def test_language_follows_the_cookie(client: TestClient) -> None:
    enter(client, "tinjau")
    answer = client.post("/pilihan", data={"bahasa": "en", "tema": "dark", "kembali": "//evil.example"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    page = client.get("/antrean").text
    assert '<html lang="en" data-theme="dark">' in page
    assert "The queue" not in page
    assert "Start reviewing" in page
    client.post("/pilihan", data={"bahasa": "xx", "tema": "neon"})
    assert '<html lang="en" data-theme="dark">' in client.get("/antrean").text


def test_pages_are_not_cached_and_assets_are(client: TestClient) -> None:
    enter(client, "tinjau")
    page = client.get("/antrean")
    assert page.headers["cache-control"] == "no-store"
    style = re.search(r"/static/app\.css\?v=\w+", page.text)
    assert style is not None
    assert "immutable" in client.get(style.group()).headers["cache-control"]
