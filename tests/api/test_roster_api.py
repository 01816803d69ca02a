"""Rosters by file and by API: what is enrolled, what is refused and why, and that running processes notice."""

from __future__ import annotations

import io
import json
import stat
import uuid
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image
from sqlalchemy import func, select

from app.auth.principal import SYSTEM
from app.cli.roster import enrol_photos
from app.db.tables import CandidateRow, ContestRow, Event, PaslonRow, ReferencePhoto
from app.demo.pictures import group_photo, reference_photos
from app.errors import BadInput, NotReady
from app.imaging.redact import encode_jpeg
from app.roster.file import parse_roster, read_roster
from app.roster.gallery import load_gallery
from app.roster.service import Imported, import_roster
from app.roster.vault import fernet, seal, unseal
from app.screening.service import field_for
from tests.api.conftest import settings_for
from tests.api.world import CALL, CONTEST, World, plain, problem, roster_document, write_roster

BAGUS, NIRMALA, ARMAN = f"{CONTEST}/2/1", f"{CONTEST}/2/2", f"{CONTEST}/1/1"


def upload(world: World, candidate: str, data: bytes, login: str = "coordinator", **fields: str) -> httpx.Response:
    return world.browser(login).post(f"/api/v1/candidates/{candidate}/photos", files={"photo": data}, data=fields)


def photos(world: World) -> dict[str, int]:
    """How many photos each candidate has."""
    query = select(ReferencePhoto.candidate_id, func.count()).group_by(ReferencePhoto.candidate_id)
    with world.services.sessions() as session:
        return dict(session.execute(query).all())  # type: ignore[arg-type]


def version(world: World, contest: str = CONTEST) -> int:
    with world.services.sessions() as session:
        return session.get_one(ContestRow, contest).roster_version


def events(world: World) -> int:
    with world.services.sessions() as session:
        return session.scalar(select(func.count()).select_from(Event)) or 0


def bring(world: World, path: Path) -> tuple[Imported, int]:
    """What `netra roster import` does, with the models that are loaded already."""
    with world.services.sessions() as session:
        done = import_roster(session, SYSTEM, read_roster(path), path.parent)
        session.commit()
        return done, enrol_photos(session, world.settings, done, world.services.models)


# -- by file --------------------------------------------------------------------------------------------------------


def test_a_roster_is_imported_with_its_photos_and_again_nothing_changes(world: World, tmp_path: Path) -> None:
    path = write_roster(tmp_path / "roster")
    _, refused = bring(world, path)
    assert refused == 0
    assert photos(world) == {BAGUS: 3, NIRMALA: 3}
    before = events(world), version(world)
    done, refused = bring(world, path)
    assert (len(done.photos), refused) == (6, 0)
    assert photos(world) == {BAGUS: 3, NIRMALA: 3}
    assert (events(world), version(world)) == before
    whole = world.monitor.get(f"/api/v1/contests/{CONTEST}").json()
    assert [pair["number"] for pair in whole["paslon"]] == [1, 2, 3, 4]
    person = whole["paslon"][1]["candidates"][0]
    assert (person["id"], person["name"], person["nicknames"]) == (BAGUS, "Bagus Tirtamaya, S.T.", ["Pak Bagus"])
    assert all(photo["model"] == world.services.models.embedder.model for photo in person["photos"])
    assert "embedding" not in str(whole)


def test_only_what_differs_becomes_an_event(world: World) -> None:
    document = roster_document()
    document["contests"][0]["paslon"][2]["slogans"].append("Sehat untuk Semua")
    before = events(world)
    with world.services.sessions() as session:
        import_roster(session, SYSTEM, parse_roster(document), Path())
        session.commit()
        added = session.scalars(select(Event).where(Event.id > before)).all()
    assert [(event.action, event.object_id) for event in added] == [("paslon.updated", f"{CONTEST}/3")]


def test_photos_that_cannot_serve_are_named_and_the_others_enrolled(
    world: World, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write_roster(tmp_path / "roster")
    (path.parent / "bagus-2.png").write_bytes(plain(kind="PNG", size=(300, 300)))
    (path.parent / "nirmala-1.png").write_bytes(b"rusak")
    _, refused = bring(world, path)
    assert refused == 2
    assert photos(world) == {BAGUS: 2, NIRMALA: 2}
    told = " ".join(capfd.readouterr().err.split())
    assert "bagus-2.png: Tidak ada wajah" in told
    assert "nirmala-1.png: Bukan gambar" in told


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda d: d["election"].pop("voting_day"), "election.voting_day"),
        (lambda d: d["election"].update(voting_day="9999-12-31"), "election.voting_day"),
        (lambda d: d["election"].update(voting_day="kelak"), "election.voting_day"),
        (lambda d: d["election"].update(kind="pilkades"), "election.kind"),
        (lambda d: d["contests"].clear(), "contests"),
        (lambda d: d["contests"].append(d["contests"][0]), "roster"),
        (lambda d: d["contests"][0].update(id="a/b"), "contests.0.id"),
        (lambda d: d["contests"][0].update(timezone="Asia/Jakarta2"), "contests.0.timezone"),
        (lambda d: d["contests"][0]["region"].update(code="Banten"), "contests.0.region.code"),
        (lambda d: d["contests"][0].update(stages=[{"stage": "x", "first": "2026-01-01", "last": "2026-02-01"}]),
         "contests.0"),
        (lambda d: d["contests"][0].update(stages=[{"stage": "kampanye", "first": "2026-03-01", "last": "2026-02-01"}]),
         "contests.0.stages.0"),
        (lambda d: d["contests"][0]["paslon"][0].update(number=2), "contests.0"),
        (lambda d: d["contests"][0]["paslon"][0].update(number=0), "contests.0.paslon.0.number"),
        (lambda d: d["contests"][0]["paslon"][0].update(alias=["salah ketik"]), "contests.0.paslon.0.alias"),
        (lambda d: d["contests"][0]["paslon"][0].update(candidates=[]), "contests.0.paslon.0.candidates"),
        (lambda d: d["contests"][0]["paslon"][0]["candidates"][0].update(name="a\0b"),
         "contests.0.paslon.0.candidates.0.name"),
        (lambda d: d["contests"][0]["paslon"][0]["candidates"][0].update(name="  "),
         "contests.0.paslon.0.candidates.0.name"),
    ],
)  # fmt: skip
def test_mistakes_in_a_roster_are_named_by_place(tmp_path: Path, change: Any, place: str) -> None:
    document = roster_document()
    change(document)
    path = tmp_path / "roster.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        read_roster(path)
    assert caught.value.field == place


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"election": 1}'])
def test_files_that_are_no_roster(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "roster.json"
    path.write_bytes(content)
    with pytest.raises(BadInput):
        read_roster(path)
    with pytest.raises(BadInput, match="cannot be read"):
        read_roster(tmp_path / "tidak-ada.json")


@pytest.mark.parametrize("name", ["../luar.png", "/etc/hostname", "tidak-ada.png", "."])
def test_photos_outside_the_folder_or_missing(world: World, tmp_path: Path, name: str) -> None:
    document = roster_document()
    document["contests"][0]["paslon"][0]["candidates"][0]["photos"] = [name]
    (tmp_path / "luar.png").write_bytes(plain())
    folder = tmp_path / "roster"
    folder.mkdir()
    before = events(world)
    with world.services.sessions() as session, pytest.raises(BadInput):
        import_roster(session, SYSTEM, parse_roster(document), folder)
    assert events(world) == before


# -- by API ---------------------------------------------------------------------------------------------------------


def test_an_election_is_made_by_the_api(world: World) -> None:
    client = world.browser("coordinator")
    election = {"id": "baru", "name": "Pilkada baru", "kind": "pilkada", "voting_day": "2029-09-02"}
    answer = client.put("/api/v1/elections/baru", json=election)
    assert (answer.status_code, answer.json()) == (200, election)
    document = roster_document()["contests"][0] | {"id": "kota-baru", "region": {"code": "99.09", "name": "Kota Baru"}}
    made = client.put("/api/v1/elections/baru/contests", json=document)
    assert made.status_code == 200
    assert [pair["number"] for pair in made.json()["paslon"]] == [1, 2, 3, 4]
    pair = {"number": 5, "candidates": [{"name": "Eka Surya"}], "aliases": ["EKA"], "accounts": ["@eka.resmi"]}
    added = client.put("/api/v1/contests/kota-baru/paslon", json=pair)
    assert added.status_code == 200
    assert added.json()["id"] == "kota-baru/5"
    assert added.json()["accounts"] == ["@eka.resmi"]
    listed = {contest["id"]: contest for contest in client.get("/api/v1/contests").json()}
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
        assert session.get_one(CandidateRow, BAGUS).name == "Joko Sembada"
        last = session.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
    assert len(last.data["photos_withdrawn"]) == 1
    pair["candidates"].pop()
    client.put(f"/api/v1/contests/{CONTEST}/paslon", json=pair)
    with world.services.sessions() as session:
        assert len(session.get_one(PaslonRow, f"{CONTEST}/2").candidates) == 1


# -- in running processes -------------------------------------------------------------------------------------------


def test_a_running_process_notices_photos_that_come_and_go(world: World) -> None:
    group = encode_jpeg(group_photo())

    def codes(text: str) -> set[str]:
        location = world.submit(text, [group]).headers["Location"]
        world.screen_now()
        flag = world.monitor.get(location).json()["flag"]
        if flag is None:
            return set()
        shown = world.browser("reviewer").get(f"/api/v1/flags/{flag['id']}").json()
        return {signal["code"] for signal in shown["signals"] if signal["kind"] == "face"}

    assert codes("Pagi") == set()
    added = upload(world, BAGUS, reference_photos()["bagus-1.png"]).json()["id"]
    assert codes("Siang") == {"FACE_MATCH"}
    world.browser("admin").delete(f"/api/v1/photos/{added}")
    assert codes("Malam") == set()


def test_a_running_process_notices_new_words(world: World) -> None:
    text = "Salam dari barisan Wisanggeniwati, coblos bersama kami!"
    pair = roster_document()["contests"][0]["paslon"][2]

    def pairs() -> set[str | None]:
        with world.services.sessions() as session:
            chosen = field_for(world.services, session, CONTEST)
        return {pair.id for pair in chosen.contest.paslon if "Wisanggeniwati" in pair.aliases}

    assert pairs() == set()
    pair["aliases"].append("Wisanggeniwati")
    world.browser("coordinator").put(f"/api/v1/contests/{CONTEST}/paslon", json=pair)
    assert pairs() == {f"{CONTEST}/3"}
    flag_id, _ = world.flagged(text)
    assert world.browser("reviewer").get(f"/api/v1/flags/{flag_id}").json()["paslon"]["number"] == 3


def test_the_flag_knows_which_roster_it_was_screened_with(world: World) -> None:
    flag_id, _ = world.flagged(CALL)
    shown = world.browser("reviewer").get(f"/api/v1/flags/{flag_id}").json()
    assert shown["versions"]["roster"] == version(world)


# -- the vault ------------------------------------------------------------------------------------------------------


def test_the_key_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    settings = settings_for("", tmp_path / "data")
    vector = np.arange(8, dtype=np.float32)
    token = seal(fernet(settings), vector)
    assert vector.tobytes() not in token
    assert (unseal(fernet(settings), token) == vector).all()
    key = tmp_path / "data" / "secret.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_another_key_opens_nothing_and_says_so(world: World) -> None:
    upload(world, BAGUS, reference_photos()["bagus-1.png"])
    other = settings_for("", world.settings.data_dir, secret_key="kunci lain")
    with world.services.sessions() as session:
        with pytest.raises(NotReady, match="secret"):
            load_gallery(session, other, CONTEST, world.services.models.embedder.model)
        assert len(load_gallery(session, world.settings, CONTEST, "model lain").candidates) == 0
