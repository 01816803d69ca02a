"""`netra models`: listing, fetching from a server, checking, and what each failure says and ends with."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import shutil
import zipfile
from importlib import import_module
from pathlib import Path

import pytest

from app.fetching.download import Patience
from app.settings import settings
from app.vision.gallery import FaceThresholds
from app.vision.limits import THRESHOLDS, limits_toml
from app.vision.packs import find_pack
from tests.api.command import Netra
from tests.conftest import MODELS
from tests.file_server import Served, serving
from tests.made_models import arcface_like

command = import_module("app.cli.packs")
ACCEPT = "--accept-licence"


@pytest.fixture
def models_dir(netra: Netra, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder of its own, with the manifest; downloads do not wait."""
    folder = tmp_path / "models"
    folder.mkdir()
    shutil.copy(MODELS / "manifest.toml", folder)
    (folder / "default").symlink_to(MODELS / "default")
    monkeypatch.setenv("NETRA_MODELS_DIR", str(folder))
    monkeypatch.setattr(command, "Patience", lambda: Patience(pause=0, tries=1, silence=2))
    settings.cache_clear()
    return folder


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A pack as the publisher packs them: a recogniser, a model that is not needed, words."""
    folder = tmp_path_factory.mktemp("pack")
    made = {
        "buffalo_x/w600k_mbf.onnx": arcface_like(folder / "rec.onnx").read_bytes(),
        "buffalo_x/genderage.onnx": arcface_like(folder / "age.onnx", side=96).read_bytes(),
        "buffalo_x/README": b"words",
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as opened:
        for name, content in made.items():
            opened.writestr(name, content)
    return packed.getvalue()


def test_fetching_records_checks_and_installs(netra: Netra, models_dir: Path, archive: bytes) -> None:
    with serving(Served(archive, cuts=[1000])) as served:
        done = netra("models", "fetch", "buffalo_x", "--url", served.address, ACCEPT)
        assert done.code == 0, done.said
        assert "genderage.onnx" in done.said
        assert "netra calibrate faces DIR --pack buffalo_x --write" in done.said
        assert len(served.seen) == 2
        again = netra("models", "fetch", "buffalo_x", "--url", served.address, ACCEPT)
        assert (again.code, len(served.seen)) == (0, 2)
        assert "utuh" in again.said
    assert sorted(path.name for path in (models_dir / "buffalo_x").iterdir()) == ["pack.toml", "w600k_mbf.onnx"]
    assert sorted(path.name for path in (models_dir / ".fetch").iterdir()) == ["lock"]
    record = json.loads((models_dir / "fetched.json").read_text())["packs"]["buffalo_x"]
    assert record["sha256"] == hashlib.sha256(archive).hexdigest()
    assert record["trust"] == "first use"
    assert record["licence"]["accepted_by"]
    assert record["licence"]["accepted"].startswith("20")
    assert find_pack(models_dir, "buffalo_x").format.mean == (127.5,) * 3
    listed = netra("models", "list", "--no-speed")
    assert listed.code == 0
    assert "buffalo_x" in listed.out
    assert "netra models fetch buffalo_l" in listed.out
    assert "belum ada ambang" in listed.out
    assert netra("models", "verify", "buffalo_x").code == 0


def test_the_first_hash_is_required_from_then_on(netra: Netra, models_dir: Path, archive: bytes) -> None:
    with serving(Served(archive)) as served:
        assert netra("models", "fetch", "buffalo_x", "--url", served.address, ACCEPT).code == 0
        limits = limits_toml(FaceThresholds(), find_pack(models_dir, "buffalo_x").embedding_id, "", {})
        (models_dir / "buffalo_x" / THRESHOLDS).write_text(limits)
        before = (models_dir / "buffalo_x" / "w600k_mbf.onnx").read_bytes()
        served.content, served.etag = archive + b"\0", '"two"'
        changed = netra("models", "fetch", "buffalo_x", "--url", served.address, ACCEPT, "--again")
        assert changed.code == 5
        assert hashlib.sha256(archive).hexdigest() in changed.said
        assert (models_dir / "buffalo_x" / "w600k_mbf.onnx").read_bytes() == before
        new = hashlib.sha256(served.content).hexdigest()
        told = netra("models", "fetch", "buffalo_x", "--url", served.address, ACCEPT, "--sha256", new.upper())
        assert told.code == 0, told.said
    record = json.loads((models_dir / "fetched.json").read_text())["packs"]["buffalo_x"]
    assert (record["sha256"], record["trust"]) == (new, "given")
    assert find_pack(models_dir, "buffalo_x").thresholds == FaceThresholds()


def test_the_licence_is_accepted_by_a_person(netra: Netra, models_dir: Path, archive: bytes) -> None:
    with serving(Served(archive)) as served:
        refused = netra("models", "fetch", "buffalo_l", "--url", served.address)
        assert refused.code == 2
        assert "--accept-licence" in refused.said
        assert "non-commercial" in refused.said
        assert not served.seen
    assert not (models_dir / "buffalo_l").exists()
    assert not (models_dir / "fetched.json").exists()


@pytest.mark.parametrize("answer", [True, False])
def test_on_a_terminal_the_licence_is_asked_for(
    netra: Netra, models_dir: Path, archive: bytes, monkeypatch: pytest.MonkeyPatch, answer: bool
) -> None:
    monkeypatch.setattr("tests.api.command.Piped.isatty", lambda self: True)
    monkeypatch.setattr(command.typer, "confirm", lambda *_, **__: answer)
    with serving(Served(archive)) as served:
        done = netra("models", "fetch", "buffalo_l", "--url", served.address)
    assert done.code == (0 if answer else 2)
    assert (models_dir / "buffalo_l").exists() is answer


def test_each_failure_has_its_code_and_leaves_nothing(netra: Netra, models_dir: Path, archive: bytes) -> None:
    def fetch(*more: str) -> int:
        return netra("models", "fetch", "buffalo_x", "--url", served.address, ACCEPT, *more).code

    with serving(Served(archive)) as served:
        served.moods = [404]
        assert fetch() == 4
        assert fetch("--sha256", "0" * 64) == 5
        assert fetch("--sha256", "short") == 2
        served.content, served.etag = b"<html>no</html>", '"html"'
        assert fetch() == 5
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as opened:
            opened.writestr("a.onnx", b"no model")
        served.content, served.etag = packed.getvalue(), '"bad"'
        assert fetch() == 5
        served.moved = 100
        assert fetch() == 4
    assert fetch() == 4
    assert not (models_dir / "buffalo_x").exists()
    assert not (models_dir / "fetched.json").exists()
    assert netra("models", "fetch", "buffalo_z", ACCEPT).code == 2
    assert netra("models", "fetch", "../x", "--url", "https://example.org/", ACCEPT).code == 2
    assert "prepare_models" in netra("models", "fetch", "default", ACCEPT).said


def test_a_disk_that_cannot_be_written(
    netra: Netra, models_dir: Path, archive: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename, install = Path.rename, import_module("app.fetching.install")

    def refuse(self: Path, target: Path) -> Path:
        if Path(target).name == "buffalo_x":
            raise OSError(errno.EROFS, "Read-only file system")
        return rename(self, target)

    with serving(Served(archive)) as served:
        monkeypatch.setattr(install.Path, "rename", refuse)
        done = netra("models", "fetch", "buffalo_x", "--url", served.address, ACCEPT)
        monkeypatch.undo()
    assert done.code == 6
    assert "Read-only file system" in done.said
    assert not (models_dir / "buffalo_x").exists()
    assert not (models_dir / "fetched.json").exists()


def test_a_folder_put_there_by_hand_is_kept_and_can_be_put_on_record(
    netra: Netra, models_dir: Path, archive: bytes
) -> None:
    path = arcface_like(models_dir / "buffalo_x" / "rec.onnx")
    with serving(Served(archive)) as served:
        assert netra("models", "fetch", "buffalo_x", "--url", served.address, ACCEPT).code == 2
    assert path.exists()
    assert "tanpa catatan" in netra("models", "verify", "buffalo_x").out
    assert netra("models", "verify", "--record").code in {0, 3}
    assert "tanpa catatan" not in netra("models", "verify", "buffalo_x").out
    arcface_like(path, seed=8)
    changed = netra("models", "verify", "buffalo_x")
    assert (changed.code, "changed" in changed.out) == (5, True)
    assert netra("models", "list", "--no-speed").code == 3
    path.unlink()
    assert netra("models", "verify", "buffalo_x").code == 3
    (models_dir / "broken").mkdir()
    (models_dir / "broken" / "pack.toml").write_text("= no")
    assert "broken" in netra("models", "--help").said + netra("models", "list", "--no-speed").said


def test_one_process_at_a_time(netra: Netra, models_dir: Path, archive: bytes) -> None:
    records = import_module("app.fetching.records")
    with serving(Served(archive)) as served, records.alone(models_dir):
        busy = netra("models", "fetch", "buffalo_x", "--url", served.address, ACCEPT)
    assert busy.code == 2
    assert "Proses lain" in busy.said
