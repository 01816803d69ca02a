"""Rosters by API: what is enrolled, what is refused and why, and ids that keep their meaning."""

from __future__ import annotations

import io
import uuid
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlalchemy import select

from app.db.contest_tables import CandidateRow, PaslonRow
from app.db.event_tables import Event
from app.demo.pictures import group_photo, reference_photos
from app.imaging.redact import encode_jpeg
from tests.api.rosters import ARMAN, BAGUS, events, photos, upload, version
from tests.api.world import CONTEST, World, plain, problem, roster_document

# -- by API ---------------------------------------------------------------------------------------------------------


def test_an_election_is_made_by_the_api(world: World) -> None:
    client = world.browser("coordinator")
    election = {"id": "baru", "name": "Pilkada baru", "kind": "pilkada", "voting_day": "2029-09-02"}
    answer = client.put("/api/v1/elections/baru", json=election)
    assert (answer.status_code, answer.json()) == (200, election | {"closed_at": None})
    document = roster_document()["contests"][0] | {"id": "kota-baru", "region": {"code": "99.09", "name": "Kota Baru"}}
    made = client.put("/api/v1/elections/baru/contests", json=document)
    assert made.status_code == 200
    assert [pair["number"] for pair in made.json()["paslon"]] == [1, 2, 3, 4]
    pair = {"number": 5, "candidates": [{"name": "Eka Surya"}], "aliases": ["EKA"], "accounts": ["@eka.resmi"]}
    added = client.put("/api/v1/contests/kota-baru/paslon", json=pair)
    assert added.status_code == 200
    assert added.json()["id"] == "kota-baru/5"
    assert added.json()["accounts"] == ["@eka.resmi"]
    listed = {contest["id"]: contest for contest in client.get("/api/v1/contests").json()["items"]}
    assert listed["kota-baru"]["voting_day"] == "2029-09-02"
    assert listed["kota-baru"]["paslon"] is None
    before = events(world), version(world, "kota-baru")
    client.put("/api/v1/elections/baru", json=election)
    client.put("/api/v1/elections/baru/contests", json=document)
    client.put("/api/v1/contests/kota-baru/paslon", json=pair)
    assert (events(world), version(world, "kota-baru")) == before


def test_a_contest_of_another_election(world: World) -> None:
    client = world.browser("coordinator")
    body = roster_document()["contests"][0]
    problem(client.put("/api/v1/elections/lama/contests", json=body), 409, "id")
    problem(client.put("/api/v1/elections/tidak-ada/contests", json=body), 422, "election")
    problem(client.put("/api/v1/contests/tidak-ada/paslon", json=body["paslon"][0]), 404)


def test_a_number_drawn_later_keeps_the_pair(world: World) -> None:
    client = world.browser("coordinator")
    pair: dict[str, Any] = {"number": None, "candidates": [{"name": "Gita Nusa"}, {"name": "Hadi Rimba"}]}
    first = client.put("/api/v1/contests/muara-a/paslon", json=pair).json()
    drawn = client.put("/api/v1/contests/muara-a/paslon", json=pair | {"number": 7}).json()
    assert (drawn["id"], drawn["number"]) == (first["id"], 7)
    assert [person["id"] for person in drawn["candidates"]] == [person["id"] for person in first["candidates"]]


def test_ids_never_change_their_meaning(world: World) -> None:
    client = world.browser("coordinator")

    def save(number: int | None, *names: str) -> httpx.Response:
        body = {"number": number, "candidates": [{"name": name} for name in names]}
        return client.put("/api/v1/contests/muara-a/paslon", json=body)

    first = save(None, "Gita Nusa", "Hadi Rimba").json()["id"]
    assert save(None, "Gita Nusa", "Hadi Rimba Raya").json()["id"] == first
    assert save(7, "Gita Nusa", "Hadi Rimba Raya").json()["id"] == first
    body = problem(save(None, "Gita Nusa", "Indra Wana"), 409, "number")
    assert first in body["detail"]


@pytest.mark.parametrize("address", ["lain", "%04", "a%2Fb", "x" * 200])
def test_an_election_at_another_address(common_world: World, address: str) -> None:
    election = {"id": "baru", "name": "Pilkada baru", "voting_day": "2029-09-02"}
    answer = common_world.browser("coordinator").put(f"/api/v1/elections/{address}", json=election)
    assert answer.status_code in {404, 422}
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_photo_is_enrolled_and_withdrawn(world: World) -> None:
    head = reference_photos()["bagus-1.png"]
    before = version(world)
    answer = upload(world, BAGUS, head)
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert body.keys() == {"id", "sha256", "box", "quality", "model"}
    assert version(world) == before + 1
    problem(upload(world, BAGUS, head), 409)
    assert photos(world) == {BAGUS: 1}
    shown = world.monitor.get(f"/media/references/{body['id']}")
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    client = world.browser("coordinator")
    assert client.delete(f"/api/v1/photos/{body['id']}").status_code == 204
    assert photos(world) == {}
    assert version(world) == before + 2
    problem(client.delete(f"/api/v1/photos/{body['id']}"), 404)
    problem(world.monitor.get(f"/media/references/{body['id']}"), 404)
    assert upload(world, BAGUS, head).status_code == 201


def small(data: bytes, share: float) -> bytes:
    image = Image.open(io.BytesIO(data))
    stream = io.BytesIO()
    image.resize((round(image.width * share), round(image.height * share))).save(stream, "PNG")
    return stream.getvalue()


def test_photos_that_are_refused_say_why(world: World) -> None:
    head, group = reference_photos()["bagus-1.png"], encode_jpeg(group_photo())
    reasons = {
        "no-face": (plain(size=(300, 300)), {}, "photo"),
        "several-faces": (group, {}, "choice"),
        "no-such-face": (group, {"choice": "6"}, "choice"),
        "face-too-small": (small(head, 0.13), {}, "photo"),
    }
    for reason, (data, fields, field) in reasons.items():
        body = problem(upload(world, ARMAN, data, **fields), 422, field)
        assert body["reason"] == reason
    several = problem(upload(world, ARMAN, group), 422, "choice")
    assert several["count"] == 6
    assert [face["choice"] for face in several["faces"]] == list(range(6))
    for data in (b"", b"rusak", head[:2000]):
        assert problem(upload(world, ARMAN, data), 422)["type"] == "urn:netra:problem:unsafe-image"
    assert photos(world) == {}
    chosen = upload(world, ARMAN, group, choice="2")
    assert chosen.status_code == 201
    assert chosen.json()["box"] == several["faces"][2]["box"]


@pytest.mark.parametrize("choice", ["-1", "1000", "9" * 30, "dua", "1.5"])
def test_choices_that_are_none(common_world: World, choice: str) -> None:
    problem(upload(common_world, ARMAN, plain(), choice=choice), 422, "choice")


def test_candidates_that_are_none(common_world: World) -> None:
    head = reference_photos()["bagus-1.png"]
    for candidate in ("tidak/ada/1", "%00", "x", "' OR 1=1 --"):
        problem(upload(common_world, candidate, head), 404)
    client = common_world.browser("coordinator")
    problem(client.post(f"/api/v1/candidates/{ARMAN}/photos", data={"choice": "1"}), 422, "photo")
    problem(client.post(f"/api/v1/candidates/{ARMAN}/photos", json={}), 422, "photo")
    answer = client.delete(f"/api/v1/photos/{uuid.uuid4()}")
    problem(answer, 404)


def test_photos_leave_with_their_person(world: World) -> None:
    """A corrected name keeps its photos; another person in the same place does not get them."""
    upload(world, BAGUS, reference_photos()["bagus-1.png"])
    client = world.browser("coordinator")
    pair = roster_document()["contests"][0]["paslon"][1]
    pair["candidates"][0]["name"] = "H. Bagus Tirtamaya, S.T., M.Si."
    assert client.put(f"/api/v1/contests/{CONTEST}/paslon", json=pair).status_code == 200
    assert photos(world) == {BAGUS: 1}
    pair["candidates"][0]["name"] = "Joko Sembada"
    assert client.put(f"/api/v1/contests/{CONTEST}/paslon", json=pair).status_code == 200
    assert photos(world) == {}
    with world.services.sessions() as session:
        assert session.get(CandidateRow, BAGUS) is None
        last = session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
    assert len(last.data["photos_withdrawn"]) == 1
    pair["candidates"].pop()
    client.put(f"/api/v1/contests/{CONTEST}/paslon", json=pair)
    with world.services.sessions() as session:
        assert len(session.get_one(PaslonRow, f"{CONTEST}/2").candidates) == 1
