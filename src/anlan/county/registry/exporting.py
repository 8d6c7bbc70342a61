"""Lists of households out of the register, in a department's own layout, as a stream."""

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _

from anlan.county import bulk
from anlan.county.errors import BadInput, NotFound
from anlan.county.office.models import Division, Scoped
from anlan.county.registry import vocabulary
from anlan.county.registry.assembly import HOME, HOUSEHOLD, INCOME, LAND, PERSON
from anlan.county.registry.comparing import total
from anlan.county.registry.current import PARTS, Current, filled
from anlan.county.registry.models import MONITORED, Household
from anlan.county.registry.sheets import MOST_ROWS, writing

FOLDER = Path(__file__).with_name("layouts")
CHUNK = 2000
Value = Callable[[Current, dict[str, Any] | None], Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a layout: a row for each household, or for each person."""

    name: str
    of_people: bool
    columns: tuple[tuple[str, str], ...]  # heading, field

    @property
    def parts(self) -> frozenset[str]:
        """Which tables beside the households' its columns need."""
        needed = {_PARTS[field] for _heading, field in self.columns if field in _PARTS}
        return frozenset(needed | ({"people"} if self.of_people else set()))

    @property
    def own(self) -> tuple[str, ...]:
        """Which of the household's own columns it needs."""
        return tuple(
            {"id": None, "code": None, **{_OWN[field]: None for _heading, field in self.columns if field in _OWN}}
        )


@dataclass(frozen=True, slots=True)
class Layout:
    """A department's own workbook."""

    key: str
    title: str
    sheets: tuple[Sheet, ...]


def layouts() -> dict[str, Layout]:
    """Every layout, by the name of its file."""
    return {path.stem: _layout(path) for path in sorted(FOLDER.glob("*.toml"))}


def layout(key: str) -> Layout:
    """One layout; refused where there is none of this name."""
    found = layouts()
    if key not in found:
        raise NotFound(_("没有“%(name)s”这个格式；有：%(all)s。") % {"name": key, "all": "、".join(found)})
    return found[key]


def _layout(path: Path) -> Layout:
    said = tomllib.loads(path.read_text(encoding="utf-8"))
    sheets = tuple(
        Sheet(each["name"], each["rows"] == "person", tuple((heading, field) for heading, field in each["columns"]))
        for each in said["sheet"]
    )
    return Layout(path.stem, said["title"], sheets)


def export(found: Scoped[Household], how: Layout, out: Path | IO[bytes]) -> int:
    """Write households, in the order of their codes, to a workbook, memory flat. Returns how many."""
    places = {each.code: each for each in Division.objects.select_related("parent").filter(level="village")}
    count = 0
    with writing(out) as book:
        for sheet in how.sheets:
            rows = _rows(found, sheet, places)
            count = book.sheet(sheet.name, [[heading for heading, _field in sheet.columns]], rows, len(sheet.columns))
            if count >= MOST_ROWS:
                raise BadInput(_("一张表放不下 %(count)d 行；请按乡镇分别导出。") % {"count": count})
    return found.count()


def _rows(found: Scoped[Household], sheet: Sheet, places: dict[str, Division]) -> Iterator[list[Any]]:
    values = [_value(field, places) for _heading, field in sheet.columns]
    own = sheet.own
    for rows in bulk.pages(found, "code", own, CHUNK):
        held = {row[0]: Current(dict(zip(own, row, strict=True))) for row in rows}
        for now in filled(held, sheet.parts).values():
            for person in now.people if sheet.of_people else (None,):
                yield [value(now, person) for value in values]


_PARTS = {
    **dict.fromkeys(HOME, "home"), **dict.fromkeys(INCOME, "income"), **dict.fromkeys(LAND, "holdings"),
    **dict.fromkeys(("monitored", "since", "ex_poor", "type", "subsistence", "destitute"), "categories"),
}  # fmt: skip
# Which column of the household's own a field needs; sealed ones take time to open.
_OWN = {
    "household": "code", "division": "division_id", "township": "division_id", "village": "division_id",
    "head_name": "head_name", "insured": "insured", **HOUSEHOLD,
}  # fmt: skip
assert set(_PARTS.values()) < set(PARTS)  # noqa: S101 (names of parts)


def _value(field: str, places: dict[str, Division]) -> Value:
    """How a column's cell is found: as the import would read it back."""
    if field in _SPECIAL:
        return _SPECIAL[field]
    if field in {"township", "village"}:
        names = {code: place.name if field == "village" else _above(place) for code, place in places.items()}
        return lambda now, _who: names[now.household["division_id"]]
    if field in PERSON:
        return lambda _now, who: who[field] or None if who else None
    if field in HOME or field in INCOME:
        part, key = ("home", HOME[field]) if field in HOME else ("income", field)
        return lambda now, _who: held[key] if (held := getattr(now, part)) else None
    if field in LAND:
        return lambda now, _who: total(now, field) or None
    column = _OWN[field]
    return lambda now, _who: now.household[column]


def _above(place: Division) -> str:
    return place.parent.name if place.parent else ""


def _kind(kind: str) -> Value:
    """A yes where a household is in a category, nothing where it is not: an old list must not end one."""
    return lambda now, _who: "是" if kind in now.categories else None


def _monitored(now: Current, _who: Any) -> str | None:
    kind = next((kind for kind in MONITORED if kind in now.categories), None)
    return vocabulary.MONITORED_WORDS[kind] if kind else None


def _since(now: Current, _who: Any) -> Any:
    return next((now.categories[kind]["since"] for kind in MONITORED if kind in now.categories), None)


def _flag(value: Any) -> str:
    return "是" if value else "否"


_SPECIAL: dict[str, Value] = {
    "monitored": _monitored,
    "since": _since,
    "ex_poor": _kind("ex_poor"),
    "subsistence": _kind("subsistence"),
    "destitute": _kind("destitute"),
    "type": lambda now, _who: "低收入家庭" if "low_income" in now.categories else None,
    "insured": lambda now, _who: _flag(now.household["insured"]),
    "structure": lambda now, _who: vocabulary.STRUCTURE_WORDS.get(now.home["structure"]) if now.home else None,
    "grade": lambda now, _who: now.home["grade"] or None if now.home else None,
    "sex": lambda _now, who: vocabulary.SEX_WORDS.get(who["sex"]) if who else None,
    "relation": lambda _now, who: vocabulary.relation(who["relation"], who["sex"]) if who else None,
    "health": lambda _now, who: vocabulary.HEALTH_WORDS.get(who["health"]) if who else None,
    "labour": lambda _now, who: vocabulary.LABOUR_WORDS.get(who["labour"]) if who else None,
    "student": lambda _now, who: _flag(who["student"]) if who else None,
    "medically_insured": lambda _now, who: _flag(who["medically_insured"]) if who else None,
}
