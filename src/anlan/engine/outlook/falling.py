"""The probability of falling below what is needed, for many households in many members at once.

The same figure as `welfare.outcomes` reckons household by household, without the gaps: a loss is a log-normal of its
mean and spread, at five nodes; the income on record is off by a log-normal factor. Households that could not fall to
one in three million are not worked through.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engine.impact.normal import cdf, nodes

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

POINTS, WEIGHTS = nodes(5)
SURE = 5.0  # standard deviations of the income's error: a chance of 3e-7 is stored as 0


@dataclass(frozen=True, slots=True)
class Need:
    """What households need and have: yuan a household; `error_sd` of the logarithm of the income on record."""

    needed_yuan: Floats
    income_yuan: Floats
    error_sd: float

    def more(self, yuan: Floats) -> "Need":
        """The same where so much more is needed."""
        return Need(self.needed_yuan + yuan, self.income_yuan, self.error_sd)

    def without_loss(self) -> Floats:
        """The chance of being below what is needed, were there no event."""
        return _share(self.needed_yuan, self.income_yuan, self.error_sd)

    def open(self, most_yuan: Floats) -> Flags:
        """Who could fall at all, were so much lost."""
        bar = self.needed_yuan + most_yuan
        return np.asarray(bar > self.income_yuan * np.exp(-SURE * self.error_sd))


def below(need: Need, loss_yuan: Floats, paid_yuan: Floats, spread: Floats) -> Floats:
    """P(income·error − loss + paid < needed) by member and household; all three given by member and household."""
    scale = np.sqrt(np.log1p(spread**2))
    factors = np.exp(POINTS[:, None, None] * scale)
    factors /= np.tensordot(WEIGHTS, factors, axes=1)
    rows = np.flatnonzero(need.open((loss_yuan * factors[-1] - paid_yuan).max(axis=0)))
    found = np.zeros(loss_yuan.shape)
    bar = (need.needed_yuan - paid_yuan)[:, rows]
    income, loss = need.income_yuan[rows], loss_yuan[:, rows]
    kept = np.zeros(bar.shape)
    for weight, factor in zip(WEIGHTS, factors, strict=True):
        kept += weight * _share(bar + loss * factor[:, rows], income, need.error_sd)
    found[:, rows] = kept
    return found


def _share(bar: Floats, income: Floats, error_sd: float) -> Floats:
    """The chance that an income is below a bar; at the bar it is not."""
    if error_sd <= 0:
        return np.asarray((income < bar).astype(np.float64))
    if (income > 0).all() and (bar > 0).all():
        return cdf((np.log(bar) - np.log(income)) / error_sd)
    open_ = (income > 0) & (bar > 0)
    z = (np.log(np.where(open_, bar, 1.0)) - np.log(np.where(open_, income, 1.0))) / error_sd
    return np.where(open_, cdf(z), (income < bar).astype(np.float64))
