"""Testing a photo: who it would match, or nobody, for those who keep the roster; and nothing of it stays anywhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from sqlalchemy import select

from app.db.event_tables import Event
from app.demo.pictures import group_photo, reference_photos
from app.imaging.decode import sha256
from app.imaging.redact import encode_jpeg
from app.roster import face_check
from app.screening.models import Models, load_models
from app.screening.service import Services
from app.vision.gallery import Gallery, crossed, ranking
from app.vision.observations import Face
from tests.api.test_privacy import as_bytes, files, found_of, rows
from tests.api.world import CONTEST, World, plain, problem
from tests.conftest import MODELS

HEAD, DEPUTY = f"{CONTEST}/2/1", f"{CONTEST}/2/2"
PATH, PAGE = f"/api/v1/contests/{CONTEST}/face-check", f"/roster/uji-foto/{CONTEST}"


def ask(world: World, data: bytes, path: str = PATH, login: str = "coordinator") -> httpx.Response:
    """The answer to a photo."""
    return world.browser(login).post(path, files={"photo": ("uji.jpg", data)}, headers={"Accept": "*/*"})


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> list[Face]:
    """The faces of tested photos, with their codes, as they pass by."""
    seen: list[Face] = []
    real = face_check.find_faces

    def watched(*given: Any) -> tuple[Face, ...]:
        faces = real(*given)
        seen.extend(faces)
        return faces

    monkeypatch.setattr(face_check, "find_faces", watched)
    return seen


def test_a_photo_is_likened_to_candidates_or_to_nobody(world: World) -> None:
    world.enrol_candidates()
    answer = ask(world, encode_jpeg(group_photo()))
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["contest"], found["people"], found["photos"], found["unlisted"]) == (CONTEST, 2, 6, 0)
    bands = sorted(face["band"] for face in found["faces"])
    assert bands == ["none"] * 4 + ["strong"] * 2
    named = {face["best"]["candidate"]: face for face in found["faces"] if face["best"]}
    assert named.keys() == {HEAD, DEPUTY}
    for face in named.values():
        assert {face["second"]["candidate"], face["best"]["candidate"]} == {HEAD, DEPUTY}
        assert face["margin"] == pytest.approx(face["best"]["score"] - face["second"]["score"], abs=2e-4)
        assert face["best"]["number"] == 2
        assert face["margin"] > 0.2
    nobody = [face for face in found["faces"] if face["band"] == "none"]
    assert all(face["best"] is None and face["margin"] is None and face["highest"] < 0.5 for face in nobody)


def test_the_page_says_it_in_words_and_keeps_no_photo(world: World) -> None:
    world.enrol_candidates()
    page = ask(world, encode_jpeg(group_photo()), PAGE)
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert len(re.findall("Mirip kuat", page.text)) == 2
    assert len(re.findall("Tidak ada calon terdaftar yang cocok", page.text)) == 4
    assert "Orang terdekat berikutnya" in page.text
    assert page.text.count("data:image/jpeg;base64,") == 6
    assert "Foto ini tidak disimpan" in page.text
    assert "Tidak ada wajah yang ditemukan" in ask(world, plain(), PAGE).text
    refused = ask(world, b"bukan gambar", PAGE)
    assert (refused.status_code, "Bukan gambar" in refused.text) == (422, True)


def test_nothing_of_a_tested_photo_is_kept(world: World, passed: list[Face], capfd: pytest.CaptureFixture[str]) -> None:
    world.enrol_candidates()
    folder: Path = world.settings.data_dir
    before = {path.relative_to(folder) for path in files(folder / "blobs")}
    original = encode_jpeg(group_photo())
    assert ask(world, original).status_code == 200
    assert ask(world, original, PAGE).status_code == 200
    assert {path.relative_to(folder) for path in files(folder / "blobs")} == before
    codes = [face.embedding for face in passed if face.embedding is not None]
    assert len(codes) == 12
    captured = capfd.readouterr()
    places = [as_bytes(value) for value in rows(world)] + [path.read_bytes() for path in files(folder.parent)]
    places += [captured.out.encode(), captured.err.encode()]
    assert found_of(codes, places) == set()
    digest = sha256(original).encode()
    assert not any(digest in place for place in places)
    assert not any(original[200:240] in place for place in places)


def test_a_test_is_an_event_that_names_nobody(world: World) -> None:
    world.enrol_candidates()
    assert ask(world, encode_jpeg(group_photo())).status_code == 200
    with world.services.sessions() as session:
        (event,) = session.scalars(select(Event).where(Event.action == "face.checked")).all()
    assert (event.actor, event.object_type, event.object_id) == ("coordinator", "contest", CONTEST)
    assert event.data == {"faces": 6, "bands": {"none": 4, "strong": 2}}


def test_who_may_and_what_is_refused(world: World) -> None:
    assert ask(world, plain(), login="reviewer").status_code == 403
    assert ask(world, plain(), PAGE, login="monitor").status_code == 403
    problem(ask(world, plain(), "/api/v1/contests/tidak-ada/face-check"), 404)
    problem(ask(world, plain(), "/api/v1/contests/kota-lama/face-check"), 409)
    problem(ask(world, b""), 422)
    problem(world.browser("coordinator").post(PATH, data={"x": "y"}), 422, "photo")
    assert ask(world, plain(), "/roster/uji-foto/tidak-ada").status_code == 404
    empty = ask(world, encode_jpeg(group_photo())).json()
    assert (empty["photos"], empty["people"], {face["band"] for face in empty["faces"]}) == (0, 0, {"none"})
    assert "Belum ada foto terdaftar yang dapat dibandingkan" in ask(world, plain(), PAGE).text


def test_the_roster_says_how_good_photos_are_and_whom_they_resemble(world: World) -> None:
    world.enrol_candidates()
    page = world.browser("coordinator").get(f"/kontes/{CONTEST}").text
    assert page.count("lebar wajah") == 6
    assert "juga mirip foto" not in page
    assert "Tambahkan 3 foto lagi" in page
    wrong = next(data for name, data in reference_photos().items() if name.startswith("bagus"))
    added = world.browser("coordinator").post(f"/api/v1/candidates/{CONTEST}/3/1/photos", files={"photo": wrong})
    assert added.status_code == 201
    page = world.browser("coordinator").get(f"/kontes/{CONTEST}").text
    assert page.count("juga mirip foto") >= 2
    assert "Tambahkan 2 foto lagi" in page
    found = world.browser("coordinator").get(f"/api/v1/contests/{CONTEST}/photo-report").json()["items"]
    people = {one["candidate"]: one for one in found}
    assert (people[HEAD]["missing"], people[f"{CONTEST}/3/1"]["missing"], len(people[HEAD]["photos"])) == (0, 2, 3)
    assert {one["resembles"]["candidate"] for one in people[HEAD]["photos"]} == {f"{CONTEST}/3/1"}
    assert {one["resembles"] is None for one in people[DEPUTY]["photos"]} == {True}
    assert all(isinstance(one["warnings"], list) for one in people[DEPUTY]["photos"])
    reader = world.browser("monitor").get(f"/kontes/{CONTEST}").text
    assert "lebar wajah" in reader
    assert "Uji foto" not in reader
    assert "juga mirip foto" not in reader


def test_likeness_between_photos_and_ranking_are_of_people() -> None:
    matrix = np.array([[1, 0], [0.8, 0.6], [0.96, 0.28]], np.float32)
    gallery = Gallery(matrix, ("a", "a", "b"), ("a1", "a2", "b1"), "m")
    found = crossed(gallery, 0.9)
    assert {photo: (like.candidate, like.photo) for photo, like in found.items()} == {
        "a1": ("b", "b1"), "a2": ("b", "b1"), "b1": ("a", "a1"),
    }  # fmt: skip
    assert crossed(gallery, 0.97) == {}
    assert crossed(Gallery(np.zeros((0, 1), np.float32), (), (), "m"), 0.1) == {}
    face = Face((0, 0, 50, 50), np.zeros((5, 2), np.float32), 0.9, np.array([0.96, 0.28], np.float32), 60.0)
    assert [(like.candidate, like.photo) for like in ranking(face, gallery)] == [("b", "b1"), ("a", "a1")]
    assert ranking(Face((0, 0, 9, 9), np.zeros((5, 2), np.float32), 0.9), gallery) == ()


def test_no_process_holds_the_face_models_twice(models: Models, world: World) -> None:
    services = Services(world.settings, world.services.engine, world.services.sessions, world.services.blobs)
    faces = services.faces
    assert services.faces is faces
    whole = services.models
    assert whole.detector is faces.detector
    assert whole.embedder is faces.embedder
    assert services.faces.embedder is whole.embedder
    assert load_models(MODELS, faces=faces).thresholds == models.thresholds
