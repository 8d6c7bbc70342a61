"""Sums that do not depend on the order of what is added, to the last bit: on one core, on two, and on a cluster.

Every value is cut into parts that are whole multiples of a unit so coarse that all sums of such parts are exact in
double precision; what is cut off is cut again with a finer unit, until nothing is left.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.engine.impact import kernels

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_BITS = 52
_CHUNK = 1 << 18  # values that stay in the cache while they are cut
_USUAL = 4  # parts that all but odd values need
_FINEST = -1000  # exponent
_MOST = 12


def at_places(place: NDArray[Any], value: NDArray[Any], count: int) -> Floats:
    """The sums of the values at each place, added in their order."""
    return np.bincount(place, weights=value, minlength=count).astype(np.float64, copy=False)  # of nothing it makes ints


def fullest(cell: Ints, cells: int) -> int:
    """How many values the cell has that has the most."""
    if count_up := kernels.compiled(kernels.count_up, len(cell)):
        counts = np.zeros(cells, np.int64)
        count_up(cell, counts)
    else:
        counts = np.bincount(cell, minlength=cells)
    return int(counts.max(initial=0))


def parts_by_cell(cell: Ints, value: Floats, cells: int, *, largest: float, count: int) -> Floats:
    """The sums of values (≥ 0) in each cell, in parts from coarse to fine: an array of parts × cells.

    `largest` is the largest value and `count` the largest number of values in a cell, both of the whole portfolio, of
    which these may be a part; arrays made with the same two may be added in any order.
    """
    units = _units(largest, count)
    cut = kernels.compiled(kernels.cut_and_add, 4 * len(value)) if len(units) >= _USUAL else None
    if cut:
        made = np.zeros((_USUAL, cells))
        if cut(cell, value, made, units[:_USUAL]):
            return made
    found: list[Floats] = [np.zeros(cells)]
    for start in range(0, len(value), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        rest = value[chunk]
        for level, unit in enumerate(units):
            part = np.floor(rest / unit) * unit
            if level == len(found):
                found.append(np.zeros(cells))
            found[level] += at_places(cell[chunk], part, cells)
            rest = rest - part
            if not rest.any():
                break
    return np.array(found)


def add(first: Floats, second: Floats) -> Floats:
    """Two such arrays, added part by part; one may have more parts than the other."""
    longer, shorter = (first, second) if len(first) >= len(second) else (second, first)
    total = longer.copy()
    total[: len(shorter)] += shorter
    return total


def whole(parts: Floats) -> Floats:
    """The sum of each cell, from the finest part up."""
    total = np.zeros(parts.shape[1])
    for part in parts[::-1]:
        total += part
    return total


def _units(largest: float, count: int) -> Floats:
    """Each so coarse that `count` multiples of it, none above the one before (at first the largest value), add up to
    less than 2⁵³ of it, and so exactly; down to where a value has no bits left."""
    power = max(count, 1).bit_length()
    first = math.frexp(largest)[1] + power - _BITS
    exponents = np.arange(max(first, _FINEST), _FINEST - 1, power - _BITS)
    return np.ldexp(1.0, exponents[:_MOST])
