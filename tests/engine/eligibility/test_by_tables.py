"""The tables answer exactly what was judged by hand before, over a grid; and what nobody knows is never an answer."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from math import nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.eligibility import by_hand

from anlan.engine import policy
from anlan.engine.eligibility.clearance import Check, judge
from anlan.engine.eligibility.risk import AXES, GUARANTEES, Facts, assess

DAYS = (date(2023, 3, 1), date(2024, 6, 18), date(2026, 2, 2), date(2026, 2, 3), date(2026, 6, 18))
WELL = Facts(20_000.0, 0.0, False, True, True, True, True, True, True, 0.0, 0.0)


@pytest.mark.clause("P2")
@pytest.mark.parametrize("day", DAYS)
def test_the_tables_propose_what_was_proposed_by_hand(day: date) -> None:
    rules = policy.on(day)
    line = rules.number("monitoring_line_yuan")
    incomes = (-100.0, 0.0, line - 0.01, line, line * 1.2, line * 1.5 - 1, line * 1.5, 40_000.0)
    spent = (0.0, line / 2 - 0.01, line / 2, line)
    lost = [(), *((axis,) for axis in GUARANTEES), GUARANTEES]
    looked = 0
    for income, rigid, dropped, poor, axes in product(incomes, spent, (0.0, 0.49, 0.5, 1.0), (True, False), lost):
        facts = replace(WELL, income_per_head_yuan=income, rigid_per_head_yuan=rigid, income_dropped_ratio=dropped,
                        lost_ratio=dropped / 10, ex_poor=poor, **dict.fromkeys(axes, False))  # fmt: skip
        assert assess(facts, rules) == by_hand.assess(facts, rules)
        looked += 1
    assert looked == 8 * 4 * 4 * 2 * 8


checks = st.builds(
    Check,
    st.dates(date(2025, 12, 1), date(2026, 12, 31)),
    st.sampled_from([0.0, 8_499.99, 8_500.0, 12_000.0, 12_000.0]),
    st.sampled_from([(), (), (), (), ("home",), ("income", "water")]),
)


@pytest.mark.clause("M6")
@settings(max_examples=300)
@given(st.lists(checks, max_size=16), st.booleans(), st.dates(date(2026, 1, 1), date(2027, 1, 31)))
def test_the_tables_clear_whom_was_cleared_by_hand(history: list[Check], labour: bool, on: date) -> None:
    rules, entered = policy.on(on), date(2026, 1, 1)
    assert judge(history, entered, labour, on, rules) == by_hand.judge(history, entered, labour, on, rules)


def test_a_steady_year_is_cleared_as_before() -> None:
    entered = date(2026, 1, 1)
    history = [Check(entered + timedelta(days=30 * month), 12_000.0, ()) for month in range(1, 9)]
    on = history[-1].at
    found = judge(history, entered, True, on, policy.on(on))
    assert found.ready
    assert found == by_hand.judge(history, entered, True, on, policy.on(on))


@pytest.mark.clause("P2")
@pytest.mark.parametrize("nothing", [None, nan])
@pytest.mark.parametrize("name", ["income_per_head_yuan", *GUARANTEES])
def test_what_nobody_knows_is_told_as_unknown_and_never_as_safe(name: str, nothing: float | None) -> None:
    found = assess(replace(WELL, **{name: nothing}), policy.on(DAYS[-1]))
    assert not found.at_risk
    assert found.unknown == ((name,) if name in AXES else ("income",))
    assert assess(WELL, policy.on(DAYS[-1])).unknown == ()


def test_a_known_reason_stands_whatever_else_is_unknown() -> None:
    found = assess(replace(WELL, home=False, water=None, income_per_head_yuan=None), policy.on(DAYS[-1]))
    assert (found.at_risk, found.category, found.axes, found.unknown) == (True, "", ("home",), ("income", "water"))


def test_somebody_once_poor_or_not_is_at_risk_all_the_same_but_the_category_is_a_persons() -> None:
    found = assess(replace(WELL, income_per_head_yuan=1.0, ex_poor=None), policy.on(DAYS[-1]))
    assert (found.at_risk, found.category, found.unknown) == (True, "", ())


def test_an_income_that_nobody_knows_clears_nobody() -> None:
    entered, on = date(2026, 1, 1), date(2026, 9, 1)
    history = [Check(entered + timedelta(days=30 * month), 12_000.0, ()) for month in range(1, 9)]
    found = judge([*history[:-1], replace(history[-1], income_per_head_yuan=nan)], entered, True, on, policy.on(on))
    assert not found.ready
    assert {each.code for each in found.reasons} == {"below_line", "not_long_enough"}
    assert all(value == value for each in found.reasons for value in each.values.values())  # no NaN in a document
