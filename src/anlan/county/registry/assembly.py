"""One household's rows put together into its record."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
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

ONE_PER_HOUSEHOLD = (
    "division", "township", "village", "group_no", "head_name", "lon", "lat", "size", "labourers", "type", "monitored",
    "farmland_mu", "orchard_mu", "wage_yuan", "business_yuan", "crop_yuan", "fruit_yuan", "livestock_yuan",
    "business_cost_yuan", "property_yuan", "transfer_yuan", "rigid_yuan", "savings_yuan", "equipment_yuan",
    "structure", "grade", "area_m2", "storeys", "built", "home_yuan", "water",
)  # fmt: skip
INCOME = ("wage_yuan", "business_cost_yuan", "property_yuan", "transfer_yuan", "rigid_yuan", "savings_yuan")
HOME = ("structure", "grade", "area_m2", "storeys", "built", "home_yuan")
KINDS_OF_BUSINESS = ("crop_yuan", "fruit_yuan", "livestock_yuan")
NOTHING = (None, "")
SOURCE = "名册导入"


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one household: its head's, its people's, and all of them."""

    head: Row
    people: Sequence[Row]
    rows: Sequence[Row]

    def said(self, name: str) -> Any:
        """What they say, the head's row first; None where none says anything."""
        return next((row.said[name] for row in (self.head, *self.rows) if row.said.get(name) not in NOTHING), None)

    def any(self, name: str) -> bool:
        """Whether a yes stands on any row."""
        return any(bool(row.said.get(name)) for row in self.rows)

    def refuse(self, name: str, reason: str) -> Refusal:
        """A refusal at the row that says it, or that should."""
        rows = (self.head, *self.rows)
        saying = next((row for row in rows if row.said.get(name) not in NOTHING), None)
        asked = next((row for row in rows if name in row.sheet.places), self.head)
        return (saying or asked).refuse(name, reason)


def record_of(
    group: Group, places: Places, sources: Collection[str], today: date
) -> tuple[HouseholdRecord | None, list[Refusal]]:
    """The household's record, or what is wrong with it."""
    refusals = [*_disagreements(group), *_contradictions(group, sources)]
    division = ""
    try:
        division = _division(group, places)
    except NoSuchPlace as unknown:
        refusals.append(group.refuse("division" if group.said("division") else _place_column(group), str(unknown)))
    people = tuple(person for row in group.people if (person := _person(group, row)) is not None)
    if refusals:
        return None, refusals
    said = group.said
    lon, lat = said("lon"), said("lat")
    return HouseholdRecord(
        code=_code(group, division), division=division, group_no=said("group_no") or 1,
        head_name=_name(group.head), address=(said("address") or "")[:120],
        phone=(said("phone") or "").replace(" ", "")[:20], lon=lon, lat=lat,
        location="village" if lon is None else "point", water_source=said("water"),
        labourers=_labourers(group, people), insured=bool(said("insured")), people=people, home=_home(group),
        holdings=tuple(_holdings(group)), income=_income(group, today), categories=tuple(_categories(group, today)),
        size=said("size") or len(group.people),
    ), []  # fmt: skip


def _disagreements(group: Group) -> Iterator[Refusal]:
    """Columns that say two things about one household."""
    for name in ONE_PER_HOUSEHOLD:
        first = group.said(name)
        other = next((row for row in group.rows if row.said.get(name) not in (*NOTHING, first)), None)
        if other is not None:
            yield other.refuse(name, _("与同一户其他行不一致"))


def _contradictions(group: Group, sources: Collection[str]) -> Iterator[Refusal]:
    if (group.said("size") or len(group.people)) < len(group.people):
        yield group.refuse("size", _("少于所列的家庭成员数"))
    if (group.said("lon") is None) != (group.said("lat") is None):
        yield group.refuse("lat" if group.said("lat") is None else "lon", _("经度和纬度要么都填，要么都不填"))
    if group.said("water") and group.said("water") not in sources:
        yield group.refuse("water", _("名册中没有这个水源"))
    for row in group.people:
        known = row.said.get("id_number") or (row.said.get("born") and row.said.get("sex"))
        if row.sheet.of_people and not known:
            yield row.refuse("id_number", _("没有填写；没有身份证号的须填写性别和出生日期"))


def _place_column(group: Group) -> str:
    return "village" if "village" in group.head.sheet.places else "division"


def _division(group: Group, places: Places) -> str:
    words = group.said("division") or group.said("village")
    if not words:
        raise NoSuchPlace(_("没有填写"))
    return places.code(words, group.said("township") or "")


def _name(row: Row) -> str:
    return str(row.said.get("name") or row.said.get("head_name"))[:60]


def _person(group: Group, row: Row) -> PersonRecord | None:
    """The person of a row; None where a sheet of households says too little of the head."""
    said = row.said
    if not (said.get("born") and said.get("sex")):
        return None
    return PersonRecord(
        name=_name(row), id_number=said.get("id_number") or "", sex=said["sex"], born=said["born"],
        relation=said.get("relation") or ("head" if row is group.head else "other"),
        health="disabled" if said.get("disability") else said.get("health") or "healthy",
        labour=said.get("labour") or "ordinary", student=bool(said.get("student")),
        medically_insured=said.get("medically_insured") is not False,
    )  # fmt: skip


def _code(group: Group, division: str) -> str:
    """The sheet's number where it is one of ours: the village's twelve digits and a serial."""
    given = str(group.said("household") or "")
    ours = given.isascii() and given.isdigit() and given.startswith(division) and 12 < len(given) <= 20
    return given if ours else ""


def _labourers(group: Group, people: Sequence[PersonRecord]) -> int:
    given = group.said("labourers")
    return int(given) if given is not None else sum(person.labour in vocabulary.ABLE for person in people)


def _home(group: Group) -> HomeRecord | None:
    said = group.said
    if all(said(name) is None for name in HOME):
        return None
    return HomeRecord(
        structure=said("structure") or "", storeys=said("storeys") or 1, area_m2=said("area_m2") or 0.0,
        built=said("built"), value_yuan=said("home_yuan") or 0.0, grade=said("grade") or "",
    )  # fmt: skip


def _business(group: Group) -> float | None:
    """Income from business: as given, or the sum of its kinds."""
    given = group.said("business_yuan")
    kinds = [group.said(name) for name in KINDS_OF_BUSINESS]
    if given is not None or all(kind is None for kind in kinds):
        return given  # type: ignore[no-any-return]
    return float(sum(kind or 0.0 for kind in kinds))


def _holdings(group: Group) -> Iterator[HoldingRecord]:
    """What the household lives from. Land whose yields are not told apart brings in all that the business does."""
    said = group.said
    apart = any(said(name) is not None for name in KINDS_OF_BUSINESS)
    whole = 0.0 if apart else _business(group) or 0.0
    fields, orchard = said("farmland_mu") or 0.0, said("orchard_mu") or 0.0
    per_mu = whole / (fields + orchard) if fields + orchard else 0.0
    for kind, quantity, yuan in (
        ("crops", fields, said("crop_yuan") or per_mu * fields),
        ("fruit", orchard, said("fruit_yuan") or per_mu * orchard),
        ("livestock", 0.0, said("livestock_yuan") or 0.0),
        ("equipment", 0.0, said("equipment_yuan") or 0.0),
    ):
        if quantity or yuan:
            yield HoldingRecord(kind, quantity, yuan)


def _income(group: Group, today: date) -> IncomeRecord | None:
    """Twelve months that end with the month before, where any part of them is given."""
    business = _business(group)
    parts = {name: group.said(name) for name in INCOME}
    if business is None and all(part is None for part in parts.values()):
        return None
    until = today.replace(day=1) - timedelta(days=1)
    return IncomeRecord(until, business_yuan=business or 0.0, **{name: part or 0.0 for name, part in parts.items()})


def _categories(group: Group, today: date) -> Iterator[CategoryRecord]:
    """The categories its columns name, each once. A risk that was cleared is none any more."""
    named = {group.said("type"), group.said("monitored")} - set(NOTHING)
    named |= {kind for kind in ("ex_poor", "subsistence", "destitute") if group.any(kind)}
    if group.any("disability") or any(row.said.get("health") == "disabled" for row in group.people):
        named.add("disabled")
    if group.said("cleared"):
        named -= set(MONITORED)
    for kind in sorted(named):
        since = group.said("since") if kind in MONITORED else None
        yield CategoryRecord(kind, since or today, source=SOURCE)
