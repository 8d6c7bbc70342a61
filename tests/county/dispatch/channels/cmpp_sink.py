"""A gateway on loopback that takes everything, for tests: no message leaves the machine by it."""

import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from anlan.county.dispatch.channels.cmpp.codec import (
    ACTIVE,
    ANSWER,
    CONNECT,
    DELIVER,
    OK,
    SUBMIT,
    TERMINATE,
    V2,
    V3,
    frame,
    login,
    read_submit,
    unframe,
)
from anlan.county.dispatch.channels.sinks import Listening

WRONG_PROOF = 3


@dataclass
class Sink(Listening):
    """What the gateway does: `status` of the n-th submission, `stat` of its receipt (empty: none)."""

    version: int = V2
    password: str = "sink"
    status: Callable[[int], int] = lambda number: OK
    stat: Callable[[int], str] = lambda number: "DELIVRD"
    count: int = 0
    answered: list[bytes] = field(default_factory=list)  # bodies of acknowledged deliveries
    kept: list[tuple[str, int, bytes]] = field(default_factory=list)  # number, TP_udhi, text

    def packed(self, status: int) -> bytes:
        """A status, as wide as the version has it."""
        return struct.pack(">I" if self.version >= V3 else ">B", status)

    def submitted(self, sequence: int, body: bytes) -> bytes:
        """The answer to one submission, with its receipt."""
        number, self.count = self.count, self.count + 1
        self.kept.append(read_submit(body, self.version))
        status = self.status(number)
        named = (0x0123_4567_0000_0000 + number).to_bytes(8, "big")
        answer = frame(SUBMIT | ANSWER, sequence, named + self.packed(status))
        stat = self.stat(number)
        return answer if status != OK or not stat else answer + receipt(self.version, number + 1, named, stat)

    def answer(self, given: bytes) -> bytes:
        """What the gateway says to one message."""
        command, sequence, body = unframe(given)
        if command == SUBMIT:
            return self.submitted(sequence, body)
        if command == CONNECT:
            source, version, stamp = body[:6].rstrip(b"\x00").decode(), body[22], struct.unpack(">I", body[23:27])[0]
            right = body[6:22] == login(source, self.password, f"{stamp:010}") and version == self.version
            return frame(CONNECT | ANSWER, sequence, self.packed(OK if right else WRONG_PROOF) + bytes(17))
        if command == DELIVER | ANSWER:
            self.answered.append(body)
        return frame(command | ANSWER, sequence, b"") if command in (ACTIVE, TERMINATE) else b""


def receipt(version: int, sequence: int, named: bytes, stat: str, *, registered: int = 1) -> bytes:
    """A CMPP_DELIVER that says what became of a segment."""
    content = named + stat.encode().ljust(7, b"\x00") + b"2606182000" * 2
    content += b"13800000000".ljust(32 if version >= V3 else 21, b"\x00") + bytes(4)
    source = b"13800000000".ljust(33 if version >= V3 else 21, b"\x00")
    body = named + b"10690123".ljust(21, b"\x00") + b"ALERT".ljust(10, b"\x00") + bytes(3) + source
    body += bytes((registered, len(content))) + content + bytes(20 if version >= V3 else 8)
    return frame(DELIVER, sequence, body)


def written(version: int, sequence: int, named: int, source: str, text: bytes, *, udhi: int = 0, coding: int = 8):
    """A CMPP_DELIVER with what somebody wrote."""
    number = source.encode().ljust(33 if version >= V3 else 21, b"\x00")
    body = named.to_bytes(8, "big") + b"10690123".ljust(21, b"\x00") + b"ALERT".ljust(10, b"\x00")
    body += bytes((0, udhi, coding)) + number + bytes((0, len(text))) + text
    return frame(DELIVER, sequence, body + bytes(20 if version >= V3 else 8))


def number_of(at, sequence: int = 1) -> int:
    """The number that a gateway gives at this moment."""
    moment = at.month << 60 | at.day << 55 | at.hour << 50 | at.minute << 44 | at.second << 38
    return moment | 7 << 16 | sequence
