"""The judgement as it was written by hand before there were tables, kept to hold them against."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from anlan.engine.eligibility.clearance import Check, Verdict
from anlan.engine.eligibility.risk import AXES, GUARANTEES, Assessment, Facts
from anlan.engine.policy import Policy
from anlan.engine.values.reasons import Reason

Figures = Mapping[str, float | str]
DAYS_A_MONTH = 30


def _grounded(code: str, axis: str, figures: Figures, key: str, *, basis: str, policy: Policy) -> Reason:
    """A reason by the parameter `key` under the document that the parameter `basis` names."""
    document = policy.text(basis)
    if key == basis:
        return Reason(code, axis, figures, key, document)
    parameter = policy.parameter(key)
    return Reason(code, axis, figures, key, f"{document}；{parameter.title}：{parameter.source}")


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
        yield _risk("below_line", "income", figures, "monitoring_line_yuan", policy)
    near = policy.number("hardship_near_ratio") * line
    lost = facts.lost_ratio
    doubt = policy.number("line_error_ratio") * income * lost
    if line <= income < near and (income - line) * (1 - lost) < doubt:
        figures = {"income_per_head_yuan": income, "line_yuan": line, "lost_ratio": lost}
        yield _risk("within_error", "income", figures, "line_error_ratio", policy)
    large = policy.number("hardship_rigid_ratio") * line
    if rigid >= large and income - rigid < line:
        figures = {"rigid_per_head_yuan": rigid, "large_yuan": large, "left_per_head_yuan": income - rigid}
        yield _risk("rigid_spending", "income", figures, "hardship_rigid_ratio", policy)
    if dropped >= policy.number("hardship_drop_ratio") and income < near:
        figures = {"dropped_ratio": dropped, "income_per_head_yuan": income, "near_yuan": near}
        yield _risk("income_dropped", "income", figures, "hardship_drop_ratio", policy)


def _guarantees(facts: Facts, policy: Policy) -> Iterator[Reason]:
    for axis in GUARANTEES:
        if not getattr(facts, axis):
            yield _risk("guarantee_lost", axis, {}, "identification_basis", policy)


def _risk(code: str, axis: str, figures: Figures, key: str, policy: Policy) -> Reason:
    return _grounded(code, axis, figures, key, basis="identification_basis", policy=policy)


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
        yield _clear("no_labour", "", {}, "clearance_basis", policy)


def _standing(checks: Sequence[Check], on: date, policy: Policy) -> Iterator[Reason]:
    if not checks:
        yield _clear("never_checked", "", {}, "clock_check_days", policy)
        return
    line, last = policy.number("monitoring_line_yuan"), checks[-1]
    if (age := (on - last.at).days) > policy.number("clock_check_days"):
        yield _clear("check_overdue", "", {"checked_on": str(last.at), "days": age}, "clock_check_days", policy)
    if last.income_per_head_yuan < line:
        figures: Figures = {"income_per_head_yuan": last.income_per_head_yuan, "line_yuan": line}
        yield _clear("below_line", "income", figures, "monitoring_line_yuan", policy)
    for axis in (axis for axis in AXES if axis in last.broken):
        yield _clear("guarantee_lost", axis, {}, "clearance_basis", policy)
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
    return _clear(code, "", figures, "clear_min_months", policy)


def _clear(code: str, axis: str, figures: Figures, key: str, policy: Policy) -> Reason:
    return _grounded(code, axis, figures, key, basis="clearance_basis", policy=policy)
