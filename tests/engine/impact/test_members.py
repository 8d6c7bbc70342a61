"""Forecasts and curves as arrays: what is refused, where, and what holds of those that are taken."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.impact import worlds
from tests.engine.impact.worlds import HOUSE, RICE, members, table

from anlan.engine.impact import kernels
from anlan.engine.impact.curves import Curve, CurveInvalid
from anlan.engine.impact.faults import WHYS, Invalid
from anlan.engine.impact.households import Assets, Households
from anlan.engine.impact.members import Members, MembersInvalid

GOOD = {
    "indptr": np.array([0, 2, 3]),
    "indices": np.array([0, 2, 1]),
    "data": np.array([0.5, 1.5, 2.0]),
    "cells": 3,
    "weights": np.array([0.25, 0.75]),
}


def test_a_forecast_knows_its_members_and_their_entries():
    hazard = Members(**GOOD)
    assert len(hazard) == 2
    assert hazard.rows.tolist() == [0, 0, 1]
    assert table(hazard).tolist() == [[0.5, 0, 1.5], [0, 2, 0]]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("data", np.array([0.5, np.nan, 2]), "data, row 2: is not a finite number"),
        ("data", np.array([0.5, 1, -2]), "data, row 3: is negative"),
        ("data", np.array(["a", "b", "c"]), "data: does not hold numbers"),
        ("data", np.ones((3, 1)), "data: does not hold numbers"),
        ("data", np.array([1.0]), "indptr: does not fit"),
        ("indptr", np.array([0, 3]), "indptr: does not fit"),
        ("indptr", np.array([1, 2, 3]), "indptr: does not fit"),
        ("indptr", np.array([0, 4, 3]), "indptr, row 3: decreases"),
        ("indptr", np.array([0, 1.5, 3]), "indptr, row 2: is not a whole number"),
        ("indices", np.array([0, 3, 1]), "indices, row 2: is not a known one"),
        ("indices", np.array([0, -1, 1]), "indices, row 2: is not a known one"),
        ("indices", np.array([2**63, 1, 1], dtype=np.uint64), "indices, row 1: is not a known one"),
        ("indices", np.array([2, 0, 1]), "indices, row 2: is not in rising order"),
        ("indices", np.array([0, 0, 1]), "indices, row 2: stands twice"),
        ("indices", np.array([0, 1]), "indices: is not as long"),
        ("weights", np.array([0.5, -0.5]), "weights, row 2: is negative"),
        ("weights", np.array([]), "weights: has no rows"),
        ("cells", 0, "cells: has no rows"),
    ],
)
def test_arrays_that_do_not_make_a_forecast_are_refused_by_name_and_row(name, value, words):
    with pytest.raises(MembersInvalid, match=words):
        Members(**{**GOOD, name: value})


def test_whole_numbers_may_come_in_any_type_and_intensities_keep_theirs():
    hazard = Members(
        np.array([0, 2, 3.0]), np.array([0, 2, 1], np.uint8), np.array([1, 2, 3], np.float32), 3, GOOD["weights"]
    )
    assert hazard.data.dtype == np.float32
    assert Members(**{**GOOD, "data": np.array([1, 2, 3])}).data.dtype == np.float64
    assert Members(**{**GOOD, "indices": np.array([0, 2, 1], np.int32)}).indices.dtype == np.int32
    assert hazard.indptr.dtype == np.int64


def test_probabilities_are_in_whole_parts_and_add_up_to_no_more_than_one():
    shares = Members(**{**GOOD, "weights": np.array([1 / 3, 2 / 3])}).probabilities()
    assert np.abs(shares - [1 / 3, 2 / 3]).max() <= 2.0**-52
    assert (shares * 2.0**52 % 1 == 0).all()
    with pytest.raises(MembersInvalid, match="weights: adds up to more than 1"):
        Members(**{**GOOD, "weights": np.array([0.5, 0.6])}).probabilities()


@pytest.mark.parametrize("count", [1, 3, 10, 49, 100, 1000])
def test_equal_probabilities_of_any_number_of_members_make_a_whole(count):
    shares = members(np.ones((count, 1)), np.full(count, 1 / count)).probabilities()
    assert shares.sum() == 1
    assert np.abs(shares - 1 / count).max() <= 2.0**-52


def test_a_billionth_too_much_is_taken_from_the_last():
    shares = members(np.ones((2, 1)), np.array([0.5, 0.5 + 5e-10])).probabilities()
    assert shares.tolist() == [0.5, 0.5]


@pytest.mark.parametrize("compiled", [lambda loop, _steps: loop, lambda _loop, _steps: None])
@settings(max_examples=40, deadline=None)
@given(given_=worlds.hazards() | worlds.hazards(double=True))
def test_by_cell_is_the_same_forecast(compiled, given_):
    hazard = given_[0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "compiled", compiled)
        starts, member, height = hazard.by_cell()
    whole = np.zeros((len(hazard), hazard.cells), hazard.data.dtype)
    for cell in range(hazard.cells):
        part = slice(starts[cell], starts[cell + 1])
        whole[member[part], cell] = height[part]
        assert (np.diff(height[part]) >= 0).all()
    assert np.array_equal(whole, table(hazard))
    begins, order = hazard.columns()
    assert np.array_equal(begins, starts)
    assert (np.diff(hazard.indices[order] * len(hazard) + hazard.rows[order]) > 0).all()


def test_a_crowded_column_is_left_to_the_sort(monkeypatch):
    def no_loop(*_given):
        raise AssertionError("too many for one by one")

    monkeypatch.setattr(kernels, "compiled", lambda _loop, _steps: no_loop)
    monkeypatch.setattr(kernels, "FEW", 1)
    assert members(np.array([[2.0], [1.0]])).by_cell()[2].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (([], []), "intensity: has no rows"),
        (([0, 1], [0]), "ratio: is not as long"),
        (([0, 2, 1], [0, 0.5, 1]), "intensity, row 3: decreases"),
        (([-1, 1], [0, 1]), "intensity, row 1: is negative"),
        (([0, 1], [0, 1.2]), "ratio, row 2: is above 1"),
        (([0, 1], [0.1, 1]), "ratio, row 1: is not 0 where the hazard is 0"),
        (([1, 2], [0.1, 1]), "ratio, row 1: is not 0"),
        (([0, np.inf], [0, 1]), "intensity, row 2: is not a finite number"),
        (([0, 1], [0, 1], [0, -1]), "std, row 2: is negative"),
        (([0, 1], ["a", "b"]), "ratio: does not hold numbers"),
    ],
)
def test_a_curve_that_is_none_is_refused(columns, words):
    with pytest.raises(CurveInvalid, match=words):
        Curve(*(np.array(each) for each in columns))


def test_a_curve_joins_its_points_and_is_level_beyond_them():
    at = np.array([0, 0.2, 0.5, 0.75, 3, 99])
    assert HOUSE.at(at) == pytest.approx([0, 0, 0.05, 0.3, 0.9, 0.9])
    assert HOUSE.spread(at).tolist() == [0] * 6
    assert replace(RICE, std=np.array([0, 0.1, 0.2, 0.1, 0])).spread(np.array([0.25, 9])).tolist() == [0.05, 0]


rising = st.lists(st.floats(0, 1).map(lambda step: round(step, 9)), min_size=2, max_size=6).map(
    lambda steps: np.minimum(1, np.cumsum([0, *steps]))
)


@settings(max_examples=100, deadline=None)
@given(rising, st.lists(st.floats(1e-6, 3), min_size=6, max_size=6), st.lists(st.floats(0, 10), max_size=9))
def test_more_hazard_never_loses_less_to_the_last_bit(ratio, steps, heights):
    curve = Curve(np.cumsum([0, *steps])[: len(ratio)], ratio)
    beside = [np.nextafter(each, way) for each in curve.intensity for way in (-1, 99)]
    there = np.sort(np.abs([*heights, *curve.intensity, *beside]))
    assert (np.diff(curve.at(there)) >= 0).all()


def test_a_piece_whose_end_rounding_carries_too_far_is_held_back():
    curve = Curve(np.cumsum([0, 1.3497111671587898, 2.390625]), np.array([0, 0, 0.6995131]))
    last = np.nextafter(curve.intensity[2:], 0)
    assert np.interp(last, curve.intensity, curve.ratio) > curve.ratio[2]
    assert curve.at(last) == curve.ratio[2]
    assert curve.at(np.array([99.0])) == curve.ratio[2]
    assert curve.at(np.array([2.5])) == np.interp(2.5, curve.intensity, curve.ratio)


def test_a_curve_may_fall_until_somebody_needs_it_to_rise():
    falls = Curve(np.array([0, 1, 2.0]), np.array([0, 1, 0.5]))
    assert not falls.monotone
    with pytest.raises(CurveInvalid, match="ratio, row 3: decreases"):
        falls.need_monotone()
    RICE.need_monotone()


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (([1.0], [0], [1.0]), "people, row 1: is below 1"),
        (([np.nan], [1], [1.0]), "income_yuan, row 1: is not a finite"),
        (([1.0], [1], [-1.0]), "line_yuan, row 1: is negative"),
        (([1.0, 2], [1, 1], [1.0]), "line_yuan: is not as long"),
    ],
)
def test_households_that_cannot_be_are_refused(columns, words):
    with pytest.raises(Invalid, match=words):
        Households(*(np.array(each) for each in columns))


def test_assets_are_columns_of_one_length():
    with pytest.raises(Invalid, match="value_yuan, row 1: is negative"):
        Assets(np.array([0]), np.array([0]), np.array([-1.0]), np.array([0]))
    with pytest.raises(Invalid, match="cell: is not as long"):
        Assets(np.array([0]), np.array([0, 1]), np.array([1.0]), np.array([0]))


def test_every_reason_has_words():
    for why in WHYS:
        assert WHYS[why] in str(Invalid("cell", why))


def test_a_loop_is_compiled_where_numba_is_and_there_is_enough_to_do(monkeypatch):
    monkeypatch.setattr(kernels, "fast", lambda: True)
    monkeypatch.setattr(kernels, "machine_code", lambda loop: loop)
    assert kernels.compiled(kernels.sift, kernels.MANY) is kernels.sift
    assert kernels.compiled(kernels.sift, kernels.MANY - 1) is None
    monkeypatch.setattr(kernels, "fast", lambda: False)
    assert kernels.compiled(kernels.sift, kernels.MANY) is None


@pytest.mark.parametrize("writable", [True, False])
def test_machine_code_is_kept_where_there_is_a_place_for_it(monkeypatch, writable):
    def njit(*, cache=False, **_how):
        if cache and not writable:
            raise RuntimeError("no locator available")
        return lambda loop: ("kept" if cache else "made", loop)

    monkeypatch.setitem(__import__("sys").modules, "numba", SimpleNamespace(njit=njit))
    kernels.machine_code.cache_clear()
    assert kernels.machine_code(len) == ("kept" if writable else "made", len)
    kernels.machine_code.cache_clear()


@pytest.mark.parametrize("there", [True, False])
def test_numba_is_looked_for(monkeypatch, there):
    monkeypatch.setattr(kernels, "find_spec", lambda name: name if there else None)
    kernels.fast.cache_clear()
    assert kernels.fast() is there
    kernels.fast.cache_clear()
