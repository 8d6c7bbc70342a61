"""Queueing messages, and everything that is later learned about them. Handing over is in `handover.py`."""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from anlan.county import bulk, clock
from anlan.county.dispatch.channels import channels
from anlan.county.dispatch.handover import dispatch_batch
from anlan.county.dispatch.models import Message, Route
from anlan.county.dispatch.queries import WAITING, by_keys
from anlan.county.dispatch.receipts import deliver, fail, noted, receive
from anlan.county.errors import BadInput
from anlan.county.ledger.actions import record
from anlan.county.office.models import User
from anlan.county.office.permissions import check

__all__ = [
    "Draft",
    "abandon",
    "cancel",
    "deliver",
    "dispatch_batch",
    "enqueue",
    "fail",
    "load_reference",
    "receive",
    "route",
]

T = TypeVar("T")
ROUTES = Path(__file__).parent / "data" / "routes.toml"
CHUNK = 5000
MANY = 2000  # messages at once


@dataclass(frozen=True, slots=True)
class Draft:
    """A message before it has a number. `key` makes it unique for ever: one key, one message."""

    key: str
    kind: str  # sms, voice, loudspeaker, email, list
    address: str
    division_id: str
    subject: str
    body: str
    priority: int = 5  # 0 goes first
    exercise: bool = False
    not_after: datetime | None = None


GIVEN = tuple(each.name for each in fields(Draft))
given = attrgetter(*GIVEN)
COLUMNS = ("id", *GIVEN, "created_at", "claimed_by", "attempts", "failure")


@transaction.atomic
def load_reference() -> None:
    """Give every kind of message a channel, where the county has not chosen one."""
    for kind, channel in tomllib.loads(ROUTES.read_text()).items():
        Route.objects.get_or_create(kind=kind, defaults={"channel": channel})


@transaction.atomic
def route(*, kind: str, channel: str, by: User) -> Route:
    """Let a channel carry a kind of message from now on."""
    check(by, "office.write")
    if channel not in channels() or kind not in channels()[channel].kinds:
        raise BadInput(_("渠道“%(channel)s”不能发送“%(kind)s”。") % {"channel": channel, "kind": kind})
    chosen, _created = Route.objects.update_or_create(kind=kind, defaults={"channel": channel})
    record("dispatch.route", about=f"route:{kind}", by=by.username, channel=channel)
    return chosen


@transaction.atomic
def enqueue(*, drafts: Iterable[Draft]) -> dict[str, int]:
    """Put messages into the outbox; what has a key that is there already stays as it is.

    Called inside the deed that causes the messages, so both happen or neither, and that deed's line is the
    ledger's. Returns every key's message id.
    """
    numbers: dict[str, int] = {}
    for chunk in _chunks(drafts):
        try:
            with transaction.atomic():
                numbers |= _insert(chunk)
        except IntegrityError:  # another process queued one of them between our look and our insert
            numbers |= _insert(chunk)
    if len(numbers) >= MANY and connection.vendor == "postgresql":
        _count_anew()
    return numbers


def _count_anew() -> None:
    """Have the server count the outbox again: it keeps its plans for checking what points to a message from when there
    were few, and would walk through all of them for each of a hundred thousand targets."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {connection.ops.quote_name(Message._meta.db_table)}")


def _insert(drafts: Sequence[Draft]) -> dict[str, int]:
    numbers = dict(by_keys(draft.key for draft in drafts).values_list("key", "id"))
    ordered = list({draft.key: draft for draft in reversed(drafts) if draft.key not in numbers}.values())[::-1]
    at = clock.now()
    ids = bulk.reserve(Message, len(ordered))
    bulk.insert(Message, COLUMNS, (_row(key, draft, at) for key, draft in zip(ids, ordered, strict=True)))
    return numbers | {draft.key: key for key, draft in zip(ids, ordered, strict=True)}


def _row(number: int, draft: Draft, at: datetime) -> tuple[Any, ...]:
    return (number, *given(draft), at, "", 0, "")


@transaction.atomic
def abandon(*, worker: str) -> int:
    """Give up the leases of a dispatcher that died, so that its successor of the same name need not wait for them.

    Only for the one who knows that it is dead: a dispatcher still alive would see its batch sent twice.
    """
    return Message.objects.filter(WAITING, claimed_by=worker).update(claimed_by="", claimed_until=None)


@transaction.atomic
def cancel(*, keys: Iterable[str]) -> int:
    """Take messages back that have not been handed over. Returns how many were caught."""
    at = clock.now()
    return noted("dispatch.cancel", by_keys(keys).filter(WAITING).update(cancelled_at=at))


def _chunks(things: Iterable[T]) -> Iterator[list[T]]:
    each = iter(things)
    while chunk := list(islice(each, CHUNK)):
        yield chunk
