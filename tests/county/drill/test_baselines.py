"""Other orders of visiting, judged by the same truth."""

import numpy as np
import pytest

from anlan.county.drill import baselines

WALK = np.array([4, 2, 2, 0, 1, 3])
RISK = np.array([True, False, True, False, True])


def test_a_door_counts_once_however_often_one_stands_at_it():
    assert baselines._reached(WALK, RISK).tolist() == [1, 2, 2, 3, 3, 3]
    assert baselines._reached(np.zeros(0, dtype=int), RISK).tolist() == []


@pytest.mark.parametrize(("goal", "visits"), [(0, 0), (1, 1), (2, 2), (3, 4), (9, 6)])
def test_needed_is_the_first_visit_with_as_many_or_all_of_them(goal, visits):
    assert baselines._needed(WALK, RISK, goal) == visits


def test_a_curve_beyond_the_last_visit_stays_where_it_ended():
    reached = baselines._reached(WALK, RISK)
    assert [baselines._share(reached, visits, 3) for visits in (1, 4, 500)] == [0.3333, 1.0, 1.0]
    assert baselines._share(reached, 1, 0) is None
    assert baselines._share(baselines._reached(np.zeros(0, dtype=int), RISK), 5, 3) == 0.0


@pytest.mark.clause("M2", "A1")
def test_every_order_comes_to_every_listed_household_once_and_to_those_the_neighbours_name(founded):
    people = founded.households
    named = ~people.registered & founded.luck.told_of
    for name, order in baselines._orders(founded).items():
        assert sorted(order.tolist()) == np.flatnonzero(people.registered | named).tolist(), name


def test_category_only_begins_with_the_listed_categories_and_distance_with_the_near(founded):
    people = founded.households
    some = np.logical_or.reduce([*people.category.values(), people.monitored])
    orders = baselines._orders(founded)
    first = orders["category_only"][people.registered[orders["category_only"]]][: int((some & people.registered).sum())]
    assert some[first].all()
    lon, lat = baselines._centre(founded)
    far = np.hypot((people.lon - lon) * np.cos(np.radians(lat)), people.lat - lat)
    near = orders["distance"][people.registered[orders["distance"]]]
    assert (np.diff(far[near]) >= -1e-9).all()


def test_an_unlisted_household_is_met_after_the_first_of_its_group(founded):
    people = founded.households
    group = people.village * 1000 + people.group_no
    order = baselines._orders(founded)["list_order"].tolist()
    for each in np.flatnonzero(~people.registered & founded.luck.told_of).tolist():
        listed = [
            place for place, other in enumerate(order) if group[other] == group[each] and people.registered[other]
        ]
        if listed:
            assert order.index(each) > min(listed)
            assert all(not people.registered[other] for other in order[min(listed) + 1 : order.index(each)])
