"""Versions of the rules from the command line: check, draft, compare, publish, and back again."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.rules.ruleset import own_source
from tests.api.command import Netra

BY = ("--by", "koordiv", "--reason", "Uji aturan di baris perintah")


@pytest.fixture
def office(netra: Netra, database: str) -> Netra:
    """A database with a coordinator and a reviewer."""
    for login, role in (("koordiv", "coordinator"), ("peninjau", "reviewer")):
        made = netra("user", "add", login, "--name", login, "--role", role)
        assert made.code == 0, made.said
    return netra


def test_from_a_draft_to_publishing_and_back(office: Netra, tmp_path: Path) -> None:
    file = tmp_path / "lain.toml"
    file.write_text(own_source().replace("low = 0.15", "low = 0.2"), encoding="utf-8")
    assert "bands.low" in office("rules", "check", str(file)).out
    made = office("rules", "draft", str(file), *BY)
    number = made.out.split()[0]
    assert "draft" in made.out
    assert "0.2" in office("rules", "compare", number).out
    assert "live" in office("rules", "publish", number, *BY).out
    assert office("rules", "publish", number, *BY).code == 2
    own = office("rules", "draft", *BY).out.split()[0]
    assert office("rules", "publish", own, *BY).code == 0
    assert office("rules", "publish", number, *BY).code == 0
    states = office("rules", "list").out
    assert states.count("live") == 1
    assert "retired" in states


def test_only_a_coordinator_decides_and_faults_are_told(office: Netra, tmp_path: Path) -> None:
    file = tmp_path / "rusak.toml"
    file.write_text(own_source().replace("GESTURE = 2.0", "GESTURE = 3.2"), encoding="utf-8")
    told = office("rules", "check", str(file))
    assert (told.code, "GESTURE" in told.said) == (2, True)
    for who in ("peninjau", "tidak-ada"):
        assert office("rules", "draft", "--by", who, "--reason", "Alasan yang cukup").code == 2
    assert office("rules", "check", str(tmp_path / "hilang.toml")).code == 2
    assert office("rules", "compare", "99").code == 2
