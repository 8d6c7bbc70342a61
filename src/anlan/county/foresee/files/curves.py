"""A damage curve from a csv with the columns intensity and ratio."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from anlan.county.foresee.files.wording import refusing
from anlan.county.registry import lists
from anlan.engine.impact.curves import Curve
from anlan.engine.impact.faults import Invalid

if TYPE_CHECKING:
    import polars as pl


def read(path: Path, *, monotone: bool) -> Curve:
    """The curve; with `monotone`, one on which more hazard never does less. Raises BadInput."""
    table = lists.columns(path, ("intensity", "ratio"))
    with refusing(path):
        curve = Curve(_numbers(table["intensity"]), _numbers(table["ratio"]))
        if monotone:
            curve.need_monotone()
    return curve


def _numbers(column: "pl.Series") -> NDArray[np.float64]:
    found = np.empty(len(column))
    for place, cell in enumerate(column):
        try:
            found[place] = float(cell or "")
        except ValueError as error:
            raise Invalid(column.name, "type" if cell else "missing", place) from error
    return found
