"""A text as segments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.county.dispatch.channels.segments import joined, parts, segments


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 1), ("雨" * 70, 1), ("雨" * 71, 2), ("雨" * 134, 2), ("雨" * 135, 3), ("a" * 70, 1), ("a" * 71, 2),
     ("𠀀" * 35, 1), ("𠀀" * 36, 2), ("𠀀" * 66, 2), ("𠀀" * 67, 3)],
)  # fmt: skip
def test_segments_are_counted_as_a_carrier_counts_them(text, count):
    assert segments(text) == count


@given(st.text(max_size=400))
def test_together_they_are_the_text_and_none_is_too_long_or_cuts_a_character(text):
    cut = parts(text)
    assert b"".join(cut).decode("utf-16-be") == text
    assert "".join(part.decode("utf-16-be") for part in cut) == text
    assert all(len(part) <= (140 if len(cut) == 1 else 134) for part in cut)


def test_several_name_their_message_count_and_place():
    first, second = joined("雨" * 100, 0x1234)
    assert (first[:6], second[:6]) == (b"\x05\x00\x03\x34\x02\x01", b"\x05\x00\x03\x34\x02\x02")
    assert len(first) == 140
    assert (first[6:] + second[6:]).decode("utf-16-be") == "雨" * 100
    assert joined("雨", 1) == ("雨".encode("utf-16-be"),)


def test_what_no_handset_could_join_is_refused():
    assert len(joined("雨" * (67 * 255), 1)) == 255
    with pytest.raises(ValueError, match="256 segments"):
        joined("雨" * (67 * 255 + 1), 1)
