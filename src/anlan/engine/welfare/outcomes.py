"""The three outcomes of an event, household by household; they stand side by side and are never merged.

(a) income after the event below the line; (b) what is left of it after spending that cannot be avoided below the line,
the sign of a sudden severe hardship; (c) an unsafe house, and no safe water. At the line is not below it.

The income on record is off by a log-normal factor of median 1 (`income_error_sd`); losses vary by member of the
forecast, and around each member's expectation by a log-normal of the shock's mean and spread.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engine.impact.normal import cdf, nodes
from anlan.engine.policy import Policy
from anlan.engine.welfare.households import Households, Shock, same_length

Floats = NDArray[np.float64]

_POINTS, _WEIGHTS = nodes(5)
LAST_BITS = 1e-9


@dataclass(frozen=True, slots=True)
class Settings:
    """What the outcomes are reckoned with."""

    income_error_sd: float
    debt_is_rigid: float  # the share of debt due that counts as spending that cannot be avoided

    @classmethod
    def of(cls, policy: Policy) -> "Settings":
        """As the policy of a day has them."""
        return cls(policy.number("income_error_sd"), policy.number("debt_rigid_ratio"))


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """Probabilities and expected gaps (yuan a household below what it needs), one place a household."""

    p_below: Floats  # (a)
    p_below_after_spending: Floats  # (b)
    p_home: Floats  # (c)
    p_water: Floats  # (c)
    gap_yuan: Floats
    gap_after_spending_yuan: Floats


NAMES: tuple[str, ...] = (
    "p_below", "p_below_after_spending", "p_home", "p_water", "gap_yuan", "gap_after_spending_yuan",
)  # fmt: skip
Weight = float | Floats  # of a member: one for all, or one for each household (how surely it stands there, too)
WeightedShocks = Iterable[tuple[Weight, Shock]]


def assess(households: Households, shocks: WeightedShocks, settings: Settings) -> Outcomes:
    """The outcomes over a forecast's members with their weights; what the weights lack to 1 is that nothing happens.

    Raises ValueError for a weight below 0, or where they come to more than 1; ColumnInvalid for another's shock.
    """
    count = len(households)
    sums = {name: np.zeros(count) for name in NAMES}
    left = np.ones(count)
    for weight, shock in shocks:
        same_length(households, shock)
        if np.any(np.asarray(weight) < 0):
            raise ValueError("a member's weight is below 0")
        left = left - weight
        for name, values in _of(households, shock, settings):
            sums[name] += weight * values
    if (left < -LAST_BITS).any():
        raise ValueError("the members' weights come to more than 1")
    left = np.where(left > LAST_BITS, left, 0.0)
    if left.any():
        for name, values in _money(households, np.zeros(count), must_spend(households, settings), settings):
            sums[name] += left * values
    return Outcomes(**sums)


def must_spend(households: Households, settings: Settings) -> Floats:
    """What a household must spend in the year, were there no event."""
    return np.asarray(households.rigid_yuan + settings.debt_is_rigid * households.debt_yuan)


def short(needed_yuan: Floats, income_yuan: Floats, loss_yuan: Floats, error_sd: float) -> tuple[Floats, Floats]:
    """The probability that income less loss is below what is needed, and how far below it is expected to be.

    The income is off by a log-normal factor: P(income·e^(σz) < needed + loss), as `first_cut.share_below` has it, and
    E[(needed + loss − income·e^(σz))⁺], in closed form. Without error, or income, it is what is plainly lacking.
    """
    bar = needed_yuan + loss_yuan
    certain = (income_yuan - loss_yuan < needed_yuan).astype(np.float64)
    plain = np.maximum(0.0, bar - income_yuan)
    if error_sd <= 0:
        return certain, plain
    open_ = (income_yuan > 0) & (bar > 0)
    safe_bar, safe_income = np.where(open_, bar, 1.0), np.where(open_, income_yuan, 1.0)
    d = (np.log(safe_bar) - np.log(safe_income)) / error_sd
    below = cdf(d)
    lacking = safe_bar * below - safe_income * np.exp(error_sd**2 / 2) * cdf(d - error_sd)
    return np.where(open_, below, certain), np.where(open_, np.maximum(0.0, lacking), plain)


def losses(shock: Shock) -> Iterator[tuple[float, Floats]]:
    """The shock's loss of income at a few nodes of its log-normal, with their weights; one where nothing spreads.

    The nodes' mean is the expectation to the last bit, so spread moves nobody's mean loss.
    """
    mean = shock.income_loss_yuan
    if not shock.spread.any():
        yield 1.0, mean
        return
    sd = np.sqrt(np.log1p(shock.spread**2))
    factors = np.exp(np.outer(_POINTS, sd))
    factors /= _WEIGHTS @ factors
    for weight, factor in zip(_WEIGHTS, factors, strict=True):
        yield float(weight), mean * factor


def _of(households: Households, shock: Shock, settings: Settings) -> Iterator[tuple[str, Floats]]:
    yield "p_home", shock.home_unsafe
    yield "p_water", shock.water_unsafe
    spend = must_spend(households, settings) + shock.house
    for weight, loss in losses(shock):
        for name, values in _money(households, loss - shock.paid_yuan, spend, settings):
            yield name, weight * values


def _money(households: Households, loss: Floats, spend: Floats, settings: Settings) -> Iterator[tuple[str, Floats]]:
    needed, income, error = households.needed_yuan, households.income_yuan, settings.income_error_sd
    for ending, taken in (("", loss), ("_after_spending", loss + spend)):
        below, lacking = short(needed, income, taken, error)
        yield f"p_below{ending}", below
        yield f"gap{ending}_yuan", lacking
