"""Webhooks in the console: forms that work without scripts, a secret on one page only, sending again."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.screening.models import Models
from app.webhooks.signing import Verifier
from tests.api.webhook_desk import Desk, desk_on
from tests.api.world import CONTEST

SECRET = re.compile(r'<output id="secret">(whsec_[\w+/=]+)</output>')


@pytest.fixture
def desk(request: pytest.FixtureRequest, tmp_path: Path, models: Models) -> Iterator[Desk]:
    """No database decides on forms."""
    with desk_on(request, "sqlite", tmp_path, models) as made:
        yield made


@pytest.fixture
def browser(desk: Desk) -> TestClient:
    return desk.world.browser("coordinator")


def added(desk: Desk, browser: TestClient, *events: str) -> str:
    """The address of the page of a webhook made by the form."""
    answer = browser.post("/webhook", data={"name": "Rujukan <b>", "url": desk.receiver.url, "events": list(events)})
    assert answer.status_code == 200
    (secret,) = SECRET.findall(answer.text)
    desk.receiver.verifier = Verifier(secret.replace("&#43;", "+"))
    page = browser.get("/webhook").text
    assert "Rujukan &lt;b&gt;" in page
    assert secret not in page
    found = re.search(r'href="(/webhook/[0-9a-f-]{36})"', page)
    assert found is not None
    assert secret not in browser.get(found[1]).text
    return found[1]


def test_add_try_and_send_again(desk: Desk, browser: TestClient) -> None:
    page = added(desk, browser, "roster.changed")
    assert browser.post(f"{page}/uji").headers["location"] == f"{page}#log"
    desk.happen()
    desk.deliver()
    shown = browser.get(page).text
    assert "Pesan uji" in shown
    assert "jawaban 200" in shown
    again = re.findall(rf'action="({page}/kiriman/[0-9a-f-]+/ulang)"', shown)
    assert len(again) == 2
    assert browser.post(again[0]).status_code == 303
    assert browser.post(again[0]).status_code == 409  # it waits already
    desk.deliver()
    assert [request.status for request in desk.receiver.requests] == [200, 200, 200]
    assert browser.get(page, params={"keadaan": "dead"}).text.count("/ulang") == 0
    assert browser.get(page, params={"keadaan": "lain"}).status_code == 422
    assert browser.get(page, params={"setelah": str(uuid.uuid4())}).status_code == 422


def test_a_page_of_the_log_leads_to_the_next(desk: Desk, browser: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.web.webhooks.PAGE", 2)
    page = added(desk, browser, "roster.changed")
    desk.happen(3)
    desk.deliver()
    following = re.search(r'href="([^"]+)" rel="next"', browser.get(page, params={"keadaan": "delivered"}).text)
    assert following is not None
    assert browser.get(following[1].replace("&amp;", "&")).text.count("/ulang") == 1


def test_pause_resume_rotate_change_and_delete(desk: Desk, browser: TestClient) -> None:
    page = added(desk, browser, "roster.changed")
    assert browser.post(f"{page}/jeda").status_code == 303
    assert "dijeda" in browser.get(page).text
    assert browser.post(f"{page}/jeda").status_code == 409
    assert browser.post(f"{page}/lanjut", data={"lewati": "ya"}).status_code == 303
    assert browser.post(f"{page}/lanjut").status_code == 409
    rotated = browser.post(f"{page}/rahasia")
    assert len(SECRET.findall(rotated.text)) == 1
    assert "Rahasia lama masih menandatangani" in rotated.text
    assert "Rahasia lama masih menandatangani" not in browser.post(f"{page}/rahasia", data={"bocor": "ya"}).text
    good = {"name": "Lain", "url": desk.receiver.url, "events": ["flag.raised"], "contests": [CONTEST]}
    assert browser.post(page, data=good).status_code == 303
    assert "hanya 1 pemilihan" in browser.get("/webhook").text
    assert f'value="{CONTEST}" checked' in browser.get(page).text
    refused = browser.post(page, data=good | {"url": "https://10.0.0.1/", "name": "Tetap <i>"})
    assert refused.status_code == 422
    assert "NETRA_WEBHOOK_ALLOW" in refused.text
    assert 'value="Tetap &lt;i&gt;"' in refused.text
    assert browser.post(f"{page}/hapus").status_code == 422
    assert browser.post(f"{page}/hapus", data={"sure": "ya"}).status_code == 303
    assert browser.get(page).status_code == 404


@pytest.mark.parametrize("change", [{"url": "http://localhost:1/"}, {"events": []}, {"name": " "}, {"contests": ["x"]}])
def test_what_is_refused_is_told_beside_its_field(desk: Desk, browser: TestClient, change: dict[str, object]) -> None:
    given = {"name": "Uji", "url": desk.receiver.url, "events": ["flag.raised"]} | change
    answer = browser.post("/webhook", data=given)
    assert answer.status_code == 422
    assert f'id="error-{next(iter(change))}"' in answer.text
