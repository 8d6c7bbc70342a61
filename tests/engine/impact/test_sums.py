"""Sums that no order and no division of the work can change."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engine.impact import aggregates, kernels, sums
from anlan.engine.impact.curves import Curve
from anlan.engine.impact.members import Members

CELLS = 3
values = st.lists(st.tuples(st.integers(0, CELLS - 1), st.floats(0, 1e12)), max_size=30)
ways = pytest.mark.parametrize("compiled", [lambda loop, _steps: loop, lambda _loop, _steps: None])


def parts(rows, largest, count):
    cell, value = np.array([row[0] for row in rows], int), np.array([row[1] for row in rows], float)
    return sums.parts_by_cell(cell, value, CELLS, largest=largest, count=count)


@ways
@settings(max_examples=60, deadline=None)
@given(rows=values, at=st.integers(0, 30))
def test_two_parts_in_any_order_are_the_whole(compiled, rows, at):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "compiled", compiled)
        largest, count = max((row[1] for row in rows), default=0.0), len(rows)
        whole = sums.whole(parts(rows, largest, count))
        some, others = parts(rows[:at], largest, count), parts(rows[at:][::-1], largest, count)
        assert np.array_equal(sums.whole(sums.add(others, some)), whole)
        assert np.array_equal(sums.whole(sums.add(some, others)), whole)
        patch.setattr(sums, "_CHUNK", 4)
        assert np.array_equal(sums.whole(parts(rows, largest, count)), whole)


@settings(max_examples=60, deadline=None)
@given(rows=values)
def test_the_sums_are_right(rows):
    cell, value = np.array([row[0] for row in rows], int), np.array([row[1] for row in rows], float)
    found = aggregates.value_by_cell(cell, value, CELLS)
    for each in range(CELLS):
        exact = float(sum(Fraction(amount) for there, amount in rows if there == each))
        assert found[each] == pytest.approx(exact, rel=3e-16, abs=1e-60)


@ways
def test_what_one_way_of_adding_loses_is_kept(monkeypatch, compiled):
    monkeypatch.setattr(kernels, "compiled", compiled)
    value = np.array([2.0**60, 1.0, 1.0, 2.0**-40, 1e-30])
    found = sums.parts_by_cell(np.zeros(5, int), value, 1, largest=2.0**60, count=5)
    assert np.isclose(sum(Fraction(float(each)) for each in found[:, 0]) - 2**60 - 2, 2.0**-40, rtol=1e-9)


@ways
def test_values_of_every_size_at_once(monkeypatch, compiled):
    monkeypatch.setattr(kernels, "compiled", compiled)
    value = np.ldexp(1.1, -np.arange(0, 900, 50))
    found = sums.parts_by_cell(np.zeros(len(value), int), value, 1, largest=1.1, count=len(value))
    assert sums.whole(found)[0] == pytest.approx(value.sum(), rel=1e-16)
    assert len(found) > 4


@ways
@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, CELLS - 1), max_size=30))
def test_the_fullest_cell_is_counted(compiled, cells):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "compiled", compiled)
        assert sums.fullest(np.array(cells, int), CELLS) == max((cells.count(each) for each in cells), default=0)


points = st.lists(st.tuples(st.floats(0.01, 5), st.floats(0, 1)), min_size=1, max_size=6)


@settings(max_examples=100, deadline=None)
@given(points, st.lists(st.floats(0, 6), max_size=20))
def test_a_curve_is_looked_up_as_it_is_interpolated(points, at):
    intensity, ratio = np.sort([0.0, *(x for x, _y in points)]), np.sort([0.0, *(y for _x, y in points)])
    found = []
    for compiled in (lambda loop, _steps: loop, lambda _loop, _steps: None):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(kernels, "compiled", compiled)
            found.append(Curve(intensity, ratio).at(np.array(at)))
    assert np.array_equal(*found)


def test_the_loops_of_the_aggregates_give_the_same(monkeypatch):
    rng = np.random.default_rng(3)
    place, ratio, factor = rng.integers(0, 5, 400), rng.random(400), rng.integers(0, 9, 400)
    found = []
    for compiled in (lambda loop, _steps: loop, lambda _loop, _steps: None):
        monkeypatch.setattr(kernels, "compiled", compiled)
        found.append(aggregates._added(place, ratio, factor, rng.permutation(9.0 + np.arange(9)) * 0 + 1.1, 5))
    assert np.array_equal(*found)


def test_events_added_row_by_row_are_the_same(monkeypatch):
    rng = np.random.default_rng(4)
    members = Members(np.array([0, 3, 3, 7]), np.array([0, 2, 4, 0, 1, 2, 3]), rng.random(7), 5, np.full(3, 0.2))
    found = []
    for compiled in (lambda loop, _steps: loop, lambda _loop, _steps: None):
        monkeypatch.setattr(kernels, "compiled", compiled)
        found.append(aggregates.at_event(members, rng.permutation(7) * 0 + members.data, np.arange(1.0, 6.0) / 3))
    assert np.array_equal(*found)
    assert found[0][1] == 0 < found[0][2]


def test_a_guide_that_points_too_far_is_gone_back_from():
    points = (np.array([0.0, 1.0, 2.0]), np.array([0.0, 0.2, 1.0]), np.array([0.2, 0.8]), np.array([np.inf, np.inf]))
    found = np.empty(3)
    kernels.look_up(np.array([0.5, 1.5, 3.0]), np.array([1, 1, 1]), points, found)
    assert found == pytest.approx([0.1, 0.6, 1.0])
