"""Mistakes in a roster can be undone, what is over is closed, and nothing that flags rely on goes."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from app.auth.principal import SYSTEM
from app.db.base import now
from app.db.contest_tables import CandidateRow, ContestRow, Election, PaslonRow, ReferencePhoto
from app.db.event_tables import Event
from app.demo.pictures import group_photo, reference_photos
from app.errors import Conflict
from app.imaging.redact import encode_jpeg
from app.roster.file import ContestFile, PaslonFile, RegionFile
from app.roster.service import save_contest, save_paslon
from app.screening import service
from app.screening.pipeline import Screened
from app.screening.service import field_for
from tests.api.rosters import BAGUS, photos, upload, version
from tests.api.world import CALL, CONTEST, World, problem, roster_document, submissions


def save(world: World, number: int | None, *names: str, contest: str = CONTEST) -> httpx.Response:
    body = {"number": number, "candidates": [{"name": name} for name in names]}
    return world.browser("coordinator").put(f"/api/v1/contests/{contest}/paslon", json=body)


def pairs(world: World, contest: str = CONTEST) -> dict[str, tuple[int | None, list[str]]]:
    """Number and names of every pair, by id."""
    found = world.monitor.get(f"/api/v1/contests/{contest}").json()["paslon"]
    return {pair["id"]: (pair["number"], [person["name"] for person in pair["candidates"]]) for pair in found}


def last_event(world: World) -> Event:
    with world.services.sessions() as session:
        return session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()


# -- numbers --------------------------------------------------------------------------------------------------------


def test_a_wrong_number_is_put_right(world: World) -> None:
    people = "Gita Nusa", "Hadi Rimba"
    first = save(world, 7, *people).json()
    assert (first["id"], first["number"]) == (f"{CONTEST}/7", 7)
    right = save(world, 8, *people).json()
    assert (right["id"], right["number"]) == (first["id"], 8)
    assert [person["id"] for person in right["candidates"]] == [person["id"] for person in first["candidates"]]
    assert last_event(world).action == "paslon.updated"
    other = save(world, 7, "Indra Wana", "Joko Sembada")
    assert other.status_code == 200, other.text
    assert other.json()["id"] == f"{CONTEST}/7-2"
    found = pairs(world)
    assert found[first["id"]] == (8, [*people])
    assert found[other.json()["id"]] == (7, ["Indra Wana", "Joko Sembada"])


def test_a_number_that_is_another_pair_s(world: World) -> None:
    before = pairs(world)
    body = problem(save(world, 1, *before[f"{CONTEST}/2"][1]), 409, "number")
    assert "number 2" in body["detail"]
    assert pairs(world) == before


def test_a_number_that_flags_rely_on_stays(world: World) -> None:
    world.flagged(CALL)
    before = pairs(world)
    body = problem(save(world, 9, *before[f"{CONTEST}/3"][1]), 409, "number")
    assert "number 3" in body["detail"]
    assert pairs(world) == before
    assert save(world, 9, *before[f"{CONTEST}/4"][1]).status_code == 200


# -- deleting -------------------------------------------------------------------------------------------------------


def test_a_pair_goes_with_its_photos_and_its_id_is_not_given_again(world: World) -> None:
    upload(world, BAGUS, reference_photos()["bagus-1.png"])
    before = version(world)
    client = world.browser("coordinator")
    assert client.delete(f"/api/v1/paslon/{CONTEST}/2").status_code == 204
    assert photos(world) == {}
    assert version(world) == before + 1
    assert f"{CONTEST}/2" not in pairs(world)
    event = last_event(world)
    assert (event.action, event.object_id, event.data["number"]) == ("paslon.deleted", f"{CONTEST}/2", 2)
    assert len(event.data["photos_withdrawn"]) == 1
    problem(client.delete(f"/api/v1/paslon/{CONTEST}/2"), 404)
    again = save(world, 2, "Gita Nusa", "Hadi Rimba").json()
    assert again["id"] == f"{CONTEST}/2-2"
    assert [person["id"] for person in again["candidates"]] == [f"{CONTEST}/2-2/1", f"{CONTEST}/2-2/2"]


@pytest.mark.parametrize("text", [CALL, "Menangkan BANI, coblos nomor 2, bukan Cakra Wisanggeni!"])
def test_a_pair_that_a_flag_names_stays(world: World, text: str) -> None:
    world.flagged(text)
    client = world.browser("coordinator")
    problem(client.delete(f"/api/v1/paslon/{CONTEST}/3"), 409)
    assert f"{CONTEST}/3" in pairs(world)
    assert client.delete(f"/api/v1/paslon/{CONTEST}/4").status_code == 204


def test_a_pair_deleted_while_a_post_is_screened(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = []

    def screen(*given: Any, **more: Any) -> Screened:
        result = real(*given, **more)
        turns.append(result)
        if len(turns) == 1:
            assert world.browser("coordinator").delete(f"/api/v1/paslon/{CONTEST}/3").status_code == 204
        return result

    real = service.screen
    monkeypatch.setattr(service, "screen", screen)
    answer = world.submit("Dukung CADA dan Cakra Wisanggeni")
    world.screen_now()
    assert [turn.assessment.paslon for turn in turns] == [f"{CONTEST}/3", None]
    assert world.monitor.get(answer.headers["Location"]).json()["state"] == "screened"


def test_a_contest_goes_only_while_nothing_was_handed_in(world: World) -> None:
    client = world.browser("coordinator")
    world.submit(CALL)
    assert "1 submissions" in problem(client.delete(f"/api/v1/contests/{CONTEST}"), 409)["detail"]
    save(world, 1, "Gita Nusa", "Hadi Rimba", contest="muara-a")
    before = version(world, "muara-a")
    assert client.delete("/api/v1/contests/muara-a").status_code == 204
    problem(client.delete("/api/v1/contests/muara-a"), 404)
    problem(client.get("/api/v1/contests/muara-a"), 404)
    event = last_event(world)
    assert (event.action, event.object_id, event.data["candidates"]) == (
        "contest.deleted", "muara-a", ["Gita Nusa", "Hadi Rimba"],
    )  # fmt: skip
    with world.services.sessions() as session:
        for table in (PaslonRow, CandidateRow):
            left = select(func.count()).select_from(table).where(table.id.like("muara-a/%"))
            assert session.scalar(left) == 0
    assert event.data["roster_version"] > before


def test_a_new_contest_of_an_old_id_is_not_taken_for_the_old_one(sqlite_world: World) -> None:
    """What a worker keeps of a contest is found by id and version."""
    world = sqlite_world
    pair = PaslonFile.model_validate({"number": 1, "candidates": [{"name": "Gita Nusa"}]})
    with world.services.sessions() as session:
        save_paslon(session, SYSTEM, "muara-a", pair)
        session.commit()
        field_for(world.services, session, "muara-a")
    scope, _ = world.services.fields["muara-a"]
    cached = dict(scope.contests)["muara-a"]
    assert world.browser("coordinator").delete("/api/v1/contests/muara-a").status_code == 204
    with world.services.sessions() as session:
        region = RegionFile(code="99.03", name="Wilayah")
        save_contest(session, SYSTEM, "demo", ContestFile(id="muara-a", name="Baru", region=region))
        session.commit()
        assert session.get_one(ContestRow, "muara-a").roster_version > cached
        assert field_for(world.services, session, "muara-a").contest.name == "Baru"


# -- closing --------------------------------------------------------------------------------------------------------


def test_closing_an_election_deletes_the_embeddings(world: World) -> None:
    world.enrol_candidates()
    flag_id, _ = world.flagged(CALL.replace("3", "2"), [encode_jpeg(group_photo())])
    client = world.browser("coordinator")
    handed_in = submissions(world)
    done = client.post("/api/v1/elections/demo/close")
    assert done.status_code == 200, done.text
    assert (done.json()["id"], done.json()["embeddings_deleted"]) == ("demo", 6)
    assert done.json()["closed_at"]
    with world.services.sessions() as session:
        assert set(session.scalars(select(ReferencePhoto.embedding))) == {None}
        assert field_for(world.services, session, CONTEST).gallery.matrix.shape[0] == 0
    event = last_event(world)
    assert (event.action, event.object_id, event.data) == ("election.closed", "demo", {"embeddings_deleted": 6})
    assert client.get(f"/api/v1/contests/{CONTEST}").json()["closed_at"] == done.json()["closed_at"]
    problem(world.submit("Sesudahnya"), 422, "contest")
    assert submissions(world) == handed_in
    problem(upload(world, f"{CONTEST}/1/1", reference_photos()["bagus-1.png"]), 409)
    problem(client.post("/api/v1/elections/demo/close"), 409)
    problem(client.post("/api/v1/elections/tidak-ada/close"), 404)
    item = client.get(f"/api/v1/flags/{flag_id}").json()
    references = [signal["reference"] for signal in item["signals"] if signal["kind"] == "face"]
    assert [len(reference["photos"]) for reference in references] == [3, 3]
    shown = client.get(f"/media/references/{references[0]['photo_id']}")
    assert shown.status_code == 200


def test_an_election_with_unscreened_posts_stays_open(world: World) -> None:
    world.enrol_candidates()
    world.submit(CALL)
    client = world.browser("coordinator")
    assert "1 submissions still wait" in problem(client.post("/api/v1/elections/demo/close"), 409)["detail"]
    assert client.get(f"/api/v1/contests/{CONTEST}").json()["closed_at"] is None
    with world.services.sessions() as session:
        assert None not in set(session.scalars(select(ReferencePhoto.embedding)))
    world.screen_now()
    assert client.post("/api/v1/elections/demo/close").status_code == 200


def test_a_post_that_slipped_in_while_closing_is_not_screened_without_faces(world: World) -> None:
    client = world.browser("coordinator")
    assert client.post("/api/v1/elections/demo/close").status_code == 200
    with world.services.sessions() as session:
        session.get_one(Election, "demo").closed_at = None
        session.commit()
    answer = world.submit(CALL)
    with world.services.sessions() as session:
        session.get_one(Election, "demo").closed_at = now()
        session.commit()
    with pytest.raises(Conflict, match="closed"):
        world.screen_now()
    assert world.monitor.get(answer.headers["Location"]).json()["flag"] is None


# -- in the console -------------------------------------------------------------------------------------------------


def test_the_console_deletes_and_closes_what_was_ticked(world: World) -> None:
    browser = world.browser("coordinator")
    world.flagged(CALL)
    page = browser.get(f"/kontes/{CONTEST}").text
    assert page.count('action="/roster/paslon/hapus"') == 4
    assert page.count('action="/roster/kontes/hapus"') == 1
    acts = (
        ("/roster/paslon/hapus", {"paslon": f"{CONTEST}/4"}, f"/kontes/{CONTEST}"),
        ("/roster/kontes/hapus", {"contest": "muara-b"}, "/kontes"),
        ("/roster/pemilu/tutup", {"election": "demo"}, "/kontes"),
    )
    for path, form, target in acts:
        unticked = browser.post(path, data=form)
        assert (unticked.status_code, "Centang dahulu" in unticked.text) == (422, True)
        done = browser.post(path, data=form | {"sure": "ya"})
        assert (done.status_code, done.headers.get("location")) == (303, target), done.text
    assert f"{CONTEST}/4" not in pairs(world)
    page = browser.get("/kontes").text
    assert "muara-b" not in page
    assert page.count("Ditutup") == 2
    assert 'action="/roster/pemilu/tutup"' not in page
    page = browser.get(f"/kontes/{CONTEST}").text
    assert "Pemilu ini sudah ditutup" in page
    assert 'action="/roster/foto"' not in page
    for path, form, word in (
        ("/roster/paslon/hapus", {"paslon": f"{CONTEST}/3"}, "butir tinjauan"),
        ("/roster/kontes/hapus", {"contest": CONTEST}, "1 unggahan"),
        ("/roster/pemilu/tutup", {"election": "demo"}, "sudah ditutup"),
    ):
        refused = browser.post(path, data=form | {"sure": "ya"})
        assert (refused.status_code, word in refused.text) == (409, True), path
    assert browser.post("/roster/paslon/hapus", data={"paslon": "x\0", "sure": "ya"}).status_code == 404
    assert 'action="/roster/' not in world.monitor.get(f"/kontes/{CONTEST}").text


def test_long_names_and_ids_fit(world: World) -> None:
    """An id of 80 characters and a head whose name is as long make no pair that cannot be stored."""
    contest = "k" * 80
    document = roster_document()["contests"][0] | {"id": contest, "paslon": []}
    assert world.browser("coordinator").put("/api/v1/elections/demo/contests", json=document).status_code == 200
    answer = save(world, None, "Nama " * 30, "Wakil", contest=contest)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["id"]) <= 120
