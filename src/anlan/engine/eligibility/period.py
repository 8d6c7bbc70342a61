"""Over which months a household's income is counted."""

from dataclasses import dataclass
from datetime import date, timedelta

from anlan.engine.policy import Policy


@dataclass(frozen=True, slots=True)
class Period:
    """Whole months, from the first day of one to the last day of another."""

    first: date
    last: date


def accounting(identified: date, policy: Policy) -> Period:
    """The rolling year (核算月数) that ends with the month before a household is identified.

    Identified in June 2021: from 1 June 2020 to 31 May 2021.
    """
    after = identified.replace(day=1)
    months = after.year * 12 + after.month - 1 - round(policy.number("income_months"))
    return Period(date(months // 12, months % 12 + 1, 1), after - timedelta(days=1))
