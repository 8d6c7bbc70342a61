"""What became of messages after they were handed over: receipts, by our own numbers or by carriers' names."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Count, F, Max

from anlan.county import bulk, clock
from anlan.county.dispatch.channels.shape import Outcome, Receipt
from anlan.county.dispatch.models import Message, Segment
from anlan.county.ledger.actions import record
from anlan.county.office.models import MACHINE

NAMED = ("account", "reference")


@transaction.atomic
def deliver(*, receipts: Iterable[tuple[int, datetime]]) -> int:
    """Record that messages arrived: (message id, when). The first receipt counts; unknown ids are left alone.

    A receipt that overtook our own record of handing over, or a carrier's clock that runs behind ours, moves
    the two moments together and never apart. Returns how many were new.
    """
    arrived: dict[int, datetime] = {}
    for message, at in receipts:
        arrived[message] = min(at, arrived.get(message, at))
    # Locked in one order, so that nobody hands over or delivers between our look and our record.
    waiting = Message.objects.select_for_update().filter(pk__among=set(arrived), delivered_at__isnull=True)
    rows = [
        (handed or arrived[key], max(arrived[key], handed or arrived[key]), key)
        for key, handed in waiting.order_by("pk").values_list("id", "handed_at")
    ]
    bulk.update(Message, ("handed_at", "delivered_at"), rows)
    return noted("dispatch.deliver", len(rows))


@transaction.atomic
def fail(*, failures: Iterable[tuple[int, datetime, str]]) -> int:
    """Record that messages will not arrive: (message id, when, why). What was delivered stays delivered."""
    said = {message: (at, why or "unknown") for message, at, why in failures}
    open_ = Message.objects.filter(pk__among=list(said), delivered_at__isnull=True, failed_at__isnull=True)
    rows = [(*said[key], key) for key in open_.values_list("id", flat=True)]
    bulk.update(Message, ("failed_at", "failure"), rows)
    return noted("dispatch.fail", len(rows))


@transaction.atomic
def receive(*, receipts: Iterable[Receipt]) -> int:
    """Record what carriers say became of segments. A message arrived when all of its segments did, and failed when
    they are all reported and one did not.

    The first receipt of a segment counts. One whose segment nobody knows is kept: it may have overtaken our own
    record. Returns how many receipts were new.
    """
    at, new = clock.now(), 0
    by_account: dict[str, dict[str, str]] = defaultdict(dict)
    for receipt in receipts:
        by_account[receipt.account].setdefault(receipt.reference, receipt.failure)
    for account, said in by_account.items():
        new += _reported(account, said, at)
    return new


def _reported(account: str, said: dict[str, str], at: datetime) -> int:
    named = Segment.objects.filter(account=account, reference__among=set(said))
    fresh = list(named.filter(reported_at__isnull=True).values_list("id", "reference", "message_id"))
    by_failure: dict[str, list[int]] = defaultdict(list)
    for key, name, _message in fresh:
        by_failure[said[name][:120]].append(key)
    for failure, keys in by_failure.items():
        Segment.objects.filter(pk__among=set(keys), reported_at__isnull=True).update(reported_at=at, failure=failure)
    settle((message for _key, _name, message in fresh), at)
    return len(fresh) + _kept(account, said, {name for _key, name, _message in fresh}, at)


def _kept(account: str, said: dict[str, str], known: set[str], at: datetime) -> int:
    """Keep what is said of segments that nobody has named yet."""
    left = [name for name in said if name not in known]
    if not left:
        return 0
    seen = set(Segment.objects.filter(account=account, reference__among=left).values_list("reference", flat=True))
    # In the order of their names, here as in `carried`: two processes never wait for each other.
    strange = sorted(name for name in left if name not in seen)
    rows = ((account, name, at, said[name][:120]) for name in strange)
    bulk.upsert(Segment, (*NAMED, "reported_at", "failure"), rows, unique=NAMED, changed=("reported_at", "failure"))
    # Our own record may have come while we looked.
    settle(Segment.objects.filter(account=account, reference__among=strange).values_list("message_id", flat=True), at)
    return len(strange)


def carried(outcomes: Sequence[Outcome]) -> None:
    """Remember what carriers call these messages' segments. Called where the hand-over is recorded."""
    rows = sorted((each.account, name, each.message_id, "") for each in outcomes for name in each.references)
    if not rows:
        return
    bulk.upsert(Segment, (*NAMED, "message_id", "failure"), rows, unique=NAMED, changed=("message_id",))
    for account in {row[0] for row in rows}:
        names = {row[1] for row in rows if row[0] == account}
        overtaken = Segment.objects.filter(account=account, reference__among=names, reported_at__isnull=False)
        settle(overtaken.values_list("message_id", flat=True), clock.now())


def settle(messages: Iterable[int | None], at: datetime) -> None:
    """Deliver or fail those of these messages whose segments are all reported, the last of them now."""
    named = {number for number in messages if number is not None}  # sets: Django walks through lists
    if not named:
        return
    if connection.features.has_select_for_update:
        # Two processes that hear of two segments of one message would each see only its own, and nobody would settle.
        list(Message.objects.select_for_update().filter(pk__among=named).order_by("pk").values_list("pk"))
    every = Segment.objects.filter(message_id__among=named).order_by().values("message_id")
    counted = every.annotate(why=Max("failure"), all=Count("id"), told=Count("reported_at")).filter(all=F("told"))
    arrived, failed = [], []
    for number, failure in counted.values_list("message_id", "why"):
        if failure:
            failed.append((number, at, failure))
        else:
            arrived.append((number, at))
    deliver(receipts=arrived)
    fail(failures=failed)


def noted(verb: str, count: int) -> int:
    """A line in the ledger where anything was done. Returns how much it was."""
    if count:
        record(verb, about="message:*", by=MACHINE, count=count)
    return count
