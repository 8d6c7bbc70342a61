"""A carrier on loopback that takes everything, for benchmarks and tests: no message leaves the machine by it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

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
from anlan.county.dispatch.channels.wire import frames

INVALID_PASSWORD = 0x0E


@dataclass
class Sink:
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
    open: set["Session"] = field(default_factory=set)

    async def start(self, port: int = 0) -> tuple[asyncio.AbstractServer, int]:
        """Listen on loopback; the server and its port."""
        server = await asyncio.get_running_loop().create_server(lambda: Session(self), "127.0.0.1", port)
        return server, server.sockets[0].getsockname()[1]

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


class Session(asyncio.Protocol):
    """One client of the sink."""

    def __init__(self, sink: Sink) -> None:
        self.sink, self.buffer = sink, bytearray()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # a stream's, always
        self.sink.open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.sink.open.discard(self)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        answers = [self._answer(*unframe(given)) for given in frames(self.buffer, shortest=16)]
        if self.transport:
            self.transport.write(b"".join(answers))

    def _answer(self, command: int, _status: int, sequence: int, body: bytes) -> bytes:
        if command == SUBMIT:
            return self.sink.submitted(sequence, body)
        if command == DELIVER | ANSWER:
            self.sink.answered += 1
        elif command == BIND:
            right = body.split(b"\x00")[1] == self.sink.password.encode()
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
