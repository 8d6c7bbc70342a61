"""Income over the twelve months before identification, item by item, as the survey form counts it."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.engine import policy
from anlan.engine.welfare import income
from anlan.engine.welfare.income import CODES, ITEMS, TITLES, AmountInvalid, Totals, annual, per_head, totals, window

JUNE = window(date(2021, 6, 15))


def counted(rows: list[tuple[int, str, str, float]], households: int = 2) -> Totals:
    household, item, day, yuan = zip(*rows, strict=True)
    return totals(
        households, np.array(household), np.array([CODES.index(code) for code in item]),
        np.array(day, dtype="datetime64[D]"), np.array(yuan, dtype=np.float64), JUNE,
    )  # fmt: skip


@pytest.mark.clause("P2")
@pytest.mark.parametrize(
    ("identified", "first", "last"),
    [
        (date(2021, 6, 1), date(2020, 6, 1), date(2021, 5, 31)),  # the example of the rule itself
        (date(2021, 6, 30), date(2020, 6, 1), date(2021, 5, 31)),
        (date(2024, 1, 31), date(2023, 1, 1), date(2023, 12, 31)),
        (date(2024, 2, 29), date(2023, 2, 1), date(2024, 1, 31)),
        (date(2024, 3, 1), date(2023, 3, 1), date(2024, 2, 29)),  # a leap year's February
        (date(2025, 3, 31), date(2024, 3, 1), date(2025, 2, 28)),
        (date(2000, 3, 15), date(1999, 3, 1), date(2000, 2, 29)),
        (date(2023, 12, 31), date(2022, 12, 1), date(2023, 11, 30)),
    ],
)
def test_the_window_is_twelve_whole_months_up_to_the_one_before(identified: date, first: date, last: date) -> None:
    found = window(identified)
    assert (found.first, found.last) == (first, last)


def test_the_window_is_as_long_as_policy_says() -> None:
    months = int(policy.on(date(2026, 6, 18)).number("income_months"))
    assert months == income.MONTHS
    assert window(date(2021, 6, 1), 3).first == date(2021, 3, 1)
    assert window(date(2021, 6, 1), 30).first == date(2018, 12, 1)


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)))
def test_every_window_holds_a_year_of_days_and_touches_the_month_of_identification(identified: date) -> None:
    found = window(identified)
    days = (found.last - found.first).days + 1
    assert days == (366 if _leaps(found.first, found.last) else 365)
    assert found.first.day == 1
    assert (identified.replace(day=1) - found.last).days == 1


def _leaps(first: date, last: date) -> bool:
    return any(
        year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) and first <= date(year, 2, 29) <= last
        for year in (first.year, last.year)
    )


def test_the_yearly_count_runs_from_october_to_september() -> None:
    assert (annual(2026).first, annual(2026).last) == (date(2025, 10, 1), date(2026, 9, 30))


def test_days_at_the_edges_count_and_days_beyond_or_unknown_do_not() -> None:
    days = np.array(["2020-05-31", "2020-06-01", "2021-05-31", "2021-06-01", "NaT"], dtype="datetime64[D]")
    assert JUNE.holds(days).tolist() == [False, True, True, False, False]


def test_items_are_summed_into_their_kinds_household_by_household() -> None:
    found = counted(
        [
            (0, "a1", "2020-07-01", 10_000), (0, "a4", "2020-08-01", 2_000), (0, "b1", "2020-10-01", 9_000),
            (0, "c2", "2021-01-01", 600), (0, "d6", "2021-02-01", 700), (0, "e1", "2020-09-01", 3_000),
            (0, "lpsr", "2021-03-01", 400), (0, "hgzfzc", "2021-04-01", 5_000), (1, "d2", "2021-05-31", 4_200),
            (0, "a1", "2020-05-31", 99_999),
        ]
    )  # fmt: skip
    assert found.wage_yuan.tolist() == [12_000, 0]
    assert found.business_yuan.tolist() == [9_000, 0]
    assert found.business_cost_yuan.tolist() == [3_000, 0]
    assert found.property_yuan.tolist() == [600, 0]
    assert found.transfer_yuan.tolist() == [700, 4_200]
    assert found.net_yuan.tolist() == [19_300, 4_200]


@pytest.mark.clause("P2")
def test_reference_income_adds_claims_and_takes_away_what_was_paid_by_the_rules() -> None:
    found = counted(
        [(0, "a1", "2020-07-01", 20_000), (0, "lpsr", "2021-03-01", 400), (0, "hgzfzc", "2021-04-01", 5_000)]
    )
    assert found.net_yuan[0] == 20_000
    assert found.reference_yuan[0] == 15_400
    assert per_head(found.reference_yuan, np.array([4, 0])).tolist() == [3_850, 0]


def test_a_household_without_members_counts_as_one_person() -> None:
    assert per_head(np.array([900.0, 900.0]), np.array([3, 0])).tolist() == [300, 900]


def test_costs_may_eat_up_more_than_was_earned() -> None:
    assert counted([(0, "e2", "2020-07-01", 700)]).net_yuan[0] == -700


@pytest.mark.parametrize(
    ("household", "item", "yuan", "name"),
    [(2, 0, 1.0, "household"), (-1, 0, 1.0, "household"), (0, 99, 1.0, "item"), (0, -1, 1.0, "item"),
     (0, 0, -1.0, "amount"), (0, 0, np.nan, "amount"), (0, 0, np.inf, "amount")],
)  # fmt: skip
def test_a_row_that_cannot_be_counted_is_refused_by_its_number(
    household: int, item: int, yuan: float, name: str
) -> None:
    days = np.array(["2020-07-01"] * 2, dtype="datetime64[D]")
    with pytest.raises(AmountInvalid, match=f"row 2: the {name} cannot be counted"):
        totals(2, np.array([0, household]), np.array([0, item]), days, np.array([1.0, yuan]), JUNE)


def test_the_items_are_those_of_the_form() -> None:
    letters = {"a": 5, "b": 4, "c": 5, "d": 6, "e": 4}
    expected = {f"{letter}{number}" for letter, most in letters.items() for number in range(1, most + 1)}
    assert set(CODES) == expected | {"lpsr", "hgzfzc"}
    by_letter = {"a": "wage", "b": "business", "c": "property", "d": "transfer", "e": "business_cost"}
    assert all(ITEMS[code] == by_letter[code[0]] for code in expected)
    assert (ITEMS["lpsr"], ITEMS["hgzfzc"]) == ("claims", "rigid")
    assert all(TITLES.values())


amounts = st.tuples(st.integers(0, 4), st.integers(0, len(CODES) - 1), st.integers(0, 900), st.floats(0, 1e6))


@given(st.lists(amounts, max_size=40), st.randoms(use_true_random=False))
def test_the_sums_are_the_row_by_row_ones_in_whatever_order(made: Any, shuffler: Any) -> None:
    slow = np.zeros(5)
    for household, item, offset, yuan in made:
        day = np.datetime64("2020-01-01") + offset
        if np.datetime64(JUNE.first) <= day <= np.datetime64(JUNE.last):
            into = ITEMS[CODES[item]]
            sign = {"business_cost": -1.0, "rigid": -1.0}.get(into, 1.0)
            slow[household] += sign * yuan
    shuffler.shuffle(made)
    columns = [np.array([row[place] for row in made], dtype=kind) for place, kind in ((0, int), (1, int), (3, float))]
    days = np.datetime64("2020-01-01") + np.array([row[2] for row in made], dtype="timedelta64[D]")
    fast = totals(5, columns[0], columns[1], days, columns[2], JUNE)
    assert fast.reference_yuan == pytest.approx(slow, abs=1e-6)
