"""A workbook as rows of typed values: which sheet, which row, what each known column says, and what cannot be read."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from anlan.county.registry import cells, vocabulary
from anlan.county.registry.headings import FIELDS, missing, places
from anlan.county.registry.rules import LAT_RANGE, LON_RANGE

HEADING_WITHIN = 10  # titles and notes may stand above the headings
A_TABLE_HAS = 3  # fewer known headings, beside a sheet that is a table: notes
Read = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a workbook cannot be imported, and where: the sheet, the row as its margin shows it, the column's heading."""

    sheet: str
    row: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that is a table."""

    name: str
    heading_row: int
    headings: Sequence[str]
    places: dict[str, int]

    @property
    def of_people(self) -> bool:
        """Whether a row is a person; otherwise it is a household."""
        return "relation" in self.places or {"name", "head_name"} <= self.places.keys()

    def heading(self, name: str) -> str:
        """What the sheet calls a field; our own name for it where it has no such column."""
        return self.headings[self.places[name]] if name in self.places else FIELDS[name][0]


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `said` holds what its known columns say, None for an empty one, nothing for an unreadable one."""

    sheet: Sheet
    number: int
    said: dict[str, Any] = field(default_factory=dict)

    @property
    def unreadable(self) -> bool:
        """Whether a cell of it was refused already."""
        return len(self.said) < len(self.sheet.places)

    def refuse(self, name: str, reason: str) -> Refusal:
        """A refusal of this row for one of its columns."""
        return Refusal(self.sheet.name, self.number, self.sheet.heading(name), reason)


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows of a workbook, what is wrong with cells, and the headings nobody knows."""

    rows: list[Row]
    refusals: list[Refusal]
    ignored: list[str]


def read(path: Path, today: date) -> Rows:
    """Read every table of an xlsx or xls file. What cannot be read is in `refusals`; it never raises for content."""
    tables = _tables(path)
    if isinstance(tables, Refusal):
        return Rows([], [tables], [])
    found = {name: (_sheet(name, table), table) for name, table in tables.items() if any(map(any, table))}
    if not found:
        return Rows([], [Refusal("", 0, "", _("这是一个空的工作簿"))], [])
    best = max(len(sheet.places) for sheet, _table in found.values())
    kept = [pair for pair in found.values() if len(pair[0].places) >= min(best, A_TABLE_HAS)]
    lacking = list(_lacking([sheet for sheet, _table in kept]))
    if lacking:
        return Rows([], lacking, [])
    return _rows(kept, today)


def _tables(path: Path) -> dict[str, list[list[Any]]] | Refusal:
    try:
        book = CalamineWorkbook.from_path(path)
        return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    except (CalamineError, OSError, ValueError):
        return Refusal("", 0, "", _("这不是能打开的 Excel 文件；请另存为 xlsx 或 xls，不要加密码"))


def _sheet(name: str, table: list[list[Any]]) -> Sheet:
    """The row with the most known headings, of the first few, is the heading."""
    each = [places(row) for row in table[:HEADING_WITHIN]]
    row = max(range(len(each)), key=lambda place: (len(each[place]), -place))
    return Sheet(name, row + 1, [str(heading).strip() for heading in table[row]], each[row])


def _lacking(sheets: Sequence[Sheet]) -> Iterator[Refusal]:
    """Sheets that share household numbers complete each other."""
    joined = {name: 0 for sheet in sheets if "household" in sheet.places for name in sheet.places}
    for sheet in sheets:
        known = {**joined, **sheet.places} if "household" in sheet.places else sheet.places
        for heading in missing(known):
            yield Refusal(sheet.name, sheet.heading_row, heading, _("缺少这一列"))
        for heading in sorted({h for h in sheet.headings if h and sheet.headings.count(h) > 1 and places([h])}):
            yield Refusal(sheet.name, sheet.heading_row, heading, _("这一列出现了两次"))


def _rows(kept: Sequence[tuple[Sheet, list[list[Any]]]], today: date) -> Rows:
    readers = _readers(today)
    found = Rows([], [], [])
    for sheet, table in kept:
        found.ignored.extend(h for h in sheet.headings if h and not places([h]))
        for number, line in enumerate(table[sheet.heading_row :], start=sheet.heading_row + 1):
            if any(str(cell).strip() for cell in line):
                found.rows.append(_row(sheet, number, line, readers, found.refusals))
    if not found.rows:
        found.refusals.append(Refusal(kept[0][0].name, 0, "", _("表头下面没有数据")))
    return found


def _row(
    sheet: Sheet, number: int, line: Sequence[Any], readers: dict[str, Read], refusals: list[Refusal]
) -> Row:  # fmt: skip
    row = Row(sheet, number)
    for name, place in sheet.places.items():
        try:
            row.said[name] = readers[name](line[place] if place < len(line) else None)
        except cells.BadCell as bad:
            refusals.append(row.refuse(name, str(bad)))
    return row


def _readers(today: date) -> dict[str, Read]:
    """How each field's cell is read; words where nothing else is said."""
    readers: dict[str, Read] = dict.fromkeys(FIELDS, cells.text)
    for name in FIELDS:
        if name.endswith(("_yuan", "_mu", "_m2")):
            readers[name] = cells.number
    for name in ("group_no", "size", "labourers", "storeys", "built"):
        readers[name] = cells.whole
    for name in ("insured", "ex_poor", "cleared", "medically_insured"):
        readers[name] = cells.flag
    for name in ("subsistence", "destitute", "disability"):
        readers[name] = cells.present
    for name in ("born", "since"):
        readers[name] = partial(cells.past_day, today=today)
    readers["lon"] = partial(cells.coordinate, least=LON_RANGE[0], most=LON_RANGE[1])
    readers["lat"] = partial(cells.coordinate, least=LAT_RANGE[0], most=LAT_RANGE[1])
    readers["student"] = partial(cells.present, absent=cells.NO | {"非在校生", "学龄前儿童", "不在校"})
    readers["sex"] = partial(cells.choice, words=vocabulary.SEX, missing="")
    readers["relation"] = partial(cells.choice, words=vocabulary.RELATION, missing="", otherwise="other")
    readers["health"] = partial(cells.choice, words=vocabulary.HEALTH, missing="healthy")
    readers["labour"] = partial(cells.choice, words=vocabulary.LABOUR, missing="")
    readers["structure"] = partial(cells.choice, words=vocabulary.STRUCTURE, missing="", otherwise="")
    readers["grade"] = partial(cells.choice, words=vocabulary.GRADE, missing="")
    readers["monitored"] = partial(cells.choice, words=vocabulary.MONITORED, missing="")
    readers["type"] = partial(cells.choice, words=vocabulary.TYPE, missing="")
    return readers
