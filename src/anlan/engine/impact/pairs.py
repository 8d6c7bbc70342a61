"""Every household with every member: for those whose belongings lie in several cells, or are hurt by several hazards.

Slower than `inversion` by what the pairs cost, and equal to it, to the last bit, where both can answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engine.impact import faults, kernels
from anlan.engine.impact.curves import Curve
from anlan.engine.impact.faults import Invalid
from anlan.engine.impact.households import Assets, Households, spans
from anlan.engine.impact.inversion import Falling
from anlan.engine.impact.members import Members
from anlan.engine.impact.sums import at_places

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_PAIRS = 1 << 22  # pairs that are worked on together


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Assets and what may hurt them: `curves[k]` takes its intensity from `hazards[kinds[k]]`.

    The hazards have the same members with the same weights: one flood with its wind. Raises Invalid.
    """

    assets: Assets
    curves: Sequence[Curve]
    kinds: Sequence[int]
    hazards: Sequence[Members]

    def __post_init__(self) -> None:
        known = bool(self.hazards) and set(self.kinds) <= set(range(len(self.hazards)))
        if not known or len(self.kinds) != len(self.curves):
            raise Invalid("kinds", "inconsistent")
        for hazard in self.hazards:
            if not np.array_equal(hazard.weights, self.hazards[0].weights):
                raise Invalid("weights", "inconsistent")
        self.assets.fit(households=_above(self.assets.household), curves=self.curves)
        for curve, kind in enumerate(self.kinds):
            faults.places("cell", np.where(self.assets.curve == curve, self.assets.cell, 0), self.hazards[kind].cells)

    @property
    def members(self) -> int:
        """How many members each of the hazards has."""
        return len(self.hazards[0])


@dataclass(frozen=True, slots=True)
class Entries:
    """For every curve the entries of its hazard, by cell: where an asset's begin, their members, the ratio lost."""

    starts: Ints
    counts: Ints
    member: Ints
    ratio: Floats

    @property
    def arrays(self) -> tuple[Ints, Ints, Ints, Floats]:
        """As the kernels take them."""
        return self.starts, self.counts, self.member, self.ratio

    def of(self, first: int, end: int) -> tuple[Ints, Ints]:
        """The places of the entries of some assets, one asset after another, and how many each has."""
        counts = self.counts[first:end]
        return spans(self.starts[first:end], counts), counts


def entries(portfolio: Portfolio, assets: Assets) -> Entries:
    """The entries that each of the assets meets."""
    starts, counts = np.zeros(len(assets), np.int64), np.zeros(len(assets), np.int64)
    member: list[Ints] = []
    ratio: list[Floats] = []
    offset = 0
    by_kind = [hazard.columns() for hazard in portfolio.hazards]
    for place, (curve, kind) in enumerate(zip(portfolio.curves, portfolio.kinds, strict=True)):
        begins, order = by_kind[kind]
        hazard = portfolio.hazards[kind]
        of_it = assets.curve == place
        cell = assets.cell[of_it]
        starts[of_it], counts[of_it] = offset + begins[cell], begins[cell + 1] - begins[cell]
        member.append(hazard.rows[order])
        ratio.append(curve.at(hazard.data)[order])
        offset += len(order)
    return Entries(starts, counts, np.concatenate(member), np.concatenate(ratio))


def losses(portfolio: Portfolio, households: int) -> Iterator[tuple[slice, Floats]]:
    """The loss of every household in every member, some households at a time: (which ones, households × members)."""
    assets, begins = portfolio.assets.by_household(households)
    met = entries(portfolio, assets)
    members = portfolio.members
    together = max(1, _PAIRS // members)
    for first in range(0, households, together):
        end = min(first + together, households)
        places, counts = met.of(begins[first], begins[end])
        owned = slice(begins[first], begins[end])
        pair = np.repeat((assets.household[owned] - first) * members, counts) + met.member[places]
        lost = np.repeat(assets.value_yuan[owned], counts) * met.ratio[places]
        found = at_places(pair, lost, (end - first) * members)
        yield slice(first, end), found.reshape(end - first, members)


def falling(households: Households, portfolio: Portfolio) -> Falling:
    """Each household's probability of falling, and how many households and people fall in each member."""
    weights = portfolio.hazards[0].probabilities()
    counts = np.zeros((2, portfolio.members), np.int64)
    found = Falling(np.empty(len(households)), counts[0], counts[1])
    assets, begins = portfolio.assets.by_household(len(households))
    met = entries(portfolio, assets)
    if meet := kernels.compiled(kernels.meet, len(households) + int(met.counts.sum())):
        home = (households.income_yuan, households.people, households.line_yuan)
        meet(met.arrays, assets.value_yuan, begins, home, weights, (found.p, found.households, found.people))
        without = households.below(np.zeros(len(households)))
        found.households[:] += without.sum()
        found.people[:] += households.people[without].sum()
        return found
    for rows, lost in losses(portfolio, len(households)):
        below = households.below(lost.T, rows)
        found.p[rows] = weights @ below
        found.households[:] += below.sum(axis=1)
        found.people[:] += below @ households.people[rows]
    return found


def _above(places: Ints) -> int:
    return int(places.max(initial=-1)) + 1
