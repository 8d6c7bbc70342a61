"""Headers, codings and numbers of what handsets send: whatever they are, they are read and never fail."""

from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.county.dispatch.channels.pieces import LONGEST, decoded, national, pieced
from anlan.county.dispatch.channels.segments import joined


@given(st.text(min_size=71, max_size=400), st.integers(0, 10**6))
def test_pieces_of_ours_are_put_together_again(text, number):
    found = [pieced(piece, header=True) for piece in joined(text, number)]
    assert [part for _thread, part, _parts, _text in found] == list(range(1, len(found) + 1))
    assert {(thread, parts) for thread, _part, parts, _text in found} == {(str(number % 256), len(found))}
    units = b"".join(text for _thread, _part, _parts, text in found)
    assert units == text.encode("utf-16-be", "surrogatepass")


@pytest.mark.parametrize(
    ("content", "text"),
    [(b"", b""), (b"\x09\x00\x03", b"\x09\x00\x03"), (b"\x00abc", b"abc"), (b"\x02\x05\x00abc", b"abc"),
     (b"\x05\x00\x03\x01\x00\x01abc", b"abc"), (b"\x05\x00\x03\x01\x02\x03abc", b"abc"),
     (b"\x05\x00\x03\x01\x02\x00abc", b"abc"), (b"\x04\x00\x03\x01\x02abc", b"abc"), (b"\x01\x00abc", b"abc"),
     (b"\x05\x00\x03\x01\x01\x01abc", b"abc")],
)  # fmt: skip
def test_a_header_that_makes_no_sense_makes_no_pieces(content, text):
    assert pieced(content, header=True) == ("", 1, 1, text)
    assert pieced(content, header=False) == ("", 1, 1, content)


def test_another_element_may_stand_before_the_one_of_pieces():
    assert pieced(b"\x09\x05\x02ab\x00\x03\x07\x02\x01x", header=True) == ("7", 1, 2, b"x")


@given(st.binary(max_size=200), st.booleans())
def test_any_content_is_a_piece_that_fits_the_table(content, header):
    thread, part, parts, text = pieced(content, header=header)
    assert 1 <= part <= parts <= 255
    assert len(thread) <= 5
    assert content.endswith(text)


@given(st.binary(max_size=3000), st.integers(0, 255))
def test_any_text_can_be_kept(given, coding):
    text = decoded(given, coding)
    assert len(text) <= LONGEST
    assert not [each for each in text if category(each) == "Cs" or (category(each) == "Cc" and each not in "\n\t")]
    text.encode()


@pytest.mark.parametrize(
    ("given", "kept"),
    [("13800000001", "13800000001"), ("+8613800000001", "13800000001"), ("008613800000001", "13800000001"),
     ("8613800000001", "13800000001"), (" 13800000001\0", "13800000001"), ("10086", "10086"), ("", ""),
     ("86138", "86138"), ("+85290000000", "+85290000000"), ("8623800000001", "8623800000001"),
     ("86１3800000001", "86１3800000001"), ("x" * 90, "x" * 32)],
)  # fmt: skip
def test_a_number_is_as_the_register_has_it(given, kept):
    assert national(given) == kept


@given(st.text(max_size=60))
def test_any_number_can_be_kept_and_stays_once_it_is_as_the_register_has_it(given):
    assert len(national(given)) <= 32
    assert national(national(given)) == national(given)
