"""Numbers in words."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engine.audience.speech import pronounce, quantity, spell

VALUES = {character: value for value, character in enumerate("零一二三四五六七八九")}
UNITS = {"十": 10, "百": 100, "千": 1000}


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "零"), (7, "七"), (10, "十"), (12, "十二"), (20, "二十"), (24, "二十四"), (100, "一百"), (105, "一百零五"),
        (110, "一百一十"), (1000, "一千"), (1005, "一千零五"), (1050, "一千零五十"), (9999, "九千九百九十九"),
        (10_000, "一万"),
        (10_010, "一万零一十"), (10_110, "一万零一百一十"), (12_000, "一万二千"), (120_345, "十二万零三百四十五"),
        (99_999_999, "九千九百九十九万九千九百九十九"), (20_000_005, "二千万零五"),
    ],
)  # fmt: skip
def test_quantities_are_read_as_people_read_them(number: int, words: str) -> None:
    assert quantity(number) == words


@pytest.mark.parametrize("number", [-1, 10**8])
def test_beyond_eight_digits_there_is_no_reading(number: int) -> None:
    with pytest.raises(ValueError, match="0 to 99999999"):
        quantity(number)


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("未来24小时", "未来二十四小时"),
        ("等3个乡镇", "等三个乡镇"),
        ("等2个乡镇", "等两个乡镇"),
        ("2小时", "二小时"),
        ("打119", "打幺幺九"),
        ("拨12379", "拨幺二三七九"),
        ("电话13800001111", "电话幺三八零零零零幺幺幺幺"),
        ("007号", "零零七号"),
        ("水深1.5米", "水深一点五米"),
        ("2.5个", "二点五个"),
        ("３组", "三组"),
        ("没有数字", "没有数字"),
    ],
)
def test_a_text_is_read_without_digits(text: str, spoken: str) -> None:
    assert spell(text) == spoken


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("2026年6月18日20:00起", "二零二六年六月十八日二十点起"),
        ("2026-06-18", "二零二六年六月十八日"),
        ("06月08日2:05", "六月八日两点零五分"),
        ("18日20：30：15前", "十八日二十点三十分前"),
        ("1000年一遇", "一千年一遇"),
        ("雨量80mm", "雨量八十毫米"),
        ("雨强50～80 mm/h", "雨强五十到八十毫米每小时"),
        ("流量1250.5m³/s", "流量一千二百五十点五立方米每秒"),
        ("水位超警1.05m", "水位超警一点零五米"),
        ("气温-3℃", "气温零下三摄氏度"),
        ("气温-3~5℃", "气温零下三到五摄氏度"),
        ("最高38.5°C", "最高三十八点五摄氏度"),
        ("湿度90%", "湿度百分之九十"),
        ("三成至50％", "三成至百分之五十"),
        ("10-20%", "百分之十到百分之二十"),
        ("盐度3‰", "盐度千分之三"),
        ("7-9级大风", "七到九级大风"),
        ("Ⅰ级、IV级", "一级、四级"),
        ("AI级", "AI级"),
        ("12,000人", "一万二千人"),
        ("999,999,999", "九百九十九,九百九十九,九百九十九"),
        ("1,234,567元", "一百二十三万四千五百六十七元"),
        ("转移12000人、受灾35000.5亩", "转移一万二千人、受灾三万五千点五亩"),
        ("编号12000", "编号幺二零零零"),
        ("0791-83412345", "零七九幺八三四幺二三四五"),
        ("138-0000-1111", "幺三八零零零零幺幺幺幺"),
        ("400 123 4567", "四零零幺二三四五六七"),
        ("S305省道、105国道", "S三零五省道、幺零五国道"),
        ("2户2次2天2条", "两户两次两天两条"),
        ("3mx", "三mx"),
        ("25:70", "二十五:七十"),
    ],
)
def test_days_times_units_and_signs_are_read_as_people_say_them(text: str, spoken: str) -> None:
    assert spell(text) == spoken


def test_words_that_a_program_reads_wrongly_are_given_as_syllables() -> None:
    assert pronounce("应急响应，18:00前避难") == " ying4 ji2  xiang3 ying4 ，十八点前 bi4 nan4 "
    assert spell("应急") == "应急", "what is shown stays as it is written"


SIGNS = "0123456789.,:：-~～%％‰℃°C mkhst/²³年月日个户人亩ⅠIV级国道"


@settings(max_examples=300)
@given(st.text(alphabet=SIGNS, max_size=24))
def test_no_sign_around_numbers_leaves_a_digit_or_fails(text: str) -> None:
    spoken = spell(text)
    assert re.search(r"\d", spoken) is None
    assert spell(spoken) == spoken


@settings(max_examples=100)
@given(st.text(max_size=60))
def test_any_text_can_be_spoken(text: str) -> None:
    assert not set("0123456789") & set(spell(text))
    assert isinstance(pronounce(text), str)


@settings(max_examples=50)
@given(st.integers(0, 9999))
def test_a_reading_says_its_number(number: int) -> None:
    total, digit = 0, 1 if quantity(number).startswith("十") else 0
    for character in quantity(number):
        if character in UNITS:
            total, digit = total + digit * UNITS[character], 0
        else:
            digit = VALUES[character]
    assert total + digit == number


@settings(max_examples=50)
@given(st.text(alphabet="0123456789.个乡镇小时 ", max_size=30))
def test_no_digit_is_left(text: str) -> None:
    assert re.search(r"\d", spell(text)) is None
