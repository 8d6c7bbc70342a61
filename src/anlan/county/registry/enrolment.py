"""How records become rows: checked, counted, digested, written in the order of their keys."""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from anlan.county import bulk
from anlan.county.errors import BadInput
from anlan.county.registry.members import DISABLED, marker, words
from anlan.county.registry.models import LOCATIONS, Category, Holding, Home, Household, Income, Person
from anlan.county.registry.records import HouseholdRecord, IncomeRecord
from anlan.county.registry.rules import on_the_map

CHUNK = 2000
HOUSEHOLD = (
    "id", "code", "division_id", "group_no", "head_name", "size", "address", "phone", "second_phone", "lon",
    "lat", "location", "water_source_id", "registered", "labourers", "insured", "updated_at", "number",
    "names", "disabled_mark",
)  # fmt: skip
PERSON = (
    "household_id", "name", "id_number", "sex", "born", "relation", "health", "labour", "student", "medically_insured",
)  # fmt: skip
HOME = ("household_id", "structure", "storeys", "area_m2", "built", "value_yuan", "grade")
HOLDING = ("household_id", "kind", "quantity", "value_yuan")
INCOME = (
    "household_id", "until", "wage_yuan", "business_yuan", "business_cost_yuan", "property_yuan", "transfer_yuan",
    "rigid_yuan", "savings_yuan",
)  # fmt: skip
CATEGORY = ("household_id", "kind", "since", "until", "source", "code")


class BadRecord(BadInput):
    """A household record that cannot stand in the registry."""


def chunks(records: Iterable[HouseholdRecord]) -> Iterator[Sequence[HouseholdRecord]]:
    """The records, so many at a time that memory stays flat."""
    each = iter(records)
    while chunk := list(islice(each, CHUNK)):
        yield chunk


def check_record(record: HouseholdRecord, divisions: Collection[str], sources: Collection[str]) -> None:
    """Raise BadRecord where a record names what does not exist, or contradicts itself."""
    code = record.code
    if record.division not in divisions:
        raise BadRecord(_("农户 %(code)s 的区划 %(division)s 不存在。") % {"code": code, "division": record.division})
    if not (
        code.isascii() and code.isdigit() and code.startswith(record.division) and len(code) > len(record.division)
    ):
        raise BadRecord(_("户编号 %(code)s 应为村的 12 位区划代码加序号。") % {"code": code})
    if record.location not in LOCATIONS or (record.lon is None) != (record.lat is None):
        raise BadRecord(_("农户 %(code)s 的位置不完整。") % {"code": code})
    if record.lon is None or record.lat is None:
        if record.location == "point":
            raise BadRecord(_("农户 %(code)s 的位置不完整。") % {"code": code})
    elif not on_the_map(record.lon, record.lat):
        raise BadRecord(_("农户 %(code)s 的坐标超出范围。") % {"code": code})
    if record.water_source is not None and record.water_source not in sources:
        raise BadRecord(_("农户 %(code)s 的水源 %(source)s 不存在。") % {"code": code, "source": record.water_source})


def digest(records: Iterable[HouseholdRecord]) -> bytes:
    """A hash of the facts later judgement stands on: codes, places, sizes, money. No names, no numbers of persons."""
    facts = [
        (each.code, each.lon, each.lat, each.location, each.size or len(each.people), each.labourers, each.insured,
         _money(each.income), [(held.kind, held.quantity, held.value_yuan) for held in each.holdings])
        for each in records
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(facts, separators=(",", ":")).encode()).digest()


def _money(income: IncomeRecord | None) -> tuple[float, ...]:
    if income is None:
        return ()
    return (
        income.wage_yuan, income.business_yuan, income.business_cost_yuan, income.property_yuan,
        income.transfer_yuan, income.rigid_yuan, income.savings_yuan,
    )  # fmt: skip


def write(records: Sequence[HouseholdRecord], at: datetime) -> list[int]:
    """Insert a chunk of checked records with everything that belongs to them. Returns their households' keys."""
    rows = list(zip(bulk.reserve(Household, len(records)), records, strict=True))
    mark = marker()
    bulk.insert(Household, HOUSEHOLD, (_household(key, each, at, mark) for key, each in rows))
    bulk.insert(Person, PERSON, _people(rows))
    bulk.insert(Home, HOME, _homes(rows))
    bulk.insert(
        Holding, HOLDING, ((key, held.kind, held.quantity, held.value_yuan) for key, r in rows for held in r.holdings)
    )
    bulk.insert(Income, INCOME, ((key, r.income.until, *_money(r.income)) for key, r in rows if r.income is not None))
    bulk.insert(
        Category,
        CATEGORY,
        ((key, held.kind, held.since, held.until, held.source, r.code) for key, r in rows for held in r.categories),
    )
    return [key for key, _record in rows]


def refresh(households: Iterable[int]) -> None:
    """Bring what the households' rows tell of their members up to date, after members have changed."""
    mark = marker()
    in_order = Prefetch("people", Person.objects.order_by("id"))
    for chunk in bulk.chunks(sorted(households)):
        found = Household.objects.filter(pk__among=chunk).only("id", "code", "head_name").prefetch_related(in_order)
        bulk.update(Household, ("names", "disabled_mark"), [_members(each, mark) for each in found])


def _members(household: Household, mark: Callable[[str, bool], int]) -> tuple[str, int, int]:
    people = household.people.all()
    disabled = any(each.health == DISABLED for each in people)
    names = words([household.head_name, *(each.name for each in people)])
    return names, mark(household.code, disabled), household.pk


def _household(key: int, record: HouseholdRecord, at: datetime, mark: Callable[[str, bool], int]) -> tuple[Any, ...]:
    return (
        key, record.code, record.division, record.group_no, record.head_name, record.size or len(record.people),
        record.address, record.phone, record.second_phone, record.lon, record.lat, record.location, record.water_source,
        record.registered, record.labourers, record.insured, at, record.number,
        words([record.head_name, *(who.name for who in record.people)]),
        mark(record.code, any(who.health == DISABLED for who in record.people)),
    )  # fmt: skip


def _people(rows: Iterable[tuple[int, HouseholdRecord]]) -> Iterator[tuple[Any, ...]]:
    return (
        (
            key, who.name, who.id_number, who.sex, who.born, who.relation, who.health, who.labour, who.student,
            who.medically_insured,
        )
        for key, record in rows
        for who in record.people
    )  # fmt: skip


def _homes(rows: Iterable[tuple[int, HouseholdRecord]]) -> Iterator[tuple[Any, ...]]:
    return (
        (key, home.structure, home.storeys, home.area_m2, home.built, home.value_yuan, home.grade)
        for key, record in rows
        if (home := record.home) is not None
    )
