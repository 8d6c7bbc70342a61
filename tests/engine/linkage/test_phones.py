"""Telephone numbers, however they are written."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engine.linkage import phones

MOBILE = "13912345678"


def text(*cells):
    return phones.text(pl.Series(cells, dtype=pl.String)).to_list()


@pytest.mark.parametrize(
    "cell",
    [
        MOBILE,
        f"+86{MOBILE}",
        f"+86 {MOBILE}",
        f"86-{MOBILE}",
        f"0086{MOBILE}",
        "139-1234-5678",
        "139 1234 5678",
        "１３９１２３４５６７８",
        f"{MOBILE}/13100000001",
        f"家{MOBILE}",
        f"{MOBILE}.0",
        "1.3912345678E+10",
        f"({MOBILE})",
    ],
)
def test_a_mobile_number(cell):
    assert text(cell) == [MOBILE]


@pytest.mark.parametrize("cell", [None, "", "无", "139****5678", "1391234567", "13800000000", "8341234"])
def test_no_number(cell):
    assert text(cell) == [None]


def test_a_landline_keeps_its_area():
    assert text("0791-83412345", "(0791)83412345") == ["079183412345"] * 2


@given(st.lists(st.one_of(st.none(), st.text(alphabet="0123456789+- /无", max_size=16)), max_size=10))
@settings(max_examples=60, deadline=None)
def test_numbers_stand_for_themselves_and_are_read_once(cells):
    once = text(*cells)
    assert once == [text(cell)[0] for cell in cells]
    assert text(*once) == once
