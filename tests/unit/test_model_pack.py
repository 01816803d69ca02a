"""The model pack: its manifest, the state of its files, how it is prepared, and that the recogniser is repaired."""

from __future__ import annotations

import dataclasses
import importlib.util
import re
import shutil
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from rich.console import Console

from app.errors import NotReady
from app.vision import packs
from app.vision.face_detector import FaceDetector
from app.vision.face_embedder import FaceEmbedder
from app.vision.runtime import open_session
from tests.conftest import MODELS, REPOSITORY, missing

sys.path.insert(0, str(REPOSITORY / "scripts"))

from modelprep import cli, sources
from modelprep.files import sha256
from modelprep.prepare import prepare
from modelprep.recipes import RECIPES, mobilefacenet

DEFAULT = packs.find_pack(MODELS, "default")
QUIET = Console(quiet=True)
INTERFACE = {
    "mobilefacenet_192.onnx": (["input"], ["embedding"]),
    "face_short.onnx": (["input"], ["boxes_16", "scores_16", "boxes_8", "scores_8"]),
    "rnet.onnx": (["input"], ["reg", "prob"]),
    "onet.onnx": (["input"], ["reg", "lmk", "prob"]),
    "palm_detection_full.onnx": (["input"], ["Identity", "Identity_1"]),
    "hand_landmark_full.onnx": (["input"], ["Identity", "Identity_1", "Identity_2", "Identity_3"]),
    "PP-OCRv6_det_small.onnx": (["x"], ["fetch_name_0"]),
    "PP-OCRv6_rec_small.onnx": (["x"], ["fetch_name_0"]),
}


def test_manifest_names_every_model_with_all_that_is_needed_to_trust_it() -> None:
    assert [model.file for model in DEFAULT.models] == list(INTERFACE)
    for model in DEFAULT.models:
        assert re.fullmatch("[0-9a-f]{64}", model.sha256)
        assert all(re.fullmatch("[0-9a-f]{64}", member.sha256) for member in model.members)
        assert model.source.kind == "installed" or re.fullmatch("[0-9a-f]{64}", model.source.sha256)
        assert re.fullmatch(r"\d+(\.\d+)+", model.source.version)
        assert model.recipe in RECIPES
        assert "MIT" in model.licence or "Apache-2.0" in model.licence
        assert model.training_data
        assert all(tensor.sample and tensor.about for tensor in model.inputs)
    assert "repair" in DEFAULT.model("mobilefacenet_192").note


def test_manifest_agrees_with_the_pinned_requirements() -> None:
    pinned = (REPOSITORY / "requirements" / "run.txt").read_text()
    assert all(
        f"{m.source.package}=={m.source.version}" in pinned for m in DEFAULT.models if m.source.kind == "installed"
    )


def test_preparation_names_no_address() -> None:
    files = [*(REPOSITORY / "scripts" / "modelprep").glob("*.py"), MODELS / "manifest.toml"]
    assert not [file.name for file in files if "://" in file.read_text("utf-8")]


@pytest.mark.models
def test_prepared_files_are_those_of_the_manifest(model_folder: Path) -> None:
    assert set(packs.pack_state(DEFAULT, MODELS).values()) == {"ok"}
    packs.require_pack(DEFAULT, MODELS)
    for model in DEFAULT.models:
        session = open_session(model_folder / model.file)
        found, described = [*session.get_inputs(), *session.get_outputs()], [*model.inputs, *model.outputs]
        assert ([t.name for t in session.get_inputs()], [t.name for t in session.get_outputs()]) == INTERFACE[
            model.file
        ]
        for real, told in zip(found, described, strict=True):
            assert len(real.shape) == len(told.shape)
            assert [d for d in real.shape if isinstance(d, int)] == [d for d in told.shape if isinstance(d, int)]


@pytest.mark.models
def test_measure_runs_every_model(model_folder: Path) -> None:
    small = [m for m in DEFAULT.models if m.name in ("rnet", "onet")]
    pack = dataclasses.replace(DEFAULT, models=tuple(small))
    times = packs.measure(pack, model_folder.parent, repeats=1)
    assert set(times) == {"rnet", "onet"}
    assert min(times.values()) > 0


def test_missing_and_changed_files_are_told_apart(tmp_path: Path) -> None:
    folder = packs.pack_folder(DEFAULT, tmp_path)
    folder.mkdir()
    (folder / "rnet.onnx").write_bytes(b"something else")
    state = packs.pack_state(DEFAULT, tmp_path)
    assert state["rnet"] == "changed"
    assert state["onet"] == "missing"
    with pytest.raises(NotReady, match=r"prepare_models\.py"):
        packs.require_pack(DEFAULT, tmp_path)


@pytest.mark.parametrize("content", [None, b"", b"not a model", bytes(5000)])
def test_a_bad_model_file_says_what_to_run(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "model.onnx"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(NotReady, match=r"model\.onnx.*scripts/prepare_models\.py"):
        open_session(path)


@pytest.mark.parametrize(
    "content", [None, "", "[packs", "[sources]\n[packs.default]\ntitle = 'x'", "sources = 1\npacks = 2"]
)
def test_a_bad_manifest_says_what_to_run(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / packs.MANIFEST).write_text(content)
    with pytest.raises(NotReady, match=r"scripts/prepare_models\.py"):
        packs.load_manifest(tmp_path)


def test_an_unknown_pack_names_the_known_ones() -> None:
    with pytest.raises(NotReady, match="default"):
        packs.find_pack(MODELS, "other")


def test_version_changes_with_files_and_with_thresholds() -> None:
    stricter = dataclasses.replace(DEFAULT, thresholds=dataclasses.replace(DEFAULT.thresholds, strong=0.7))
    fewer = dataclasses.replace(DEFAULT, models=DEFAULT.models[1:])
    assert len({packs.pack_version(pack) for pack in (DEFAULT, stricter, fewer)}) == 3
    assert packs.pack_version(DEFAULT) == packs.pack_version(packs.find_pack(MODELS, "default"))


def test_sample_inputs_are_repeatable_and_in_range() -> None:
    tensor = DEFAULT.model("mobilefacenet_192").inputs[0]
    sample = packs.sample_input(tensor)
    assert sample.shape == tensor.sample
    assert sample.dtype == np.float32
    assert 0 <= sample.min() < sample.max() <= 255
    assert np.array_equal(sample, packs.sample_input(tensor))


# Preparing a made-up pack: two files of one archive, used as they are.

CONTENTS = {"one.onnx": b"first model", "two.onnx": b"second model"}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "made_up-1.0.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for name, content in CONTENTS.items():
            wheel.writestr(f"made_up/{name}", content)
    return path


@pytest.fixture
def pack(archive: Path) -> packs.Pack:
    source = packs.Source("made-up", "pypi", "made-up", "1.0", "MIT", archive.name, sha256(archive.read_bytes()), 1)
    models = tuple(
        packs.Model(name[:3], name, "", sha256(content), "as_is", source, member, "MIT", "", (), ())
        for name, content in CONTENTS.items()
        for member in [(packs.Member(f"made_up/{name}", sha256(content)),)]
    )
    return packs.Pack("tiny", "", DEFAULT.thresholds, models)


@pytest.fixture
def downloads(archive: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stands in for pip; the list tells what was asked of it."""
    asked: list[str] = []

    def download(source: packs.Source, folder: Path) -> Path:
        asked.append(source.package)
        return Path(shutil.copy(archive, folder))

    monkeypatch.setitem(sources.DOWNLOADS, "pypi", download)
    return asked


def test_preparing_twice_downloads_once(pack: packs.Pack, downloads: list[str], tmp_path: Path) -> None:
    for _ in range(2):
        prepare(pack, tmp_path, False, QUIET)
        assert packs.pack_state(pack, tmp_path) == {"one": "ok", "two": "ok"}
    assert downloads == ["made-up"]
    assert sorted(path.name for path in (tmp_path / "tiny").iterdir()) == ["one.onnx", "two.onnx"]


def test_a_damaged_model_is_made_again_without_the_network(
    pack: packs.Pack, downloads: list[str], tmp_path: Path
) -> None:
    prepare(pack, tmp_path, False, QUIET)
    (tmp_path / "tiny" / "one.onnx").write_bytes(b"cut sho")
    prepare(pack, tmp_path, True, QUIET)
    assert packs.pack_state(pack, tmp_path) == {"one": "ok", "two": "ok"}
    assert downloads == ["made-up"]


def test_an_interrupted_preparation_is_completed(
    pack: packs.Pack, downloads: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(files: object) -> bytes:
        raise KeyboardInterrupt

    draft = tmp_path / ".sources" / f"{sources.DRAFT_PREFIX}left-by-a-killed-run"
    draft.mkdir(parents=True)
    with monkeypatch.context() as patch:
        patch.setitem(RECIPES, "as_is", interrupted)
        with pytest.raises(KeyboardInterrupt):
            prepare(pack, tmp_path, False, QUIET)
    assert "ok" not in packs.pack_state(pack, tmp_path).values()
    prepare(pack, tmp_path, False, QUIET)
    assert packs.pack_state(pack, tmp_path) == {"one": "ok", "two": "ok"}
    assert downloads == ["made-up"]
    assert not draft.exists()


def test_offline_without_the_package_says_so(pack: packs.Pack, downloads: list[str], tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="--offline"):
        prepare(pack, tmp_path, True, QUIET)
    assert downloads == []


@pytest.mark.parametrize("damage", ["archive", "member", "model"])
def test_a_wrong_hash_anywhere_stops_the_preparation(
    pack: packs.Pack, downloads: list[str], tmp_path: Path, damage: str
) -> None:
    wrong, first = "0" * 64, pack.models[0]
    bad = {
        "archive": {"source": dataclasses.replace(first.source, sha256=wrong)},
        "member": {"members": (dataclasses.replace(first.members[0], sha256=wrong),)},
        "model": {"sha256": wrong},
    }[damage]
    broken = dataclasses.replace(pack, models=(dataclasses.replace(first, **bad),))
    with pytest.raises(NotReady, match=wrong):
        prepare(broken, tmp_path, False, QUIET)
    assert not (tmp_path / "tiny" / first.file).exists()


def test_without_npm_the_command_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert cli.main(["--pack", "default", "--models-dir", str(tmp_path / "models")]) == cli.NOT_READY
    assert "apt-get install npm" in capsys.readouterr().err


# The recogniser: the same face under other conditions against different faces.


@pytest.fixture(scope="module")
def separation(model_folder: Path) -> Callable[[Path], float]:
    """How far the least similar pictures of one face lie above the most similar pictures of two (cosines)."""
    package = importlib.util.find_spec("insightface")
    assert package is not None
    assert package.origin is not None
    photo = cv2.imread(str(Path(package.origin).parent / "data" / "images" / "t1.jpg"))
    variants = [photo, np.clip(photo * 0.55, 0, 255).astype(np.uint8), cv2.GaussianBlur(photo, (0, 0), 1.5)]
    faces = FaceDetector(model_folder).detect(photo)
    assert len(faces) == 6

    def measured(model: Path) -> float:
        embedder = FaceEmbedder(model)
        vectors = np.array([[face.embedding for face in embedder.embed(picture, faces)] for picture in variants])
        cosines = np.einsum("afd,bgd->abfg", vectors, vectors)
        same = np.eye(len(faces), dtype=bool)
        return float(cosines[:, :, same].min() - cosines[:, :, ~same].max())

    return measured


@pytest.mark.models
def test_the_recogniser_is_repaired(separation: Callable[[Path], float], model_folder: Path) -> None:
    assert separation(model_folder / "mobilefacenet_192.onnx") > 0.15


@pytest.mark.models
def test_the_recogniser_as_published_tells_nobody_apart(separation: Callable[[Path], float], tmp_path: Path) -> None:
    model = DEFAULT.model("mobilefacenet_192")
    store = sources.SourceStore(MODELS / ".sources", offline=True)
    if not store.has(model.source, model.members):
        missing("the recogniser's source files in models/.sources (scripts/prepare_models.py)")
    files = store.read(model.source, model.members)
    assert sha256(mobilefacenet(files)) == model.sha256
    (tmp_path / "published.onnx").write_bytes(mobilefacenet(files, repair_prelu=False))
    assert separation(tmp_path / "published.onnx") < 0
