"""What a measure would change: the same outcomes with it and without, and what a yuan of it averts.

Assistance is ranked by that; people decide. A measure never makes an outcome worse.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anlan.engine.welfare import outcomes
from anlan.engine.welfare.aftermath import after
from anlan.engine.welfare.households import Households, Shock, changed
from anlan.engine.welfare.outcomes import NAMES, Outcomes, Settings, Weight
from anlan.engine.welfare.ratios import shares
from anlan.engine.welfare.recovery import Economy

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
State = tuple[Households, Shock]
Members = Sequence[tuple[Weight, Shock]]

# Averted by household: chances in persons when ranked, since a household falls as a whole; the rest as it is.
CHANCES: tuple[str, ...] = ("p_below", "p_below_after_spending", "p_home", "p_water")
AVERTED: tuple[str, ...] = (*NAMES, "years_below")


class MeasureInvalid(ValueError):
    """A measure that cannot be reckoned with; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """A measure of a kind, by household: how much of it (KINDS says of what), and what it costs in yuan.

    Raises MeasureInvalid.
    """

    kind: str
    size: Floats
    cost_yuan: Floats

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise MeasureInvalid(f"no such kind of measure: {self.kind!r}")
        for name, column in (("size", self.size), ("cost_yuan", self.cost_yuan)):
            for row in np.flatnonzero(~np.isfinite(column) | (column < 0))[:1]:
                raise MeasureInvalid(f"row {row + 1}: {name} is no amount")


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
    """What a measure averts by household: without it less with it, by the names of AVERTED, never below 0."""

    averted: Mapping[str, Floats]
    cost_yuan: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Pairs of option and household, the most averted per yuan first."""

    option: Ints
    household: Ints
    averted: Floats
    per_yuan: Floats
    cost_yuan: Floats


def measure(kind: str, count: int, size: float | Floats, cost_yuan: float | Floats) -> Measure:
    """A measure for a number of households, single figures spread over all of them."""
    spread = (np.broadcast_to(np.asarray(each, dtype=np.float64), count) for each in (size, cost_yuan))
    return Measure(kind, *spread)


def applied(households: Households, shock: Shock, given: Measure) -> State:
    """The households and the shock as they would be with the measure. Raises MeasureInvalid for another's measure."""
    if len(given.size) != len(households):
        raise MeasureInvalid(f"a measure for {len(given.size)} households, not {len(households)}")
    return KINDS[given.kind](households, shock, given.size)


def effect(households: Households, members: Members, given: Measure, settings: Settings, economy: Economy) -> Effect:
    """What a measure averts over a forecast's members, each household rebuilding as fast as it would without it."""
    with_it = [(weight, applied(households, shock, given)) for weight, shock in members]
    before = outcomes.assess(households, members, settings)
    # What a measure does to a household itself it does in every member alike, and where nothing happens, too.
    helped = with_it[0][1][0] if with_it else households
    then = outcomes.assess(helped, [(weight, shock) for weight, (_helped, shock) in with_it], settings)
    averted = {name: _less(name, before, then) for name in NAMES}
    averted["years_below"] = np.zeros(len(households))
    for (weight, shock), (_weight, state) in zip(members, with_it, strict=True):
        alone = after(households, shock, economy)
        years = alone.years_below - after(*state, economy, rate=alone.rate).years_below
        averted["years_below"] += weight * np.maximum(0.0, years)
    return Effect(averted, given.cost_yuan)


def rank(options: Sequence[Effect], households: Households, by: str) -> Ranking:
    """Every option for every household that averts anything, the most averted per yuan first.

    What costs nothing comes first of all. Among equals: what averts more, then what costs less, then the order given.
    """
    heads = households.size if by in CHANCES else np.ones(len(households))
    averted = np.concatenate([each.averted[by] * heads for each in options] or [np.zeros(0)])
    cost = np.concatenate([each.cost_yuan for each in options] or [np.zeros(0)])
    per_yuan = shares(averted, cost, np.inf)
    worth = np.flatnonzero(averted > 0)
    order = worth[np.lexsort((worth, cost[worth], -averted[worth], -per_yuan[worth]))]
    option, household = np.divmod(order, max(1, len(households)))
    return Ranking(option, household, averted[order], per_yuan[order], cost[order])


def _less(name: str, before: Outcomes, then: Outcomes) -> Floats:
    return np.asarray(np.maximum(0.0, getattr(before, name) - getattr(then, name)))


def _paid(households: Households, shock: Shock, yuan: Floats) -> State:
    return households, changed(shock, relief=shock.relief + yuan)


def _claim_advanced(households: Households, shock: Shock, yuan: Floats) -> State:
    # An insurer pays for what is lost and no more.
    most = np.maximum(shock.insurance, shock.income_loss_yuan)
    return households, changed(shock, insurance=np.minimum(shock.insurance + yuan, most))


def _replanted(households: Households, shock: Shock, share: Floats) -> State:
    return households, changed(shock, crop=shock.crop * _rest(share))


def _water_brought(households: Households, shock: Shock, share: Floats) -> State:
    return households, changed(shock, water_unsafe=shock.water_unsafe * _rest(share))


def _sheltered(households: Households, shock: Shock, share: Floats) -> State:
    return households, changed(shock, home_unsafe=shock.home_unsafe * _rest(share))


def _repaired(households: Households, shock: Shock, yuan: Floats) -> State:
    rest = _rest(shares(yuan, shock.house, 0.0))
    return households, changed(shock, house=shock.house * rest, home_unsafe=shock.home_unsafe * rest)


def _loan_extended(households: Households, shock: Shock, yuan: Floats) -> State:
    return replace(households, debt_yuan=np.maximum(0.0, households.debt_yuan - yuan)), shock


def _rest(share: Floats) -> Floats:
    return np.asarray(1.0 - np.minimum(1.0, share))


# What `size` is: yuan of cash, of the claim brought into the year, of wages (months × wage), of the repair paid for,
# of debt put off; shares of the crop won back, of water needs met, of the danger that a safe roof takes away.
KINDS: Mapping[str, Callable[[Households, Shock, Floats], State]] = {
    "cash": _paid, "claim_advance": _claim_advanced, "replant": _replanted, "job": _paid, "water_truck": _water_brought,
    "shelter": _sheltered, "house_repair": _repaired, "loan_extension": _loan_extended,
}  # fmt: skip
