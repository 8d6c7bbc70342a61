"""The explanation of one household: the steps add up to the probability, to the last bit."""

from dataclasses import asdict
from json import dumps
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.welfare.making import SURE, UNSURE, hit, households, rows, table

from anlan.engine.welfare.explain import ORDER, Explained, Ground, explain
from anlan.engine.welfare.outcomes import Settings, assess

either = st.sampled_from([SURE, UNSURE])


def told(own: Any, members: Any, how: Settings = SURE, place: int = 0) -> dict[str, Explained]:
    return {each.outcome: each for each in explain(own, members, how, place, {})}


def steps(found: Explained) -> dict[str, float]:
    return {term.code: term.moved for term in found.terms if term.moved}


@settings(max_examples=30, deadline=None)
@given(rows, either, st.floats(0, 1), st.floats(0, 1))
def test_the_steps_add_up_exactly_to_what_the_outcomes_say(made: Any, how: Settings, one: float, share: float) -> None:
    own, struck = table(made)
    members = [(one * share, struck), (one * (1 - share), hit(len(own), crop=500.0))]
    whole = assess(own, members, how)
    for place in range(len(own)):
        for found in explain(own, members, how, place, {}):
            assert sum(term.moved for term in found.terms) == found.probability
            assert found.terms[-1].after == found.probability
            assert found.probability == pytest.approx(getattr(whole, found.outcome)[place], abs=2e-12)
            assert [term.code for term in found.terms] == list(ORDER[found.outcome])
            befores, afters = ([getattr(term, name) for term in found.terms] for name in ("before", "after"))
            assert befores == [0.0, *afters[:-1]]


def test_the_term_that_pushes_a_household_below_is_the_one_that_is_named() -> None:
    struck = hit(crop=3_000.0, livestock=2_000.0, stock=400.0, insurance=1_000.0)
    found = told(households(), [(1.0, struck)])
    assert steps(found["p_below"]) == {"livestock": 1.0, "insurance": -1.0}
    assert found["p_below"].probability == 0


def test_who_was_below_before_is_so_by_income_alone() -> None:
    assert steps(told(households(wage_yuan=0.0), [(1.0, hit(crop=5_000.0))])["p_below"]) == {"income": 1.0}


@pytest.mark.clause("P2")
def test_a_house_appears_where_it_must_be_paid_for_and_nowhere_in_income() -> None:
    found = told(households(rigid_yuan=1_000.0), [(1.0, hit(house=20_000.0, home_unsafe=0.3))])
    assert "house" not in ORDER["p_below"]
    assert steps(found["p_below"]) == {}
    assert steps(found["p_below_after_spending"]) == {"house": 1.0}
    assert found["p_home"].probability == pytest.approx(0.3)


def test_debt_and_spending_say_what_they_are_worth() -> None:
    found = told(households(rigid_yuan=700.0, debt_yuan=6_000.0), [(0.5, hit(relief=100.0))], Settings(0.1, 0.5))
    values = {term.code: term.value for term in found["p_below_after_spending"].terms}
    assert values == {
        "income": 30_000, "crop": 0, "livestock": 0, "stock": 0, "work": 0, "insurance": 0, "relief": 50,
        "rigid": 700, "debt": 3_000, "house": 0, "spread": 0, "error": 0.1,
    }  # fmt: skip


def test_spread_and_error_have_steps_of_their_own() -> None:
    struck = hit(crop=4_000.0, spread=0.5)
    found = steps(told(households(), [(1.0, struck)], UNSURE)["p_below"])
    assert set(found) == {"spread", "error"}
    assert found["spread"] > 0


def test_no_event_leaves_the_income_and_its_error() -> None:
    found = told(households(), [], UNSURE)
    assert set(steps(found["p_below"])) == {"error"}
    assert found["p_home"].probability == 0


def test_grounds_are_told_with_their_terms_and_the_whole_can_be_written_as_json() -> None:
    crop = Ground(curve="jrc_asia_agriculture@1", source="JRC", trust="general")
    error = Ground(parameter="income_error_sd", source="s", trust="design")
    own = households(members=np.array([3, 4]))
    found = explain(own, [(1.0, hit(2, crop=9_000.0))], UNSURE, 1, {"crop": crop, "error": error})
    by_code = {term.code: term for term in found[0].terms}
    assert by_code["crop"].ground == crop
    assert by_code["error"].ground == error
    assert by_code["work"].ground == Ground()
    assert '"curve": "jrc_asia_agriculture@1"' in dumps([asdict(each) for each in found])


def test_a_household_that_may_not_stand_there_is_explained_by_its_own_weight() -> None:
    own = households(members=np.array([3, 3]))
    members = [(np.array([1.0, 0.25]), hit(2, crop=9_000.0, water_unsafe=0.8))]
    found = {each.outcome: each for each in explain(own, members, SURE, 1, {})}
    assert found["p_below"].probability == 0.25
    assert found["p_water"].probability == pytest.approx(0.2)
    assert {term.code: term.value for term in found["p_below"].terms}["crop"] == 2_250


def test_the_household_asked_for_is_the_one_explained() -> None:
    own = households(wage_yuan=np.array([10_000.0, 0.0]))
    assert told(own, [(1.0, hit(2))], place=0)["p_below"].probability == 0
    assert told(own, [(1.0, hit(2))], place=1)["p_below"].probability == 1
