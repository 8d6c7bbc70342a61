"""Many rows at once: `executemany` on SQLite, `COPY` on PostgreSQL.

Django's `bulk_create` writes about 10,000 rows a second; a county's registry has half a million.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection, models

T = TypeVar("T")
Converter = Callable[[Any], Any]

CHUNK = 5000


def insert(model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert rows whose values are in the order of `fields` (attribute names: `division_id` for a key).

    Values must already be of the column's Python type. A column with no default in the database must be
    named. Returns how many rows went in. Call it inside a transaction.
    """
    into = _layout(model, tuple(fields), connection.vendor)
    names, places = ", ".join(into.names), ", ".join(["%s"] * len(into.names))
    if connection.vendor == "postgresql":
        return _copy(f"COPY {into.table} ({names}) FROM STDIN", into.prepared(rows))
    return _many(f"INSERT INTO {into.table} ({names}) VALUES ({places})", into.prepared(rows))  # noqa: S608 (own names)


def upsert(
    model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]], *, unique: Sequence[str],
    changed: Sequence[str],
) -> int:  # fmt: skip
    """`insert`, but a row whose `unique` columns are there already changes that row's `changed` columns instead."""
    into = _layout(model, tuple(fields), connection.vendor)
    names, places = ", ".join(into.names), ", ".join(["%s"] * len(into.names))
    quote = connection.ops.quote_name
    key = ", ".join(map(quote, unique))
    values = ", ".join(f"{quote(name)} = excluded.{quote(name)}" for name in changed)
    sql = f"INSERT INTO {into.table} ({names}) VALUES ({places}) ON CONFLICT ({key}) DO UPDATE SET {values}"  # noqa: S608 (own names)
    return _many(sql, into.prepared(rows))


def update(
    model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]], *, by: Sequence[str] = (),
    unset: str = "",
) -> int:  # fmt: skip
    """Update rows one by one in few round trips: each row is the values of `fields`, then of the key `by`.

    The key is the primary one unless named; with `unset`, rows where that column holds something already stay as
    they are. For changes that differ from row to row; one UPDATE is better where they do not. Returns how many
    rows changed. Call it inside a transaction.
    """
    key = tuple(by) or (_key(model).attname,)
    into = _layout(model, (*fields, *key), connection.vendor)
    values = ", ".join(f"{name} = %s" for name in into.names[: len(fields)])
    where = " AND ".join(f"{name} = %s" for name in into.names[len(fields) :])
    if unset:
        where += f" AND {connection.ops.quote_name(unset)} IS NULL"
    return _many(f"UPDATE {into.table} SET {values} WHERE {where}", into.prepared(rows))  # noqa: S608 (own names)


def reserve(model: type[models.Model], count: int) -> list[int]:
    """Primary keys nobody else will get, rising, for rows whose children must name them before they are read back.

    Call it inside the transaction that inserts them: on SQLite that holds the write lock, on PostgreSQL the
    keys come from the table's own sequence.
    """
    quote = connection.ops.quote_name
    table, key = model._meta.db_table, str(_key(model).column)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            sql = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
            cursor.execute(sql, [table, key, count])
            return sorted(number for (number,) in cursor.fetchall())
        cursor.execute(f"SELECT COALESCE(MAX({quote(key)}), 0) FROM {quote(table)}")  # noqa: S608 (own names)
        (last,) = cursor.fetchone()
        return list(range(last + 1, last + 1 + count))


@models.ForeignObject.register_lookup  # keys keep lookups of their own
@models.Field.register_lookup
class Among(models.Lookup):
    """`pk__among=ids`: `IN` with one parameter however many there are, so no list is too long and none is slow to say.

    The values must already be of the column's Python type: whole numbers or text.
    """

    lookup_name = "among"
    prepare_rhs = False

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """The values as one JSON array."""
        lhs, params, values = self._sides(compiler, connection)
        return f"{lhs} IN (SELECT value FROM json_each(%s))", [*params, json.dumps(values)]  # noqa: S608 (a column)

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """The values as one array."""
        lhs, params, values = self._sides(compiler, connection)
        return f"{lhs} = ANY(%s)", [*params, values]

    def _sides(self, compiler: Any, connection: Any) -> tuple[str, Sequence[Any], list[Any]]:
        values = list(self.rhs)
        if not values:
            raise EmptyResultSet
        lhs, params = self.process_lhs(compiler, connection)
        return lhs, params, values


def chunks(things: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Slices short enough for one `IN` list."""
    return (things[start : start + size] for start in range(0, len(things), size))


def _key(model: type[models.Model]) -> Any:
    return model._meta.pk


@dataclass(frozen=True, slots=True)
class Layout:
    """Some of a table's columns: their quoted names, and how a value becomes the database's where it must."""

    table: str
    names: tuple[str, ...]
    converters: tuple[tuple[int, Converter], ...]

    def prepared(self, rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Sequence[Any]]]:
        """The rows, converted, a chunk at a time."""
        each = iter(rows)
        while chunk := list(islice(each, CHUNK)):
            yield self._converted(chunk) if self.converters else chunk

    def _converted(self, chunk: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
        # Column by column: a loop over rows and their cells takes three times as long.
        columns: list[Iterable[Any]] = list(zip(*chunk, strict=True))
        for place, convert in self.converters:
            columns[place] = map(convert, columns[place])
        return list(zip(*columns, strict=True))


@lru_cache(maxsize=256)
def _layout(model: type[models.Model], fields: tuple[str, ...], vendor: str) -> Layout:
    known = {column.attname: column for column in model._meta.concrete_fields}
    columns = [known[name] for name in fields]
    quote = connection.ops.quote_name
    converters = ((place, _converter(column)) for place, column in enumerate(columns))
    return Layout(
        quote(model._meta.db_table), tuple(quote(str(column.column)) for column in columns),
        tuple((place, convert) for place, convert in converters if convert is not None),
    )  # fmt: skip


def _many(sql: str, chunks: Iterable[Sequence[Sequence[Any]]]) -> int:
    total = 0
    with connection.cursor() as cursor:
        for chunk in chunks:
            cursor.executemany(sql, chunk)
            total += cursor.rowcount
    return total


def _copy(sql: str, chunks: Iterable[Sequence[Sequence[Any]]]) -> int:
    total = 0
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,  # Django does so for what it runs itself, and copy is psycopg's own
        cursor.copy(sql) as copy,
    ):
        for chunk in chunks:
            total += len(chunk)
            for row in chunk:
                copy.write_row(row)
    return total


def _converter(column: Any) -> Converter | None:
    """How a Python value becomes the database's, or None where it already is."""
    if isinstance(column, models.DateTimeField):
        return lru_cache(maxsize=4096)(connection.ops.adapt_datetimefield_value)  # few moments, shared by many rows
    if isinstance(column, models.DateField):
        return connection.ops.adapt_datefield_value
    if isinstance(column, models.JSONField):
        return _json
    return None


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)
