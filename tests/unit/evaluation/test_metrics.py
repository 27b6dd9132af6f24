import math

import pytest

from memos.evaluation.metrics import (
    auroc,
    calibration,
    calibration_error,
    estimate,
    first_hit,
    recall_at,
    within_budget,
)

CITED = [("a",), ("b", "c"), (), ("d",)]


@pytest.mark.parametrize(("k", "share"), [(1, 0.0), (2, 0.5), (3, 0.5), (4, 1.0), (99, 1.0)])
def test_recall_counts_evidence_turns_cited_by_the_first_results(k: int, share: float):
    assert recall_at(CITED, ["c", "d"], k) == share


def test_a_turn_cited_twice_counts_once():
    assert recall_at([("a",), ("a",)], ["a", "b"], 2) == 0.5


def test_the_first_hit_is_the_rank_of_any_evidence():
    assert first_hit(CITED, ["d", "c"]) == 2
    assert first_hit(CITED, ["x"]) is None


@pytest.mark.parametrize(("budget", "count"), [(9, 0), (10, 1), (29, 1), (30, 2), (35, 3), (99, 3)])
def test_a_budget_ends_before_the_first_result_that_does_not_fit(budget: int, count: int):
    assert within_budget([10, 20, 5], budget) == count


def test_an_interval_holds_its_mean_and_is_the_same_for_the_same_seed():
    values = [i * i / 77 for i in range(80)]
    found = estimate(values, seed=3)

    assert found.low < found.mean < found.high
    assert found.mean == pytest.approx(sum(values) / 80)
    assert found == estimate(values, seed=3)
    assert found != estimate(values, seed=4)


def test_an_interval_narrows_with_more_questions():
    few, many = estimate([0.0, 1.0] * 10, 1), estimate([0.0, 1.0] * 1000, 1)

    assert many.high - many.low < (few.high - few.low) / 5


def test_no_values_have_no_mean():
    assert math.isnan(estimate([], 1).mean)


@pytest.mark.parametrize(
    ("positive", "negative", "area"),
    [([2, 3], [0, 1], 1.0), ([0, 1], [2, 3], 0.0), ([1], [1], 0.5), ([1, 3], [2, 2], 0.5)],
)
def test_auroc_is_the_chance_that_a_positive_is_higher(positive, negative, area):
    assert auroc(positive, negative) == area


def test_auroc_needs_both_kinds():
    assert math.isnan(auroc([1.0], []))


def test_calibration_error_is_the_mean_gap_weighted_by_size():
    bins = calibration([0.1, 0.1, 0.1, 0.95], [False, False, False, False])

    assert [b.n for b in bins] == [3, 1]
    assert calibration_error(bins) == pytest.approx((3 * 0.1 + 0.95) / 4)


def test_what_is_said_to_be_certain_is_in_the_last_tenth():
    (only,) = calibration([1.0], [True])

    assert only.low == 0.9
    assert calibration_error([only]) == 0
