"""What people say back: stored before a carrier is answered, given to whoever asks, marked when it was taken up.

Each stays as it came. Nothing here knows what it means: that is for the room that warned them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from anlan.county import bulk, clock, seal
from anlan.county.dispatch.channels.wire import Reply
from anlan.county.dispatch.models import Heard, Message
from anlan.county.dispatch.receipts import noted

COLUMNS = (
    "account", "reference", "message_id", "address", "text", "seconds", "thread", "part", "parts", "said_at",
    "received_at", "outcome",
)  # fmt: skip
READ = (
    "id", "account", "message_id", "address", "text", "seconds", "thread", "part", "parts", "said_at", "received_at",
)  # fmt: skip
PURPOSE = "dispatch.heard"
AGAIN = timedelta(minutes=5)  # the same words of one number, where the carrier gives them no name, are its repetition
HELD_BACK = timedelta(minutes=10)  # a carrier's clock is believed where it says that it kept something back so long
PIECES_WAIT = timedelta(minutes=10)  # for the rest of their text
CLAIM = 5000
Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole answer: the stored rows it is made of, whose it is and what it says."""

    rows: tuple[int, ...]
    address: str
    text: str
    at: datetime
    message: int | None = None
    seconds: int | None = None
    whole: bool = True  # or pieces of it never came


@transaction.atomic
def keep(*, replies: Iterable[Reply]) -> int:
    """Store what people said. What is stored already, by the carrier's name of it or as a repetition, is not stored
    again. Returns how many were new.
    """
    now, new = clock.now(), dict[tuple[str, str], tuple[Reply, str]]()
    for reply in replies:
        name, before = _names(reply, now)
        new.setdefault((reply.account, name), (reply, before))
    if not new:
        return 0
    names = {each for (_account, name), (_reply, before) in new.items() for each in (name, before)}
    known = set(Heard.objects.filter(reference__among=names).values_list("account", "reference"))
    ours = _messages(reply.message for reply, _before in new.values())
    rows = [
        _row(reply, name, ours, now)
        for (account, name), (reply, before) in sorted(new.items(), key=lambda each: each[0])
        if not {(account, name), (account, before)} & known
    ]
    bulk.upsert(Heard, COLUMNS, rows, unique=("account", "reference"), changed=("account",))
    return noted("dispatch.hear", len(rows))


def _names(reply: Reply, now: datetime) -> tuple[str, str]:
    """What the row is called, and what it would be called had it come a little earlier."""
    if reply.reference:
        return (reply.reference[:80],) * 2
    moment = reply.at.isoformat() if reply.at else ""
    words = "\0".join(
        (reply.account, reply.address, reply.text, reply.thread, str(reply.part), str(reply.parts), moment)
    )
    if moment:  # the carrier knows when it was said, and says the same when it repeats it
        return (seal.ring().digest(words, PURPOSE),) * 2
    digest, slot = seal.ring().digest(words, PURPOSE), int(now.timestamp() // AGAIN.total_seconds())
    return f"{digest}@{slot}", f"{digest}@{slot - 1}"


def _messages(numbers: Iterable[int | None]) -> set[int]:
    """Those of these messages that exist: a carrier may say any number."""
    named = {number for number in numbers if number is not None}
    return set(Message.objects.filter(pk__among=named).values_list("pk", flat=True))


def _row(reply: Reply, name: str, ours: set[int], now: datetime) -> Row:
    at = reply.at if reply.at is not None and now - reply.at > HELD_BACK else now
    return (
        reply.account, name, reply.message if reply.message in ours else None, reply.address[:120], reply.text,
        reply.seconds, reply.thread[:20], reply.part, reply.parts, at, now, "",
    )  # fmt: skip


def waiting() -> list[Answer]:
    """Answers that nobody has taken up, the oldest first; pieces wait some minutes for the rest of their text.

    Called inside the transaction that takes them up: on PostgreSQL another worker gets others.
    """
    found = [
        Answer((key,), address, text, at, message, seconds)
        for key, _account, message, address, text, seconds, _thread, _part, _parts, at, _came in _unclaimed(parts=1)
    ]
    threads = defaultdict[Row, list[tuple[Any, ...]]](list)
    for row in _unclaimed(parts__gt=1):  # asked for apart: pieces that wait must not keep whole answers waiting
        threads[row[1], row[3], row[6], row[8]].append(row)
    until = clock.now() - PIECES_WAIT
    joined = (_joined(pieces, until) for pieces in threads.values())
    return sorted([*found, *(each for each in joined if each)], key=lambda each: each.rows)


def _unclaimed(**which: int) -> list[tuple[Any, ...]]:
    rows = Heard.objects.filter(taken_at__isnull=True, **which).order_by("id")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",))
    return list(rows.values_list(*READ)[:CLAIM])


def _joined(pieces: Sequence[tuple[Any, ...]], until: datetime) -> Answer | None:
    """The text of these pieces; None while some are still expected."""
    by_place = {row[7]: row for row in reversed(pieces)}
    whole = len(by_place) == pieces[0][8]
    if not whole and max(row[10] for row in pieces) > until:
        return None
    text = "".join(by_place[place][4] for place in sorted(by_place))
    return Answer(tuple(row[0] for row in pieces), pieces[0][3], text, pieces[-1][9], whole=whole)


@transaction.atomic
def take(*, outcomes: Mapping[Answer, str]) -> int:
    """Mark answers as taken up, each for what it was taken. Returns how many rows that were."""
    at = clock.now()
    rows = [(at, outcome[:12], key) for answer, outcome in outcomes.items() for key in answer.rows]
    return bulk.update(Heard, ("taken_at", "outcome"), rows, unset="taken_at")
