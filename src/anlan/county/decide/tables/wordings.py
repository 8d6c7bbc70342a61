"""The county's own wordings of rows, on top of the policy files: one book for every judgement."""

from datetime import date, datetime
from functools import lru_cache

from django.utils import timezone

from anlan.county.decide.models import Wording
from anlan.engine.policy import tables
from anlan.engine.policy.tables import Rulebook, Version

LEVEL = "anyi"
# What a wording brings; the axis, the line and the figures stay those of the row.
NAMES = ("table", "row", "since", "title", "when", "then", "basis", "source")
Fields = tuple[str, str, date, str, str, str, str, str]


def county_book() -> Rulebook:
    """The tables of the policy files with every wording that the county has signed."""
    signed = Wording.objects.filter(signed_at__isnull=False).order_by("since", "id")
    rows = signed.values_list(*NAMES, "signed_by__name", "signed_at")
    return _book(tuple((row[:-2], _signature(*row[-2:])) for row in rows))


def revised(book: Rulebook, fields: Fields, signed: str = "") -> Rulebook:
    """A book with one wording more. Raises TableInvalid, PolicyUnknown, KeyError."""
    table, row, since, title, when, then, basis, source = fields
    standing = book.table(table).row(row)
    before = standing.on(since) or standing.versions[-1]
    version = Version(
        LEVEL, since, None, title, when, then, basis, source, "design", before.axis, before.line, before.figures,
        signed, f"{LEVEL}: {table}: row {row}",
    )  # fmt: skip
    return book.revised([(table, row, version)])


@lru_cache(maxsize=8)
def _book(signed: tuple[tuple[Fields, str], ...]) -> Rulebook:
    found = tables.book()
    for fields, signature in signed:
        found = revised(found, fields, signature)
    return found


def _signature(name: str, at: datetime) -> str:
    return f"{name} {timezone.localtime(at):%Y-%m-%d}"
