"""What the county knows of its households, as the columns that decision tables ask for; NaN where it knows nothing.

Findings and categories are those of the day; of income, homes and members the register keeps what holds now.
What was found at the door within the accounting period is believed before the register. Claims that nobody recorded
count as none: that can make a household look poorer than it is, and never safer.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db.models import Count, Q, QuerySet

from anlan.county.registry.models import Category, Home, Household, Income, Person
from anlan.county.verify.models import Finding
from anlan.county.verify.rules import lost_ratio
from anlan.engine.hazard.taxonomy import HAZARDS
from anlan.engine.policy import Policy, tables
from anlan.engine.policy.tables.answers import Value
from anlan.engine.policy.tables.facts import facts
from anlan.engine.welfare.income import Window, window

MONEY = ("wage_yuan", "business_yuan", "business_cost_yuan", "property_yuan", "transfer_yuan", "rigid_yuan")
SECURED = {"food": "food_secured", "clothing": "clothing_secured", "schooling": "schooling_secured",
           "medical": "medical_secured", "home": "home_safe", "water": "water_safe"}  # fmt: skip
SUPPOSED = ("claims_yuan",)
TOLD = ("income_per_head_yuan", "rigid_per_head_yuan", *SECURED)


@dataclass(frozen=True, slots=True)
class Known:
    """Households in the order of their codes, and what is known of them."""

    codes: list[str]
    columns: dict[str, Any]

    def __len__(self) -> int:
        return len(self.codes)

    def one(self, place: int) -> dict[str, Value]:
        """One household's facts; None for what is unknown."""
        return {key: _value(key, column[place]) for key, column in self.columns.items()}


def known(households: QuerySet[Household], policy: Policy) -> Known:
    """What is known of these households on the day of a policy."""
    rows = list(households.order_by("code").values_list("pk", "code", "size", "labourers"))
    places = {pk: place for place, (pk, _code, _size, _labourers) in enumerate(rows)}
    filler = _Filler(places)
    filler.columns["members"] = np.array([float(row[2]) for row in rows])
    filler.columns["labourers"] = np.array([float(row[3]) for row in rows])
    filler.columns["claims_yuan"] = np.zeros(len(rows))
    within = households.order_by().values("pk")
    filler.fill(MONEY, Income.objects.filter(household__in=within).values_list("household_id", *MONEY))
    _fill_register(filler, within, policy.day)
    _fill_found(filler, within, policy)
    return Known([code for _pk, code, _size, _labourers in rows], filler.columns)


def accounting(policy: Policy) -> Window:
    """The months over which income counts for a household identified on the day of a policy."""
    return window(policy.day, round(policy.number("income_months")))


class _Filler:
    """Puts rows of the database into columns by household."""

    def __init__(self, places: dict[int, int]) -> None:
        self.places = places
        self.columns: dict[str, Any] = {}

    def column(self, name: str, nothing: float = np.nan) -> Any:
        return self.columns.setdefault(name, np.full(len(self.places), nothing))

    def fill(self, names: tuple[str, ...], rows: Any) -> None:
        """Rows of a household's id and the values of these columns; of several the last one stays."""
        found = [row for row in rows if row[0] in self.places]
        at = [self.places[row[0]] for row in found]
        for number, name in enumerate(names, start=1):
            self.column(name)[at] = [float(row[number]) for row in found]


def _fill_register(filler: _Filler, within: QuerySet[Any], day: date) -> None:
    poor = Category.objects.filter(kind="ex_poor", household__in=within).on(day)
    filler.column("ex_poor", 0.0)
    filler.fill(("ex_poor",), ((pk, 1.0) for pk in poor.values_list("household_id", flat=True)))
    graded = Home.objects.filter(household__in=within).exclude(grade="").values_list("household_id", "grade")
    grades = list(facts()["home_grade"].choices)
    filler.fill(("home_grade",), ((pk, grades.index(grade)) for pk, grade in graded if grade in grades))
    people = Person.objects.filter(household__in=within).order_by().values_list("household_id")
    filler.fill(("uninsured",), people.annotate(number=Count("id", filter=Q(medically_insured=False))))


def _fill_found(filler: _Filler, within: QuerySet[Any], policy: Policy) -> None:
    """What was found at the door in the accounting period and since, the latest finding."""
    since = accounting(policy).first
    names = ("lead__household_id", "income_per_head_yuan", "rigid_per_head_yuan", *SECURED.values())
    lost = ("losses_yuan", "lead__household__size")
    rows = (
        Finding.objects.filter(lead__household__in=within, made_at__date__gte=since, made_at__date__lte=policy.day)
        .order_by("made_at", "id")
        .values_list(*lost, *names, "lead__event__hazard")
    )
    filler.column("lost_ratio", 0.0)  # no loss was verified where nobody was
    found = [(*row[:-1], 1.0, _family(row[-1]), lost_ratio(losses, size, row[1])) for losses, size, *row in rows]
    filler.fill((*TOLD, "disaster", "hazard", "lost_ratio"), found)
    before = _net_per_head(filler)
    after = filler.column("income_per_head_yuan")
    with np.errstate(all="ignore"):
        dropped = np.where(before > 0, np.clip(1.0 - after / before, 0.0, 1.0), 0.0)
    filler.columns["income_dropped_ratio"] = np.where(np.isnan(after) | np.isnan(before), np.nan, dropped)


def _family(hazard: str) -> float:
    """The number of a hazard's family: the fact's choices stand in the order of the sub-items' codes."""
    items = list(tables.book().table("disaster_item").results)
    return items.index(HAZARDS[hazard].sub_item) if hazard in HAZARDS else np.nan


def _net_per_head(filler: _Filler) -> Any:
    wage, business, cost, property_, transfer, _rigid = (filler.column(name) for name in MONEY)
    return (wage + business - cost + property_ + transfer) / np.maximum(filler.columns["members"], 1)


def _value(key: str, number: Any) -> Value:
    fact = facts()[key]
    if np.isnan(number):
        return None
    if fact.kind == "yes_no":
        return bool(number)
    return list(fact.choices)[int(number)] if fact.kind == "text" else float(number)
