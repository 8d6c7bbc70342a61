"""What a camera wrote into a picture is read as evidence, and is not in what others see."""

import struct
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.county.registry.exif import Evidence, bare, told

TAKEN = datetime.fromisoformat("2026-06-18T09:30:05")
LINES = b"\x01\x02\xff\x00\x03\xff\xd0\x04"


def block(order="<", orientation=6, taken=b"2026:06:18 09:30:05\0", lat=(28, 54, 36), lon=(115, 36, 36), sides=b"NE"):
    """A camera's block: how it was held, when, where."""

    def entry(tag, kind, count, value):
        return struct.pack(f"{order}HHI", tag, kind, count) + value

    def number(value):
        return struct.pack(f"{order}I", value)

    def short(value):
        return struct.pack(f"{order}HH", value, 0)

    first, inner, gps, texts = 8, 8 + 2 + 3 * 12 + 4, 8 + 42 + 18, 8 + 42 + 18 + 54
    where = texts + len(taken)
    parts = [
        b"II*\0" if order == "<" else b"MM\0*", number(first), struct.pack(f"{order}H", 3),
        entry(0x0112, 3, 1, short(orientation)), entry(0x8769, 4, 1, number(inner)), entry(0x8825, 4, 1, number(gps)),
        number(0), struct.pack(f"{order}H", 1), entry(0x9003, 2, len(taken), number(texts)), number(0),
        struct.pack(f"{order}H", 4), entry(1, 2, 2, sides[:1] + b"\0\0\0"), entry(2, 5, 3, number(where)),
        entry(3, 2, 2, sides[1:] + b"\0\0\0"), entry(4, 5, 3, number(where + 24)), number(0), taken,
        *(struct.pack(f"{order}II", value * 100, 100) for value in (*lat, *lon)),
    ]  # fmt: skip
    return b"".join(parts)


def segment(marker, data):
    return b"\xff" + bytes([marker]) + struct.pack(">H", 2 + len(data)) + data


def jpeg(exif=None, more=b"", tail=b""):
    told_of = segment(0xE1, b"Exif\0\0" + (block() if exif is None else exif))
    tables = segment(0xDB, b"\0" * 65)
    return b"\xff\xd8" + told_of + more + tables + segment(0xDA, b"\0" * 10) + LINES + b"\xff\xd9" + tail


def png(exif):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + b"crc!"

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"lines" * 3) + chunk(b"eXIf", exif) + chunk(b"IEND", b"")


def webp(exif):
    def part(name, data):
        return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)

    parts = part(b"VP8X", b"\x0c" + b"\0" * 9) + part(b"VP8 ", b"line") + part(b"EXIF", exif)
    return b"RIFF" + struct.pack("<I", 4 + len(parts)) + b"WEBP" + parts


def heic(exif):
    return b"\0\0\0\x18ftypheic" + b"\0" * 40 + b"\0\0\0\x06Exif\0\0" + exif + b"lines"


PLACE = (115.61, 28.91)


@pytest.mark.clause("D1", "M2")
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("made", [jpeg, png, webp, heic])
def test_time_and_place_are_read_and_are_in_nothing_that_others_see(made, order):
    picture = made(block(order))
    assert told(picture) == Evidence(TAKEN, *PLACE, 6)
    seen = bare(picture)
    assert (told(seen).taken_at, told(seen).lon, told(seen).lat) == (None, None, None)
    assert b"2026:06:18" not in seen
    assert b"lines"[:4] in seen or LINES in seen


def test_a_picture_that_was_held_upright_still_stands_upright():
    assert told(bare(jpeg())).orientation == 6
    assert bare(jpeg(block(orientation=1))).count(b"Exif") == 0
    assert told(jpeg(block(orientation=77))).orientation == 1


def test_what_draws_the_picture_stays_and_what_tells_of_it_goes():
    colours, drawn_by = segment(0xE2, b"ICC_PROFILE\0" + b"c" * 9), segment(0xEE, b"Adobe")
    gone = [segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0place"), segment(0xED, b"Photoshop"),
            segment(0xFE, b"a remark"), segment(0xE2, b"MPF\0")]  # fmt: skip
    seen = bare(jpeg(block(orientation=1), colours + drawn_by + b"".join(gone), tail=b"a film with its place"))
    assert seen == b"\xff\xd8" + colours + drawn_by + jpeg(b"")[2 + len(segment(0xE1, b"Exif\0\0")) :]


@pytest.mark.parametrize(
    ("change", "kept"),
    [({"taken": b"0000:00:00 00:00:00\0"}, (None, *PLACE)), ({"lat": (95, 0, 0)}, (TAKEN, 115.61, None)),
     ({"sides": b"SW"}, (TAKEN, -115.61, -28.91)), ({"sides": b"\0\0"}, (TAKEN, None, None))],
)  # fmt: skip
def test_what_cannot_be_is_not_believed(change, kept):
    found = told(jpeg(block(**change)))
    assert (found.taken_at, found.lon, found.lat) == kept


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8\xff", b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"\x89PNG\r\n\x1a\n\0"]
)
def test_half_a_picture_says_nothing_and_breaks_nothing(data):
    assert told(data) == Evidence()
    assert isinstance(bare(data), bytes)


@given(st.binary(max_size=200), st.integers(0, 400))
def test_no_bytes_break_it_and_a_cut_picture_gives_no_place_away(noise, cut):
    for picture in (noise, jpeg()[:cut] + noise, heic(block())[:cut] + noise, b"Exif\0\0" + noise):
        told(picture)
        assert told(bare(picture)).lon is None
