"""Many rows at once: `executemany` on SQLite, `COPY` on PostgreSQL.

Django's `bulk_create` writes about 10,000 rows a second; a county's registry has half a million.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import connection, models

CHUNK = 5000


def insert(model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert rows whose values are in the order of `fields` (attribute names: `division_id` for a key).

    Values must already be of the column's Python type. A column with no default in the database must be
    named. Returns how many rows went in. Call it inside a transaction.
    """
    known = {column.attname: column for column in model._meta.concrete_fields}
    columns = [known[name] for name in fields]
    prepare = [_converter(column) for column in columns]
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    names = ", ".join(quote(str(column.column)) for column in columns)
    write = _copy if connection.vendor == "postgresql" else _executemany
    return write(table, names, len(columns), (_row(row, prepare) for row in rows))


def _executemany(table: str, names: str, width: int, rows: Iterator[list[Any]]) -> int:
    sql = f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * width)})"  # noqa: S608 (own names)
    total = 0
    with connection.cursor() as cursor:
        while chunk := list(islice(rows, CHUNK)):
            total += len(chunk)
            cursor.executemany(sql, chunk)
    return total


def _copy(table: str, names: str, width: int, rows: Iterator[list[Any]]) -> int:
    total = 0
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy,
    ):
        for row in rows:
            total += 1
            copy.write_row(row)
    return total


def _row(row: Sequence[Any], prepare: Sequence[Callable[[Any], Any] | None]) -> list[Any]:
    return [
        value if convert is None or value is None else convert(value)
        for value, convert in zip(row, prepare, strict=True)
    ]


def _converter(column: Any) -> Callable[[Any], Any] | None:
    """How a Python value becomes the database's, or None where it already is."""
    if isinstance(column, models.DateTimeField):
        return connection.ops.adapt_datetimefield_value
    if isinstance(column, models.DateField):
        return connection.ops.adapt_datefield_value
    if isinstance(column, models.JSONField):
        return _json
    return None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
