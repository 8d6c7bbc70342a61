"""The registry's deeds in any order, against a plain model of what they should leave behind."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.county.storm import make_storm

from anlan.county import clock
from anlan.county.errors import Refused
from anlan.county.ledger.models import Entry
from anlan.county.office.queries import machine
from anlan.county.registry.actions import categorise, end_categories, enrol_reported, relocate
from anlan.county.registry.models import CATEGORIES, Category, Household
from anlan.county.registry.queries import next_serial, open_categories
from anlan.county.registry.rules import LAT_RANGE, LON_RANGE, household_code, on_the_map

FIRST = date(2026, 1, 1)
DAYS = st.integers(0, 150).map(lambda number: FIRST + timedelta(days=number))
CHANGE = st.tuples(st.sampled_from([(0, 1), (0, 5), (2, 5)]), st.sampled_from(["subsistence", "low_income"]), DAYS)


@pytest.fixture
def storm(people, now):
    return make_storm(now)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.booleans(), st.lists(CHANGE, min_size=1, max_size=3)), max_size=8))
def test_categories_are_what_a_list_kept_by_hand_would_say(storm, steps):
    kept: dict[tuple[int, str], date] = {}
    closed: list[tuple[int, str, date, date]] = []
    with transaction.atomic():
        for begins, wanted in steps:
            changes = [(storm.household(*place).pk, kind, day) for place, kind, day in wanted]
            if begins:
                fresh = {(home, kind): day for home, kind, day in changes if (home, kind) not in kept}
                taken = {(row.household_id, row.kind, row.since) for row in Category.objects.all()}
                if any((*which, day) in taken for which, day in fresh.items()):
                    continue  # the same day twice is one row, which has ended already
                assert categorise(changes=changes, by=machine(), source="hand") == len(fresh)
                kept |= fresh
            else:
                ended = {(home, kind): day for home, kind, day in changes if (home, kind) in kept}
                assert end_categories(changes=changes, by=machine()) == len(ended)
                for which, day in ended.items():
                    since = kept.pop(which)
                    closed.append((*which, since, max(day, since + timedelta(days=1))))
        rows = Category.objects.filter(kind__in=["subsistence", "low_income"])
        assert {(row.household_id, row.kind): row.since for row in rows if row.until is None} == kept
        told = [(row.household_id, row.kind, row.since, row.until) for row in rows if row.until is not None]
        assert sorted(told) == sorted(closed)
        for day in (FIRST, FIRST + timedelta(days=75), FIRST + timedelta(days=160)):
            holds = {(home, kind) for (home, kind), since in kept.items() if since <= day}
            holds |= {(home, kind) for home, kind, since, until in closed if since <= day < until}
            assert {(row.household_id, row.kind) for row in rows.on(day)} == holds
        open_ones = {which for which in open_categories([storm.household(0, 1).pk]) if which[1] in CATEGORIES[:5]}
        assert {which for which in kept if which[0] == storm.household(0, 1).pk} <= open_ones
        transaction.set_rollback(True)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(points=st.lists(st.tuples(st.integers(1, 5), st.floats(0, 180), st.floats(-90, 90)), min_size=1, max_size=5))
def test_a_move_is_made_whole_or_not_at_all(storm, points):
    changes = [(storm.household(0, serial).pk, lon, lat) for serial, lon, lat in points]
    with transaction.atomic():
        before = list(Household.objects.order_by("pk").values_list("pk", "lon", "lat", "location"))
        lines = Entry.objects.count()
        try:
            with transaction.atomic():
                relocate(changes=changes, by=machine())
        except Refused:
            assert list(Household.objects.order_by("pk").values_list("pk", "lon", "lat", "location")) == before
            assert Entry.objects.count() == lines
            assert not all(on_the_map(lon, lat) for _home, lon, lat in changes)
        else:
            last = {home: (lon, lat) for home, lon, lat in changes}
            assert {home: (lon, lat) for home, lon, lat in
                    Household.objects.filter(pk__in=last).values_list("pk", "lon", "lat")} == last  # fmt: skip
            assert all(on_the_map(*point) for point in last.values())
        transaction.set_rollback(True)


@given(lon=st.floats(allow_nan=True), lat=st.floats(allow_nan=True))
def test_the_map_is_the_country_s_box(lon, lat):
    inside = LON_RANGE[0] <= lon <= LON_RANGE[1] and LAT_RANGE[0] <= lat <= LAT_RANGE[1]
    assert on_the_map(lon, lat) == inside
    assert not on_the_map(float("nan"), lat)
    assert not on_the_map(lat + 1000, lon)


@given(serial=st.integers(1, 99_999), other=st.integers(1, 99_999))
def test_codes_are_as_long_as_each_other_and_sort_as_their_serials(serial, other):
    first, second = household_code("360123101201", serial), household_code("360123101201", other)
    assert len(first) == len(second) == 17
    assert (first < second) == (serial < other)


def test_whoever_is_reported_next_gets_the_next_serial_of_that_village_alone(storm):
    for village in ("360123101201", "360123102202"):
        assert next_serial(village) == 6
        made = enrol_reported(village=village, head_name="示例新户", phone="", size=2, by=machine())
        assert made.code == f"{village}00006"
        assert (made.registered, made.updated_at) == (False, clock.now())
        assert next_serial(village) == 7
