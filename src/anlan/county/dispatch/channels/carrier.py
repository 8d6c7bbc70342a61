"""What channels to carriers of short messages share: a thread with its lines, accounts in turn, receipts in between."""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue

from anlan.county import clock
from anlan.county.dispatch.channels.background import Background
from anlan.county.dispatch.channels.line import POSTPONED, Carried, Line, LineDown, open_line
from anlan.county.dispatch.channels.segments import joined
from anlan.county.dispatch.channels.shape import ARRIVED, Outcome, Outgoing, Receipt, TransportFailed
from anlan.county.dispatch.channels.wire import Codec, Parcel, Said
from anlan.county.dispatch.pacing import Breaker, Pace

TURN_S = 0.5  # the longest that ordinary messages keep urgent ones waiting behind them
TOGETHER = 5000  # receipts stored at once


class Account:
    """One contract with one carrier: how to reach it, how fast, and whether it is left alone for now."""

    def __init__(self, name: str, codec: Codec, where: tuple[str, int, bool], rate: int, window: int) -> None:
        self.name, self.codec, self.where, self.window = name, codec, where, window
        self.pace, self.breaker = Pace(rate), Breaker()
        self.line: Line | None = None
        self.opening = asyncio.Lock()  # one line an account, whoever asks for it


class Carrier:
    """Accounts in the order in which they are tried; the second carries what the first cannot.

    Lines live in a thread of their own, so that carriers are answered while the dispatcher is busy.
    """

    def __init__(self, accounts: Sequence[Account]) -> None:
        self.accounts = accounts
        self.heard: SimpleQueue[tuple[Account, Line, list[Said]]] = SimpleQueue()
        self.given: list[tuple[Line, list[Said]]] = []
        self.told: list[Receipt] = []
        self.background = Background("lines")
        self.connecting = False

    def send(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Hand over; raises TransportFailed where no account could be reached."""
        outcomes: dict[int, Outcome] = {}
        parcels = []
        for message in messages:
            parcel = parcel_of(message)
            if parcel is None:
                outcomes[message.pk] = Outcome(message.pk, "too_long", permanent=True)
            else:
                parcels.append(parcel)
        outcomes |= self.background.run(self._carry(parcels))
        return [outcomes[message.pk] for message in messages]

    def receipts(self) -> list[Receipt]:
        """What came since the last that was stored."""
        while len(self.told) < TOGETHER:
            try:
                account, line, reports = self.heard.get_nowait()
            except Empty:
                break
            self.given.append((line, reports))
            self.told += [Receipt(account.name, said.reference, said.failure) for said in reports]
        return self.told

    def stored(self) -> None:
        """Answer the carriers."""
        given, self.given, self.told = self.given, [], []
        for line, reports in given:
            self.background.call(line.stored, reports)

    def connect(self) -> None:
        """See that lines are open without sending, so that receipts can come. Does not wait."""
        if any(account.line is None or not account.line.up for account in self.accounts) and not self.connecting:
            self.connecting = True
            self.background.start(self._connect())

    def close(self) -> None:
        """Say goodbye and end the thread."""
        self.background.run(self._close())
        self.background.close()

    # --- in the thread ------------------------------------------------------------------------------

    async def _carry(self, parcels: Sequence[Parcel]) -> dict[int, Outcome]:
        outcomes: dict[int, Outcome] = {}
        failure = ""
        for account in self.accounts:
            if not parcels:
                break
            try:
                line = await self._line(account)
            except LineDown as down:
                failure = failure or str(down)
                continue
            results = await line.send(parcels, time.monotonic() + TURN_S)
            account.breaker.worked() if line.up else account.breaker.failed(time.monotonic())
            # What was not begun when the line broke may go by the next account; the rest might go twice.
            left = [each for each in parcels if not line.up and results[each.number].failure == POSTPONED]
            outcomes |= {each.number: _outcome(account, each, results[each.number]) for each in parcels}
            parcels = left
        if parcels and not outcomes:
            raise TransportFailed(failure or "no account may be tried now")
        return outcomes

    async def _line(self, account: Account) -> Line:
        async with account.opening:
            return await self._opened(account)

    async def _opened(self, account: Account) -> Line:
        if account.line is not None and account.line.up:
            return account.line
        if not account.breaker.closed(time.monotonic()):
            raise LineDown(f"{account.codec.name}: resting after failures")

        def heard(reports: list[Said], line: Line) -> None:
            self.heard.put((account, line, reports))
            ARRIVED.set()

        try:
            account.line = await open_line(account.codec, account.pace, account.window, heard, account.where)
        except LineDown:
            account.breaker.failed(time.monotonic())
            raise
        return account.line

    async def _connect(self) -> None:
        for account in self.accounts:
            try:
                await self._line(account)
            except LineDown:
                continue
        self.connecting = False

    async def _close(self) -> None:
        for account in self.accounts:
            if account.line is not None:
                account.line.close()
                await account.line.gone.wait()


class CarrierChannel:
    """A channel that opens its carrier when it is first needed; `open` reads the accounts."""

    kinds = frozenset({"sms"})
    safe_for_exercise = False
    batch = 2000  # a turn of half a second ends sooner where the carrier is slow

    def __init__(self, open_: Callable[[bool], Carrier | None]) -> None:
        self.open = open_
        self.carrier: Carrier | None = None
        self.lock = threading.Lock()

    def send(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Hand over by the first account that can."""
        return self._carrier(True).send(messages)  # type: ignore[union-attr]  # it raises where there is none

    def receipts(self) -> list[Receipt]:
        """What the carriers said since; nothing where no account is set."""
        carrier = self._carrier(False)
        if carrier is None:
            return []
        carrier.connect()
        return carrier.receipts()

    def early(self) -> list[Receipt]:
        """What came while we sent."""
        return self.carrier.receipts() if self.carrier is not None else []

    def stored(self) -> None:
        """Answer the carriers."""
        if self.carrier is not None:
            self.carrier.stored()

    def close(self) -> None:
        """Log out; the next message opens the lines anew."""
        if self.carrier is not None:
            self.carrier.close()
            self.carrier = None

    def _carrier(self, needed: bool) -> Carrier | None:
        with self.lock:
            if self.carrier is None:
                self.carrier = self.open(needed)
            return self.carrier


def parcel_of(message: Outgoing) -> Parcel | None:
    """A message as a line carries it; None where no handset could put it together."""
    try:
        pieces = joined(message.body, message.pk)
    except ValueError:
        return None
    left = 0 if message.not_after is None else max(1, int((message.not_after - clock.now()).total_seconds()))
    return Parcel(message.pk, message.address, pieces, message.priority == 0, left)


def _outcome(account: Account, parcel: Parcel, carried: Carried) -> Outcome:
    if not carried.failure:
        return Outcome(parcel.number, account=account.name, references=tuple(carried.references))
    if carried.failure == POSTPONED:
        return Outcome(parcel.number, "postponed", postponed=True)
    return Outcome(parcel.number, carried.failure, carried.permanent)
