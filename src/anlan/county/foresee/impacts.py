"""The two reckonings of the impact commands on this machine: what a hazard costs, and whom it makes fall."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from anlan.county.foresee.files import tables
from anlan.county.foresee.files.wording import refusing
from anlan.engine.impact import aggregates, faults, inversion
from anlan.engine.impact.curves import Curve
from anlan.engine.impact.households import Assets, Households
from anlan.engine.impact.members import Members

if TYPE_CHECKING:
    import pyarrow as pa

Floats = NDArray[np.float64]
Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """The loss of all in each event, that of each row in expectation, and of all of them."""

    at_event: Floats
    ids: "pa.ChunkedArray"
    eai: Floats
    eai_sum: float


@dataclass(frozen=True, slots=True)
class Fallen:
    """Each household's probability, and how many households and people fall in each member."""

    ids: "pa.ChunkedArray"
    p: Floats
    households: NDArray[np.int64]
    people: NDArray[np.int64]


class Engine(Protocol):
    """Where the reckoning runs: here, or on Spark (`impacts_spark`). Both give the same to the last bit."""

    def aggregate(self, path: Path, members: Members, curve: Curve) -> Aggregate:
        """What each event costs all rows of a table of exposures, and each row in expectation."""

    def falling(self, path: Path, members: Members, curve: Curve) -> Fallen:
        """Which rows of a table of households fall below the line."""


class Local:
    """In this process."""

    def aggregate(self, path: Path, members: Members, curve: Curve) -> Aggregate:
        """All rows at once."""
        ids, columns = tables.read(path, tables.EXPOSURE)
        with refusing(path):
            cell = faults.places("cell", columns["cell"], members.cells)
        value = aggregates.value_by_cell(cell, columns["value"], members.cells)
        ratio, expected = ratios(members, curve)
        return Aggregate(
            at_event=aggregates.at_event(members, ratio, value),
            ids=ids,
            eai=aggregates.expected(cell, columns["value"], expected),
            eai_sum=float((value * expected).sum()),
        )

    def falling(self, path: Path, members: Members, curve: Curve) -> Fallen:
        """All households at once."""
        ids, columns = tables.read(path, tables.HOUSEHOLDS)
        with refusing(path):
            faults.places("cell", columns["cell"], members.cells)
        found = fallen(columns, members, curve)
        return Fallen(ids, found.p, found.households, found.people)


def ratios(members: Members, curve: Curve) -> tuple[Floats, Floats]:
    """What is lost at each entry of the hazard, and in expectation in each cell."""
    ratio = aggregates.damage(members, curve)
    return ratio, aggregates.ratio_by_cell(members, ratio)


def fallen(columns: Columns, members: Members, curve: Curve) -> inversion.Falling:
    """Whose (income − loss × ratio) / members is below the line: each household by its critical intensity."""
    households = Households(columns["income_yuan"], columns["members"], columns["line_yuan"])
    count = len(households)
    assets = Assets(
        household=np.arange(count, dtype=np.int32),
        cell=columns["cell"],
        value_yuan=columns["loss_per_unit_ratio_yuan"],
        curve=np.zeros(count, dtype=np.int32),
    )
    prepared = inversion.critical(households, assets, [curve], cells=members.cells, kind=members.data.dtype)
    return inversion.falling(prepared, members)
