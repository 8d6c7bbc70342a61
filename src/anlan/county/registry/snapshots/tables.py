"""What a snapshot tells: no names, no numbers, no addresses, no points, no health. It counts people and names nobody.

A household and a person are a keyed hash of their number here, the same in every snapshot of a county, so that years
can be laid side by side; without the county's keys nobody can tell whose it is. Of a birthday the year is told, of a
place the village. Who holds a disability certificate is a state of health: that category is left out.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from anlan.county import bulk, seal
from anlan.county.registry.models import Category, Holding, Home, Household, Income, Person
from anlan.engine.values.divisions import after, significant

CHUNK = 10_000
WORD, NUMBER, AMOUNT, FLAG, DAY = pa.string(), pa.int16(), pa.float64(), pa.bool_(), pa.date32()
Pseudonyms = dict[int, int]
LEFT_OUT = ("disabled",)


@dataclass(frozen=True, slots=True)
class Table:
    """One file: its rows' model and its columns, each with its type and where it comes from."""

    name: str
    model: Any
    columns: tuple[tuple[str, Any, str], ...]
    left_out: tuple[str, ...] = ()  # kinds

    @property
    def schema(self) -> Any:
        """The file's columns; the household stands first."""
        return pa.schema([("household", pa.int64()), *((name, kind) for name, kind, _source in self.columns)])


def _plain(kind: Any, *names: str) -> tuple[tuple[str, Any, str], ...]:
    return tuple((name, kind, name) for name in names)


MONEY = ("wage_yuan", "business_yuan", "business_cost_yuan", "property_yuan", "transfer_yuan", "rigid_yuan",
         "savings_yuan")  # fmt: skip
TABLES = (
    Table("households", Household, (
        ("division", WORD, "division_id"), *_plain(NUMBER, "size", "labourers"), *_plain(FLAG, "registered", "insured"),
        ("location", WORD, "location"), ("water", WORD, "water_source__kind"),
    )),
    Table("people", Person, (
        ("person", pa.int64(), "id"), ("sex", WORD, "sex"), ("birth_year", NUMBER, "born__year"),
        *_plain(WORD, "relation", "labour"), *_plain(FLAG, "student", "medically_insured"),
    )),
    Table("homes", Home, (
        ("structure", WORD, "structure"), ("storeys", NUMBER, "storeys"), ("area_m2", AMOUNT, "area_m2"),
        ("built", NUMBER, "built"), ("value_yuan", AMOUNT, "value_yuan"), ("grade", WORD, "grade"),
    )),
    Table("holdings", Holding, (("kind", WORD, "kind"), *_plain(AMOUNT, "quantity", "value_yuan"))),
    Table("income", Income, (("until", DAY, "until"), *_plain(AMOUNT, *MONEY))),
    Table("categories", Category, (("kind", WORD, "kind"), *_plain(DAY, "since", "until")), LEFT_OUT),
)  # fmt: skip


def rows(county: str) -> Iterator[dict[str, Any]]:
    """A county's tables, some thousand households at a time, in the order of their codes."""
    prefix = significant(county)
    found = Household.objects.filter(code__gte=prefix, code__lt=after(prefix))
    house, person = _pseudonymous("household"), _pseudonymous("person")
    for chunk in bulk.pages(found, "code", ("id", "code"), CHUNK):
        known = {key: house(str(key)) for key, _code in chunk}  # a code changes where a household moves
        yield {table.name: _table(table, known, person) for table in TABLES}


def _pseudonymous(noun: str) -> Callable[[str], int]:
    return seal.ring().blinder(f"registry.snapshot.{noun}")


def _table(table: Table, known: Pseudonyms, person: Callable[[str], int]) -> Any:
    key = "id" if table.model is Household else "household_id"
    asked = table.model.objects.filter(**{f"{key}__among": list(known)}).order_by(key, "id")
    if table.left_out:
        asked = asked.exclude(kind__in=table.left_out)
    values = asked.values_list(key, *(source for _name, _kind, source in table.columns))
    columns: list[Sequence[Any]] = [list(column) for column in zip(*values, strict=True)]
    if not columns:
        return table.schema.empty_table()
    columns[0] = [known[household] for household in columns[0]]
    for place, (name, _kind, _source) in enumerate(table.columns, start=1):
        if name == "person":
            columns[place] = [person(str(number)) for number in columns[place]]
    return pa.table(columns, schema=table.schema)
