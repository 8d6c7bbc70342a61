"""Questions to the ledger: is the chain whole, and what happened to a thing?"""

from dataclasses import dataclass

from django.db.models import QuerySet

from anlan.county.ledger.models import Entry, Head
from anlan.county.ledger.rules import GENESIS, digest


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of walking the chain; `first_broken` is the first entry number that does not hold."""

    entries: int
    verified: bool
    first_broken: int | None


def verify() -> Verdict:
    """Walk the whole chain. An edit, a deletion, an insertion or a swap breaks it at its first entry."""
    previous, expected = GENESIS, 0
    entries = Entry.objects.count()
    for entry in Entry.objects.order_by("seq").iterator(chunk_size=5000):
        expected += 1
        if entry.seq != expected or entry.previous != previous or entry.hash != _hash(entry):
            return Verdict(entries, False, min(entry.seq, expected))
        previous = entry.hash
    head = Head.objects.filter(pk=1).first()
    kept = (head.seq, head.hash) if head else (0, GENESIS)
    if kept != (expected, previous):
        return Verdict(entries, False, min(kept[0], expected) + 1 if kept[0] != expected else expected)
    return Verdict(entries, True, None)


def _hash(entry: Entry) -> str:
    return digest(entry.previous, entry.seq, entry.at, entry.by, entry.verb, entry.about, entry.payload)


def about(*things: str) -> QuerySet[Entry]:
    """Every line written about these things, oldest first."""
    return Entry.objects.filter(about__in=things).order_by("seq")
