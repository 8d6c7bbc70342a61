"""The visits that find the most, village after village."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engine.outlook import ranks
from anlan.engine.outlook.visits import plan

LISTS = st.integers(1, 7).flatmap(
    lambda n: st.tuples(
        st.lists(st.floats(0, 1), min_size=n, max_size=n), st.lists(st.integers(0, 2), min_size=n, max_size=n)
    )
)


def test_the_village_in_which_a_visit_finds_most_comes_first():
    score, village = np.array([0.9, 0.1, 0.5, 0.6, 0.05]), np.array([0, 0, 1, 1, 2])
    made = plan(score, village, 4)
    assert made.order.tolist() == [3, 2, 0, 1]  # 0.55 found a visit, and 0.5
    assert made.expected == pytest.approx(2.1)


@settings(deadline=None)
@given(LISTS, st.integers(0, 8))
def test_no_other_choice_finds_more(listed, visits):
    score, village = np.array(listed[0]), np.array(listed[1])
    made = plan(score, village, visits)
    best = max(sum(each) for each in combinations(listed[0], min(visits, len(score))))
    assert made.expected == pytest.approx(best)
    assert len(set(made.order.tolist())) == len(made.order) <= visits


@settings(deadline=None)
@given(LISTS, st.integers(0, 8))
def test_each_village_is_gone_through_once_and_its_most_probable_first(listed, visits):
    score, village = np.array(listed[0]), np.array(listed[1])
    order = plan(score, village, visits).order
    gone = village[order].tolist()
    assert len([place for place, each in enumerate(gone) if place == 0 or gone[place - 1] != each]) == len(set(gone))
    for each in set(gone):
        own = score[order][village[order] == each]
        assert (np.diff(own) <= 0).all()


def test_nobody_without_a_chance_is_visited():
    assert plan(np.array([0.0, 0.3, 0.0]), np.zeros(3, dtype=np.int64), 3).order.tolist() == [1]
    assert plan(np.zeros(2), np.zeros(2, dtype=np.int64), 5).expected == 0
    assert plan(np.zeros(0), np.zeros(0, dtype=np.int64), 5).order.tolist() == []


def test_fewer_than_no_visits_are_refused():
    with pytest.raises(ValueError, match="-1"):
        plan(np.ones(1), np.zeros(1, dtype=np.int64), -1)


@pytest.mark.clause("D5")
def test_rank_puts_the_highest_score_first_then_the_tiebreak_then_the_order_given():
    score = np.array([0.1, 0.5, 0.5, 0.5, 0.9])
    assert ranks.of(score, np.array([0.0, 0.0, -2.0, 0.0, 0.0])).tolist() == [5, 3, 2, 4, 1]
    assert ranks.of(np.array([]), np.array([])).tolist() == []
