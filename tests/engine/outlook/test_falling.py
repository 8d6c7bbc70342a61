"""The quick figure is welfare's own, to a millionth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engine.outlook.falling import WEIGHTS, Losses, Need, below
from anlan.engine.welfare.households import shock
from anlan.engine.welfare.outcomes import losses as welfare_losses
from anlan.engine.welfare.outcomes import short

MONEY = st.floats(0, 200_000)


def need(needed=25_500.0, income=30_000.0, error=0.2, count=1):
    return Need(np.full(count, needed), np.full(count, income), error)


def one(loss, spread=0.0, paid=0.0, about=None, times=1.0):
    mean = np.array([[float(loss)]])
    return below(about or need(), Losses.of(mean, np.array([[spread]])), np.array([[paid]]), times)[0, 0]


@settings(max_examples=200, deadline=None)
@given(
    needed=st.floats(1, 100_000), income=st.floats(-5_000, 200_000), loss=MONEY, spread=st.floats(0, 2),
    ratio=st.floats(0, 1), error=st.sampled_from([0.0, 0.05, 0.2, 0.5]),
)  # fmt: skip
def test_it_is_what_welfare_reckons(needed, income, loss, spread, ratio, error):
    paid = loss * ratio
    about = Need(np.array([needed]), np.array([income]), error)
    shocks = shock(1, crop=loss, insurance=paid, spread=spread)
    expected = sum(
        weight * short(about.needed_yuan, about.income_yuan, each - paid, error)[0][0]
        for weight, each in welfare_losses(shocks)
    )
    if error:
        assert one(loss, spread, paid, about) == pytest.approx(expected, abs=2e-6)
    else:  # a step: where rounding puts a sum on its other side, a node's weight goes with it
        assert min(abs(one(loss, spread, paid, about) - expected - step) for step in (0, *WEIGHTS, *-WEIGHTS)) < 1e-9


@settings(deadline=None)
@given(st.floats(0, 60_000), st.floats(0, 60_000), st.floats(0, 2))
def test_more_loss_never_makes_falling_less_probable(less, more, spread):
    less, more = sorted((less, more))
    assert one(less, spread) <= one(more, spread) + 1e-9


def test_without_a_loss_it_is_the_chance_of_being_below_before():
    about = need(count=3)
    assert one(0.0) == pytest.approx(about.without_loss()[0])
    assert 0.1 < one(0.0) < 0.3


def test_what_is_paid_is_taken_off_and_a_worse_curve_takes_both_along():
    assert one(5_000, paid=5_000) == pytest.approx(one(0.0), abs=1e-6)
    assert one(5_000, paid=1_000, times=2.0) == pytest.approx(one(10_000, paid=2_000), abs=1e-6)


def test_households_whose_losses_scatter_differently_are_each_taken_by_their_own():
    mean = np.array([[9_000.0, 9_000.0, 0.0]])
    spread = np.array([[0.2, 1.0, 0.0]])
    together = below(need(count=3), Losses.of(mean, spread), np.zeros((1, 3)))[0]
    assert together == pytest.approx([one(9_000, 0.2), one(9_000, 1.0), one(0.0)], abs=1e-6)
    some = below(need(count=2), Losses.of(mean, spread).rows(np.array([1, 2])), np.zeros((1, 2)))[0]
    assert some == pytest.approx(together[1:], abs=1e-9)


def test_the_few_who_can_fall_among_many_who_cannot():
    about = Need(np.full(5, 8_500.0), np.array([9_000.0, 1e6, 1e6, 1e6, 1e6]), 0.2)
    found = below(about, Losses.of(np.full((2, 5), 100.0), np.full((2, 5), 0.5)), np.zeros((2, 5)))
    assert (found[:, 0] > 0.3).all()
    assert not found[:, 1:].any()


def test_nobody_falls_where_nobody_is():
    nobody = Need(np.zeros(0), np.zeros(0), 0.2)
    assert below(nobody, Losses.of(np.zeros((3, 0)), np.zeros((3, 0))), np.zeros((3, 0))).shape == (3, 0)


def test_where_more_is_needed_more_fall():
    assert need().more(np.array([2_000.0])).without_loss() > need().without_loss()
