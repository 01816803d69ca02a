"""Faults and refusals in a browser: a page with what to do, whichever part of the server says no."""

from __future__ import annotations

import html
from typing import Any

import pytest

from app.db.contest_tables import ContestRow
from tests.api.people import act, add, verdict
from tests.api.world import CONTEST, World

HTML = {"Accept": "text/html"}
SECRET = "isi rahasia"


@pytest.fixture
def broken(sqlite_world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """An application with a bug in the page of the queue and in the list of the API."""

    def fail(*_: Any, **__: Any) -> None:
        raise ValueError(SECRET)

    monkeypatch.setattr("app.web.queue.list_flags", fail)
    monkeypatch.setattr("app.review.queue.list_flags", fail)
    return sqlite_world


@pytest.mark.parametrize(
    ("language", "says"), [("id", "Terjadi kesalahan di server"), ("en", "Something went wrong on the server")]
)
def test_a_bug_is_told_on_a_page_with_its_number(broken: World, language: str, says: str) -> None:
    reader = broken.browser("reviewer")
    reader.cookies.set("bahasa", language)
    answer = reader.get("/antrean?tingkat=high", headers=HTML)
    assert (answer.status_code, answer.headers["content-type"]) == (500, "text/html; charset=utf-8")
    text = html.unescape(answer.text)
    assert says in text
    assert answer.headers["x-request-id"] in text
    assert 'href="/antrean?tingkat=high"' in text, "try again"
    assert "Orang reviewer" in text, "the reader is still signed in"
    assert SECRET not in text
    assert "trusted-types" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("path", "accept"), [("/antrean", "*/*"), ("/api/v1/flags", "text/html")])
def test_programs_are_answered_as_before(broken: World, path: str, accept: str) -> None:
    answer = broken.browser("reviewer").get(path, headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.json()["instance"].endswith(answer.headers["x-request-id"])
    assert SECRET not in answer.text


def test_a_page_that_cannot_be_drawn_either(broken: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("app.web.errors.caller", fail)
    answer = broken.browser("reviewer").get("/antrean", headers=HTML)
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert SECRET not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "more", "status", "says"),
    [
        ("GET", "/tidak-ada", {}, 404, "Halaman atau butir ini tidak ada"),
        ("PUT", "/antrean", {}, 405, "Halaman atau butir ini tidak ada"),
        ("POST", "/masuk", {"Content-Length": str(2**31)}, 413, "Permintaan lebih dari 1,048,576 bita"),
        ("POST", "/kirim", {"Content-Length": str(2**40)}, 413, "Terlalu besar"),
        ("POST", "/keluar", {"Sec-Fetch-Site": "cross-site"}, 403, "Permintaan datang dari situs lain"),
    ],
)
def test_refusals_of_the_edge_are_pages(
    common_world: World, method: str, path: str, more: dict[str, str], status: int, says: str
) -> None:
    answer = common_world.browser("monitor").request(method, path, headers=HTML | more)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert says in html.unescape(answer.text)


def test_too_many_tries_are_told_on_a_page(sqlite_world: World) -> None:
    sqlite_world.settings.sign_in_per_minute = 1
    sqlite_world.services.operating.forget()
    browser = sqlite_world.browser("monitor")
    browser.cookies.clear()
    answers = [browser.post("/masuk", data={"login": "siapa", "password": "bukan ini"}, headers=HTML) for _ in range(3)]
    assert answers[-1].status_code == 429
    assert "text/html" in answers[-1].headers["content-type"]


@pytest.mark.parametrize(
    ("login", "address", "names", "plain"),
    [
        ("reviewer", "/antrean?habis=mungkin&tingkat=high", "habis", "/antrean?tingkat=high"),
        ("reviewer", "/antrean?putus=x", "putus", "/antrean"),
        ("monitor", "/kiriman?baru=x&sama=y", "baru, sama", "/kiriman"),
        ("auditor", "/jejak-audit?setelah=-1", "setelah", "/jejak-audit"),
        ("auditor", "/jejak-audit?dari=kemarin", "Tulis tanggal", "/jejak-audit"),
        ("auditor", "/dasbor?dari=kemarin", "Tulis tanggal", "/dasbor"),
        ("reviewer", "/antrean?setelah=bukan-penanda", "Penanda halaman tidak dikenal", "/antrean"),
    ],
)
def test_values_of_an_address_that_cannot_be_read(
    common_world: World, login: str, address: str, names: str, plain: str
) -> None:
    answer = common_world.browser(login).get(address, headers=HTML)
    text = html.unescape(answer.text)
    assert answer.status_code == 422
    assert names in text
    assert f'href="{plain}"' in text
    assert common_world.browser(login).get(plain, headers=HTML).status_code == 200


def test_events_are_about_things_with_names(sqlite_world: World) -> None:
    admin = sqlite_world.browser("admin")
    assert admin.post("/dasbor/volume.csv").status_code == 200
    text = html.unescape(admin.get("/jejak-audit", headers=HTML).text)
    assert "Dasbor: volume" in text
    assert ">dasbor-volume<" not in text


@pytest.mark.parametrize(
    ("zone", "short"), [("Asia/Jakarta", "WIB"), ("Asia/Makassar", "WITA"), ("Asia/Jayapura", "WIT")]
)
def test_a_contest_says_its_zone_as_people_do(sqlite_world: World, zone: str, short: str) -> None:
    with sqlite_world.services.sessions() as session:
        session.get_one(ContestRow, CONTEST).timezone = zone
        session.commit()
    text = sqlite_world.browser("coordinator").get(f"/kontes/{CONTEST}", headers=HTML).text
    assert f"<dd>{short}</dd>" in text
    assert zone not in text


def test_who_handed_a_post_in_is_told_no_more_than_that_people_review_it(world: World) -> None:
    flag_id, _ = world.flagged()
    ani, budi = add(world, "ani", "budi")

    def told() -> tuple[str, str]:
        (found,) = world.monitor.get("/api/v1/submissions").json()["items"]
        text = html.unescape(world.monitor.get("/kiriman", headers=HTML).text)
        return found["flag"]["state"], text

    for act_ in (None, lambda: act(ani, flag_id, "claim"), lambda: verdict(ani, flag_id, world.last_event(flag_id))):
        if act_ is not None:
            assert act_().status_code in {200, 201}
        state, text = told()
        assert state == "in_review"
        assert "Sedang ditinjau orang" in text
        assert "orang kedua" not in text
    assert budi.get(f"/api/v1/flags/{flag_id}").json()["state"] == "decided_once"
    assert verdict(budi, flag_id, world.last_event(flag_id)).json()["state"] == "confirmed"
    state, text = told()
    assert state == "confirmed"
    assert "Ditinjau: informasi awal dikonfirmasi" in text
