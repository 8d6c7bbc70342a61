"""Handing messages over: claim, send, record. Three steps, so that a killed dispatcher loses nothing.

The claim is a lease: when a dispatcher dies between sending and recording, the lease runs out and that one
batch goes twice. Nothing is sent with a transaction open, and nothing is sent that was cancelled or has expired
by the moment it would go.
"""

import logging
import os
import socket
import time
from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, Q

from anlan.county import clock
from anlan.county.dispatch import holding, rules
from anlan.county.dispatch.channels import channels
from anlan.county.dispatch.channels.shape import (
    Answered,
    Channel,
    Contracted,
    Hearing,
    Outcome,
    Outgoing,
    Prompt,
    Receipt,
    TransportFailed,
    fail_all,
)
from anlan.county.dispatch.channels.wire import Reply
from anlan.county.dispatch.models import Message
from anlan.county.dispatch.queries import WAITING, claimable, routes
from anlan.county.dispatch.receipts import carried, receive
from anlan.county.dispatch.replies import keep
from anlan.county.ledger.actions import record
from anlan.county.office.models import MACHINE

log = logging.getLogger(__name__)
FOR_EXERCISE = "file"  # carries exercise messages whose own channel reaches people

TURN_S = 10.0
FEWEST = 50  # messages claimed at once from a queue that moves slowly
BATCHES = 40  # one turn's most, so that other rooms' jobs are not kept waiting
NEEDED = (*Outgoing._fields[:-1], F("attempts") + 1)


@dataclass(frozen=True, slots=True)
class Claim:
    """What one dispatcher took: messages it alone may send while the lease lasts."""

    worker: str
    messages: Sequence[Outgoing]


def dispatch_batch(*, worker: str, limit: int = 500) -> int:
    """Hand over up to `limit` waiting messages, most urgent first. Returns how many were taken in hand: 0, nothing due.

    `worker` must be unique among dispatchers. Must not be called inside a transaction (RuntimeError).
    """
    return _batch(worker, limit)[0]


def run_once(worker: str, *, limit: int = 500) -> int:
    """Hand over what is due, urgent first, up to one turn's worth, and store the receipts that come meanwhile.

    Returns how many messages were taken in hand.
    """
    done, until, few = 0, time.monotonic() + TURN_S, limit
    for _turn in range(BATCHES):
        taken, postponed, told = _batch(worker, few)
        done += taken
        collect(told)
        # What is claimed only to be given back costs time in which a slow carrier is sent nothing.
        few = min(limit, max(FEWEST, 2 * (taken - postponed))) if postponed else limit
        if not taken or time.monotonic() >= until:
            break
    return done


def collect(told: Container[Receipt] = ()) -> int:
    """Store the receipts that carriers gave and what people wrote; only then do carriers hear that we have them.

    `told`: receipts that are stored already, with the hand-over that they answer. Returns how many came.
    """
    came = 0
    for channel in channels().values():
        if not isinstance(channel, Hearing):
            continue
        try:
            receipts = channel.receipts()
            said: list[Reply] = channel.replies() if isinstance(channel, Answered) else []
        except TransportFailed as error:
            log.warning("channel %s hears nothing: %s", channel.name, error)
            continue
        if receipts or said:
            receive(receipts=[receipt for receipt in receipts if receipt not in told])
            keep(replies=said)
            channel.stored()
            came += len(receipts) + len(said)
    return came


def worker_name() -> str:
    """A name no other dispatcher of this county has."""
    return f"{socket.gethostname()[:20]}-{os.getpid()}"


def _batch(worker: str, limit: int) -> tuple[int, int, set[Receipt]]:
    """Claim, send, record; how many were taken in hand and given back, and the receipts that are stored by it."""
    taken, claim = _claim(worker, limit, holding.barred(worker, channels().values()))
    told, postponed = set[Receipt](), 0
    for channel, messages in _by_channel(claim):
        for start in range(0, len(messages), channel.batch):
            piece = _still_ours(claim, messages[start : start + channel.batch])
            if piece and isinstance(channel, Contracted) and not holding.hold(worker, channel):
                _record(worker, piece, [Outcome(each.pk, "postponed", postponed=True) for each in piece], channel.name)
            elif piece:
                outcomes = _send(channel, piece)
                heard = channel.early() if isinstance(channel, Prompt) else []
                told |= _record(worker, piece, outcomes, channel.name, heard)
                postponed += sum(outcome.postponed for outcome in outcomes)
    return taken, postponed, told


@transaction.atomic(durable=True)
def _claim(worker: str, limit: int, barred: Sequence[str]) -> tuple[int, Claim]:
    now = clock.now()
    due = claimable(now)
    if barred:
        due = due.exclude(kind__in=[kind for kind, channel in routes().items() if channel in barred])
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True)
    taken = list(map(Outgoing._make, due.values_list(*NEEDED)[:limit]))  # no models: they take ten times as long
    late = {message.pk for message in taken if message.not_after is not None and message.not_after <= now}
    if late:
        Message.objects.filter(pk__among=late).update(failed_at=now, failure=rules.EXPIRED)
        record("dispatch.expire", about="message:*", by=MACHINE, count=len(late))
    held = [message for message in taken if message.pk not in late] if late else taken
    mine = Message.objects.filter(pk__among=[message.pk for message in held])
    mine.update(claimed_by=worker, claimed_until=now + rules.LEASE, attempts=F("attempts") + 1)
    return len(taken), Claim(worker, held)


def _by_channel(claim: Claim) -> Iterator[tuple[Channel, list[Outgoing]]]:
    """The messages by the channel that carries them, urgent ones still first within each."""
    carried, known = routes(), channels()
    sorted_out: dict[str, list[Outgoing]] = defaultdict(list)
    lost: dict[str, list[Outgoing]] = defaultdict(list)
    for message in claim.messages:
        name = carried.get(message.kind)
        if name is None or name not in known:
            lost[rules.NO_ROUTE if name is None else rules.NO_CHANNEL].append(message)
        elif message.exercise and not known[name].safe_for_exercise:
            sorted_out[FOR_EXERCISE].append(message)
        else:
            sorted_out[name].append(message)
    for failure, messages in lost.items():
        _record(claim.worker, messages, fail_all(messages, failure, permanent=False), "")
    for name, messages in sorted_out.items():
        yield known[name], messages


def _still_ours(claim: Claim, messages: Sequence[Outgoing]) -> list[Outgoing]:
    """Those not cancelled, not expired and still under our lease, at the moment before they go."""
    now = clock.now()
    keys = [message.pk for message in messages]
    fresh = set(
        Message.objects.filter(WAITING, pk__range=(min(keys), max(keys)), claimed_by=claim.worker)
        .filter(Q(not_after__isnull=True) | Q(not_after__gt=now), claimed_until__gt=now)
        .values_list("pk", flat=True)
    )
    return [message for message in messages if message.pk in fresh]


def _send(channel: Channel, messages: Sequence[Outgoing]) -> list[Outcome]:
    try:
        return channel.send(messages)
    except TransportFailed as error:
        return fail_all(messages, str(error), permanent=error.permanent)
    except Exception as error:
        # A defect in one channel must not hold up the others. Its text may quote a message, so it is not logged.
        log.error("channel %s failed: %s", channel.name, type(error).__name__)
        return fail_all(messages, f"{channel.name}: {type(error).__name__}", permanent=False)


@transaction.atomic(durable=True)
def _record(
    worker: str, messages: Sequence[Outgoing], outcomes: Sequence[Outcome], channel: str, heard: Sequence[Receipt] = ()
) -> set[Receipt]:
    """What became of a batch, and the receipts that came with it: returns those."""
    now = clock.now()
    told = carried(outcomes, heard, now)
    waiting = [outcome.message_id for outcome in outcomes if outcome.postponed]
    failed = [outcome for outcome in outcomes if outcome.failure and not outcome.postponed]
    if waiting:
        given_back = Message.objects.filter(pk__among=waiting, claimed_by=worker, handed_at__isnull=True)
        given_back.update(claimed_by="", claimed_until=None, attempts=F("attempts") - 1)
    if failed:
        _failed(worker, {message.pk: message.attempts for message in messages}, failed, now)
    record(
        "dispatch.hand_over", about="message:*", by=MACHINE, channel=channel,
        handed=len(outcomes) - len(failed) - len(waiting), failed=len(failed),
    )  # fmt: skip
    return told


def _failed(worker: str, attempts: dict[int, int], outcomes: Sequence[Outcome], now: datetime) -> None:
    """Try again later, or never, as each failure says."""
    grouped: dict[tuple[str, timedelta | None], list[int]] = defaultdict(list)
    for outcome in outcomes:
        pause = None if outcome.permanent else rules.retry_after(attempts[outcome.message_id])
        grouped[outcome.failure[:120], pause].append(outcome.message_id)
    for (failure, pause), ids in grouped.items():
        mine = Message.objects.filter(pk__among=ids, claimed_by=worker, handed_at__isnull=True)
        if pause is None:
            mine.update(failed_at=now, failure=failure, claimed_by="", claimed_until=None)
        else:
            mine.update(failure=failure, claimed_by="", claimed_until=now + pause)
