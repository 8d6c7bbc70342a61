"""Many rows at once: `executemany` on SQLite, `COPY` on PostgreSQL.

Django's `bulk_create` writes about 10,000 rows a second; a county's registry has half a million.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

from anlan.county.sealed import BlindIndex, SealedField, indexes

T = TypeVar("T")

CHUNK = 5000
STATEMENT = 500  # rows of one INSERT on SQLite
MOST_VALUES = 30_000  # SQLite takes no more than 32,766 values a statement


def insert(
    model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]], using: str = DEFAULT_DB_ALIAS
) -> int:
    """Insert rows whose values are in the order of `fields` (attribute names: `division_id` for a key).

    Values must already be of the column's Python type; what is sealed is given plain, and its blind indexes are
    written with it. A column with no default in the database must be named. Returns how many rows went in.
    Call it inside a transaction.
    """
    columns = _columns(model, fields)
    into = connections[using]
    quote = into.ops.quote_name
    table = quote(model._meta.db_table)
    names = ", ".join(quote(str(column.column)) for column in columns)
    write = _copy if into.vendor == "postgresql" else _executemany
    return write(into, table, names, len(columns), _prepared(rows, columns, fields, into))


def update(model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Update rows one by one in few round trips: each row is the values of `fields`, then the primary key.

    For changes that differ from row to row; one UPDATE is better where they do not. Returns how many rows
    were given. Call it inside a transaction.
    """
    columns = [*_columns(model, fields), _key(model)]
    quote = connection.ops.quote_name
    names = ", ".join(f"{quote(str(column.column))} = %s" for column in columns[:-1])
    where = f"{quote(str(columns[-1].column))} = %s"
    sql = f"UPDATE {quote(model._meta.db_table)} SET {names} WHERE {where}"  # noqa: S608 (own names)
    return _many(sql, _prepared(rows, columns, fields, connection))


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


def chunks(things: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Slices short enough for one `IN` list."""
    return (things[start : start + size] for start in range(0, len(things), size))


def _key(model: type[models.Model]) -> Any:
    return model._meta.pk


def _executemany(into: Any, table: str, names: str, width: int, rows: Iterator[Sequence[Any]]) -> int:
    """Many rows a statement: quicker by a third, and what a table's triggers do at a statement's end is done seldom."""
    one, total = f"({', '.join(['%s'] * width)})", 0
    together = min(STATEMENT, MOST_VALUES // width)
    sql = f"INSERT INTO {table} ({names}) VALUES {{}}"  # noqa: S608 (own names)
    many = sql.format(", ".join([one] * together))
    with into.cursor() as cursor:
        while chunk := list(islice(rows, CHUNK)):
            total += len(chunk)
            full = len(chunk) - len(chunk) % together
            if full:
                groups = (chunk[start : start + together] for start in range(0, full, together))
                cursor.executemany(many, [list(chain.from_iterable(group)) for group in groups])
            if full < len(chunk):
                cursor.executemany(sql.format(one), chunk[full:])
    return total


def _many(sql: str, rows: Iterator[Sequence[Any]]) -> int:
    total = 0
    with connection.cursor() as cursor:
        while chunk := list(islice(rows, CHUNK)):
            total += len(chunk)
            cursor.executemany(sql, chunk)
    return total


def _copy(into: Any, table: str, names: str, _width: int, rows: Iterator[Sequence[Any]]) -> int:
    total = 0
    with (
        into.cursor() as cursor,
        into.wrap_database_errors,  # Django does so for what it runs itself, and copy is psycopg's own
        cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy,
    ):
        for row in rows:
            total += 1
            copy.write_row(row)
    return total


def _columns(model: type[models.Model], fields: Sequence[str]) -> list[Any]:
    """The columns of the fields, then the blind indexes that belong to them."""
    known = {column.attname: column for column in model._meta.concrete_fields}
    return [*(known[name] for name in fields), *indexes(model, fields)]


def _prepared(
    rows: Iterable[Sequence[Any]], columns: Sequence[Any], fields: Sequence[str], into: Any
) -> Iterator[Sequence[Any]]:
    """Rows as the database takes them. A key after the fields stays last."""
    end = len(fields)
    derivers = [(each.deriver(), fields.index(each.of)) for each in columns if isinstance(each, BlindIndex)]
    given = [each for each in columns if not isinstance(each, BlindIndex)]
    converters = [(place, convert) for place, column in enumerate(given) if (convert := _converter(column, into.ops))]
    if not derivers:
        return (_row(row, converters) for row in rows) if converters else iter(rows)
    return (
        [*converted[:end], *[derive(row[place]) for derive, place in derivers], *converted[end:]]
        for row in rows
        for converted in [_row(row, converters)]
    )


def _row(row: Sequence[Any], converters: Sequence[tuple[int, Callable[[Any], Any]]]) -> list[Any]:
    converted = list(row)
    for place, convert in converters:
        value = converted[place]
        if value is not None:
            converted[place] = convert(value)
    return converted


def _converter(column: Any, ops: Any) -> Callable[[Any], Any] | None:
    """How a Python value becomes the database's, or None where it already is."""
    # Few moments and days are shared by many rows: each is put into words once.
    if isinstance(column, models.DateTimeField):
        return lru_cache(maxsize=4096)(ops.adapt_datetimefield_value)
    if isinstance(column, models.DateField):
        return lru_cache(maxsize=4096)(ops.adapt_datefield_value)
    if isinstance(column, SealedField):
        return column.sealer()
    if isinstance(column, models.JSONField):
        return _json
    return None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
