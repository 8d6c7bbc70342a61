"""The same reckonings on Spark, partition by partition: equal to `impacts.Local` to the last bit. Needs pyspark, Java.

Spark reads the Parquet files; each partition's rows go through the same kernels as Arrow batches (`mapInArrow`). What
partitions hand back is added exactly (`engine.impact.sums`, whole numbers), so no division of the rows changes it.
Results come to the machine that asked, in the order of files and rows.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
from django.utils.translation import gettext as _

from anlan.county.errors import BadInput
from anlan.county.foresee import impacts
from anlan.county.foresee.files import tables
from anlan.county.foresee.files.tables import Layout
from anlan.county.foresee.files.wording import refusal, refusing
from anlan.county.foresee.impacts import Aggregate, Fallen
from anlan.engine.impact import aggregates, faults, sums
from anlan.engine.impact.curves import Curve
from anlan.engine.impact.faults import Invalid
from anlan.engine.impact.members import Members

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Batches = Iterator[pa.RecordBatch]
PLACE = ("file", "row")
SURVEY = "rows long, largest double, file string, row long, column string, why string"
SUMS = "part int, cell long, value double"


def session() -> "SparkSession":
    """Spark on this machine. Raises BadInput where there is none."""
    from anlan.engine.linkage import spark

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    try:
        from pyspark.sql.pandas.utils import require_minimum_pandas_version

        require_minimum_pandas_version()
        return spark.local_session()
    except (ImportError, RuntimeError, OSError) as error:
        raise BadInput(_("没有可用的 Spark：请安装 anlan[spark] 和 Java 17，或者使用 --engine local。")) from error


class Spark:
    """A session somebody else made."""

    def __init__(self, session: "SparkSession") -> None:
        self._session = session

    def aggregate(self, path: Path, members: Members, curve: Curve) -> Aggregate:
        """Once for the values of each cell, once for each row."""
        frame = self._frame(path, tables.EXPOSURE)
        largest = self._survey(path, frame, tables.EXPOSURE, members.cells)
        value = sums.whole(self._values(frame, members.cells, largest))
        ratio, expected = impacts.ratios(members, curve)
        shared = self._session.sparkContext.broadcast(expected)

        def each(batches: Batches) -> Batches:
            for batch in batches:
                columns = tables.checked(pa.table(batch), tables.EXPOSURE)
                yield _with(batch, eai=aggregates.expected(columns["cell"], columns["value"], shared.value))

        found = _collect(frame.mapInArrow(each, _schema(frame, "eai double")))
        return Aggregate(
            at_event=aggregates.at_event(members, ratio, value),
            ids=found["id"],
            eai=found["eai"].to_numpy(),
            eai_sum=float((value * expected).sum()),
        )

    def falling(self, path: Path, members: Members, curve: Curve) -> Fallen:
        """Every partition is a portfolio of its own."""
        frame = self._frame(path, tables.HOUSEHOLDS)
        self._survey(path, frame, tables.HOUSEHOLDS, members.cells)
        shared = self._session.sparkContext.broadcast((members, curve))

        def each(batches: Batches) -> Batches:
            if kept := list(batches):
                table = pa.Table.from_batches(kept)
                found = impacts.fallen(tables.checked(table, tables.HOUSEHOLDS), *shared.value)
                counts: list[bytes | None] = [None] * len(table)
                if counts:
                    counts[0] = np.stack([found.households, found.people]).tobytes()
                whole = table.combine_chunks().to_batches()
                for batch in whole:
                    yield _with(batch, p=found.p, counts=pa.array(counts, pa.binary()))

        found = _collect(frame.mapInArrow(each, _schema(frame, "p double, counts binary")))
        total = np.zeros((2, len(members)), np.int64)
        for counts in found["counts"].drop_null().to_pylist():
            total += np.frombuffer(counts, np.int64).reshape(2, -1)
        return Fallen(found["id"], found["p"].to_numpy(), total[0], total[1])

    def _frame(self, path: Path, layout: Layout) -> Any:
        """The columns, and where each row stands."""
        files = [str(file.resolve()) for file in tables.check_schemas(path, layout)]
        read = self._session.read.parquet(*files)
        return read.select(
            *layout.columns, read["_metadata.file_path"].alias("file"), read["_metadata.row_index"].alias("row")
        )

    def _survey(self, path: Path, frame: Any, layout: Layout, cells: int) -> float:
        """The largest value; raises BadInput at the first row that is wrong."""

        def look(batches: Batches) -> Batches:
            for batch in batches:
                yield _looked_at(batch, layout, cells)

        found = frame.mapInArrow(look, SURVEY).toArrow().to_pydict()
        wrong = [
            (_path(file), row, column, why)
            for file, row, column, why in zip(*(found[name] for name in ("file", "row", "column", "why")), strict=True)
            if why
        ]
        if wrong:
            file, row, column, why = min(wrong, key=lambda each: each[:2])
            raise refusal(Path(file).name, Invalid(column, why, row))
        if not sum(found["rows"]):
            with refusing(path):
                raise Invalid("id", "empty")
        self._no_id_twice(frame)
        return float(max(found["largest"]))

    def _no_id_twice(self, frame: Any) -> None:
        from pyspark.sql import functions as f

        place = f.struct(*PLACE)
        again = frame.groupBy("id").agg(
            f.get(f.sort_array(f.collect_list(place)), 1).alias("again"), f.count("*").alias("n")
        )
        first = again.filter("n > 1").agg(f.min("again").alias("first")).collect()[0]["first"]
        if first is not None:
            raise refusal(Path(_path(first["file"])).name, Invalid("id", "twice", first["row"]))

    def _values(self, frame: Any, cells: int, largest: float) -> Any:
        """The values of each cell, in parts that add up exactly."""
        count = frame.groupBy("cell").count().agg({"count": "max"}).collect()[0][0]

        def add(batches: Batches) -> Batches:
            total = np.zeros((1, cells))
            for batch in batches:
                columns = tables.checked(pa.table(batch), tables.EXPOSURE)
                made = sums.parts_by_cell(columns["cell"], columns["value"], cells, largest=largest, count=count)
                total = sums.add(total, made)
            part, cell = np.nonzero(total)
            yield pa.record_batch({"part": part.astype(np.int32), "cell": cell, "value": total[part, cell]})

        found = frame.select("id", "cell", "value").mapInArrow(add, SUMS).toArrow()
        part, cell = found["part"].to_numpy(), found["cell"].to_numpy()
        total = np.zeros((int(part.max(initial=0)) + 1, cells))
        np.add.at(total, (part, cell), found["value"].to_numpy())
        return total


def _looked_at(batch: pa.RecordBatch, layout: Layout, cells: int) -> pa.RecordBatch:
    """A row of the survey: what a batch holds, or what is wrong with it."""
    row: dict[str, Any] = {"rows": len(batch), "largest": 0.0, "file": None, "row": None, "column": None, "why": None}
    try:
        columns = tables.checked(pa.table(batch), layout)
        faults.places("cell", columns["cell"], cells)
        row["largest"] = float(columns["value"].max(initial=0.0)) if "value" in columns else 0.0
    except Invalid as wrong:
        place = wrong.place or 0
        row |= {
            "file": batch["file"][place].as_py(),
            "row": batch["row"][place].as_py(),
            "column": wrong.column,
            "why": wrong.why,
        }
    kinds = [pa.int64(), pa.float64(), pa.string(), pa.int64(), pa.string(), pa.string()]
    return pa.record_batch({name: pa.array([row[name]], kind) for name, kind in zip(row, kinds, strict=True)})


def _with(batch: pa.RecordBatch, **more: Any) -> pa.RecordBatch:
    kept = {name: batch[name] for name in ("id", *PLACE)}
    return pa.record_batch(kept | {name: pa.array(values) for name, values in more.items()})


def _schema(frame: Any, more: str) -> str:
    return f"id {frame.schema['id'].dataType.simpleString()}, file string, row long, {more}"


def _collect(frame: Any) -> pa.Table:
    """The rows in the order of files and of rows in them."""
    table = frame.toArrow()
    names = table["file"].combine_chunks().dictionary_encode()
    order = {name: place for place, name in enumerate(sorted(names.dictionary.to_pylist(), key=_path))}
    places = np.array([order[name] for name in names.dictionary.to_pylist()], dtype=np.int64)
    file = places[names.indices.to_numpy()] if len(table) else np.zeros(0, np.int64)
    table = table.set_column(table.schema.get_field_index("id"), "id", tables.plain(table["id"]))
    return table.take(pa.array(np.lexsort((table["row"].to_numpy(), file))))


def _path(name: str) -> Path:
    """Where a file lies, from how Spark writes it."""
    return Path(unquote(name).removeprefix("file:").replace("//", "/"))
