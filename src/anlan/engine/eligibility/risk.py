"""At risk of falling (back) into poverty? By 一收入、两不愁、三保障 and safe drinking water.

The income line is a reference and not the only criterion (中农组发〔2021〕7号): a household above it is proposed all
the same where a guarantee is broken, where what it must spend leaves it below, or where its income collapsed. What
comes out is a proposal; the village assembly, the township and the county decide. What counts stands in the decision
tables `identification` and `category`.
"""

from dataclasses import dataclass
from datetime import date

from anlan.engine.eligibility.grounds import reason
from anlan.engine.policy import Policy, tables
from anlan.engine.values.reasons import Reason

AXES: tuple[str, ...] = ("income", "food", "clothing", "schooling", "medical", "home", "water")
GUARANTEES = AXES[1:]
CODES: tuple[str, ...] = ("below_line", "within_error", "rigid_spending", "income_dropped", "guarantee_lost")
TABLES: tuple[str, ...] = ("identification", "category")


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found at a household; None or NaN where nobody could tell. Income: per head over the coming twelve
    months, after the loss, in yuan.

    `rigid_per_head_yuan`: what it must pay itself (medical, schooling) in those months; `income_dropped_ratio`: the
    share of last year's income that is gone (0..1); `lost_ratio`: the share of the income before the disaster that was
    found lost to it (0..1); the guarantees are True where they hold.
    """

    income_per_head_yuan: float | None
    rigid_per_head_yuan: float | None
    ex_poor: bool | None
    food: bool | None
    clothing: bool | None
    schooling: bool | None
    medical: bool | None
    home: bool | None
    water: bool | None
    income_dropped_ratio: float | None
    lost_ratio: float | None


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is proposed for a household, and why. `category`: unstable, marginal, hardship, or empty for none.

    `unknown`: the axes on which something could not be told; not being at risk is certain only where there are none.
    Where that leaves the category open, `category` is empty even though the household is at risk: a person must choose.
    """

    at_risk: bool
    category: str
    axes: tuple[str, ...]  # the broken ones, in the order of AXES
    reasons: tuple[Reason, ...]
    policy_day: date
    unknown: tuple[str, ...] = ()


def assess(facts: Facts, policy: Policy, rulebook: tables.Rulebook | None = None) -> Assessment:
    """Propose a category under the policy of a day, with every reason there is; none means not at risk.

    By the tables of the policy files, or by a book that also has the county's own wordings.
    """
    judged = tables.on(policy, rulebook).judge(given(facts), TABLES)
    found = judged["identification"]
    reasons = tuple(reason(each, policy) for each in found.fired)
    category = judged["category"].result or ""
    return Assessment(bool(reasons), category, _axes(found.fired), reasons, policy.day, _axes(found.unknown))


def _axes(rows: tuple[tables.Fired, ...]) -> tuple[str, ...]:
    named = {each.version.axis for each in rows}
    return tuple(axis for axis in AXES if axis in named)


def given(facts: Facts) -> dict[str, float | bool | str | None]:
    """The facts under the names that the tables know them by."""
    return {
        "income_per_head_yuan": facts.income_per_head_yuan, "rigid_per_head_yuan": facts.rigid_per_head_yuan,
        "ex_poor": facts.ex_poor, "food": facts.food, "clothing": facts.clothing, "schooling": facts.schooling,
        "medical": facts.medical, "home": facts.home, "water": facts.water,
        "income_dropped_ratio": facts.income_dropped_ratio, "lost_ratio": facts.lost_ratio,
    }  # fmt: skip
