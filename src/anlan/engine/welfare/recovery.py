"""How a household gets over a loss of what it earns with: closed forms of the World Bank's global Unbreakable model.

The gap in capital closes as dk(t) = dk0·e^(−λt). Meanwhile income lacks π·dk(t), and rebuilding costs σ·λ·dk(t): the
household lives on c(t) = c0 − α·e^(−λt) with α = (π + σ·λ)·dk0. Savings and aid S hold it at a floor first: it goes
without α·ξ until t̂ = −ln(ξ)/λ, where ξ(1 − ln ξ) = 1 − λ·S/α. Years and yuan a year throughout.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engine.policy import Policy
from anlan.engine.welfare.ratios import shares

Floats = NDArray[np.float64]

_STEPS = 5  # four are right to the last bit


@dataclass(frozen=True, slots=True)
class Economy:
    """How capital earns and how consumption is valued.

    `productivity` π: income a year from a yuan of capital; `cost_ratio` σ: the share of rebuilding that the household
    pays; `discount` ρ a year; `elasticity` η of marginal utility; `rate_max`: the fastest λ, a year.
    """

    productivity: float
    cost_ratio: float
    discount: float
    elasticity: float
    rate_max: float

    @classmethod
    def of(cls, policy: Policy) -> "Economy":
        """As the policy of a day has it."""
        names = ("productivity", "cost_ratio", "discount", "elasticity", "rate_max")
        return cls(*(policy.number(f"recovery_{name}") for name in names))


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """The path of recovery: at first `alpha`·`floor` a year is lacking, until `held_years`; then alpha·e^(−rate·t)."""

    rate: Floats  # λ
    alpha: Floats
    floor: Floats  # ξ
    held_years: Floats  # t̂


def path(loss_yuan: Floats, savings_yuan: Floats, rate: Floats, economy: Economy) -> Path:
    """The path after a loss of capital, with savings and aid to go on, at a rate of rebuilding above 0."""
    alpha = (economy.productivity + economy.cost_ratio * rate) * loss_yuan
    covered = shares(rate * savings_yuan, alpha, 1.0)
    floor = floor_share(1.0 - np.clip(covered, 0.0, 1.0))
    with np.errstate(divide="ignore"):
        held = -np.log(floor) / rate
    return Path(rate, alpha, floor, held)


def floor_share(left: Floats) -> Floats:
    """ξ of ξ(1 − ln ξ) = left, for left from 0 (all covered: 0) to 1 (nothing saved: 1).

    With u = −ln ξ it is u − ln(1 + u) = −ln left, convex in u; Newton's steps from a bound above come down on the root.
    """
    with np.errstate(divide="ignore"):
        target = -np.log(left)
    open_ = np.isfinite(target) & (target > 0)
    goal = np.where(open_, target, 1.0)
    u = goal + np.sqrt(2.0 * goal)
    for _step in range(_STEPS):
        u = u - (u - np.log1p(u) - goal) * (1.0 + u) / u
    return np.where(open_, np.exp(-u), np.where(left > 0, 1.0, 0.0))


def lacking(given: Path, years: Floats) -> Floats:
    """What the household goes without at a time, in yuan a year."""
    return np.asarray(given.alpha * np.minimum(given.floor, np.exp(-given.rate * years)))


def years_below(given: Path, income_yuan: Floats, needed_yuan: Floats) -> Floats:
    """How long the household lives on less than it needs: infinite for those who did so before the loss."""
    spare = income_yuan - needed_yuan
    worst = given.alpha * given.floor
    hit = (worst > 0) & (worst > spare)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        until = np.log(given.alpha / spare) / given.rate
    return np.where(spare < 0, np.inf, np.where(hit, np.where(spare > 0, until, np.inf), 0.0))


def gap_years(given: Path, income_yuan: Floats, needed_yuan: Floats) -> Floats:
    """What is lacking below the need over all the time below it, in yuan; infinite for those below it for ever."""
    until = years_below(given, income_yuan, needed_yuan)
    spare = income_yuan - needed_yuan
    ends = np.where(np.isfinite(until), until, 0.0)
    held = np.where(given.floor > 0, given.held_years, 0.0)
    tail = np.maximum(0.0, given.floor - np.exp(-given.rate * ends))
    total = given.alpha * (given.floor * np.minimum(held, ends) + tail / given.rate) - spare * ends
    # Who had just what it needs comes back to it at no time, and yet the sum is finite: all that was ever lacking.
    ever = given.alpha * given.floor * (held + 1.0 / given.rate)
    return np.where(np.isfinite(until), np.maximum(0.0, total), np.where(spare < 0, np.inf, ever))
