"""Every case of the scenario is played, and the expectations here are those of its file."""

from __future__ import annotations

import json
from types import ModuleType

import pytest

from tests.acceptance import test_demo_cases, test_demo_copies
from tests.acceptance.scenario import EXPECTED, SCENARIO


def played(module: ModuleType) -> set[str]:
    """The cases that a file of tests plays: D01 for test_d01_…"""
    return {name.split("_")[1].upper() for name in vars(module) if name.startswith("test_d")}


def test_every_case_is_played() -> None:
    assert played(test_demo_cases) | played(test_demo_copies) == set(EXPECTED)


def test_the_expectations_are_those_of_the_scenario() -> None:
    if not SCENARIO.is_file():
        pytest.skip("the scenario is not beside this repository")
    cases = json.loads(SCENARIO.read_text(encoding="utf-8"))["cases"]
    assert {case["id"]: case["expected_band"] for case in cases} == EXPECTED
