"""`netra evaluate gestures` on drawn hands: keys, files, exit codes."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.demo.drawing import draw_hand, draw_person, paste
from tests.api.command import Netra

command_module = import_module("app.cli.evaluate_gestures")


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """A person with two fingers, a picture that is all hand, an ordinary photo, a torn one."""
    person = np.full((500, 560, 3), 190, np.uint8)
    paste(person, *draw_person(1, 460, "01100"), 70, 40)
    alone = np.full((150, 150, 3), 170, np.uint8)
    paste(alone, *draw_hand("00000", 120), 15, 15)
    for name, pixels in (
        ("person.png", person),
        ("fist.png", alone),
        ("wall.png", np.full((300, 300, 3), 150, np.uint8)),
    ):
        cv2.imwrite(str(tmp_path / name), pixels)
    (tmp_path / "torn.png").write_bytes(b"torn")
    rows = [
        {"file": "person.png", "hands": [{"box": [140, 138, 200, 256], "count": 2, "fingers": "01100"}]},
        {"file": "fist.png", "hands": [{"box": None, "count": 0, "fingers": "00000"}]},
        {"file": "wall.png", "hands": []},
        {"file": "torn.png", "hands": []},
    ]
    path = tmp_path / "manifest.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


@pytest.mark.models
def test_gestures_are_reported_with_every_key_and_plots(netra: Netra, manifest: Path, tmp_path: Path) -> None:
    command = ("evaluate", "gestures", manifest, "--split", "all", "--no-degrade")
    result = netra(*command, "--plots", tmp_path / "plots", "--json")
    assert result.code == 0, result.said
    found = json.loads(result.out)
    assert (found["photos"], found["hands"], found["ordinary_photos"]) == (3, 2, 1)
    assert (found["found"], found["exact_fingers"], found["fists"], found["false_names"]) == (1.0, 1.0, 1.0, 0.0)
    assert found["unreadable"] == ["torn.png"]
    assert set(found["ms"]) == {"decode", "faces", "hands"}
    assert sorted(path.name for path in (tmp_path / "plots").iterdir()) == ["confusion.svg", "sizes.svg"]
    table = netra(*command)
    assert table.code == 0
    assert "peace" in table.said


@pytest.mark.models
def test_smaller_photos_and_sheets_are_looked_at_too(
    netra: Netra, manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command_module, "SMALLER", (40,))
    monkeypatch.setattr(command_module, "TOGETHER", (3,))
    result = netra("evaluate", "gestures", manifest, "--split", "all", "--json")
    found = json.loads(result.out)
    assert sum(row["hands"] for row in found["by_size"]) == 2
    assert {row["name"].split()[0] for row in found["by_people"]} == {"0", "1", "3"}


def test_what_cannot_be_measured_is_bad_input(netra: Netra, tmp_path: Path) -> None:
    for command in (("missing.jsonl",), (tmp_path,)):
        refused = netra("evaluate", "gestures", *command)
        assert refused.code == 2
        assert "Traceback" not in refused.said
