"""Is the risk gone? Income stably above the line for half a year, every guarantee restored, no household of no labour.

What comes out is a proposal to begin the chain that clears (visit, review, publicity, township, county). What speaks
against it stands in the decision table `clearance`; there a month is thirty days, so that a check a day late costs
nobody another month. Half a year comes to 180 days; the chain that follows holds five days' publicity, so nobody is
cleared within half a calendar year.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from anlan.engine.eligibility.grounds import reason
from anlan.engine.eligibility.risk import AXES
from anlan.engine.policy import Policy, tables
from anlan.engine.values.reasons import Reason

CODES: tuple[str, ...] = (
    "stable", "no_labour", "never_checked", "check_overdue", "below_line", "guarantee_lost", "not_long_enough",
)  # fmt: skip

TABLES: tuple[str, ...] = ("clearance", "cleared")


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


def judge(
    history: Sequence[Check], entered: date, labour: bool, on: date, policy: Policy,
    rulebook: tables.Rulebook | None = None,
) -> Verdict:  # fmt: skip
    """Judge an episode on a day by its checks since it was entered (in any order; later ones than the day are ignored).

    `labour`: somebody in the household can work. Without that, social security carries it and it is not cleared
    (整户无劳动能力，暂不标注风险消除). What cannot be told speaks against clearing.
    """
    judged = tables.on(policy, rulebook).judge(_known(history, entered, labour, on, policy), TABLES)
    blocks, ready = judged["clearance"], judged["cleared"].fired
    told = ready or (*blocks.fired, *blocks.unknown)
    return Verdict(bool(ready), tuple(reason(each, policy) for each in told))


def explain(
    history: Sequence[Check], entered: date, labour: bool, on: date, policy: Policy,
    rulebook: tables.Rulebook | None = None,
) -> tuple[tables.Explained, ...]:  # fmt: skip
    """Every criterion of clearing with what it looked at: `yes` and `unknown` speak against clearing, `no` does not."""
    known = _known(history, entered, labour, on, policy)
    return tables.on(policy, rulebook).explain(known, TABLES[:1])[TABLES[0]]


def _known(
    history: Sequence[Check], entered: date, labour: bool, on: date, policy: Policy
) -> dict[str, float | bool | str | None]:
    checks = sorted((check for check in history if entered <= check.at <= on), key=lambda check: check.at)
    return {"labour": labour, **_given(checks, on, policy)}


def _given(checks: Sequence[Check], on: date, policy: Policy) -> dict[str, float | bool | str | None]:
    """What the checks tell, under the names that the tables know it by."""
    if not checks:
        return {"checks": 0}
    last, since = checks[-1], _since(checks, policy.number("monitoring_line_yuan"))
    return {
        "checks": len(checks), "check_age_days": (on - last.at).days, "checked_on": str(last.at),
        "last_income_yuan": last.income_per_head_yuan, "holds_now": since is not None,
        "stable_days": (on - since).days if since else 0, "stable_since": str(since or ""),
        **{f"lost_{axis}": axis in last.broken for axis in AXES},
    }  # fmt: skip


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
