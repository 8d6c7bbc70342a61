"""Writing into the ledger: the last line of every deed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from anlan.county import bulk, clock
from anlan.county.ledger.models import Entry, Head
from anlan.county.ledger.queries import COLUMNS
from anlan.county.ledger.rules import canonical, digest


@dataclass(frozen=True, slots=True)
class Line:
    """What is to be written: a deed, what it was done to, and its particulars."""

    verb: str
    about: str
    payload: Mapping[str, Any] = field(default_factory=dict)


def record(verb: str, *, about: str, by: str, **payload: Any) -> None:
    """Write one line. `about` is `noun:identifier`; the payload must hold nothing that a log must not."""
    record_many([Line(verb, about, payload)], by=by)


@transaction.atomic
def record_many(lines: Iterable[Line], *, by: str, at: datetime | None = None) -> int:
    """Write many lines by one hand, in their order. Returns how many."""
    head, _ = Head.objects.select_for_update().get_or_create(pk=1)
    moment = at or clock.now()
    seq, previous = head.seq, head.hash
    rows = []
    for line in lines:
        seq += 1
        payload = canonical(line.payload)
        hash_ = digest(previous, seq, moment, by, line.verb, line.about, payload)
        rows.append((seq, moment, by, line.verb, line.about, payload, previous, hash_))
        previous = hash_
    if rows:
        bulk.insert(Entry, COLUMNS, rows)
        Head.objects.filter(pk=1).update(seq=seq, hash=previous)
    return len(rows)
