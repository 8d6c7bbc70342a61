"""What the tables themselves hold to: what is gone is hidden and kept, and fields that belong together are paired."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from tests.county.registry.conftest import A, B, household, person
from tests.county.registry.test_quality import number

from anlan.county import clock
from anlan.county.registry import actions, lookups, queries
from anlan.county.registry.life import actions as life
from anlan.county.registry.models import Deed, Distinct, Home, Household, Person

DAY = date(2026, 6, 1)


@pytest.fixture
def two(people):
    records = (
        household(A, 1, people=(person(id_number=number(1)), person(name="示例乙", id_number="", relation="other"))),
        household(B, 1, people=(person(id_number=number(2)),), phone="13800000002"),
    )
    actions.enrol(records=records, by=people["anlan"], source="test")
    return list(Household.objects.order_by("code"))


def refused(deed):
    with pytest.raises(IntegrityError), transaction.atomic():
        deed()


@pytest.mark.parametrize("gone", [{"closed_on": DAY}, {"merged_into": None}])
def test_who_is_gone_is_not_registered(two, gone):
    one, other = two
    words = {name: value or other for name, value in gone.items()}
    refused(lambda: Household.every.filter(pk=one.pk).update(**words))
    assert Household.every.filter(pk=one.pk).update(registered=False, **words) == 1


def test_a_merged_household_is_hidden_from_lists_and_reached_by_keys(two):
    one, other = two
    Household.objects.filter(pk=other.pk).update(merged_into=one, registered=False)
    assert list(Household.objects.all()) == [one]
    assert list(Household.objects.within(B)) == []
    assert Home.objects.get(household=other.pk).household == other
    assert list(Person.objects.values_list("household_id", flat=True)) == [one.pk, one.pk]
    assert Person.every.filter(household=other).count() == 1


def test_a_closed_household_is_hidden_too(two):
    one, other = two
    Household.objects.filter(pk=other.pk).update(closed_on=DAY, registered=False)
    assert list(Household.objects.all()) == [one]
    assert set(Household.every.all()) == {one, other}


def test_a_person_who_is_gone_is_no_member(two):
    one, _other = two
    Person.objects.filter(household=one, name="示例乙").update(gone="died", gone_on=DAY)
    assert [each.name for each in one.people.all()] == ["示例甲"]
    assert Person.every.filter(household=one).count() == 2


def test_an_undone_deed_says_who_and_when(two, people):
    words = {"kind": "merge", "household": two[0], "on": DAY, "by": people["anlan"], "at": clock.now()}
    refused(lambda: Deed.objects.create(**words, undone_at=clock.now()))
    refused(lambda: Deed.objects.create(**words, undone_by=people["anlan"]))
    assert str(Deed.objects.create(**words)) == f"merge {two[0].pk}"


def test_a_pair_is_judged_once_and_in_order(two, people):
    one, other = sorted(two, key=lambda each: each.pk)
    by = {"by": people["anlan"], "at": clock.now()}
    refused(lambda: Distinct.objects.create(first=other, second=one, **by))
    refused(lambda: Distinct.objects.create(first=one, second=one, **by))
    assert str(Distinct.objects.create(first=one, second=other, **by)) == f"{one.pk} {other.pk}"
    refused(lambda: Distinct.objects.create(first=one, second=other, **by))


def test_look_ups_by_what_is_personal(two):
    one, other = two
    assert lookups.holders([number(1), number(2), number(3), ""]) == {number(1): {one.pk}, number(2): {other.pk}}
    assert lookups.subscribers([other.phone, "", "1"]) == {other.phone: {other.pk}}
    assert lookups.holders([]) == lookups.subscribers([]) == {}


def test_look_ups_pass_over_who_is_gone(two):
    one, other = two
    Person.objects.filter(household=one).update(gone="left", gone_on=DAY)
    Household.objects.filter(pk=other.pk).update(merged_into=one, registered=False)
    assert lookups.holders([number(1), number(2)]) == {}
    assert lookups.subscribers([other.phone]) == {}


def test_a_code_leads_through_moves_and_mergers_to_what_stands(two, people):
    one, other = two
    by = people["township_officer_a"]
    life.move(household=other, village=A, by=by, on=DAY)
    life.merge_households(keep=one, drop=other, by=by)
    life.move(household=one, village=B, by=by, on=DAY)
    now = Household.objects.get().code
    moved = Household.every.get(pk=other.pk).code
    assert {queries.present_code(code) for code in (one.code, other.code, moved, now)} == {now}
    assert queries.names_of(Household.objects.get()) == [now, moved, one.code, other.code]
    assert queries.present_code(B + "99999") is None


def test_what_was_merged_into_a_merged_one_is_the_last_ones(two, people):
    one, other = two
    by = people["township_officer_a"]
    actions.enrol(records=[household(A, 5, people=(), size=1)], by=people["anlan"], source="test")
    third = Household.objects.get(code=A + "00005")
    life.merge_households(keep=other, drop=third, by=by)
    life.merge_households(keep=one, drop=other, by=by)
    assert queries.merged_rows(one) == [one.pk, other.pk, third.pk]
    assert queries.names_of(one) == [one.code, third.code, other.code]
    assert queries.present_code(third.code) == one.code


def test_a_code_is_given_once_whoever_had_it(two, people):
    one, other = two
    by = people["township_officer_a"]
    life.move(household=one, village=B, by=by, on=DAY)
    assert Household.objects.get(pk=one.pk).code == B + "00002"
    assert queries.next_serial(A) == 2
    life.move(household=other, village=A, by=by, on=DAY)
    assert Household.objects.get(pk=other.pk).code == A + "00002"
    assert queries.next_serial(B) == 3


def test_what_was_merged_into_a_household_is_sought_among_the_few(county):
    plan = Household.every.filter(merged_into__in=[1]).explain()
    if connection.vendor == "sqlite":
        assert "household_merged" in plan
