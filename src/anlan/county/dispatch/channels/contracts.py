"""An account with a carrier of short messages: its line, its pace, and whether it is left alone for now."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from anlan.county import clock
from anlan.county.dispatch.channels.line import Carried, Line
from anlan.county.dispatch.channels.shape import Health
from anlan.county.dispatch.channels.wire import Codec
from anlan.county.dispatch.pacing import Breaker, Pace, Promptness
from anlan.engine import policy

WATCHED = 64  # messages of a turn whose receipts are timed


@dataclass(frozen=True, slots=True)
class Contract:
    """What one account is set to: where its carrier is, how fast and how many at once it may be sent."""

    name: str
    where: tuple[str, int, bool]  # host, port, TLS
    rate: int
    window: int


class Account:
    """One contract with one carrier: its line, its pace, and whether it is left alone for now."""

    def __init__(self, contract: Contract, codec: Codec, prompt: Promptness) -> None:
        self.name, self.contract, self.codec, self.prompt = contract.name, contract, codec, prompt
        self.pace, self.breaker, self.slow = Pace(contract.rate), Breaker(), Breaker(after=1, rest_s=60.0)
        self.used = True
        self.line: Line | None = None
        self.opening = asyncio.Lock()  # one line an account, whoever asks for it
        self.trouble = ""
        self.handed_at: float | None = None
        self.seen_at: float | None = None

    def health(self, now: float) -> Health:
        """How it fares. In the loop of its line."""
        line, pace, clock_ = self.line, self.pace, asyncio.get_running_loop().time()
        up = line is not None and line.up if line is not None or self.trouble else None
        seen = None if self.seen_at is None else now - self.seen_at
        if line is not None and line.up:
            seen = clock_ - line.last_heard
        handed = None if self.handed_at is None else now - self.handed_at
        late = "receipts are late" if self.slow.failures else ""
        return Health(
            self.name, up, seen, handed, late if up else self.trouble, pace.rate, int(pace.allowed),
            pace.recent(clock_),
        )  # fmt: skip

    def judge(self, now: float) -> None:
        """Hear whether receipts come in time, and draw the consequence."""
        prompt = self.prompt.verdict(now)
        if prompt is None:
            return
        if not prompt and self.slow.closed(now):
            self.slow.failed(now)
            self.prompt.forget()
        elif prompt and self.slow.half_open(now):
            self.slow.worked()

    def on_trial(self, now: float) -> bool:
        """Whether it was slow and is to be tried again: with as few as tell how it is."""
        return self.slow.half_open(now) and self.prompt.wanting() > 0

    def noted(self, results: Iterable[Carried], now: float) -> None:
        """Remember that it took something, and watch for the receipts of a few."""
        taken = [result.references[-1] for result in islice(results, WATCHED) if not result.failure]
        if taken:
            self.handed_at = now
        self.prompt.taken(taken, now)


def promptness() -> Promptness:
    """What the county's policy of today asks of receipts."""
    today = policy.on(clock.today())
    late = today.number("dispatch_receipt_late_percent") / 100
    return Promptness(today.number("dispatch_receipt_seconds"), late, int(today.number("dispatch_receipt_least")))
