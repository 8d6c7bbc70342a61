"""Carriers on loopback that take everything, for benchmarks and tests: no message leaves the machine by them."""

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from anlan.county.dispatch.channels.wire import frames


@dataclass
class Listening(ABC):
    """A carrier's side of a protocol whose frames begin with their length; subclasses answer them."""

    open: set["Session"] = field(default_factory=set)

    async def start(self, port: int = 0) -> tuple[asyncio.AbstractServer, int]:
        """Listen on loopback; the server and its port."""
        server = await asyncio.get_running_loop().create_server(lambda: Session(self), "127.0.0.1", port)
        return server, server.sockets[0].getsockname()[1]

    @abstractmethod
    def answer(self, given: bytes) -> bytes:
        """What one frame is answered with."""


class Session(asyncio.Protocol):
    """One client."""

    def __init__(self, sink: Listening) -> None:
        self.sink, self.buffer = sink, bytearray()
        self.answer = sink.answer
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # a stream's, always
        self.sink.open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.sink.open.discard(self)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        answers = [self.answer(given) for given in frames(self.buffer, shortest=12)]
        if self.transport:
            self.transport.write(b"".join(answers))
