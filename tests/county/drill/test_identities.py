"""Invented people: numbers that are right in form and can be nobody's."""

from collections import Counter
from datetime import date

import numpy as np
import pytest
from tests.county.drill.conftest import drawn

from anlan.county.drill.identities import id_numbers, people_of

WEIGHTS = [pow(2, 17 - place, 11) for place in range(17)]  # GB 11643, from its rule and not from our table
HOUSEHOLDS = drawn(size=3000)[1]
FAMILIES = list(people_of(5, HOUSEHOLDS, 2026))
EVERYONE = [person for family in FAMILIES for person in family]


def check_digit(body):
    rest = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, body, strict=True)) % 11
    return "X" if (12 - rest) % 11 == 10 else str((12 - rest) % 11)


def test_every_household_has_its_people_and_the_first_is_its_head():
    assert [len(family) for family in FAMILIES] == HOUSEHOLDS.size.tolist()
    assert all(family[0].relation == "head" for family in FAMILIES)
    assert all(sum(person.relation == "head" for person in family) == 1 for family in FAMILIES)


def test_every_number_has_the_right_check_digit():
    assert all(person.id_number[17] == check_digit(person.id_number[:17]) for person in EVERYONE)


def test_no_two_people_have_one_number():
    assert len({person.id_number for person in EVERYONE}) == len(EVERYONE)


def test_no_number_can_be_a_real_persons():
    # Area prefixes of the country begin with 1 to 8; 990123 was never assigned.
    assert {person.id_number[:6] for person in EVERYONE} == {"990123"}


def test_the_number_tells_birth_and_sex():
    for person in EVERYONE:
        assert person.id_number[6:14] == f"{person.born:%Y%m%d}"
        assert (int(person.id_number[16]) % 2 == 1) == (person.sex == "m")


@pytest.mark.parametrize("year", [2023, 2026])
def test_nobody_is_born_in_the_future(year):
    born = [person.born for family in people_of(5, HOUSEHOLDS, year) for person in family]
    assert max(born) < date(year, 1, 1)
    assert min(born) > date(year - 102, 1, 1)


def test_heads_are_as_old_as_the_household_says():
    ages = [2026 - family[0].born.year - 1 for family in FAMILIES]
    assert ages == HOUSEHOLDS.head_age.tolist()


def test_families_are_families():
    for family in FAMILIES:
        if len(family) > 1:
            assert family[0].sex != family[1].sex
            assert family[1].relation == "spouse"
        assert all(person.born > family[0].born for person in family if person.relation in {"child", "grandchild"})
    relations = Counter(person.relation for person in EVERYONE)
    assert relations["grandchild"] < relations["child"]


def test_labour_and_school_go_by_age():
    for person in EVERYONE:
        age = 2026 - person.born.year - 1
        assert person.student == (6 <= age < 18)
        assert person.labour in (("none",) if age < 16 or age > 72 else ("none", "weak" if age > 62 else "ordinary"))


def test_a_household_has_as_many_who_can_work_as_is_said_of_it_where_their_age_allows():
    able = [sum(person.labour != "none" for person in family) for family in FAMILIES]
    fit = [sum(15 < 2026 - person.born.year - 1 < 73 for person in family) for family in FAMILIES]
    assert able == [min(said, most) for said, most in zip(HOUSEHOLDS.labourers.tolist(), fit, strict=True)]
    assert max(able) > 1


def test_a_disabled_household_has_somebody_who_is():
    for family, disabled in zip(FAMILIES, HOUSEHOLDS.category["disabled"], strict=True):
        assert (family[0].health == "disabled") == disabled


def test_health_is_one_of_the_registrys_words():
    assert {person.health for person in EVERYONE} == {"healthy", "chronic", "grave", "disabled"}


def test_names_are_two_or_three_characters():
    assert {len(person.name) for person in EVERYONE} == {2, 3}
    assert len({person.name for person in EVERYONE}) > len(EVERYONE) / 3


def test_the_same_seed_the_same_people():
    assert list(people_of(5, HOUSEHOLDS, 2026)) == FAMILIES
    assert list(people_of(6, HOUSEHOLDS, 2026)) != FAMILIES


def test_a_day_holds_five_hundred_of_one_sex_and_no_more():
    day = np.full(1000, np.datetime64("1980-02-29"))
    female = np.arange(1000) < 500
    assert len(set(id_numbers(day, female))) == 1000
    with pytest.raises(ValueError, match="500"):
        id_numbers(np.append(day, day[:1]), np.append(female, True))
