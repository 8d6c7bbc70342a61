"""Which value applies on a day."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engine import policy
from anlan.engine.policy.choosing import choose, entries
from anlan.engine.policy.parameters import LEVELS, Entry, Value, parameter

DAY = date(2026, 6, 18)


def value(level: str = "cn", since: date = DAY, number: float = 1.0, **more: Any) -> Value:
    plain: dict[str, Any] = {"until": None, "source": "s", "trust": "seen", "stale_from": None}
    return Value(value=number, level=level, since=since, **{**plain, **more})


def entry(*values: Value) -> Entry:
    return Entry("days", "标题", "天", values)


def test_the_most_local_value_wins_even_over_a_later_one() -> None:
    local = value("anyi", date(2020, 1, 1))
    assert choose(entry(value("cn"), value("jx"), local), DAY) is local


def test_at_one_level_the_latest_value_wins() -> None:
    later = value(since=date(2025, 1, 1))
    assert choose(entry(value(since=date(2020, 1, 1)), later), DAY) is later


def test_a_value_holds_from_its_first_day_until_the_day_before_its_end() -> None:
    only = entry(value(since=DAY, until=date(2026, 7, 1)))
    assert choose(only, DAY - timedelta(days=1)) is None
    assert choose(only, DAY) is not None
    assert choose(only, date(2026, 6, 30)) is not None
    assert choose(only, date(2026, 7, 1)) is None


def test_a_local_value_that_has_ended_gives_way_to_the_wider_one() -> None:
    wide = value("cn", date(2020, 1, 1))
    assert choose(entry(wide, value("anyi", date(2021, 1, 1), until=DAY)), DAY) is wide


days = st.dates(date(2020, 1, 1), date(2028, 1, 1))
values = st.builds(value, st.sampled_from(LEVELS), days)


@settings(max_examples=50)
@given(st.lists(values, max_size=6, unique_by=lambda each: (each.level, each.since)), days)
def test_no_value_that_holds_is_more_local_or_at_its_level_later_than_the_chosen(found: list[Value], day: date) -> None:
    chosen = choose(entry(*found), day)
    holding = [each for each in found if each.since <= day]
    assert (chosen is None) == (not holding)
    for each in holding:
        assert chosen is not None
        assert (LEVELS.index(each.level), each.since) <= (LEVELS.index(chosen.level), chosen.since)


@pytest.mark.parametrize("trust", policy.TRUSTS)
def test_only_what_was_seen_and_is_still_vouched_for_is_verified(trust: str) -> None:
    fresh = parameter(entry(), value(trust=trust, stale_from=date(2026, 6, 19)), DAY)
    stale = parameter(entry(), value(trust=trust, stale_from=DAY), DAY)
    assert (fresh.verified, fresh.stale) == (trust == "seen", False)
    assert (stale.verified, stale.stale) == (False, True)


def test_a_number_and_a_text_are_not_taken_for_each_other() -> None:
    today = policy.on(DAY)
    assert today.number("clock_total_days") == 15
    assert today.text("loan_product") == "帮扶小额信贷"
    with pytest.raises(TypeError, match="loan_product is a text"):
        today.number("loan_product")
    with pytest.raises(TypeError, match="clock_total_days is a number"):
        today.text("clock_total_days")


def test_an_unknown_parameter_is_named_with_those_like_it() -> None:
    with pytest.raises(policy.PolicyUnknown, match=r"clock_totl_days.*clock_total_days"):
        policy.on(DAY).number("clock_totl_days")
    with pytest.raises(policy.PolicyUnknown, match="alike: none"):
        policy.explain("?", DAY)


def test_a_parameter_without_a_value_on_the_day_is_unknown_on_that_day() -> None:
    assert "clock_total_days" not in policy.on(date(2000, 1, 1))
    with pytest.raises(policy.PolicyUnknown, match="clock_total_days has no value on 2000-01-01"):
        policy.on(date(2000, 1, 1)).number("clock_total_days")
    with pytest.raises(policy.PolicyUnknown, match="clock_total_days has no value on 2000-01-01"):
        policy.explain("clock_total_days", date(2000, 1, 1))


@pytest.mark.parametrize(
    ("day", "value", "standings", "why"),
    [
        (date(2023, 6, 1), 1.0, ["chosen", "not_yet"], "only"),
        (date(2025, 6, 1), 0.7, ["superseded", "chosen"], "latest"),
    ],
)
def test_the_explanation_says_how_every_candidate_stood(
    day: date, value: float, standings: list[str], why: str
) -> None:
    found = policy.explain("loan_subsidy_ratio", day)
    assert found.chosen.value == value
    assert [candidate.standing for candidate in found.considered] == standings
    assert found.why == why


def test_the_explanation_tells_a_local_override_from_an_ended_value() -> None:
    line = policy.explain("monitoring_line_yuan", DAY)
    assert [candidate.standing for candidate in line.considered] == ["less_local", "chosen"]
    assert line.why == "most_local"
    loan = policy.explain("loan_base_yuan", DAY)
    assert [candidate.standing for candidate in loan.considered] == ["ended", "chosen"]
    assert loan.why == "only"


@settings(max_examples=50)
@given(st.sampled_from(policy.names()), st.dates(date(2024, 1, 1), date(2030, 1, 1)))
def test_the_policy_of_a_day_and_its_explanation_agree(key: str, day: date) -> None:
    found = policy.explain(key, day)
    assert found.chosen == policy.on(day).parameter(key)
    assert [each.standing for each in found.considered].count("chosen") == 1
    assert len(found.considered) == len(entries()[key].values)
