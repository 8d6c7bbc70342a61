"""A line that breaks: a proxy on loopback that spoils what phones send, as it is told to or by a seeded die.

The faults: `drop` lets the request through and loses the whole answer (the server has stored it, the phone hears
nothing); `cut` breaks off half way through the request; `half` breaks off half way through the answer; `busy` answers
503 itself; `portal` answers as some network's log-in page would. `down` refuses every connection.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

FAULTS = ("drop", "cut", "half", "busy", "portal")
BUSY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbusy"
PORTAL = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\nConnection: close\r\n\r\n<p>Wi-Fi</p>\r\n"
)
SPOILED = b"POST /verify/field/send/"


class Line:
    """Connections between a browser and the server, each carrying one request."""

    def __init__(self, server: int, fault: Callable[[bytes], str]) -> None:
        self.server, self.fault, self.down = server, fault, False
        self.count: Counter[str] = Counter()
        self.port = 0
        self.bytes = 0  # that went to the browser

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request and its answer, and then the end of the connection."""
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._carry(reader, writer)
        finally:
            writer.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.down:
            return
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(_length(head))
        fault = self.fault(body) if head.startswith(SPOILED) else ""
        if head.startswith(SPOILED):
            self.count[fault or "whole"] += 1
        if fault in ("busy", "portal"):
            writer.write(BUSY if fault == "busy" else PORTAL)
            await writer.drain()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self.server)
        try:
            await self._answer(head, body, fault, writer, (there, back))
        finally:
            back.close()

    async def _answer(
        self, head: bytes, body: bytes, fault: str, writer: asyncio.StreamWriter,
        server: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:  # fmt: skip
        there, back = server
        back.write(_closing(head) + (body[: len(body) // 2] if fault == "cut" else body))
        await back.drain()
        if fault == "cut":
            return
        answer = await there.read()
        if fault == "drop":
            return
        answer = answer[: len(answer) // 2] if fault == "half" else answer
        self.bytes += len(answer)
        writer.write(answer)
        await writer.drain()


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _colon, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def _closing(head: bytes) -> bytes:
    """The request with its connection closed after it, so that each has a line of its own."""
    lines = [line for line in head.split(b"\r\n")[:-2] if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*lines, b"Connection: close", b"", b""])


@contextmanager
def line(server: int, fault: Callable[[bytes], str] = lambda _body: "") -> Iterator[Line]:
    """A line to a server's port while the block lasts."""
    made, ready, opened = Line(server, fault), threading.Event(), []

    async def carry() -> None:
        over = asyncio.Event()
        listening = await asyncio.start_server(made.carry, "127.0.0.1", 0, limit=1 << 26)
        made.port = listening.sockets[0].getsockname()[1]
        opened.append((asyncio.get_running_loop(), over))
        ready.set()
        await over.wait()
        listening.close()

    thread = threading.Thread(target=asyncio.run, args=(carry(),), daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield made
    finally:
        loop, over = opened[0]
        loop.call_soon_threadsafe(over.set)
        thread.join(10)
