"""Enrolling, relocating, categorising: who may, what is refused, and that a refusal changes nothing."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.county.registry.conftest import A, B, C, household, person

from anlan.county import clock
from anlan.county.errors import BadInput, NotAllowed, NotFound
from anlan.county.ledger.models import Entry
from anlan.county.ledger.queries import verify
from anlan.county.registry import actions, enrolment
from anlan.county.registry.actions import AlreadyEnrolled
from anlan.county.registry.models import Category, Holding, Home, Household, Income, Person, WaterSource

EVERYTHING = (Household, Person, Home, Holding, Income, Category)


def enrol(people, *records, by="administrator"):
    return actions.enrol(records=records, by=people[by], source="test")


def counts():
    return [model.objects.count() for model in EVERYTHING]


# --- enrolling ---------------------------------------------------------------------------------------


@pytest.mark.clause("P1")
def test_a_household_is_enrolled_with_everything_that_is_its(people, now):
    actions.enrol_water_sources(rows=[("W1", A, "well", "东头井")], by=people["administrator"])
    spouse = person(name="示例乙", relation="spouse", sex="f", health="chronic", labour="weak", medically_insured=False)
    assert enrol(people, household(water_source="W1", people=(person(), spouse), insured=True)) == 1
    (found,) = Household.objects.all()
    assert (found.code, found.size, found.location, found.registered) == (f"{A}00001", 2, "point", True)
    assert (found.insured, found.labourers, found.updated_at) == (True, 2, now)
    assert found.water_source.name == "东头井"
    assert [(who.name, who.born) for who in found.people.order_by("id")] == [
        ("示例甲", date(1972, 11, 11)), ("示例乙", date(1972, 11, 11)),
    ]  # fmt: skip
    assert found.people.get(relation="spouse").medically_insured is False
    assert (found.home.structure, found.home.built, found.home.grade) == ("brick_timber", 1998, "")
    assert sorted(found.holdings.values_list("kind", "quantity", "value_yuan")) == [
        ("pigs", 2.0, 3_000.0), ("rice", 4.0, 4_800.0),
    ]  # fmt: skip
    assert (found.income.wage_yuan, found.income.until, found.income.savings_yuan) == (20_000.0, date(2026, 5, 31), 0)
    assert [(held.kind, held.until, held.source) for held in found.categories.all()] == [("ex_poor", None, "名册")]


def test_what_is_not_known_of_a_household_is_simply_not_there(people):
    bare = household(
        people=(), size=3, home=None, holdings=(), income=None, categories=(), lon=None, lat=None, location="village"
    )
    enrol(people, bare)
    assert counts() == [1, 0, 0, 0, 0, 0]
    assert Household.objects.get().size == 3


def test_more_households_than_one_chunk_keep_their_own_people(people, monkeypatch):
    monkeypatch.setattr(enrolment, "CHUNK", 3)
    records = [household(serial=serial, people=(person(name=f"人{serial}"),)) for serial in range(1, 11)]
    assert enrol(people, *records) == 10
    for found in Household.objects.prefetch_related("people"):
        assert [who.name for who in found.people.all()] == [f"人{int(found.code[12:])}"]


def test_a_second_roll_is_added_to_the_first(people):
    enrol(people, household(serial=1))
    enrol(people, household(serial=2))
    assert counts()[:2] == [2, 2]
    assert Person.objects.filter(household__code=f"{A}00002").count() == 1


def test_one_line_says_how_many_came_and_what_they_were_but_no_name(people):
    enrol(people, household(serial=1), household(serial=2))
    (line,) = Entry.objects.filter(verb="registry.enrol")
    assert '"count":2' in line.payload
    assert "digest" in line.payload
    assert "示例甲" not in line.payload
    assert line.by == "administrator"
    assert verify().verified


def test_the_digest_is_of_the_facts_and_not_of_the_names_or_numbers_of_persons():
    one = household()
    same = replace(one, head_name="别人", phone="1", people=(person(name="别人", id_number="x"),))
    richer = replace(one, income=replace(one.income, wage_yuan=1.0))
    assert enrolment.digest([one]) == enrolment.digest([same])
    assert enrolment.digest([one]) != enrolment.digest([richer])
    assert enrolment.digest([one]) != enrolment.digest([replace(one, lon=115.62)])
    assert enrolment.digest([replace(one, income=None)]) != enrolment.digest([one])


def test_an_empty_roll_is_no_deed(people):
    assert enrol(people) == 0
    assert not Entry.objects.filter(verb="registry.enrol").exists()


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"division": "360123101299", "code": "36012310129900001"}, "360123101299"),
        ({"division": "360123101000", "code": "36012310100000001"}, "360123101000"),
        ({"code": B + "00001"}, "户编号"),
        ({"code": A}, "户编号"),
        ({"code": A + "x1"}, "户编号"),
        ({"location": "somewhere"}, "位置"),
        ({"lat": None}, "位置"),
        ({"lon": None, "lat": None}, "位置"),
        ({"lon": 28.91, "lat": 115.61}, "坐标"),
        ({"lon": float("nan")}, "坐标"),
        ({"water_source": "W9"}, "W9"),
    ],
)
def test_a_record_that_cannot_stand_is_refused_and_so_are_all_that_came_with_it(people, changes, named):
    with pytest.raises(BadInput, match=named):
        enrol(people, household(serial=7), household(**changes))
    assert counts() == [0] * 6
    assert not Entry.objects.filter(verb="registry.enrol").exists()


def test_a_code_is_enrolled_once(people):
    enrol(people, household())
    with pytest.raises(AlreadyEnrolled):
        enrol(people, household(serial=2), household())
    with pytest.raises(AlreadyEnrolled):
        enrol(people, household(serial=3), household(serial=3))
    assert Household.objects.count() == 1


@pytest.mark.parametrize("username", ["village_cadre_a", "department_clerk", "auditor", "township_officer_b"])
def test_who_may_not_import_here_enrols_nothing(people, username):
    with pytest.raises(NotAllowed):
        enrol(people, household(), by=username)
    assert counts() == [0] * 6


# --- water sources -----------------------------------------------------------------------------------


def test_a_water_source_given_again_is_renamed_and_not_doubled(people):
    rows = [("W1", A, "well", "东头井"), ("W2", B, "spring", "山泉")]
    assert actions.enrol_water_sources(rows=rows, by=people["administrator"]) == 2
    actions.enrol_water_sources(rows=[("W1", A, "central", "水厂")], by=people["administrator"])
    assert list(WaterSource.objects.order_by("code").values_list("code", "kind", "name")) == [
        ("W1", "central", "水厂"), ("W2", "spring", "山泉"),
    ]  # fmt: skip


def test_only_an_administrator_enrols_water_sources(people):
    with pytest.raises(NotAllowed):
        actions.enrol_water_sources(rows=[("W1", A, "well", "井")], by=people["village_cadre_a"])
    assert not WaterSource.objects.exists()


# --- households known from a report ------------------------------------------------------------------


@pytest.mark.clause("D1")
def test_a_household_nobody_knew_gets_the_next_code_of_its_village(people, now):
    enrol(people, household(serial=41), household(village=B, serial=99))
    found = actions.enrol_reported(village=A, head_name="新来", phone="1", size=2, by=people["village_cadre_a"])
    again = actions.enrol_reported(village=A, head_name="新来", phone="1", size=2, by=people["anlan"])
    first = actions.enrol_reported(village=C, head_name="新来", phone="", size=1, by=people["anlan"])
    assert [each.code for each in (found, again, first)] == [A + "00042", A + "00043", C + "00001"]
    assert (found.registered, found.location, found.lon, found.updated_at) == (False, "village", None, now)
    (line,) = Entry.objects.filter(about=f"household:{found.code}")
    assert "新来" not in line.payload


@pytest.mark.parametrize(("village", "size"), [("360123101000", 2), ("360123109999", 2), (A, 0)])
def test_a_report_needs_a_real_village_and_somebody_in_the_house(people, village, size):
    with pytest.raises(BadInput):
        actions.enrol_reported(village=village, head_name="新来", phone="", size=size, by=people["anlan"])
    assert not Household.objects.exists()


def test_a_cadre_reports_only_in_the_own_village(people):
    with pytest.raises(NotAllowed):
        actions.enrol_reported(village=A, head_name="新来", phone="", size=1, by=people["village_cadre_b"])


# --- relocating --------------------------------------------------------------------------------------


def test_a_household_that_is_found_elsewhere_gets_its_point(people, now):
    enrol(people, household(lon=None, lat=None, location="village"), household(serial=2))
    first, second = Household.objects.order_by("code")
    clock.advance(timedelta(hours=1))
    changes = [(first.pk, 115.60, 28.90), (second.pk, 115.50, 28.80)]
    assert actions.relocate(changes=changes, by=people["township_officer_a"]) == 2
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.lon, first.lat, first.location) == (115.60, 28.90, "point")
    assert (second.lon, first.updated_at) == (115.50, now + timedelta(hours=1))
    line = Entry.objects.get(about=f"household:{first.code}")
    assert '"before":"village"' in line.payload


@pytest.mark.parametrize("place", [(28.9, 115.6), (0.0, 0.0), (float("nan"), 28.9)])
def test_a_place_off_the_map_is_refused_and_no_household_moves(people, place):
    enrol(people, household(), household(serial=2))
    first, second = Household.objects.order_by("code")
    with pytest.raises(BadInput, match="坐标"):
        actions.relocate(changes=[(first.pk, 115.5, 28.8), (second.pk, *place)], by=people["anlan"])
    first.refresh_from_db()
    assert first.lon == 115.61


def test_nobody_moves_a_household_of_another_township_or_one_that_is_not_there(people):
    enrol(people, household(village=C))
    (found,) = Household.objects.all()
    with pytest.raises(NotAllowed):
        actions.relocate(changes=[(found.pk, 115.5, 28.8)], by=people["township_officer_a"])
    with pytest.raises(NotAllowed):
        actions.relocate(changes=[(found.pk, 115.5, 28.8)], by=people["village_cadre_b"])
    with pytest.raises(NotFound, match="1"):
        actions.relocate(changes=[(found.pk + 1, 115.5, 28.8)], by=people["anlan"])


# --- categories --------------------------------------------------------------------------------------


@pytest.mark.clause("D5")
def test_a_household_enters_a_category_once_and_leaves_it_on_a_day(people, now):
    enrol(people, household(categories=()))
    (found,) = Household.objects.all()
    since, until = date(2026, 7, 1), date(2027, 1, 1)
    change = [(found.pk, "unstable", since)]
    assert actions.categorise(changes=change * 2, by=people["county_director"], source="decide") == 1
    assert actions.categorise(changes=change, by=people["county_director"], source="decide") == 0
    assert actions.end_categories(changes=[(found.pk, "unstable", until)], by=people["county_director"]) == 1
    assert actions.end_categories(changes=[(found.pk, "unstable", until)], by=people["county_director"]) == 0
    (held,) = found.categories.all()
    assert (held.since, held.until, held.source) == (since, until, "decide")
    verbs = Entry.objects.filter(about=f"household:{found.code}").values_list("verb", flat=True)
    assert list(verbs) == ["registry.categorise", "registry.end_category"]


def test_who_left_a_category_may_enter_it_again(people):
    enrol(people, household())
    (found,) = Household.objects.all()
    actions.end_categories(changes=[(found.pk, "ex_poor", date(2025, 1, 1))], by=people["anlan"])
    assert actions.categorise(changes=[(found.pk, "ex_poor", date(2026, 1, 1))], by=people["anlan"], source="x") == 1
    assert found.categories.count() == 2


def test_a_category_that_ends_on_its_first_day_stays_as_history(people):
    enrol(people, household(categories=()))
    (found,) = Household.objects.all()
    day = date(2026, 7, 1)
    actions.categorise(changes=[(found.pk, "unstable", day)], by=people["anlan"], source="x")
    actions.end_categories(changes=[(found.pk, "unstable", day)], by=people["anlan"])
    assert found.categories.get().until == day + timedelta(days=1)


def test_a_category_is_one_of_the_known_ones(people):
    enrol(people, household())
    (found,) = Household.objects.all()
    with pytest.raises(BadInput, match="rich"):
        actions.categorise(changes=[(found.pk, "rich", date(2026, 7, 1))], by=people["anlan"], source="x")


@pytest.mark.parametrize("username", ["village_cadre_a", "auditor", "administrator_elsewhere"])
def test_only_who_decides_or_keeps_the_roll_changes_categories(people, username):
    enrol(people, household(village=C))
    (found,) = Household.objects.all()
    by = people.get(username, people["township_officer_a"])
    with pytest.raises(NotAllowed):
        actions.categorise(changes=[(found.pk, "unstable", date(2026, 7, 1))], by=by, source="x")
    with pytest.raises(NotAllowed):
        actions.end_categories(changes=[(found.pk, "ex_poor", date(2026, 7, 1))], by=by)
    assert found.categories.get().until is None
