"""The three outcomes, by what must hold for any household and any shock."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.welfare.making import SURE, UNSURE, rows, table

from anlan.engine.welfare.households import INCOME_LOSSES, Households, Shock, changed
from anlan.engine.welfare.outcomes import NAMES, Outcomes, Settings, assess

LAST_BITS = 1e-9
CENT = 1.0  # the normal distribution is a table: gaps are right to a fraction of a yuan
either = st.sampled_from([SURE, UNSURE])
A = ("p_below", "gap_yuan")
B = ("p_below_after_spending", "gap_after_spending_yuan")


def of(own: Households, struck: Shock, how: Settings, weight: float = 1.0) -> Outcomes:
    return assess(own, [(weight, struck)], how)


def slack(name: str) -> float:
    return LAST_BITS if name.startswith("p_") else CENT


def never_lower(after: Outcomes, before: Outcomes, names: tuple[str, ...] = NAMES) -> None:
    for name in names:
        assert (getattr(after, name) >= getattr(before, name) - slack(name)).all(), name


@settings(max_examples=80, deadline=None)
@given(rows, either, st.floats(0, 1))
def test_probabilities_are_probabilities_and_gaps_no_gains(made: Any, how: Settings, weight: float) -> None:
    found = of(*table(made), how, weight)
    for name in NAMES:
        values = getattr(found, name)
        assert (values >= 0).all()
        assert name.startswith("gap") or (values <= 1 + LAST_BITS).all()


@settings(max_examples=80, deadline=None)
@given(rows, either, st.floats(0, 10_000))
def test_a_higher_line_never_lowers_an_outcome(made: Any, how: Settings, more: float) -> None:
    own, struck = table(made)
    never_lower(of(replace(own, line_yuan=own.line_yuan + more), struck, how), of(own, struck, how))


@settings(max_examples=80, deadline=None)
@given(rows, either, st.sampled_from(INCOME_LOSSES), st.floats(0, 50_000))
def test_more_loss_never_lowers_an_outcome(made: Any, how: Settings, name: str, more: float) -> None:
    own, struck = table(made)
    struck = changed(struck, spread=np.zeros(len(own)))
    never_lower(of(own, changed(struck, **{name: getattr(struck, name) + more}), how), of(own, struck, how))


@settings(max_examples=80, deadline=None)
@given(rows, either, st.floats(1, 3))
def test_losses_that_grow_with_their_spread_never_lower_an_outcome(made: Any, how: Settings, times: float) -> None:
    own, struck = table(made)
    grown = changed(struck, **{name: getattr(struck, name) * times for name in INCOME_LOSSES})
    never_lower(of(own, grown, how), of(own, struck, how))


@pytest.mark.clause("P2")
@settings(max_examples=80, deadline=None)
@given(rows, either, st.floats(0, 500_000))
def test_the_loss_of_a_house_never_moves_income_below_the_line(made: Any, how: Settings, more: float) -> None:
    own, struck = table(made)
    dear = of(own, changed(struck, house=struck.house + more), how)
    plain = of(own, struck, how)
    for name in A:
        assert getattr(dear, name).tolist() == getattr(plain, name).tolist()
    never_lower(dear, plain, B)


@settings(max_examples=60, deadline=None)
@given(rows, either)
def test_after_spending_is_never_better_than_before_it(made: Any, how: Settings) -> None:
    found = of(*table(made), how)
    for before, after in zip(A, B, strict=True):
        assert (getattr(found, after) >= getattr(found, before) - slack(before)).all()


@settings(max_examples=60, deadline=None)
@given(rows, either, st.randoms(use_true_random=False))
def test_each_household_is_judged_by_itself(made: Any, how: Settings, shuffler: Any) -> None:
    whole = of(*table(made), how)
    order = list(range(len(made)))
    shuffler.shuffle(order)
    mixed = of(*table([made[place] for place in order]), how)
    for name in NAMES:
        assert getattr(mixed, name) == pytest.approx(getattr(whole, name)[order], rel=1e-12, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(rows, either, st.floats(0, 1))
def test_an_event_less_likely_is_a_mixture_with_none(made: Any, how: Settings, weight: float) -> None:
    own, struck = table(made)
    mixed, sure, none = of(own, struck, how, weight), of(own, struck, how), assess(own, [], how)
    for name in NAMES:
        expected = weight * getattr(sure, name) + (1 - weight) * getattr(none, name)
        assert getattr(mixed, name) == pytest.approx(expected, rel=1e-6, abs=1e-6)
