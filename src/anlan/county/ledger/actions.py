"""Writing into the ledger: the last line of every deed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from anlan.county import bulk, clock
from anlan.county.ledger.models import Entry, Head
from anlan.county.ledger.queries import COLUMNS
from anlan.county.ledger.rules import canonical, digest

HEAD = 1  # the head's only row


@dataclass(frozen=True, slots=True)
class Line:
    """What is to be written: a deed, what it was done to, and its particulars."""

    verb: str
    about: str
    payload: Mapping[str, Any] = field(default_factory=dict)


def record(verb: str, *, about: str, by: str, **payload: Any) -> None:
    """Write one line. `about` is `noun:identifier`; the payload must hold nothing that a log must not."""
    record_many([Line(verb, about, payload)], by=by)


@transaction.atomic(savepoint=False)
def record_many(lines: Iterable[Line], *, by: str, at: datetime | None = None) -> int:
    """Write many lines by one hand, in their order. Returns how many."""
    seq, previous = _head()
    moment = at or clock.now()
    rows = []
    for line in lines:
        seq += 1
        payload = canonical(line.payload)
        hash_ = digest(previous, seq, moment, by, line.verb, line.about, payload)
        rows.append((seq, moment, by, line.verb, line.about, payload, previous, hash_))
        previous = hash_
    if rows:
        bulk.insert(Entry, COLUMNS, rows)
        bulk.update(Head, ("seq", "hash"), [(seq, previous, HEAD)])
    return len(rows)


def _head() -> tuple[int, str]:
    """The last entry's number and hash, locked until the deed is done."""
    # Every deed asks this, so it is put in words once and not by the ORM each time.
    lock = " FOR UPDATE" if connection.features.has_select_for_update else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT seq, hash FROM {Head._meta.db_table} WHERE id = %s{lock}", [HEAD])  # noqa: S608 (own name)
        found = cursor.fetchone()
    if found is None:
        Head.objects.get_or_create(pk=HEAD)
        return _head()
    return found  # type: ignore[no-any-return]
