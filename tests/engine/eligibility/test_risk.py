"""Who is proposed for monitoring, as what, and why."""

from dataclasses import asdict, replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engine import policy
from anlan.engine.eligibility.risk import AXES, CODES, GUARANTEES, Facts, assess

TODAY = policy.on(date(2026, 6, 18))
LINE = TODAY.number("monitoring_line_yuan")
WELL = Facts(
    income_per_head_yuan=20_000, rigid_per_head_yuan=0, ex_poor=False, food=True, clothing=True, schooling=True,
    medical=True, home=True, water=True, income_dropped_ratio=0, lost_ratio=0,
)  # fmt: skip


def codes(facts: Facts) -> list[str]:
    return [reason.code for reason in assess(facts, TODAY).reasons]


def test_a_household_that_is_well_is_not_at_risk() -> None:
    found = assess(WELL, TODAY)
    assert (found.at_risk, found.category, found.axes, found.reasons) == (False, "", (), ())
    assert found.policy_day == date(2026, 6, 18)


@pytest.mark.clause("P2")
@pytest.mark.parametrize(("ex_poor", "category"), [(True, "unstable"), (False, "marginal")])
def test_below_the_line_the_category_follows_from_having_been_poor(ex_poor: bool, category: str) -> None:
    found = assess(replace(WELL, income_per_head_yuan=LINE - 1, ex_poor=ex_poor), TODAY)
    assert (found.at_risk, found.category, found.axes) == (True, category, ("income",))
    (reason,) = found.reasons
    assert (reason.code, reason.parameter) == ("below_line", "monitoring_line_yuan")
    assert reason.values == {"income_per_head_yuan": LINE - 1, "line_yuan": LINE}
    assert "中农组发〔2021〕7号" in reason.basis
    assert TODAY.parameter("monitoring_line_yuan").source in reason.basis


@pytest.mark.clause("P2")
def test_at_the_line_exactly_a_household_is_not_below_it() -> None:
    assert not assess(replace(WELL, income_per_head_yuan=LINE), TODAY).at_risk
    assert assess(replace(WELL, income_per_head_yuan=LINE - 0.01), TODAY).at_risk


@pytest.mark.clause("P2", "M2")
@pytest.mark.parametrize("axis", GUARANTEES)
@pytest.mark.parametrize("ex_poor", [True, False])
def test_each_broken_guarantee_alone_is_a_sudden_hardship(axis: str, ex_poor: bool) -> None:
    found = assess(replace(WELL, ex_poor=ex_poor, **{axis: False}), TODAY)
    assert (found.category, found.axes) == ("hardship", (axis,))
    assert (found.reasons[0].code, found.reasons[0].axis) == ("guarantee_lost", axis)
    assert found.reasons[0].basis == TODAY.text("identification_basis")


def test_large_rigid_spending_counts_only_where_it_leaves_the_household_below_the_line() -> None:
    large = LINE / 2
    assert codes(replace(WELL, income_per_head_yuan=LINE + large, rigid_per_head_yuan=large)) == []
    assert codes(replace(WELL, income_per_head_yuan=LINE + large - 1, rigid_per_head_yuan=large)) == ["rigid_spending"]
    assert codes(replace(WELL, income_per_head_yuan=LINE + 1, rigid_per_head_yuan=large - 1)) == []


def test_a_collapse_of_income_counts_only_near_the_line() -> None:
    near = 1.5 * LINE
    assert codes(replace(WELL, income_per_head_yuan=near - 1, income_dropped_ratio=0.5)) == ["income_dropped"]
    assert codes(replace(WELL, income_per_head_yuan=near, income_dropped_ratio=0.9)) == []
    assert codes(replace(WELL, income_per_head_yuan=near - 1, income_dropped_ratio=0.49)) == []


def test_hardship_of_income_is_a_sudden_one_above_the_line_and_named_on_its_axis() -> None:
    found = assess(replace(WELL, income_per_head_yuan=LINE, income_dropped_ratio=0.6), TODAY)
    assert (found.category, found.axes) == ("hardship", ("income",))


def test_every_reason_there_is_is_given_in_a_fixed_order() -> None:
    worst = Facts(0, LINE, True, False, False, False, False, False, False, 1.0, 1.0)
    found = assess(worst, TODAY)
    assert found.category == "unstable"
    assert found.axes == AXES
    assert [reason.code for reason in found.reasons] == [
        "below_line", "rigid_spending", "income_dropped", *["guarantee_lost"] * 6,
    ]  # fmt: skip
    assert {reason.code for reason in found.reasons} == set(CODES) - {"within_error"}  # that is above the line


@pytest.mark.clause("P2")
def test_who_would_be_below_the_line_had_the_disaster_taken_a_fifth_more_is_proposed_all_the_same() -> None:
    hit = replace(WELL, income_per_head_yuan=LINE, lost_ratio=0.2)
    assert codes(hit) == ["within_error"]
    assert assess(hit, TODAY).category == "hardship"
    assert codes(replace(hit, income_per_head_yuan=LINE - 0.01)) == ["below_line"]
    lost = 1_000.0  # yuan a head

    def standing(above: float) -> list[str]:
        income = LINE + above
        return codes(replace(hit, income_per_head_yuan=income, lost_ratio=lost / (income + lost)))

    assert standing(0.2 * lost - 0.01) == ["within_error"]
    assert standing(0.2 * lost + 0.01) == []
    assert codes(replace(hit, lost_ratio=0.0)) == []  # at the line, but not by the disaster
    assert codes(replace(hit, income_per_head_yuan=LINE * 1.5, lost_ratio=0.99)) == []  # far from it


facts = st.builds(
    Facts,
    st.floats(-5_000, 60_000), st.floats(0, 40_000), *[st.booleans()] * 7, st.floats(0, 1), st.floats(0, 1),
)  # fmt: skip


@settings(max_examples=50)
@given(facts, st.floats(0, 50_000))
def test_more_income_never_adds_a_reason(household: Facts, more: float) -> None:
    richer = replace(household, income_per_head_yuan=household.income_per_head_yuan + more)
    assert set(codes(richer)) - {"within_error"} <= set(codes(household))
    assert bool(codes(richer)) <= bool(codes(household))


@settings(max_examples=50)
@given(facts, st.sampled_from(GUARANTEES))
def test_a_guarantee_restored_takes_its_own_reason_away_and_no_other(household: Facts, axis: str) -> None:
    broken = assess(replace(household, **{axis: False}), TODAY)
    restored = assess(replace(household, **{axis: True}), TODAY)
    assert set(broken.axes) - set(restored.axes) == {axis}
    assert set(restored.axes) <= set(broken.axes)


@settings(max_examples=50)
@given(facts)
def test_what_is_proposed_follows_from_its_reasons_and_nothing_else(household: Facts) -> None:
    found = assess(household, TODAY)
    assert found.at_risk == bool(found.reasons) == bool(found.category) == bool(found.axes)
    assert set(found.axes) == {reason.axis for reason in found.reasons}
    assert (household.income_per_head_yuan < LINE) == (found.category in {"unstable", "marginal"})
    for reason in found.reasons:
        assert reason.basis
        assert reason.parameter in policy.names()
        assert asdict(reason)["values"] == reason.values
    assert assess(household, TODAY) == found
