"""What is wrong with a column that was handed in: which column, which row, and why; others word it to a person."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

WHYS = {
    "empty": "has no rows",
    "missing": "is not there",
    "kind": "is of a type that does not fit",
    "type": "does not hold numbers",
    "length": "is not as long as the others",
    "not_finite": "is not a finite number",
    "negative": "is negative",
    "decreasing": "decreases",
    "above_one": "is above 1",
    "from_zero": "is not 0 where the hazard is 0",
    "above_total": "adds up to more than 1",
    "inconsistent": "does not fit the other arrays",
    "twice": "stands twice",
    "unsorted": "is not in rising order",
    "unknown": "is not a known one",
    "below_one": "is below 1",
    "not_whole": "is not a whole number",
}


class Invalid(ValueError):
    """A column that cannot be worked with. `place` counts from 0 and is None where no row is to blame."""

    def __init__(self, column: str, why: str, place: int | None = None) -> None:
        self.column, self.why, self.place = column, why, place
        where = column if place is None else f"{column}, row {place + 1}"
        super().__init__(f"{where}: {WHYS[why]}")


def demand(column: str, right: NDArray[np.bool_], why: str) -> None:
    """Raise Invalid at the first row that is not right."""
    if not right.all():
        raise Invalid(column, why, int(np.argmin(right)))


def numbers(column: str, values: Any) -> NDArray[Any]:
    """A flat array of finite integers or floats. Raises Invalid."""
    array = np.asarray(values)
    if array.dtype.kind not in "iuf" or array.ndim != 1:
        raise Invalid(column, "type")
    if array.dtype.kind == "f":
        demand(column, np.isfinite(array), "not_finite")
    return array


def whole(column: str, values: Any) -> NDArray[Any]:
    """A flat array of whole numbers, also where they are written as floats: int32 stays, all else becomes int64.

    Raises Invalid.
    """
    array = numbers(column, values)
    if array.dtype.kind == "f":
        demand(column, (array == np.floor(array)) & (np.abs(array) < 2.0**53), "not_whole")
    elif array.dtype == np.uint64:
        demand(column, array < np.uint64(2**63), "unknown")
    return array if array.dtype == np.int32 else array.astype(np.int64, copy=False)


def places(column: str, values: Any, count: int) -> NDArray[Any]:
    """Whole numbers that are places among `count` things. Raises Invalid."""
    array = whole(column, values)
    demand(column, (array >= 0) & (array < count), "unknown")
    return array


def amounts(column: str, values: Any) -> NDArray[np.float64]:
    """Finite numbers that are not negative. Raises Invalid."""
    array = numbers(column, values)
    demand(column, array >= 0, "negative")
    return array.astype(np.float64, copy=False)


def alike(columns: dict[str, Sequence[Any] | NDArray[Any]]) -> None:
    """Raise Invalid at the first column that is not as long as the first one."""
    first, *others = columns
    for name in others:
        if len(columns[name]) != len(columns[first]):
            raise Invalid(name, "length")
