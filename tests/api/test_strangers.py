"""Whatever is done with a picture, nothing by which a stranger could be known again is kept anywhere."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from sqlalchemy import update

from app.db.contest_tables import ReferencePhoto
from app.db.flag_tables import Screening
from app.db.office_tables import Work
from app.demo.pictures import group_photo, reference_photos
from app.evaluation.copy_edits import smaller
from app.imaging.redact import crop, encode_jpeg
from app.review import national
from app.roster import enrol, face_check, reembed
from app.screening import pipeline
from app.screening.models import Models
from app.screening.pipeline import observe
from app.vision.observations import Face, Floats
from tests.api.conftest import world_on
from tests.api.people import add, verdict
from tests.api.test_privacy import LONGEST_NUMBERS, as_bytes, files, found_of, number_lists, rows
from tests.api.test_work import WHY, apply, start, work_now
from tests.api.world import CALL, CONTEST, World

LOOKS = (pipeline, enrol, face_check, national, reembed)
"""Every module that looks for faces."""
PICTURES = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n|RIFF....WEBP|/9j/4|iVBORw0KGgo|UklGR[A-Za-z0-9+/]{6}XRUJQ", re.DOTALL)
"""How JPEG, PNG and WebP begin, as bytes and in base64."""


@dataclass
class Kept:
    """Everything that may have stayed, and what must not be in it."""

    world: World
    originals: set[str] = field(default_factory=set)
    codes: list[Floats] = field(default_factory=list)
    logs: bytes = b""

    def leaks(self) -> Iterator[str]:
        """What should not be there: codes of faces, long lists of numbers, pictures other than originals."""
        stated = list(rows(self.world))
        values = [as_bytes(value) for value in stated]
        root = self.world.services.blobs.root
        assert root is not None
        stored, whole = files(root), files(self.world.settings.data_dir.parent)
        places = [*values, *(path.read_bytes() for path in whole), self.logs]
        for number in found_of(self.codes, places):
            yield f"code {number}"
        for value in stated:
            if max(number_lists(value), default=0) >= LONGEST_NUMBERS:
                yield "numbers in the database"
        for value in [*values, self.logs]:
            if PICTURES.search(value):
                yield "a picture in the database or the logs"
        for path in stored:
            if hashlib.sha256(path.read_bytes()).hexdigest() not in self.originals:
                yield f"a picture that nobody handed in: {path.name}"
        databases = ("netra.db", "netra.db-wal", "netra.db-shm")
        for path in set(whole) - set(stored):
            if path.name not in databases and PICTURES.search(path.read_bytes()):
                yield f"a picture in {path.name}"


@pytest.fixture
def kept(database_url: str, tmp_path: Path, models: Models, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    """An application in which every unflagged post is sampled, and that notes every face that anybody looks at."""
    with world_on(database_url, tmp_path / "data", models, unflagged_sample=1.0) as world:
        found = Kept(world)

        def watching(real: Any) -> Any:
            def watched(*given: Any) -> Sequence[Face]:
                faces: Sequence[Face] = real(*given)
                found.codes += [face.embedding for face in faces if face.embedding is not None]
                return faces

            return watched

        monkeypatch.setattr(pipeline, "observe", observe)  # whatever other tests have seen already
        for module in LOOKS:
            monkeypatch.setattr(module, "find_faces", watching(module.find_faces))
        yield found


def live_through(kept: Kept) -> None:
    """Strangers in posts, copies, samples, tests of photos, searches, trials, rescreening, enrolling, re-embedding."""
    world, photo = kept.world, group_photo()
    crowd, copy, stranger = encode_jpeg(photo), encode_jpeg(smaller(photo)), encode_jpeg(photo[:, ::-1].copy())
    given = [crowd, copy, stranger, *reference_photos().values()]
    kept.originals |= {hashlib.sha256(data).hexdigest() for data in given}
    world.enrol_candidates()
    coordinator = world.browser("coordinator")
    for path in (f"/api/v1/contests/{CONTEST}/face-check", f"/roster/uji-foto/{CONTEST}"):
        assert coordinator.post(path, files={"photo": ("x.jpg", crowd)}, headers={"Accept": "*/*"}).status_code == 200
    enrolled = coordinator.post(f"/api/v1/candidates/{CONTEST}/1/1/photos", files={"photo": stranger}, data={"face": 5})
    if enrolled.status_code != 201:
        assert enrolled.status_code == 422
    flag, last = world.flagged(CALL, [crowd])
    world.flagged("Bersama kawan lama", [copy])
    sampled, _ = world.flagged("Selamat pagi", [stranger])
    reviewer = world.browser("reviewer")
    for number in range(1, 7):
        asked = {"picture": 0, "face": number, "reason": WHY}
        assert reviewer.post(f"/api/v1/flags/{flag}/national-search", json=asked).status_code in {201, 409}
    for one in (flag, sampled):
        shown = reviewer.get(f"/api/v1/flags/{one}").json()
        assert reviewer.get(shown["images"][0]["blurred_url"]).status_code == 200
        assert reviewer.get(f"/antrean/{one}").status_code == 200
        for signal in shown["signals"]:
            if signal["kind"] == "face":
                assert reviewer.get(f"/media/flags/{one}/faces/{signal['tag']}").status_code == 200
    assert verdict(reviewer, sampled, world.last_event(sampled), "dismiss").status_code == 201
    assert coordinator.put(f"/api/v1/gold/{sampled}", json={"verdict": "dismiss"}).status_code == 200
    add(world, "reviewer3")
    with world.services.sessions() as session:
        session.execute(update(Screening).values(pipeline_version=Screening.pipeline_version + "x"))
        session.commit()
    look = start(world)
    work_now(world)
    apply(world, look["id"])
    work_now(world)
    with world.services.sessions() as session:
        session.execute(update(ReferencePhoto).values(model="lama-000000000000"))
        session.commit()
    assert coordinator.post("/api/v1/works/re-embedding").status_code == 202
    work_now(world)
    assert last


def test_no_trace_of_a_stranger_stays(kept: Kept, capfd: pytest.CaptureFixture[str]) -> None:
    live_through(kept)
    captured = capfd.readouterr()
    kept.logs = captured.out.encode() + captured.err.encode()
    assert len(kept.codes) >= 40
    assert b'"event": "request"' in kept.logs
    assert list(kept.leaks()) == []


PLANTED = ("float32", "float16", "base64", "json", "rounded", "crop in the database", "crop as a file", "in the logs")


@pytest.mark.parametrize("way", PLANTED)
def test_whatever_is_planted_is_found(kept: Kept, way: str) -> None:
    """The search is able to fail: a stranger's code or crop, hidden in each way, is noticed."""
    world, photo = kept.world, group_photo()
    code = np.random.default_rng(7).normal(size=192).astype(np.float32)
    kept.codes.append(code)
    assert list(kept.leaks()) == []
    face = encode_jpeg(crop(photo, (419, 236, 618, 462)), 160)
    text = {
        "float32": code.tobytes().hex(),
        "float16": code.astype(np.float16).tobytes().hex(),
        "base64": base64.b64encode(code.tobytes()).decode(),
        "json": json.dumps(code.tolist()),
        "rounded": [round(float(value), 2) for value in code],
        "crop in the database": base64.b64encode(face).decode(),
    }
    if way == "crop as a file":
        root = world.services.blobs.root
        assert root is not None
        (root / "originals" / "ab").mkdir(parents=True, exist_ok=True)
        small = cv2.imencode(".png", photo[236:462, 419:618])[1].tobytes()
        (root / "originals" / "ab" / uuid.uuid4().hex).write_bytes(small)
    elif way == "in the logs":
        kept.logs = json.dumps({"event": "seen", "vector": code.tolist()}).encode()
    else:
        with world.services.sessions() as session:
            session.add(Work(kind="uji", login="system", params={"planted": text[way]}))
            session.commit()
    assert list(kept.leaks()) != []
