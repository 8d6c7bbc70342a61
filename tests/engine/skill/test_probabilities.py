"""Brier score, reliability and recall, by examples worked by hand and by what must hold for any forecast."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from anlan.engine.skill.probabilities import (
    OutcomesInvalid,
    brier,
    brier_skill,
    recall_at,
    reliability,
)

CASES = st.integers(1, 40).flatmap(
    lambda n: st.tuples(arrays(np.float64, n, elements=st.floats(0, 1)), arrays(np.bool_, n))
)


def test_the_score_of_a_small_forecast_by_hand():
    p, found = [0.9, 0.2, 0.5, 0.0], [True, False, True, False]
    assert brier(p, found) == pytest.approx((0.01 + 0.04 + 0.25 + 0.0) / 4)
    assert brier_skill(p, found) == pytest.approx(1 - 0.075 / 0.25)


def test_to_foresee_exactly_what_comes_scores_nothing_and_the_opposite_one():
    found = np.array([True, False, True])
    assert brier(found.astype(float), found) == 0
    assert brier(1.0 - found, found) == 1
    assert brier_skill(found.astype(float), found) == 1


def test_always_foreseeing_the_share_that_came_true_has_no_skill():
    assert brier_skill([0.25] * 4, [True, False, False, False]) == pytest.approx(0)


def test_without_cases_or_without_variety_there_is_nothing_to_say():
    assert np.isnan(brier([], []))
    assert np.isnan(brier_skill([], []))
    assert np.isnan(brier_skill([0.3, 0.4], [True, True]))
    assert reliability([], []).error == 0
    assert np.isnan(recall_at([1, 2], [False, False], 1))


def test_a_diagram_by_hand():
    made = reliability([0.05, 0.15, 0.55, 0.65, 1.0], [False, True, True, False, True], bins=2)
    assert made.lower.tolist() == [0.0, 0.5]
    assert made.upper.tolist() == [0.5, 1.0]
    assert made.count.tolist() == [2, 3]
    assert made.foreseen == pytest.approx([0.1, 2.2 / 3])
    assert made.found == pytest.approx([0.5, 2 / 3])
    assert made.error == pytest.approx((2 * 0.4 + 3 * (2.2 / 3 - 2 / 3)) / 5)


def test_an_empty_bin_is_no_number():
    made = reliability([0.95], [True])
    assert made.count.tolist() == [0] * 9 + [1]
    assert np.isnan(made.foreseen[0])
    assert np.isnan(made.found[0])
    assert made.found[9] == 1


@settings(deadline=None)
@given(CASES)
def test_every_case_is_in_one_bin_that_holds_its_probability(case):
    p, found = case
    made = reliability(p, found, bins=7)
    held = made.count > 0
    assert made.count.sum() == len(p)
    assert ((made.foreseen >= made.lower - 1e-12) & (made.foreseen <= made.upper + 1e-12))[held].all()
    assert np.nansum(made.found * made.count) == pytest.approx(found.sum())


@settings(deadline=None)
@given(CASES)
def test_the_score_lies_between_nothing_and_one_and_does_not_mind_the_order(case):
    p, found = case
    assert 0 <= brier(p, found) <= 1
    assert brier(p[::-1], found[::-1]) == pytest.approx(brier(p, found))


@settings(deadline=None)
@given(CASES, st.integers(0, 45))
def test_more_visits_never_find_fewer(case, visits):
    p, found = case
    if not found.any():
        return
    rank = np.argsort(np.argsort(-p, kind="stable"), kind="stable") + 1
    here, more = recall_at(rank, found, visits), recall_at(rank, found, visits + 1)
    assert here <= more
    assert recall_at(rank, found, len(p)) == 1


def test_who_is_visited_first_counts():
    rank, found = [3, 1, 2, 4], [True, True, False, False]
    assert [recall_at(rank, found, visits) for visits in range(5)] == [0, 0.5, 0.5, 1, 1]


@pytest.mark.parametrize(
    ("p", "found"),
    [([0.1], [True, False]), ([[0.1]], [[True]]), ([1.1], [True]), ([-0.1], [False]), ([np.nan], [True])],
)
def test_what_cannot_be_compared_is_refused(p, found):
    for judge in (brier, brier_skill, reliability):
        with pytest.raises(OutcomesInvalid):
            judge(p, found)


def test_a_diagram_without_bins_and_visits_below_nothing_are_refused():
    with pytest.raises(OutcomesInvalid, match="bin"):
        reliability([0.5], [True], bins=0)
    with pytest.raises(OutcomesInvalid, match="-1"):
        recall_at([1], [True], -1)
    with pytest.raises(OutcomesInvalid, match="one length"):
        recall_at([1, 2], [True], 1)
