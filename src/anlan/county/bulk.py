"""Many rows at once: many rows a statement on SQLite, `COPY` and arrays on PostgreSQL.

Django's `bulk_create` writes about 10,000 rows a second; a county's registry has half a million.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from typing import Any, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models.sql import UpdateQuery

from anlan.county.sealed import BlindIndex, SealedField, indexes

T = TypeVar("T")
Converter = Callable[[Any], Any]
Rows = Iterable[Sequence[Any]]

CHUNK = 5000
STATEMENT = 200  # rows of one INSERT on SQLite
MOST_VALUES = 30_000  # SQLite takes no more than 32,766 values a statement
ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True)


def insert(model: type[models.Model], fields: Sequence[str], rows: Rows, using: str = DEFAULT_DB_ALIAS) -> int:
    """Insert rows whose values are in the order of `fields` (attribute names: `division_id` for a key).

    Values must already be of the column's Python type; what is sealed is given plain, and its blind indexes are
    written with it. A column with no default in the database must be named. Returns how many rows went in.
    Call it inside a transaction.
    """
    into = _layout(model, tuple(fields), (), using, connections[using].vendor)
    write = _copy if connections[using].vendor == "postgresql" else _together
    return write(into, into.prepared(rows))


def upsert(
    model: type[models.Model], fields: Sequence[str], rows: Rows, *, unique: Sequence[str], changed: Sequence[str],
    filled: Sequence[str] = (),
) -> int:  # fmt: skip
    """`insert`, but a row whose `unique` columns are there already changes that row's `changed` columns instead, and
    those of its `filled` ones that hold nothing."""
    into = _layout(model, tuple(fields), (), DEFAULT_DB_ALIAS, connection.vendor)
    quote = connection.ops.quote_name
    key = ", ".join(map(quote, unique))
    sets = [f"{quote(name)} = excluded.{quote(name)}" for name in changed]
    sets += [f"{quote(name)} = COALESCE({into.table}.{quote(name)}, excluded.{quote(name)})" for name in filled]
    values = ", ".join(sets)
    ending = f" ON CONFLICT ({key}) DO UPDATE SET {values}"
    if connection.vendor == "sqlite":
        return _together(into, into.prepared(rows), ending)
    return _many(f"{into.inserting()} {into.places()}{ending}", into.prepared(rows))


def update(
    model: type[models.Model], fields: Sequence[str], rows: Rows, *, by: Sequence[str] = (), unset: str = ""
) -> int:
    """Update rows one by one in few round trips: each row is the values of `fields`, then of the key `by`.

    The key is the primary one unless named; with `unset`, rows where that column holds something already stay as
    they are. For changes that differ from row to row; one UPDATE is better where they do not. Returns how many
    rows changed. Call it inside a transaction.
    """
    key = tuple(by) or (_key(model).attname,)
    into = _layout(model, tuple(fields), key, DEFAULT_DB_ALIAS, connection.vendor)
    still = f" AND {into.table}.{connection.ops.quote_name(unset)} IS NULL" if unset else ""
    if connection.vendor == "postgresql":
        return _update_from(into, still, rows)
    values, where = into.names[: into.changed], into.names[into.changed :]
    assign, equal = ", ".join(f"{name} = %s" for name in values), " AND ".join(f"{name} = %s" for name in where)
    return _many(f"UPDATE {into.table} SET {assign} WHERE {equal}{still}", into.prepared(rows))  # noqa: S608 (own names)


def change(rows: models.QuerySet[Any], values: Mapping[str, Any], told: tuple[str, str]) -> dict[Any, Any]:
    """Change all these rows alike, and say which they were: the value of one column by that of another.

    A look and a change in one: nobody can come between, and nothing is asked for twice.
    """
    query = cast(UpdateQuery, rows.query.chain(UpdateQuery))
    query.add_update_values(dict(values))
    sql, given = query.get_compiler(connection=connection).as_sql()
    quote = connection.ops.quote_name
    names = ", ".join(quote(str(rows.model._meta.get_field(name).column)) for name in told)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} RETURNING {names}", given)
        return dict(cursor.fetchall())


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


def pages(rows: Any, key: str, fields: Sequence[str], size: int = CHUNK) -> Iterator[list[tuple[Any, ...]]]:
    """All rows of a queryset as tuples of fields, so many at a time, in the order of `key`: a unique one of them."""
    ordered, place = rows.order_by(key).values_list(*fields), fields.index(key)
    chunk = list(ordered[:size])
    while chunk:
        yield chunk
        chunk = list(ordered.filter(**{f"{key}__gt": chunk[-1][place]})[:size])


def _key(model: type[models.Model]) -> Any:
    return model._meta.pk


@dataclass(frozen=True, slots=True)
class Layout:
    """Some of a table's columns: quoted names, types, and how a value becomes the database's where it must.

    The fields come first, then the blind indexes made from them (`changed` columns so far), then the key.
    """

    using: str
    table: str
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    given: int  # fields that a row brings before its key
    changed: int
    converters: tuple[tuple[int, Converter], ...]  # by the place in a given row
    sealed: tuple[tuple[int, SealedField], ...]
    derived: tuple[tuple[int, BlindIndex], ...]

    def inserting(self) -> str:
        """The beginning of an INSERT."""
        return f"INSERT INTO {self.table} ({', '.join(self.names)}) VALUES"

    def places(self) -> str:
        """One row's places in it."""
        return f"({', '.join(['%s'] * len(self.names))})"

    def prepared(self, rows: Rows) -> Iterator[Sequence[Sequence[Any]]]:
        """The rows as the database takes them, a chunk at a time."""
        converters = [*self.converters, *((place, _seal(column)) for place, column in self.sealed)]
        derivers = [(place, column.deriver()) for place, column in self.derived]
        each = iter(rows)
        while chunk := list(islice(each, CHUNK)):
            yield self._converted(chunk, converters, derivers) if converters or derivers else chunk

    def _converted(
        self, chunk: Sequence[Sequence[Any]], converters: Sequence[tuple[int, Converter]],
        derivers: Sequence[tuple[int, Converter]],
    ) -> Sequence[Sequence[Any]]:  # fmt: skip
        # Column by column: a loop over rows and their cells takes three times as long.
        columns: list[Iterable[Any]] = list(zip(*chunk, strict=True))
        indexes = [map(derive, columns[place]) for place, derive in derivers]
        for place, convert in converters:
            columns[place] = map(convert, columns[place])
        return list(zip(*columns[: self.given], *indexes, *columns[self.given :], strict=True))


@lru_cache(maxsize=256)
def _layout(
    model: type[models.Model], fields: tuple[str, ...], key: tuple[str, ...], using: str, vendor: str
) -> Layout:
    known = {column.attname: column for column in model._meta.concrete_fields}
    given: list[Any] = [known[name] for name in (*fields, *key)]
    derived = indexes(model, fields)
    columns = [*given[: len(fields)], *derived, *given[len(fields) :]]
    quote = connections[using].ops.quote_name
    converters = ((place, _converter(column, using)) for place, column in enumerate(given))
    return Layout(
        using, quote(model._meta.db_table), tuple(quote(str(column.column)) for column in columns),
        tuple(_base(column, using) for column in columns), len(fields), len(fields) + len(derived),
        tuple((place, convert) for place, convert in converters if convert is not None),
        tuple((place, column) for place, column in enumerate(given) if isinstance(column, SealedField)),
        tuple((fields.index(column.of), column) for column in derived),
    )  # fmt: skip


def _together(into: Layout, chunks: Iterable[Sequence[Sequence[Any]]], ending: str = "") -> int:
    """Many rows a statement: quicker by a third, and what a table's triggers do at a statement's end is done seldom."""
    one, total = into.places(), 0
    together = min(STATEMENT, MOST_VALUES // len(into.names))
    many = f"{into.inserting()} {', '.join([one] * together)}{ending}"
    with connections[into.using].cursor() as cursor:
        for chunk in chunks:
            total += len(chunk)
            full = len(chunk) - len(chunk) % together
            groups = [list(chain.from_iterable(chunk[start : start + together])) for start in range(0, full, together)]
            if groups:
                cursor.executemany(many, groups)
            if full < len(chunk):
                cursor.executemany(f"{into.inserting()} {one}{ending}", chunk[full:])
    return total


def _many(sql: str, chunks: Iterable[Sequence[Sequence[Any]]]) -> int:
    total = 0
    with connection.cursor() as cursor:
        for chunk in chunks:
            cursor.executemany(sql, chunk)
            total += cursor.rowcount
    return total


def _update_from(into: Layout, still: str, rows: Rows) -> int:
    """One UPDATE for thousands of rows: PostgreSQL takes them as one array a column."""
    given = ", ".join(f"%s::{kind}[]" for kind in into.kinds)
    values = ", ".join(f"{name} = given.{name}" for name in into.names[: into.changed])
    where = " AND ".join(f"{into.table}.{name} = given.{name}" for name in into.names[into.changed :])
    sql = (
        f"UPDATE {into.table} SET {values} FROM unnest({given}) AS given ({', '.join(into.names)}) "  # noqa: S608 (own names)
        f"WHERE {where}{still}"
    )
    total = 0
    with connection.cursor() as cursor:
        for chunk in into.prepared(rows):
            cursor.execute(sql, [list(values) for values in zip(*chunk, strict=True)])
            total += cursor.rowcount
    return total


def _together_from(into: Layout, key: Sequence[int], ending: str, rows: Rows) -> int:
    """One INSERT for thousands of rows, as arrays; of rows with one key the last, for none may be met twice."""
    given = ", ".join(f"%s::{kind}[]" for kind in into.kinds)
    sql = f"INSERT INTO {into.table} ({', '.join(into.names)}) SELECT * FROM unnest({given}){ending}"  # noqa: S608 (own names)
    total = 0
    with connection.cursor() as cursor:
        for chunk in into.prepared(rows):
            once = {tuple(row[place] for place in key): row for row in chunk}.values()
            cursor.execute(sql, [list(values) for values in zip(*once, strict=True)])
            total += len(chunk)
    return total


def _base(column: Any, using: str) -> str:
    """A column's type for a cast; a key's is what it points to."""
    asked = column.rel_db_type if column.primary_key else column.db_type
    return str(asked(connections[using])).split("(")[0]


def _copy(into: Layout, chunks: Iterable[Sequence[Sequence[Any]]]) -> int:
    total, database = 0, connections[into.using]
    with (
        database.cursor() as cursor,
        database.wrap_database_errors,  # Django does so for what it runs itself, and copy is psycopg's own
        cursor.copy(f"COPY {into.table} ({', '.join(into.names)}) FROM STDIN") as copy,
    ):
        for chunk in chunks:
            total += len(chunk)
            for row in chunk:
                copy.write_row(row)
    return total


def _seal(column: SealedField) -> Converter:
    seal = column.sealer()  # asked for anew each time: keys may have changed
    return lambda value: None if value is None else seal(value)


def _converter(column: Any, using: str) -> Converter | None:
    """How a Python value becomes the database's, or None where it already is."""
    ops = connections[using].ops
    if isinstance(column, models.DateTimeField):
        return lru_cache(maxsize=4096)(ops.adapt_datetimefield_value)  # few moments, shared by many rows
    if isinstance(column, models.DateField):
        return ops.adapt_datefield_value
    if isinstance(column, models.JSONField):
        return _json
    return None


def _json(value: Any) -> str | None:
    return None if value is None else ENCODER.encode(value)
