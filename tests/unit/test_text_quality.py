"""Floors and ceilings on real texts, with the project's own rules; docs/evaluation.md has the figures.

`dev.jsonl`, and the tuning halves of the others, were read while the word list was written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.election.contest import Contest
from app.evaluation.near_texts import group_texts
from app.evaluation.text_registry import contests_in
from app.evaluation.text_report import TextReport, judge_texts, report
from app.evaluation.text_sets import read_texts
from app.rules.facts import Facts
from app.rules.ruleset import load_rules
from app.text.registry import compile_registry

TEXTS = Path(__file__).parents[2] / ".." / "shared" / "data" / "text"
pytestmark = pytest.mark.skipif(not TEXTS.is_dir(), reason="the shared texts are not beside this repository")
RULES = load_rules()


def contest(name: str) -> Contest:
    """A registry of the shared texts, "sukamaju" or one of the real ones."""
    file = "registry.json" if name == "sukamaju" else "registries_real.json"
    known = contests_in(json.loads((TEXTS / file).read_text(encoding="utf-8")))
    return next(iter(known.values())) if name == "sukamaju" else known[name]


def measured(file: str, name: str, account: str = "personal", grouped: bool = False) -> TextReport:
    """The report on a whole file."""
    samples, chosen = read_texts(TEXTS / file), contest(name)
    groups = group_texts([one.text if grouped else f"{place}" for place, one in enumerate(samples)])
    verdicts, ms = judge_texts(samples, groups, compile_registry(chosen), chosen, RULES, Facts(account=account))
    return report(verdicts, chosen, ms)


def test_fictional_captions() -> None:
    found = measured("dev.jsonl", "sukamaju", grouped=True)
    assert found.n == found.labelled == 60
    assert found.f1[0] is not None
    assert found.f1[0] >= 0.95
    assert found.paslon.value is not None
    assert found.paslon.value >= 0.95


def test_real_comments() -> None:
    found = measured("banten80_real.jsonl", "banten2024", grouped=True).whole
    assert found.precision.value is not None
    assert found.recall.value is not None
    assert found.precision.value >= 0.90
    assert found.recall.value >= 0.70


@pytest.mark.parametrize(("account", "most"), [("personal", 0.08), ("media", 0.03)])
def test_headlines_are_not_partisan(account: str, most: float) -> None:
    found = measured("news_headlines_2023.txt", "pilpres2024", account).whole.flagged
    assert found.value is not None
    assert found.value <= most


@pytest.mark.parametrize("name", ["sukamaju", "banten2024", "jatim2024"])
def test_everyday_texts_are_not_partisan(name: str) -> None:
    found = measured("everyday_texts.txt", name).whole.flagged
    assert found.value is not None
    assert found.value <= 0.003
