"""Faces beyond the contest: the province's candidates count, all others only on request and never for the score."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.auth.principal import SYSTEM
from app.db.contest_tables import ContestRow
from app.db.event_tables import Event
from app.db.flag_tables import Flag
from app.demo.pictures import group_photo, reference_photos
from app.election.contest import province_of
from app.imaging.redact import encode_jpeg
from app.roster.file import ContestFile, PaslonFile, RegionFile
from app.roster.service import save_contest, save_paslon
from tests.api.people import add, verdict
from tests.api.world import CALL, CONTEST, World, enrol_with, problem

WHY = "Wajah ini muncul di tiga kiriman"
GOVERNOR, ELSEWHERE = "lestari-raya", "kota-seberang"


def add_contest(world: World, contest: str, code: str, photos: str = "bagus") -> None:
    """A contest of the same election, with one pair whose head is one of the two people of the photos."""
    pair = {"number": 5, "candidates": [{"name": f"Calon {contest}"}, {"name": f"Wakil {contest}"}]}
    with world.services.sessions() as session:
        region = RegionFile(code=code, name=f"Wilayah {contest}")
        save_contest(session, SYSTEM, "demo", ContestFile(id=contest, name=f"Pemilihan {contest}", region=region))
        save_paslon(session, SYSTEM, contest, PaslonFile.model_validate(pair))
        for name, data in reference_photos().items():
            if name.startswith(photos):
                enrol_with(session, world.services, f"{contest}/5/1", data)
        session.commit()


def item(world: World, flag_id: str, login: str = "reviewer") -> dict[str, Any]:
    found: dict[str, Any] = world.browser(login).get(f"/api/v1/flags/{flag_id}").json()
    return found


def ask(world: World, flag_id: str, face: int, reason: str = WHY, login: str = "reviewer") -> Any:
    path = f"/api/v1/flags/{flag_id}/national-search"
    return world.browser(login).post(path, json={"picture": 0, "face": face, "reason": reason})


def test_a_candidate_for_governor_is_found_in_a_regency(world: World) -> None:
    add_contest(world, GOVERNOR, "99")
    flag_id, last = world.flagged("Bersama beliau", [encode_jpeg(group_photo())])
    found = item(world, flag_id)
    assert found["paslon"]["id"] == f"{GOVERNOR}/5"
    assert found["paslon"]["contest"] == f"Pemilihan {GOVERNOR}"
    assert f"Pemilihan {GOVERNOR}" in found["summary_id"]
    (signal,) = [one for one in found["signals"] if one["kind"] == "face"]
    assert signal["params"]["candidate"] == f"{GOVERNOR}/5/1"
    assert found["versions"]["province"] == f"{GOVERNOR} {governor_version(world)}"
    assert f"Pemilihan {GOVERNOR}" in world.browser("reviewer").get(f"/antrean/{flag_id}").text
    body = {"paslon": f"{GOVERNOR}/5", "article": "D7"}
    answer = verdict(world.browser("reviewer"), flag_id, last, "confirm", **body)
    assert answer.status_code == 201, answer.text
    for path in ("/dasbor", "/keadilan", f"/kontes/{CONTEST}", "/antrean"):
        assert world.browser("coordinator").get(path).status_code in {200, 404}
    gone = world.browser("coordinator").delete(f"/api/v1/paslon/{GOVERNOR}/5")
    assert gone.status_code == 409, gone.text


def governor_version(world: World) -> int:
    with world.services.sessions() as session:
        return session.get_one(ContestRow, GOVERNOR).roster_version


def test_numbers_are_read_for_the_own_contest_only(world: World) -> None:
    add_contest(world, GOVERNOR, "99")
    flag_id, _ = world.flagged(CALL)
    assert item(world, flag_id)["paslon"]["id"] == f"{CONTEST}/3"
    answer = world.submit("Ayo coblos nomor 5, lanjutkan!")
    world.screen_now()
    flag = world.monitor.get(answer.headers["Location"]).json()["flag"]
    assert flag is None or item(world, flag["id"])["paslon"] is None


def test_the_other_contests_are_searched_only_on_request(world: World) -> None:
    add_contest(world, ELSEWHERE, "98.71")
    flag_id, last = world.flagged(CALL, [encode_jpeg(group_photo())])
    before = item(world, flag_id)
    assert {face["band"] for face in before["faces"]} == {"none"}
    assert before["searches"] == []
    faces = [ask(world, flag_id, number).json() for number in range(1, 7)]
    hits = [one for one in faces if one["candidate"]]
    assert [(one["candidate"], one["band"], one["label"]) for one in hits] == [
        (f"{ELSEWHERE}/5/1", "possible", "national")
    ]
    assert all(one["people"] == 1 and one["contests"] >= 1 for one in faces)
    after = item(world, flag_id)
    assert (after["score"], after["band"], after["paslon"], after["last_event"]) == (
        before["score"], before["band"], before["paslon"], last,
    )  # fmt: skip
    assert after["signals"] == before["signals"]
    assert [one["actor"] for one in after["searches"]] == ["reviewer"] * 6
    with world.services.sessions() as session:
        events = session.scalars(select(Event).where(Event.action == "flag.searched")).all()
        flag = session.scalars(select(Flag)).one()
    assert len(events) == 6
    assert all(event.data["reason"] == WHY for event in events)
    assert flag.last_event == last
    page = world.browser("reviewer").get(f"/antrean/{flag_id}").text
    assert page.count("pencarian nasional</span>") == 6
    assert f"Calon {ELSEWHERE}" in page


def test_the_page_asks_and_answers(world: World) -> None:
    add_contest(world, ELSEWHERE, "98.71")
    flag_id, _ = world.flagged(CALL, [encode_jpeg(group_photo())])
    reviewer = world.browser("reviewer")
    path = f"/antrean/{flag_id}/pencarian-nasional"
    short = reviewer.post(path, data={"wajah": "0-1", "alasan": "sebab"})
    assert short.status_code == 422
    assert "paling sedikit 10" in short.text
    done = reviewer.post(path, data={"wajah": "0-1", "alasan": WHY})
    assert (done.status_code, done.headers["location"]) == (303, f"/antrean/{flag_id}?gambar=1#national")
    assert WHY in reviewer.get(f"/antrean/{flag_id}").text
    for bad in ("", "x-y", "9-9", "0-99", "0", "-1--1", "\N{SUPERSCRIPT TWO}-1"):
        assert reviewer.post(path, data={"wajah": bad, "alasan": WHY}).status_code == 422


def test_who_may_ask_and_what_is_refused(world: World) -> None:
    flag_id, last = world.flagged(CALL, [encode_jpeg(group_photo())])
    for login in ("monitor", "auditor", "admin"):
        assert ask(world, flag_id, 1, login=login).status_code == 403
    problem(ask(world, flag_id, 1, "singkat"), 422, "reason")
    problem(ask(world, flag_id, 99), 422, "face")
    path = f"/api/v1/flags/{flag_id}/national-search"
    reviewer = world.browser("reviewer")
    problem(reviewer.post(path, json={"picture": 3, "face": 1, "reason": WHY}), 422, "picture")
    assert item(world, flag_id)["last_event"] == last


def test_a_first_look_elsewhere_is_not_told_to_the_second_reviewer(world: World) -> None:
    add_contest(world, ELSEWHERE, "98.71")
    flag_id, last = world.flagged(CALL, [encode_jpeg(group_photo())])
    assert ask(world, flag_id, 1).status_code == 201
    assert verdict(world.browser("reviewer"), flag_id, last, "confirm").status_code == 201
    add(world, "reviewer2")
    assert item(world, flag_id, "reviewer2")["searches"] == []
    assert len(item(world, flag_id, "auditor")["searches"]) == 1


@pytest.mark.parametrize(("code", "province"), [("16.12", "16"), ("1612", "16"), ("16", None), ("99.01.02", "99")])
def test_the_province_of_a_code(code: str, province: str | None) -> None:
    assert province_of(code) == province
