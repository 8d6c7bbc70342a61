"""The pure parts of an import: identity numbers, cells, headings, villages."""

from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.county.registry import cells, vocabulary
from anlan.county.registry.cells import BadCell
from anlan.county.registry.headings import FIELDS, missing, normal, places
from anlan.county.registry.identity import NotAnIdentity, bearer, check_digit, read
from anlan.county.registry.identity import normal as written
from anlan.county.registry.places import NoSuchPlace, Places, Village
from anlan.county.registry.rules import household_code, on_the_map

TODAY = date(2026, 6, 18)


# --- identity numbers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "sex", "born"),
    [
        ("11010519491231002X", "f", date(1949, 12, 31)),
        ("990123197211110033", "m", date(1972, 11, 11)),
        ("990123201006061040", "f", date(2010, 6, 6)),
        ("990123194802292015", "m", date(1948, 2, 29)),
    ],
)
def test_known_specimens_say_who_they_are(number, sex, born):
    assert read(number) == (sex, born)


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("", "shape"), ("99012319721111003", "shape"), ("9901231972111100333", "shape"),
        ("99012319721111003x", "shape"),
        ("９９0123197211110033", "shape"), ("990123197211110034", "check"), ("990123197102290015", "check"),
        ("99012319710229001" + check_digit("99012319710229001"), "birthday"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_number_is_one_word(number, why):
    with pytest.raises(NotAnIdentity, match=why):
        read(number)


@settings(max_examples=50)
@given(
    st.integers(0, 999_999),
    st.dates(date(1900, 1, 1), date(2026, 1, 1)),
    st.integers(0, 999),
    st.integers(0, 16),
    st.integers(1, 9),
)
def test_any_number_built_right_reads_right_and_one_digit_changed_never_does(area, born, serial, at, shift):
    body = f"{area:06d}{born:%Y%m%d}{serial:03d}"
    number = body + check_digit(body)
    assert read(number) == ("m" if serial % 2 else "f", born)
    other = body[:at] + str((int(body[at]) + shift) % 10) + body[at + 1 :] + number[17]
    with pytest.raises(NotAnIdentity):
        read(other)


def test_a_number_is_freed_of_blanks_and_a_certificates_tail():
    assert written(" 11010519491231 002x ") == "11010519491231002X"
    assert bearer("99012319721111003343") == bearer("9901231972111100334301") == "990123197211110033"
    assert bearer("9901231972111100334") == "9901231972111100334"


# --- cells -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (None, ""),
        ("  甲\n 乙 ", "甲 乙"),
        (3.0, "3"),
        (3.5, "3.5"),
        (360123101201.0, "360123101201"),
        (True, "1"),
        (0, "0"),
    ],
)
def test_the_words_of_a_cell(cell, words):
    assert cells.text(cell) == words


@pytest.mark.parametrize("cell", [1e15, 990123197211110033, -1e16])
def test_a_number_too_long_for_a_sheet_is_never_trusted(cell):
    with pytest.raises(BadCell, match="文本"):
        cells.text(cell)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("", None),
        ("1,200", 1200),
        ("1，200.5元", 1200.5),
        ("2.4万", 24_000),
        ("3万元", 30_000),
        (7, 7),
        ("4亩", 4),
        ("0", 0),
    ],
)
def test_amounts_as_people_write_them(cell, value):
    assert cells.number(cell) == value


@pytest.mark.parametrize("cell", ["约3千", "-1", -1, "1e3", "nan", "3.5.1", "元", "１２x"])
def test_what_is_no_amount(cell):
    with pytest.raises(BadCell):
        cells.number(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "1972-11-11", "1972/11/11", "1972.11.11", "19721111", "1972年11月11日", 19721111, 19721111.0,
        date(1972, 11, 11), datetime(1972, 11, 11, 8, 0),  # noqa: DTZ001 (a sheet's moments have no zone)
         "1972-11-11 00:00:00",
    ],
)  # fmt: skip
def test_a_day_as_people_write_it(cell):
    assert cells.day(cell) == date(1972, 11, 11)


@pytest.mark.parametrize("cell", ["1972", "十一月", "1972-02-30", "72-11-11"])
def test_what_is_no_day(cell):
    with pytest.raises(BadCell):
        cells.day(cell)


def test_a_day_that_has_not_come_is_refused_and_today_is_not():
    assert cells.past_day(TODAY, TODAY) == TODAY
    assert cells.past_day("", TODAY) is None
    with pytest.raises(BadCell):
        cells.past_day(date(2026, 6, 19), TODAY)


@pytest.mark.parametrize(
    ("cell", "value"), [("是", True), ("Y", True), (1, True), ("否", False), (0, False), ("", None)]
)
def test_yes_and_no(cell, value):
    assert cells.flag(cell) is value


def test_the_gravest_of_several_words_counts():
    assert cells.choice("长期慢性病,患有大病", vocabulary.HEALTH, missing="") == "grave"
    assert cells.choice("患有大病,残疾", vocabulary.HEALTH, missing="") == "disabled"
    assert cells.choice("", vocabulary.HEALTH, missing="healthy") == "healthy"


@pytest.mark.parametrize(
    ("word", "relation"),
    [
        ("户主", "head"), ("之子", "child"), ("之儿媳", "child"), ("之女婿", "child"), ("之孙子", "grandchild"),
        ("之外孙女", "grandchild"), ("之曾孙子", "grandchild"), ("之岳父", "parent"), ("之祖母", "grandparent"),
        ("之兄弟姐妹", "sibling"), ("之兄弟媳妇", "other"), ("之侄儿", "other"), ("之叔伯", "other"), ("其他", "other"),
        ("配偶", "spouse"), ("之公公", "parent"), ("之母", "parent"), ("之外祖父", "grandparent"), ("保姆", "other"),
    ],
)  # fmt: skip
def test_every_relation_of_the_national_list_is_known(word, relation):
    assert cells.choice(word, vocabulary.RELATION, missing="", otherwise="other") == relation


@pytest.mark.parametrize(
    ("word", "kind"),
    [("脱贫户", "ex_poor"), ("脱贫不稳定户", "unstable"), ("低保边缘家庭", "low_income"), ("低保户", "subsistence"),
     ("分散供养特困户", "destitute"), ("一般农户", ""), ("监测户", "")],
)  # fmt: skip
def test_every_type_of_household_is_known(word, kind):
    assert cells.choice(word, vocabulary.TYPE, missing="") == kind


def test_a_refusal_never_repeats_what_the_cell_held():
    for reader in (cells.number, cells.day, cells.flag, lambda cell: cells.choice(cell, vocabulary.SEX, missing="")):
        with pytest.raises(BadCell) as bad:
            reader("张三13800000000")
        assert "张三" not in str(bad.value)
        assert "138" not in str(bad.value)


@settings(max_examples=50)
@given(st.one_of(st.none(), st.text(), st.floats(), st.booleans(), st.integers(), st.dates(), st.datetimes()))
def test_no_cell_whatever_breaks_a_reader(cell):
    for reader in (
        cells.text, cells.number, cells.whole, cells.day, cells.flag, cells.present,
        lambda cell: cells.coordinate(cell, 73, 136), lambda cell: cells.choice(cell, vocabulary.TYPE, missing=""),
    ):  # fmt: skip
        try:
            reader(cell)
        except BadCell as bad:
            assert str(bad)  # noqa: PT017 (either a value or a reason)


# --- headings, villages, codes -----------------------------------------------------------------------


def test_no_two_fields_share_a_heading():
    names = [normal(name) for field in FIELDS.values() for name in field]
    assert sorted({name for name in names if names.count(name) > 1}) == []


@pytest.mark.parametrize(
    "heading", ["耕地面积（亩）", "耕地面积(亩)", " 耕地 面积* ", "耕地面积：", "FARMLAND_MU", "farmland mu"]
)
def test_a_heading_is_known_however_it_is_decorated(heading):
    assert places([heading]) == {"farmland_mu": 0}


def test_of_two_names_for_one_thing_the_preferred_counts_wherever_it_stands():
    assert places(["联系方式", "联系电话"])["phone"] == 1
    assert places(["联系电话", "联系方式"])["phone"] == 0


def test_nothing_but_a_bracket_is_no_heading():
    assert places(["(亩)", "", None, 3]) == {}


def test_what_a_sheet_cannot_do_without():
    assert missing({"name": 0, "id_number": 1, "village": 2}) == []
    assert missing({"head_name": 0, "id_number": 1, "division": 2, "relation": 3}) == ["户编号"]
    assert missing({}) == ["身份证号", "姓名", "行政区划代码"]


def test_a_village_whose_name_ends_like_anothers_is_not_taken_for_it():
    found = Places(
        [Village("1" * 12, "东村", "甲镇"), Village("2" * 12, "上东村", "甲镇"), Village("3" * 12, "东村", "乙镇")]
    )
    assert found.code("上东村", "") == "2" * 12
    assert found.code("上东村", "") == "2" * 12, "the second time as the first"
    assert found.code("甲镇上东村", "") == "2" * 12
    assert found.code("乙镇东村", "") == "3" * 12
    assert found.code("东村", "乙镇") == "3" * 12
    for words, township in (("东村", ""), ("西村", ""), ("", ""), ("东村", "丙镇")):
        with pytest.raises(NoSuchPlace):
            found.code(words, township)


@pytest.mark.parametrize(
    ("lon", "lat", "on"), [(115.6, 28.9, True), (28.9, 115.6, False), (0, 0, False), (float("nan"), 28.9, False)]
)
def test_swapped_coordinates_leave_the_map(lon, lat, on):
    assert on_the_map(lon, lat) is on


def test_a_code_is_its_village_and_a_serial_that_sorts():
    assert household_code("360123101201", 7) == "36012310120100007"
    assert household_code("360123101201", 9) < household_code("360123101201", 10)
