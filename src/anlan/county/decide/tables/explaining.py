"""What the tables say about one household on a day: the proposal, every row, every parameter with its source."""

from dataclasses import asdict
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from anlan.county.decide.tables.households import SUPPOSED, accounting, known
from anlan.county.decide.tables.wordings import county_book
from anlan.county.errors import NotFound
from anlan.county.office.models import User
from anlan.county.registry.models import Household, Income
from anlan.engine import policy
from anlan.engine.policy import Parameter, tables
from anlan.engine.policy.tables import Explained, Rules, Used

TABLES = ("income", "axes", "identification", "category", "object_name", "risk_types", "disaster_item")


def explain(user: User, household: str, on: date) -> dict[str, Any]:
    """A household under the policy of a day, as a document: its code and nothing else that names anybody.

    Refused where this person may not see the household.
    """
    within = Household.objects.visible_to(user).filter(code=household)
    rules = tables.on(policy.on(on), county_book())
    found = known(within, rules.policy)
    if not found.codes:
        raise NotFound(_("没有农户 %(code)s，或它不在您负责的区划内。") % {"code": household})
    given = found.one(0)
    judged = rules.judge(given, TABLES)
    told = rules.explain(given, TABLES)
    identification = judged["identification"]
    at_risk = True if identification.fired else None if identification.unknown else False
    period = accounting(rules.policy)
    until = Income.objects.filter(household__in=within).values_list("until", flat=True).first()
    return {
        "household": household, "on": str(on), "at_risk": at_risk,
        "category": _result(rules, judged, "category"), "called": _result(rules, judged, "object_name"),
        "axes": judged["axes"].values,
        "risk_types": [
            {"code": each.version.then, "name": rules.book.table("risk_types").results[each.version.then]}
            for each in judged["risk_types"].fired
        ],
        "disaster_item": _result(rules, judged, "disaster_item"),
        "period": {"from": str(period.first), "to": str(period.last), "register_until": str(until) if until else None},
        "supposed": [name for name in SUPPOSED if name in given],
        "unverified": _unverified(told),
        "tables": [
            {"table": key, "title": rules.book.table(key).title, "rows": [_row(each) for each in rows]}
            for key, rows in told.items()
        ],
    }  # fmt: skip


def _result(rules: Rules, judged: tables.Judged, key: str) -> dict[str, str] | None:
    """A result with its word; an empty code where no row holds, and nothing where that cannot be told."""
    code = judged[key].result
    return None if code is None else {"code": code, "name": rules.book.table(key).results.get(code, "")}


def _row(each: Explained) -> dict[str, Any]:
    version = each.version
    return {
        "row": each.row, "title": version.title, "when": version.when, "then": version.then, "outcome": each.outcome,
        "decisive": each.decisive, "value": each.value, "basis": each.basis, "level": version.level,
        "since": str(version.since), "until": str(version.until) if version.until else None, "source": version.source,
        "trust": version.trust, "signed": version.signed, "verified": version.verified,
        "used": [_used(one) for one in each.used],
    }  # fmt: skip


def _used(used: Used) -> dict[str, Any]:
    return {
        "name": used.name, "title": used.title, "unit": used.unit, "value": used.value,
        "parameter": _parameter(used.parameter) if used.parameter else None,
    }  # fmt: skip


def _parameter(found: Parameter) -> dict[str, Any]:
    return {**asdict(found), "since": str(found.since), "until": str(found.until) if found.until else None}


def _unverified(told: dict[str, tuple[Explained, ...]]) -> list[str]:
    """The parameters and rows that the proposal rests on and nobody vouches for."""
    decisive = [each for rows in told.values() for each in rows if each.decisive]
    rows = [f"{each.version.title}" for each in decisive if not each.version.verified]
    parameters = [
        used.parameter.title
        for each in decisive
        for used in each.used
        if used.parameter and not used.parameter.verified
    ]
    return list(dict.fromkeys([*rows, *parameters]))
