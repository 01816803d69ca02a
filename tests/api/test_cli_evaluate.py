"""`netra evaluate faces` and `netra calibrate faces` on photos of six people: keys, files, what is said."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.demo.pictures import group_photo
from app.settings import settings
from app.vision.face_detector import FaceDetector
from app.vision.limits import read_limits
from app.vision.packs import find_pack
from tests.api.command import Netra
from tests.conftest import MODELS
from tests.made_people import made

command = import_module("app.cli.calibrate_faces")


@pytest.fixture
def six(tmp_path: Path, model_folder: Path) -> Path:
    """Four people with three photos each, two met once; one file is no picture."""
    pixels = group_photo()
    faces = sorted(FaceDetector(model_folder).detect(pixels), key=lambda face: face.box)
    for index, face in enumerate(faces):
        x0, y0, x1, y1 = face.box
        edge = 0.3 * face.size
        cut = pixels[round(max(0, y0 - edge)) : round(y1 + edge), round(max(0, x0 - edge)) : round(x1 + edge)]
        for number, light in enumerate((1.0, 0.8, 1.2) if index < 4 else (1.0,)):
            name = f"known/orang-{index}/{number}.jpg" if index < 4 else f"unknown/orang-{index}.jpg"
            path = tmp_path / "photos" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(path), np.clip(cut * light, 0, 255).astype(np.uint8))
    (tmp_path / "photos" / "known" / "orang-0" / "torn.jpg").write_bytes(b"torn")
    return tmp_path / "photos"


@pytest.mark.models
def test_evaluate_reports_every_key_and_draws_its_plots(netra: Netra, six: Path, tmp_path: Path) -> None:
    result = netra("evaluate", "faces", six, "--split", "all", "--plots", tmp_path / "plots", "--json")
    assert result.code == 0, result.said
    found = json.loads(result.out)
    assert (found["people"], found["known_people"], found["images"]) == (6, 4, 14)
    assert found["detection_rate"] == 1.0
    assert found["unreadable"] == ["torn.jpg"]
    assert found["tar"]["1e-2"] is None
    assert found["tar"]["1e-4"] is None
    assert found["open_set"] == []
    assert set(found["ms"]) == {"decode", "detect", "embed"}
    assert sorted(path.name for path in (tmp_path / "plots").iterdir()) == ["roc.svg", "scores.svg"]
    table = netra("evaluate", "faces", six, "--no-degrade")
    assert table.code == 0
    assert "Terlalu sedikit orang" in table.said


@pytest.mark.models
def test_what_cannot_be_measured_is_bad_input(netra: Netra, six: Path, tmp_path: Path) -> None:
    nothing = netra("evaluate", "faces", tmp_path / "nowhere")
    assert nothing.code == 2
    assert "known/" in nothing.said
    few = netra("calibrate", "faces", six)
    assert few.code == 2
    assert "Terlalu sedikit orang" in few.said
    assert not (MODELS / "default" / "thresholds.toml").exists()


def test_calibrating_writes_only_when_told_and_only_there(
    netra: Netra, six: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people, shots = made(60, 160, 0.06)
    monkeypatch.setattr(command, "read_people", lambda folder: tuple(people))
    monkeypatch.setattr(command, "looked", lambda *_: iter(shots))
    limits = tmp_path / "limits.toml"
    shown = netra("calibrate", "faces", six, "--out", limits)
    assert shown.code == 0, shown.said
    assert "[face_thresholds]" in shown.out
    assert "tidak ditulis" in shown.said
    assert not limits.exists()
    told = netra("calibrate", "faces", six, "--out", limits, "--write", "--json")
    assert told.code == 0, told.said
    found = json.loads(told.out)
    assert set(found["checked"]) == set(found["before"]) == {"1", "2", "3"}
    pack = find_pack(settings().models_dir, "default")
    assert asdict(read_limits(limits, pack.recogniser.id)) == found["limits"]
    assert not (MODELS / "default" / "thresholds.toml").exists()
    nowhere = netra("calibrate", "faces", six, "--out", tmp_path / "no" / "limits.toml", "--write")
    assert nowhere.code == 2
    assert "Cannot be written" in nowhere.said
