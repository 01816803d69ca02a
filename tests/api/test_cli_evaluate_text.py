"""`netra evaluate text`: its keys, where it finds the names, and what it refuses."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest

from tests.api.command import Netra

NAMES = {"election": "uji", "region": "Muara Embun", "pairs": [{"number": 2, "head": "Bagus Tirtamaya"}]}
TEXTS = [
    {"text": "ayo coblos nomor 2", "label": "partisan", "paslon": 2},
    {"text": "harga 2 ribu", "label": "non_partisan", "kind": "iklan"},
]


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    (tmp_path / "registries.json").write_text(json.dumps({"satu": NAMES, "dua": NAMES}))
    path = tmp_path / "teks.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in TEXTS))
    return path


@pytest.mark.parametrize("where", ["satu", "{folder}/registries.json:dua", "{folder}/roster.json"])
def test_names_come_from_beside_from_a_file_or_from_a_roster(netra: Netra, texts: Path, where: str) -> None:
    roster = files("app.demo").joinpath("data/roster.json").read_text(encoding="utf-8")
    (texts.parent / "roster.json").write_text(roster)
    result = netra("evaluate", "text", texts, "--registry", where.format(folder=texts.parent), "--json")
    assert result.code == 0, result.said
    found = json.loads(result.out)
    assert (found["n"], found["precision"], found["recall"], found["f1"]) == (2, 1.0, 1.0, 1.0)
    assert (found["flagged_rate"], found["paslon_accuracy"], found["direction_accuracy"]) == (0.5, 1.0, None)
    assert found["ms_per_text"] > 0
    assert found["account"] == "personal"


def test_the_tables_say_the_same(netra: Netra, texts: Path) -> None:
    result = netra("evaluate", "text", texts, "--registry", "satu", "--account", "media")
    assert result.code == 0, result.said
    assert "recall: 1.000" in result.said
    assert "iklan" in result.said
    plain = texts.with_suffix(".txt")
    plain.write_text("harga 2 ribu\ncoblos 2\n")
    unlabelled = netra("evaluate", "text", plain, "--registry", "satu")
    assert "flagged: 0.500" in unlabelled.said
    assert "recall:" not in unlabelled.said


@pytest.mark.parametrize(
    ("registry", "said"), [("tiada", "No such registry"), ("{folder}/registries.json", "Name one of: satu, dua")]
)
def test_a_registry_must_be_clear(netra: Netra, texts: Path, registry: str, said: str) -> None:
    result = netra("evaluate", "text", texts, "--registry", registry.format(folder=texts.parent))
    assert result.code == 2
    assert said in result.said
