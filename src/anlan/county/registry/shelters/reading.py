"""A list of shelters or of schools out of a file: what each row says, or where it cannot be read."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from anlan.county.registry.files.opening import opened
from anlan.county.registry.files.table import Broken, Table, Unreadable
from anlan.county.registry.headings import normal
from anlan.county.registry.places import NoSuchPlace, Places
from anlan.county.registry.rules import on_the_map
from anlan.county.registry.workbook import Refusal

TITLES = 10  # rows that may stand above the headings
# What a column may be called; the first name is the one we print.
SHELTERS: dict[str, tuple[str, ...]] = {
    "name": ("安置点", "安置点名称", "避险点", "shelter"),
    "short": ("简称", "安置点简称", "short name"),
    "place": ("安置点所在村", "安置点所在地", "所在地", "shelter village"),
    "capacity": ("可容纳人数", "容纳人数", "容量", "capacity"),
    "lon": ("经度", "lon", "longitude"),
    "lat": ("纬度", "lat", "latitude"),
    "village": ("转移村", "转移的村", "行政村", "村", "village"),
    "group_no": ("村民小组", "组", "小组", "group"),
    "route": ("转移路线", "路线", "route"),
}
SCHOOLS: dict[str, tuple[str, ...]] = {
    "name": ("学校", "学校名称", "学校或幼儿园", "school"),
    "place": ("所在村", "所在地", "学校所在村", "village"),
    "kind": ("类别", "学校类别", "kind"),
    "phone": ("联系电话", "值班电话", "电话", "phone"),
    "pupils": ("学生人数", "人数", "pupils"),
}
KINDERGARTEN = ("幼儿园", "kindergarten")


@dataclass(slots=True)
class Said:
    """One row: where it stands, what it says, what is wrong with it."""

    sheet: str
    row: int
    values: dict[str, Any] = field(default_factory=dict)
    wrong: list[Refusal] = field(default_factory=list)

    def refuse(self, column: str, reason: str) -> None:
        """Say that a column cannot be used as it stands."""
        self.wrong.append(Refusal(self.sheet, self.row, column, reason))


def rows(path: Path, columns: Mapping[str, tuple[str, ...]], places: Places) -> list[Said]:
    """Every row of every sheet that has the headings. Raises Unreadable where no sheet does."""
    found: list[Said] = []
    with opened(path) as tables:
        known = [each for each in ((table, _heads(table, columns)) for table in tables) if each[1]]
        if not known:
            raise Unreadable(_("没有找到“%(name)s”这一列") % {"name": columns["name"][0]})
        for table, (top, heads) in known:
            found += _rows(table, top, heads, places, columns)
    return found


def _heads(table: Table, columns: Mapping[str, tuple[str, ...]]) -> Any:
    """The row of the headings and which column says what; nothing where the sheet is none of these lists."""
    names = {normal(name): key for key, all_names in columns.items() for name in all_names}
    for number, cells in _first(table):
        heads = {
            names[normal(cell)]: place for place, cell in reversed(list(enumerate(cells))) if normal(cell) in names
        }
        if "name" in heads:
            return number, heads
    return None


def _first(table: Table) -> Iterator[tuple[int, list[Any]]]:
    for count, line in enumerate(table.lines()):
        if count >= TITLES:
            return
        yield line


def _rows(
    table: Table, top: int, heads: Mapping[str, int], places: Places, columns: Mapping[str, tuple[str, ...]]
) -> Iterator[Said]:
    for number, cells in table.lines():
        if number <= top:
            continue
        said = {key: _cell(cells[place]) if place < len(cells) else "" for key, place in heads.items()}
        if any(said.values()):
            yield _read(Said(table.name, number), said, places, columns)


def _cell(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None or isinstance(value, Broken) else str(value).strip()


def _read(row: Said, said: Mapping[str, str], places: Places, columns: Mapping[str, tuple[str, ...]]) -> Said:
    for key, text in said.items():
        if text:
            try:
                row.values[key] = _READERS.get(key, _text)(text, places)
            except ValueError as error:
                row.refuse(columns[key][0], str(error))
            except NoSuchPlace as error:
                row.refuse(columns[key][0], str(error))
    for needed in ("name", "place"):
        if not said.get(needed):
            row.refuse(columns[needed][0], _("没有填"))
    lon, lat = row.values.get("lon"), row.values.get("lat")
    if (lon is None) != (lat is None) or (lon is not None and lat is not None and not on_the_map(lon, lat)):
        row.refuse(columns["lon"][0], _("坐标不完整或超出范围"))
    return row


def _text(text: str, _places: Places) -> str:
    return text


def _count(text: str, _places: Places) -> int:
    digits = text.removesuffix("人").removesuffix("组")
    if not digits.isdecimal() or int(digits) > 1_000_000:
        raise ValueError(_("要写整数"))
    return int(digits)


def _degrees(text: str, _places: Places) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(_("要写度数，例如 115.55")) from None


def _place(text: str, places: Places) -> str:
    return places.code(text, "")


def _kind(text: str, _places: Places) -> str:
    return "kindergarten" if text.lower() in KINDERGARTEN else "school"


_READERS: dict[str, Callable[[str, Places], Any]] = {
    "place": _place, "village": _place, "capacity": _count, "pupils": _count, "group_no": _count, "lon": _degrees,
    "lat": _degrees, "kind": _kind,
}  # fmt: skip
