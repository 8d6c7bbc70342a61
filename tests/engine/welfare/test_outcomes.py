"""The three outcomes, by examples."""

from datetime import date
from math import erf, exp, log, sqrt

import numpy as np
import pytest
from tests.engine.welfare.making import LINE, SURE, UNSURE, hit, households

from anlan.engine import policy
from anlan.engine.impact.first_cut import share_below
from anlan.engine.welfare.households import ColumnInvalid
from anlan.engine.welfare.outcomes import NAMES, Settings, assess, losses, must_spend, short


def test_without_a_shock_nothing_happens_to_anybody() -> None:
    found = assess(households(), [(1.0, hit())], SURE)
    assert [getattr(found, name)[0] for name in NAMES] == [0, 0, 0, 0, 0, 0]


@pytest.mark.clause("P2")
@pytest.mark.parametrize(("loss", "below"), [(4_499.99, 0.0), (4_500.0, 0.0), (4_500.01, 1.0)])
def test_at_the_line_is_not_below_it(loss: float, below: float) -> None:
    found = assess(households(), [(1.0, hit(crop=loss))], SURE)
    assert found.p_below[0] == below
    assert found.gap_yuan[0] == pytest.approx(max(0.0, loss - 4_500.0))


def test_each_kind_of_loss_counts_alike_and_payouts_against_them() -> None:
    for name in ("crop", "livestock", "stock", "work"):
        assert assess(households(), [(1.0, hit(**{name: 6_000.0}))], SURE).p_below[0] == 1
        for paid in ("insurance", "relief"):
            assert assess(households(), [(1.0, hit(**{name: 6_000.0, paid: 1_500.0}))], SURE).p_below[0] == 0


def test_spending_that_cannot_be_avoided_is_an_outcome_of_its_own() -> None:
    found = assess(households(rigid_yuan=5_000.0), [(1.0, hit())], SURE)
    assert (found.p_below[0], found.p_below_after_spending[0]) == (0, 1)
    assert (found.gap_yuan[0], found.gap_after_spending_yuan[0]) == (0, 500)


@pytest.mark.clause("P2")
def test_the_loss_of_a_house_is_not_a_loss_of_income_but_must_be_paid_for() -> None:
    found = assess(households(), [(1.0, hit(house=30_000.0, home_unsafe=1.0))], SURE)
    assert (found.p_below[0], found.gap_yuan[0]) == (0, 0)
    assert (found.p_below_after_spending[0], found.gap_after_spending_yuan[0]) == (1, 25_500)
    assert found.p_home[0] == 1


def test_debt_counts_as_far_as_policy_lets_it() -> None:
    owing = households(debt_yuan=8_000.0)
    assert must_spend(owing, SURE)[0] == 0
    assert must_spend(owing, Settings(0.0, 1.0))[0] == 8_000
    assert assess(owing, [(1.0, hit())], SURE).p_below_after_spending[0] == 0
    assert assess(owing, [(1.0, hit())], Settings(0.0, 1.0)).p_below_after_spending[0] == 1


def test_the_settings_are_the_policys() -> None:
    found = Settings.of(policy.on(date(2026, 6, 18)))
    assert found == Settings(income_error_sd=0.20, debt_is_rigid=0.0)


def test_members_count_by_their_weights_and_what_is_missing_to_one_is_no_event() -> None:
    members = [(0.2, hit(crop=9_000.0, home_unsafe=0.5)), (0.3, hit(crop=1_000.0, water_unsafe=1.0))]
    found = assess(households(rigid_yuan=4_000.0), members, SURE)
    assert found.p_below[0] == pytest.approx(0.2)
    assert found.p_below_after_spending[0] == pytest.approx(0.5)
    assert (found.p_home[0], found.p_water[0]) == pytest.approx((0.1, 0.3))
    poor = households(wage_yuan=0.0)
    assert assess(poor, members, SURE).p_below[0] == pytest.approx(1.0)
    assert assess(poor, [], SURE).p_below[0] == 1.0


def test_a_member_may_weigh_differently_for_each_household() -> None:
    """How surely a household stands in the area is part of its weight."""
    own = households(members=np.array([3, 3, 3]))
    found = assess(own, [(np.array([0.0, 0.5, 1.0]), hit(3, crop=9_000.0, home_unsafe=0.4))], SURE)
    assert found.p_below.tolist() == pytest.approx([0, 0.5, 1])
    assert found.p_home.tolist() == pytest.approx([0, 0.2, 0.4])
    with pytest.raises(ValueError, match="more than 1"):
        assess(own, [(np.array([0.0, 0.5, 1.1]), hit(3))], SURE)


def test_a_negative_weight_and_anothers_shock_are_refused() -> None:
    with pytest.raises(ValueError, match="weight is below 0"):
        assess(households(), [(-0.1, hit())], SURE)
    with pytest.raises(ColumnInvalid, match="a shock of 1 households for 2"):
        assess(households(members=np.array([1, 2])), [(1.0, hit())], SURE)


def test_weights_that_come_to_more_than_one_are_refused() -> None:
    with pytest.raises(ValueError, match="come to more than 1"):
        assess(households(), [(0.6, hit()), (0.5, hit())], SURE)
    assess(households(), [(0.1, hit())] * 10, SURE)


def test_an_unsure_income_is_the_first_cuts() -> None:
    income, loss = np.array([30_000.0, 20_000.0, 0.0, -500.0]), np.array([3_000.0, 0.0, 0.0, -9_000.0])
    needed = np.full(4, 25_500.0)
    found, _gap = short(needed, income, loss, 0.2)
    assert found.tolist() == share_below(needed, income, loss, 0.2).tolist()
    assert found[2:].tolist() == [1, 1]


def test_the_expected_gap_is_that_of_a_log_normal_income() -> None:
    """Against the closed form with the exact error function, and against plain averaging over many incomes."""
    needed, income, loss, sd = 25_500.0, 30_000.0, 2_000.0, 0.2
    _below, gap = short(np.array([needed]), np.array([income]), np.array([loss]), sd)
    d = (log(needed + loss) - log(income)) / sd

    def cdf(z: float) -> float:
        return 0.5 * (1 + erf(z / sqrt(2)))

    exact = (needed + loss) * cdf(d) - income * exp(sd**2 / 2) * cdf(d - sd)
    assert gap[0] == pytest.approx(exact, abs=0.1)
    points = np.random.default_rng(3).standard_normal(400_000)
    assert gap[0] == pytest.approx(np.maximum(0, needed + loss - income * np.exp(sd * points)).mean(), rel=0.01)


def test_where_nothing_is_needed_or_earned_the_gap_is_what_is_plainly_lacking() -> None:
    below, gap = short(np.array([0.0, 9_000.0, 9_000.0]), np.array([10.0, 0.0, -50.0]), np.zeros(3), 0.2)
    assert below.tolist() == [0, 1, 1]
    assert gap.tolist() == [0, 9_000, 9_050]
    assert short(np.array([5.0]), np.array([10.0]), np.array([-6.0]), 0.2)[1].tolist() == [0]


def test_a_spread_of_losses_keeps_their_mean_and_moves_the_odds() -> None:
    spread = hit(2, crop=np.array([4_000.0, 6_000.0]), spread=0.5)
    nodes = list(losses(spread))
    assert sum(weight for weight, _loss in nodes) == pytest.approx(1)
    assert sum(weight * loss for weight, loss in nodes) == pytest.approx(np.array([4_000.0, 6_000.0]))
    deviation = np.sqrt(sum(weight * loss**2 for weight, loss in nodes) - np.array([4_000.0, 6_000.0]) ** 2)
    assert deviation == pytest.approx(0.5 * np.array([4_000.0, 6_000.0]), rel=0.02)
    found = assess(households(members=np.array([3, 3])), [(1.0, spread)], SURE)
    assert 0 < found.p_below[0] < found.p_below[1] < 1


def test_without_spread_the_loss_is_one_node() -> None:
    assert [(weight, loss.tolist()) for weight, loss in losses(hit(crop=5.0))] == [(1.0, [5.0])]


def test_nobody_gets_no_outcomes() -> None:
    nobody = households(members=np.array([], dtype=np.int64))
    found = assess(nobody, [(1.0, hit(0))], UNSURE)
    assert all(len(getattr(found, name)) == 0 for name in NAMES)
    assert LINE > 0
