"""What holds for whatever a register says: numbers read as the registry reads them, orders that do not matter."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.county.registry import identity
from anlan.engine.quality import RULES, Register, Roll, identity_keys, judge, judge_register, number_keys
from anlan.engine.quality.roll import identities

DAY = 20260618
digits = st.text("0123456789", min_size=17, max_size=17)
days = st.dates(date(1920, 1, 1), date(2026, 6, 18))


def valid(body: str) -> str:
    return body + identity.check_digit(body)


@given(st.lists(st.one_of(digits.map(valid), st.text("0123456789X ", max_size=22)), max_size=20))
def test_identity_numbers_are_read_as_one_by_one(numbers):
    read = identities(np.array(numbers, dtype=np.str_))
    for place, text in enumerate(numbers):
        if len(text) in (20, 22) or text.endswith(" "):
            continue  # certificates have a bearer; the rest of the house reads numbers trimmed
        try:
            sex, born = identity.read(text)
        except identity.NotAnIdentity as bad:
            why = str(bad)
            assert read.known[place] == (text != "")
            assert read.shaped[place] == (why in {"check", "birthday"})
            assert read.checked[place] == (why == "birthday")
        else:
            assert read.checked[place]
            assert read.male[place] == (sex == "m")
            assert read.born[place] == born.year * 10_000 + born.month * 100 + born.day


@given(st.sets(digits, min_size=2, max_size=8))
def test_different_people_have_different_keys(bodies):
    numbers = [valid(body) for body in sorted(bodies)]
    keys = identity_keys(np.array(numbers, dtype=np.str_))
    assert len(set(keys.tolist())) == len(numbers)
    certificates = identity_keys(np.array([each + "11" for each in numbers], dtype=np.str_))
    assert certificates.tolist() == keys.tolist()


@given(st.text("0123456789- ", max_size=20))
def test_a_telephone_is_its_digits(text):
    (key,) = number_keys(np.array([text], dtype=np.str_)).tolist()
    assert str(key) == ("".join(text.split()).replace("-", "")[:18].lstrip("0") or "0")


members = st.lists(
    st.tuples(
        st.sampled_from(["示例甲", "示例乙"]), st.just(""), st.sampled_from(["m", "f", ""]),
        days.map(lambda day: day.year * 10_000 + day.month * 100 + day.day),
        st.sampled_from(["head", "spouse", "child", "other"]), st.sampled_from(["healthy", "chronic", "disabled"]),
        st.sampled_from(["ordinary", "weak", "lost", "none"]), st.booleans(), st.booleans(), st.just(""),
    ),
    max_size=5,
)  # fmt: skip
homes = st.tuples(
    st.sampled_from(["示例甲", "示例乙"]), st.integers(0, 6), st.integers(0, 4),
    st.sampled_from(["", "13800000000", "12"]), st.sampled_from(["point", "group", "village"]), st.booleans(),
    st.sampled_from([0, 20260531]), st.booleans(), st.booleans(),
)  # fmt: skip
registers = st.lists(st.tuples(homes, members), min_size=1, max_size=6)


def roll(register) -> Roll:
    people = [(place, *who) for place, (_home, several) in enumerate(register) for who in several]
    return Roll.of(DAY, [home for home, _several in register], people)


def broken(register) -> list[set[str]]:
    """The rules each household breaks, itself or by a member."""
    found: list[set[str]] = [set() for _each in register]
    for each in judge(roll(register)):
        for home in each.home.tolist():
            found[home].add(each.rule)
    return found


@given(registers)
def test_a_household_is_judged_by_what_is_its_own(register):
    assert broken(register) == [broken([each])[0] for each in register]


@given(registers, st.randoms(use_true_random=False))
def test_the_order_of_members_changes_nothing(register, luck):
    shuffled = [(home, luck.sample(several, len(several))) for home, several in register]
    assert broken(shuffled) == broken(register)


@given(registers)
def test_a_finding_names_a_member_of_that_household(register):
    people = [place for place, (_home, several) in enumerate(register) for _who in several]
    for each in judge(roll(register)):
        for home, member in zip(each.home.tolist(), each.member.tolist(), strict=True):
            assert 0 <= home < len(register)
            assert member == -1 or people[member] == home


@given(registers)
def test_the_right_size_is_what_the_members_are(register):
    right = [((home[0], len(several), *home[2:]), several) for home, several in register]
    assert not any("size_differs" in each for each in broken(right))
    wrong = [((home[0], len(several) + 1, *home[2:]), several) for home, several in register]
    assert [("size_differs" in each) for each in broken(wrong)] == [bool(several) for _home, several in register]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), max_size=12))
def test_one_person_in_two_households_is_what_counting_says(rows):
    key = np.array([row[0] for row in rows], dtype=np.int64)
    house = np.array([row[1] for row in rows], dtype=np.int64)
    none = np.zeros(0, dtype=np.int64)
    (found,) = judge_register(Register(key, house, house, none, none, none), [RULES["id_elsewhere"]])
    owners = {number: {place for each, place in rows if each == number} for number, _house in rows}
    assert found.member.tolist() == [
        place for place, (number, _house) in enumerate(rows) if number and len(owners[number]) > 1
    ]


@pytest.mark.parametrize("age", [15, 16, 60, 61])
def test_working_age_is_sixteen_to_sixty(age):
    born = date(2026 - age, 6, 18) - timedelta(days=0)
    who = ("示例甲", "", "m", born.year * 10_000 + 618, "head", "healthy", "none", False, True, "")
    found = broken([(("示例甲", 1, 0, "", "point", True, DAY, False, False), [who])])[0]
    assert ("able_but_weak" in found) == (16 <= age <= 60)
