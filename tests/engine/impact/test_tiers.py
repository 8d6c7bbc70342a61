"""The tiers against the plain reckoning and against each other, to the last bit; with numba's loops and without."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.impact import worlds
from tests.engine.impact.worlds import GUST, HOUSE, RICE, World, brute, lost, members, same

from anlan.engine.impact import aggregates, inversion, kernels, pairs, stored
from anlan.engine.impact.curves import Curve
from anlan.engine.impact.households import Assets, Households
from anlan.engine.impact.inversion import Falling
from anlan.engine.impact.members import Members
from anlan.engine.impact.pairs import Portfolio

pytestmark = pytest.mark.clause("W1")
often = settings(max_examples=25, deadline=None)


def never(_loop: Callable[..., Any], _steps: int) -> None:
    """As where numba is missing."""


def slowly(loop: Callable[..., Any], _steps: int) -> Callable[..., Any]:
    """The loops in plain Python."""
    return loop


@pytest.fixture(params=[never, slowly], ids=["numpy", "loops"], autouse=True)
def way(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "compiled", request.param)
        yield


def inverted(world: World) -> Falling:
    prepared = inversion.critical(
        world.households, world.assets, world.portfolio.curves, cells=world.members.cells, kind=world.members.data.dtype
    )
    return inversion.falling(prepared, world.members)


@often
@given(worlds.worlds(one_place=True))
def test_inversion_is_the_plain_reckoning(world: World) -> None:
    assert same(inverted(world), brute(world))


@often
@given(worlds.worlds(one_place=True, double=True))
def test_inversion_is_the_plain_reckoning_in_double_precision(world: World) -> None:
    assert same(inverted(world), brute(world))


@often
@given(worlds.worlds())
def test_pairs_are_the_plain_reckoning(world: World) -> None:
    assert same(pairs.falling(world.households, world.portfolio), brute(world))


@often
@given(worlds.worlds() | worlds.worlds(one_place=True))
def test_stored_pairs_are_the_plain_reckoning(world: World) -> None:
    kept = stored.store(world.portfolio, len(world.households))
    expected = lost(world)
    assert np.array_equal(kept.falling(world.households, world.members.probabilities()).p, brute(world).p)
    assert same(kept.falling(world.households, world.members.probabilities()), brute(world))
    assert np.allclose(kept.by_member(), expected.sum(axis=0), rtol=1e-12)
    assert np.allclose(kept.by_household(world.members.weights), expected @ world.members.weights, rtol=1e-12)
    dense = np.zeros(expected.shape)
    dense[kept.household, kept.member] = kept.loss_yuan
    assert np.array_equal(dense, expected)


@often
@given(worlds.worlds(one_place=True))
def test_aggregates_are_the_sums_of_the_pairs(world: World) -> None:
    expected, hazard, assets = lost(world), world.members, world.assets
    total, by_asset = np.zeros(len(hazard)), np.zeros(len(assets))
    for place, curve in enumerate(world.portfolio.curves):
        ratio = aggregates.damage(hazard, curve)
        of_it = assets.curve == place
        value = aggregates.value_by_cell(assets.cell[of_it], assets.value_yuan[of_it], hazard.cells)
        total += aggregates.at_event(hazard, ratio, value)
        by_cell = aggregates.ratio_by_cell(hazard, ratio)
        by_asset[of_it] = aggregates.expected(assets.cell[of_it], assets.value_yuan[of_it], by_cell)
    assert np.allclose(total, expected.sum(axis=0), rtol=1e-12)
    by_household = np.bincount(assets.household, weights=by_asset, minlength=len(world.households))
    assert np.allclose(by_household, expected @ hazard.weights, rtol=1e-12)


def harder(world: World, more: float) -> World:
    return of_hazards(world, [worlds.members(worlds.table(each) + np.float32(more), each.weights)
                              for each in world.portfolio.hazards])  # fmt: skip


def of_hazards(world: World, hazards: list[Any]) -> World:
    return replace(world, portfolio=replace(world.portfolio, hazards=hazards))


@often
@given(worlds.worlds(one_place=True), st.floats(0, 5))
def test_more_hazard_never_makes_falling_less_likely(world: World, more: float) -> None:
    assert (inverted(harder(world, more)).p >= inverted(world).p).all()
    assert (pairs.falling(world.households, harder(world, more).portfolio).p >= inverted(world).p).all()


@often
@given(worlds.worlds(one_place=True), st.floats(0, 5000))
@pytest.mark.clause("P2")
def test_a_higher_line_never_makes_falling_less_likely(world: World, more: float) -> None:
    raised = replace(world, households=replace(world.households, line_yuan=world.households.line_yuan + more))
    assert (inverted(raised).p >= inverted(world).p).all()
    assert (inverted(raised).people >= inverted(world).people).all()


@often
@given(worlds.worlds(one_place=True))
def test_an_asset_in_two_halves_is_one_asset(world: World) -> None:
    whole = world.assets
    twice = Assets(*(np.repeat(each, 2) for each in (whole.household, whole.cell, whole.value_yuan / 2, whole.curve)))
    halved = replace(world, portfolio=replace(world.portfolio, assets=twice))
    assert np.allclose(lost(halved), lost(world), rtol=1e-12)
    assert same(inverted(halved), brute(halved))
    sums = [aggregates.value_by_cell(each.cell, each.value_yuan, 4) for each in (whole, twice)]
    assert np.array_equal(*sums)


@often
@given(worlds.worlds(one_place=True), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(world: World, random: Any) -> None:
    home = world.households
    order = np.array(random.sample(range(len(home)), len(home)), dtype=int)
    placed = np.empty_like(order)
    placed[order] = np.arange(len(home))
    shuffled = Households(home.income_yuan[order], home.people[order], home.line_yuan[order])
    assets = replace(world.assets, household=placed[world.assets.household])
    other = inverted(World(shuffled, replace(world.portfolio, assets=assets)))
    first = inverted(world)
    assert np.array_equal(other.p, first.p[order])
    assert np.array_equal(other.people, first.people)
    turned = np.array(random.sample(range(len(assets)), len(assets)), dtype=int)
    value = aggregates.value_by_cell(assets.cell, assets.value_yuan, 4)
    assert np.array_equal(value, aggregates.value_by_cell(assets.cell[turned], assets.value_yuan[turned], 4))


@often
@given(worlds.worlds(one_place=True))
def test_a_member_that_comes_twice_with_half_its_weight_changes_nothing(world: World) -> None:
    once = world.members
    weights = np.rint(once.weights * 2**40) / 2**40
    single = of_hazards(world, [members(worlds.table(once), weights)])
    double = of_hazards(world, [members(np.vstack([worlds.table(once)] * 2), np.tile(weights / 2, 2))])
    assert np.array_equal(inverted(single).p, inverted(double).p)
    assert np.array_equal(np.tile(inverted(single).households, 2), inverted(double).households)


@often
@given(worlds.worlds(one_place=True), st.integers(0, 6))
def test_a_county_in_two_parts_is_the_county(world: World, at: int) -> None:
    home, assets = world.households, world.assets
    found = []
    for rows in (np.arange(len(home)) < at, np.arange(len(home)) >= at):
        owned = rows[assets.household]
        place = np.cumsum(rows) - 1
        part = Assets(place[assets.household[owned]], assets.cell[owned], assets.value_yuan[owned], assets.curve[owned])
        some = Households(home.income_yuan[rows], home.people[rows], home.line_yuan[rows])
        found.append(inverted(World(some, replace(world.portfolio, assets=part))))
    county = inverted(world)
    assert np.array_equal(np.concatenate([each.p for each in found]), county.p)
    assert np.array_equal(sum(each.households for each in found), county.households)
    assert np.array_equal(sum(each.people for each in found), county.people)


def simple(*, cells: int = 2, curves: tuple[Any, ...] = (RICE,)) -> tuple[Households, Assets, Any]:
    home = Households(np.array([9000.0, 9000.0]), np.array([1, 2]), np.array([8500.0, 4000.0]))
    assets = Assets(np.array([0, 1]), np.array([0, 1]), np.array([2000.0, 4000.0]), np.array([0, 0]))
    return home, assets, {"curves": curves, "cells": cells}


def test_the_critical_intensity_of_two_households():
    home, assets, how = simple()
    prepared = inversion.critical(home, assets, how["curves"], cells=2, kind=np.float64)
    # 500 of 2000 may go: at half a metre a quarter is lost, and at the line is not below.
    assert prepared.intensity == pytest.approx([0.5, 0.5])
    assert prepared.intensity[0] > 0.5 > np.nextafter(prepared.intensity[0], 0) - 1e-15
    assert prepared.people.tolist() == [0, 1, 3]


def test_probabilities_may_be_written_into_what_is_there():
    home, assets, how = simple()
    prepared = inversion.critical(home, assets, how["curves"], cells=2)
    into = np.full(2, 9.0)
    found = inversion.falling(prepared, members(np.array([[1.0, 0.0], [2.0, 0.0]], np.float32)), into)
    assert found.p is into
    assert into.tolist() == [1, 0]


def test_a_household_with_two_places_is_for_the_pairs():
    home, assets, how = simple()
    with pytest.raises(ValueError, match="cell, row 1"):
        inversion.critical(home, replace(assets, household=np.array([0, 0])), how["curves"], cells=2)


def test_a_curve_that_falls_cannot_be_inverted():
    home, assets, _how = simple()
    falls = replace(RICE, ratio=np.array([0, 0.5, 0.4, 1, 1]))
    with pytest.raises(ValueError, match="ratio, row 3: decreases"):
        inversion.critical(home, assets, [falls], cells=2)


def test_a_forecast_of_other_cells_or_finer_numbers_does_not_fit():
    home, assets, how = simple()
    prepared = inversion.critical(home, assets, how["curves"], cells=2)
    with pytest.raises(ValueError, match="2 cells, not 3"):
        inversion.falling(prepared, members(np.zeros((1, 3), np.float32)))
    with pytest.raises(ValueError, match="float32"):
        inversion.falling(prepared, members(np.ones((1, 2))))


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("household", [0, 2], "household, row 2: is not a known one"),
        ("curve", [-1, 0], "curve, row 1: is not a known one"),
        ("cell", [0, 2], "cell, row 2: is not a known one"),
    ],
)
def test_an_asset_of_nobody_or_nowhere_is_refused(column, value, words):
    home, assets, how = simple()
    with pytest.raises(ValueError, match=words):
        inversion.critical(home, replace(assets, **{column: np.array(value)}), how["curves"], cells=2)


def test_assets_outside_a_hazards_cells_and_hazards_that_do_not_match_are_refused():
    _home, assets, _how = simple()
    one, other = members(np.ones((2, 2))), members(np.ones((3, 1)))
    with pytest.raises(ValueError, match="cell, row 2"):
        Portfolio(assets, [RICE], [0], [other])
    with pytest.raises(ValueError, match="weights"):
        Portfolio(assets, [RICE], [0], [one, other])
    with pytest.raises(ValueError, match="kinds"):
        Portfolio(assets, [RICE, HOUSE], [0], [one])
    with pytest.raises(ValueError, match="kinds"):
        Portfolio(assets, [GUST], [1], [one])


def test_who_is_hit_hardest_comes_first_and_equals_keep_their_order():
    table = np.array([[1.0, 4.0, 0.0], [0.0, 0.0, 0.0]])
    assets = Assets(np.arange(4), np.array([0, 1, 2, 0]), np.full(4, 1000.0), np.zeros(4, int))
    kept = stored.store(Portfolio(assets, [RICE], [0], [members(table)]), 4)
    rows, loss = kept.worst(0, 2)
    assert (rows.tolist(), loss.tolist()) == ([1, 0], [1000, 500])
    assert kept.worst(0, 9)[0].tolist() == [1, 0, 3]
    assert kept.worst(1, 9)[0].tolist() == []


def test_many_households_go_through_in_parts(monkeypatch):
    monkeypatch.setattr(pairs, "_PAIRS", 4)
    monkeypatch.setattr(inversion, "_CHUNK", 2)
    rng = np.random.default_rng(4)
    home = Households(rng.uniform(0, 30000, 9), rng.integers(1, 5, 9), np.full(9, 6000.0))
    assets = Assets(np.arange(9), rng.integers(0, 3, 9), rng.uniform(0, 40000, 9), np.zeros(9, int))
    world = World(home, Portfolio(assets, [RICE], [0], [members(rng.uniform(0, 5, (3, 3)).astype(np.float32))]))
    assert same(inverted(world), brute(world))
    assert same(pairs.falling(home, world.portfolio), brute(world))
    assert 0 < inverted(world).p.sum() < 9


def test_what_loses_nothing_is_not_stored():
    late = Curve(np.array([1.0, 2.0]), np.array([0.0, 1.0]))
    hazard = Members(np.array([0, 2, 3]), np.array([0, 1, 1]), np.array([0.5, 1.5, 2.0]), 2, np.array([0.5, 0.5]))
    assets = Assets(np.arange(2), np.arange(2), np.array([10.0, 10.0]), np.zeros(2, int))
    found = stored.store(Portfolio(assets, [late], [0], [hazard]), 2)
    assert found.indptr.tolist() == [0, 0, 2]
    assert found.loss_yuan.tolist() == [5.0, 10.0]
