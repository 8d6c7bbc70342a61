"""How a county or a province stands, in numbers: the same from the database and from its snapshots."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
from django.db.models import Count, F, FloatField, Q, Sum
from django.db.models.functions import Cast, Substr

from anlan.county.office.models import User
from anlan.county.registry.models import Category, Household, Income, Person
from anlan.county.registry.snapshots import files
from anlan.county.registry.snapshots.tables import LEFT_OUT, TABLES
from anlan.engine import policy

OLD = 60


@dataclass(slots=True)
class Summary:
    """A county's figures. `below_line`: registered households whose income per head is under the reference line."""

    county: str
    households: int = 0
    registered: int = 0
    people: int = 0
    old: int = 0  # sixty or more years in this year
    labourers: int = 0
    income_yuan: int = 0
    below_line: int = 0
    categories: dict[str, int] = field(default_factory=dict)


def of_database(by: User, on: date) -> list[Summary]:
    """The counties this person may see, from the register itself."""
    seen = Household.objects.visible_to(by).annotate(county=Substr("code", 1, 6))
    registered = Count("id", filter=Q(registered=True))
    sums = _by_county(seen).annotate(households=Count("id"), registered=registered, labourers=Sum("labourers"))
    found = {each["county"]: Summary(**each) for each in sums}
    people = _standing(Person.objects.visible_to(by))
    old = Count("id", filter=Q(born__year__lte=on.year - OLD))
    for each in _by_county(people).annotate(people=Count("id"), old=old):
        found[each["county"]].people, found[each["county"]].old = each["people"], each["old"]
    for each in _incomes(by, on):
        said = found[each["county"]]
        said.income_yuan, said.below_line = round(each["income"]), each["below"]
    held = _standing(Category.objects.on(on).visible_to(by).exclude(kind__in=LEFT_OUT))
    kinds = held.values("county", "kind").order_by("county", "kind")
    for each in kinds.annotate(count=Count("household", distinct=True)):
        found[each["county"]].categories[each["kind"]] = each["count"]
    return list(found.values())


def _standing(rows: Any) -> Any:
    """What belongs to households that stand, with their county."""
    standing = rows.filter(household__merged_into__isnull=True, household__closed_on__isnull=True)
    return standing.annotate(county=Substr("household__code", 1, 6))


def _by_county(rows: Any) -> Any:
    return rows.values("county").order_by("county")


def _incomes(by: User, on: date) -> Any:
    total: Any = F("wage_yuan") + F("business_yuan") - F("business_cost_yuan") + F("property_yuan") + F("transfer_yuan")
    rows = _standing(Income.objects.visible_to(by).annotate(total=total))
    size = Cast("household__size", FloatField())
    poor = Q(household__registered=True, household__size__gt=0, total__lt=_line(on) * size)
    return _by_county(rows).annotate(income=Sum("total"), below=Count("id", filter=poor))


def _line(on: date) -> float:
    return policy.on(on).number("monitoring_line_yuan")


HOUSEHOLDS = """
    SELECT county, count(*), count(*) FILTER (WHERE registered), sum(labourers) FROM households GROUP BY county"""
PEOPLE = """
    SELECT county, count(*), count(*) FILTER (WHERE birth_year <= $year) FROM people GROUP BY county"""
INCOMES = """
    SELECT county, sum(total), count(*) FILTER (WHERE registered AND size > 0 AND total < $line * size)
    FROM (SELECT h.county, registered, size,
            wage_yuan + business_yuan - business_cost_yuan + property_yuan + transfer_yuan AS total
          FROM income i JOIN households h ON h.household = i.household AND h.county = i.county) GROUP BY county"""
CATEGORIES = """
    SELECT county, kind, count(DISTINCT household) FROM categories
    WHERE since <= $day AND (until IS NULL OR until > $day) GROUP BY county, kind ORDER BY county, kind"""


def of_snapshot(folder: Path, on: date, county: str = "") -> list[Summary]:
    """The counties of a folder of snapshots, or one of them, by DuckDB."""
    there = files.manifests(folder, county)
    found = {each["county"]: Summary(each["county"]) for each in there}
    with duckdb.connect() as database:
        for table in TABLES:
            paths = [str(folder / f"county={name}" / f"{table.name}.parquet") for name in found]
            read = "read_parquet(?, hive_partitioning = true, hive_types = {'county': VARCHAR})"
            database.from_query(f"SELECT * FROM {read}", params=[paths]).create_view(table.name)  # noqa: S608 (ours)
        for name, households, registered, labourers in _asked(database, HOUSEHOLDS):
            said = found[name]
            said.households, said.registered, said.labourers = households, registered, int(labourers)
        for name, people, old in _asked(database, PEOPLE, year=on.year - OLD):
            found[name].people, found[name].old = people, old
        for name, total, below in _asked(database, INCOMES, line=_line(on)):
            found[name].income_yuan, found[name].below_line = round(total), below
        for name, kind, count in _asked(database, CATEGORIES, day=on):
            found[name].categories[kind] = count
    return list(found.values())


def _asked(database: duckdb.DuckDBPyConnection, sql: str, **values: Any) -> Iterator[tuple[Any, ...]]:
    return iter(database.execute(sql, values or None).fetchall())
