"""What became of messages after they were handed over: receipts, by our own numbers or by carriers' names."""

from collections import defaultdict
from collections.abc import Container, Iterable
from datetime import datetime, timedelta
from itertools import takewhile
from operator import itemgetter
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Coalesce, Greatest

from anlan.county import bulk, clock
from anlan.county.dispatch.channels.shape import Outcome, Receipt
from anlan.county.dispatch.models import Message, Segment
from anlan.county.ledger.actions import record
from anlan.county.office.models import MACHINE
from anlan.engine import policy

NAMED = ("account", "reference")
MINE = Segment.objects.filter(message_id=OuterRef("pk"))
NOT_THERE = Q(reported_at__isnull=True) | ~Q(failure="")


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
    by_failure: dict[str, list[str]] = defaultdict(list)
    for name, failure in said.items():
        by_failure[failure[:120]].append(name)
    fresh: dict[str, int | None] = {}
    for failure, names in by_failure.items():
        open_ = Segment.objects.filter(account=account, reference__among=names, reported_at__isnull=True)
        fresh |= bulk.change(open_, {"reported_at": at, "failure": failure}, ("reference", "message_id"))
    settle(fresh.values(), at)
    return len(fresh) + _kept(account, said, fresh.keys(), at)


def _kept(account: str, said: dict[str, str], known: Container[str], at: datetime) -> int:
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


def carried(outcomes: Iterable[Outcome], heard: Iterable[Receipt], at: datetime) -> set[Receipt]:
    """Record what was handed over and what carriers call its segments, and of the receipts that have come already
    those that say that they arrived: returns these. The first receipt of a segment counts. Called where the hand-over
    is recorded.
    """
    first: dict[tuple[str, str], Receipt] = {}
    for receipt in heard:
        first.setdefault(receipt[:2], receipt)
    said = {name: receipt for name, receipt in first.items() if not receipt.failure}
    rows, told, open_, whole = list[tuple[Any, ...]](), set[Receipt](), list[int](), list[int]()
    for number, failure, _permanent, _postponed, account, references in outcomes:
        if failure:
            continue
        found = [said.get((account, name)) for name in references]
        rows += [(account, name, number, receipt and at, "") for name, receipt in zip(references, found, strict=True)]
        told.update(filter(None, found))
        (whole if found and all(found) else open_).append(number)
    # In the order of their names, here as in `_kept`: two processes never wait for each other.
    rows.sort(key=itemgetter(0, 1))
    names = (*NAMED, "message_id", "reported_at", "failure")
    bulk.upsert(Segment, names, rows, unique=NAMED, changed=("message_id",), filled=("reported_at",))
    # Whoever holds the lease by now: what was handed over was handed over.
    gone = {"handed_at": at, "claimed_by": "", "claimed_until": None, "failure": ""}
    fresh = Message.objects.filter(handed_at__isnull=True)
    new = fresh.filter(~Exists(MINE.filter(NOT_THERE)), pk__among=whole).update(delivered_at=at, **gone)
    noted("dispatch.deliver", new)
    open_ += whole if new < len(whole) else []  # a carrier used a name twice, or somebody else was quicker
    fresh.filter(pk__among=open_).update(**gone)
    overtaken = Segment.objects.filter(message_id__among=open_, reported_at__isnull=False)
    settle(overtaken.values_list("message_id", flat=True), at)
    return told


def settle(messages: Iterable[int | None], at: datetime) -> None:
    """Deliver or fail those of these messages whose segments are all reported, the last of them now."""
    named = {number for number in messages if number is not None}
    if not named:
        return
    if connection.features.has_select_for_update:
        # Two processes that hear of two segments of one message would each see only its own, and nobody would settle.
        list(Message.objects.select_for_update().filter(pk__among=named).order_by("pk").values_list("pk"))
    handed = Coalesce(F("handed_at"), Value(at))
    arrived = Message.objects.filter(~Exists(MINE.filter(NOT_THERE)), pk__among=named, delivered_at__isnull=True)
    new = arrived.update(handed_at=handed, delivered_at=Greatest(handed, Value(at)))
    noted("dispatch.deliver", new)
    if new < len(named):
        why = Segment.objects.filter(message_id__among=named).exclude(failure="").order_by("failure")
        failed = dict(why.values_list("message_id", "failure"))
        told = Message.objects.filter(~Exists(MINE.filter(reported_at__isnull=True)), pk__among=list(failed))
        lost = told.values_list("pk", flat=True)
        fail(failures=[(number, at, failed[number]) for number in lost])


@transaction.atomic
def forget() -> int:
    """Delete what is known of single segments, the oldest first, once it is older than the county keeps it. What became
    of messages stays. Returns how many were deleted."""
    before = clock.now() - timedelta(days=policy.on(clock.today()).number("dispatch_receipt_days"))
    oldest = Segment.objects.order_by("id").values_list("id", "reported_at", "message__handed_at")[: bulk.CHUNK]
    over = list(takewhile(lambda row: all(at is None or at < before for at in row[1:]), oldest))
    if over:
        Segment.objects.filter(pk__among=[key for key, _reported, _handed in over]).delete()
    return noted("dispatch.forget", len(over))


def noted(verb: str, count: int) -> int:
    """A line in the ledger where anything was done. Returns how much it was."""
    if count:
        record(verb, about="message:*", by=MACHINE, count=count)
    return count
