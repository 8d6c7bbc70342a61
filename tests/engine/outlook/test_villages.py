"""Numbers of villages, against counting what happens in a hundred thousand throws."""

import numpy as np
import pytest

from anlan.engine.outlook.villages import numbers


def test_the_expected_number_is_the_sum_of_the_chances():
    p = np.array([[0.1, 0.2, 0.5], [0.3, 0.4, 0.1]])
    found = numbers(np.array([0, 0, 1]), 2, p, np.array([0.25, 0.75]))
    assert found.households.tolist() == [2, 1]
    assert found.expected == pytest.approx([0.25 * 0.3 + 0.75 * 0.7, 0.25 * 0.5 + 0.75 * 0.1])


def test_the_bounds_hold_eight_cases_in_ten():
    luck = np.random.default_rng(7)
    p = np.stack([luck.uniform(0.0, 0.2, 300), luck.uniform(0.1, 0.5, 300), luck.uniform(0.4, 0.9, 300)])
    weights = np.array([0.3, 0.5, 0.2])
    found = numbers(np.zeros(300, dtype=np.int64), 1, p, weights)
    member = luck.choice(3, 20_000, p=weights)
    counts = np.array([(luck.random(300) < p[each]).sum() for each in member])
    assert found.low[0] == pytest.approx(np.quantile(counts, 0.1), abs=1.5)
    assert found.high[0] == pytest.approx(np.quantile(counts, 0.9), abs=1.5)


def test_members_that_differ_widen_the_bounds():
    even = numbers(np.zeros(100, dtype=np.int64), 1, np.full((2, 100), 0.3), np.array([0.5, 0.5]))
    apart = numbers(
        np.zeros(100, dtype=np.int64), 1, np.stack([np.zeros(100), np.full(100, 0.6)]), np.array([0.5, 0.5])
    )
    assert even.expected[0] == pytest.approx(apart.expected[0])
    assert apart.high[0] - apart.low[0] > 2 * (even.high[0] - even.low[0])


def test_where_nobody_is_at_risk_nobody_is_expected():
    found = numbers(np.array([0, 1]), 2, np.zeros((1, 2)), np.ones(1))
    assert found.expected.tolist() == [0, 0]
    assert found.high == pytest.approx([0, 0], abs=1e-5)


def test_the_bounds_never_leave_the_village():
    found = numbers(np.zeros(3, dtype=np.int64), 1, np.full((1, 3), 0.99), np.ones(1))
    assert 0 <= found.low[0] <= found.high[0] <= 3
