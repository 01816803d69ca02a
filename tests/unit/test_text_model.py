"""The trained score: it sees no names, learns what it is shown, says so honestly, and is scored with numpy alone."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import BadInput
from app.evaluation.text_training import Example, train
from app.rules.judge import judge
from app.rules.signals import Evidence, Learned
from app.text.features import features, masked
from app.text.learned import TextModel, build_model, model_from_text, model_to_text, reported
from app.text.screen import screen_text
from tests.unit.situations import RULES, VOTING_DAY, contest, evidence, says
from tests.unit.text_contest import REGISTRY

WORDS = ["senam", "pasar", "jalan", "pagi", "warga", "hadir", "ramai", "cuaca", "kopi", "rapat"]
NAMES = [
    "arman", "dipasena", "lilis", "wiramukti", "arlis", "bagus", "tirtamaya", "nirmala", "bani",
    "cakra", "dahlia", "ratna", "yusran", "rayu", "budiman",
]  # fmt: skip


def _examples(count: int = 240) -> list[Example]:
    """Half of them hold one telling word among everyday ones; four of a group."""
    random = np.random.default_rng(3)
    rows = []
    for place in range(count):
        words = list(random.choice(WORDS, 6))
        if place % 2:
            words[int(random.integers(6))] = "jempolan"
        rows.append(Example(" ".join(words), bool(place % 2), place // 4))
    return rows


@pytest.fixture(scope="module")
def model() -> TextModel:
    return train(_examples(), {"registry": "uji"})


def test_it_learns_what_tells_the_texts_apart(model: TextModel) -> None:
    assert model.report["auc"] > 0.95
    assert model.report["n"] == 240
    assert model.report["groups"] == 60
    assert model.report["precision_interval"][0] <= model.report["precision"]
    assert reported(model)
    assert model.margin("pagi warga jempolan hadir") > 0 > model.margin("pagi warga rapat hadir")


def test_labels_of_chance_teach_nothing() -> None:
    random = np.random.default_rng(5)
    noise = [Example(" ".join(random.choice(WORDS, 6)), bool(random.integers(2)), place) for place in range(240)]
    assert 0.35 < train(noise, {}).report["auc"] < 0.65


def test_a_copy_in_the_same_group_does_not_flatter() -> None:
    """Random labels, each text five times: only a split that tears groups apart would do well."""
    random = np.random.default_rng(6)
    rows = [(" ".join(random.choice(WORDS, 6)), bool(random.integers(2))) for _ in range(80)]
    copies = [Example(words, truth, place) for place, (words, truth) in enumerate(rows) for _ in range(5)]
    assert train(copies, {}).report["auc"] < 0.7


@pytest.mark.parametrize("examples", [_examples(60), [Example("x", bool(i % 2), 0) for i in range(200)]])
def test_too_little_is_refused(examples: list[Example]) -> None:
    with pytest.raises(BadInput, match="Too little material"):
        train(examples, {})


@pytest.mark.parametrize(
    "text",
    [
        "Coblos nomor 2, BANI menang! #BANIuntukMuaraEmbun",
        "Coblos nomor 1, ARLIS menang! #ArlisMenang",
        "Pak Budiman dan Bu Ratna dukung Arman-Lilis @arlis_muaraembun",
        "CAKRA WISANGGENI di Muara Embun https://contoh.id/bani",
    ],
)
def test_no_name_reaches_the_score(text: str) -> None:
    words = masked(text, screen_text(text, REGISTRY), REGISTRY).split()
    assert not set(words) & {*NAMES, "muara", "embun", "1", "2", "dua"}
    assert any(word.startswith("q") for word in words)


def test_pairs_are_alike_to_the_score(model: TextModel) -> None:
    one, other = "Ayo coblos nomor 2, Bagus Tirtamaya", "Ayo coblos nomor 4, Ratna Kusumayuda"
    chances = [model.chance(text, screen_text(text, REGISTRY), REGISTRY) for text in (one, other)]
    assert chances[0] == chances[1]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80))
def test_any_text_has_a_chance(model: TextModel, text: str) -> None:
    assert 0.0 <= model.chance(text, screen_text(text, REGISTRY), REGISTRY) <= 1.0


def test_the_file_holds_the_same_model_and_no_words(model: TextModel) -> None:
    text = model_to_text(model)
    again = model_from_text(text)
    assert again.version == model.version
    assert again.margin("pagi jempolan") == model.margin("pagi jempolan")
    assert "jempolan" not in text
    assert len(text) < 900_000


@pytest.mark.parametrize(
    "change",
    [
        {"format": "x"},
        {"weights": "AAAA"},
        {"indices": "%"},
        {"bias": float("nan")},
        {"slope": -1},
        {"report": 3},
        {"idf": None},
    ],
)  # fmt: skip
def test_a_broken_file_is_refused(model: TextModel, change: dict[str, object]) -> None:
    row = json.loads(model_to_text(model)) | change
    with pytest.raises(BadInput, match="refused"):
        model_from_text(json.dumps(row))
    with pytest.raises(BadInput):
        model_from_text("[" * 100_000)


def test_scoring_needs_no_scikit_learn(model: TextModel) -> None:
    code = "import sys; import app.text.learned, app.screening.pipeline; sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=120).returncode == 0


def test_the_numpy_score_is_that_of_the_regression() -> None:
    """By hand: two known buckets, damped counts, length 1."""
    found = features("jempolan")
    buckets = sorted(found)[:2]
    made = build_model(buckets, [1.0, 2.0], [1.0, 3.0], 0.25, 1.0, 0.0, {})
    counts = [1 + np.log(found[bucket]) for bucket in buckets]
    values = np.array([counts[0] * 1.0, counts[1] * 3.0])
    wanted = float(values @ np.array([1.0, 2.0]) / np.sqrt(values @ values)) + 0.25
    assert made.margin("jempolan") == pytest.approx(wanted, abs=1e-8)


@pytest.mark.parametrize(("chance", "weight"), [(None, None), (0.3, None), (0.75, 0.8), (1.0, 1.6)])
def test_it_is_one_weak_signal_beside_a_named_pair(chance: float | None, weight: float | None) -> None:
    learned = None if chance is None else Learned(chance, "t1")
    named = Evidence(caption=evidence(says("ALIAS", 2)).caption, learned=learned)
    found = judge(named, contest(), VOTING_DAY, RULES)
    said = [signal.weight for signal in found.signals if signal.code == "TEXT_MODEL"]
    assert said == ([] if weight is None else [pytest.approx(weight)])
    assert found.band in ("none", "low")
    unnamed = judge(Evidence(caption=evidence(says("PUJIAN")).caption, learned=learned), contest(), VOTING_DAY, RULES)
    assert "TEXT_MODEL" not in {signal.code for signal in unnamed.signals}
