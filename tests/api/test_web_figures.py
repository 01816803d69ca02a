"""The pages of figures: charts with their tables, downloads, empty states, calibration and drafting a threshold."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.db.event_tables import Event
from tests.api.conftest import DATABASES, fresh_world
from tests.api.people import add
from tests.api.world import CONTEST, World
from tests.decided import SMALL_AGENCY, Decided

PAGES = ("/dasbor", "/mutu", "/kalibrasi", "/aturan")
PARTS = ("volume", "putusan", "usia", "sinyal", "contoh-acak", "paslon", "wilayah", "platform", "instansi")
REASON = "Terlalu banyak butir lemah di antrean"


@pytest.fixture(scope="module", params=DATABASES)
def empty(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, model_folder: Any
) -> Iterator[World]:
    """An application in which nothing has happened yet, once per database kind."""
    folder = tmp_path_factory.mktemp("empty")
    with fresh_world(request, request.param, folder, None) as made:  # type: ignore[arg-type]
        yield made


@pytest.fixture(scope="module", params=DATABASES)
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, model_folder: Any
) -> Iterator[World]:
    """An application with decided items."""
    folder = tmp_path_factory.mktemp("figures")
    with fresh_world(request, request.param, folder, None) as made:  # type: ignore[arg-type]
        add(made, "ani", "budi")
        with made.services.sessions() as session:
            pairs = [f"{CONTEST}/{number}" for number in (1, 2, 3, 4)]
            items = Decided(session, [(CONTEST, pairs)], ["ani", "budi", "coordinator"], "monitor")
            items.add(200)
            items.add_unflagged(120, sampled=40)
            session.commit()
        yield made


def page(client: TestClient, path: str, status: int = 200) -> str:
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == status, answer.text[:500]
    return html.unescape(answer.text)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["id", "en"])
def test_an_empty_page_says_what_will_appear(empty: World, path: str, language: str) -> None:
    client = empty.browser("coordinator")
    client.cookies.set("bahasa", language)
    text = page(client, path)
    assert ("muncul" if language == "id" else "appear") in text
    assert "nan" not in re.sub("<[^>]*>", " ", text).lower().split()


def test_every_chart_has_its_table_and_its_download(world: World) -> None:
    text = page(world.browser("coordinator"), "/dasbor")
    assert re.findall(r'action="/dasbor/([a-z-]+)\.csv', text) == list(PARTS)
    assert text.count('<svg class="chart') >= len(PARTS)
    assert text.count('<table class="chart-table">') == len(PARTS)
    assert "Paslon nomor 4 · " in text
    assert SMALL_AGENCY not in text
    assert re.search(r"Angka per \d+ \w+ \d{4} \d\d\.\d\d WIB", text)


@pytest.mark.parametrize("part", PARTS)
def test_downloads_are_whole_and_on_record(world: World, part: str) -> None:
    answer = world.browser("auditor").post(f"/dasbor/{part}.csv")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/csv")
    head, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert rows
    assert all(len(row) == len(head) for row in rows)
    with world.services.sessions() as session:
        newest = session.query(Event).order_by(Event.id.desc()).first()
        assert newest is not None
        assert (newest.action, newest.object_id) == ("list.exported", f"dasbor-{part}")


def test_reviewers_see_the_volume_and_their_own_row(world: World) -> None:
    client = world.browser("ani")
    text = page(client, "/dasbor")
    assert re.findall(r'action="/dasbor/([a-z-]+)\.csv', text) == ["volume", "putusan", "usia"]
    assert client.post("/dasbor/paslon.csv").status_code == 404
    assert client.post("/dasbor/tidak-ada.csv").status_code == 404
    mine = page(client, "/mutu")
    assert "Kasus acuan" not in mine
    assert [row for row in ("ani", "budi") if f'<td class="mono">{row}</td>' in mine] == ["ani"]
    assert "budi" not in client.post("/mutu.csv").text
    for path in ("/kalibrasi", "/aturan"):
        page(client, path, 403)


def test_quality_shows_kappa_with_its_interval(world: World) -> None:
    text = page(world.browser("coordinator"), "/mutu")
    assert re.search(r"0,\d\d \(-?0,\d\d sampai \d,\d\d\)", text)
    assert "Kasus acuan" in text
    assert [row for row in ("ani", "budi", "coordinator") if f'<td class="mono">{row}</td>' in text] != []


@pytest.mark.parametrize(
    "query",
    ["dari=x", "dari=2029-13-01", "kontes=tidak-ada", "dari=2029-02-02&sampai=2029-02-01", "dari=0001-01-01"],
)
def test_an_address_that_makes_no_sense_is_told(world: World, query: str) -> None:
    for path in PAGES[:3]:
        text = page(world.browser("coordinator"), f"{path}?{query}", 422)
        assert "<h1>" in text


def test_a_contest_and_a_year_can_be_chosen(world: World) -> None:
    text = page(world.browser("admin"), f"/dasbor?kontes={CONTEST}&dari=2026-01-01&sampai=2026-12-31")
    assert f'<option value="{CONTEST}" selected>' in text
    assert '<svg class="chart' in text


def test_the_slider_works_as_a_form(world: World) -> None:
    client = world.browser("coordinator")
    text = page(client, "/kalibrasi?ambang=0.5")
    (points,) = re.findall(r'data-points="(.*?)" data-medium', client.get("/kalibrasi").text)
    known = json.loads(html.unescape(points))
    assert sorted(map(int, known)) == list(range(1, 100))
    for name, value in known["50"].items():
        assert re.search(rf'data-of="{name}">{re.escape(value)}<', text), name
    assert known["50"]["antrean"] != known["15"]["antrean"]
    for wrong in ("x", "1.5", "nan", "-1", "1e999"):
        assert "Pilih ambang" in page(client, f"/kalibrasi?ambang={wrong}", 422)
    assert "<script>" not in text
    assert " style=" not in text


def test_a_draft_of_a_threshold_never_applies_by_itself(world: World) -> None:
    client = world.browser("coordinator")
    refused = client.post("/kalibrasi/rancangan", data={"ambang": "0.22", "alasan": "pendek"})
    assert refused.status_code == 422
    assert "Sebutkan alasan" in refused.text
    assert client.post("/kalibrasi/rancangan", data={"ambang": "0.15", "alasan": REASON}).status_code == 409
    beyond = client.post("/kalibrasi/rancangan", data={"ambang": "0.60", "alasan": REASON})
    assert beyond.status_code == 422
    assert REASON in beyond.text
    done = client.post("/kalibrasi/rancangan", data={"ambang": "0.22", "alasan": REASON})
    assert done.status_code == 303
    text = page(client, done.headers["location"])
    assert "Ambang tingkat Rendah" in text
    assert "0,15" in text
    assert "0,22" in text
    assert "Lebih sedikit unggahan mencapai tingkat ini" in text
    assert "yang berlaku 0,15" in page(client, "/kalibrasi")
    assert world.browser("admin").post("/kalibrasi/rancangan", data={"ambang": "0.2"}).status_code == 403
    assert "Simpan rancangan" not in page(world.browser("auditor"), "/kalibrasi")
