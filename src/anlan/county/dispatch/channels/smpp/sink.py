"""A carrier on loopback that takes everything, for benchmarks and tests: no message leaves the machine by it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from anlan.county.dispatch.channels.sinks import Listening
from anlan.county.dispatch.channels.smpp.codec import (
    ANSWER,
    BIND,
    DELIVER,
    ENQUIRE,
    OK,
    SUBMIT,
    UNBIND,
    frame,
    read_submit,
    unframe,
)

INVALID_PASSWORD = 0x0E


@dataclass
class Sink(Listening):
    """What the carrier does: `status` of the n-th submission, `stat` of its receipt (empty: none), whether the receipt
    goes first. `keep`: the texts are remembered."""

    password: str = "sink"  # noqa: S105 (of a sink)
    status: Callable[[int], int] = lambda number: OK
    stat: Callable[[int], str] = lambda number: "DELIVRD"
    receipt_first: bool = False
    keep: bool = False
    count: int = 0
    answered: int = 0  # receipts that were acknowledged
    kept: list[tuple[str, int, bytes]] = field(default_factory=list)  # address, esm_class, text

    def submitted(self, sequence: int, body: bytes) -> bytes:
        """The answer to one submission, with its receipt."""
        number, self.count = self.count, self.count + 1
        if self.keep:
            self.kept.append(read_submit(body))
        status = self.status(number)
        if status != OK:
            return frame(SUBMIT | ANSWER, sequence, status=status)
        answer = frame(SUBMIT | ANSWER, sequence, b"%08x\x00" % number)
        stat = self.stat(number)
        if not stat:
            return answer
        report = receipt(number + 1, b"%08x" % number, stat)
        return report + answer if self.receipt_first else answer + report

    def answer(self, given: bytes) -> bytes:
        """What the carrier says to one PDU."""
        command, _status, sequence, body = unframe(given)
        if command == SUBMIT:
            return self.submitted(sequence, body)
        if command == DELIVER | ANSWER:
            self.answered += 1
        elif command == BIND:
            right = body.split(b"\x00")[1] == self.password.encode()
            return frame(BIND | ANSWER, sequence, b"sink\x00", status=OK if right else INVALID_PASSWORD)
        elif command in (ENQUIRE, UNBIND):
            return frame(command | ANSWER, sequence)
        return b""


def receipt(sequence: int, reference: bytes, stat: str) -> bytes:
    """A deliver_sm that says what became of a segment, as carriers write it."""
    text = b"id:%s sub:001 dlvrd:001 submit date:2606182000 done date:2606182000 stat:%s err:000 text:" % (
        reference, stat.encode(),
    )  # fmt: skip
    addresses = b"\x00\x00\x01" + b"13800000000\x00" + b"\x00\x01" + b"10086\x00"
    return frame(DELIVER, sequence, addresses + b"\x04" + bytes(8) + bytes((len(text),)) + text)


def written(
    sequence: int, source: str, text: bytes, *, esm_class: int = 0, coding: int = 8, more: bytes = b""
) -> bytes:
    """A deliver_sm with what somebody wrote; `more`: optional parameters, as they lie."""
    addresses = b"\x00\x01\x01" + source.encode() + b"\x00" + b"\x00\x01" + b"10086\x00"
    fixed = bytes((esm_class, 0, 0, 0, 0, 0, 0, coding, 0, len(text)))
    return frame(DELIVER, sequence, addresses + fixed + text + more)
