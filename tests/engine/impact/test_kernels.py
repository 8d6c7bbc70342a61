"""Machine code and NumPy give the same to the last bit; skipped where numba is not installed."""

import numpy as np
import pytest

from anlan.engine.impact import aggregates, inversion, kernels, pairs, stored
from anlan.engine.impact.curves import Curve
from anlan.engine.impact.households import Assets, Households
from anlan.engine.impact.members import Members
from anlan.engine.impact.pairs import Portfolio

pytestmark = [
    pytest.mark.long,
    pytest.mark.needs("numba"),
]
CURVE = Curve(np.linspace(0, 6, 50), 1 - np.exp(-np.linspace(0, 6, 50) / 2))


@pytest.fixture(params=[np.float32, np.float64])
def hazard(request):
    rng = np.random.default_rng(5)
    table = np.where(rng.random((40, 900)) < 0.2, rng.uniform(0, 7, (40, 900)), 0).astype(request.param)
    rows, cells = np.nonzero(table)
    indptr = np.concatenate([[0], np.cumsum(np.count_nonzero(table, axis=1))])
    return Members(indptr, cells, table[rows, cells], 900, rng.dirichlet(np.ones(40)))


@pytest.fixture
def both(monkeypatch):
    """Runs something with machine code and without."""

    def run(deed):
        found = []
        for fast in (True, False):
            monkeypatch.setattr(
                kernels, "compiled", lambda loop, _steps, fast=fast: kernels.machine_code(loop) if fast else None
            )
            found.append(deed())
        return found

    return run


def test_falling_is_the_same(hazard, both):
    rng = np.random.default_rng(6)
    home = Households(rng.lognormal(10.3, 0.5, 20_000), rng.integers(1, 7, 20_000), np.full(20_000, 8500.0))
    assets = Assets(
        np.arange(20_000), rng.integers(0, 900, 20_000), rng.lognormal(9.5, 0.8, 20_000), np.zeros(20_000, int)
    )
    prepared = inversion.critical(home, assets, [CURVE], cells=900, kind=hazard.data.dtype)
    one, other = both(lambda: inversion.falling(prepared, hazard))
    assert np.array_equal(one.p, other.p)
    assert np.array_equal(one.households, other.households)
    assert np.array_equal(one.people, other.people)
    assert 0 < one.p.mean() < 1


def test_curves_are_the_same(hazard, both):
    step = Curve(np.array([0.5, 1.0, 1.0, 4.0]), np.array([0.0, 0.2, 0.4, 1.0]))
    dent = Curve(np.array([0.0, 1.0, 2.0]), np.array([0.0, 0.9, 0.3]))
    steep = Curve(np.array([0.0, 1e-7, 5.0, 6.0]), np.array([0.0, 0.3, 0.7 / 3, 0.9]))
    at = np.concatenate([hazard.data, np.linspace(0, 7, 1401).astype(hazard.data.dtype)])
    for curve in (CURVE, step, dent, steep, Curve(np.array([0.0]), np.array([0.0]))):
        assert np.array_equal(*both(lambda curve=curve: curve.at(at)))


def test_aggregates_are_the_same(hazard, both):
    rng = np.random.default_rng(7)
    cell, value = rng.integers(0, 900, 50_000), rng.lognormal(11, 2, 50_000)
    ratio = aggregates.damage(hazard, CURVE)
    one, other = both(lambda: aggregates.value_by_cell(cell, value, 900))
    assert np.array_equal(one, other)
    assert np.array_equal(*both(lambda: aggregates.at_event(hazard, ratio, one)))
    assert np.array_equal(*both(lambda: aggregates.ratio_by_cell(hazard, ratio)))


def test_pairs_are_the_same(hazard, both):
    rng = np.random.default_rng(8)
    count = 3000
    home = Households(rng.lognormal(10.3, 0.5, count), rng.integers(1, 7, count), np.full(count, 8500.0))
    assets = Assets(
        rng.integers(0, count, 9000), rng.integers(0, 900, 9000), rng.lognormal(8.5, 1, 9000), rng.integers(0, 2, 9000)
    )
    portfolio = Portfolio(assets, [CURVE, CURVE], [0, 1], [hazard, hazard])
    one, other = both(lambda: pairs.falling(home, portfolio))
    assert np.array_equal(one.p, other.p)
    assert np.array_equal(one.households, other.households)
    assert np.array_equal(one.people, other.people)
    assert 0 < one.p.mean() < 1


def test_stored_losses_are_the_same(hazard, both):
    rng = np.random.default_rng(9)
    assets = Assets(np.arange(500), rng.integers(0, 900, 500), rng.lognormal(8.5, 1, 500), np.zeros(500, int))
    one, other = both(lambda: stored.store(Portfolio(assets, [CURVE], [0], [hazard]), 500))
    for name in ("indptr", "member", "loss_yuan"):
        assert np.array_equal(getattr(one, name), getattr(other, name))
    assert len(one.loss_yuan) > 1000
