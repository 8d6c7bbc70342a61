"""What comes after a shock: how long a household lives on less than it needs, and how much is lacking meanwhile.

Animals, stores and equipment earn: they are capital lost. Crops, wages and the house must be made good from money to
hand: savings, and what insurers and relief pay, less debts due. What that does not cover must be raised by selling what
earns, so it is capital lost, too; what is left of it holds the household's consumption up while it rebuilds.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engine.welfare import rates
from anlan.engine.welfare.households import Households, Shock, same_length
from anlan.engine.welfare.recovery import Economy, gap_years, path, years_below

Floats = NDArray[np.float64]

HORIZON_YEARS = 10.0  # nobody plans beyond it, and who was below the line before counts as so long below it


@dataclass(frozen=True, slots=True, eq=False)
class Aftermath:
    """By household: the rate of rebuilding a year; years below the line, and yuan lacking in them, to the horizon."""

    rate: Floats
    years_below: Floats
    gap_yuan: Floats


def after(households: Households, shock: Shock, economy: Economy, rate: Floats | None = None) -> Aftermath:
    """The aftermath of a shock, each household rebuilding at the rate given, or else at the best for it."""
    same_length(households, shock)
    income, needed = np.maximum(0.0, households.income_yuan), households.needed_yuan
    capital = income / economy.productivity
    money = to_hand(households, shock)
    lost = np.minimum(capital, shock.livestock + shock.stock + np.maximum(0.0, -money))
    saved = np.maximum(0.0, money)
    chosen = rates.best_rate(lost, capital, saved, economy) if rate is None else rate
    way = path(lost, saved, chosen, economy)
    years = years_below(way, income, needed)
    most = np.maximum(0.0, needed - income + way.alpha * way.floor) * HORIZON_YEARS
    return Aftermath(
        rate=chosen,
        years_below=np.minimum(HORIZON_YEARS, years),
        gap_yuan=np.minimum(most, gap_years(way, income, needed)),
    )


def to_hand(households: Households, shock: Shock) -> Floats:
    """Money left when all that is due is paid; below 0 where it does not suffice."""
    has = households.savings_yuan + shock.paid_yuan
    due = households.debt_yuan + shock.crop + shock.work + shock.house
    return np.asarray(has - due)
