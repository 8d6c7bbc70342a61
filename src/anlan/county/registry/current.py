"""What the register holds of some households now, as an import compares it: the one place where it reads people."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef

from anlan.county.registry.models import Address, Category, Holding, Home, Household, Income, Person
from anlan.county.registry.queries import present_code

HOUSEHOLD = (
    "id", "code", "division_id", "number", "group_no", "head_name", "size", "address", "phone", "second_phone",
    "lon", "lat", "location", "water_source_id", "labourers", "insured", "registered", "updated_at",
)  # fmt: skip
PERSON = (
    "id",
    "household_id",
    "name",
    "id_number",
    "sex",
    "born",
    "relation",
    "health",
    "labour",
    "student",
    "medically_insured",
)
HOME = ("id", "household_id", "structure", "storeys", "area_m2", "built", "value_yuan", "grade")
HOLDING = ("id", "household_id", "kind", "quantity", "value_yuan")
INCOME = (
    "id", "household_id", "until", "wage_yuan", "business_yuan", "business_cost_yuan", "property_yuan", "transfer_yuan",
    "rigid_yuan", "savings_yuan",
)  # fmt: skip
CATEGORY = ("id", "household_id", "kind", "since", "until")


@dataclass(slots=True)
class Current:
    """A household as the register has it; only the categories that no end is set for."""

    household: dict[str, Any]
    home: dict[str, Any] | None = None
    income: dict[str, Any] | None = None
    people: list[dict[str, Any]] = field(default_factory=list)
    holdings: list[dict[str, Any]] = field(default_factory=list)
    categories: dict[str, dict[str, Any]] = field(default_factory=dict)


PARTS = frozenset({"people", "home", "income", "holdings", "categories"})


def current(ids: Collection[int], parts: frozenset[str] = PARTS) -> dict[int, Current]:
    """These households by id, with everything that belongs to them, or the parts that are asked for."""
    return filled({each["id"]: Current(each) for each in households_of(ids)}, parts)


def filled(found: dict[int, Current], parts: frozenset[str]) -> dict[int, Current]:
    """Households by id, given the parts that are asked for."""
    ids = found.keys()
    for person in people_of(ids) if "people" in parts else ():
        found[person["household_id"]].people.append(person)
    for home in _read(Home, HOME, "household_id", ids) if "home" in parts else ():
        found[home["household_id"]].home = home
    for income in _read(Income, INCOME, "household_id", ids) if "income" in parts else ():
        found[income["household_id"]].income = income
    for holding in _read(Holding, HOLDING, "household_id", ids) if "holdings" in parts else ():
        found[holding["household_id"]].holdings.append(holding)
    held = _read(Category, CATEGORY, "household_id", ids, until__isnull=True) if "categories" in parts else ()
    for category in held:
        found[category["household_id"]].categories[category["kind"]] = category
    return found


def households_of(ids: Collection[int]) -> list[dict[str, Any]]:
    """These households' own columns."""
    return _read(Household, HOUSEHOLD, "id", ids)


def people_of(ids: Collection[int]) -> list[dict[str, Any]]:
    """The people of these households, in the order in which they were enrolled."""
    return _read(Person, PERSON, "household_id", ids)


def _read(
    model: type[models.Model], fields: tuple[str, ...], key: str, ids: Collection[int], **more: Any
) -> list[dict[str, Any]]:
    found = model._default_manager.filter(**{f"{key}__among": sorted(ids)}, **more).order_by("pk").values_list(*fields)
    return [dict(zip(fields, row, strict=True)) for row in found]


Owner = tuple[int, str]  # a household's id and its village


def by_codes(codes: Iterable[str]) -> dict[str, Owner]:
    """Households by our own number; one that moved is found by the number it had, a merged one is what it is now."""
    wanted = set(codes)
    found = _owners(Household.objects.all(), "code", "id", "division_id", wanted)
    now = {code: present_code(code) for code in sorted(_former(wanted - set(found)))}
    owners = _owners(Household.objects.all(), "code", "id", "division_id", filter(None, now.values()))
    return found | {code: owners[name] for code, name in now.items() if name in owners}


def _former(codes: Iterable[str]) -> set[str]:
    """Which of these codes were once given, to households that moved or were merged."""
    asked = list(codes)
    moved = Address.objects.filter(code__among=asked).values_list("code", flat=True)
    return {*moved, *Household.every.filter(code__among=asked).values_list("code", flat=True)}


def by_numbers(numbers: Iterable[str]) -> dict[str, set[Owner]]:
    """Households by another system's number; villages may count alike."""
    found: dict[str, set[Owner]] = defaultdict(set)
    rows = Household.objects.filter(number__among=set(numbers)).values_list("number", "id", "division_id")
    for number, household, village in rows.order_by("id"):
        found[number].add((household, village))
    return found


def by_people(numbers: Iterable[str]) -> dict[str, Owner]:
    """Households by the identity number of somebody in them; in two of them, the first by id."""
    return _owners(Person.objects.all(), "id_number", "household_id", "household__division_id", numbers)


def by_heads(villages: Iterable[str], names: Iterable[str]) -> dict[tuple[str, str], list[int]]:
    """Households by village and their head's name, of those in which nobody's identity number is known."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    within = sorted(set(villages))
    numbered = Person.objects.filter(household=OuterRef("pk")).exclude(id_number="")
    rows = Household.objects.filter(~Exists(numbered), division_id__in=within, head_name__among=set(names))
    for household, village, name in rows.order_by("id").values_list("id", "division_id", "head_name"):
        found[village, name].append(household)
    return found


def _owners(rows: Any, key: str, household: str, village: str, wanted: Iterable[str]) -> dict[str, Owner]:
    asked = rows.filter(**{f"{key}__among": set(wanted)}).order_by(f"-{household}")
    return {found: (owner, place) for found, owner, place in asked.values_list(key, household, village)}
