"""What a camera wrote into a picture: when and where it was taken is evidence; what others see is bare of it.

No library: a picture from a stranger is parsed by code that reads numbers out of bytes and nothing else. What cannot be
read says nothing; it refuses nobody.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from math import isfinite

LOOKED_AT = 1 << 18  # bytes in which a camera has said it
HEAD = b"Exif\0\0"
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8}
ORIENTATION, TAKEN, INNER, GPS, GPS_TAKEN = 0x0112, 0x9003, 0x8769, 0x8825, (1, 2, 3, 4)
APP0, APP2, APP14, APPLAST, COMMENT, SCAN, END = 0xE0, 0xE2, 0xEE, 0xEF, 0xFE, 0xDA, 0xD9
MOST_ENTRIES = 200
DROPPED = {b"eXIf", b"tEXt", b"iTXt", b"zTXt", b"tIME"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """When (by the camera's clock, no time zone) and where (degrees) a picture says it was taken."""

    taken_at: datetime | None = None
    lon: float | None = None
    lat: float | None = None
    orientation: int = 1


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: int
    count: int
    start: int  # of the value, in the block
    size: int


class _Block:
    """A TIFF block: the letters of its byte order, and the bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4], "")

    def number(self, letter: str, at: int) -> int:
        return int(struct.unpack_from(self.order + letter, self.data, at)[0])

    def entries(self, at: int) -> dict[int, _Entry]:
        """The entries of the directory at an offset; those that lie outside the block are left out."""
        found = {}
        for index in range(min(self.number("H", at), MOST_ENTRIES)):
            place = at + 2 + 12 * index
            tag, kind, count = struct.unpack_from(self.order + "HHI", self.data, place)
            size = SIZES.get(kind, 0) * count
            start = place + 8 if size <= 4 else self.number("I", place + 8)
            if size and start + size <= len(self.data):
                found[tag] = _Entry(kind, count, start, size)
        return found

    def whole(self, entry: _Entry | None) -> int | None:
        if entry is None or entry.kind not in (3, 4):
            return None
        return self.number("H" if entry.kind == 3 else "I", entry.start)

    def text(self, entry: _Entry | None) -> str:
        return (
            "" if entry is None else self.data[entry.start : entry.start + entry.size].split(b"\0")[0].decode("latin-1")
        )

    def degrees(self, entry: _Entry | None, side: str, negative: str, most: float) -> float | None:
        if entry is None or (entry.kind, entry.count) != (5, 3) or not side:
            return None
        parts = struct.unpack_from(f"{self.order}6I", self.data, entry.start)
        if 0 in parts[1::2]:
            return None
        value = parts[0] / parts[1] + parts[2] / parts[3] / 60 + parts[4] / parts[5] / 3600
        value = -value if side.upper().startswith(negative) else value
        return round(value, 6) if isfinite(value) and abs(value) <= most else None


def told(data: bytes) -> Evidence:
    """What a picture's beginning says of time and place; nothing where it says nothing or cannot be read."""
    start = data.find(HEAD)
    start = start + len(HEAD) if start >= 0 else _elsewhere(data)
    if start < 0:
        return Evidence()
    try:
        return _read(_Block(data[start:]))
    except (struct.error, ValueError, OverflowError):
        return Evidence()


def _elsewhere(data: bytes) -> int:
    """Where a WebP's or a PNG's block begins, which has no head of its own."""
    for name, length in ((b"EXIF", 8), (b"eXIf", 4)):
        at = data.find(name)
        if at >= 0:
            return at + length
    return -1


def _read(block: _Block) -> Evidence:
    if not block.order:
        return Evidence()
    first = block.entries(block.number("I", 4))
    inner, gps = (block.whole(first.get(tag)) for tag in (INNER, GPS))
    said = block.text(block.entries(inner).get(TAKEN)) if inner else ""
    places = block.entries(gps) if gps else {}
    lat_side, lat, lon_side, lon = (places.get(tag) for tag in GPS_TAKEN)
    orientation = block.whole(first.get(ORIENTATION)) or 1
    return Evidence(
        _moment(said), block.degrees(lon, block.text(lon_side), "W", 180.0),
        block.degrees(lat, block.text(lat_side), "S", 90.0), orientation if 1 <= orientation <= 8 else 1,
    )  # fmt: skip


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text.strip(), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 (a camera's clock knows no zone)
    except ValueError:
        return None


# --- what others see ----------------------------------------------------------------------------------
def bare(data: bytes) -> bytes:
    """The picture without what its camera wrote into it, standing as it stood; what follows its end is cut off.

    Where its parts cannot be told apart, what looks like a camera's block is blanked where it lies.
    """
    try:
        if data.startswith(b"\xff\xd8\xff"):
            return b"\xff\xd8" + _standing(told(data).orientation) + b"".join(_segments(data))
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            return data[:8] + b"".join(_chunks(data))
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            kept = b"WEBP" + b"".join(_parts(data))
            return b"RIFF" + struct.pack("<I", len(kept)) + kept
    except (struct.error, IndexError):
        pass
    return _blanked(data)


def _standing(orientation: int) -> bytes:
    if orientation == 1:
        return b""
    block = b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, ORIENTATION, 3, 1, orientation, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", 2 + len(HEAD) + len(block)) + HEAD + block


def _segments(data: bytes) -> Iterator[bytes]:
    """A JPEG's segments that make the picture, to its end."""
    at = 2
    while True:
        marker = data[at + 1]
        if data[at] != 0xFF:
            raise IndexError(at)
        if marker == END:
            yield data[at : at + 2]
            return
        length = struct.unpack_from(">H", data, at + 2)[0]
        following = at + 2 + length
        if marker == SCAN:
            following = _scanned(data, following)
        if following > len(data):
            raise IndexError(following)
        if _drawn(marker, data[at + 4 : at + 16]):
            yield data[at:following]
        at = following


def _drawn(marker: int, head: bytes) -> bool:
    """Whether a segment is needed to draw the picture: colours are, what a camera tells is not."""
    if marker == APP2:
        return head.startswith(b"ICC_PROFILE\0")
    return marker in (APP0, APP14) or not (APP0 <= marker <= APPLAST or marker == COMMENT)


def _scanned(data: bytes, at: int) -> int:
    """Where the drawn lines end: at the next marker that is no part of them."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0:
            raise IndexError(at)
        following = data[at + 1]
        if following != 0 and following != 0xFF and not 0xD0 <= following <= 0xD7:
            return at
        at += 1 if following == 0xFF else 2


def _chunks(data: bytes) -> Iterator[bytes]:
    """A PNG's chunks that make the picture, to its end."""
    at = 8
    while True:
        length, name = struct.unpack_from(">I4s", data, at)
        following = at + 12 + length
        if following > len(data):
            raise IndexError(following)
        if name not in DROPPED:
            yield data[at:following]
        if name == b"IEND":
            return
        at = following


def _parts(data: bytes) -> Iterator[bytes]:
    """A WebP's parts that make the picture; its head no longer says that there are others."""
    at, end = 12, min(len(data), 8 + struct.unpack_from("<I", data, 4)[0])
    while at + 8 <= end:
        name, length = struct.unpack_from("<4sI", data, at)
        following = at + 8 + length + length % 2
        if following > end + 1:
            raise IndexError(following)
        part = data[at:following]
        if name == b"VP8X":
            part = part[:8] + bytes([part[8] & ~0x0C]) + part[9:]
        if name not in (b"EXIF", b"XMP "):
            yield part
        at = following


def _blanked(data: bytes) -> bytes:
    """The same bytes with time and place struck out of every block that can be found in them."""
    whole, at = bytearray(data), data.find(HEAD)
    while at >= 0:
        start = at + len(HEAD)
        try:
            for first, last in _struck(_Block(data[start:])):
                whole[start + first : start + last] = bytes(last - first)
        except struct.error:
            whole[start : start + 8] = bytes(min(8, len(data) - start))
        at = data.find(HEAD, start)
    return bytes(whole)


def _struck(block: _Block) -> Iterator[tuple[int, int]]:
    """Where in a block time and place stand."""
    if not block.order:
        return
    first = block.entries(block.number("I", 4))
    for tag in (INNER, GPS):
        at = block.whole(first.get(tag))
        if at:
            found = block.entries(at)
            yield from (
                (each.start, each.start + each.size) for key, each in found.items() if tag == GPS or key == TAKEN
            )
