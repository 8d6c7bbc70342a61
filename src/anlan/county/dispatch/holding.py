"""Who may use an account: one dispatcher at a time, by a lease in the database. And how each account fares, as its
dispatcher sees it, whether or not anything is sent: a carrier that is gone is seen before it is needed.

Two dispatchers on one account would send at twice its rate. A lease that ends later than any lease can was written
before somebody set the clock back, and counts for nothing.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from anlan.county import clock
from anlan.county.dispatch.channels import channels
from anlan.county.dispatch.channels.shape import Channel, Contracted, Health, TransportFailed
from anlan.county.dispatch.models import Account
from anlan.county.dispatch.rules import SKEW

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=15)
APART = timedelta(seconds=1)  # between two holders: the carrier's second must not see both
BEAT = timedelta(seconds=5)


def hold(worker: str, channel: Contracted) -> bool:
    """Keep the channel's accounts that are ours, take those that are free, use no others. Returns whether there is
    one; where none is set the channel itself says so."""
    try:
        names = channel.names()
    except TransportFailed:
        return True
    if not names:
        return True
    now = clock.now()
    known = {account.name: account for account in Account.objects.filter(channel=channel.name)}
    ours = [name for name in names if _ours(worker, known.get(name) or _new(channel.name, name), now)]
    channel.use(ours)
    return bool(ours)


def barred(worker: str, known: Iterable[Channel]) -> list[str]:
    """The channels whose accounts are all another dispatcher's."""
    return [each.name for each in known if isinstance(each, Contracted) and not hold(worker, each)]


def release(worker: str) -> None:
    """Leave every account, so that another dispatcher need not wait for our leases to end."""
    for channel in channels().values():
        if isinstance(channel, Contracted):
            channel.use(())
    Account.objects.filter(held_by=worker).update(held_by="", held_until=clock.now())


def beat(worker: str) -> int:
    """Look after the accounts that are ours, now and then. Returns how many were looked at."""
    now = clock.now()
    looked_after = Account.objects.filter(checked_at__gt=now - BEAT, checked_at__lte=now)
    due = set(Account.objects.filter(held_by=worker).exclude(pk__in=looked_after).values_list("channel", flat=True))
    told = 0
    for name in sorted(due & channels().keys()):
        channel = channels()[name]
        try:
            states = channel.beat() if isinstance(channel, Contracted) else []
        except TransportFailed as error:
            log.warning("channel %s cannot be looked after: %s", name, error)
            continue
        for state in states:
            told += _told(worker, name, state)
    return told


def _told(worker: str, channel: str, state: Health) -> int:
    now = clock.now()
    new = {
        "checked_at": now, "up": state.up, "trouble": state.trouble[:120], "rate": state.rate,
        "allowed": state.allowed, "recent": state.recent,
    }  # fmt: skip
    for name, since in (("seen_at", state.seen_s), ("handed_at", state.handed_s)):
        if since is not None:
            new[name] = now - timedelta(seconds=since)
    return Account.objects.filter(channel=channel, name=state.name, held_by=worker).update(**new)


def _new(channel: str, name: str) -> Account:
    return Account.objects.get_or_create(channel=channel, name=name)[0]


def _ours(worker: str, account: Account, now: datetime) -> bool:
    until = account.held_until
    if account.held_by == worker and until is not None and LEASE / 2 < until - now <= LEASE:
        return True
    free = Q(held_until__isnull=True) | Q(held_until__lte=now - APART) | Q(held_until__gt=now + LEASE + SKEW)
    mine = Account.objects.filter(free | Q(held_by=worker), pk=account.pk)
    return bool(mine.update(held_by=worker, held_until=now + LEASE))
