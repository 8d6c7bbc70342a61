"""What channels to carriers of short messages share: a thread with its lines, accounts in turn, receipts in between."""

import threading
import time
from collections.abc import Callable, Collection, Sequence
from queue import Empty, SimpleQueue

from anlan.county import clock
from anlan.county.dispatch.channels.background import Background
from anlan.county.dispatch.channels.contracts import Account
from anlan.county.dispatch.channels.line import LOST, POSTPONED, Carried, Line, LineDown, open_line
from anlan.county.dispatch.channels.segments import joined
from anlan.county.dispatch.channels.shape import ARRIVED, Health, Outcome, Outgoing, Receipt, TransportFailed
from anlan.county.dispatch.channels.wire import Parcel, Reply, Said

TURN_S = 0.5  # the longest that ordinary messages keep urgent ones waiting behind them
TOGETHER = 5000  # receipts stored at once


class Carrier:
    """Accounts in the order in which they are tried; the second carries what the first cannot.

    Lines live in a thread of their own, so that carriers are answered while the dispatcher is busy.
    """

    def __init__(self, accounts: Sequence[Account], tick: Callable[[], float] = time.monotonic) -> None:
        self.accounts, self.tick = accounts, tick
        self.heard: SimpleQueue[tuple[Account, Line, list[Said]]] = SimpleQueue()
        self.given: list[tuple[Account, Line, list[Said]]] = []
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
            self.given.append((account, line, reports))
            told = (said for said in reports if said.reply is None)
            self.told += [Receipt(account.name, said.reference, said.failure) for said in told]
        return self.told

    def replies(self) -> list[Reply]:
        """What people wrote, of what `receipts` gave last."""
        return [
            said.reply._replace(account=account.name)
            for account, _line, reports in self.given
            for said in reports
            if said.reply is not None
        ]

    def stored(self) -> None:
        """Answer the carriers."""
        given, self.given, self.told = self.given, [], []
        for _account, line, reports in given:
            self.background.call(line.stored, reports)

    def connect(self) -> None:
        """See that lines are open without sending, so that receipts can come. Does not wait."""
        missing = any(account.used and (account.line is None or not account.line.up) for account in self.accounts)
        if missing and not self.connecting:
            self.connecting = True
            self.background.start(self._connect())

    def use(self, names: Collection[str]) -> None:
        """Keep to these accounts."""
        for account in self.accounts:
            account.used = account.name in names
            if not account.used and account.line is not None and account.line.up:
                self.background.call(account.line.close)

    def beat(self) -> list[Health]:
        """How each account in use fares; lines that are down are opened."""
        self.connect()
        return self.background.run(self._beat())

    def close(self) -> None:
        """Say goodbye and end the thread."""
        self.background.run(self._close())
        self.background.close()

    # --- in the thread ------------------------------------------------------------------------------

    async def _carry(self, parcels: Sequence[Parcel]) -> dict[int, Outcome]:
        outcomes: dict[int, Outcome] = {}
        failure = ""
        for account in self._in_turn():
            if not parcels:
                break
            try:
                line = await self._line(account)
            except LineDown as down:
                failure = failure or str(down)
                continue
            going, parcels = self._share(account, parcels)
            results = await line.send(going, time.monotonic() + TURN_S)
            if line.up:
                account.breaker.worked()
            else:
                account.breaker.failed(self.tick())
                account.trouble = LOST
            # What was not begun when the line broke may go by the next account; the rest might go twice.
            left = [each for each in going if not line.up and results[each.number].failure == POSTPONED]
            outcomes |= {each.number: _outcome(account, each, results[each.number]) for each in going}
            account.noted(results.values(), self.tick())
            parcels = [*left, *parcels]
        if parcels and not outcomes:
            raise TransportFailed(failure or "no account may be tried now")
        return {each.number: Outcome(each.number, "postponed", postponed=True) for each in parcels} | outcomes

    def _in_turn(self) -> list[Account]:
        """The accounts in their order; those whose receipts are late after those whose are not."""
        now, mine = self.tick(), [account for account in self.accounts if account.used]
        for account in mine:
            account.judge(now)
        return sorted(mine, key=lambda account: bool(account.slow.failures) and not account.on_trial(now))

    def _share(self, account: Account, parcels: Sequence[Parcel]) -> tuple[Sequence[Parcel], Sequence[Parcel]]:
        """What this account is given now, and what is left for the others."""
        others = any(each.used and each is not account and not each.slow.failures for each in self.accounts)
        if not (others and account.on_trial(self.tick())):
            return parcels, ()
        few = account.prompt.wanting()
        return parcels[:few], parcels[few:]

    async def _line(self, account: Account) -> Line:
        async with account.opening:
            return await self._opened(account)

    async def _opened(self, account: Account) -> Line:
        if account.line is not None and account.line.up:
            return account.line
        if not account.breaker.closed(self.tick()):
            raise LineDown(f"{account.codec.name}: resting after failures")

        def heard(reports: list[Said], line: Line) -> None:
            self.heard.put((account, line, reports))
            account.prompt.told((said.reference for said in reports), self.tick())
            account.seen_at = self.tick()
            ARRIVED.set()

        contract = account.contract
        try:
            account.line = await open_line(account.codec, account.pace, contract.window, heard, contract.where)
        except LineDown as down:
            account.breaker.failed(self.tick())
            account.trouble = str(down)
            raise
        account.seen_at = self.tick()
        return account.line

    async def _connect(self) -> None:
        for account in filter(lambda account: account.used, self.accounts):
            try:
                await self._line(account)
            except LineDown:
                continue
        self.connecting = False

    async def _beat(self) -> list[Health]:
        now, mine = self.tick(), [account for account in self.accounts if account.used]
        for account in mine:
            account.judge(now)
        return [account.health(now) for account in mine]

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

    def names(self) -> list[str]:
        """The accounts that are set."""
        carrier = self._carrier(False)
        return [account.name for account in carrier.accounts] if carrier else []

    def use(self, names: Collection[str]) -> None:
        """Keep to these accounts."""
        if self.carrier is not None:
            self.carrier.use(names)

    def beat(self) -> list[Health]:
        """How each account in use fares."""
        return self.carrier.beat() if self.carrier is not None else []

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

    def replies(self) -> list[Reply]:
        """What people wrote, of what came with the last receipts."""
        return self.carrier.replies() if self.carrier is not None else []

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
