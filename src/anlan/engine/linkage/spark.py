"""The rules on a Spark cluster, with links identical to those of DuckDB. Needs pyspark and Java."""

from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class Spark:
    """A Spark session somebody else made. Results are kept, or Spark would work out the whole cascade at every step."""

    def __init__(self, session: "SparkSession") -> None:
        self._session = session
        self._kept: dict[str, Any] = {}

    def load(self, name: str, table: pa.Table) -> None:
        """Hand the table over in Arrow batches."""
        self._name(name, self._session.createDataFrame(table))

    def keep(self, name: str, sql: str) -> None:
        """Work the result out now, and cut its history."""
        self._name(name, self._session.sql(sql))

    def drop(self, name: str, key: str, values: pa.Array) -> None:
        """Keep the others."""
        self.load("dropped", pa.table({"key": values}))
        some = f"(SELECT 1 FROM dropped WHERE dropped.key = {name}.{key})"  # noqa: S608 (own names)
        self.keep(name, f"SELECT * FROM {name} WHERE NOT EXISTS {some}")  # noqa: S608 (own names)

    def fetch(self, sql: str) -> pa.Table:
        """Collect the result as Arrow."""
        return self._session.sql(sql).toArrow()

    def _name(self, name: str, frame: Any) -> None:
        kept = frame.localCheckpoint(eager=True)
        kept.createOrReplaceTempView(name)
        if name in self._kept:
            self._kept[name].unpersist()
        self._kept[name] = kept


def local_session(cores: int = 2) -> "SparkSession":
    """A Spark session on this machine, quiet, without a page of its own."""
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": str(2 * cores), "spark.driver.memory": "3g",
        "spark.sql.execution.arrow.pyspark.enabled": "true", "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1", "spark.log.level": "ERROR", "spark.sql.session.timeZone": "UTC",
    }  # fmt: skip
    builder = SparkSession.builder.master(f"local[{cores}]").appName("anlan")
    for key, value in settings.items():
        builder = builder.config(key, value)
    return builder.getOrCreate()
