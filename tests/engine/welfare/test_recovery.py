"""The path of recovery: closed forms against the equations, and against plain integration."""

from datetime import date
from itertools import pairwise
from math import inf, log

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from anlan.engine import policy
from anlan.engine.welfare.rates import KEPT_FOR
from anlan.engine.welfare.recovery import Economy, Path, floor_share, gap_years, lacking, path, years_below

Floats = NDArray[np.float64]
ECONOMY = KEPT_FOR


def one(value: float) -> Floats:
    return np.array([value])


def way(loss: float = 10_000.0, savings: float = 0.0, rate: float = 1.0) -> Path:
    return path(one(loss), one(savings), one(rate), ECONOMY)


def integral(given: Path, income: float, needed: float, until: float, start: float = 0.0) -> tuple[float, float, float]:
    """By Gauss's rule, piece by piece between the path's corners: years below, yuan below the need, savings used."""
    corners = {start, until, float(given.held_years[0]) if np.isfinite(given.held_years[0]) else start}
    below = years_below(given, one(income), one(needed))[0]
    corners |= {float(below)} if np.isfinite(below) else set()
    edges = sorted(each for each in corners if start <= each <= until)
    points, weights = np.polynomial.legendre.leggauss(40)
    years = gap = used = 0.0
    for low, high in pairwise(edges):
        for left in np.linspace(low, high, 51)[:-1]:
            width = (high - low) / 50
            at = left + width * (points + 1) / 2
            lacks = lacking(given, at)
            share = weights * width / 2
            short = np.maximum(0.0, needed - (income - lacks))
            years += float((share * (income - lacks < needed)).sum())
            gap += float((share * short).sum())
            used += float((share * (given.alpha * np.exp(-given.rate * at) - lacks)).sum())
    return years, gap, used


@given(st.floats(1e-12, 1 - 1e-9))
def test_the_floor_solves_its_equation(left: float) -> None:
    share = floor_share(one(left))[0]
    assert 0 < share <= 1
    assert share * (1 - log(share)) == pytest.approx(left, rel=1e-12)


def test_the_floor_at_its_ends() -> None:
    assert floor_share(np.array([0.0, 1.0])).tolist() == [0, 1]


def test_without_savings_the_household_goes_without_all_of_it_at_once() -> None:
    found = way(savings=0.0)
    assert (found.floor[0], found.held_years[0]) == (1, 0)
    assert found.alpha[0] == pytest.approx((0.33 + 1.0) * 10_000)
    assert lacking(found, np.array([0.0, 1.0])) == pytest.approx(found.alpha[0] * np.exp([0.0, -1.0]))


def test_savings_enough_for_everything_leave_nothing_lacking() -> None:
    found = way(savings=13_300.0)
    assert (found.floor[0], found.held_years[0]) == (0, inf)
    assert lacking(found, np.array([0.0, 5.0])).tolist() == [0, 0]
    assert years_below(found, one(30_000.0), one(30_000.0))[0] == 0


def test_where_nothing_is_lost_nothing_is_lacking() -> None:
    found = way(loss=0.0)
    assert lacking(found, one(0.0))[0] == 0
    assert years_below(found, np.array([9.0, 10.0, 11.0]), np.full(3, 10.0)).tolist() == [inf, 0, 0]
    assert gap_years(found, np.array([9.0, 10.0, 11.0]), np.full(3, 10.0)).tolist() == [inf, 0, 0]


@settings(max_examples=60, deadline=None)
@given(st.floats(100, 50_000), st.floats(0.05, 0.95), st.floats(0.05, 8))
def test_the_floor_uses_up_the_savings_and_no_more(loss: float, share: float, rate: float) -> None:
    alpha = (0.33 + rate) * loss
    savings = share * alpha / rate
    found = way(loss, savings, rate)
    _years, _gap, used = integral(found, 0.0, 0.0, float(found.held_years[0]))
    assert used == pytest.approx(savings, rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.floats(100, 50_000), st.floats(0, 1.2), st.floats(0.05, 8), st.floats(1.0001, 2))
def test_time_and_gap_below_the_line_are_the_integrals(loss: float, share: float, rate: float, above: float) -> None:
    needed = 25_500.0
    income = needed * above
    found = way(loss, share * (0.33 + rate) * loss / rate, rate)
    years, gap = (of(found, one(income), one(needed))[0] for of in (years_below, gap_years))
    assume(years < 200)
    plain_years, plain_gap, _used = integral(found, income, needed, float(years) + 1.0)
    assert plain_years == pytest.approx(years, abs=1e-6)
    assert plain_gap == pytest.approx(gap, rel=1e-6, abs=1e-6)


def test_at_the_line_is_not_below_it() -> None:
    found = way(loss=10_000.0)
    worst = found.alpha[0]
    for spare, below in ((worst, False), (worst + 0.01, False), (worst - 0.01, True)):
        assert (years_below(found, one(20_000 + spare), one(20_000.0))[0] > 0) == below


def test_who_was_below_before_is_so_for_good_and_who_had_just_enough_never_quite_comes_back() -> None:
    found = way(loss=10_000.0, savings=2_000.0)
    income, needed = np.array([9_999.0, 10_000.0]), np.full(2, 10_000.0)
    assert years_below(found, income, needed).tolist() == [inf, inf]
    gaps = gap_years(found, income, needed)
    assert gaps[0] == inf
    _years, gap, _used = integral(found, 10_000.0, 10_000.0, 60.0)
    assert gaps[1] == pytest.approx(gap, rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.floats(100, 50_000), st.floats(0, 50_000), st.floats(0, 20_000), st.floats(0.05, 8), st.floats(1.0, 2))
def test_more_savings_at_one_rate_never_make_it_longer(loss, savings, more, rate, above) -> None:
    income, needed = one(25_500.0 * above), one(25_500.0)
    plain, helped = way(loss, savings, rate), way(loss, savings + more, rate)
    assert years_below(helped, income, needed)[0] <= years_below(plain, income, needed)[0] + 1e-9
    assert gap_years(helped, income, needed)[0] <= gap_years(plain, income, needed)[0] + 1e-3


def test_the_economy_is_the_policys_and_the_kept_table_is_made_for_it() -> None:
    today = policy.on(date(2026, 6, 18))
    assert Economy.of(today) == KEPT_FOR
    assert today.parameter("recovery_productivity").trust == "general"
    assert today.parameter("recovery_cost_ratio").trust == "design"
