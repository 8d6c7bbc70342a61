"""Division codes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engine.values.divisions import after, contains, full, level, parent, significant

ANYI = "360123000000"
VILLAGE = "360123101201"

# A code whose every level is named by digits that are not all zero, as in the real list.
codes = st.builds(
    lambda *parts: "".join(parts),
    *[
        st.integers(1, 10**width - 1).map(lambda number, width=width: f"{number:0{width}d}")
        for width in (2, 2, 2, 3, 3)
    ],
)


@pytest.mark.parametrize(
    ("code", "digits", "named"),
    [
        ("360000000000", "36", "province"),
        ("36", "36", "province"),
        ("360100000000", "3601", "prefecture"),
        (ANYI, "360123", "county"),
        ("360123", "360123", "county"),
        ("360123100", "360123100", "township"),
        ("360123100000", "360123100", "township"),
        (VILLAGE, VILLAGE, "village"),
        ("360123101200", "360123101200", "village"),
    ],
)
def test_the_digits_that_name_a_division_are_found_at_every_level(code: str, digits: str, named: str) -> None:
    assert significant(code) == digits
    assert level(code) == named


@pytest.mark.parametrize("text", ["", "3", "36012", "36012310120", "3601231012011", "36012310120x", "３６０１２３"])
def test_what_is_not_a_code_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a division code"):
        significant(text)


def test_a_division_contains_itself_and_what_stands_under_it() -> None:
    assert contains(ANYI, ANYI)
    assert contains("360123", VILLAGE)
    assert not contains(VILLAGE, ANYI)
    assert not contains("360123101000", "360123102201")


def test_the_way_up_ends_at_the_province() -> None:
    assert parent(VILLAGE) == "360123101000"
    assert parent("360123101000") == ANYI
    assert parent("360000000000") is None


def test_after_ends_the_range_of_a_prefix() -> None:
    assert "360123" <= VILLAGE < after("360123")
    assert after("360123") <= "360124000000"


@settings(max_examples=50)
@given(codes)
def test_every_division_lies_in_each_of_its_parents(code: str) -> None:
    above = parent(code)
    steps = 0
    while above is not None:
        assert contains(above, code)
        assert len(above) == 12
        above, steps = parent(above), steps + 1
    assert steps == 4
    assert full(significant(code)) == code
