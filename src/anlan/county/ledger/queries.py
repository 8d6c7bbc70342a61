"""Questions to the ledger: is the chain whole, and what happened to a thing?"""

from dataclasses import dataclass

from django.db.models import QuerySet

from anlan.county.ledger.models import Entry, Head
from anlan.county.ledger.rules import GENESIS, digest

COLUMNS = ("seq", "at", "by", "verb", "about", "payload", "previous", "hash")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of walking the chain; `first_broken` is the first entry number that does not hold."""

    entries: int
    verified: bool
    first_broken: int | None


def verify() -> Verdict:
    """Walk the whole chain. An edit, a deletion, an insertion or a swap breaks it at its first entry."""
    hash_, expected = GENESIS, 0
    entries = Entry.objects.count()
    for seq, at, by, verb, about_, payload, previous, written in (
        Entry.objects.order_by("seq").values_list(*COLUMNS).iterator(chunk_size=5000)
    ):
        expected += 1
        if seq != expected or previous != hash_ or written != digest(previous, seq, at, by, verb, about_, payload):
            return Verdict(entries, False, min(seq, expected))
        hash_ = written
    head = Head.objects.filter(pk=1).first()
    kept = (head.seq, head.hash) if head else (0, GENESIS)
    if kept != (expected, hash_):
        return Verdict(entries, False, min(kept[0], expected) + 1 if kept[0] != expected else expected)
    return Verdict(entries, True, None)


def about(*things: str) -> QuerySet[Entry]:
    """Every line written about these things, oldest first."""
    return Entry.objects.filter(about__in=things).order_by("seq")
