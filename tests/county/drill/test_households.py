"""Twenty thousand invented households: shares and spreads as the world says, and nothing impossible."""

import numpy as np
import pytest
from tests.county.drill.conftest import LINE_YUAN, drawn

from anlan.county.drill.households import (
    CATEGORIES,
    SIZE_SHARES,
    SIZES,
    STRUCTURE_SHARES,
    WATER_SHARES,
    Households,
    households,
)
from anlan.county.drill.place import KM_PER_DEGREE, villages
from anlan.county.drill.worlds import read_world

PLACES, PEOPLE = drawn()
WORLD = read_world()


def kilometres(people: Households, lon, lat):
    """How far places are from where the households truly stand."""
    east = (lon - people.lon) * KM_PER_DEGREE * np.cos(np.radians(people.lat))
    return np.hypot(east, (lat - people.lat) * KM_PER_DEGREE)


@pytest.mark.parametrize(
    ("column", "values", "shares"),
    [("size", SIZES, SIZE_SHARES), ("structure", range(4), STRUCTURE_SHARES), ("water", range(4), WATER_SHARES)],
)
def test_kinds_come_in_their_shares(column, values, shares):
    found = [np.mean(getattr(PEOPLE, column) == value) for value in values]
    assert found == pytest.approx(list(shares), abs=0.015)
    assert sum(found) == pytest.approx(1)


@pytest.mark.parametrize(
    ("share", "key"),
    [
        (lambda p: ~p.registered, ("exposure", "unregistered")),
        (lambda p: np.isnan(p.registered_lon), ("exposure", "no_point")),
        (lambda p: p.moved, ("exposure", "moved")),
        (lambda p: p.insured, ("economy", "insured")),
        (lambda p: ~p.phone_works[p.has_phone], ("people", "phone_invalid")),
        (lambda p: kilometres(p, p.registered_lon, p.registered_lat)[~np.isnan(p.registered_lon)] > 0.5,
         ("exposure", "location_wrong")),
    ],
)  # fmt: skip
def test_the_registry_is_as_wrong_as_the_world_says(share, key):
    assert np.mean(share(PEOPLE)) == pytest.approx(WORLD[key], abs=0.015)


@pytest.mark.parametrize("name", CATEGORIES)
def test_categories_come_in_their_shares(name):
    assert PEOPLE.category[name].mean() == pytest.approx(CATEGORIES[name], abs=0.006)


@pytest.mark.parametrize(
    ("seen", "true"), [("registered_crop_yuan", "crop_yuan"), ("registered_animal_yuan", "animal_yuan")]
)
def test_what_is_on_record_is_off_by_the_worlds_spread(seen, true):
    large = getattr(PEOPLE, true) > 2000
    off = np.log(getattr(PEOPLE, seen)[large] / getattr(PEOPLE, true)[large])
    assert off.std() == pytest.approx(WORLD["exposure", "value_sd"], abs=0.03)
    assert abs(off.mean()) < 0.03


def test_incomes_spread_as_the_world_says_and_stand_around_the_median():
    per_head = PEOPLE.income_yuan / PEOPLE.size
    assert np.median(per_head) == pytest.approx(21_500, rel=0.06)
    upper = np.log(per_head[per_head > np.median(per_head)] / np.median(per_head))
    assert np.median(upper) == pytest.approx(0.674 * WORLD["economy", "income_sd"], rel=0.1)


@pytest.mark.clause("P3")
def test_who_is_below_the_line_before_the_storm_is_monitored_already_and_nobody_else():
    per_head = PEOPLE.income_yuan / PEOPLE.size
    near = abs(per_head - LINE_YUAN) < 3  # yuan are rounded
    assert ((per_head < LINE_YUAN) == PEOPLE.monitored)[~near].all()
    assert 0.002 < PEOPLE.monitored.mean() < 0.04


def test_public_support_holds_the_poor_just_above_the_line():
    per_head = (PEOPLE.income_yuan / PEOPLE.size)[~PEOPLE.monitored]
    assert per_head.min() > LINE_YUAN


def test_nothing_is_negative_and_nobody_impossible():
    columns = (
        "crop_yuan", "animal_yuan", "equipment_yuan", "wage_yuan", "cost_yuan", "property_yuan", "transfer_yuan",
        "rigid_yuan", "savings_yuan", "home_yuan", "crop_mu", "registered_crop_yuan",
    )  # fmt: skip
    for name in columns:
        column = getattr(PEOPLE, name)
        assert np.isfinite(column).all(), name
        assert column.min() >= 0, name
    assert (PEOPLE.labourers <= PEOPLE.size).all()
    assert PEOPLE.labourers.min() == 0
    assert 22 <= PEOPLE.head_age.min() <= PEOPLE.head_age.max() <= 92
    assert not (PEOPLE.phone_works & ~PEOPLE.has_phone).any()
    assert ((PEOPLE.animal >= 0) | (PEOPLE.animal_yuan == 0)).all()
    assert (np.isnan(PEOPLE.registered_lon) == np.isnan(PEOPLE.registered_lat)).all()


def test_the_old_and_alone_are_the_hardest_to_call():
    alone = (PEOPLE.head_age > 72) & (PEOPLE.size == 1)
    assert PEOPLE.has_phone[alone].mean() == pytest.approx(0.6, abs=0.1)
    assert PEOPLE.has_phone[~alone].mean() == pytest.approx(0.95, abs=0.01)


def test_households_stand_near_the_middle_of_their_village():
    centre = np.array([(village.lon, village.lat) for village in PLACES])[PEOPLE.village]
    away = kilometres(PEOPLE, *centre.T)
    assert np.percentile(away, 95) < 1.6
    assert away.max() < 4


def test_every_village_has_as_many_as_it_was_given_numbered_without_a_gap():
    assert np.bincount(PEOPLE.village, minlength=len(PLACES)).tolist() == [place.households for place in PLACES]
    for village in range(len(PLACES)):
        serials = PEOPLE.serial[(PEOPLE.village == village) & PEOPLE.registered]
        assert serials.tolist() == list(range(1, len(serials) + 1))


def test_the_same_seed_the_same_households():
    again = households(5, PLACES, WORLD, LINE_YUAN)
    other = households(6, PLACES, WORLD, LINE_YUAN)
    assert again.wage_yuan.tolist() == PEOPLE.wage_yuan.tolist()
    assert again.lon.tolist() == PEOPLE.lon.tolist()
    assert other.wage_yuan.tolist() != PEOPLE.wage_yuan.tolist()


@pytest.mark.parametrize(
    ("world", "share"),
    [
        ("[exposure]\nunregistered = 1", lambda p: (~p.registered).mean()),
        ("[exposure]\nunregistered = 0", lambda p: p.registered.mean()),
        ("[exposure]\nno_point = 1", lambda p: np.isnan(p.registered_lon).mean()),
        ("[exposure]\nmoved = 1", lambda p: p.moved.mean()),
        ("[economy]\ninsured = 1", lambda p: p.insured.mean()),
        ("[economy]\nincome_sd = 0", lambda p: (~p.monitored).mean()),
        ("[people]\nphone_invalid = 1", lambda p: (~p.phone_works).mean()),
        ("[exposure]\nvalue_sd = 0", lambda p: (p.registered_crop_yuan == p.crop_yuan).mean()),
    ],
)
def test_a_world_may_go_to_the_end_of_its_range(world, share):
    assert share(drawn(world, size=800)[1]) == 1.0


@pytest.mark.parametrize("size", [200, 201, 333])
def test_a_small_county_is_whole(size):
    places = villages(1, size)
    assert len(households(1, places, WORLD, LINE_YUAN).size) == size
