"""How fast an account may send, and when it is left alone for a while. Pure: the caller says what time it is.

A carrier counts segments in a second, not messages, and refuses what is too many. A part of every second is kept
for what is urgent, so that a red warning never waits for a yellow one to hundred thousand people.
"""

from collections import deque
from dataclasses import dataclass, field

SECOND = 1.0


@dataclass(slots=True)
class Pace:
    """At most `rate` segments in any second (0: no limit); a share of them only for urgent ones.

    Told that the carrier throttles, it halves its speed, and finds back step by step.
    """

    rate: int
    reserve: float = 0.3
    allowed: float = field(init=False)
    _all: deque[float] = field(init=False)
    _bulk: deque[float] = field(init=False)
    _changed_at: float = field(init=False, default=float("-inf"))

    def __post_init__(self) -> None:
        if self.rate < 0 or not 0 <= self.reserve < 1:
            raise ValueError("a rate is not negative, and a reserve is a share below 1")
        self.allowed = float(self.rate)
        self._all = deque(maxlen=max(1, self.rate))
        self._bulk = deque(maxlen=max(1, self.rate))

    def take(self, now: float, *, urgent: bool = False) -> float:
        """Send one segment now: 0.0, or the seconds to wait before asking again. `now` never runs backwards."""
        if not self.rate:
            return 0.0
        self._recover(now)
        limit = max(1, int(self.allowed))
        wait = _wait(self._all, limit, now)
        if not urgent:
            wait = max(wait, _wait(self._bulk, bulk_of(limit, self.reserve), now))
        if wait > 0.0:
            return wait
        self._all.append(now)
        if not urgent:
            self._bulk.append(now)
        return 0.0

    def throttled(self, now: float) -> None:
        """The carrier said: too fast. One second's refusals count once."""
        if self.rate and now - self._changed_at >= SECOND:
            self.allowed, self._changed_at = max(1.0, self.allowed / 2), now

    def _recover(self, now: float) -> None:
        if self.allowed < self.rate and now - self._changed_at >= SECOND:
            self.allowed, self._changed_at = min(float(self.rate), self.allowed + max(1.0, self.rate / 20)), now


def bulk_of(limit: int, reserve: float) -> int:
    """How many of so many segments may be ordinary ones; never none at all."""
    return max(1, int(limit * (1 - reserve) + 1e-9))


def _wait(times: deque[float], limit: int, now: float) -> float:
    """Until the segment `limit` places back is a whole second old."""
    if len(times) < limit:
        return 0.0
    since = now - times[-limit]
    # Not `times + SECOND - now`: rounding would let two seconds' segments meet within one.
    return 0.0 if since >= SECOND else max(SECOND - since, 1e-6)


@dataclass(slots=True)
class Breaker:
    """Leaves an account alone after `after` failures in a row: `rest_s` seconds first, twice as long each time."""

    after: int = 3
    rest_s: float = 15.0
    longest_s: float = 300.0
    failures: int = 0
    until: float = float("-inf")

    def closed(self, now: float) -> bool:
        """Whether the account may be tried."""
        return now >= self.until

    def worked(self) -> None:
        """It did what it should."""
        self.failures, self.until = 0, float("-inf")

    def failed(self, now: float) -> None:
        """It did not; one more try is allowed after the rest."""
        self.failures += 1
        if self.failures >= self.after:
            rest = min(self.longest_s, self.rest_s * 2 ** min(self.failures - self.after, 16))
            self.until = now + rest
