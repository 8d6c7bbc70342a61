"""The registry as arrays: each household in its place, nothing added up wrongly, nobody dropped."""

from datetime import date

import numpy as np
import pytest
from tests.county.registry.conftest import A, B, C, household, person

from anlan.county.office.models import Division
from anlan.county.registry import actions, queries
from anlan.county.registry.columns import MONEY
from anlan.county.registry.models import Household, Income
from anlan.county.registry.records import CategoryRecord, HoldingRecord, HomeRecord, IncomeRecord

DAY = date(2026, 6, 18)
COUNTY = ["360123000000"]


@pytest.fixture
def enrol(people):
    def enrol(*records):
        actions.enrol(records=records, by=people["anlan"], source="test")

    return enrol


def test_rows_stand_in_the_order_of_their_codes_whatever_order_they_came_in(enrol):
    enrol(household(C, 1, labourers=3), household(A, 2, labourers=2), household(A, 1, labourers=1))
    found = queries.columns(COUNTY, DAY)
    assert found.code.tolist() == [A + "00001", A + "00002", C + "00001"]
    assert found.labourers.tolist() == [1, 2, 3]
    assert found.division.tolist() == [A, A, C]
    ids = dict(Household.objects.values_list("code", "id"))
    assert found.id.tolist() == [ids[code] for code in found.code.tolist()]
    assert len(found) == 3


@pytest.mark.parametrize("within", [COUNTY, ["360123101000"], [A], [A, C]])
def test_only_households_within_are_there(enrol, within):
    enrol(household(A), household(B), household(C))
    inside = {COUNTY[0]: {A, B, C}, "360123101000": {A, B}, A: {A}, C: {C}}
    assert set(queries.columns(within, DAY).division.tolist()) == set().union(*(inside[code] for code in within))


@pytest.mark.clause("M2")
def test_a_household_without_a_point_stands_at_its_village(enrol):
    enrol(household(A, 1), household(A, 2, lon=None, lat=None, location="village"))
    found = queries.columns(COUNTY, DAY)
    assert found.lon[0] == found.lon_or_village[0] == 115.61
    assert np.isnan(found.lon[1])
    assert np.isnan(found.lat[1])
    village = Division.objects.get(code=A)
    assert (found.lon_or_village[1], found.lat_or_village[1]) == (village.lon, village.lat)
    assert found.location.tolist() == ["point", "village"]
    assert 0 < found.location_m[0] < found.location_m[1]


def test_in_a_village_without_a_point_it_stands_at_the_township_and_anywhere_in_it(enrol):
    Division.objects.filter(code=A).update(lon=None, lat=None)
    enrol(household(A, 1), household(A, 2, lon=None, lat=None, location="village"))
    found = queries.columns(COUNTY, DAY)
    assert (found.lon_or_village[1], found.lat_or_village[1]) == (115.60, 28.90)
    assert found.location_m.tolist() == [50.0, 5000.0]


def test_money_of_one_household_is_never_anothers(enrol):
    parts = {name: float(place) for place, name in enumerate(MONEY, start=1)}
    enrol(
        household(A, 1, income=None),
        household(A, 2, income=IncomeRecord(DAY, **parts)),
        household(A, 3, income=IncomeRecord(DAY, wage_yuan=9.0)),
    )
    found = queries.columns(COUNTY, DAY)
    assert found.wage_yuan.tolist() == [0.0, 1.0, 9.0]
    for name, value in parts.items():
        assert getattr(found, name)[1] == value == getattr(Income.objects.get(household__code=A + "00002"), name)


def test_what_a_household_lives_from_is_added_up_by_what_it_is(enrol):
    held = [("rice", 1000.0), ("fruit", 200.0), ("pigs", 30.0), ("poultry", 4.0), ("equipment", 0.5)]
    enrol(
        household(A, 1, holdings=()),
        household(A, 2, holdings=tuple(HoldingRecord(kind, 1.0, value) for kind, value in held)),
    )
    found = queries.columns(COUNTY, DAY)
    assert found.crop_yuan.tolist() == [0.0, 1200.0]
    assert found.livestock_yuan.tolist() == [0.0, 34.0]
    assert found.equipment_yuan.tolist() == [0.0, 0.5]


def test_sums_do_not_depend_on_the_order_in_which_rows_were_written(people):
    values = [0.1, 0.2, 0.3, 1e8, -0.0, 7.7]
    sums = []
    for serial, order in enumerate((values, values[::-1]), start=1):
        holdings = tuple(HoldingRecord("rice", 1.0, value) for value in order)
        record = household(A, serial, holdings=holdings)
        actions.enrol(records=[record], by=people["anlan"], source="test")
    sums = queries.columns(COUNTY, DAY).crop_yuan.tolist()
    assert sums[0].hex() == sums[1].hex()


def test_homes_water_and_telephones(enrol, people):
    actions.enrol_water_sources(rows=[("W", A, "spring", "山泉")], by=people["anlan"])
    enrol(household(A, 1, home=None, phone=""), household(A, 2, water_source="W", insured=True))
    found = queries.columns(COUNTY, DAY)
    assert found.structure.tolist() == ["", "brick_timber"]
    assert found.home_yuan.tolist() == [0.0, 60_000.0]
    assert found.water.tolist() == ["", "spring"]
    assert found.phone_known.tolist() == [False, True]
    assert found.insured.tolist() == [False, True]


@pytest.mark.clause("W4")
@pytest.mark.parametrize(("born", "elderly"), [(date(1966, 6, 18), True), (date(1966, 6, 19), False)])
def test_someone_is_elderly_from_the_very_birthday(enrol, born, elderly):
    alone = household(A, 1, people=(person(born=born),))
    together = household(A, 2, people=(person(born=born), person(born=date(2010, 1, 1))))
    enrol(alone, together)
    found = queries.columns(COUNTY, DAY)
    assert found.elderly.tolist() == [elderly, elderly]
    assert found.alone.tolist() == [elderly, False]


def test_a_leap_day_is_a_day_like_others(enrol):
    enrol(household(A, 1, people=(person(born=date(1968, 2, 28)),)))
    assert queries.columns(COUNTY, date(2028, 2, 29)).elderly.tolist() == [True]


@pytest.mark.clause("D5")
def test_categories_count_on_the_days_they_hold(enrol):
    until = date(2026, 6, 18)
    enrol(
        household(A, 1, categories=(CategoryRecord("marginal", date(2026, 1, 1)),)),
        household(A, 2, categories=(CategoryRecord("ex_poor", date(2020, 1, 1), until),)),
        household(A, 3, categories=(CategoryRecord("disabled", date(2020, 1, 1)), CategoryRecord("unstable", until))),
        household(A, 4, categories=(), people=(person(health="disabled"),)),
    )
    found = queries.columns(COUNTY, DAY)
    assert found.monitored.tolist() == [True, False, True, False]
    assert found.ex_poor.tolist() == [False, False, False, False]
    assert found.disabled.tolist() == [False, False, True, True]
    before = queries.columns(COUNTY, date(2026, 6, 17))
    assert before.ex_poor.tolist() == [False, True, False, False]
    assert before.monitored.tolist() == [True, False, False, False]


def test_remoteness_is_the_villages(enrol):
    Division.objects.filter(code=B).update(remote=True)
    enrol(household(A), household(B))
    assert queries.columns(COUNTY, DAY).remote.tolist() == [False, True]


def test_holdings_stand_one_by_one_beside_their_sums(enrol):
    enrol(
        household(A, 1, holdings=(HoldingRecord("rice", 8.0, 12_000.0), HoldingRecord("pigs", 4, 6_000.0))),
        household(A, 2, holdings=(), home=HomeRecord("adobe", storeys=2)),
    )  # fmt: skip
    found = queries.columns(COUNTY, DAY)
    held = found.held
    assert len(held) == 2
    assert held.of.tolist() == [0, 0]
    assert held.kind.tolist() == ["pigs", "rice"]
    assert held.quantity.tolist() == [4.0, 8.0]
    assert held.value_yuan.tolist() == [6_000.0, 12_000.0]
    assert found.crop_yuan.tolist() == [12_000.0, 0.0]
    assert found.storeys.tolist() == [1, 2]


def test_nobody_there_is_no_error(county):
    found = queries.columns([A], DAY)
    assert len(found) == 0
    assert all(len(getattr(found, name)) == 0 for name in found.__dataclass_fields__)


def test_all_columns_are_as_long_as_there_are_households_and_cost_the_same_queries(enrol, django_assert_num_queries):
    enrol(*(household(A, serial) for serial in range(1, 40)))
    with django_assert_num_queries(7):
        found = queries.columns(COUNTY, DAY)
    assert {len(getattr(found, name)) for name in found.__dataclass_fields__ if name != "held"} == {39}
