"""The same rules on three databases: the same links, in the same order, with the same reasons."""

import os

import polars as pl
import pyarrow as pa
import pytest
from tests.engine.linkage.persons import World, make

from anlan.engine.linkage import compare
from anlan.engine.linkage.backends import Local
from anlan.engine.linkage.spark import Spark, local_session

LISTS = make(World(persons=1500, rows=1200, seed=21, damaged=0.5, outsiders=0.2))


class PostgreSQL:
    """The cascade's verbs on a PostgreSQL server, in a schema of the session's own."""

    KINDS = {"int64": "bigint", "int32": "integer"}

    def __init__(self, connection):
        self._connection = connection

    def load(self, name, table):
        columns = ", ".join(f"{field.name} {self.KINDS.get(str(field.type), 'text')}" for field in table.schema)
        self._connection.execute(f"DROP TABLE IF EXISTS {name}")
        self._connection.execute(f"CREATE TEMP TABLE {name} ({columns})")
        with self._connection.cursor().copy(f"COPY {name} FROM STDIN") as copy:
            for row in pl.DataFrame(table).iter_rows():
                copy.write_row(row)

    def keep(self, name, sql):
        self._connection.execute(f"CREATE TEMP TABLE kept AS {sql}")
        self._connection.execute(f"DROP TABLE IF EXISTS {name}")
        self._connection.execute(f"ALTER TABLE kept RENAME TO {name}")

    def drop(self, name, key, values):
        self.load("dropped", pa.table({"key": values}))
        self._connection.execute(f"DELETE FROM {name} WHERE {key} IN (SELECT key FROM dropped)")

    def fetch(self, sql):
        cursor = self._connection.execute(sql)
        names = [column.name for column in cursor.description]
        return pl.DataFrame(cursor.fetchall(), schema=names, orient="row", infer_schema_length=None).to_arrow()


@pytest.fixture
def local():
    return compare(LISTS.listed, LISTS.register, backend=Local())


def test_there_is_something_to_compare(local):
    assert len(local.counts) > 10
    assert local.review.height > 20


@pytest.mark.needs("postgresql")
def test_postgresql_links_the_same(local):
    import psycopg

    with psycopg.connect(os.environ["ANLAN_TEST_POSTGRESQL"]) as connection:
        found = compare(LISTS.listed, LISTS.register, backend=PostgreSQL(connection))
    assert found.links.equals(local.links)
    assert found.review.equals(local.review)


@pytest.mark.long
@pytest.mark.needs("spark")
@pytest.mark.filterwarnings("ignore")
def test_spark_links_the_same(local):
    session = local_session()
    try:
        found = compare(LISTS.listed, LISTS.register, backend=Spark(session))
    finally:
        session.stop()
    assert found.links.equals(local.links)
    assert found.review.equals(local.review)


@pytest.mark.parametrize("many", [1, 100])
def test_rows_are_dropped_few_or_many_at_a_time(monkeypatch, many):
    monkeypatch.setattr("anlan.engine.linkage.backends.MANY", many)
    backend = Local()
    backend.load("l", pa.table({"n": [1, 2, 3]}))
    backend.drop("l", "n", pa.array([1, 3]))
    assert backend.fetch("SELECT n FROM l").to_pydict() == {"n": [2]}
