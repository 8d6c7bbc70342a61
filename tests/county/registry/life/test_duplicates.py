"""Households that may be one: found on grounds, laid side by side, not asked about again once judged."""

import json
from dataclasses import replace
from datetime import date

import pytest
from django.core.management import call_command
from tests.county.registry.conftest import A, B, C, person
from tests.county.registry.test_quality import good, number

from anlan.county.registry import actions
from anlan.county.registry.life import actions as life
from anlan.county.registry.life import duplicates
from anlan.county.registry.life.duplicates import Pair
from anlan.county.registry.models import Household


@pytest.fixture
def enrol(people):
    def enrol(*records):
        actions.enrol(records=records, by=people["anlan"], source="test")
        return [Household.objects.get(code=each.code) for each in records]

    return enrol


def found():
    return duplicates.candidates(Household.objects.all().order_by())


def nameless(serial, **changes):
    """Somebody whose identity number is not known."""
    return replace(person(id_number=""), name=f"示例{serial}", **changes)


def test_a_register_in_order_has_no_doubles(enrol):
    assert found() == []
    enrol(good(A, 1), good(A, 2, people=(nameless(2),)), good(A, 3, people=(), size=2, phone=""))
    assert found() == []


@pytest.mark.clause("P1")
def test_the_same_number_in_two_households_is_the_strongest_ground(enrol):
    one, two, three, four = enrol(
        good(A, 1), good(C, 1, 2, people=(person(id_number=number(1)),)),
        good(B, 1, 3, phone="13811112222", head_name="示例寅"),
        good(C, 2, 4, phone="138-1111-2222", head_name="示例寅"),
    )  # fmt: skip
    assert found() == [Pair(one.pk, two.pk, ("id",)), Pair(three.pk, four.pk, ("phone",))]


def test_a_number_twice_in_one_household_is_no_pair(enrol):
    enrol(good(A, 1, people=(person(id_number=number(1)), person(id_number=number(1), relation="other"))))
    assert found() == []


def test_name_and_birthday_count_within_a_village_alone(enrol):
    one, two, _other = enrol(*(good(village, serial, people=(nameless("子"),), phone="")
                               for village, serial in ((A, 1), (A, 2), (B, 1))))  # fmt: skip
    assert found() == [Pair(one.pk, two.pk, ("person",))]


def test_another_birthday_is_another_person(enrol):
    enrol(good(A, 1, people=(nameless("子"),)), good(A, 2, people=(nameless("子", born=date(1980, 1, 1)),)))
    assert found() == []


def test_two_with_numbers_of_their_own_are_two_whatever_they_are_called(enrol):
    enrol(good(A, 1), good(A, 2))
    assert found() == []


def test_a_large_group_is_laid_side_by_side_one_after_the_other(enrol):
    enrol(*(good(A, serial, phone="13811112222") for serial in range(1, 10)))
    assert len(found()) == 8
    Household.objects.filter(code__gt=f"{A}00004").update(phone="")
    assert len(found()) == 6


def test_small_chunks_find_the_same(enrol, monkeypatch):
    enrol(*(good(A, serial, phone="13811112222") for serial in range(1, 5)))
    whole = found()
    monkeypatch.setattr(duplicates, "CHUNK", 1)
    assert found() == whole
    assert len(whole) == 6


def test_a_pair_judged_to_be_two_is_not_asked_about_again(enrol, people):
    one, two, three = enrol(*(good(A, serial, phone="13811112222") for serial in (1, 2, 3)))
    life.judge_distinct(first=two, second=one, by=people["township_officer_a"])
    assert found() == [Pair(one.pk, three.pk, ("phone",)), Pair(two.pk, three.pk, ("phone",))]


def test_a_merged_pair_is_none(enrol, people):
    one, two = enrol(*(good(A, serial, phone="13811112222") for serial in (1, 2)))
    deed = life.merge_households(keep=one, drop=two, by=people["township_officer_a"])
    assert found() == []
    life.unmerge(deed=deed, by=people["township_officer_a"])
    assert len(found()) == 1


def test_side_by_side_differences_are_marked(enrol):
    one, two = enrol(good(A, 1), good(A, 2, 1, phone="13811112222", home=None, insured=True))
    rows = {row.key: row for row in duplicates.beside(one, two)}
    assert {key for key, row in rows.items() if row.differs} == {"phone", "home", "insured"}
    assert (rows["phone"].right, rows["home"].right, rows["insured"].left) == ("13811112222", "", "—")
    assert list(rows) == list(duplicates.LABELS)


def test_members_stand_beside_themselves(enrol):
    one, two = enrol(
        good(A, 1, people=(person(id_number=number(1)), nameless("丑"))),
        good(A, 2, people=(nameless("寅"), person(id_number=number(1)))),
    )  # fmt: skip
    rows = [tuple(each and each.name for each in row) for row in duplicates.together(one, two)]
    assert rows == [("示例甲", "示例甲"), ("示例丑", None), (None, "示例寅")]


@pytest.mark.parametrize(("words", "count"), [([], 1), (["--division", A], 0), (["--by", "township_officer_b"], 0)])
def test_the_command_lists_codes_and_grounds(enrol, capsys, words, count):
    enrol(good(A, 1, phone="13811112222"), good(B, 1, 2, phone="13811112222"))
    call_command("registry_duplicates", "--json", *words)
    told = json.loads(capsys.readouterr().out)
    assert told["pairs"] == count
    if count:
        assert told["shown"] == [{"first": A + "00001", "second": B + "00001", "grounds": ["phone"]}]
        assert "示例" not in json.dumps(told, ensure_ascii=False)


def test_the_command_says_it_in_lines_for_people(enrol, capsys):
    enrol(good(A, 1, phone="13811112222"), good(B, 1, 2, phone="13811112222"))
    call_command("registry_duplicates", "--limit", "1")
    assert capsys.readouterr().out.splitlines() == [f"{A}00001\t{B}00001\tphone", "1"]
