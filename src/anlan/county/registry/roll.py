"""From a workbook's rows to households: people identified, rows joined, doubles and missing heads refused."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from anlan.county.registry import identity
from anlan.county.registry.assembly import Group, record_of
from anlan.county.registry.places import Places
from anlan.county.registry.records import HouseholdRecord
from anlan.county.registry.workbook import Refusal, Row


@dataclass(frozen=True, slots=True)
class Roll:
    """Households, each with the row it begins in; who stands where; what is wrong.

    A record's code is the sheet's own number where that can be one of ours, and empty otherwise.
    """

    households: list[tuple[HouseholdRecord, Row]] = field(default_factory=list)
    numbers: dict[str, Row] = field(default_factory=dict)  # by ID number
    refusals: list[Refusal] = field(default_factory=list)


def build(rows: Sequence[Row], places: Places, sources: Collection[str], today: date) -> Roll:
    """Join readable rows into households. Rows with unreadable cells were refused before and are left out."""
    roll = Roll()
    for row in rows:
        _identify(row, roll)
    for together in _joined(rows, roll):
        group = _group(together, roll)
        if group is None or any(row.unreadable for row in together):
            continue
        _unique(group.people, roll)
        record, refusals = record_of(group, places, sources, today)
        roll.refusals.extend(refusals)
        if record is not None:
            roll.households.append((record, group.head))
    return roll


def _identify(row: Row, roll: Roll) -> None:
    """Read sex and birthday out of the identity number, and refuse what contradicts it."""
    said = row.said
    if not row.unreadable and not (said.get("name") or said.get("head_name")):
        roll.refusals.append(row.refuse("name" if "name" in row.sheet.places else "head_name", _("没有填写")))
    number = identity.bearer(identity.normal(said.get("id_number") or ""))
    if not number:
        return
    said["id_number"] = number
    try:
        sex, born = identity.read(number)
    except identity.NotAnIdentity as bad:
        roll.refusals.append(row.refuse("id_number", _why(str(bad))))
        return
    for name, true in (("sex", sex), ("born", born)):
        if said.get(name) and said[name] != true:
            roll.refusals.append(row.refuse(name, _("与身份证号不一致")))
        if name in said or name not in row.sheet.places:
            said[name] = true


def _why(word: str) -> str:
    return {
        "shape": _("应为 18 位身份证号"),
        "check": _("身份证号校验码不对（GB 11643）"),
        "birthday": _("身份证号中的出生日期不存在"),
    }[word]


def _joined(rows: Sequence[Row], roll: Roll) -> Iterator[list[Row]]:
    """Rows of one household together, in the order in which households first appear."""
    together: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        key = row.said.get("household")
        if key:
            together[key].append(row)
        elif "household" not in row.sheet.places:
            together[row.sheet.name, row.number].append(row)
        elif "household" in row.said:
            roll.refusals.append(row.refuse("household", _("没有填写")))
    yield from together.values()


def _group(rows: Sequence[Row], roll: Roll) -> Group | None:
    """The rows with their head; refused where there is none, or more than one."""
    members = [row for row in rows if row.sheet.of_people]
    whole = [row for row in rows if not row.sheet.of_people]
    for row in whole[1:]:
        roll.refusals.append(row.refuse("household", _("户编号重复")))
    if not members:
        return Group(whole[0], whole, whole) if len(whole) == 1 else None
    heads = [row for row in members if _is_head(row)]
    column = "relation" if "relation" in members[0].sheet.places else "head_name"
    if not heads:
        roll.refusals.append(members[0].refuse(column, _("这一户没有户主")))
    for row in heads[1:]:
        roll.refusals.append(row.refuse(column, _("这一户有不止一个户主")))
    return Group(heads[0], members, rows) if len(heads) == 1 else None


def _is_head(row: Row) -> bool:
    if "relation" in row.sheet.places:
        return bool(row.said.get("relation") == "head")
    return bool(row.said.get("name") == row.said.get("head_name"))


def _unique(people: Sequence[Row], roll: Roll) -> None:
    for row in people:
        number = row.said.get("id_number")
        if number and (other := roll.numbers.setdefault(number, row)) is not row:
            where = {"sheet": other.sheet.name, "row": other.number}
            roll.refusals.append(row.refuse("id_number", _("与“%(sheet)s”第 %(row)d 行重复") % where))
