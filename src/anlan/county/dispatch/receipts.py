"""What became of messages after they were handed over: receipts, by our own numbers or by carriers' names."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

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
    open_ = Message.objects.filter(pk__among=list(arrived), delivered_at__isnull=True).values_list("id", "handed_at")
    rows = [(handed or arrived[key], max(arrived[key], handed or arrived[key]), key) for key, handed in open_]
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
        known = Segment.objects.filter(account=account, reference__among=sorted(said))
        seen = set(known.filter(reported_at__isnull=False).values_list("reference", flat=True))
        # In the order of their names, here as in `carried`: two processes never wait for each other.
        rows = [(account, name, at, said[name][:120]) for name in sorted(said) if name not in seen]
        fields = (*NAMED, "reported_at", "failure")
        bulk.upsert(Segment, fields, rows, unique=NAMED, changed=("reported_at", "failure"))
        fresh = Segment.objects.filter(account=account, reference__among=[row[1] for row in rows])
        settle(fresh.filter(message__isnull=False).values_list("message_id", flat=True))
        new += len(rows)
    return new


def carried(outcomes: Sequence[Outcome]) -> None:
    """Remember what carriers call these messages' segments. Called where the hand-over is recorded."""
    rows = sorted((each.account, name, each.message_id, "") for each in outcomes for name in each.references)
    if not rows:
        return
    bulk.upsert(Segment, (*NAMED, "message_id", "failure"), rows, unique=NAMED, changed=("message_id",))
    for account in {row[0] for row in rows}:
        names = [row[1] for row in rows if row[0] == account]
        overtaken = Segment.objects.filter(account=account, reference__among=names, reported_at__isnull=False)
        settle(overtaken.values_list("message_id", flat=True))


def settle(messages: Iterable[int | None]) -> None:
    """Deliver or fail those of these messages whose segments are all reported."""
    about: dict[int, list[tuple[datetime | None, str]]] = defaultdict(list)
    named = sorted({number for number in messages if number is not None})
    every = Segment.objects.filter(message_id__among=named).values_list("message_id", "reported_at", "failure")
    for number, at, failure in every:
        about[number].append((at, failure))
    arrived, failed = [], []
    for number, segments in about.items():
        moments = [at for at, _failure in segments if at is not None]
        if len(moments) < len(segments):
            continue
        if failure := next((failure for _at, failure in segments if failure), ""):
            failed.append((number, max(moments), failure))
        else:
            arrived.append((number, max(moments)))
    deliver(receipts=arrived)
    fail(failures=failed)


def noted(verb: str, count: int) -> int:
    """A line in the ledger where anything was done. Returns how much it was."""
    if count:
        record(verb, about="message:*", by=MACHINE, count=count)
    return count
