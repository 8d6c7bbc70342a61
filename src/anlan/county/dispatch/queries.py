"""Questions to the outbox: what waits, for how long, and what became of the rest."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet

from anlan.county import clock
from anlan.county.dispatch.models import Account, Message, Route
from anlan.county.dispatch.rules import LEASE, RETRY_AFTER, SKEW

WAITING = Q(handed_at__isnull=True, failed_at__isnull=True, cancelled_at__isnull=True)

MOMENTS = ("oldest_at", "handed_last_at", "delivered_last_at")


@dataclass(frozen=True, slots=True)
class ChannelState:
    """How a kind of message fares on the channel that carries it."""

    kind: str
    channel: str  # empty where the county has no route
    waiting: int
    retrying: int  # of the waiting: tried before
    handed: int  # left the machine, whether or not a receipt came
    delivered: int
    failed: int
    cancelled: int
    oldest_at: datetime | None  # since when the oldest waiting message waits
    handed_last_at: datetime | None = None
    delivered_last_at: datetime | None = None
    recent: int = 0  # handed over within the last minute

    def silent(self, now: datetime, after: timedelta) -> bool:
        """Whether messages wait and for so long nothing has left: the channel says nothing, and that is said."""
        last = max((at for at in (self.oldest_at, self.handed_last_at) if at is not None), default=now)
        return self.waiting > 0 and now - last >= after


def waiting() -> QuerySet[Message]:
    """Messages still to be handed over, in the order in which they go."""
    return Message.objects.filter(WAITING).order_by("priority", "id")


def claimable(now: datetime) -> QuerySet[Message]:
    """Waiting messages that no dispatcher holds and whose pause after a failure is over.

    A lease or a pause that ends later than any can was written before somebody set the clock back.
    """
    over = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now) | Q(claimed_until__gt=now + RETRY_AFTER[-1] + SKEW)
    return waiting().filter(over | Q(claimed_until__gt=now + LEASE + SKEW) & ~Q(claimed_by=""))


def backlog() -> dict[str, int]:
    """How many messages of each kind wait."""
    return dict(waiting().order_by("kind").values_list("kind").annotate(Count("id")))


def routes() -> dict[str, str]:
    """The channel that carries each kind."""
    return dict(Route.objects.values_list("kind", "channel"))


@dataclass(frozen=True, slots=True)
class AccountState:
    """How an account fares."""

    channel: str
    name: str
    state: str  # up, down, limited, unattended
    trouble: str
    held_by: str
    seen_at: datetime | None  # when the carrier last answered anything
    handed_at: datetime | None  # when it last took a message
    waiting: int  # messages for its channel
    rate: int
    allowed: int
    recent: int


def account_states(states: Iterable[ChannelState], silent: timedelta) -> list[AccountState]:
    """Every account that a dispatcher has known, and whether it could carry a message now.

    Unattended: no dispatcher has looked after it for so long. Down: it has not answered for so long, or is not
    there. Limited: it is, but slower than it should be.
    """
    since, waits = clock.now() - silent, Counter[str]()
    for state in states:
        waits[state.channel] += state.waiting
    return [
        AccountState(
            each.channel, each.name, _state(each, since), each.trouble, each.held_by, each.seen_at,
            each.handed_at, waits[each.channel], each.rate, each.allowed, each.recent,
        )
        for each in Account.objects.order_by("channel", "name")
    ]  # fmt: skip


def _state(account: Account, since: datetime) -> str:
    if account.checked_at is None or account.checked_at < since:
        return "unattended"
    if not account.up or account.seen_at is None or account.seen_at < since:
        return "down"
    return "limited" if account.trouble or account.allowed < account.rate else "up"


def channel_states() -> list[ChannelState]:
    """One line per kind of message that has a route or ever had a message."""
    carried = routes()
    counted = {row["kind"]: row for row in Message.objects.values("kind").annotate(**_counts()).order_by("kind")}
    nothing: dict[str, Any] = dict.fromkeys(_counts(), 0) | dict.fromkeys(MOMENTS)
    return [
        ChannelState(**{**nothing, **counted.get(kind, {}), "kind": kind, "channel": carried.get(kind, "")})
        for kind in sorted(carried.keys() | counted.keys())
    ]


def _counts() -> dict[str, Count | Min | Max]:
    return {
        "waiting": Count("id", filter=WAITING),
        "retrying": Count("id", filter=WAITING & Q(attempts__gt=0)),
        "handed": Count("id", filter=Q(handed_at__isnull=False)),
        "delivered": Count("id", filter=Q(delivered_at__isnull=False)),
        "failed": Count("id", filter=Q(failed_at__isnull=False)),
        "cancelled": Count("id", filter=Q(cancelled_at__isnull=False)),
        "oldest_at": Min("created_at", filter=WAITING),
        "handed_last_at": Max("handed_at"),
        "delivered_last_at": Max("delivered_at"),
        "recent": Count("id", filter=Q(handed_at__gt=clock.now() - timedelta(minutes=1))),
    }


def by_keys(keys: Iterable[str]) -> QuerySet[Message]:
    """These messages, of those that exist."""
    return Message.objects.filter(key__among=list(keys))
