"""Intervals over people: what they cover, and what they say where everybody agrees."""

from __future__ import annotations

import numpy as np
import pytest

from app.stats.clusters import RESAMPLES, draws, interval, share_by_cluster, spread
from app.stats.rates import wilson


def test_the_share_is_that_of_all_cases_together() -> None:
    found = share_by_cluster([1, 8], [10, 10])
    assert found.value == pytest.approx(0.45)
    assert (found.clusters, found.cases) == (2, 20)
    assert found.low <= 0.45 <= found.high


@pytest.mark.parametrize(("hits", "edge"), [([0, 0, 0], 0.0), ([4, 2, 9], 1.0)])
def test_where_everybody_agrees_each_person_is_one_witness(hits: list[int], edge: float) -> None:
    found = share_by_cluster(hits, [4, 2, 9])
    assert found.value == edge
    assert (found.low, found.high) == wilson(3 * edge, 3)


def test_many_photos_of_one_person_do_not_narrow_the_interval() -> None:
    random = np.random.default_rng(1)
    good = random.integers(0, 2, 40)
    few, many = share_by_cluster(good, np.ones(40)), share_by_cluster(good * 50, np.full(40, 50))
    assert (few.low, few.high) == (many.low, many.high)
    assert few.high - few.low > 0.2


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(2)
    held = 0
    for seed in range(200):
        each = random.beta(2, 2, 50)
        cases = random.integers(1, 8, 50)
        found = share_by_cluster(random.binomial(cases, each), cases, seed=seed)
        held += found.low <= 0.5 <= found.high
    assert 180 <= held <= 200


def test_without_a_case_nothing_is_known() -> None:
    for found in (share_by_cluster([], []), share_by_cluster([0, 0], [0, 0])):
        assert (found.value, found.low, found.high, found.clusters) == (None, 0.0, 1.0, 0)


@pytest.mark.parametrize(("hits", "cases"), [([2], [1]), ([-1], [3]), ([1, 1], [2])])
def test_impossible_counts_are_refused(hits: list[int], cases: list[int]) -> None:
    with pytest.raises(ValueError):
        share_by_cluster(hits, cases)


def test_draws_are_repeatable_and_whole() -> None:
    drawn = draws(7, seed=3)
    assert drawn.shape == (RESAMPLES, 7)
    assert (drawn.sum(axis=1) == 7).all()
    assert (drawn == draws(7, seed=3)).all()
    assert interval(np.array([np.nan, np.nan])) == (0.0, 1.0)


def test_spread_measures_anything_that_takes_weights() -> None:
    values = np.arange(30.0)
    low, high = spread(lambda weights: float(weights @ values / weights.sum()), 30)
    assert low < values.mean() < high
    assert high - low < 10
