"""A forecast's ensemble from a file: one row a member, hazard and place. Maps' shift is taken off at this door."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from anlan.county.errors import BadInput
from anlan.county.foresee.hazards import Forecast
from anlan.engine.hazard import grid
from anlan.engine.hazard.taxonomy import HAZARDS
from anlan.engine.hazard.warned import KINDS, nothing

Floats = NDArray[np.float64]
COLUMNS = {"member": str, "weight": float, "hazard": str, "kind": str, "lon": float, "lat": float, "value": float}
DATUMS = ("wgs84", "gcj02")
MOST_BYTES = 512 * 1024 * 1024
MOST_PAIRS = 50_000_000  # members times cells times hazards that are held at once
CLOSE = 1e-6
AS_COLD_AS_IT_IS = "tmin_c"  # the one intensity that may be below nought


def read(path: Path, datum: str = "wgs84") -> Forecast:
    """The forecast in a .csv or .parquet file with COLUMNS. Refused by the row and the column that is wrong.

    Where several rows fall into one cell, the worst counts; what is not said of a cell is nothing.
    """
    columns = _columns(path)
    lon, lat = columns["lon"], columns["lat"]
    _demand("lon", (np.abs(lon) <= 180) & (np.abs(lat) <= 90))
    if datum == "gcj02":
        lon, lat = grid.from_gcj02(lon, lat)
    cell = grid.cells(lon, lat)
    cells, column = np.unique(cell, return_inverse=True)
    names, member = np.unique(columns["member"], return_inverse=True)
    threats, which = np.unique(np.stack([columns["hazard"], columns["kind"]]), axis=1, return_inverse=True)
    weights = _weights(columns["weight"], member, len(names))
    if len(names) * len(cells) * threats.shape[1] > MOST_PAIRS:
        raise BadInput(_("预报太大：情形数乘格点数不能超过 %(most)d。") % {"most": MOST_PAIRS})
    held = np.zeros((threats.shape[1], len(names), len(cells)))
    held += np.array([nothing(kind) for kind in threats[1].tolist()])[:, None, None]
    place = (which.ravel(), member, column)
    colder = columns["kind"] == AS_COLD_AS_IT_IS
    for worst, rows in ((np.maximum, ~colder), (np.minimum, colder)):
        worst.at(held, tuple(each[rows] for each in place), columns["value"][rows])
    hazards = [(str(hazard), str(kind), held[number]) for number, (hazard, kind) in enumerate(threats.T)]
    return Forecast(hazards, cells, weights)


def _columns(path: Path) -> dict[str, NDArray[Any]]:
    table = _table(path)
    missing = [name for name in COLUMNS if name not in table.column_names]
    if missing:
        raise BadInput(_("预报文件缺少这些列：%(names)s。") % {"names": "、".join(missing)})
    if not table.num_rows:
        raise BadInput(_("预报文件是空的。"))
    found: dict[str, NDArray[Any]] = {}
    for name, kind in COLUMNS.items():
        try:
            cast = table[name].cast(pa.string() if kind is str else pa.float64())
        except pa.ArrowInvalid as error:
            raise BadInput(_("预报文件的 %(name)s 列不是数字。") % {"name": name}) from error
        found[name] = np.asarray(cast.to_numpy(), dtype=np.str_ if kind is str else np.float64)
        if kind is float:
            _demand(name, np.isfinite(found[name]))
    _demand("weight", found["weight"] >= 0)
    _demand("hazard", np.isin(found["hazard"], list(HAZARDS)))
    _demand("kind", np.isin(found["kind"], KINDS))
    _demand("value", (found["value"] >= 0) | (found["kind"] == AS_COLD_AS_IT_IS))
    return found


def _table(path: Path) -> pa.Table:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadInput(_("文件 %(name)s 太大。") % {"name": str(path)})
        return pq.read_table(path) if path.suffix == ".parquet" else pa.csv.read_csv(path)
    except OSError as error:
        raise BadInput(
            _("读不了文件 %(name)s：%(error)s") % {"name": str(path), "error": error.strerror or str(error)}
        ) from error
    except pa.ArrowInvalid as error:
        raise BadInput(_("文件 %(name)s 不是可以读的 CSV 或 Parquet 表格。") % {"name": str(path)}) from error


def _weights(given: Floats, member: NDArray[np.int64], members: int) -> Floats:
    weights = np.zeros(members)
    weights[member] = given
    _demand("weight", weights[member] == given)
    if abs(float(weights.sum()) - 1.0) > CLOSE:
        raise BadInput(_("各情形的权重加起来应为 1，现在是 %(sum)s。") % {"sum": f"{weights.sum():g}"})
    return np.asarray(weights / weights.sum())


def _demand(name: str, good: NDArray[np.bool_]) -> None:
    for row in np.flatnonzero(~good)[:1]:
        raise BadInput(
            _("预报文件第 %(row)d 行的 %(name)s 列不对（不认识、超出范围，或同一情形前后不一）。")
            % {"row": row + 2, "name": name}
        )
