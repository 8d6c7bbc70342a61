"""What takes a personal value's place: the same for the same, never the value, and fit for its column."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.county.personal import GONE, Mask, scrub
from anlan.county.registry.identity import check_digit
from anlan.county.registry.models import Household, Person

MASK = Mask(b"secret", kept=["anlan"])
YEARS = st.integers(1920, 2025)
NUMBERS = st.builds(
    lambda year, serial: (body := f"360123{year}0101{serial:03}") + check_digit(body), YEARS, st.integers(0, 999)
)


@given(NUMBERS)
def test_an_id_number_keeps_year_and_sex_and_is_nobodys(number):
    other = MASK.id_number(number, {"id_number": number})
    assert other == MASK.id_number(number, {"id_number": number})
    assert other[:2] == "99"
    assert other[6:10] == number[6:10]
    assert int(other[16]) % 2 == int(number[16]) % 2
    assert other[17] == check_digit(other[:17])
    born = MASK.born(date(int(number[6:10]), 1, 1), {"id_number": number})
    assert f"{born:%Y%m%d}" == other[6:14]


@pytest.mark.parametrize("number", ["", "123", "36012319721111003X44", "护照E123"])
def test_a_number_of_another_shape_becomes_one_of_nobodys_too(number):
    other = MASK.id_number(number, {"id": 1})
    assert other.startswith("99")
    assert len(other) == max(18, len(number))


def test_written_apart_a_telephone_is_still_the_same():
    assert MASK.phone("138-0000-1234", {}) == MASK.phone("13800001234", {})
    assert MASK.phone("13800001234", {}).startswith("100")
    assert MASK.phone("13800001234", {}) != MASK.phone("13800001235", {})


def test_a_message_to_a_village_keeps_its_address_and_one_to_a_person_does_not():
    assert MASK.contact("360123101201", {}) == "360123101201"
    assert MASK.contact("13800001234", {}) == MASK.phone("13800001234", {})
    assert MASK.contact("079112345678", {}) != "079112345678"
    assert MASK.contact("a@b.cn", {}).endswith("@example.invalid")


def test_a_name_becomes_one_that_nobody_bears():
    assert MASK.name("张三丰", {}) == MASK.name("张三丰", {}) != MASK.name("张三", {})
    assert MASK.name("张三丰", {}).startswith("某")
    assert len({MASK.name(f"张{number}", {}) for number in range(500)}) > 470


def test_another_copy_has_other_names():
    assert Mask(b"x").name("张三丰", {}) != Mask(b"y").name("张三丰", {})


def test_the_program_keeps_its_own_name():
    assert MASK.username("anlan", {}) == "anlan"
    assert MASK.username("cadre-1", {}) != "cadre-1"
    assert MASK.subject("user:cadre-1", {}) == f"user:{MASK.username('cadre-1', {})}"
    assert MASK.subject("household:1", {}) == "household:1"


def test_a_ledger_line_loses_places_and_usernames_and_keeps_the_rest():
    told = json.loads(MASK.payload('{"holder":"cadre-1","lat":28.1,"lon":115.2,"name":"张三","number":3,"user":7}', {}))
    assert told == {
        "holder": MASK.username("cadre-1", {}), "name": MASK.name("张三", {}), "number": 3, "user": 7,
    }  # fmt: skip


def test_free_words_go_and_figures_stay():
    assert MASK.text("张三家的房", {}) == GONE
    assert MASK.text(["张三"], {}) == []
    claim = {"kinds": ["home"], "loss_yuan": 3, "text": "张三"}
    assert MASK.claim(claim, {}) == {"kinds": ["home"], "loss_yuan": 3, "text": GONE}
    assert MASK.claim({"kinds": []}, {}) == {"kinds": []}


def test_what_is_empty_stays_empty():
    row = {each.attname: "" for each in Household._meta.concrete_fields} | {"lon": None, "lat": None}
    assert scrub(MASK, Household, row) == row


def test_a_row_is_replaced_whole():
    row = {"id": 1, "name": "张三", "id_number": "360123197211110033", "sex": "m", "born": date(1972, 11, 11),
           "health": "grave", "relation": "head"}  # fmt: skip
    other = scrub(MASK, Person, row)
    assert {name for name, value in other.items() if value == row[name]} <= {"id", "sex", "relation"}
    assert other["born"].year == 1972
