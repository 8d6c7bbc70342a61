"""The probability of falling below what is needed, for many households in many members at once.

The same figure as `welfare.outcomes` reckons household by household, to a millionth: a loss is a log-normal of its mean
and spread, at five nodes; the income on record is off by a log-normal factor. What makes it quick is a table of the
chance by the ratio of what is needed to the income, read at an even step, so that no logarithm and no search is needed.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from anlan.engine.impact.normal import cdf, nodes

Floats = NDArray[np.float64]

POINTS, WEIGHTS = nodes(5)
_SURE = 6.0  # standard deviations of the income's error beyond which the table ends: a chance of a billionth
_STEPS = 1 << 14
_LEAST = 1.0  # yuan of income a year below which no ratio to it makes sense
_SAME = 1e-9  # spreads that differ by less are one


@dataclass(frozen=True, slots=True)
class Losses:
    """A loss by member and household at the nodes of its log-normal: `mean` (members, households), and at each node
    the factor on it, (members, households) or one for all.
    """

    mean: Floats
    factors: tuple[Floats | float, ...]

    @classmethod
    def of(cls, mean: Floats, spread: Floats) -> "Losses":
        """From the mean and the spread (deviation by mean); the nodes' mean is the mean to the last bit."""
        held = spread[mean > 0]
        one = not held.size or float(np.ptp(held)) < _SAME
        scale = np.sqrt(np.log1p((held.max() if held.size else 0.0) ** 2 if one else spread**2))
        factors = [np.exp(point * scale) for point in POINTS]
        middle = sum(weight * factor for weight, factor in zip(WEIGHTS, factors, strict=True))
        return cls(mean, tuple(factor / middle for factor in factors))

    def rows(self, kept: NDArray[np.intp]) -> "Losses":
        """Those of some of the households."""
        factors = (each if np.ndim(each) == 0 else np.asarray(each)[:, kept] for each in self.factors)
        return Losses(self.mean[:, kept], tuple(factors))


@dataclass(frozen=True, slots=True)
class Need:
    """What households need and have: yuan a household; `error_sd` of the logarithm of the income on record."""

    needed_yuan: Floats
    income_yuan: Floats
    error_sd: float

    def more(self, yuan: Floats) -> "Need":
        """The same where so much more is needed."""
        return Need(self.needed_yuan + yuan, self.income_yuan, self.error_sd)

    def rows(self, kept: NDArray[np.intp]) -> "Need":
        """Some of the households."""
        return Need(self.needed_yuan[kept], self.income_yuan[kept], self.error_sd)

    def without_loss(self) -> Floats:
        """The chance of being below what is needed, were there no event."""
        return np.asarray(self.below(self.needed_yuan[None, :])[0])

    def below(self, bar: Floats) -> Floats:
        """The chance that the income, as it truly is, is below a bar (rows, households); at the bar it is not."""
        if self.error_sd <= 0:
            return self._plainly(bar)
        odd = self.income_yuan < _LEAST
        if odd.any():
            found = np.empty(bar.shape)
            for rows, way in ((np.flatnonzero(odd), Need._plainly), (np.flatnonzero(~odd), Need.below)):
                found[:, rows] = way(self.rows(rows), bar[:, rows])
            return found
        lowest, by_step, chance, rise = _table(self.error_sd)
        place = bar * (by_step / self.income_yuan)
        place -= lowest * by_step
        np.clip(place, 0.0, _STEPS - 0.5, out=place)
        step = place.astype(np.intp)
        place -= step
        place *= rise.take(step)
        place += chance.take(step)
        return place

    def _plainly(self, bar: Floats) -> Floats:
        certain = (self.income_yuan < bar).astype(np.float64)
        if self.error_sd <= 0:
            return certain
        open_ = (self.income_yuan > 0) & (bar > 0)
        z = (np.log(np.where(open_, bar, 1.0)) - np.log(np.where(open_, self.income_yuan, 1.0))) / self.error_sd
        return np.where(open_, cdf(z), certain)


def below(need: Need, losses: Losses, paid_yuan: Floats, times: float = 1.0) -> Floats:
    """P(income·error − loss + paid < needed) by member and household, were so many times the loss lost and paid.

    Nodes at which nothing can fall below are passed over, household by household.
    """
    found = np.zeros(losses.mean.shape)
    least = need.income_yuan * (np.exp(-_SURE * need.error_sd) if need.error_sd > 0 else 1.0)
    base, bar = need.needed_yuan - times * paid_yuan, np.empty(losses.mean.shape)
    for weight, factor in zip(WEIGHTS, losses.factors, strict=True):
        np.multiply(losses.mean, times * factor, out=bar)
        np.add(bar, base, out=bar)
        kept = np.flatnonzero(bar.max(axis=0, initial=-np.inf) > least)
        if 2 * len(kept) > len(need.income_yuan):
            chance = need.below(bar)
            chance *= weight
            found += chance
        elif len(kept):
            found[:, kept] += weight * need.rows(kept).below(bar[:, kept])
    return found


@lru_cache(maxsize=8)
def _table(error_sd: float) -> tuple[float, float, Floats, Floats]:
    """The chance by bar over income: the lowest ratio, steps a unit; at each step the chance, and its rise."""
    lowest, highest = np.exp(-_SURE * error_sd), np.exp(_SURE * error_sd)
    ratio = np.linspace(lowest, highest, _STEPS + 1)
    chance = cdf(np.log(ratio) / error_sd)
    chance[0], chance[-2:] = 0.0, 1.0
    return float(lowest), float(_STEPS / (highest - lowest)), chance[:-1].copy(), np.diff(chance)
