"""Numbers in words."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engine.audience.speech import quantity, spell

VALUES = {character: value for value, character in enumerate("零一二三四五六七八九")}
UNITS = {"十": 10, "百": 100, "千": 1000}


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "零"), (7, "七"), (10, "十"), (12, "十二"), (20, "二十"), (24, "二十四"), (100, "一百"), (105, "一百零五"),
        (110, "一百一十"), (1000, "一千"), (1005, "一千零五"), (1050, "一千零五十"), (9999, "九千九百九十九"),
    ],
)  # fmt: skip
def test_quantities_are_read_as_people_read_them(number: int, words: str) -> None:
    assert quantity(number) == words


@pytest.mark.parametrize("number", [-1, 10_000])
def test_beyond_four_digits_there_is_no_reading(number: int) -> None:
    with pytest.raises(ValueError, match="0 to 9999"):
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
