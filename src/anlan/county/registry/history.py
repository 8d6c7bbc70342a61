"""Writing down what a field was and what it became, and reading it again."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models

from anlan.county import bulk
from anlan.county.registry.batches import Change
from anlan.county.registry.models import Address, Category, Holding, Home, Household, Income, Person

TABLES: dict[str, type[models.Model]] = {
    "household": Household, "person": Person, "home": Home, "income": Income, "holding": Holding,
    "category": Category, "address": Address,
}  # fmt: skip
PERSONAL = frozenset({
    ("household", "phone"), ("household", "second_phone"), ("person", "id_number"), ("person", "health"),
    ("person", ""),
})  # fmt: skip
COLUMNS = (
    "code",
    "table",
    "row",
    "field",
    "old",
    "new",
    "personal_old",
    "personal_new",
    "batch_id",
    "deed_id",
    "by",
    "at",
)


@dataclass(slots=True)
class Difference:
    """A field of a row, before and after; an empty field is a row that comes into being, with `new` its columns."""

    table: str
    row: int | None  # None until the row is written
    field: str
    old: Any
    new: Any


def remember(
    differences: Iterable[tuple[str, Difference]], *, by: str, at: datetime, batch: int | None = None,
    deed: int | None = None,
) -> int:  # fmt: skip
    """Write down differences, each with its household's code. Returns how many."""
    return bulk.insert(Change, COLUMNS, _rows(differences, (batch, deed, by, at)))


def _rows(
    differences: Iterable[tuple[str, Difference]], cause: tuple[int | None, int | None, str, datetime]
) -> Iterator[tuple[Any, ...]]:
    for code, each in differences:
        old, new = _text(each.old), _text(each.new)
        values = ("", "", old, new) if (each.table, each.field) in PERSONAL else (old, new, "", "")
        yield (code, each.table, each.row, each.field, *values, *cause)


def _text(value: Any) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def reading(table: str, field: str) -> Callable[[Any], Any]:
    """How a column's value is read back from plain words and numbers."""
    column: Any = TABLES[table]._meta.get_field(field.removesuffix("_id"))
    if column.is_relation:
        column = column.target_field
    read: Callable[[Any], Any] = column.to_python
    return read


def before(change: Change) -> Any:
    """The value that a change took away, as its column keeps it."""
    return _value(change, change.personal_old or change.old)


def after(change: Change) -> Any:
    """The value that a change brought."""
    return _value(change, change.personal_new or change.new)


def _value(change: Change, text: str) -> Any:
    if not text:
        return None
    value = json.loads(text)
    return reading(change.table, change.field)(value) if change.field else value
