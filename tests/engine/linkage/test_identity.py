"""Identity numbers: what a cell says, however it was damaged; and which whole numbers a slip away it may mean."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.linkage.persons import numbers

from anlan.engine.linkage import identity

WHOLE = "990123197211110033"
HEAD = WHOLE[:15]


def read(*cells):
    return identity.read(pl.Series(cells, dtype=pl.String)).rows(named=True)


@st.composite
def whole(draw):
    year, month, day = draw(st.integers(1900, 2024)), draw(st.integers(1, 12)), draw(st.integers(1, 28))
    born = np.array([year * 10_000 + month * 100 + day])
    return str(numbers(np.array([draw(st.integers(990100, 990199))]), born, np.array([draw(st.integers(1, 998))]))[0])


@pytest.mark.parametrize(
    "cell",
    [
        WHOLE,
        f" {WHOLE} ",
        "９９０１２３１９７２１１１１００３３",
        "990123 19721111 0033",
        f"'{WHOLE}",
        "99O1231972llll0033".replace("l", "1"),
        "990123-19721111-0033",
        f"{WHOLE}12",
        f"{WHOLE}1234",
        "990123721111003",
    ],
)
def test_a_whole_number_is_read_however_it_is_written(cell):
    (row,) = read(cell)
    assert (row["id"], row["id_head"], row["id_like"], row["id_text"]) == (WHOLE, HEAD, None, None)


@pytest.mark.parametrize(
    "cell", ["11010519491231002x", "11010519491231002Ｘ", "11010519491231002×", "11010519491231002Х"]
)
def test_an_x_is_an_x(cell):
    assert read(cell)[0]["id"] == "11010519491231002X"


@pytest.mark.parametrize(
    "cell", [None, "", " ", "无", "不详", "000000000000000000", "123456789012345678", "111111111111111111"]
)
def test_what_is_no_number_is_none(cell):
    assert read(cell)[0]["id"] is None


def test_a_wrong_check_digit_is_not_whole_but_its_text_is_kept():
    (row,) = read(WHOLE[:-1] + "4")
    assert (row["id"], row["id_text"]) == (None, WHOLE[:-1] + "4")


@pytest.mark.parametrize(
    "cell", [HEAD + "000", HEAD + "***", "9.90123197211110E+17", "990123197211110016.0", HEAD, "9.9012319721111003e+17"]
)
def test_what_a_sheet_rounded_keeps_its_head(cell):
    (row,) = read(cell)
    assert row["id_head"] == HEAD
    assert (row["id_like"], row["id_digits"]) == (HEAD + "%", 15)


def test_a_number_that_ends_in_zeros_is_whole_and_a_head_alike():
    ends = next(n for n in (f"99012319721111{k}000" for k in range(10)) if read(n)[0]["id"])
    assert read(ends)[0]["id_like"] == ends[:15] + "%"


@pytest.mark.parametrize(
    ("cell", "like", "digits"),
    [
        ("990***", "990%", 3),
        ("990123********0033", "990123________0033", 10),
        ("9901231972****0033", "9901231972____0033", 14),
        ("990123XXXXXXXX0033", "990123________0033", 10),
        ("3.6E+17", "3_________________", 1),
        ("990123●●●●●●●●0033", "990123________0033", 10),
        ("***0033", "%0033", 4),
        ("360000000000000000", None, 0),
    ],
)
def test_a_masked_number_says_what_it_still_shows(cell, like, digits):
    (row,) = read(cell)
    assert (row["id"], row["id_like"], row["id_digits"]) == (None, like, digits)


def test_fifteen_digits_of_a_year_that_may_be_of_this_century_stay_open():
    (row,) = read("990123120101003")
    assert row["id"] is None
    found = identity.repairs(pl.Series([row["id_text"]]))["id"].str.slice(6, 4).to_list()
    assert sorted(found) == ["1912", "2012"]


@given(whole(), st.integers(0, 16), st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_one_wrong_digit_is_repaired(number, place, by):
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    assert read(wrong)[0]["id"] is None  # the check digit finds every single slip
    assert number in identity.repairs(pl.Series([wrong]))["id"].to_list()


@given(whole(), st.integers(0, 17))
@settings(max_examples=60, deadline=None)
def test_a_dropped_digit_and_one_too_many_are_repaired(number, place):
    short, long = number[:place] + number[place + 1 :], number[:place] + "7" + number[place:]
    for text in {short, long} - {number}:
        if text[:-1].isdigit():
            assert number in identity.repairs(pl.Series([text]))["id"].to_list()


@given(whole(), st.integers(0, 15))
@settings(max_examples=60, deadline=None)
def test_two_swapped_digits_are_repaired(number, place):
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    found = identity.repairs(pl.Series([swapped]))["id"].to_list()
    assert number in found or swapped == number


@given(st.lists(st.one_of(st.none(), st.text(alphabet="0123456789Xx*.E+ ０Ｘ无", max_size=22)), max_size=20))
@settings(max_examples=30, deadline=None)
def test_every_cell_stands_for_itself(cells):
    together = read(*cells)
    assert together == [read(cell)[0] for cell in cells]
    assert read(*reversed(cells)) == together[::-1]
    again = read(*[row["id"] for row in together])
    assert [row["id"] for row in again] == [row["id"] for row in together]
    texts = [row["id_text"] for row in together]
    assert [row["id_text"] for row in read(*texts)] == texts


@given(st.lists(st.text(alphabet="0123456789X", min_size=14, max_size=20), max_size=10))
@settings(max_examples=40, deadline=None)
def test_repairs_are_whole(texts):
    found = identity.repairs(pl.Series(texts, dtype=pl.String))["id"].to_list()
    assert [row["id"] for row in read(*found)] == found


def test_nothing_to_repair():
    assert identity.repairs(pl.Series([], dtype=pl.String)).is_empty()
