"""One connection to a carrier: logs in, keeps so many segments in flight, answers what it is asked.

Receipts and what people write are answered only once they are stored: a carrier repeats what was not answered.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from anlan.county.dispatch.channels.wire import TAKEN, Codec, Parcel, ProtocolError, Said, Verdict, frames
from anlan.county.dispatch.pacing import Pace

LOST, POSTPONED = "connection lost", "postponed"
QUIET_S = 30.0  # then the carrier is asked whether it is there
ANSWER_S = 10.0
AT_ONCE = 65536  # bytes gathered before they are written


class LineDown(Exception):
    """The line could not be opened, or the carrier refused the account."""


@dataclass(slots=True)
class Carried:
    """What became of a parcel: the carrier's id of each segment, or why it was not taken."""

    references: list[str]
    failure: str = ""
    permanent: bool = False
    begun: bool = False


Piece = tuple[Parcel, int, Carried]  # a segment: its message, its place in it, what becomes of the message


class Line(asyncio.Protocol):
    """A logged-in connection. Use it from its own event loop only."""

    def __init__(self, codec: Codec, pace: Pace, window: int, heard: Callable[[list[Said], "Line"], None]) -> None:
        self.codec, self.pace, self.window, self.heard = codec, pace, window, heard
        self.buffer, self.sequence = bytearray(), 0
        self.flying: dict[int, Piece] = {}
        self.again: deque[Piece] = deque()
        self.until = 0.0
        self.up = False
        self.moved, self.gone = asyncio.Event(), asyncio.Event()
        self.welcome: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport | None = None
        self.last_heard = 0.0
        self.sending = asyncio.Lock()
        self.watch: asyncio.TimerHandle | None = None

    # --- what asyncio calls -----------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # a stream's, always
        self.last_heard = self._now()
        self._write(self.codec.hello(self._next()))

    def data_received(self, data: bytes) -> None:
        self.last_heard = self._now()
        self.buffer += data
        owed: list[bytes] = []
        reports: list[Said] = []
        try:
            for frame in frames(self.buffer, shortest=12):
                said = self.codec.read(frame)
                if said.kind == "accepted":
                    self._accepted(said)
                elif said.kind in ("report", "reply"):
                    reports.append(said)
                else:
                    owed.append(self._other(said))
        except ProtocolError:
            self.close()
        if reports:
            self.heard(reports, self)
        if answers := b"".join(owed):
            self._write(answers)
        self.moved.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.up = False
        if self.watch:
            self.watch.cancel()
        if not self.welcome.done():
            self.welcome.set_result(Verdict(LOST))
        self.moved.set()
        self.gone.set()

    # --- what the channel calls -------------------------------------------------------------------

    async def send(self, parcels: Sequence[Parcel], until: float) -> dict[int, Carried]:
        """Carry parcels in their order; what the pace does not allow before `until` is postponed."""
        async with self.sending:
            results = [Carried([""] * len(parcel.pieces)) for parcel in parcels]
            each = zip(parcels, results, strict=True)
            self.again = deque((parcel, place, result) for parcel, result in each for place in range(len(parcel[2])))
            self.until = until
            while self.up and (self.again or self.flying):
                await self._wait(self._push())
            for _parcel, _place, result in (*self.again, *self.flying.values()):
                _failed(result, LOST if result.begun else POSTPONED, permanent=False)
            self.again.clear()
            self.flying.clear()
            return {parcel.number: result for parcel, result in zip(parcels, results, strict=True)}

    def stored(self, reports: Sequence[Said]) -> None:
        """These receipts are in the database: say so to the carrier."""
        if self.up:
            self._write(b"".join(map(self.codec.answer, reports)))

    def close(self) -> None:
        """End the connection, with a goodbye where it is up."""
        if self.transport and not self.transport.is_closing():
            if self.up:
                self._write(self.codec.goodbye(self._next()))
            self.transport.close()
        self.up = False
        self.moved.set()

    # --- inside -----------------------------------------------------------------------------------

    def _push(self) -> float:
        """Write as much as window and pace allow. Returns the longest to wait before trying again."""
        out, size, wait, now = list[bytes](), 0, ANSWER_S, self._now()
        again, flying, window, take = self.again, self.flying, self.window, self.pace.take
        while again and len(flying) < window:
            piece = parcel, place, result = again[0]
            if result.failure or (now >= self.until and not result.begun):
                again.popleft()
                result.failure = result.failure or POSTPONED
                continue
            pause = take(now, urgent=parcel.urgent)
            if pause:
                # A message begun is finished; one not begun waits no longer than the turn.
                wait = pause if result.begun else min(pause, self.until - now)
                break
            again.popleft()
            result.begun = True
            sequence = self._next()
            try:
                coded = self.codec.submit(sequence, parcel, place)
            except ValueError:  # an address that is no number, most likely; never quoted
                _failed(result, f"{self.codec.name}: not an address", permanent=True)
                continue
            flying[sequence] = piece
            out.append(coded)
            size += len(coded)
            if size > AT_ONCE:
                break
        if out:
            self._write(b"".join(out))
        return 0.0 if size > AT_ONCE else wait

    async def _wait(self, longest: float) -> None:
        if not self.again and not self.flying:
            return
        self.moved.clear()
        try:
            await asyncio.wait_for(self.moved.wait(), longest)
        except TimeoutError:
            if self.flying and self._now() - self.last_heard >= ANSWER_S:
                self.close()  # whatever was in flight may or may not have been taken

    def _accepted(self, said: Said) -> None:
        piece = self.flying.pop(said.sequence, None)
        if piece is None:
            return  # an answer to a question of before
        _parcel, place, result = piece
        verdict = self.codec.verdict(said.status)
        if verdict is TAKEN:
            result.references[place] = said.reference
        elif verdict.throttled and self._now() < self.until + ANSWER_S:
            self.pace.throttled(self._now())
            self.again.appendleft(piece)
            if len(result.references) == 1:
                result.begun = False  # nothing of it was taken
        else:
            _failed(result, verdict.failure, permanent=verdict.permanent)

    def _other(self, said: Said) -> bytes:
        if said.kind == "welcome" and not self.welcome.done():
            verdict = self.codec.verdict(said.status)
            self.up = not verdict.failure
            self.welcome.set_result(verdict)
            self.watch = asyncio.get_running_loop().call_later(QUIET_S, self._watch)
        elif said.kind == "goodbye":
            self.up = False
            asyncio.get_running_loop().call_soon(self.close)
        return self.codec.answer(said)

    def _watch(self) -> None:
        """Ask a quiet carrier whether it is there; leave one that does not answer."""
        quiet = self._now() - self.last_heard
        if quiet >= QUIET_S + ANSWER_S:
            self.close()
            return
        if quiet >= QUIET_S - 1 and self.up:
            self._write(self.codec.probe(self._next()))
        self.watch = asyncio.get_running_loop().call_later(ANSWER_S, self._watch)

    def _next(self) -> int:
        self.sequence = self.sequence % 0x7FFFFFFF + 1
        return self.sequence

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _write(self, data: bytes) -> None:
        if self.transport and not self.transport.is_closing():
            self.transport.write(data)


def _failed(result: Carried, failure: str, *, permanent: bool) -> None:
    if not result.failure or result.failure == POSTPONED:
        result.failure, result.permanent = failure, permanent


async def open_line(
    codec: Codec, pace: Pace, window: int, heard: Callable[[list[Said], Line], None], where: tuple[str, int, bool]
) -> Line:
    """Connect and log in. Raises LineDown, saying why."""
    host, port, tls = where
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(ANSWER_S):
            _transport, line = await loop.create_connection(
                lambda: Line(codec, pace, window, heard), host, port, ssl=True if tls else None
            )
            verdict = await line.welcome
    except (OSError, ValueError) as error:
        raise LineDown(f"{codec.name}: {type(error).__name__}") from error
    if verdict.failure:
        line.close()
        raise LineDown(f"{codec.name}: not let in ({verdict.failure})")
    return line
