"""A flag keeps saying what was seen when it was raised, whatever becomes of the roster."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import select

from app.db.event_tables import Event
from app.db.flag_tables import Flag
from app.demo.pictures import group_photo
from app.imaging.redact import encode_jpeg
from app.roster.service import same_person
from app.screening import service
from app.screening.pipeline import Screened
from tests.api.world import CALL, CONTEST, World, roster_document


def shown(world: World, flag_id: str) -> dict[str, Any]:
    """The explanation of a flag."""
    found: dict[str, Any] = world.browser("coordinator").get(f"/api/v1/flags/{flag_id}").json()
    return found


def faces(item: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The signals of faces by their box."""
    return {str(signal["box"]): signal for signal in item["signals"] if signal["kind"] == "face"}


def together(world: World) -> str:
    """A flag on a picture with both candidates of pair 2, of whom there are three photos each."""
    world.enrol_candidates()
    return world.flagged(CALL.replace("3", "2"), [encode_jpeg(group_photo())])[0]


def test_the_closest_photo_is_the_one_that_was_found_closest(world: World) -> None:
    flag_id = together(world)
    with world.services.sessions() as session:
        (seen,) = session.get_one(Flag, uuid.UUID(flag_id)).screening.observations
    closest = {str(face["box"]): face["photo"] for face in seen["faces"] if face["candidate"]}
    references = {box: signal["reference"] for box, signal in faces(shown(world, flag_id)).items()}
    assert len(references) == 2
    assert {box: reference["closest"] for box, reference in references.items()} == closest
    assert all(reference["photos"][0] == reference["closest"] for reference in references.values())
    page = world.browser("coordinator").get(f"/antrean/{flag_id}").text
    assert page.count("paling mirip") == 2
    for photo in closest.values():
        assert world.browser("coordinator").delete(f"/api/v1/photos/{photo}").status_code == 204
    left = [signal["reference"] for signal in faces(shown(world, flag_id)).values()]
    assert [(reference["closest"], len(reference["photos"])) for reference in left] == [(None, 2)] * 2
    assert "paling mirip" not in world.browser("coordinator").get(f"/antrean/{flag_id}").text


def replaced(world: World, name: str = "Joko Sembada, S.Sos.") -> dict[str, Any]:
    """Pair 2 with somebody else at its head."""
    pair = roster_document()["contests"][0]["paslon"][1]
    pair["candidates"][0] = {"name": name}
    answer = world.browser("coordinator").put(f"/api/v1/contests/{CONTEST}/paslon", json=pair)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_an_old_flag_never_names_somebody_else(world: World) -> None:
    flag_id = together(world)
    before = shown(world, flag_id)
    assert any("Bagus Tirtamaya" in signal["sentence_id"] for signal in before["signals"])
    pair = replaced(world)
    assert [person["name"] for person in pair["candidates"]] == [
        "Joko Sembada, S.Sos.",
        "Hj. Nirmala Sekarwati, S.Sos.",
    ]
    assert (pair["candidates"][0]["photos"], len(pair["candidates"][1]["photos"])) == ([], 3)
    after = shown(world, flag_id)
    for item in (before, after):
        for signal in item["signals"]:
            signal.pop("reference")
    assert after == before
    assert "Joko" not in str(after)
    assert "Joko" not in world.browser("reviewer").get("/antrean").text
    gone = [signal["reference"] for signal in faces(shown(world, flag_id)).values() if "Bagus" in signal["sentence_id"]]
    assert gone == [None]


def test_ids_of_people_are_never_given_to_others(world: World) -> None:
    first = [person["id"] for person in replaced(world, "H. Bagus Tirtamaya")["candidates"]]
    assert first == [f"{CONTEST}/2/1", f"{CONTEST}/2/2"]
    second = [person["id"] for person in replaced(world)["candidates"]]
    assert second[0].startswith(f"{CONTEST}/2/1-")
    assert second[1] == first[1]
    third = [person["id"] for person in replaced(world, "Bagus Tirtamaya")["candidates"]]
    assert third[0] not in {*first, *second}
    with world.services.sessions() as session:
        event = session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
    assert event.data["left"] == [{"candidate": second[0], "name": "Joko Sembada, S.Sos."}]


def test_a_deputy_who_comes_later_is_somebody_else(world: World) -> None:
    client = world.browser("coordinator")

    def save(*names: str) -> list[str]:
        body = {"number": 9, "candidates": [{"name": name} for name in names]}
        answer = client.put(f"/api/v1/contests/{CONTEST}/paslon", json=body)
        return [person["id"] for person in answer.json()["candidates"]]

    first = save("Gita Nusa", "Hadi Rimba")
    assert save("Gita Nusa") == first[:1]
    again = save("Gita Nusa", "Indra Wana")
    assert again[0] == first[0]
    assert again[1] not in first


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("Bagus Tirtamaya, S.T.", "H. Bagus Tirtamaya, S.T., M.Si.", True),
        ("Bagus Tirtamaja", "Bagus Tirtamaya", True),
        ("Gita Nusa", "Gita Nusa Wana", True), ("dr. Cakra", "Dr. H. Cakra Wisanggeni, Sp.A.", True), ("-", "-", True),
        ("Hj. Nirmala Sekarwati, S.Sos.", "Joko Sembada, S.Sos.", False), ("Ahmad Fauzi", "Ahmad Subarjo", False),
        ("Siti Aminah", "Siti Aisyah", False), ("Bagus Tirtamaya", "Bagas Prakoso", False), ("-", "Joko", False),
    ],
)  # fmt: skip
def test_whose_name_it_is(before: str, after: str, same: bool) -> None:
    assert same_person(before, after) is same
    assert same_person(after, before) is same


def test_what_was_found_of_somebody_who_has_left_is_not_recorded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The roster changes while a worker screens with the one it had loaded."""
    world.enrol_candidates()
    turns = []

    def screen(*given: Any, **more: Any) -> Screened:
        result = real(*given, **more)
        turns.append(result)
        if len(turns) == 1:
            replaced(world)
        return result

    real = service.screen
    monkeypatch.setattr(service, "screen", screen)
    flag_id, _ = world.flagged(CALL.replace("3", "2"), [encode_jpeg(group_photo())])
    assert len(turns) == 2
    item = shown(world, flag_id)
    named = {signal["reference"]["candidate"] for signal in faces(item).values()}
    assert named == {"Hj. Nirmala Sekarwati, S.Sos."}
    assert "Joko Sembada" in item["paslon"]["label"]
    assert "Bagus" not in str(item)
