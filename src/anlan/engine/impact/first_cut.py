"""The first cut: closed forms and a few quadrature nodes, no sampling; 70,000 households in well under a second.

Household by household and for the coming twelve months. What it is unsure of is folded in: how hard the hazard is
where the household stands (log-normal, wider where its place is less known), and the income on record (log-normal).
The loss of a house is never a loss of income: it has a probability of its own.

The score ranks by what the event adds. `p_below` counts everyone below the line, also those who were there before;
the score counts only the probability of having been pushed below by this event, so that households long known to be
poor do not crowd out those it newly ruins. Key groups come first among equals: that is `rank`'s tiebreak.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from anlan.engine.impact import fragility
from anlan.engine.impact.fragility import STRUCTURES, WATER, Curves
from anlan.engine.impact.normal import cdf, nodes
from anlan.engine.policy import Policy

__all__ = ["METHOD", "STRUCTURES", "WATER", "Exposure", "Impact", "assess", "rank"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

METHOD = "first-cut-1"
_POINTS, _WEIGHTS = nodes(9)
METRES_PER_KM = 1000.0


@dataclass(frozen=True, slots=True)
class Exposure:
    """What stands there: arrays of equal length, one place a household, money in yuan over twelve months.

    Raises ValueError where the lengths differ.
    """

    size: Ints
    labourers: Ints
    insured: Flags
    wage_yuan: Floats
    business_yuan: Floats
    business_cost_yuan: Floats
    property_yuan: Floats
    transfer_yuan: Floats
    rigid_yuan: Floats
    savings_yuan: Floats
    crop_yuan: Floats
    livestock_yuan: Floats
    equipment_yuan: Floats
    home_yuan: Floats
    structure: Ints  # place in STRUCTURES
    water: Ints  # place in WATER
    location_m: Floats  # radius within which the household stands
    confidence: Floats  # 0..1, of standing in the area at all

    def __post_init__(self) -> None:
        lengths = {field.name: len(getattr(self, field.name)) for field in fields(self)}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"an exposure's columns are of equal length, not {lengths}")

    def __len__(self) -> int:
        return len(self.size)

    @property
    def income_yuan(self) -> Floats:
        """Net income of the household over twelve months, were there no event."""
        return np.asarray(
            self.wage_yuan + self.business_yuan - self.business_cost_yuan + self.property_yuan + self.transfer_yuan
        )


@dataclass(frozen=True, slots=True)
class Impact:
    """What the event is expected to do, one place a household. Probabilities include that of standing in the area.

    `loss_yuan`: expected loss of crops, animals, equipment, work and the house, before insurance.
    `income_per_head_yuan`: expected over the coming twelve months, after the loss and the insurer's share.
    `p_below`: of standing in the area and falling below the monitoring line; `p_home`: of an unsafe house;
    `p_water`: of no safe drinking water; `score`: that the event adds any of the three.
    """

    loss_yuan: Floats
    income_per_head_yuan: Floats
    p_below: Floats
    p_home: Floats
    p_water: Floats
    score: Floats


@dataclass(frozen=True, slots=True)
class _Hit:
    """What one severity does, were the household in the area."""

    income_loss_yuan: Floats  # what insurance does not cover
    loss_yuan: Floats
    p_home: Floats
    p_water: Floats


def assess(exposure: Exposure, severity: Floats, hazard: str, policy: Policy) -> Impact:
    """The impact of a hazard of some severity (0..5, one place a household) under the policy of a day."""
    curves = fragility.of(hazard)
    size = np.maximum(exposure.size, 1)
    income, line = exposure.income_yuan, policy.number("monitoring_line_yuan") * size
    error = policy.number("income_error_sd")
    zero = np.zeros(len(exposure))
    below, income_loss, loss, home, water = (zero.copy() for _ in range(5))
    spread = _spread(exposure, policy)
    for point, weight in zip(_POINTS, _WEIGHTS, strict=True):
        hit = _hit(exposure, severity * np.exp(spread * point), curves, policy)
        below += weight * share_below(line, income, hit.income_loss_yuan, error)
        income_loss += weight * hit.income_loss_yuan
        loss += weight * hit.loss_yuan
        home += weight * hit.p_home
        water += weight * hit.p_water
    there = exposure.confidence
    added = np.maximum(0.0, below - share_below(line, income, zero, error))
    return Impact(
        loss_yuan=there * loss,
        income_per_head_yuan=(income - there * income_loss) / size,
        p_below=there * below,
        p_home=there * home,
        p_water=there * water,
        score=there * (1.0 - (1.0 - added) * (1.0 - home) * (1.0 - water)),
    )


def share_below(line_yuan: Floats, income_yuan: Floats, loss_yuan: Floats, error_sd: float) -> Floats:
    """The probability that income less loss is below the line, the income on record being off by a log-normal factor.

    All for the whole household. Without error, and where there is no income, it is 0 or 1; at the line is not below.
    """
    certain = (income_yuan - loss_yuan < line_yuan).astype(np.float64)
    needed = line_yuan + loss_yuan
    open_ = (income_yuan > 0) & (needed > 0)
    if error_sd <= 0:
        return certain
    z = (np.log(np.where(open_, needed, 1.0)) - np.log(np.where(open_, income_yuan, 1.0))) / error_sd
    return np.where(open_, cdf(z), certain)


def rank(score: Floats, tiebreak: Floats) -> Ints:
    """Each household's place, 1 for the highest score; among equals the lower tiebreak, then the order given."""
    order = np.lexsort((tiebreak, -score))
    places = np.empty(len(score), dtype=np.int64)
    places[order] = np.arange(1, len(score) + 1)
    return places


def _spread(exposure: Exposure, policy: Policy) -> Floats:
    """How far the severity at each household may be off, as a standard deviation of its logarithm."""
    by_place = policy.number("severity_error_per_km") * exposure.location_m / METRES_PER_KM
    return np.hypot(policy.number("severity_error_sd"), by_place)


def _hit(exposure: Exposure, severity: Floats, curves: Curves, policy: Policy) -> _Hit:
    crop = exposure.crop_yuan * fragility.at(curves.crop, severity)
    goods = exposure.livestock_yuan * fragility.at(curves.livestock, severity)
    goods += exposure.equipment_yuan * fragility.at(curves.equipment, severity)
    idle = np.minimum(1.0, fragility.at(curves.work_days, severity) / policy.number("work_days_a_year"))
    work = exposure.wage_yuan * policy.number("local_wage_ratio") * idle
    home = curves.p_home(severity, exposure.structure)
    rebuilding = exposure.home_yuan * home * policy.number("unsafe_home_loss_ratio")
    paid = np.where(exposure.insured, crop * policy.number("insurance_pays_ratio"), 0.0)
    return _Hit(
        income_loss_yuan=crop + goods + work - paid,
        loss_yuan=crop + goods + work + rebuilding,
        p_home=home,
        p_water=curves.p_water(severity, exposure.water),
    )
