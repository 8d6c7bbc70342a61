"""Where the rules run: DuckDB in this process, or Spark (`spark.py`). Four verbs are all that the cascade asks for."""

from typing import Protocol

import pyarrow as pa

MANY = 50_000  # rows whose deletion leaves so many holes that a table is better written anew


class Backend(Protocol):
    """Tables by name, and SQL on them."""

    def load(self, name: str, table: pa.Table) -> None:
        """Give a table a name."""

    def keep(self, name: str, sql: str) -> None:
        """Give the result of a query a name, in place of what had it before."""

    def drop(self, name: str, key: str, values: pa.Array) -> None:
        """Take the rows with these keys out of a table."""

    def fetch(self, sql: str) -> pa.Table:
        """The result of a query."""


class Local:
    """DuckDB in memory. The threads are few, so that one comparison does not take the whole server."""

    def __init__(self, threads: int = 2) -> None:
        import duckdb

        self._connection = duckdb.connect(config={"threads": threads, "preserve_insertion_order": False})

    def load(self, name: str, table: pa.Table) -> None:
        """Copy the table in, so that joins find their columns compressed and counted."""
        self._connection.register("given", table)
        self._connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM given")  # noqa: S608 (own names)
        self._connection.unregister("given")

    def keep(self, name: str, sql: str) -> None:
        """Write the result into a table."""
        self._connection.execute(f"CREATE OR REPLACE TABLE {name} AS {sql}")

    def drop(self, name: str, key: str, values: pa.Array) -> None:
        """Mark the rows as deleted; where they are many, write what is left anew."""
        self.load("dropped", pa.table({"key": values}))
        some = f"(SELECT 1 FROM dropped WHERE dropped.key = {name}.{key})"  # noqa: S608 (own names)
        if len(values) > MANY:
            self.keep(name, f"SELECT * FROM {name} WHERE NOT EXISTS {some}")  # noqa: S608 (own names)
        else:
            self._connection.execute(f"DELETE FROM {name} WHERE EXISTS {some}")  # noqa: S608 (own names)

    def fetch(self, sql: str) -> pa.Table:
        """Read the result as Arrow."""
        return self._connection.sql(sql).to_arrow_table()
