"""CMPP 2.0 and 3.0 as bytes: what an enterprise says to the gateway, and what it hears.

The two differ in the length of statuses and numbers and in a few fields; one class speaks both.
"""

import hashlib
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from anlan.county.dispatch.channels.pieces import decoded, national, pieced
from anlan.county.dispatch.channels.wire import TAKEN, Parcel, ProtocolError, Reply, Said, Verdict, relative

HEADER = struct.Struct(">III")
CONNECT, TERMINATE, SUBMIT, DELIVER, ACTIVE = 0x1, 0x2, 0x4, 0x5, 0x8
ANSWER = 0x80000000
V2, V3 = 0x20, 0x30

OK, THROTTLED = 0, 8  # 8: the gateway's flow control
# Trying again would not help: 1 structure, 2 command, 4 length, 5 fee, 6 too long, 7 service, 10-13 numbers.
PERMANENT = frozenset({1, 2, 4, 5, 6, 7, 10, 11, 12, 13})
UNDER_WAY = frozenset({"ACCEPTD", "ENROUTE"})


@dataclass(frozen=True, slots=True)
class Cmpp:
    """The protocol as one account speaks it. `source` is the enterprise code, `sender` the number handsets show."""

    source: str
    password: str
    sender: str
    service: str
    clock: Callable[[], datetime]
    version: int = V2
    name = "cmpp"

    def __repr__(self) -> str:
        return f"Cmpp({self.source!r}, {self.version:#x})"  # no password in a traceback

    def hello(self, sequence: int) -> bytes:
        """CMPP_CONNECT: the password is proved, not said."""
        stamp = f"{self.clock():%m%d%H%M%S}"
        proof = login(self.source, self.password, stamp)
        return frame(CONNECT, sequence, _fixed(self.source, 6) + proof + struct.pack(">BI", self.version, int(stamp)))

    def submit(self, sequence: int, parcel: Parcel, place: int) -> bytes:
        """CMPP_SUBMIT: one segment in UCS-2 to one number, receipt asked for."""
        v3, piece, several = self.version >= V3, parcel.pieces[place], len(parcel.pieces) > 1
        number = _fixed(parcel.address.removeprefix("+"), 32 if v3 else 21)
        body = b"".join((
            bytes(8), bytes((len(parcel.pieces), place + 1, 1, 9 if parcel.urgent else 0)), _fixed(self.service, 10),
            b"\x02" + bytes(33 if v3 else 21),  # the sender pays, its readers never
            bytes((0, 1 if several else 0, 8)), _fixed(self.source, 6), b"01", b"000000",
            _fixed(relative(parcel.seconds), 17), bytes(17), _fixed(self.sender, 21), b"\x01", number,
            b"\x00" if v3 else b"", bytes((len(piece),)), piece, bytes(20 if v3 else 8),
        ))  # fmt: skip
        return frame(SUBMIT, sequence, body)

    def probe(self, sequence: int) -> bytes:
        """CMPP_ACTIVE_TEST."""
        return frame(ACTIVE, sequence)

    def goodbye(self, sequence: int) -> bytes:
        """CMPP_TERMINATE."""
        return frame(TERMINATE, sequence)

    def read(self, given: bytes) -> Said:
        """One message."""
        command, sequence, body = unframe(given)
        if command == SUBMIT | ANSWER:
            number, status = self._unpack(">QI" if self.version >= V3 else ">QB", body)
            return Said("accepted", sequence, status, str(number) if status == OK else "")
        if command == CONNECT | ANSWER:
            (status,) = self._unpack(">I" if self.version >= V3 else ">B", body[: 4 if self.version >= V3 else 1])
            return Said("welcome", sequence, status)
        if command == DELIVER:
            return self._delivered(sequence, body)
        plain = {ACTIVE: "probe", ACTIVE | ANSWER: "probed", TERMINATE: "goodbye", TERMINATE | ANSWER: "other"}
        return Said(plain.get(command, "other"), sequence)  # type: ignore[arg-type]

    def answer(self, said: Said) -> bytes:
        """The response that a message asks for."""
        if said.kind in ("report", "reply", "intermediate", "unwanted"):
            refused = 9 if said.kind == "unwanted" else OK  # 9 and above: other errors
            status = struct.pack(">I" if self.version >= V3 else ">B", refused)
            return frame(DELIVER | ANSWER, said.sequence, said.detail + status)
        if said.kind == "probe":
            return frame(ACTIVE | ANSWER, said.sequence, b"\x00")
        return frame(TERMINATE | ANSWER, said.sequence) if said.kind == "goodbye" else b""

    def verdict(self, status: int) -> Verdict:
        """Of a submission or a login."""
        if status == OK:
            return TAKEN
        return Verdict(f"cmpp: {status}", status in PERMANENT, status == THROTTLED)

    def _delivered(self, sequence: int, body: bytes) -> Said:
        """A receipt, or what somebody wrote; where the fields lie depends on the version."""
        at = 8 + 21 + 10 + 3 + (33 if self.version >= V3 else 21)
        if len(body) < at + 2:
            raise ProtocolError("a delivery that ends too early")
        detail, registered, length = body[:8], body[at], body[at + 1]
        content = body[at + 2 : at + 2 + length]
        if len(content) != length:
            raise ProtocolError("a content shorter than it claims")
        if registered == 0:
            return Said("reply", sequence, detail=detail, reply=self._reply(body, content))
        if registered != 1:
            return Said("unwanted", sequence, detail=detail)
        if length < 15:
            raise ProtocolError("a receipt that does not say of what")
        number, stat = int.from_bytes(content[:8], "big"), content[8:15].rstrip(b"\x00 ").decode("latin-1").upper()
        if stat in UNDER_WAY:
            return Said("intermediate", sequence, reference=str(number), detail=detail)
        failure = "" if stat == "DELIVRD" else f"cmpp: {stat or 'UNKNOWN'}"
        return Said("report", sequence, reference=str(number), failure=failure, detail=detail)

    def _reply(self, body: bytes, content: bytes) -> Reply:
        """What somebody wrote. The gateway's number of it holds the moment at which it took it."""
        thread, part, parts, text = pieced(content, header=body[40] == 1)
        number = body[42 : 42 + (32 if self.version >= V3 else 21)].partition(b"\x00")[0].decode("latin-1")
        named = int.from_bytes(body[:8], "big")
        return Reply(
            national(number), decoded(text, body[41]), reference=str(named), thread=thread, part=part, parts=parts,
            at=moment(named, self.clock()),
        )  # fmt: skip

    def _unpack(self, shape: str, body: bytes) -> tuple[int, ...]:
        if len(body) != struct.calcsize(shape):
            raise ProtocolError(f"an answer of {len(body)} bytes")
        return struct.unpack(shape, body)


def moment(number: int, now: datetime) -> datetime | None:
    """When the gateway gave this number: month, day, hour, minute and second are its first bits, the year is the last
    one that puts it not after tomorrow. None where they are no moment."""
    month, day, hour, minute, second = (number >> 60, number >> 55 & 31, number >> 50 & 31, number >> 44 & 63,
                                        number >> 38 & 63)  # fmt: skip
    for year in (now.year + 1, now.year, now.year - 1):
        try:
            given = datetime(year, month, day, hour, minute, second, tzinfo=now.tzinfo)
        except ValueError:
            continue
        if given <= now + timedelta(days=1):
            return given
    return None


def login(source: str, password: str, stamp: str) -> bytes:
    """The proof of a password at a moment (MMDDHHMMSS): the protocol says MD5, whatever one thinks of it."""
    return hashlib.md5(source.encode() + bytes(9) + password.encode() + stamp.encode(), usedforsecurity=False).digest()


def frame(command: int, sequence: int, body: bytes = b"") -> bytes:
    """A message."""
    return HEADER.pack(12 + len(body), command, sequence) + body


def unframe(given: bytes) -> tuple[int, int, bytes]:
    """Command, sequence and body of one whole message."""
    if len(given) < HEADER.size:
        raise ProtocolError("a message without a header")
    length, command, sequence = HEADER.unpack_from(given)
    if length != len(given):
        raise ProtocolError(f"a message of {len(given)} bytes that claims {length}")
    return command, sequence, given[12:]


def read_submit(body: bytes, version: int) -> tuple[str, int, bytes]:
    """Number, TP_udhi and text of a CMPP_SUBMIT."""
    v3 = version >= V3
    udhi_at = 8 + 4 + 10 + 1 + (33 if v3 else 21) + 1
    count_at = udhi_at + 2 + 6 + 2 + 6 + 17 + 17 + 21
    wide = 32 if v3 else 21
    length_at = count_at + 1 + wide + (1 if v3 else 0)
    if len(body) <= length_at or body[count_at] != 1:
        raise ProtocolError("a submission that ends too early, or to several")
    text = body[length_at + 1 : length_at + 1 + body[length_at]]
    if len(body) != length_at + 1 + body[length_at] + (20 if v3 else 8):
        raise ProtocolError("a submission of another length than it claims")
    return body[count_at + 1 : count_at + 1 + wide].rstrip(b"\x00").decode("latin-1"), body[udhi_at], text


def _fixed(text: str, width: int) -> bytes:
    coded = text.encode("ascii", "strict")
    if len(coded) > width or b"\x00" in coded:
        raise ValueError(f"longer than {width} characters, or not plain")
    return coded.ljust(width, b"\x00")
