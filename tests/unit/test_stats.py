"""Statistics of review: published and hand-computed values, and what must hold of any numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.stats.agreement import Verdict, agreement_by_reviewer, agreement_with, double_judgements, kappa
from app.stats.calibration import Decided, calibration, recall, reliability
from app.stats.durations import durations
from app.stats.rates import ENOUGH, rate, rates_by, wilson, z_of
from app.stats.whatif import Scored, what_if

close = pytest.approx
SMALL = settings(max_examples=80, deadline=None)
counts = st.integers(0, 500).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total)))


# -- rates ----------------------------------------------------------------------------------------------------------


def test_the_normal_quantile() -> None:
    assert z_of(0.95) == close(1.959964, abs=1e-6)
    assert z_of(0.99) == close(2.575829, abs=1e-6)
    with pytest.raises(ValueError):
        z_of(1.0)


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I, method 3 (Wilson without continuity correction)
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (20, 20, 0.8389, 1.0),  # the mirror of 0 of 20
    ],
)
def test_wilson_as_published(hits: int, total: int, low: float, high: float) -> None:
    assert wilson(hits, total) == (close(low, abs=5e-5), close(high, abs=5e-5))


def test_nothing_seen_is_nothing_known() -> None:
    empty = rate(0, 0)
    assert (empty.value, empty.low, empty.high, empty.enough) == (None, 0.0, 1.0, False)
    assert not rate(1, ENOUGH - 1).enough
    assert rate(1, ENOUGH).enough
    for hits, total in ((3, 2), (-1, 2)):
        with pytest.raises(ValueError):
            wilson(hits, total)


@SMALL
@given(counts)
def test_wilson_holds_the_share_and_mirrors(case: tuple[int, int]) -> None:
    hits, total = case
    low, high = wilson(hits, total)
    assert 0 <= low <= high <= 1
    if total:
        assert low <= hits / total <= high
    assert wilson(total - hits, total) == (close(1 - high), close(1 - low))
    wider = wilson(hits, total, 0.99)
    assert wider[0] <= low + 1e-12
    assert wider[1] >= high - 1e-12
    if total:
        more = wilson(hits * 4, total * 4)
        assert more[1] - more[0] < high - low


def test_rates_by_group_come_with_the_largest_first() -> None:
    found = rates_by([("a", True), ("b", False), ("b", True), ("b", True)])
    assert list(found) == ["b", "a"]
    assert (found["b"].hits, found["b"].total) == (2, 3)


# -- agreement ------------------------------------------------------------------------------------------------------


def table(rows: Sequence[Sequence[int]]) -> list[tuple[str, str]]:
    """Pairs of verdicts from a table of counts."""
    return [(str(i), str(j)) for i, row in enumerate(rows) for j, count in enumerate(row) for _ in range(count)]


@pytest.mark.parametrize(
    ("rows", "value"),
    [([[20, 5], [10, 15]], 0.4), ([[45, 15], [25, 15]], 0.1304), ([[25, 35], [5, 35]], 0.2593)],
)
def test_kappa_by_hand(rows: list[list[int]], value: float) -> None:
    assert kappa(table(rows)).value == close(value, abs=5e-5)


def test_kappa_and_its_error_as_published() -> None:
    """Fleiss, Levin and Paik 2003, table 18.1: diagnoses of 100 subjects, kappa .68, standard error .087."""
    found = kappa(table([[75, 1, 4], [5, 4, 1], [0, 0, 10]]))
    assert found.value == close(0.676, abs=5e-4)
    assert (found.high - found.low) / 2 / z_of(0.95) == close(0.087, abs=1e-3)
    assert found.enough


def test_the_variance_is_that_of_the_delta_method() -> None:
    """The closed form against numerical derivatives of kappa over the cells of a multinomial."""
    rows = [[31, 6, 2], [9, 22, 4], [1, 7, 18]]
    count = sum(map(sum, rows))
    shares = [[cell / count for cell in row] for row in rows]
    slopes = [[_slope(_plain_kappa, shares, i, j) for j in range(3)] for i in range(3)]
    mean = sum(shares[i][j] * slopes[i][j] for i in range(3) for j in range(3))
    variance = sum(shares[i][j] * (slopes[i][j] - mean) ** 2 for i in range(3) for j in range(3)) / count
    found = kappa(table(rows))
    assert (found.high - found.low) / 2 / z_of(0.95) == close(math.sqrt(variance), rel=1e-4)


def _plain_kappa(shares: list[list[float]]) -> float:
    total = sum(map(sum, shares))
    observed = sum(shares[i][i] for i in range(3)) / total
    chance = sum(sum(shares[i]) * sum(row[i] for row in shares) for i in range(3)) / total**2
    return (observed - chance) / (1 - chance)


def _slope(function: Callable[[list[list[float]]], float], shares: list[list[float]], i: int, j: int) -> float:
    step = 1e-6
    up, down = [row.copy() for row in shares], [row.copy() for row in shares]
    up[i][j] += step
    down[i][j] -= step
    return (function(up) - function(down)) / (2 * step)


def test_kappa_at_its_ends() -> None:
    nothing = kappa([])
    assert (nothing.value, nothing.low, nothing.high, nothing.enough) == (None, -1.0, 1.0, False)
    assert kappa([("a", "a")] * 50).value is None
    assert not kappa([("a", "a")] * 50).enough
    perfect = kappa([("a", "a"), ("b", "b")] * 20)
    assert (perfect.value, perfect.high) == (1.0, 1.0)
    assert 0.7 < perfect.low < 0.9
    assert kappa([("a", "b"), ("b", "a")] * 20).value == close(-1.0)


@SMALL
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), max_size=80))
def test_kappa_of_anything(pairs: list[tuple[str, str]]) -> None:
    found, mirrored = kappa(pairs), kappa([(other, one) for one, other in pairs])
    assert -1 <= found.low <= found.high <= 1
    if found.value is not None:
        assert mirrored.value == close(found.value)
        assert found.low - 1e-9 <= found.value <= found.high + 1e-9
        assert (found.low, found.high) == (close(mirrored.low), close(mirrored.high))


VERDICTS = [
    Verdict(1, "ani", "confirm"), Verdict(1, "budi", "dismiss"), Verdict(1, "ani", "dismiss"),
    Verdict(2, "budi", "confirm"), Verdict(2, "citra", "confirm"), Verdict(3, "citra", "dismiss"),
]  # fmt: skip


def test_only_the_first_verdict_of_a_person_on_an_item_counts() -> None:
    assert double_judgements(VERDICTS) == [("confirm", "dismiss"), ("confirm", "confirm")]
    found = agreement_by_reviewer(VERDICTS)
    assert {name: (one.hits, one.total) for name, one in found.items()} == {
        "ani": (0, 1), "budi": (1, 2), "citra": (1, 1),
    }  # fmt: skip


def test_agreement_with_known_answers() -> None:
    found = agreement_with({1: "dismiss", 3: "dismiss", 9: "confirm"}, VERDICTS)
    assert {name: (one.hits, one.total) for name, one in found.items()} == {
        "ani": (0, 1), "budi": (1, 1), "citra": (1, 1),
    }  # fmt: skip


# -- durations ------------------------------------------------------------------------------------------------------


def test_median_and_slow_end() -> None:
    found = durations([10, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    assert (found.median, found.p90, found.enough) == (5.5, close(9.1), False)
    assert (durations([]).median, durations([]).p90) == (None, None)
    assert (durations([7.0]).median, durations([7.0]).p90) == (7.0, 7.0)
    with pytest.raises(ValueError):
        durations([-1.0])


@SMALL
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60))
def test_durations_lie_among_those_measured(seconds: list[float]) -> None:
    found = durations(seconds)
    assert found.median is not None
    assert found.p90 is not None
    assert min(seconds) <= found.median <= found.p90 + 1e-6
    assert found.p90 <= max(seconds) + 1e-6


# -- calibration ----------------------------------------------------------------------------------------------------


def test_precision_per_signal_and_reliability() -> None:
    items = [
        Decided(0.25, ["NAMA", "GESTURE", "GESTURE"], False),
        Decided(0.29, ["GESTURE"], True),
        Decided(0.95, ["AJAKAN_KUAT", "NAMA"], True),
        Decided(1.0, ["AJAKAN_KUAT"], True),
    ]
    found = calibration(items)
    assert (found.whole.hits, found.whole.total) == (3, 4)
    assert {code: (one.hits, one.total) for code, one in found.by_signal.items()} == {
        "NAMA": (1, 2), "GESTURE": (1, 2), "AJAKAN_KUAT": (2, 2),
    }  # fmt: skip
    assert [(one.low, one.high, one.observed.hits, one.observed.total) for one in found.bins] == [
        (0.2, close(0.3), 1, 2), (0.9, 1.0, 2, 2),
    ]  # fmt: skip
    assert [one.predicted for one in found.bins] == [close(0.27), close(0.975)]
    for bad in (-0.01, 1.01, math.nan):
        with pytest.raises(ValueError):
            reliability([Decided(bad, [], True)])


@SMALL
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60), st.integers(1, 15))
def test_bins_hold_every_item_once(rows: list[tuple[float, bool]], bins: int) -> None:
    found = reliability([Decided(score, [], confirmed) for score, confirmed in rows], bins)
    assert sum(one.observed.total for one in found) == len(rows)
    assert sum(one.observed.hits for one in found) == sum(confirmed for _, confirmed in rows)
    assert all(one.low - 1e-9 <= one.predicted <= one.high + 1e-9 for one in found)


# -- recall ---------------------------------------------------------------------------------------------------------


def test_recall_by_hand() -> None:
    """80 of 100 flags confirmed; 2 relevant in a sample of 100 of 900 unflagged: 2 + 800 * .02 = 18 lost."""
    found = recall(confirmed=80, decided=100, flagged=100, unflagged=900, relevant=2, sampled=100)
    assert found.value == close(80 / 98)
    low, high = wilson(2, 100, 0.975)
    assert (found.low, found.high) == (close(80 / (82 + 800 * high)), close(80 / (82 + 800 * low)))
    assert found.enough


def test_recall_without_a_sample_is_unknown() -> None:
    found = recall(confirmed=10, decided=10, flagged=10, unflagged=500, relevant=0, sampled=0)
    assert (found.value, found.enough) == (None, False)
    assert found.low == close(10 / 510)
    assert found.high == 1.0
    clean = recall(confirmed=10, decided=10, flagged=10, unflagged=500, relevant=0, sampled=50)
    assert clean.value == 1.0
    assert clean.low < 0.5
    with pytest.raises(ValueError):
        recall(confirmed=2, decided=1, flagged=3, unflagged=0, relevant=0, sampled=0)


@SMALL
@given(counts, st.integers(0, 200), counts, st.integers(0, 2000))
def test_recall_of_anything(flags: tuple[int, int], waiting: int, sample: tuple[int, int], unseen: int) -> None:
    (confirmed, decided), (relevant, sampled) = flags, sample
    found = recall(confirmed, decided, decided + waiting, sampled + unseen, relevant, sampled)
    assert 0 <= found.low <= found.high <= 1
    if found.value is not None:
        assert found.low - 1e-9 <= found.value <= found.high + 1e-9
    if not waiting and not unseen and found.value is not None:
        assert found.low == close(found.value)
        assert found.high == close(found.value)


# -- what if --------------------------------------------------------------------------------------------------------


def posts(stratum: str, score: float, *, confirmed: int = 0, dismissed: int = 0, waiting: int = 0) -> list[Scored]:
    """Submissions of one score."""
    outcomes: list[bool | None] = [True] * confirmed + [False] * dismissed + [None] * waiting
    return [Scored(score, stratum, outcome) for outcome in outcomes]


def test_what_if_by_hand() -> None:
    items = [
        *posts("high", 0.9, confirmed=40),
        *posts("low", 0.3, confirmed=10, dismissed=30, waiting=40),  # each decided one stands for two
        *posts("none", 0.1, confirmed=1, dismissed=49, waiting=450),  # each sampled one stands for ten
    ]
    found = {point.threshold: point for point in what_if(items, [0.05, 0.2, 0.5, 0.95])}
    assert {threshold: point.queued for threshold, point in found.items()} == {0.05: 620, 0.2: 120, 0.5: 40, 0.95: 0}
    assert found[0.5].precision.value == 1.0
    assert found[0.2].precision.value == close((40 + 20) / 120)
    assert found[0.05].precision.value == close((40 + 20 + 10) / 620)
    assert found[0.5].recall.value == close(40 / 70)
    assert found[0.2].recall.value == close(60 / 70)
    assert found[0.05].recall.value == 1.0
    assert found[0.95].precision.value is None
    assert found[0.95].recall.value == 0.0
    assert found[0.2].precision.cases == close((40 + 80) ** 2 / (40 + 4 * 40))
    assert found[0.2].precision.enough
    assert found[0.2].recall.enough


def test_a_clean_sample_still_leaves_doubt_about_recall() -> None:
    items = [*posts("high", 0.9, confirmed=50), *posts("none", 0.05, dismissed=40, waiting=960)]
    (point,) = what_if(items, [0.5])
    assert point.recall.value == 1.0
    assert point.recall.low < 0.4


def test_what_nobody_looked_at_is_unknown() -> None:
    items = [*posts("high", 0.9, confirmed=40), *posts("none", 0.1, waiting=500)]
    below, above = what_if(items, [0.1, 0.11])
    assert (below.precision.value, above.precision.value) == (None, 1.0)
    assert below.recall.value is None
    assert above.recall.value is None
    assert [point.queued for point in what_if([], [0.5])] == [0]


SCORED = st.lists(
    st.builds(Scored, st.floats(0, 1), st.sampled_from(["none", "low", "high"]), st.sampled_from([True, False, None])),
    max_size=60,
)


@SMALL
@given(SCORED)
def test_a_higher_threshold_never_queues_or_finds_more(items: list[Scored]) -> None:
    points = what_if(items)
    for lower, higher in pairwise(points):
        assert higher.queued <= lower.queued
        if lower.recall.value is not None and higher.recall.value is not None:
            assert higher.recall.value <= lower.recall.value + 1e-9
    for point in points:
        for estimate in (point.precision, point.recall):
            assert 0 <= estimate.low <= estimate.high + 1e-9 <= 1 + 2e-9
            if estimate.value is not None:
                assert estimate.low - 1e-9 <= estimate.value <= estimate.high + 1e-9


@SMALL
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60), st.floats(0, 1))
def test_where_everything_is_decided_the_estimates_are_the_counts(
    rows: list[tuple[float, bool]], threshold: float
) -> None:
    (point,) = what_if([Scored(score, "all", confirmed) for score, confirmed in rows], [threshold])
    above = [confirmed for score, confirmed in rows if score >= threshold]
    relevant = sum(confirmed for _, confirmed in rows)
    assert point.precision.value == (close(sum(above) / len(above)) if above else None)
    assert point.recall.value == (close(sum(above) / relevant) if relevant else None)
