"""The calendar of a contest by API and form: moved stages, repeat votes, and salutes; screening follows them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.db.contest_tables import ContestRow
from app.db.event_tables import Event
from app.roster.gallery import load_contest
from tests.api.rosters import version
from tests.api.world import CONTEST, World, problem

ADDRESS = f"/api/v1/contests/{CONTEST}/calendar"


def voting_day(world: World) -> date:
    with world.services.sessions() as session:
        return load_contest(session, CONTEST).voting_day


def overrides(world: World) -> list[Any]:
    with world.services.sessions() as session:
        return list(session.get_one(ContestRow, CONTEST).stage_overrides)


def test_stages_are_moved_and_moved_back(world: World) -> None:
    client, day = world.browser("coordinator"), voting_day(world)
    found = client.get(ADDRESS).json()
    usual = {stage["stage"]: stage for stage in found["stages"]}
    assert found["own"] == []
    assert (usual["penelitian_syarat"]["track"], usual["kampanye"]["track"]) == ("kode_etik", "disiplin")
    moved = {"stage": "penetapan_paslon", "first": str(day - timedelta(60)), "last": str(day - timedelta(60))}
    same = {key: usual["kampanye"][key] for key in ("stage", "first", "last")}
    before = version(world, CONTEST)
    saved = client.put(ADDRESS, json={"stages": [moved, same]})
    assert saved.status_code == 200
    assert saved.json()["own"] == [moved]
    assert version(world, CONTEST) == before + 1
    client.put(ADDRESS, json={"stages": [moved]})
    assert version(world, CONTEST) == before + 1
    with world.services.sessions() as session:
        event = session.scalars(select(Event).where(Event.action == "contest.calendar")).one()
        assert event.data["after"] == [[moved["stage"], moved["first"], moved["last"]]]
    assert client.put(ADDRESS, json={"stages": []}).json()["own"] == []


def test_a_repeat_vote_opens_the_quiet_period_again(world: World) -> None:
    client, day = world.browser("coordinator"), voting_day(world)
    again = day + timedelta(90)
    opened = client.post(f"{ADDRESS}/repeat-votes", json={"voting_day": str(again)})
    assert opened.status_code == 201
    quiet = [stage for stage in opened.json()["stages"] if stage["stage"] == "masa_tenang"]
    assert [(one["first"], one["last"], one["standard"]) for one in quiet] == [
        (str(again - timedelta(3)), str(again - timedelta(1)), False),
        (str(day - timedelta(3)), str(day - timedelta(1)), True),
    ]
    problem(client.post(f"{ADDRESS}/repeat-votes", json={"voting_day": str(again + timedelta(1))}), 422, "stages")
    problem(client.post(f"{ADDRESS}/repeat-votes", json={"voting_day": str(day)}), 422, "voting_day")


@pytest.mark.parametrize(
    ("stages", "field"),
    [
        ([{"stage": "libur", "first": "2029-01-01", "last": "2029-01-02"}], "stages"),
        ([{"stage": "kampanye", "first": "2020-01-01", "last": "2020-01-02"}] * 2, "stages"),
        ([{"stage": "kampanye", "first": "2020-01-03", "last": "2020-01-02"}], None),
    ],
)
def test_calendars_that_cannot_be(world: World, stages: list[dict[str, str]], field: str | None) -> None:
    answer = world.browser("coordinator").put(ADDRESS, json={"stages": stages})
    assert answer.status_code == 422
    assert field is None or answer.json()["field"] == field
    problem(world.browser("coordinator").put("/api/v1/contests/tidak-ada/calendar", json={"stages": []}), 404)
    assert overrides(world) == []


def test_the_form_moves_stages_and_shows_what_they_mean(world: World) -> None:
    client, day = world.browser("coordinator"), voting_day(world)
    page = client.get(f"/kontes/{CONTEST}").text
    assert 'action="/roster/kalender"' in page
    assert "dua jari (V)" in page
    first, last = str(day - timedelta(70)), str(day - timedelta(5))
    data = {"contest": CONTEST, "stage": ["kampanye", "masa_tenang"], "first": [first, ""], "last": [last, ""]}
    done = client.post("/roster/kalender", data=data, follow_redirects=False)
    assert done.status_code == 303
    assert overrides(world) == [["kampanye", first, last]]
    half = client.post("/roster/kalender", data=data | {"last": ["", ""]})
    assert half.status_code == 422
    assert "kosongkan keduanya" in half.text
    opened = client.post("/roster/pemungutan-ulang", data={"contest": CONTEST, "day": str(day + timedelta(80))})
    assert opened.status_code == 303
    assert "dibuka kembali" in client.get(f"/kontes/{CONTEST}").text
    assert len(overrides(world)) == 4
    assert client.post("/roster/pemungutan-ulang", data={"contest": CONTEST, "day": "besok"}).status_code == 422
    assert client.post("/roster/kalender", data={"contest": "tidak-ada"}).status_code == 404


def test_screening_follows_the_calendar(world: World) -> None:
    """The same call on the same day: discipline as the calendar was, code of ethics once confirmation is later."""
    client, day = world.browser("coordinator"), voting_day(world)
    act = str(day - timedelta(40))
    before, _ = world.flagged("Ayo coblos nomor 3, lanjutkan!", act_date=act, known_date=act)
    assert client.get(f"/api/v1/flags/{before}").json()["track"] == "disiplin"
    later = str(day - timedelta(30))
    moved = [{"stage": "penetapan_paslon", "first": later, "last": later}]
    assert client.put(ADDRESS, json={"stages": moved}).status_code == 200
    after, _ = world.flagged("Ayo coblos nomor 3 sekarang, lanjutkan!", act_date=act, known_date=act)
    shown = client.get(f"/api/v1/flags/{after}").json()
    assert (shown["track"], shown["articles"][0]["code"]) == ("kode_etik", "E2")


def test_a_salute_is_ticked_and_comes_first(world: World) -> None:
    client = world.browser("coordinator")
    form = {"contest": CONTEST, "number": "9", "head": "Eka Surya", "salam": ["metal", "pinky"]}
    assert client.post("/roster/paslon", data=form, follow_redirects=False).status_code == 303
    with world.services.sessions() as session:
        pair = next(one for one in load_contest(session, CONTEST).paslon if one.number == 9)
    assert pair.salam == ("metal", "pinky")
    page = client.get(f"/kontes/{CONTEST}").text
    assert "lebih lemah" in page
    assert client.post("/roster/paslon", data=form | {"salam": ["salto"]}).status_code == 422


def test_a_pose_that_only_people_see_is_marked_and_is_no_salute(world: World) -> None:
    client = world.browser("coordinator")
    page = client.get(f"/kontes/{CONTEST}").text
    for words in ("berdiri tegap", "tangan di saku", "lengan menyilang di dada"):
        marked = rf'<td>{words} <span class="chip">tidak dibaca mesin</span></td>'
        assert re.search(marked, page, re.IGNORECASE), words
    assert not re.search(r"<td>kepalan[^<]*<span", page, re.IGNORECASE)
    offered = set(re.findall(r'name="salam" value="(\w+)"', page))
    assert {"fist", "metal", "finger_heart", "six_2h"} <= offered
    assert not {"stand", "pocket", "crossed", "thumb_index_up"} & offered
    body = {"number": 9, "candidates": [{"name": "Eka Surya"}], "salam": ["crossed"]}
    refused = client.put(f"/api/v1/contests/{CONTEST}/paslon", json=body)
    assert refused.status_code == 422
    assert "cannot be read by the machine" in refused.text


def test_the_empty_column_is_registered_as_the_commission_writes_it(world: World) -> None:
    client = world.browser("coordinator")
    body = {"number": 8, "candidates": [{"name": "KOLOM KOSONG"}]}
    assert client.put(f"/api/v1/contests/{CONTEST}/paslon", json=body).status_code == 200
    with world.services.sessions() as session:
        column = next(one for one in load_contest(session, CONTEST).paslon if one.number == 8)
    assert column.empty
    assert column.candidates == ()
    flag, _ = world.flagged("Coblos kotak kosong saja!")
    shown = client.get(f"/api/v1/flags/{flag}").json()
    assert (shown["paslon"]["number"], shown["direction"]) == (8, "pro")
    assert "kolom kosong" in shown["summary_id"]


def test_a_contest_entered_again_by_form_keeps_its_calendar(world: World) -> None:
    client, day = world.browser("coordinator"), voting_day(world)
    moved = {"stage": "kampanye", "first": str(day - timedelta(70)), "last": str(day - timedelta(4))}
    client.put(ADDRESS, json={"stages": [moved]})
    with world.services.sessions() as session:
        row = session.get_one(ContestRow, CONTEST)
        form = {"election": row.election_id, "id": CONTEST, "name": "Nama baru", "region_code": row.region_code}
    done = client.post("/roster/kontes", data=form | {"region_name": "Muara Embun"}, follow_redirects=False)
    assert done.status_code == 303
    assert len(overrides(world)) == 1
