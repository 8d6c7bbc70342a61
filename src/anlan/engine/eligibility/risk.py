"""At risk of falling (back) into poverty? By 一收入、两不愁、三保障 and safe drinking water.

The income line is a reference and not the only criterion (中农组发〔2021〕7号): a household above it is proposed all
the same where a guarantee is broken, where what it must spend leaves it below, or where its income collapsed. What
comes out is a proposal; the village assembly, the township and the county decide.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from anlan.engine.eligibility.grounds import Figures, reason
from anlan.engine.policy import Policy
from anlan.engine.values.reasons import Reason

AXES: tuple[str, ...] = ("income", "food", "clothing", "schooling", "medical", "home", "water")
GUARANTEES = AXES[1:]
CODES: tuple[str, ...] = ("below_line", "within_error", "rigid_spending", "income_dropped", "guarantee_lost")
BASIS = "identification_basis"


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found at a household. Income: per head over the coming twelve months, after the loss, in yuan.

    `rigid_per_head_yuan`: what it must pay itself (medical, schooling) in those months; `income_dropped_ratio`: the
    share of last year's income that is gone (0..1); the guarantees are True where they hold.
    """

    income_per_head_yuan: float
    rigid_per_head_yuan: float
    ex_poor: bool
    food: bool
    clothing: bool
    schooling: bool
    medical: bool
    home: bool
    water: bool
    income_dropped_ratio: float


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is proposed for a household, and why. `category`: unstable, marginal, hardship, or empty for none."""

    at_risk: bool
    category: str
    axes: tuple[str, ...]  # the broken ones, in the order of AXES
    reasons: tuple[Reason, ...]
    policy_day: date


def assess(facts: Facts, policy: Policy) -> Assessment:
    """Propose a category under the policy of a day, with every reason there is; none means not at risk."""
    reasons = (*_income(facts, policy), *_guarantees(facts, policy))
    broken = {each.axis for each in reasons}
    axes = tuple(axis for axis in AXES if axis in broken)
    return Assessment(bool(reasons), _category(facts, reasons), axes, reasons, policy.day)


def _category(facts: Facts, reasons: tuple[Reason, ...]) -> str:
    if any(each.code == "below_line" for each in reasons):
        return "unstable" if facts.ex_poor else "marginal"
    return "hardship" if reasons else ""


def _income(facts: Facts, policy: Policy) -> Iterator[Reason]:
    income, rigid, dropped = facts.income_per_head_yuan, facts.rigid_per_head_yuan, facts.income_dropped_ratio
    line = policy.number("monitoring_line_yuan")
    if income < line:
        figures: Figures = {"income_per_head_yuan": income, "line_yuan": line}
        yield _reason("below_line", "income", figures, "monitoring_line_yuan", policy)
    doubtful = (1 + policy.number("line_error_ratio")) * line
    if line <= income < doubtful and dropped >= policy.number("line_error_drop_ratio"):
        figures = {"income_per_head_yuan": income, "line_yuan": line, "dropped_ratio": dropped}
        yield _reason("within_error", "income", figures, "line_error_ratio", policy)
    large = policy.number("hardship_rigid_ratio") * line
    if rigid >= large and income - rigid < line:
        figures = {"rigid_per_head_yuan": rigid, "large_yuan": large, "left_per_head_yuan": income - rigid}
        yield _reason("rigid_spending", "income", figures, "hardship_rigid_ratio", policy)
    near = policy.number("hardship_near_ratio") * line
    if dropped >= policy.number("hardship_drop_ratio") and income < near:
        figures = {"dropped_ratio": dropped, "income_per_head_yuan": income, "near_yuan": near}
        yield _reason("income_dropped", "income", figures, "hardship_drop_ratio", policy)


def _guarantees(facts: Facts, policy: Policy) -> Iterator[Reason]:
    for axis in GUARANTEES:
        if not getattr(facts, axis):
            yield _reason("guarantee_lost", axis, {}, BASIS, policy)


def _reason(code: str, axis: str, figures: Figures, key: str, policy: Policy) -> Reason:
    return reason(code, axis, figures, key, basis=BASIS, policy=policy)
