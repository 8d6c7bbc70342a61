"""Columns of a Parquet file, or of a folder of them, as checked arrays; and a table written whole or not at all."""

import os
import tempfile
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from anlan.county.errors import BadInput
from anlan.county.foresee.files.wording import refusing, unreadable
from anlan.engine.impact import faults
from anlan.engine.impact.faults import Invalid

if TYPE_CHECKING:
    import pyarrow as pa

Check = Callable[[str, Any], NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Layout:
    """The number columns that a table must have beside `id`, and what each must hold."""

    numbers: dict[str, Check]

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column, `id` first."""
        return ("id", *self.numbers)


def at_least_one(column: str, values: Any) -> NDArray[Any]:
    """Whole numbers from 1."""
    found = faults.whole(column, values)
    faults.demand(column, found >= 1, "below_one")
    return found


def positions(column: str, values: Any) -> NDArray[Any]:
    """Whole numbers from 0."""
    found = faults.whole(column, values)
    faults.demand(column, found >= 0, "unknown")
    return found


def decimals(column: str, values: Any) -> NDArray[np.float64]:
    """Finite numbers."""
    return faults.numbers(column, values).astype(np.float64, copy=False)


EXPOSURE = Layout({"cell": positions, "value": faults.amounts})
HOUSEHOLDS = Layout(
    {
        "cell": positions,
        "members": at_least_one,
        "income_yuan": decimals,
        "loss_per_unit_ratio_yuan": faults.amounts,
        "line_yuan": faults.amounts,
    }
)


def parts(path: Path) -> list[Path]:
    """The file, or the Parquet files of a folder in the order of their names. Raises BadInput where there is none."""
    found = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
    if not found:
        raise BadInput(_("%(file)s：文件夹里没有 .parquet 文件。") % {"file": path.name})
    return found


def check_schemas(path: Path, layout: Layout) -> list[Path]:
    """The files, every one of which has the columns with types that can hold what they must. Raises BadInput."""
    import pyarrow.parquet as pq

    files = parts(path)
    for file in files:
        try:
            schema = pq.read_schema(file)
        except (OSError, ValueError) as error:
            raise unreadable(file, error) from error
        if lacking := [name for name in layout.columns if name not in schema.names]:
            raise BadInput(_("%(file)s：缺少列 %(columns)s。") % {"file": file.name, "columns": "、".join(lacking)})
        if twice := [name for name in layout.columns if schema.names.count(name) > 1]:
            raise BadInput(_("%(file)s：列 %(columns)s 不止一个。") % {"file": file.name, "columns": "、".join(twice)})
        with refusing(file):
            for name in layout.columns:
                _check_type(name, schema.field(name).type)
    return files


def read(path: Path, layout: Layout) -> "tuple[pa.ChunkedArray, dict[str, NDArray[Any]]]":
    """The ids and the checked columns, in the order of files and rows. Raises BadInput."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    ids: list[pa.Array] = []
    columns: dict[str, list[NDArray[Any]]] = {name: [] for name in layout.numbers}
    files = check_schemas(path, layout)
    ends = [0]
    for file in files:
        try:
            table = pq.ParquetFile(file).read(columns=list(layout.columns))
        except (OSError, ValueError) as error:
            raise unreadable(file, error) from error
        with refusing(file):
            for name, values in checked(table, layout).items():
                columns[name].append(values)
        ids += plain(table["id"]).chunks
        ends.append(ends[-1] + len(table))
    if not ends[-1]:
        with refusing(path):
            raise Invalid("id", "empty")
    together = _alike(ids)
    if (place := _second(together)) is not None:
        of_file = bisect_right(ends, place) - 1
        with refusing(files[of_file]):
            raise Invalid("id", "twice", place - ends[of_file])
    return together, {name: np.concatenate(values) for name, values in columns.items()}


def checked(table: "pa.Table", layout: Layout) -> dict[str, NDArray[Any]]:
    """A table's number columns as arrays. Raises Invalid, at the place within the table."""
    for name in layout.columns:
        if table[name].null_count:
            raise Invalid(name, "missing", int(np.argmax(table[name].is_null().to_numpy())))
    return {name: check(name, _array(table[name])) for name, check in layout.numbers.items()}


def write(path: Path, table: "pa.Table") -> None:
    """The whole file or none: it is written beside its place and moved there."""
    import pyarrow.parquet as pq

    try:
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        try:
            with os.fdopen(handle, "wb") as file:
                pq.write_table(table, file)
            Path(beside).replace(path)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise BadInput(_("%(file)s：写不进去，请检查文件夹是否存在、是否可写。") % {"file": str(path)}) from error


def _check_type(name: str, kind: Any) -> None:
    import pyarrow.types as types

    number = types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind)
    text = types.is_string(kind) or types.is_large_string(kind) or types.is_dictionary(kind)
    if name == "id" and not (types.is_integer(kind) or text):
        raise Invalid(name, "kind")
    if name != "id" and not number:
        raise Invalid(name, "type")


def _array(column: "pa.ChunkedArray") -> NDArray[Any]:
    import pyarrow as pa

    kind = pa.float64() if pa.types.is_decimal(column.type) or pa.types.is_float16(column.type) else column.type
    return np.asarray(column.cast(kind).combine_chunks().to_numpy(zero_copy_only=False))


def plain(ids: "pa.ChunkedArray") -> "pa.ChunkedArray":
    """Ids as whole numbers or as plain texts."""
    import pyarrow as pa

    return ids.cast(pa.large_string() if not pa.types.is_integer(ids.type) else ids.type)


def _alike(ids: "Sequence[pa.Array]") -> "pa.ChunkedArray":
    """One column of ids, although some files may have them in a smaller type or as text."""
    import pyarrow as pa

    kinds = {each.type for each in ids}
    if len(kinds) == 1:
        return pa.chunked_array(ids)
    whole = all(pa.types.is_integer(kind) for kind in kinds)
    kind = pa.int64() if whole and pa.uint64() not in kinds else pa.large_string()
    return pa.chunked_array([each.cast(kind) for each in ids])


def _second(ids: "pa.ChunkedArray") -> int | None:
    """The first place whose id has stood before."""
    import pyarrow as pa

    column = ids.combine_chunks()
    codes = (column if pa.types.is_integer(column.type) else column.dictionary_encode().indices).to_numpy()
    order = np.argsort(codes, kind="stable")
    again = order[1:][codes[order][1:] == codes[order][:-1]]
    return int(again.min()) if len(again) else None
