"""One household's rows put together into what they claim of it, and a whole record where it is a new one."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from anlan.county.registry import vocabulary
from anlan.county.registry.models import MONITORED
from anlan.county.registry.places import NoSuchPlace, Places
from anlan.county.registry.records import (
    CategoryRecord,
    HoldingRecord,
    HomeRecord,
    HouseholdRecord,
    IncomeRecord,
    PersonRecord,
)
from anlan.county.registry.workbook import Refusal, Row

ONE_PER_HOUSEHOLD = frozenset({
    "division", "township", "village", "group_no", "head_name", "lon", "lat", "size", "labourers", "type", "monitored",
    "farmland_mu", "orchard_mu", "wage_yuan", "business_yuan", "crop_yuan", "fruit_yuan", "livestock_yuan",
    "business_cost_yuan", "property_yuan", "transfer_yuan", "rigid_yuan", "savings_yuan", "equipment_yuan",
    "structure", "grade", "area_m2", "storeys", "built", "home_yuan", "water",
})  # fmt: skip
# Which column of which table a field of a sheet is kept in.
HOUSEHOLD = {
    "group_no": "group_no", "address": "address", "phone": "phone", "second_phone": "second_phone",
    "lon": "lon", "lat": "lat", "size": "size",
    "labourers": "labourers", "insured": "insured", "water": "water_source_id",
}  # fmt: skip
HOME = {
    "structure": "structure", "grade": "grade", "area_m2": "area_m2", "storeys": "storeys", "built": "built",
    "home_yuan": "value_yuan",
}  # fmt: skip
INCOME = (
    "wage_yuan", "business_yuan", "business_cost_yuan", "property_yuan", "transfer_yuan", "rigid_yuan", "savings_yuan",
)  # fmt: skip
KINDS_OF_BUSINESS = ("crop_yuan", "fruit_yuan", "livestock_yuan")
LAND = ("farmland_mu", "orchard_mu", *KINDS_OF_BUSINESS, "equipment_yuan")
PERSON = ("name", "id_number", "sex", "born", "relation", "health", "labour", "student", "medically_insured")
SOURCE = "名册导入"
EVERYWHERE = 8  # a household number this long is another system's and the same on every sheet; "1" is not
# What an empty cell can take out: in which part of the claims, which column, and what stands there then.
CLEARABLE: dict[str, tuple[str, str, Any]] = {
    "address": ("household", "address", ""), "phone": ("household", "phone", ""),
    "second_phone": ("household", "second_phone", ""),
    "water": ("household", "water_source_id", None), "lon": ("household", "lon", None),
    "lat": ("household", "lat", None), "grade": ("home", "grade", ""), "structure": ("home", "structure", ""),
    "built": ("home", "built", None), **{name: ("income", name, 0.0) for name in INCOME},
}  # fmt: skip


class Group:
    """The rows of one household: its head's, its people's, and all of them; and what they say together."""

    __slots__ = ("clashes", "head", "headed", "merged", "people", "rows")

    def __init__(self, head: Row, people: Sequence[Row], rows: Sequence[Row], headed: bool = True) -> None:
        self.head, self.people, self.rows, self.headed = head, people, rows, headed
        self.merged: dict[str, Any] = {}
        self.clashes: dict[str, Row] = {}
        merged = self.merged
        for row in (head, *(row for row in rows if row is not head)):
            for name, value in row.said.items():
                if value is None or value == "":
                    continue
                if name not in merged:
                    merged[name] = value
                elif name in ONE_PER_HOUSEHOLD and merged[name] != value and name not in self.clashes:
                    self.clashes[name] = row

    def said(self, name: str) -> Any:
        """What they say, the head's row first; None where none says anything."""
        return self.merged.get(name)

    def any(self, name: str) -> bool | None:
        """Whether a yes stands on any row; None where nothing is said at all."""
        said = {bool(row.said[name]) for row in self.rows if row.said.get(name) is not None}
        return (True in said) if said else None

    def refuse(self, name: str, reason: str) -> Refusal:
        """A refusal at the row that says it, or that should."""
        rows = (self.head, *self.rows)
        saying = next((row for row in rows if row.said.get(name) not in (None, "")), None)
        asked = next((row for row in rows if name in row.sheet.places), self.head)
        return (saying or asked).refuse(name, reason)


@dataclass(slots=True)
class Claims:
    """What a household's rows claim; what they do not speak of is not in it."""

    group: Group
    number: str  # as the sheet has it; one of ours, another system's, or empty
    ours: str  # the number where it is one of ours: a village's twelve digits and a serial
    village: str  # empty where no row names one
    household: dict[str, Any] = field(default_factory=dict)
    home: dict[str, Any] = field(default_factory=dict)
    income: dict[str, Any] = field(default_factory=dict)
    land: dict[str, float] = field(default_factory=dict)
    people: list[tuple[Row, dict[str, Any]]] = field(default_factory=list)
    begun: set[str] = field(default_factory=set)  # categories it is said to be in
    ended: set[str] = field(default_factory=set)  # and those it is said not to be in
    since: date | None = None


def claims_of(
    group: Group, places: Places, sources: Collection[str], clears: frozenset[str] = frozenset()
) -> tuple[Claims, list[Refusal]]:
    """What the rows of a household claim, and what is wrong with them."""
    merged = group.merged
    refusals = [row.refuse(name, _("与同一户其他行不一致")) for name, row in group.clashes.items()]
    refusals.extend(_contradictions(group, sources))
    village = ""
    words = merged.get("division") or merged.get("village")
    if words:
        try:
            village = places.code(words, merged.get("township") or "")
        except NoSuchPlace as unknown:
            refusals.append(group.refuse("division" if "division" in merged else "village", str(unknown)))
    number = str(merged.get("household") or "")
    claims = Claims(group, number, _ours(number, village), village, since=merged.get("since"))
    claims.household = {column: merged[name] for name, column in HOUSEHOLD.items() if name in merged}
    if "address" in claims.household:
        claims.household["address"] = claims.household["address"][:120]
    for name in ("phone", "second_phone"):
        if name in claims.household:
            claims.household[name] = claims.household[name].replace(" ", "")[:20]
    name = merged.get("head_name") or (_name(group.head) if group.headed else "")
    if name:
        claims.household["head_name"] = name[:60]
    claims.home = {column: merged[name] for name, column in HOME.items() if name in merged}
    claims.income = {name: merged[name] for name in INCOME if name in merged}
    claims.land = {name: merged[name] for name in LAND if name in merged}
    _clear(claims, clears)
    claims.people = [(row, who) for row in group.people if (who := _person(group, row)) is not None]
    _categorise(claims)
    return claims, refusals


def _ours(given: str, village: str) -> str:
    ours = 12 < len(given) <= 20 and given.isascii() and given.isdigit()
    return given if ours and (not village or given.startswith(village)) else ""


def _clear(claims: Claims, clears: frozenset[str]) -> None:
    """Where a department means an empty cell as nothing at all, it says so for all its rows."""
    group = claims.group
    for name in clears & CLEARABLE.keys():
        if name not in group.merged and any(name in row.sheet.places for row in group.rows):
            part, column, nothing = CLEARABLE[name]
            getattr(claims, part)[column] = nothing


def _contradictions(group: Group, sources: Collection[str]) -> Iterator[Refusal]:
    merged = group.merged
    if (merged.get("size") or len(group.people)) < len(group.people):
        yield group.refuse("size", _("少于所列的家庭成员数"))
    if ("lon" in merged) != ("lat" in merged):
        yield group.refuse("lon" if "lat" in merged else "lat", _("经度和纬度要么都填，要么都不填"))
    if "water" in merged and merged["water"] not in sources:
        yield group.refuse("water", _("名册中没有这个水源"))
    for row in group.people:
        known = row.said.get("id_number") or (row.said.get("born") and row.said.get("sex"))
        if row.sheet.of_people and not known:
            yield row.refuse("id_number", _("没有填写；没有身份证号的须填写性别和出生日期"))


def _name(row: Row) -> str:
    return str(row.said.get("name") or row.said.get("head_name") or "")


def _person(group: Group, row: Row) -> dict[str, Any] | None:
    """What a row says of its person; None where a sheet of households says too little of the head."""
    said = row.said
    if not (said.get("born") and said.get("sex")):
        return None
    who = {name: said[name] for name in PERSON if said.get(name) is not None and said[name] != ""}
    if name := _name(row)[:60]:
        who["name"] = name
    if row is group.head and group.headed:
        who["relation"] = "head"
    if said.get("disability"):
        who["health"] = "disabled"
    return who


def _categorise(claims: Claims) -> None:
    """The categories its columns name, and those they say it is not in. A risk that was cleared is none any more."""
    group = claims.group
    said, begun, ended = group.merged, claims.begun, claims.ended
    begun.update(each for each in (said.get("type"), said.get("monitored")) if each and each != "none")
    for kind in ("ex_poor", "subsistence", "destitute"):
        named = group.any(kind)
        if named:
            begun.add(kind)
        elif named is False:
            ended.add(kind)
    if said.get("cleared"):  # "none" in the column of kinds ends nothing: such a list may be older than a decision
        begun.difference_update(MONITORED)
        ended.update(MONITORED)
    if any(who.get("health") == "disabled" for _row, who in claims.people):
        begun.add("disabled")
    ended -= begun


def wanting(claims: Claims) -> list[Refusal]:
    """What a household that is not in the register yet must say and does not."""
    group = claims.group
    refusals = []
    if not claims.village and not any(name in group.merged for name in ("division", "village")):
        place = "village" if "village" in group.head.sheet.places else "division"
        refusals.append(group.refuse(place, _("没有填写")))
    if not group.headed:
        column = "relation" if "relation" in group.head.sheet.places else "head_name"
        refusals.append(group.head.refuse(column, _("这一户没有户主")))
    elif not claims.household.get("head_name"):
        refusals.append(group.head.refuse(_name_column(group.head), _("没有填写")))
    refusals.extend(
        row.refuse(_name_column(row), _("没有填写"))
        for row, who in claims.people
        if not who.get("name") and row is not group.head
    )
    return refusals


def _name_column(row: Row) -> str:
    return "name" if "name" in row.sheet.places else "head_name"


def record_of(claims: Claims, code: str, today: date) -> HouseholdRecord:
    """The whole record of a new household; what nobody said is as the register has it by default."""
    said = claims.household
    people = tuple(member(who) for _row, who in claims.people)
    labourers = said.get("labourers")
    return HouseholdRecord(
        code=code, division=claims.village,
        number="" if claims.ours or len(claims.number) < EVERYWHERE else claims.number[:40],
        group_no=said.get("group_no") or 1, head_name=said["head_name"], address=said.get("address", ""),
        phone=said.get("phone", ""), second_phone=said.get("second_phone", ""),
        lon=said.get("lon"), lat=said.get("lat"),
        location="village" if said.get("lon") is None else "point", water_source=said.get("water_source_id"),
        labourers=sum(each.labour in vocabulary.ABLE for each in people) if labourers is None else labourers,
        insured=bool(said.get("insured")), people=people, home=_home(claims), holdings=tuple(_holdings(claims)),
        income=_income(claims, today), size=said.get("size") or max(1, len(claims.group.people)),
        categories=tuple(
            CategoryRecord(kind, (claims.since if kind in MONITORED else None) or today, source=SOURCE)
            for kind in sorted(claims.begun)
        ),
    )  # fmt: skip


def member(who: dict[str, Any]) -> PersonRecord:
    """The whole record of a person new to a household."""
    return PersonRecord(
        name=who["name"], id_number=who.get("id_number", ""), sex=who["sex"], born=who["born"],
        relation=who.get("relation", "other"), health=who.get("health", "healthy"),
        labour=who.get("labour", "ordinary"), student=bool(who.get("student")),
        medically_insured=who.get("medically_insured") is not False,
    )  # fmt: skip


def _home(claims: Claims) -> HomeRecord | None:
    said = claims.home
    if not said:
        return None
    return HomeRecord(
        structure=said.get("structure", ""), storeys=said.get("storeys") or 1, area_m2=said.get("area_m2", 0.0),
        built=said.get("built"), value_yuan=said.get("value_yuan", 0.0), grade=said.get("grade", ""),
    )  # fmt: skip


def _holdings(claims: Claims) -> Iterator[HoldingRecord]:
    """What the household lives from. Land whose yields are not told apart brings in all that the business does."""
    said = claims.land
    apart = any(name in said for name in KINDS_OF_BUSINESS)
    whole = 0.0 if apart else claims.income.get("business_yuan", 0.0)
    fields, orchard = said.get("farmland_mu", 0.0), said.get("orchard_mu", 0.0)
    per_mu = whole / (fields + orchard) if fields + orchard else 0.0
    for kind, quantity, yuan in (
        ("crops", fields, said.get("crop_yuan") or per_mu * fields),
        ("fruit", orchard, said.get("fruit_yuan") or per_mu * orchard),
        ("livestock", 0.0, said.get("livestock_yuan") or 0.0),
        ("equipment", 0.0, said.get("equipment_yuan") or 0.0),
    ):
        if quantity or yuan:
            yield HoldingRecord(kind, quantity, yuan)


def _income(claims: Claims, today: date) -> IncomeRecord | None:
    """Twelve months that end with the month before, where any part of them is given."""
    said = with_business(claims)
    return IncomeRecord(closing(today), **said) if said else None


def with_business(claims: Claims) -> dict[str, float]:
    """The parts of the income; what the business brings in is the sum of its kinds where only these are said."""
    kinds = [claims.land[name] for name in KINDS_OF_BUSINESS if name in claims.land]
    if "business_yuan" in claims.income or not kinds:
        return claims.income
    return {**claims.income, "business_yuan": float(sum(kinds))}


def closing(today: date) -> date:
    """The day that closes the twelve months before this one."""
    return today.replace(day=1) - timedelta(days=1)
