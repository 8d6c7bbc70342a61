"""Whose risk is gone."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engine import policy
from anlan.engine.eligibility.clearance import CODES, Check, Verdict, explain, judge

ENTERED = date(2026, 7, 1)
TODAY = policy.on(date(2027, 3, 1))
LINE = TODAY.number("monitoring_line_yuan")
MONTH = timedelta(days=30)


def good(at: date, income: float = 12_000.0, *broken: str) -> Check:
    return Check(at, income, broken)


def months(count: int, start: date = ENTERED + MONTH) -> list[Check]:
    return [good(start + MONTH * number) for number in range(count)]


def verdict(history: list[Check], on: date | None = None, *, labour: bool = True) -> Verdict:
    return judge(history, ENTERED, labour, on or max(check.at for check in history), TODAY)


def codes(found: Verdict) -> list[str]:
    return [reason.code for reason in found.reasons]


@pytest.mark.clause("M6")
def test_seven_good_monthly_checks_are_half_a_year() -> None:
    found = verdict(months(7))
    assert found.ready
    assert codes(found) == ["stable"]
    assert found.reasons[0].values == {"since": "2026-07-31", "days": 180, "months_needed": 6.0}
    assert found.reasons[0].parameter == "clear_min_months"
    assert "半年" in found.reasons[0].basis


@pytest.mark.clause("M6")
@settings(deadline=None)
@given(st.integers(0, 9), st.booleans(), st.sampled_from(["", "water", "home"]))
def test_the_criteria_that_are_told_are_those_that_it_is_judged_by(count: int, labour: bool, lost: str) -> None:
    history = [*months(count), *([good(ENTERED + MONTH * (count + 1), 9_000.0, lost)] if lost else [])]
    on = max((check.at for check in history), default=ENTERED)
    told = explain(history, ENTERED, labour, on, TODAY)
    against = [each.version.then for each in told if each.outcome != "no"]
    found = judge(history, ENTERED, labour, on, TODAY)
    assert found.ready == (against == [])
    assert found.ready or sorted(codes(found)) == sorted(against)


def test_a_day_that_is_only_told_is_told_with_the_criteria() -> None:
    told = {each.row: each for each in explain(months(7), ENTERED, True, date(2027, 2, 1), TODAY)}
    said = {used.name: used.value for used in told["check_overdue"].used}
    assert said["checked_on"] == "2027-01-27"
    assert {used.name: used.value for used in told["not_long_enough"].used}["stable_since"] == "2026-07-31"


@pytest.mark.clause("M6")
def test_a_day_less_than_half_a_year_is_not_long_enough() -> None:
    history = [*months(6), good(ENTERED + MONTH * 7 - timedelta(days=1))]
    found = verdict(history)
    assert not found.ready
    assert codes(found) == ["not_long_enough"]
    assert found.reasons[0].values["days"] == 179


def test_the_half_year_is_counted_on_the_day_of_judgement_while_the_last_check_is_fresh() -> None:
    history = months(6)
    assert not verdict(history).ready
    assert verdict(history, history[0].at + timedelta(days=180)).ready


@pytest.mark.parametrize("bad", [good(ENTERED, LINE - 0.01), good(ENTERED, 12_000, "home")])
def test_one_bad_check_begins_the_half_year_anew(bad: Check) -> None:
    late = Check(ENTERED + MONTH * 8, bad.income_per_head_yuan, bad.broken)
    history = [*months(7), late, *months(6, late.at + MONTH)]
    found = verdict(history)
    assert codes(found) == ["not_long_enough"]
    assert found.reasons[0].values["days"] == 150
    assert verdict([*history, good(late.at + MONTH * 7)]).ready


@pytest.mark.clause("P2")
def test_income_at_the_line_exactly_holds() -> None:
    assert verdict([Check(check.at, LINE, ()) for check in months(7)]).ready


@pytest.mark.clause("M6")
def test_what_does_not_hold_at_the_last_check_is_named() -> None:
    found = verdict([*months(8), good(ENTERED + MONTH * 9, LINE - 1, "water", "income", "home")])
    assert codes(found) == ["below_line", "guarantee_lost", "guarantee_lost", "guarantee_lost", "not_long_enough"]
    assert [reason.axis for reason in found.reasons] == ["income", "income", "home", "water", ""]
    assert found.reasons[-1].values == {"since": "", "days": 0, "months_needed": 6.0}


@pytest.mark.clause("M6")
def test_a_household_of_no_labour_is_never_cleared_however_long_it_does_well() -> None:
    found = verdict(months(60), labour=False)
    assert (found.ready, codes(found)) == (False, ["no_labour"])


def test_nobody_is_cleared_without_a_look() -> None:
    assert codes(judge([], ENTERED, True, TODAY.day, TODAY)) == ["never_checked"]


def test_nor_on_a_look_of_long_ago() -> None:
    history = months(8)
    fresh, stale = (history[-1].at + timedelta(days=days) for days in (31, 32))
    assert verdict(history, fresh).ready
    found = verdict(history, stale)
    assert codes(found) == ["check_overdue"]
    assert found.reasons[0].values == {"checked_on": str(history[-1].at), "days": 32}


def test_checks_before_the_episode_and_after_the_day_do_not_count() -> None:
    before = [good(ENTERED - MONTH * number) for number in range(1, 8)]
    assert codes(verdict(before, ENTERED)) == ["never_checked"]
    later = good(ENTERED + MONTH * 8, 0.0)
    assert verdict([*months(7), later], ENTERED + MONTH * 7).ready


checks = st.builds(
    Check,
    st.dates(ENTERED - MONTH, ENTERED + MONTH * 12),
    st.sampled_from([0.0, LINE, 12_000.0, 12_000.0, 12_000.0]),
    st.sampled_from([(), (), (), (), ("home",)]),
)


@settings(max_examples=50)
@given(st.lists(checks, max_size=14), st.booleans(), st.permutations(range(14)))
def test_the_order_in_which_checks_arrived_does_not_matter(
    history: list[Check], labour: bool, order: list[int]
) -> None:
    history = list({check.at: check for check in history}.values())
    shuffled = [history[place] for place in order if place < len(history)]
    on = ENTERED + MONTH * 12
    assert judge(shuffled, ENTERED, labour, on, TODAY) == judge(history, ENTERED, labour, on, TODAY)


@settings(max_examples=50)
@given(st.lists(checks, max_size=14), st.integers(0, 13), st.booleans())
def test_a_worse_check_never_clears_anybody(history: list[Check], place: int, income: bool) -> None:
    history = list({check.at: check for check in history}.values()) + months(7)
    on = max(check.at for check in history)
    worse = list(history)
    old = worse[place % len(worse)]
    worse[place % len(worse)] = Check(old.at, 0.0, old.broken) if income else Check(old.at, 12_000.0, ("water",))
    assert judge(history, ENTERED, True, on, TODAY).ready or not judge(worse, ENTERED, True, on, TODAY).ready


@settings(max_examples=50)
@given(st.lists(checks, max_size=14), st.booleans(), st.dates(ENTERED, ENTERED + MONTH * 14))
def test_ready_means_stable_and_everything_else_is_a_reason_against(
    history: list[Check], labour: bool, on: date
) -> None:
    found = judge(history, ENTERED, labour, on, TODAY)
    assert found.ready == (codes(found) == ["stable"])
    assert set(codes(found)) <= set(CODES)
    if found.ready:
        assert labour
        seen = [check for check in history if on - timedelta(days=31) <= check.at <= on]
        assert any(check.income_per_head_yuan >= LINE and not check.broken for check in seen)
    for reason in found.reasons:
        assert reason.parameter in policy.names()
        assert "中农组发〔2021〕7号" in reason.basis
