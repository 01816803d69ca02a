"""Packs that are folders: insightface's files, any recogniser with a pack.toml, and what is said of bad ones."""

from __future__ import annotations

import json
import shutil
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.errors import NotReady
from app.screening.models import load_faces, load_models
from app.vision.face_embedder import FaceEmbedder
from app.vision.face_format import FaceFormat, arcface_template
from app.vision.gallery import UNCALIBRATED, FaceThresholds, Gallery, match_faces
from app.vision.limits import THRESHOLDS, limits_toml
from app.vision.observations import Face
from app.vision.packs import find_pack, folder_names, pack_version, require_pack
from tests.conftest import MODELS
from tests.made_models import arcface_like

FACE = np.random.default_rng(1).integers(0, 255, (112, 112, 3), np.uint8)
DESCRIBED = '[recogniser]\nfile = "rec.onnx"\n'


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A models folder with the default pack."""
    shutil.copy(MODELS / "manifest.toml", tmp_path)
    (tmp_path / "default").symlink_to(MODELS / "default")
    return tmp_path


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks up an address fails the test."""

    def refuse(*args: object, **options: object) -> Any:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


def described(models: Path, text: str) -> None:
    arcface_like(models / "mine" / "rec.onnx")
    (models / "mine" / "pack.toml").write_text(text)


def test_an_insightface_folder_is_read_as_insightface_reads_it(models: Path, no_network: None) -> None:
    arcface_like(models / "buffalo_x" / "w600k.onnx", dimension=48)
    arcface_like(models / "buffalo_x" / "z_other.onnx")
    pack = find_pack(models, "buffalo_x")
    assert (pack.recogniser.file, pack.detector, pack.base) == ("w600k.onnx", "", "default")
    assert pack.format == FaceFormat(mean=(127.5,) * 3, std=(127.5,) * 3, dimension=48)
    assert pack.thresholds == UNCALIBRATED
    assert folder_names(models, {"default"}) == ("buffalo_x",)


@pytest.mark.parametrize("normalise", ["named", "plain"])
def test_a_graph_that_normalises_its_input_gets_plain_pixels(models: Path, normalise: str) -> None:
    arcface_like(models / "own" / "rec.onnx", normalise=normalise)
    form = find_pack(models, "own").format
    assert (form.mean, form.std) == ((0.0,) * 3, (1.0,) * 3)


def test_a_missing_or_broken_file_never_asks_the_network(models: Path, no_network: None) -> None:
    for name in ("buffalo_l", "antelopev2", "../models"):
        with pytest.raises(NotReady, match="netra models fetch"):
            find_pack(models, name)
    (models / "buffalo_l").mkdir()
    with pytest.raises(NotReady, match="netra models fetch buffalo_l"):
        load_faces(models, "buffalo_l")
    (models / "buffalo_l" / "w600k_r50.onnx").write_bytes(b"torn")
    with pytest.raises(NotReady, match=r"w600k_r50\.onnx"):
        load_faces(models, "buffalo_l")


def test_a_described_recogniser_says_all_of_how_it_is_fed(models: Path) -> None:
    points = [[10.0, 12.0], [22.0, 12.0], [16.0, 18.0], [11.0, 24.0], [21.0, 24.0]]
    described(
        models,
        f'title = "Ours"\nlicence = "MIT"\n{DESCRIBED}size = 112\nmean = [1, 2, 3]\nstd = 4\nchannels = "bgr"\n'
        f"mirrored = false\ndimension = 32\ntemplate = {points}\n",
    )
    pack = find_pack(models, "mine")
    wanted = FaceFormat(112, (1.0, 2.0, 3.0), (4.0,) * 3, False, False, tuple(map(tuple, points)), 32)  # type: ignore[arg-type]
    assert (pack.title, pack.recogniser.licence, pack.format) == ("Ours", "MIT", wanted)
    np.testing.assert_allclose(pack.format.points, points)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('file = "../rec.onnx"', "rec.onnx"),
        ('file = "absent.onnx"', "absent"),
        ('file = "rec.onnx"\nsize = 5', "size"),
        ('file = "rec.onnx"\nstd = 0', "std"),
        ('file = "rec.onnx"\nmean = [1, 2]', "mean"),
        ('file = "rec.onnx"\nchannels = "grey"', "channels"),
        ('file = "rec.onnx"\ntemplate = [[1, 2]]', "template"),
        ('file = "rec.onnx"\n[detector]\nfile = "rec.onnx"\nkind = "hog"', "kind"),
        ('file = "rec.onnx"\n[face_thresholds]\nstrong = 0.6', "face_thresholds"),
        ("file = 3", "3"),
        ("nothing = 1", "file"),
        ("file = ", "pack.toml"),
    ],
)
def test_a_wrong_description_says_what_is_wrong(models: Path, line: str, said: str) -> None:
    described(models, f"[recogniser]\n{line}\n")
    with pytest.raises(NotReady, match=said):
        find_pack(models, "mine")


def test_the_format_reaches_the_model(tmp_path: Path) -> None:
    plain = arcface_like(tmp_path / "plain.onnx")
    inside = arcface_like(tmp_path / "inside.onnx", normalise="plain")
    outside = FaceEmbedder(plain, format=FaceFormat(mean=(127.5,) * 3, std=(128.0,) * 3))
    np.testing.assert_allclose(outside.vector(FACE), FaceEmbedder(inside).vector(FACE), rtol=1e-3, atol=1e-3)
    alone = FaceFormat(mirrored=False)
    straight, turned = (FaceEmbedder(plain, format=alone).vector(crop) for crop in (FACE, FACE[:, ::-1]))
    np.testing.assert_allclose(FaceEmbedder(plain).vector(FACE), (straight + turned) / 2, rtol=1e-3, atol=1e-2)
    swapped = FaceEmbedder(plain, format=FaceFormat(mirrored=False, rgb=False)).vector(FACE[..., ::-1])
    np.testing.assert_allclose(swapped, straight, rtol=1e-4, atol=1e-3)
    single = FaceEmbedder(arcface_like(tmp_path / "single.onnx", batch=1))
    np.testing.assert_allclose(single.vector(FACE), FaceEmbedder(plain).vector(FACE), rtol=1e-3, atol=1e-2)


def test_a_model_of_another_size_or_length_is_refused(tmp_path: Path) -> None:
    path = arcface_like(tmp_path / "rec.onnx", side=128)
    assert FaceEmbedder(path, format=FaceFormat(side=128)).dimension == 32
    with pytest.raises(NotReady, match="112 x 112"):
        FaceEmbedder(path)
    with pytest.raises(NotReady, match="512"):
        FaceEmbedder(path, format=FaceFormat(side=128, dimension=512))


def test_the_template_is_insightfaces_for_every_size() -> None:
    align = pytest.importorskip("insightface.utils.face_align")
    for side in (112, 128, 224, 256):
        wanted = align.estimate_norm(align.arcface_dst * 3 + 5, side)[:2]
        mapped = (align.arcface_dst * 3 + 5) @ wanted[:, :2].T + wanted[:, 2]
        np.testing.assert_allclose(arcface_template(side), mapped, atol=0.02)


def test_recorded_hashes_are_enforced(models: Path) -> None:
    described(models, DESCRIBED)
    pack = find_pack(models, "mine")
    records = {"packs": {"mine": {"files": {"rec.onnx": pack.recogniser.sha256}}}}
    (models / "fetched.json").write_text(json.dumps(records))
    require_pack(find_pack(models, "mine"), models)
    arcface_like(models / "mine" / "rec.onnx", seed=8)
    with pytest.raises(NotReady, match=r"rec\.onnx.*netra models fetch mine"):
        require_pack(find_pack(models, "mine"), models)
    (models / "mine" / "rec.onnx").unlink()
    with pytest.raises(NotReady, match=r"rec\.onnx"):
        require_pack(find_pack(models, "mine"), models)
    (models / "fetched.json").write_text("{}")
    with pytest.raises(NotReady, match=r"fetched\.json"):
        find_pack(models, "mine")


def test_the_version_follows_file_limits_and_format(models: Path) -> None:
    described(models, DESCRIBED)
    versions = {pack_version(find_pack(models, "mine"))}
    pack = find_pack(models, "mine")
    (models / "mine" / THRESHOLDS).write_text(limits_toml(FaceThresholds(), pack.embedding_id, "", {}))
    own = find_pack(models, "mine")
    assert own.thresholds == FaceThresholds()
    versions.add(pack_version(own))
    (models / "mine" / "pack.toml").write_text(DESCRIBED + "mirrored = false\n")
    with pytest.raises(NotReady, match="made for"):
        find_pack(models, "mine")
    (models / "mine" / THRESHOLDS).unlink()
    versions.add(pack_version(find_pack(models, "mine")))
    arcface_like(models / "mine" / "rec.onnx", seed=8)
    versions.add(pack_version(find_pack(models, "mine")))
    assert len(versions) == 4


def test_a_pack_without_limits_names_nobody() -> None:
    vector = np.eye(3, dtype=np.float32)[0]
    gallery = Gallery(vector[None], ("a",), ("p",), "m")
    faces = [Face((0, 0, width, width), np.zeros((5, 2), np.float32), 0.9, vector, 60.0) for width in (80.0, 10.0)]
    found = match_faces(faces, gallery, UNCALIBRATED)
    assert [(match.band, match.candidate, match.score) for match in found] == [
        ("uncalibrated", None, None),
        ("too_small", None, None),
    ]
    assert match_faces(faces, gallery, FaceThresholds())[0].candidate == "a"


@pytest.mark.models
def test_a_folder_pack_borrows_what_it_does_not_have(models: Path, model_folder: Path) -> None:
    described(models, DESCRIBED)
    loaded = load_models(models, "mine")
    assert loaded.pack.count("+") == 1
    assert pack_version(find_pack(models, "default")) in loaded.pack
    assert loaded.embedder.dimension == 32
    assert not loaded.thresholds.calibrated
