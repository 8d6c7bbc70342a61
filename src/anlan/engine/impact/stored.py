"""The loss of every pair, kept: only on request, for lists of who is hit hardest in one member."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engine.impact import kernels, pairs
from anlan.engine.impact.households import Households
from anlan.engine.impact.inversion import Falling
from anlan.engine.impact.pairs import Portfolio
from anlan.engine.impact.sums import at_places

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Stored:
    """Losses in yuan, households × members, in compressed rows; a pair that is not there loses nothing."""

    indptr: Ints
    member: NDArray[np.int32]
    loss_yuan: Floats
    members: int

    @property
    def household(self) -> Ints:
        """The household of each pair."""
        return np.repeat(np.arange(len(self.indptr) - 1), np.diff(self.indptr))

    def by_member(self) -> Floats:
        """The loss of all in each member."""
        return at_places(self.member, self.loss_yuan, self.members)

    def by_household(self, weights: Floats) -> Floats:
        """The loss of each household in expectation."""
        lost = self.loss_yuan * weights[self.member]
        return at_places(self.household, lost, len(self.indptr) - 1)

    def worst(self, member: int, count: int) -> tuple[Ints, Floats]:
        """The households that lose most in a member, the most first (then in their order), and what they lose."""
        of_it = np.flatnonzero(self.member == member)
        order = of_it[np.argsort(-self.loss_yuan[of_it], kind="stable")[:count]]
        return np.searchsorted(self.indptr, order, side="right") - 1, self.loss_yuan[order]

    def falling(self, households: Households, probabilities: Floats) -> Falling:
        """Who falls below the line, from the losses as they are kept."""
        rows = self.household
        without = households.below(np.zeros(len(households)))
        falls = households.below(self.loss_yuan, rows) & ~without[rows]
        p = at_places(rows[falls], probabilities[self.member[falls]], len(households))
        p[without] = probabilities.sum()
        added = np.bincount(self.member[falls], minlength=self.members)
        people = at_places(self.member[falls], households.people[rows[falls]], self.members)
        return Falling(
            p, added + without.sum(), np.rint(people).astype(np.int64) + households.people[without].sum()
        )  # fmt: skip


def store(portfolio: Portfolio, households: int) -> Stored:
    """Work out and keep the loss of every pair in which there is one."""
    if (np.bincount(portfolio.assets.household, minlength=households) <= 1).all():
        return _one_asset_each(portfolio, households)
    counts, member, loss = [], [], []
    for _rows, lost in pairs.losses(portfolio, households):
        household, found = np.nonzero(lost)
        counts.append(np.bincount(household, minlength=len(lost)))
        member.append(found.astype(np.int32))
        loss.append(lost[household, found])
    indptr = np.concatenate([[0], np.cumsum(np.concatenate(counts))])
    return Stored(indptr, np.concatenate(member), np.concatenate(loss), portfolio.members)


def _one_asset_each(portfolio: Portfolio, households: int) -> Stored:
    """The entries of each asset's cell are its household's pairs, already in order."""
    assets, begins = portfolio.assets.by_household(households)
    met = pairs.entries(portfolio, assets)
    ends = np.concatenate([[0], np.cumsum(met.counts)])[begins]
    if lay_out := kernels.compiled(kernels.lay_out, int(ends[-1])):
        member, lost = np.empty(ends[-1], np.int32), np.empty(ends[-1])
        lay_out(met.arrays, assets.value_yuan, (member, lost))
    else:
        places, counts = met.of(0, len(assets))
        member, lost = met.member[places].astype(np.int32), np.repeat(assets.value_yuan, counts) * met.ratio[places]
    some = lost > 0
    if some.all():
        return Stored(ends, member, lost, portfolio.members)
    kept = np.concatenate([[0], np.cumsum(some)])
    return Stored(kept[ends], member[some], lost[some], portfolio.members)
