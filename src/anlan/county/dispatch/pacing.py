"""How fast an account may send, and when it is left alone for a while. Pure: the caller says what time it is.

A carrier counts segments in a second, not messages, and refuses what is too many. A part of every second is kept
for what is urgent, so that a red warning never waits for a yellow one to hundred thousand people: a small one always,
for the first to go at once, a larger one while urgent ones are about. And no second's segments go all at once: what is
late on its way would meet the next second's at the carrier.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import ceil

SECOND = 1.0
SLICE, PART = 0.1, 0.15  # of a second, and of its segments: somewhat more, to make up for pauses of our own
URGENT_S = 10.0  # so long after an urgent segment more of them may follow
WATCHED, EARLY = 1000, 10_000
ALWAYS = 0.04  # kept free when none is about: all that is ordinary still takes no twentieth longer


@dataclass(slots=True)
class Pace:
    """At most `rate` segments in any second (0: no limit); a share of them only for urgent ones while such are about.

    Told that the carrier throttles, it halves its speed, and finds back step by step.
    """

    rate: int
    reserve: float = 0.3
    part: float = PART  # of a second's segments that may go in its tenth; 1: all, where they go in one request
    allowed: float = field(init=False)
    _all: deque[float] = field(init=False)
    _bulk: deque[float] = field(init=False)
    _urgent: deque[float] = field(init=False)
    _changed_at: float = field(init=False, default=float("-inf"))

    def __post_init__(self) -> None:
        if self.rate < 0 or not 0 <= self.reserve < 1:
            raise ValueError("a rate is not negative, and a reserve is a share below 1")
        self.allowed = float(self.rate)
        self._all, self._bulk, self._urgent = (deque(maxlen=max(1, self.rate)) for _each in range(3))

    def take(self, now: float, *, urgent: bool = False) -> float:
        """Send one segment now: 0.0, or the seconds to wait before asking again. `now` never runs backwards."""
        if not self.rate:
            return 0.0
        self._recover(now)
        limit = max(1, int(self.allowed))
        mine, at_once = self._bulk, self.part
        wait = _wait(self._all, limit, now)
        if urgent:
            mine, at_once = self._urgent, max(self.part, self.reserve)
        else:
            wait = max(wait, _wait(mine, self.ordinary(limit, now), now))
        wait = max(wait, _wait(mine, ceil(limit * at_once), now, SLICE))
        if wait > 0.0:
            return wait
        self._all.append(now)
        mine.append(now)
        return 0.0

    def ordinary(self, limit: int, now: float) -> int:
        """How many of so many segments may be ordinary ones now."""
        if self._urgent and now - self._urgent[-1] < URGENT_S:
            return bulk_of(limit, self.reserve)
        return limit - int(limit * min(self.reserve, ALWAYS))

    def recent(self, now: float) -> int:
        """How many went within the last second."""
        return sum(now - at < SECOND for at in self._all)

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


def _wait(times: deque[float], limit: int, now: float, window: float = SECOND) -> float:
    """Until the segment `limit` places back is a whole window old."""
    if len(times) < limit:
        return 0.0
    since = now - times[-limit]
    # Not `times + window - now`: rounding would let two windows' segments meet within one.
    return 0.0 if since >= window else max(window - since, 1e-6)


@dataclass(slots=True)
class Breaker:
    """Leaves an account alone after `after` failures in a row: `rest_s` seconds first, twice as long each time.

    Open while it rests, half open from then until one try has said how it is, closed otherwise.
    """

    after: int = 3
    rest_s: float = 15.0
    longest_s: float = 300.0
    failures: int = 0
    until: float = float("-inf")

    def closed(self, now: float) -> bool:
        """Whether the account may be tried."""
        return now >= self.until

    def half_open(self, now: float) -> bool:
        """Whether it may be tried, but nobody knows yet whether it works again."""
        return self.failures >= self.after and now >= self.until

    def worked(self) -> None:
        """It did what it should."""
        self.failures, self.until = 0, float("-inf")

    def failed(self, now: float) -> None:
        """It did not; one more try is allowed after the rest."""
        self.failures += 1
        if self.failures >= self.after:
            rest = min(self.longest_s, self.rest_s * 2 ** min(self.failures - self.after, 16))
            self.until = now + rest


@dataclass(slots=True)
class Promptness:
    """Whether an account's receipts come in time: of the last `least` that were due, no more than a share may be late.

    A sample is enough: of one turn's segments the first few are watched.
    """

    within_s: float
    share: float
    least: int
    _out: dict[str, float] = field(default_factory=dict)  # since when each is out, the oldest first
    _early: dict[str, None] = field(default_factory=dict)  # told before we heard that it was taken
    _last: deque[bool] = field(init=False)

    def __post_init__(self) -> None:
        if self.within_s <= 0 or not 0 <= self.share < 1 or self.least < 1:
            raise ValueError("a time above 0, a share below 1, one receipt at least")
        self._last = deque(maxlen=self.least)

    def taken(self, references: Iterable[str], now: float) -> None:
        """The carrier took these."""
        for reference in references:
            if reference in self._early:
                self._last.append(True)
            elif len(self._out) < WATCHED:
                self._out[reference] = now
        self._early.clear()

    def told(self, references: Iterable[str], now: float) -> None:
        """Receipts came of these."""
        for reference in references:
            since = self._out.pop(reference, None)
            if since is not None:
                self._last.append(now - since <= self.within_s)
            elif len(self._early) < EARLY:
                self._early[reference] = None

    def verdict(self, now: float) -> bool | None:
        """Whether they come in time; None where too few were due to say."""
        while self._out and now - next(iter(self._out.values())) > self.within_s:
            del self._out[next(iter(self._out))]
            self._last.append(False)
        if len(self._last) < self.least:
            return None
        return self._last.count(False) <= self.share * self.least

    def wanting(self) -> int:
        """How many more must be sent before there can be a verdict."""
        return max(0, self.least - len(self._last) - len(self._out))

    def forget(self) -> None:
        """Judge anew from here on."""
        self._out.clear()
        self._last.clear()
