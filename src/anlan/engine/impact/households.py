"""Households, what they own and where, and the one comparison that every tier makes: is the income below the line?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.engine.impact import faults
from anlan.engine.impact.curves import Curve

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Households:
    """Income of the whole household over twelve months, its people, and the line per head. Raises Invalid."""

    income_yuan: Floats
    people: Ints
    line_yuan: Floats

    def __post_init__(self) -> None:
        people = faults.whole("people", self.people)
        faults.demand("people", people >= 1, "below_one")
        income = faults.numbers("income_yuan", self.income_yuan).astype(np.float64, copy=False)
        line = faults.amounts("line_yuan", self.line_yuan)
        faults.alike({"income_yuan": income, "people": people, "line_yuan": line})
        for name, values in (("people", people), ("income_yuan", income), ("line_yuan", line)):
            object.__setattr__(self, name, values)

    def __len__(self) -> int:
        return len(self.people)

    def below(self, loss_yuan: Floats, rows: Any = slice(None)) -> Flags:
        """Whose income per head, less the loss, is below the line; at the line is not below."""
        return np.asarray((self.income_yuan[rows] - loss_yuan) / self.people[rows] < self.line_yuan[rows])


@dataclass(frozen=True, slots=True)
class Assets:
    """What stands there: whose it is (a place among the households), its cell, its value, its curve (a place).

    The value is what a ratio of 1 takes from the year's income. Raises Invalid.
    """

    household: Ints
    cell: Ints
    value_yuan: Floats
    curve: Ints

    def __post_init__(self) -> None:
        checked = {
            name: faults.whole(name, getattr(self, name)) for name in ("household", "cell", "curve")
        } | {"value_yuan": faults.amounts("value_yuan", self.value_yuan)}  # fmt: skip
        faults.alike(dict(checked))
        for name, values in checked.items():
            object.__setattr__(self, name, values)

    def __len__(self) -> int:
        return len(self.household)

    def fit(self, *, households: int, curves: Sequence[Curve]) -> None:
        """Raise Invalid where an asset's household or curve does not exist."""
        faults.places("household", self.household, households)
        faults.places("curve", self.curve, len(curves))

    def by_household(self, households: int) -> "tuple[Assets, Ints]":
        """The assets in their households' order, otherwise as they came, and where each household's begin."""
        starts = np.concatenate([[0], np.cumsum(np.bincount(self.household, minlength=households))])
        if (np.diff(self.household) >= 0).all():
            return self, starts
        order = np.argsort(self.household, kind="stable")
        return Assets(self.household[order], self.cell[order], self.value_yuan[order], self.curve[order]), starts


def ratio_by_curve(curves: Sequence[Curve], curve: Ints, intensity: NDArray[Any]) -> Floats:
    """The ratio of each asset at its own intensity, by its own curve."""
    if len(curves) == 1:
        return curves[0].at(intensity)
    found = np.empty(len(curve))
    for place, each in enumerate(curves):
        of_it = curve == place
        found[of_it] = each.at(intensity[of_it])
    return found


def need_one_place(assets: Assets, starts: Ints) -> Ints:
    """Each household's cell (0 where it owns nothing). Raises Invalid at an asset that lies in another cell."""
    cell: Ints = np.zeros(len(starts) - 1, dtype=assets.cell.dtype)
    cell[assets.household] = assets.cell
    faults.demand("cell", assets.cell == cell[assets.household], "inconsistent")
    return cell


def spans(starts: Ints, counts: Ints) -> Ints:
    """The places start, start + 1, … of each span, one span after another."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.asarray(np.arange(total) + np.repeat(starts - (ends - counts), counts))
