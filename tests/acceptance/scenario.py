"""What the scenario expects, and how its people and bands are named here."""

from __future__ import annotations

from typing import Any

from tests.acceptance.desk import codes
from tests.api.world import CONTEST
from tests.conftest import SHARED

SCENARIO = SHARED / "domain" / "demo_scenario.json"
BANDS = {"high": "tinggi", "medium": "sedang", "low": "rendah", "none": "tidak ada"}
EXPECTED = {
    "D01": "tinggi", "D02": "tidak ada", "D03": "rendah", "D04": "sedang", "D05": "rendah", "D06": "sedang",
    "D07": "tinggi", "D08": "tinggi", "D09": "sedang", "D10": "tinggi", "D11": "jalur hoaks", "D12": "aturan",
    "D13": "zona abu-abu", "D14": "tinggi", "D15": "duplikat", "D16": "tinggi", "D17": "sedang", "D18": "tinggi",
}  # fmt: skip
"""What the scenario's file says; test_demo_scenario.py compares."""
WEDDING = "Foto bersama Pak Bagus di hajatan, gas nomor 2! ✌🏽"


def candidate(name: str) -> str:
    """ "2a" as the roster names that person."""
    return f"{CONTEST}/{name[0]}/{'ab'.index(name[1]) + 1}"


def says(case: str, item: dict[str, Any]) -> None:
    """The item's band is that of the scenario."""
    assert BANDS[item["band"]] == EXPECTED[case], (item["band"], codes(item))
