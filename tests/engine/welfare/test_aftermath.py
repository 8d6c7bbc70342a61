"""After the shock: what must be raised, how fast it is made good, and how long the household lives below the line."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.welfare.making import hit, households, rows, table

from anlan.engine.welfare.aftermath import HORIZON_YEARS, after, to_hand
from anlan.engine.welfare.households import ColumnInvalid, changed
from anlan.engine.welfare.rates import KEPT_FOR, best_rate
from anlan.engine.welfare.recovery import gap_years, path, years_below


def test_money_to_hand_is_what_is_left_when_all_is_paid() -> None:
    own = households(savings_yuan=10_000.0, debt_yuan=3_000.0)
    struck = hit(crop=2_000.0, work=500.0, house=4_000.0, livestock=9_999.0, stock=9.0, insurance=800.0, relief=300.0)
    assert to_hand(own, struck)[0] == 10_000 + 1_100 - 3_000 - 2_000 - 500 - 4_000


def test_without_a_loss_nobody_falls_and_who_was_below_stays_there_to_the_horizon() -> None:
    found = after(households(wage_yuan=np.array([10_000.0, 0.0])), hit(2), KEPT_FOR)
    assert found.years_below.tolist() == [0, HORIZON_YEARS]
    assert found.gap_yuan.tolist() == [0, 5_500 * HORIZON_YEARS]


def test_the_aftermath_is_the_path_of_what_earns_at_the_best_rate() -> None:
    own, struck = households(savings_yuan=5_000.0), hit(livestock=12_000.0, stock=3_000.0)
    found = after(own, struck, KEPT_FOR)
    capital = np.array([30_000 / 0.33])
    rate = best_rate(np.array([15_000.0]), capital, np.array([5_000.0]), KEPT_FOR)
    way = path(np.array([15_000.0]), np.array([5_000.0]), rate, KEPT_FOR)
    income, needed = np.array([30_000.0]), np.array([25_500.0])
    assert found.rate.tolist() == rate.tolist()
    assert found.years_below == pytest.approx(years_below(way, income, needed))
    assert found.gap_yuan == pytest.approx(gap_years(way, income, needed))
    assert found.years_below[0] > 0


@pytest.mark.parametrize("column", ["crop", "work", "house"])
def test_what_savings_do_not_cover_is_raised_by_selling_what_earns(column: str) -> None:
    rich, poor = (after(households(savings_yuan=each), hit(**{column: 20_000.0}), KEPT_FOR) for each in (20_000.0, 0.0))
    assert rich.years_below[0] == 0
    assert poor.years_below[0] > 0
    sold = after(households(), hit(livestock=20_000.0), KEPT_FOR)
    assert poor.years_below[0] == sold.years_below[0]


def test_anothers_shock_is_refused() -> None:
    with pytest.raises(ColumnInvalid, match="a shock of 2 households for 1"):
        after(households(), hit(2), KEPT_FOR)


def test_a_debt_due_and_a_payout_count_against_each_other() -> None:
    """What is owed is raised like what is lost, and what is paid holds it off."""
    struck = hit(livestock=3_000.0)
    plain = after(households(savings_yuan=4_000.0), struck, KEPT_FOR)
    paid = hit(livestock=3_000.0, relief=5_000.0, insurance=1_000.0)
    owing = after(households(savings_yuan=4_000.0, debt_yuan=6_000.0), paid, KEPT_FOR)
    assert owing.years_below.tolist() == plain.years_below.tolist()
    assert owing.gap_yuan.tolist() == plain.gap_yuan.tolist()


def test_more_savings_rebuild_faster() -> None:
    struck = hit(livestock=20_000.0)
    slow, fast = (after(households(savings_yuan=each), struck, KEPT_FOR).rate[0] for each in (0.0, 15_000.0))
    assert fast > slow


def test_nobody_loses_more_than_there_is() -> None:
    all_, more = (after(households(), hit(stock=each), KEPT_FOR) for each in (30_000 / 0.33, 1e7))
    assert all_.gap_yuan[0] == more.gap_yuan[0]
    nothing = after(households(wage_yuan=0.0, business_yuan=0.0), hit(stock=1e6), KEPT_FOR)
    assert nothing.years_below[0] == HORIZON_YEARS


@settings(max_examples=60, deadline=None)
@given(rows)
def test_years_and_gaps_stay_within_the_horizon(made) -> None:
    found = after(*table(made), KEPT_FOR)
    for values in (found.rate, found.years_below, found.gap_yuan):
        assert np.isfinite(values).all()
        assert (values >= 0).all()
    assert (found.years_below <= HORIZON_YEARS).all()


@settings(max_examples=60, deadline=None)
@given(rows, st.floats(0, 50_000))
def test_cash_at_the_same_rate_never_makes_it_longer(made, cash: float) -> None:
    own, struck = table(made)
    plain = after(own, struck, KEPT_FOR)
    helped = after(own, changed(struck, relief=struck.relief + cash), KEPT_FOR, rate=plain.rate)
    assert (helped.years_below <= plain.years_below + 1e-9).all()
    assert (helped.gap_yuan <= plain.gap_yuan * (1 + 1e-9) + 1e-3).all()
