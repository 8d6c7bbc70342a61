"""A hazard from a file: a sparse matrix of events × cells in npz, the same or a full grid in NetCDF 4.

Arrays: `indptr`, `indices`, `data`, `shape` (events, cells) and `frequency`, one an event. In NetCDF they may also be
`intensity` (events × cells) and `frequency`. A file that would unpack to more than MOST_BYTES is refused unread.
"""

import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from anlan.county.errors import BadInput
from anlan.county.foresee.files.wording import refusing, unreadable
from anlan.engine.impact import faults
from anlan.engine.impact.faults import Invalid
from anlan.engine.impact.members import Members

SPARSE = ("indptr", "indices", "data", "shape", "frequency")
GRID = ("intensity", "frequency")
MOST_BYTES = 8 * 2**30
BROKEN = (OSError, ValueError, EOFError, KeyError, RuntimeError, MemoryError, zipfile.BadZipFile, zlib.error)


def read(path: Path) -> Members:
    """The hazard's events as members whose weights are the frequencies. Raises BadInput."""
    readers: dict[str, Callable[[Path], dict[str, NDArray[Any]]]] = {".npz": _npz, ".nc": _netcdf}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise BadInput(_("%(file)s：灾害文件要 .npz 或 NetCDF 4（.nc）。") % {"file": path.name})
    with refusing(path):
        try:
            arrays = reader(path)
        except Invalid:
            raise
        except BROKEN as error:
            raise unreadable(path, error) from error
        return members(arrays)


def members(arrays: Mapping[str, NDArray[Any]]) -> Members:
    """The arrays as members. Raises Invalid, with the names of the arrays."""
    if "intensity" in arrays:
        return _named(_compressed(arrays["intensity"]) | {"frequency": arrays["frequency"]})
    return _named(arrays)


def _named(arrays: Mapping[str, NDArray[Any]]) -> Members:
    shape = faults.whole("shape", np.ravel(arrays["shape"]))
    frequency = arrays["frequency"]
    if len(shape) != 2 or frequency.ndim != 1 or shape[0] != len(frequency):
        raise Invalid("shape", "inconsistent")
    indices, data = _in_order(arrays, int(shape[1]))
    return Members(arrays["indptr"], indices, data, int(shape[1]), frequency)


def _in_order(arrays: Mapping[str, NDArray[Any]], cells: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """The entries with rising cells in every event; whatever else is wrong is for `Members` to say."""
    indptr, indices, data = (arrays[name] for name in ("indptr", "indices", "data"))
    plain = all(each.ndim == 1 and each.dtype.kind in "iu" for each in (indptr, indices)) and data.ndim == 1
    if not plain or not len(indptr) or not len(indices) == len(data) == indptr[-1] or indptr[0] != 0:
        return indices, data
    begins: NDArray[np.int64] = indptr.astype(np.int64)
    counts, indices = begins[1:] - begins[:-1], indices.astype(np.int64, copy=False)
    if (counts < 0).any() or (indices < 0).any() or (indices >= cells).any():
        return indices, data
    rows = np.repeat(np.arange(len(counts)), counts)
    if ((np.diff(indices) > 0) | (np.diff(rows) > 0)).all():
        return indices, data
    order = np.lexsort((indices, rows))
    return indices[order], data[order]


def _compressed(grid: NDArray[Any]) -> dict[str, NDArray[Any]]:
    if grid.ndim != 2 or grid.dtype.kind not in "iuf":
        raise Invalid("intensity", "type")
    rows, cells = np.nonzero(grid)  # not-a-numbers are not zero, and are refused
    indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(grid)))])
    return {"indptr": indptr, "indices": cells, "data": grid[rows, cells], "shape": np.array(grid.shape)}


def _npz(path: Path) -> dict[str, NDArray[Any]]:
    found: dict[str, NDArray[Any]] = {}
    with zipfile.ZipFile(path) as archive:
        names = {name.removesuffix(".npy"): name for name in archive.namelist() if name.endswith(".npy")}
        _need(path, SPARSE, names)
        _fits(path, sum(archive.getinfo(names[name]).file_size for name in SPARSE))
        for name in SPARSE:
            with archive.open(names[name]) as file:
                _plain_header(name, file, archive.getinfo(names[name]).file_size)
            with archive.open(names[name]) as file:
                found[name] = np.lib.format.read_array(file, allow_pickle=False)
    return found


def _plain_header(name: str, file: Any, size: int) -> None:
    """Numbers, and as many as there are bytes for: a header that lies must not fill the memory."""
    version = np.lib.format.read_magic(file)
    read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _fortran, kind = read_header(file)
    if kind.kind not in "iuf":
        raise Invalid(name, "type")
    if int(np.prod(shape, dtype=object)) * kind.itemsize + file.tell() != size:
        raise ValueError(name)


def _netcdf(path: Path) -> dict[str, NDArray[Any]]:
    import h5py

    with path.open("rb") as file:
        if file.read(3) == b"CDF":
            raise BadInput(
                _("%(file)s：这是 NetCDF 3，请先转成 NetCDF 4，例如 nccopy -k nc4 旧文件 新文件。")
                % {"file": path.name}
            )
    with h5py.File(path, "r") as file:
        there = {name: file[name] for name in file if isinstance(file.get(name, getlink=True), h5py.HardLink)}
        wanted = GRID if "intensity" in there else SPARSE
        found = {"shape": np.asarray(file.attrs["shape"])} if "shape" in file.attrs else {}
        _need(path, wanted, {**there, **found})
        sets = {name: there[name] for name in wanted if name not in found}
        for name, each in sets.items():
            if not isinstance(each, h5py.Dataset) or each.dtype.kind not in "iuf" or each.external or each.is_virtual:
                raise Invalid(name, "type")
        _fits(path, sum(int(each.size) * each.dtype.itemsize for each in sets.values()))
        return found | {name: each[()] for name, each in sets.items()}


def _need(path: Path, wanted: tuple[str, ...], there: Mapping[str, Any]) -> None:
    if lacking := [name for name in wanted if name not in there]:
        raise BadInput(_("%(file)s：缺少数组 %(names)s。") % {"file": path.name, "names": "、".join(lacking)})


def _fits(path: Path, size: int) -> None:
    if size > MOST_BYTES:
        raise BadInput(
            _("%(file)s：展开后有 %(size)d GB，超过 %(most)d GB 的上限；请分成几个文件。")
            % {"file": path.name, "size": size // 2**30, "most": MOST_BYTES // 2**30}
        )
