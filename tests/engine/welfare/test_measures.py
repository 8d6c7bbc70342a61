"""What a measure would change: kind by kind, and ranked by what a yuan averts."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.welfare.making import SURE, UNSURE, hit, households, rows, table

from anlan.engine.welfare import outcomes
from anlan.engine.welfare.aftermath import after
from anlan.engine.welfare.measures import AVERTED, KINDS, Effect, MeasureInvalid, applied, effect, measure, rank
from anlan.engine.welfare.outcomes import NAMES, Settings
from anlan.engine.welfare.rates import KEPT_FOR


def of(kind: str, size: Any, *, own: Any = None, struck: Any = None, how: Settings = SURE, cost: Any = 100.0) -> Effect:
    own = households() if own is None else own
    struck = hit(len(own)) if struck is None else struck
    return effect(own, [(1.0, struck)], measure(kind, len(own), size, cost), how, KEPT_FOR)


def moved(found: Effect) -> set[str]:
    return {name for name, values in found.averted.items() if values[0] > 0}


@pytest.mark.clause("M6")
def test_cash_and_a_job_lift_over_the_line_and_so_out_of_the_other_lists_of_money() -> None:
    struck = hit(crop=5_000.0)
    for kind in ("cash", "job"):
        found = of(kind, 600.0, struck=struck)
        assert found.averted["p_below"][0] == 1
        assert found.averted["gap_yuan"][0] == pytest.approx(500)
        assert {"p_below", "p_below_after_spending", "gap_yuan"} <= moved(found)
        assert not moved(of(kind, 0.0, struck=struck))
    assert moved(of("cash", 499.0, struck=struck)) == {"gap_yuan", "gap_after_spending_yuan", "years_below"}


def test_a_claim_is_advanced_up_to_what_was_lost() -> None:
    struck = hit(crop=5_000.0, insurance=200.0)
    _own, helped = applied(households(), struck, measure("claim_advance", 1, 1e6, 0.0))
    assert helped.insurance[0] == 5_000
    _own, over = applied(households(), hit(crop=100.0, insurance=300.0), measure("claim_advance", 1, 50.0, 0.0))
    assert over.insurance[0] == 300
    assert "p_below" in moved(of("claim_advance", 400.0, struck=struck))


@pytest.mark.clause("O3")
def test_replanting_wins_back_a_share_of_the_crop() -> None:
    _own, helped = applied(households(), hit(crop=5_000.0), measure("replant", 1, 0.3, 0.0))
    assert helped.crop[0] == pytest.approx(3_500)
    _own, whole = applied(households(), hit(crop=5_000.0), measure("replant", 1, 7.0, 0.0))
    assert whole.crop[0] == 0


@pytest.mark.clause("H5")
def test_a_water_truck_brings_water_and_nothing_else() -> None:
    found = of("water_truck", 0.75, struck=hit(water_unsafe=0.8, crop=9_000.0, home_unsafe=0.5))
    assert moved(found) == {"p_water"}
    assert found.averted["p_water"][0] == pytest.approx(0.6)


def test_a_shelter_is_safe_and_pays_for_nothing() -> None:
    found = of("shelter", 1.0, struck=hit(home_unsafe=0.4, house=20_000.0))
    assert moved(found) == {"p_home"}
    assert found.averted["p_home"][0] == pytest.approx(0.4)


def test_a_repair_pays_for_the_house_and_makes_it_safe_by_its_share_but_is_no_income() -> None:
    struck = hit(home_unsafe=0.8, house=20_000.0, crop=6_000.0)
    found = of("house_repair", 5_000.0, struck=struck)
    assert found.averted["p_home"][0] == pytest.approx(0.2)
    assert found.averted["gap_after_spending_yuan"][0] == pytest.approx(5_000)
    assert found.averted["p_below"][0] == 0
    assert not moved(of("house_repair", 5_000.0, struck=hit(home_unsafe=0.8)))


@pytest.mark.clause("M5")
def test_an_extended_loan_leaves_money_to_recover_with() -> None:
    own, struck = households(debt_yuan=30_000.0), hit(livestock=2_000.0)
    assert moved(of("loan_extension", 30_000.0, own=own, struck=struck)) == {"years_below"}
    counted = of("loan_extension", 30_000.0, own=own, struck=struck, how=Settings(0.0, 1.0))
    assert "p_below_after_spending" in moved(counted)
    helped, _struck = applied(own, struck, measure("loan_extension", 1, 99_999.0, 0.0))
    assert helped.debt_yuan[0] == 0


def test_the_effect_is_the_difference_of_the_outcomes_over_all_members() -> None:
    own = households(members=np.array([2, 3, 4]))
    members = [(0.3, hit(3, crop=8_000.0)), (0.4, hit(3, crop=3_000.0, livestock=9_000.0))]
    given_measure = measure("cash", 3, 2_500.0, 2_500.0)
    found = effect(own, members, given_measure, UNSURE, KEPT_FOR)
    helped = [(weight, applied(own, struck, given_measure)[1]) for weight, struck in members]
    before, then = outcomes.assess(own, members, UNSURE), outcomes.assess(own, helped, UNSURE)
    for name in NAMES:
        assert found.averted[name] == pytest.approx(np.maximum(0, getattr(before, name) - getattr(then, name)))
    years = np.zeros(3)
    for (weight, struck), (_weight, better) in zip(members, helped, strict=True):
        plain = after(own, struck, KEPT_FOR)
        years += weight * (plain.years_below - after(own, better, KEPT_FOR, rate=plain.rate).years_below)
    assert found.averted["years_below"] == pytest.approx(years)
    assert found.cost_yuan.tolist() == [2_500] * 3


def test_a_measure_is_paid_only_where_the_event_happens() -> None:
    """A third of the households stand in the area: a third of what it would avert."""
    own, struck = households(members=np.array([3, 3])), hit(2, crop=5_000.0)
    cash = measure("cash", 2, 600.0, 600.0)
    found = effect(own, [(np.array([1.0, 1 / 3]), struck)], cash, SURE, KEPT_FOR)
    assert found.averted["p_below"].tolist() == pytest.approx([1, 1 / 3])
    assert found.averted["years_below"][1] == pytest.approx(found.averted["years_below"][0] / 3)


def test_a_measure_is_for_as_many_households() -> None:
    with pytest.raises(MeasureInvalid, match="a measure for 1 households, not 2"):
        applied(households(members=np.array([1, 2])), hit(2), measure("cash", 1, 1.0, 1.0))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_nothing_changes_nothing_and_of_plenty_something(kind: str) -> None:
    own = households(debt_yuan=9_000.0)
    struck = hit(crop=5_000.0, house=8_000.0, home_unsafe=0.5, water_unsafe=0.5)
    assert not moved(of(kind, 0.0, own=own, struck=struck))
    assert moved(of(kind, 5_000.0, own=own, struck=struck))


@settings(max_examples=60, deadline=None)
@given(rows, st.sampled_from(AVERTED), st.floats(0, 20_000), st.floats(1, 20_000))
def test_the_ranking_is_in_order_and_holds_whatever_averts_anything(
    made: Any, by: str, size: float, cost: float
) -> None:
    own, struck = table(made)
    options = [
        of("cash", size, own=own, struck=struck, how=UNSURE, cost=cost),
        of("shelter", 1.0, own=own, struck=struck),
    ]
    found = rank(options, own, by)
    assert (np.diff(found.per_yuan) <= 0).all()
    assert (found.averted > 0).all()
    assert len(found.option) == sum(int((each.averted[by] > 0).sum()) for each in options)
    pairs = set(zip(found.option.tolist(), found.household.tolist(), strict=True))
    assert len(pairs) == len(found.option)
    for place, (option, household) in enumerate(zip(found.option, found.household, strict=True)):
        assert found.cost_yuan[place] == options[option].cost_yuan[household]


def test_where_no_event_is_forecast_a_measure_averts_nothing() -> None:
    found = effect(households(wage_yuan=0.0), [], measure("cash", 1, 1e6, 1e6), SURE, KEPT_FOR)
    assert not moved(found)


@pytest.mark.parametrize(
    ("kind", "size", "cost", "complaint"),
    [
        ("prayer", 1.0, 1.0, "no such kind of measure: 'prayer'"),
        ("cash", -1.0, 1.0, "row 1: size is no amount"),
        ("cash", np.array([1.0, np.nan]), 1.0, "row 2: size is no amount"),
        ("cash", 1.0, np.array([1.0, np.inf]), "row 2: cost_yuan is no amount"),
    ],
)
def test_a_measure_that_cannot_be_is_refused(kind: str, size: Any, cost: Any, complaint: str) -> None:
    with pytest.raises(MeasureInvalid, match=complaint):
        measure(kind, 2, size, cost)


def averting(*people: float, cost: float | list[float]) -> Effect:
    averted = {name: np.array(people) for name in AVERTED}
    return Effect(averted, np.broadcast_to(np.asarray(cost, dtype=np.float64), len(people)))


@pytest.mark.clause("M6")
def test_ranked_by_people_averted_per_yuan_with_what_costs_nothing_first() -> None:
    own = households(members=np.array([1, 5]))
    options = [averting(0.5, 0.2, cost=100.0), averting(0.5, 0.0, cost=10.0), averting(0.1, 0.1, cost=0.0)]
    found = rank(options, own, "p_below")
    assert list(zip(found.option.tolist(), found.household.tolist(), strict=True)) == [
        (2, 1), (2, 0),  # for nothing, and the larger household before the smaller
        (1, 0), (0, 1), (0, 0),  # .5/10, 1/100, .5/100; what averts nothing is not there
    ]  # fmt: skip
    assert found.averted.tolist() == pytest.approx([0.5, 0.1, 0.5, 1.0, 0.5])
    assert found.per_yuan.tolist() == pytest.approx([np.inf, np.inf, 0.05, 0.01, 0.005])
    assert found.cost_yuan.tolist() == [0, 0, 10, 100, 100]


def test_among_equals_per_yuan_what_averts_more_then_the_order_given() -> None:
    own = households(members=np.array([1, 1]))
    found = rank([averting(0.1, 0.1, cost=10.0), averting(0.2, 0.1, cost=[20.0, 10.0])], own, "p_below")
    assert list(zip(found.option.tolist(), found.household.tolist(), strict=True)) == [(1, 0), (0, 0), (0, 1), (1, 1)]


def test_yuan_and_years_count_by_household_not_by_head() -> None:
    own = households(members=np.array([9]))
    assert rank([averting(3.0, cost=2.0)], own, "gap_yuan").averted.tolist() == [3]
    assert rank([averting(3.0, cost=2.0)], own, "p_below").averted.tolist() == [27]


def test_without_options_or_households_the_ranking_is_empty() -> None:
    assert len(rank([], households(), "p_below").option) == 0
    nobody = households(members=np.array([], dtype=np.int64))
    assert len(rank([averting(cost=1.0)], nobody, "p_below").option) == 0


@settings(max_examples=80, deadline=None)
@given(rows, st.sampled_from(sorted(KINDS)), st.floats(0, 60_000), st.sampled_from([SURE, UNSURE]))
def test_a_measure_never_makes_an_outcome_worse(made: Any, kind: str, size: float, how: Settings) -> None:
    own, struck = table(made)
    helped, softer = applied(own, struck, measure(kind, len(own), size, 1.0))
    before, then = outcomes.assess(own, [(1.0, struck)], how), outcomes.assess(helped, [(1.0, softer)], how)
    for name in NAMES:
        slack = 1e-9 if name.startswith("p_") else 1.0  # the normal distribution is a table
        assert (getattr(then, name) <= getattr(before, name) + slack).all(), name
    plain = after(own, struck, KEPT_FOR)
    assert (after(helped, softer, KEPT_FOR, rate=plain.rate).years_below <= plain.years_below + 1e-9).all()


@settings(max_examples=60, deadline=None)
@given(rows, st.floats(0, 30_000), st.floats(0, 30_000))
def test_more_cash_never_averts_less(made: Any, cash: float, more: float) -> None:
    own, struck = table(made)
    little, much = (of("cash", each, own=own, struck=struck, how=UNSURE) for each in (cash, cash + more))
    for name in AVERTED:
        slack = 1.0 if name.startswith("gap") else 1e-9
        assert (much.averted[name] >= little.averted[name] - slack).all(), name
