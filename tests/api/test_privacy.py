"""What is never kept: codes of strangers' faces, crops, blurred copies, and candidates' codes in the clear."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ahocorasick_rs import BytesAhoCorasick
from sqlalchemy import inspect

from app.db.flag_tables import Flag
from app.demo.pictures import group_photo, reference_photos
from app.imaging.redact import encode_jpeg
from app.roster import enrol
from app.roster.gallery import load_gallery
from app.screening import pipeline
from app.screening.pipeline import observe
from app.vision.observations import Face, Floats
from tests.api.world import World

LONGEST_NUMBERS = 64
"""No list of numbers that is kept is as long as a face's code (192)."""


def traces(embedding: Floats) -> Iterator[bytes]:
    """What a vector looks like wherever it may lie: bytes, base64, hexadecimal, and its first numbers as text."""
    for kind in (np.float16, np.float32, np.float64):
        raw = embedding.astype(kind).tobytes()
        for begin in (0, 48, 96):
            part = raw[begin : begin + 24]
            yield part
            yield part.hex().encode()
            yield base64.b64encode(part)
            yield base64.urlsafe_b64encode(part)
    for value in embedding[:20]:
        yield repr(float(value))[:11].encode()


def found_of(embeddings: Sequence[Floats], places: Iterable[bytes]) -> set[int]:
    """Of which of the vectors some trace lies in these bytes; each place is walked through once."""
    wanted = [(number, trace) for number, one in enumerate(embeddings) for trace in traces(one)]
    search = BytesAhoCorasick([trace for _, trace in wanted])
    return {
        wanted[match[0]][0] for place in places for match in search.find_matches_as_indexes(place, overlapping=True)
    }


def found_in(embedding: Floats, places: Iterable[bytes]) -> bool:
    """Whether any trace of the vector lies in these bytes."""
    return bool(found_of([embedding], places))


def rows(world: World) -> Iterator[Any]:
    """Every value of every row of every table, the job engine's too, as it is stored."""
    engine = world.services.engine
    schemas = ["public.", "dbos."] if engine.dialect.name == "postgresql" else [""]
    with engine.connect() as connection:
        for schema in schemas:
            for name in inspect(engine).get_table_names(schema.rstrip(".") or None):
                for row in connection.exec_driver_sql(f'SELECT * FROM {schema}"{name}"'):
                    yield from row


def as_bytes(value: Any) -> bytes:
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    return json.dumps(value, default=str).encode()


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def number_lists(value: Any) -> Iterator[int]:
    """The length of every list of numbers within a JSON value."""
    if isinstance(value, str) and value[:1] in "[{":
        try:
            value = json.loads(value)
        except ValueError:
            return
    if isinstance(value, dict):
        for inner in value.values():
            yield from number_lists(inner)
    elif isinstance(value, list):
        numbers = sum(isinstance(item, int | float) for item in value)
        yield numbers
        for item in value:
            yield from number_lists(item)


@pytest.fixture
def seen_faces(monkeypatch: pytest.MonkeyPatch) -> list[Face]:
    """All faces that screening looks at, with their codes, as they pass by."""
    passed: list[Face] = []
    real = pipeline.find_faces

    def watched(*given: Any) -> tuple[Face, ...]:
        faces = real(*given)
        passed.extend(faces)
        return faces

    monkeypatch.setattr(pipeline, "find_faces", watched)
    monkeypatch.setattr(pipeline, "observe", observe)  # whatever other tests have seen already
    return passed


def test_traces_are_found_where_they_are() -> None:
    """The search itself works: each way of keeping a vector is noticed."""
    vector, other = np.random.default_rng(1).normal(size=(2, 192)).astype(np.float32)
    kept = [
        b"x" + vector.tobytes(), vector.astype(np.float64).tobytes(), vector.astype(np.float16).tobytes(),
        base64.b64encode(vector.tobytes()), json.dumps(vector.tolist()).encode(), vector.tobytes().hex().encode(),
    ]  # fmt: skip
    assert all(found_in(vector, [place]) for place in kept)
    assert not found_in(other, kept)
    assert max(number_lists({"a": [vector.tolist()]})) == 192


def test_no_code_of_a_stranger_and_no_crop_is_kept(
    world: World, seen_faces: list[Face], capfd: pytest.CaptureFixture[str]
) -> None:
    world.enrol_candidates()
    original = encode_jpeg(group_photo())
    flag_id, _ = world.flagged("Bersama kawan lama", [original])
    reviewer = world.browser("reviewer")
    shown = reviewer.get(f"/api/v1/flags/{flag_id}").json()
    for signal in shown["signals"]:
        if signal["kind"] == "face":
            assert reviewer.get(f"/media/flags/{flag_id}/faces/{signal['tag']}").status_code == 200
            assert reviewer.get(f"/media/references/{signal['reference']['photo_id']}").status_code == 200
    assert reviewer.get(shown["images"][0]["url"]).status_code == 200
    assert reviewer.get(shown["images"][0]["blurred_url"]).status_code == 200

    faces = [face for face in seen_faces if face.embedding is not None]
    assert len(faces) == 6
    values = list(rows(world))
    assert len(values) > 500
    folder = world.settings.data_dir
    places = [as_bytes(value) for value in values]
    places += [path.read_bytes() for path in files(folder.parent)]
    captured = capfd.readouterr()
    assert '"event": "request"' in captured.err
    places += [captured.out.encode(), captured.err.encode()]
    assert found_of([face.embedding for face in faces if face.embedding is not None], places) == set()
    assert max(length for value in values for length in number_lists(value)) < LONGEST_NUMBERS

    digests = {hashlib.sha256(data).hexdigest() for data in [original, *reference_photos().values()]}
    blobs = world.services.blobs.root
    assert blobs is not None
    assert {path.name for path in files(blobs)} == digests
    assert all(hashlib.sha256(path.read_bytes()).hexdigest() == path.name for path in files(blobs))


def test_the_stored_observations_of_a_stranger_name_nobody(world: World) -> None:
    world.enrol_candidates()
    flag_id, _ = world.flagged("Bersama kawan lama", [encode_jpeg(group_photo())])
    with world.services.sessions() as session:
        (picture,) = session.get_one(Flag, uuid.UUID(flag_id)).screening.observations
    assert len(picture["faces"]) == 6
    named = [face for face in picture["faces"] if face["band"] in {"strong", "possible"}]
    assert {face["candidate"] for face in named} == {"muara-embun/2/1", "muara-embun/2/2"}
    for face in picture["faces"]:
        assert face.keys() == {"box", "size", "band", "candidate", "score", "photo", "quality"}
        if face["band"] == "none":
            assert (face["candidate"], face["score"], face["photo"]) == (None, None, None)
    assert sum(face["band"] == "none" for face in picture["faces"]) == 4


def test_codes_of_candidates_lie_encrypted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    passed: list[Face] = []
    real = enrol.choose_face

    def watched(*given: Any) -> Face:
        passed.append(real(*given))
        return passed[-1]

    monkeypatch.setattr(enrol, "choose_face", watched)
    world.enrol_candidates()
    assert len(passed) == 6
    places = [as_bytes(value) for value in rows(world)]
    places += [path.read_bytes() for path in files(world.settings.data_dir.parent)]
    with world.services.sessions() as session:
        gallery = load_gallery(session, world.settings, "muara-embun", world.services.models.embedder.model)
    codes = [face.embedding for face in passed if face.embedding is not None]
    assert len(codes) == 6
    assert found_of(codes, places) == set()
    for face in passed:
        assert np.abs(gallery.matrix - face.embedding).max(axis=1).min() < 1e-6


def test_logs_hold_no_words_of_a_post(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    world.flagged("Ayo coblos nomor 3, kata Ibu Rahasiawati!", handle="@akun.rahasia", agency="Dinas Rahasia")
    world.submit("", [b"rusak"], handle="@akun.rahasia")
    world.submit("Rapat", contest="rahasia")
    err = capfd.readouterr().err
    assert '"route": "/api/v1/submissions"' in err
    assert "ahasia" not in err
    assert "coblos" not in err


def test_the_whole_picture_is_never_seen_without_an_event(world: World) -> None:
    flag_id, _ = world.flagged("Ayo coblos nomor 3, lanjutkan!", [encode_jpeg(group_photo())])
    reviewer = world.browser("reviewer")
    path = f"/media/flags/{flag_id}/images/0"

    def looks() -> int:
        acts = [event["action"] for event in reviewer.get(f"/api/v1/flags/{flag_id}").json()["events"]]
        return acts.count("flag.unblurred")

    assert reviewer.get(f"{path}?blur=1").headers["content-type"] == "image/jpeg"
    assert looks() == 0
    for _ in range(2):
        assert reviewer.get(path).headers["content-type"] == "image/jpeg"
    assert looks() == 1
