"""The rate of rebuilding: the table that is kept, made anew at a few nodes, and held against a plain search."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engine.welfare import rates
from anlan.engine.welfare.rates import KEPT_FOR, LOST, SAVED, best_rate, kept, reckon, table
from anlan.engine.welfare.recovery import lacking, path


def welfare(rate: float, lost: float, saved: float) -> float:
    """Discounted utility of the path over 400 years against that without the loss, by plain steps."""
    income = KEPT_FOR.productivity
    way = path(np.array([lost]), np.array([saved * lost]), np.array([rate]), KEPT_FOR)
    edges = np.concatenate([np.linspace(0, 40, 40_001), np.linspace(40, 400, 20_001)[1:]])
    middle, width = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    eaten = income - lacking(way, middle)
    if (eaten <= 0).any():
        return -np.inf
    power = 1 - KEPT_FOR.elasticity
    utility = (eaten**power - income**power) / power
    return float((utility * np.exp(-KEPT_FOR.discount * middle) * width).sum())


def test_the_kept_table_is_the_one_that_was_made() -> None:
    assert kept().shape == (len(LOST), len(SAVED)) == (95, 151)
    assert table(KEPT_FOR) is table(KEPT_FOR)
    rows, columns = [0, 20, 47, 94], [0, 30, 75, 120, 150]
    fresh = reckon(LOST[rows], SAVED[columns], KEPT_FOR)
    assert fresh == pytest.approx(kept()[np.ix_(rows, columns)], rel=1e-5)


def test_another_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "KEPT_SHA256", "0" * 64)
    with pytest.raises(ValueError, match=r"rates\.npy is not the table that was made for"):
        kept()


@pytest.mark.parametrize(("lost", "saved"), [(0.05, 0.0), (0.3, 0.0), (0.3, 0.5), (0.7, 0.3), (0.9, 0.1)])
def test_no_other_rate_does_better(lost: float, saved: float) -> None:
    best = float(reckon(np.array([lost]), np.array([saved]), KEPT_FOR)[0, 0])
    there = welfare(best, lost, saved)
    for times in (0.5, 0.8, 0.95, 1.05, 1.25, 2.0):
        assert welfare(best * times, lost, saved) <= there + 1e-7


def test_savings_for_the_whole_of_it_rebuild_at_once() -> None:
    assert kept()[:, -1].tolist() == pytest.approx([KEPT_FOR.rate_max] * len(LOST))
    assert best_rate(np.array([0.0, 500.0]), np.array([9.0, 1e4]), np.array([0.0, 500.0]), KEPT_FOR).tolist() == (
        pytest.approx([KEPT_FOR.rate_max] * 2)
    )


def test_who_loses_more_rebuilds_more_slowly_and_who_has_saved_faster() -> None:
    assert (np.diff(kept(), axis=0) <= 1e-5).all()
    assert (np.diff(kept(), axis=1) >= -1e-5).all()


def test_at_the_nodes_the_look_up_is_the_table_and_beyond_its_ends_the_nearest() -> None:
    capital = 1e5
    for row, column in ((3, 7), (94, 150), (0, 0), (50, 100)):
        lost = LOST[row] * capital
        found = best_rate(np.array([lost]), np.array([capital]), np.array([SAVED[column] * lost]), KEPT_FOR)[0]
        assert found == pytest.approx(kept()[row, column], rel=1e-6)
    ends = best_rate(np.array([1.0, 1e6, 5.0]), np.array([1e5, 1e5, 0.0]), np.zeros(3), KEPT_FOR)
    assert ends.tolist() == pytest.approx([kept()[0, 0], kept()[-1, 0], kept()[-1, 0]])


@settings(max_examples=25, deadline=None)
@given(st.floats(0.02, 0.94), st.floats(0, 0.85))
def test_between_the_nodes_the_look_up_is_close_to_the_best(lost: float, saved: float) -> None:
    found = best_rate(np.array([lost]), np.array([1.0]), np.array([saved * lost]), KEPT_FOR)[0]
    assert found == pytest.approx(reckon(np.array([lost]), np.array([saved]), KEPT_FOR)[0, 0], rel=0.02)


@given(st.floats(1, 1e5), st.floats(1, 1e6), st.floats(0, 1e5), st.floats(0.01, 100))
def test_the_rate_does_not_depend_on_the_currency(lost: float, capital: float, saved: float, times: float) -> None:
    one, other = (
        best_rate(*(np.array([each * by]) for each in (lost, capital, saved)), KEPT_FOR)[0] for by in (1.0, times)
    )
    assert one == pytest.approx(other, rel=1e-6)


def test_another_economy_has_a_table_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "reckon", lambda lost, saved, economy: np.full((95, 151), economy.productivity))
    other = replace(KEPT_FOR, productivity=0.2)
    assert best_rate(np.array([1.0]), np.array([9.0]), np.zeros(1), other)[0] == pytest.approx(0.2)
    table.cache_clear()
