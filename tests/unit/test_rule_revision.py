"""Editing a weights file: other bands in the same text, and a list of what differs."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import BadInput
from app.rules.revise import changes, with_bands
from app.rules.ruleset import load_rules, own_source, parse_rules

SOURCE = own_source()


def test_the_text_of_the_own_rules_is_the_own_rules() -> None:
    assert parse_rules(SOURCE.encode()).version == load_rules().version


def test_every_line_of_the_table_says_why() -> None:
    above, bare = "", []
    for line in SOURCE.splitlines():
        if re.match(r"\w+ = ", line) and "# " not in line and not above.startswith("# "):
            bare.append(line)
        above = line
    assert bare == []
    assert len(re.findall(r"^\w+ = ", SOURCE, re.MULTILINE)) > 60


def test_other_bands_keep_the_rest_of_the_text() -> None:
    revised = with_bands(SOURCE, {"low": 0.2, "medium": 0.45})
    before, after = load_rules(), parse_rules(revised.encode())
    assert dict(after.bands) == {"high": 0.75, "medium": 0.45, "low": 0.2}
    assert after.version != before.version
    assert [(change.name, change.before, change.after) for change in changes(before, after)] == [
        ("bands.low", 0.15, 0.2), ("bands.medium", 0.4, 0.45),
    ]  # fmt: skip
    differing = [
        (old, new) for old, new in zip(SOURCE.splitlines(), revised.splitlines(), strict=True) if old != new
    ]  # fmt: skip
    assert len(differing) == 2
    assert with_bands(revised, {"low": 0.15, "medium": 0.4}).count("#") == SOURCE.count("#")
    assert with_bands(SOURCE, {"low": 0.15}) == SOURCE


@pytest.mark.parametrize(
    ("bands", "field"),
    [
        ({"top": 0.5}, "bands"), ({"low": 0.0}, "low"), ({"low": float("nan")}, "low"), ({"high": 1.5}, "high"),
        ({"low": 0.5}, "rules"),  # above medium
        ({"medium": 0.2}, "rules"),  # a gesture alone would no longer stay low
        ({"high": 0.99}, "rules"),  # a call that names a pair would no longer be high
    ],
)  # fmt: skip
def test_bands_that_break_a_principle_are_refused(bands: dict[str, float], field: str) -> None:
    with pytest.raises(BadInput) as refusal:
        with_bands(SOURCE, bands)
    assert refusal.value.field == field


@settings(max_examples=40, deadline=None)
@given(st.floats(0.001, 0.999), st.floats(0.001, 0.999))
def test_bands_are_taken_exactly_or_refused(low: float, high: float) -> None:
    try:
        revised = with_bands(SOURCE, {"low": low, "high": high})
    except BadInput:
        return
    assert parse_rules(revised.encode()).bands["low"] == low
    assert parse_rules(revised.encode()).bands["high"] == high


def test_changed_weights_are_listed() -> None:
    revised = SOURCE.replace("FACE_MATCH = 2.2", "FACE_MATCH = 2.1").replace("bias = -3.5", "bias = -3.6")
    found = {
        change.name: (change.before, change.after) for change in changes(load_rules(), parse_rules(revised.encode()))
    }
    assert found == {"bias": (-3.5, -3.6), "weights.FACE_MATCH": (2.2, 2.1)}
