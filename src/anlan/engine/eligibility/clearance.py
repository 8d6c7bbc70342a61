"""Is the risk gone? Income stably above the line for half a year, every guarantee restored, no household of no labour.

What comes out is a proposal to begin the chain that clears (visit, review, publicity, township, county).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from anlan.engine.eligibility.grounds import Figures, reason
from anlan.engine.eligibility.risk import AXES
from anlan.engine.policy import Policy
from anlan.engine.values.reasons import Reason

CODES: tuple[str, ...] = (
    "stable", "no_labour", "never_checked", "check_overdue", "below_line", "guarantee_lost", "not_long_enough",
)  # fmt: skip

BASIS = "clearance_basis"

# A month of follow-up is thirty days, so that a check a day late costs nobody another month. Half a year comes to
# 180 days; the chain that follows holds five days' publicity, so nobody is cleared within half a calendar year.
DAYS_A_MONTH = 30


@dataclass(frozen=True, slots=True)
class Check:
    """A look at a household under monitoring: income per head over the past twelve months, and the broken axes."""

    at: date
    income_per_head_yuan: float
    broken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether to propose clearing, and everything that speaks against it (or, where ready, for it)."""

    ready: bool
    reasons: tuple[Reason, ...]


def judge(history: Sequence[Check], entered: date, labour: bool, on: date, policy: Policy) -> Verdict:
    """Judge an episode on a day by its checks since it was entered (in any order; later ones than the day are ignored).

    `labour`: somebody in the household can work. Without that, social security carries it and it is not cleared
    (整户无劳动能力，暂不标注风险消除).
    """
    checks = sorted((check for check in history if entered <= check.at <= on), key=lambda check: check.at)
    blocks = (*_labour(labour, policy), *_standing(checks, on, policy))
    return Verdict(False, blocks) if blocks else Verdict(True, (_duration("stable", checks, on, policy),))


def _labour(labour: bool, policy: Policy) -> Iterator[Reason]:
    if not labour:
        yield _reason("no_labour", "", {}, BASIS, policy)


def _standing(checks: Sequence[Check], on: date, policy: Policy) -> Iterator[Reason]:
    if not checks:
        yield _reason("never_checked", "", {}, "clock_check_days", policy)
        return
    line, last = policy.number("monitoring_line_yuan"), checks[-1]
    if (age := (on - last.at).days) > policy.number("clock_check_days"):
        yield _reason("check_overdue", "", {"checked_on": str(last.at), "days": age}, "clock_check_days", policy)
    if last.income_per_head_yuan < line:
        figures: Figures = {"income_per_head_yuan": last.income_per_head_yuan, "line_yuan": line}
        yield _reason("below_line", "income", figures, "monitoring_line_yuan", policy)
    for axis in (axis for axis in AXES if axis in last.broken):
        yield _reason("guarantee_lost", axis, {}, BASIS, policy)
    if not _long_enough(_since(checks, line), on, policy):
        yield _duration("not_long_enough", checks, on, policy)


def _holds(check: Check, line: float) -> bool:
    return check.income_per_head_yuan >= line and not check.broken


def _since(checks: Sequence[Check], line: float) -> date | None:
    """The first of the unbroken row of good checks that ends in the last one; None where that one is not good."""
    since = None
    for check in reversed(checks):
        if not _holds(check, line):
            break
        since = check.at
    return since


def _long_enough(since: date | None, on: date, policy: Policy) -> bool:
    return since is not None and (on - since).days >= policy.number("clear_min_months") * DAYS_A_MONTH


def _duration(code: str, checks: Sequence[Check], on: date, policy: Policy) -> Reason:
    since = _since(checks, policy.number("monitoring_line_yuan"))
    days = (on - since).days if since else 0
    figures: Figures = {"since": str(since or ""), "days": days, "months_needed": policy.number("clear_min_months")}
    return _reason(code, "", figures, "clear_min_months", policy)


def _reason(code: str, axis: str, figures: Figures, key: str, policy: Policy) -> Reason:
    return reason(code, axis, figures, key, basis=BASIS, policy=policy)
