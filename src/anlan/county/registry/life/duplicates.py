"""Households that may be one and the same, found in the register and laid side by side."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

import numpy as np
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from anlan.county import bulk
from anlan.county.office.models import Scoped
from anlan.county.registry.life import members
from anlan.county.registry.life.joining import CHOICES, FIELDS, PARTS, same
from anlan.county.registry.models import Distinct, Household, Person
from anlan.engine import quality

GROUNDS: dict[str, Promise] = {
    "id": _("身份证号相同"),
    "person": _("同村同名同生日"),
    "phone": _("电话与户主姓名相同"),
}
LABELS: dict[str, Promise] = {
    "head_name": _("户主"), "group_no": _("村民小组"), "address": _("住址"), "phone": _("电话"),
    "second_phone": _("第二联系人电话"), "place": _("位置"),
    "water_source": _("饮水"), "insured": _("农业保险"), "number": _("外部编号"), "home": _("住房"),
    "income": _("收入"),
}  # fmt: skip
CHUNK = 10_000
ALL_PAIRS = 6  # of a larger group each is laid beside the next one only
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two households by id, the lower first, and on what grounds they may be one."""

    first: int
    second: int
    grounds: tuple[str, ...]


def candidates(households: Scoped[Household]) -> list[Pair]:
    """Pairs of these households that may be one; the strongest grounds first. Pairs judged to be two are left out.

    Only numbers are kept of each household while the register is read, so memory stays small.
    """
    kept: dict[str, list[Ints]] = defaultdict(list)
    for chunk in bulk.pages(households, "id", ("id", "division_id", "head_name", "phone"), CHUNK):
        for name, values in _keys(chunk).items():
            kept[name].append(values)
    found: dict[tuple[int, int], list[str]] = defaultdict(list)
    for ground in GROUNDS:
        for pair in dict.fromkeys(_pairs(kept[ground])):
            found[pair].append(ground)
    judged = set(Distinct.objects.values_list("first_id", "second_id"))
    pairs = [Pair(*ids, tuple(grounds)) for ids, grounds in found.items() if ids not in judged]
    return sorted(pairs, key=lambda pair: (-len(pair.grounds), "id" not in pair.grounds, pair.first, pair.second))


def _keys(chunk: Sequence[tuple[Any, ...]]) -> dict[str, Ints]:
    """By ground: a number that is the same where the ground holds (0: none), the household, whose number it is."""
    village = {row[0]: row[1] for row in chunk}
    people = list(
        Person.objects.filter(household_id__among=list(village))
        .order_by()
        .values_list("household_id", "name", "born", "id_number")
    )
    phones = quality.number_keys(np.array([row[3] for row in chunk], dtype=np.str_))
    called = [hash((int(phone), row[2])) if phone and row[2] else 0 for phone, row in zip(phones, chunk, strict=True)]
    born = [hash((village[house], name, day)) if name else 0 for house, name, day, _number in people]
    numbers = quality.identity_keys(np.array([row[3] for row in people], dtype=np.str_))
    houses, nobody = [row[0] for row in people], np.zeros(len(chunk), dtype=np.int64)
    return {
        "id": _table(numbers, houses, numbers),
        "person": _table(born, houses, numbers),
        "phone": _table(called, [row[0] for row in chunk], nobody),
    }


def _table(*columns: Sequence[int] | Ints) -> Ints:
    return np.stack([np.asarray(column, dtype=np.int64) for column in columns])


def _pairs(kept: Sequence[Ints]) -> Iterator[tuple[int, int]]:
    """Households with the same number, two and two; two people with numbers of their own are not one."""
    table = np.concatenate(kept, axis=1) if kept else np.zeros((3, 0), dtype=np.int64)
    table = table[:, table[0] != 0]
    table = table[:, np.lexsort(table[::-1])]
    same_key = table[0, 1:] == table[0, :-1]
    begins = np.flatnonzero(np.r_[True, ~same_key]) if table.shape[1] else table[0]
    for start, end in pairwise([*begins.tolist(), table.shape[1]]):
        if end - start > 1:
            yield from _couples(table[1:, start:end].T.tolist())


def _couples(group: Sequence[Sequence[int]]) -> Iterator[tuple[int, int]]:
    for (house, number), (other, its) in combinations(group, 2) if len(group) <= ALL_PAIRS else pairwise(group):
        if house != other and not (number and its and number != its):
            yield house, other


@dataclass(frozen=True, slots=True)
class Row:
    """What two households say of one thing."""

    key: str
    label: str | Promise
    left: str
    right: str

    @property
    def differs(self) -> bool:
        """Whether they do not say the same."""
        return self.left != self.right


def beside(left: Household, right: Household) -> list[Row]:
    """What can be chosen between two households, row by row."""
    rows = []
    for key in CHOICES:
        said = (_said(key, left), _said(key, right))
        rows.append(Row(key, LABELS[key], *said))
    return rows


def _said(key: str, household: Household) -> str:
    if key in FIELDS:
        return " ".join(_word(getattr(household, name)) for name in FIELDS[key] if _word(getattr(household, name)))
    model, fields = PARTS[key]
    row = model.objects.filter(household=household).values(*fields).first() or {}
    return " ".join(_word(value) for value in row.values() if value)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "✓" if value else "—"
    return f"{value:g}" if isinstance(value, float) else "" if value is None else str(value)


def together(left: Household, right: Household) -> list[tuple[Person | None, Person | None]]:
    """The members of both, one beside the other where they are one person."""
    mine, theirs = members.of(left), members.of(right)
    rows: list[tuple[Person | None, Person | None]] = []
    for who in mine:
        twin = next((each for each in theirs if same(who, each)), None)
        theirs = [each for each in theirs if each is not twin]
        rows.append((who, twin))
    return [*rows, *((None, each) for each in theirs)]


def shown(pairs: Iterable[Pair]) -> list[tuple[Pair, Household, Household]]:
    """The pairs with their households."""
    every = list(pairs)
    wanted = {key for pair in every for key in (pair.first, pair.second)}
    found = {each.pk: each for each in Household.objects.filter(pk__in=wanted).select_related("division__parent")}
    return [(pair, found[pair.first], found[pair.second]) for pair in every]
