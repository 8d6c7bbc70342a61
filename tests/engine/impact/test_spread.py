"""Unequal damage to equal things: against quadrature, against drawing lots, and what must hold of any forecast."""

from dataclasses import replace
from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.impact import worlds
from tests.engine.impact.worlds import members

from anlan.engine.impact import beta, inversion, spread
from anlan.engine.impact.curves import Curve
from anlan.engine.impact.households import Assets, Households
from anlan.engine.impact.normal import cdf, nodes

pytestmark = pytest.mark.clause("W1")
# Huizinga 2017, Asia, agriculture and residential: mean and standard deviation by depth in metres.
DEPTHS = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 5, 6.0])
CROPS = Curve(
    DEPTHS,
    np.array([0, 0.135, 0.37, 0.524, 0.558, 0.66, 0.834, 0.988, 1]),
    np.array([0, 0.189, 0.351, 0.476, 0.456, 0.358, 0.164, 0.027, 0]),
)
HOMES = Curve(
    DEPTHS,
    np.array([0, 0.327, 0.494, 0.617, 0.721, 0.87, 0.931, 0.984, 1]),
    np.array([0, 0.252, 0.215, 0.214, 0.207, 0.168, 0.125, 0.048, 0]),
)
BOTH = pytest.mark.parametrize("curve", [CROPS, HOMES], ids=["crops", "homes"])


def forecast(seed=1, count=40, cells=25):
    rng = np.random.default_rng(seed)
    table = np.where(rng.random((count, cells)) < 0.4, rng.uniform(0, 6.5, (count, cells)), 0).astype(np.float32)
    return members(table, rng.dirichlet(np.ones(count)))


def exact(hazard, curve, cell, margin):
    """Over all members, one by one."""
    table = worlds.table(hazard)
    found = np.zeros(len(cell))
    for place in range(len(cell)):
        heights = table[:, cell[place]]
        if margin[place] < 0:
            above = np.ones(len(heights))
        else:
            above = beta.above(curve.at(heights), curve.spread(heights), np.array([min(margin[place], 1.0)]))[:, 0]
            above = np.where((curve.at(heights) > 0) & (margin[place] < 1), above, 0.0)
        found[place] = above @ hazard.probabilities()
    return found


def rms(first, second):
    return float(np.sqrt(np.mean((first - second) ** 2)))


@BOTH
def test_the_table_is_right_to_two_in_ten_thousand(curve):
    rng, hazard = np.random.default_rng(2), forecast()
    cell, margin = rng.integers(0, 25, 1500), rng.uniform(-0.1, 1.1, 1500)
    found = spread.probability(spread.table(hazard, curve), cell, margin)
    assert rms(found, exact(hazard, curve, cell, margin)) < 2e-4
    assert found.std() > 0.05


@BOTH
def test_drawing_lots_comes_to_the_same_and_less_near(curve):
    rng, hazard = np.random.default_rng(3), forecast()
    cell, margin = rng.integers(0, 25, 400), rng.uniform(0.01, 0.99, 400)
    found = spread.probability(spread.table(hazard, curve), cell, margin)
    heights = worlds.table(hazard)[:, cell]
    mean, std = curve.at(heights), curve.spread(heights)
    size = np.divide(mean * (1 - mean), std**2, out=np.full(mean.shape, 1e9), where=std > 0) - 1
    drawn = rng.beta(np.maximum(mean * size, 1e-9), np.maximum((1 - mean) * size, 1e-9), (100, *mean.shape))
    drawn = np.where(std > 0, drawn, mean)
    lots = np.einsum("smn,m->n", drawn > margin, hazard.weights) / 100
    assert rms(found, lots) < 0.02
    assert rms(found, exact(hazard, curve, cell, margin)) < rms(lots, exact(hazard, curve, cell, margin)) / 5


def test_without_a_spread_it_is_the_inversion_but_for_the_margins_own_stretch():
    rng, hazard = np.random.default_rng(4), forecast()
    home = Households(rng.uniform(8000, 30000, 600), rng.integers(1, 4, 600), np.full(600, 5000.0))
    value, cell = rng.uniform(0, 30000, 600), rng.integers(0, 25, 600)
    certain = Curve(np.array([0, 6.0]), np.array([0, 1.0]))
    assets = Assets(np.arange(600), cell, value, np.zeros(600, int))
    sure = inversion.falling(inversion.critical(home, assets, [certain], cells=25), hazard)
    found = spread.probability(spread.table(hazard, certain), cell, spread.margin(home, value))
    assert rms(found, sure.p) < 0.03
    assert np.array_equal(found[sure.p == 1], sure.p[sure.p == 1])


def test_margins():
    home = Households(np.array([9000.0, 8000, 7000, 9000, 7000]), np.ones(5, int), np.full(5, 8000.0))
    found = spread.margin(home, np.array([2000.0, 2000, 2000, 0, 0]))
    assert found.tolist() == [0.5, 0, -0.5, np.inf, -np.inf]


def test_the_ends_of_the_axis():
    hazard = members(np.array([[3.0, 0.0], [0.0, 0.0]], np.float32), np.array([0.25, 0.5]))
    known = spread.table(hazard, HOMES)
    margin = np.array([-np.inf, -1e-9, 0.0, 1.0, np.inf])
    assert spread.probability(known, np.zeros(5, int), margin) == pytest.approx([0.75, 0.75, 0.25, 0, 0])
    assert spread.probability(known, np.ones(5, int), margin) == pytest.approx([0.75, 0.75, 0, 0, 0])


@settings(max_examples=40, deadline=None)
@given(worlds.hazards(), st.lists(st.floats(-0.5, 1.5), min_size=2, max_size=8), st.integers(0, 3))
def test_probabilities_fall_as_the_margin_grows_and_stay_within_the_weights(hazards, margins, cell):
    known = spread.table(hazards[0], CROPS)
    margin = np.sort(margins)
    found = spread.probability(known, np.full(len(margin), cell), margin)
    assert (np.diff(found) <= 1e-6).all()
    assert found.min() >= -1e-6
    assert found.max() <= known.total + 1e-6


def test_many_households_and_cells_go_through_in_parts(monkeypatch):
    rng, hazard = np.random.default_rng(5), forecast()
    home = Households(rng.uniform(0, 30000, 50), rng.integers(1, 4, 50), np.full(50, 5000.0))
    value, cell = rng.uniform(0, 30000, 50), rng.integers(0, 25, 50)

    def all_of_it():
        known = spread.table(hazard, HOMES)
        return spread.with_income_error(known, cell, home, value, 0.3)

    whole = all_of_it()
    monkeypatch.setattr(spread, "_CHUNK", 7)
    monkeypatch.setattr(spread, "_CELLS", 4)
    assert np.allclose(all_of_it(), whole, atol=1e-6)


@BOTH
def test_an_income_that_is_not_sure_is_added_up_along_the_same_axis(curve):
    rng, hazard = np.random.default_rng(6), forecast()
    home = Households(rng.lognormal(10, 0.5, 300), rng.integers(1, 4, 300), np.full(300, 6000.0))
    value, cell, error = rng.uniform(1000, 30000, 300), rng.integers(0, 25, 300), 0.25
    known = spread.table(hazard, curve)
    found = spread.with_income_error(known, cell, home, value, error)
    many = np.linspace(-6, 6, 4001)
    weight = np.exp(-(many**2) / 2)
    dense = np.zeros(300)
    for z, share in zip(many, weight / weight.sum(), strict=True):
        other = replace(home, income_yuan=home.income_yuan * np.exp(error * z))
        dense += share * spread.probability(known, cell, spread.margin(other, value))
    assert rms(found, dense) < 5e-4


def test_a_small_error_changes_little_and_no_income_has_none():
    rng, hazard = np.random.default_rng(7), forecast()
    home = Households(rng.lognormal(10, 0.5, 200), rng.integers(1, 4, 200), np.full(200, 6000.0))
    value, cell = rng.uniform(1000, 30000, 200), rng.integers(0, 25, 200)
    known = spread.table(hazard, HOMES)
    certain = spread.probability(known, cell, spread.margin(home, value))
    assert rms(spread.with_income_error(known, cell, home, value, 1e-4), certain) < 2e-3
    none = replace(home, income_yuan=np.where(np.arange(200) < 100, -50.0, 0.0))
    found = spread.with_income_error(known, cell, none, value, 0.3)
    assert np.array_equal(found, spread.probability(known, cell, spread.margin(none, value)))


def test_without_anything_to_lose_the_income_alone_decides():
    hazard = members(np.array([[2.0]], np.float32), np.array([1.0]))
    home = Households(np.array([10_000.0]), np.array([1]), np.array([9000.0]))
    found = spread.with_income_error(spread.table(hazard, CROPS), np.array([0]), home, np.array([0.0]), 0.2)
    assert found == pytest.approx(cdf(np.log(np.array([0.9])) / 0.2), abs=1e-6)


def test_what_households_share_does_not_average_out():
    rng, hazard = np.random.default_rng(8), forecast()
    cell, margin = rng.integers(0, 25, 500), rng.uniform(0.05, 0.95, 500)
    curves = spread.shared(CROPS, 0.4)
    found = spread.band(hazard, curves, cell, margin)
    assert (found.low <= found.p + 1e-12).all()
    assert (found.p <= found.high + 1e-12).all()
    assert (found.high - found.low).mean() > 0.05
    alone = spread.probability(spread.table(hazard, CROPS), cell, margin)
    assert abs(found.p.mean() - alone.mean()) < 0.03
    assert found.high.mean() - found.low.mean() > 20 * abs(found.p.mean() - alone.mean()) / 4


@pytest.mark.parametrize("count", [5, 7, 9])
def test_the_shared_curves_rise_together_and_keep_the_variance(count):
    curves = spread.shared(HOMES, 0.3, count)
    at = np.array([0.0, 0.7, 2.5])
    each = np.array([curve.at(at) for curve in curves])
    assert len(curves) == count
    assert (np.diff(each[:, 1:], axis=0) > 0).all()
    assert (each[:, 0] == 0).all()
    assert each.mean(axis=0) == pytest.approx(HOMES.at(at), abs=0.01)
    own = curves[0].spread(at)
    assert np.sqrt(each.var(axis=0) + own**2) == pytest.approx(HOMES.spread(at), abs=0.02)


def test_a_curve_that_is_nothing_anywhere_makes_nobody_fall():
    hazard = members(np.array([[2.0]], np.float32), np.array([1.0]))
    known = spread.table(hazard, Curve(np.array([0.0]), np.array([0.0])))
    assert spread.probability(known, np.zeros(2, int), np.array([0.5, -1.0])).tolist() == [0, 1]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 16))
def test_the_incomplete_beta_function_is_a_binomial_sum_for_whole_numbers(a, b, sixteenths):
    """I_x(a, b) is the chance of at least a successes in a + b − 1 tries."""
    x, tries = Fraction(sixteenths, 16), a + b - 1
    chance = sum(comb(tries, k) * x**k * (1 - x) ** (tries - k) for k in range(a, tries + 1))
    found = beta.incomplete(np.array([float(a)]), np.array([float(b)]), np.array([float(x)]))
    assert found == pytest.approx(float(chance), abs=1e-12)


def test_the_incomplete_beta_function_of_small_and_large_figures():
    # Arcsine: I_x(½, ½) = 2/π · asin √x; a power: I_x(a, 1) = x^a; symmetric and narrow: half lies on either side.
    x = np.array([0.01, 0.3, 0.5, 0.9])
    half = np.full(4, 0.5)
    assert beta.incomplete(half, half, x) == pytest.approx(2 / np.pi * np.arcsin(np.sqrt(x)), abs=1e-11)
    assert beta.incomplete(np.full(4, 0.05), np.ones(4), x) == pytest.approx(x**0.05, abs=1e-11)
    assert beta.incomplete(np.array([3e4]), np.array([3e4]), np.array([0.5])) == pytest.approx(0.5, abs=1e-9)


def test_a_beta_has_the_mean_and_spread_that_were_asked_for():
    share = np.linspace(0, 1, 4001)
    above = beta.above(np.array([0.2, 0.7]), np.array([0.1, 0.3]), share)
    mean = np.trapezoid(above, share, axis=1)
    square = 2 * np.trapezoid(above * share, share, axis=1)
    assert mean == pytest.approx([0.2, 0.7], abs=1e-4)
    assert np.sqrt(square - mean**2) == pytest.approx([0.1, 0.3], abs=1e-3)


def test_without_a_spread_and_with_more_than_there_can_be():
    share = np.array([0.0, 0.29, 0.3, 0.31, 1.0])
    assert beta.above(np.array([0.3]), np.array([0.0]), share).tolist() == [[1, 1, 0, 0, 0]]
    wide = beta.above(np.array([0.3]), np.array([9.0]), share)[0]
    assert wide[1:4] == pytest.approx([0.3] * 3, abs=0.01)
    assert beta.above(np.array([0.0, 1.0]), np.array([0.1, 0.1]), share).tolist() == [[0] * 5, [1, 1, 1, 1, 0]]


def test_the_nodes_of_a_normal_variable_agree_with_its_quantiles():
    points, weights = nodes(9)
    curves = spread.shared(CROPS, 1.0, 9)
    at = np.array([2.0])
    smooth = float(np.clip(CROPS.at(at) + points * CROPS.spread(at), 0, 1) @ weights)
    assert np.mean([curve.at(at)[0] for curve in curves]) == pytest.approx(smooth, abs=0.02)


def test_a_fraction_that_is_cut_short_is_near(monkeypatch):
    a, b, x = np.array([40.0]), np.array([50.0]), np.array([0.42])
    whole = beta.incomplete(a, b, x)
    monkeypatch.setattr(beta, "_TERMS", 6)
    assert beta.incomplete(a, b, x) == pytest.approx(whole, abs=1e-2)
    assert beta.incomplete(a, b, x) != whole
