"""The queue as a list: filters, orders, pages, the CSV file, and what a second reviewer must not learn from them."""

from __future__ import annotations

import csv
import io
import re
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.db.event_tables import Event
from app.db.flag_tables import Flag
from app.review import queue as order_of_work
from tests.api.counting import counted
from tests.api.people import act, add, take_next, verdict
from tests.api.world import CALL, CONTEST, REGION, World

BOM = "\ufeff"


def listed(client: TestClient, query: str = "") -> list[str]:
    """The ids of the rows, all pages, in order."""
    found: list[str] = []
    path: str | None = f"/antrean?{query}"
    while path:
        answer = client.get(path)
        assert answer.status_code == 200, answer.text
        found += re.findall(r'<td><a href="/antrean/([0-9a-f-]{36})"', answer.text)
        following = re.search(r'href="([^"]+)" rel="next"', answer.text)
        path = following[1].replace("&amp;", "&") if following else None
    return found


def downloaded(client: TestClient, query: str = "") -> list[dict[str, str]]:
    """The rows of the CSV file."""
    answer = client.post(f"/antrean.csv?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="netra-antrean-')
    text = answer.content.decode()
    assert text.startswith(BOM)
    return list(csv.DictReader(io.StringIO(text.removeprefix(BOM), newline="")))


def change(world: World, flag_id: str, **columns: Any) -> None:
    """Set columns of a flag's row."""
    with world.services.sessions() as session:
        flag = session.get_one(Flag, uuid.UUID(flag_id))
        for name, value in columns.items():
            setattr(flag, name, value)
        session.commit()


def three(world: World) -> list[str]:
    """Three flags, the most urgent first, whose deadlines run the other way."""
    ids = [world.flagged(f"{CALL} {number}", platform="tiktok" if number else "x")[0] for number in range(3)]
    for number, flag_id in enumerate(ids):
        change(world, flag_id, priority=9.0 - number, due_on=date.today() + timedelta(days=1 - number))
    return ids


# -- filters and orders ---------------------------------------------------------------------------------------------


def test_every_filter_shows_what_it_names(world: World) -> None:
    ani, one, two, three_ = world.browser("reviewer"), *three(world)
    act(world.browser("coordinator"), two, "assignment", to="reviewer")
    change(world, three_, stage="pasca", band="low")
    assert listed(ani) == [one, two, three_]
    for query, expected in {
        f"kontes={CONTEST}": [one, two, three_], "kontes=muara-a": [], "keadaan=new": [one, two, three_],
        "keadaan=confirmed": [], "keadaan=semua": [one, two, three_], "tingkat=low": [three_],
        f"wilayah={REGION}": [one, two, three_], "wilayah=99": [one, two, three_], "wilayah=12": [],
        "tahap=pasca": [three_], "sinyal=NOMOR": [one, two, three_], "sinyal=FACE_MATCH": [], "platform=x": [one],
        "ditugaskan=saya": [two], "ditugaskan=koordinator": [], "peninjau=reviewer&keadaan=semua": [],
        "platform=tiktok&ditugaskan=saya": [two], "wilayah=99%25": [], "sinyal=%22": [],
        "keadaan=tidak-ada&tingkat=x": [one, two, three_],
    }.items():  # fmt: skip
        assert listed(ani, query) == expected, query
        assert [row["Nomor butir"] for row in downloaded(ani, query)] == expected, query


def test_columns_sort_both_ways(world: World) -> None:
    ani, ids = world.browser("reviewer"), three(world)
    assert listed(ani, "urut=-mendesak") == ids[::-1]
    assert listed(ani, "urut=tenggat") == ids[::-1]
    assert listed(ani, "urut=-tenggat") == ids
    assert listed(ani, "urut=masuk") == ids
    assert listed(ani, "urut=-masuk&keadaan=new") == ids[::-1]
    assert listed(ani, "urut=%27;--") == ids
    page = ani.get(f"/antrean?urut=-tenggat&kontes={CONTEST}").text
    assert f'aria-sort="descending"><a class="sort" href="/antrean?kontes={CONTEST}&amp;urut=tenggat"' in page
    assert [row["Nomor butir"] for row in downloaded(ani, "urut=tenggat")] == ids[::-1]


def test_a_deadline_is_told_in_words(world: World) -> None:
    ani = world.browser("reviewer")
    three(world)
    page = ani.get("/antrean").text
    assert re.search(r"<strong><span aria-hidden=\"true\">▲</span> Lewat 1 hari</strong>", page)
    assert "Hari ini" in page
    assert "1 hari lagi" in page


def test_claims_and_assignments_are_marked(world: World) -> None:
    ani, budi = add(world, "ani", "budi")
    one, two, _ = three(world)
    assert take_next(ani) == one
    act(world.browser("coordinator"), two, "assignment", to="ani")
    mine = ani.get("/antrean?keadaan=semua").text
    assert "Anda pegang" in mine
    assert "Tugas Anda" in mine
    theirs = budi.get("/antrean?keadaan=semua").text
    assert "Tugas ani" in theirs
    assert "Anda pegang" not in theirs
    assert two not in listed(budi)


def test_chips_take_their_filter_off(world: World) -> None:
    page = world.browser("reviewer").get(f"/antrean?kontes={CONTEST}&sinyal=NOMOR&urut=tenggat").text
    chips = re.findall(r'<a class="chip" href="([^"]+)"', page)
    assert chips == ["/antrean?sinyal=NOMOR&amp;urut=tenggat", f"/antrean?kontes={CONTEST}&amp;urut=tenggat"]
    assert '<input type="hidden" name="urut" value="tenggat">' in page


def test_a_long_search_goes_on_from_page_to_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ani, ids = world.browser("reviewer"), three(world)
    monkeypatch.setattr(order_of_work, "WINDOW", 1)
    page = ani.get("/antrean?platform=tiktok").text
    assert "Belum ditemukan" in page
    assert listed(ani, "platform=tiktok") == ids[1:]
    assert [row["Nomor butir"] for row in downloaded(ani, "platform=tiktok")] == ids[1:]
    found = ani.get("/api/v1/flags", params={"platform": "tiktok"}).json()
    assert (found["items"], found["next"]) == ([], ids[0])


# -- the next one ---------------------------------------------------------------------------------------------------


def test_the_next_item_comes_from_the_filters(world: World) -> None:
    ani, (one, two, _) = world.browser("reviewer"), three(world)
    taken = ani.post("/antrean/berikutnya?platform=tiktok", follow_redirects=False)
    assert (taken.status_code, taken.headers["location"].split("?")[0]) == (303, f"/antrean/{two}")
    assert ani.delete(f"/api/v1/flags/{two}/claim").status_code == 200
    none = ani.post("/antrean/berikutnya?kontes=muara-a", follow_redirects=False)
    assert none.headers["location"] == "/antrean?kontes=muara-a&habis=1"
    assert "Tidak ada lagi yang menunggu" in ani.get(none.headers["location"]).text
    assert f'action="/antrean/berikutnya?kontes={CONTEST}"' in ani.get(f"/antrean?kontes={CONTEST}&urut=tenggat").text
    assert one in listed(ani)


# -- the file -------------------------------------------------------------------------------------------------------


def test_every_download_is_on_record_with_its_filters(world: World) -> None:
    auditor = world.browser("auditor")
    world.flagged("=HYPERLINK(1) Ayo coblos nomor 3, lanjutkan!")
    rows = downloaded(auditor, f"kontes={CONTEST}&keadaan=new")
    assert rows[0]["Unggahan"].startswith("'=HYPERLINK(1)")
    assert rows[0]["Nomor urut"] == "3"
    with world.services.sessions() as session:
        events = session.scalars(select(Event).where(Event.action == "list.exported")).all()
        assert [(event.actor, event.object_id, event.data["filters"]) for event in events] == [
            ("auditor", "antrean", {"keadaan": "new", "kontes": CONTEST})
        ]
    assert world.nobody().post("/antrean.csv").status_code == 401
    assert world.monitor.post("/antrean.csv").status_code == 403
    assert auditor.get("/antrean.csv").status_code in {404, 405}


def test_the_heads_of_the_file_are_in_the_reader_s_language(world: World) -> None:
    reviewer = world.browser("reviewer")
    reviewer.cookies.set("bahasa", "en")
    world.flagged()
    assert {"Item id", "Contest", "Deadline", "Held by"} <= downloaded(reviewer)[0].keys()


# -- what must not be learnt ----------------------------------------------------------------------------------------


def test_no_filter_tells_whose_verdict_waits_for_a_second(world: World) -> None:
    ani, budi = add(world, "ani", "budi")
    coordinator = world.browser("coordinator")
    flag_id, seen = world.flagged()
    event = verdict(ani, flag_id, seen).json()["event"]
    for reader, expected in ((ani, [flag_id]), (budi, []), (coordinator, []), (world.browser("auditor"), [flag_id])):
        assert listed(reader, "keadaan=semua&peninjau=ani") == expected
        assert [row["Nomor butir"] for row in downloaded(reader, "keadaan=semua&peninjau=ani")] == expected
        found = reader.get("/api/v1/flags", params={"reviewer": "ani"}).json()["items"]
        assert [row["id"] for row in found] == expected
    assert listed(ani, "keadaan=semua&peninjau=saya") == [flag_id]
    assert take_next(budi, reviewer="ani") is None
    assert verdict(budi, flag_id, event).json()["state"] == "confirmed"
    assert listed(budi, "keadaan=semua&peninjau=ani") == [flag_id]


# -- cost -----------------------------------------------------------------------------------------------------------


def test_a_page_takes_the_same_few_statements_however_many_rows(sqlite_world: World) -> None:
    world, sent = sqlite_world, []
    ani = world.browser("reviewer")
    for number in (1, 6):
        while len(listed(ani)) < number:
            world.flagged(f"{CALL} {uuid.uuid4()}")
        with counted(world.services.engine) as statements:
            ani.get("/antrean")
        sent.append(len(statements))
    assert sent[0] == sent[1] < 30
