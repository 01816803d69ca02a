"""`netra evaluate ocr` on a small folder of made pictures: stable keys, what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import pytest
from typer.testing import CliRunner

from app.cli import app
from app.demo.drawing import poster
from app.errors import BadInput
from app.evaluation.ocr import read_samples

PAIRS = {"election": "e", "region": "r", "pairs": [{"number": 2, "head": "Surya Pratama"}]}


def folder_of(place: Path) -> Path:
    cv2.imwrite(str(place / "a.png"), poster(["COBLOS NOMOR 2", "SURYA PRATAMA"]))
    cv2.imwrite(str(place / "b.png"), poster(["Hajatan Warga"]))
    rows = [
        {"file": "a.png", "kind": "call", "gt": ["COBLOS NOMOR 2", "SURYA PRATAMA"]},
        {"file": "b.png", "kind": "plain", "gt": ["Hajatan Warga"]},
    ]
    (place / "manifest.json").write_text(json.dumps(rows))
    (place / "registry.json").write_text(json.dumps(PAIRS))
    return place


@pytest.mark.models
def test_the_figures_have_stable_keys(model_folder: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["evaluate", "ocr", str(folder_of(tmp_path)), "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["images"] == 2
    assert found["cer"] == 0.0
    assert found["signal_recall"] == 1.0
    assert 0 < found["cpu_seconds"] < 60
    assert found["peak_mb"] > 50
    assert set(found["kinds"]) == {"call", "plain"}


@pytest.mark.parametrize("manifest", [None, "{", "[]", '[{"file": "a.png"}]', '[{"file": "none.png", "gt": []}]', "7"])
def test_a_folder_without_a_fitting_manifest_is_refused(tmp_path: Path, manifest: str | None) -> None:
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(BadInput):
        read_samples(tmp_path)
