"""What a hazard does to a portfolio as a whole, member by member, and to each of its values in expectation.

The loss is linear in the value, so a cell's values may be added before they meet the hazard: the cost is that of the
hazard's entries plus that of the values, and not that of all their pairs.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.engine.impact import kernels, sums
from anlan.engine.impact.curves import Curve
from anlan.engine.impact.members import Members

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def value_by_cell(cell: Ints, value_yuan: Floats, cells: int) -> Floats:
    """The values (≥ 0) in each cell, added up; the same to the last bit in whatever order they come."""
    largest = float(value_yuan.max(initial=0.0))
    count = sums.fullest(cell, cells)
    return sums.whole(sums.parts_by_cell(cell, value_yuan, cells, largest=largest, count=count))


def damage(members: Members, curve: Curve) -> Floats:
    """The ratio that is lost at each entry of the hazard."""
    return curve.at(members.data)


def at_event(members: Members, ratio: Floats, value_by_cell_yuan: Floats) -> Floats:
    """The loss of all values in each member, in yuan; `ratio` is what `damage` gave."""
    if add_rows := kernels.compiled(kernels.add_rows, len(ratio)):
        found = np.zeros(len(members))
        add_rows(members.indptr, ratio, members.indices, value_by_cell_yuan, found)
        return found
    return _added(members.rows, ratio, members.indices, value_by_cell_yuan, len(members))


def ratio_by_cell(members: Members, ratio: Floats) -> Floats:
    """The ratio that a value in each cell loses in expectation: over all members, by their weights."""
    return _added(members.indices, ratio, members.rows, members.weights, members.cells)


def expected(cell: NDArray[Any], value_yuan: Floats, ratio_by_cell: Floats) -> Floats:
    """What each value loses in expectation, in yuan (a year, where the weights are frequencies a year)."""
    return np.asarray(value_yuan * ratio_by_cell[cell])


def _added(place: Ints, ratio: Floats, factor: Ints, factor_at: Floats, count: int) -> Floats:
    """The sums of ratio × factor at each place, in the order of the entries."""
    if add_up := kernels.compiled(kernels.add_up, len(ratio)):
        found = np.zeros(count)
        add_up(place, ratio, factor, factor_at, found)
        return found
    return sums.at_places(place, ratio * factor_at[factor], count)
