"""A file of households as rows of typed values: which sheet, which row, what each known column says."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from anlan.county.registry import cells, vocabulary
from anlan.county.registry.files.opening import opened
from anlan.county.registry.files.table import Filled, Line, Table, Unreadable
from anlan.county.registry.headings import FIELDS, NOTHING_KNOWN, joined, missing, normal, places
from anlan.county.registry.rules import LAT_RANGE, LON_RANGE

HEADING_WITHIN = 15  # titles and notes may stand above the headings
A_TABLE_HAS = 3  # fewer known headings, beside a sheet that is a table: notes
REMEMBERED = 50_000  # different cells of a column whose reading is kept
OF_THEIR_OWN = frozenset(
    {"id_number", "name", "head_name", "phone", "second_phone", "address", "household"}
)  # seldom said twice
NO_HOUSEHOLD = re.compile(
    r"(合计|总计|小计|累计|共计|平均|填表|制表|审核|填报|负责人|说明|备注|注[:：]|total|sum\b)", re.IGNORECASE
)
REASONS = "导入问题"  # the column that a returned workbook carries beside the household's own
Read = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row is not taken in, and where: the sheet, the row as its margin shows it, the column's heading."""

    sheet: str
    row: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that is a table. `top` is the first row of its headings, `heading_row` the last."""

    name: str
    heading_row: int
    headings: Sequence[str]
    places: dict[str, int]
    index: int = 0
    source: int = 0
    top: int = 0

    @property
    def of_people(self) -> bool:
        """Whether a row is a person; otherwise it is a household."""
        return "relation" in self.places or {"name", "head_name"} <= self.places.keys()

    def heading(self, name: str) -> str:
        """What the sheet calls a field; our own name for it where it has no such column."""
        return self.headings[self.places[name]] if name in self.places else FIELDS[name][0]


@dataclass(slots=True)  # not frozen: that alone doubles what making one costs, and a list has a million
class Row:
    """One row; `said` holds what its known columns say, None for an empty one, nothing for an unreadable one."""

    sheet: Sheet
    number: int
    said: dict[str, Any] = field(default_factory=dict)

    @property
    def unreadable(self) -> bool:
        """Whether a cell of it was refused already."""
        return not self.said.keys() >= self.sheet.places.keys()

    def refuse(self, name: str, reason: str) -> Refusal:
        """A refusal of this row for one of its columns."""
        return Refusal(self.sheet.name, self.number, self.sheet.heading(name), reason)


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows of a workbook, what is wrong with cells, and what was passed over."""

    rows: list[Row]
    refusals: list[Refusal]
    ignored: list[str]
    sheets: list[Sheet] = field(default_factory=list)


@dataclass(slots=True)
class Found:
    """What reading has found so far. `unusable`: why nothing of the file can be used."""

    sheets: list[Sheet] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)  # headings nobody knows
    hidden: list[str] = field(default_factory=list)  # sheets passed over
    refusals: list[Refusal] = field(default_factory=list)
    unusable: list[Refusal] = field(default_factory=list)
    rows: int = 0


def read(path: Path, today: date) -> Rows:
    """Read every table of a file at once. What cannot be read is in `refusals`; it never raises for content."""
    found = Found()
    rows = list(each_row(path, today, found))
    if found.unusable:
        return Rows([], found.unusable, [])
    return Rows(rows, found.refusals, found.ignored, found.sheets)


def each_row(path: Path, today: date, found: Found, learned: Mapping[str, str] = NOTHING_KNOWN) -> Iterator[Row]:
    """Every row of a file as it is read; never raises for content. Memory does not grow with the file.

    Where `found.unusable` holds anything at the end, the rows that came before must not be used either.
    """
    try:
        with opened(path) as tables:
            yield from _rows(list(_sheets(tables, found, learned)), today, found)
    except Unreadable as error:
        found.unusable.append(Refusal(error.sheet, error.row, "", error.reason))


def _sheets(tables: Sequence[Table], found: Found, learned: Mapping[str, str]) -> Iterator[tuple[Sheet, Table]]:
    """The sheets that are tables of households, or what is wrong with the whole."""
    hidden = [table.name for table in tables if table.hidden]
    shown = [(table, list(islice(table.lines(), HEADING_WITHIN))) for table in tables if not table.hidden]
    candidates = [(_sheet(table, top, learned), table) for table, top in shown if top]
    if not candidates:
        reason = _("这张表是隐藏的；请取消隐藏再交") if hidden else _("这是一个空的工作簿")
        found.unusable.append(Refusal(hidden[0] if hidden else "", 0, "", reason))
        return
    found.hidden.extend(hidden)
    best = max(len(sheet.places) for sheet, _table in candidates)
    kept = [pair for pair in candidates if len(pair[0].places) >= min(best, A_TABLE_HAS)]
    found.unusable.extend(_lacking([sheet for sheet, _table in kept], learned))
    for index, (sheet, table) in enumerate(kept):
        numbered = Sheet(sheet.name, sheet.heading_row, sheet.headings, sheet.places, index, table.source, sheet.top)
        found.sheets.append(numbered)
        found.ignored.extend(h for h in sheet.headings if h and not places([h], learned) and h != REASONS)
        yield numbered, table


def _sheet(table: Table, top: Sequence[Line], learned: Mapping[str, str]) -> Sheet:
    """The row with the most known headings, of the first few, is the heading; or two rows that say more together."""
    choices = []
    for place, (number, line) in enumerate(top):
        own = [None if isinstance(cell, Filled) else cell for cell in line]
        choices.append((len(places(own, learned)), -place, number, number, [_words(cell) for cell in own]))
        if place and top[place - 1][0] == number - 1 and _is_heading(line, learned):
            both = joined(top[place - 1][1], line, learned)
            choices.append((len(places(both, learned)), -place, number - 1, number, both))
    _known, _place, first, last, headings = max(choices)
    return Sheet(table.name, last, headings, places(headings, learned), source=table.source, top=first)


def _is_heading(line: Sequence[Any], learned: Mapping[str, str]) -> bool:
    """Whether a row can be the lower half of two: words only, and some of them known."""
    return len(places(line, learned)) > 1 and not any(re.search(r"\d{4}", _words(cell)) for cell in line)


def _words(cell: Any) -> str:
    return str("" if cell is None else cell).strip()


def _lacking(sheets: Sequence[Sheet], learned: Mapping[str, str]) -> Iterator[Refusal]:
    """Sheets that share household numbers complete each other."""
    together = {name: 0 for sheet in sheets if "household" in sheet.places for name in sheet.places}
    for sheet in sheets:
        known = {**together, **sheet.places} if "household" in sheet.places else sheet.places
        for heading in missing(known):
            yield Refusal(sheet.name, sheet.heading_row, heading, _("缺少这一列"))
        doubled = {h for h in sheet.headings if h and sheet.headings.count(h) > 1 and places([h], learned)}
        for heading in sorted(doubled):
            yield Refusal(sheet.name, sheet.heading_row, heading, _("这一列出现了两次"))


def _rows(kept: Sequence[tuple[Sheet, Table]], today: date, found: Found) -> Iterator[Row]:
    if found.unusable:
        return
    for sheet, table in kept:
        columns = [
            (name, place, reader) for (name, place), reader in zip(sheet.places.items(), _of(sheet, today), strict=True)
        ]
        for number, line in data_lines(sheet, table):
            found.rows += 1
            yield _row(sheet, number, line, columns, found.refusals)
    if not found.rows:
        found.unusable.append(Refusal(kept[0][0].name, 0, "", _("表头下面没有数据")))


def data_lines(sheet: Sheet, table: Table) -> Iterator[Line]:
    """The lines under the headings that say something of a household: no blanks, totals, or headings once more."""
    marks = [(place, normal(sheet.headings[place])) for place in sheet.places.values()][:A_TABLE_HAS]
    key = sheet.places.get("id_number")
    for number, line in table.lines():
        if number <= sheet.heading_row:
            continue
        first = next((cell for cell in line if cell is not None and (not isinstance(cell, str) or cell.strip())), None)
        if first is None:
            continue
        if isinstance(first, str):
            if NO_HOUSEHOLD.match("".join(first.split())) and not (key is not None and key < len(line) and line[key]):
                continue
            if all(place < len(line) and normal(line[place]) == mark for place, mark in marks):
                continue
        yield number, line


def _row(
    sheet: Sheet, number: int, line: Sequence[Any], columns: Sequence[tuple[str, int, Read]], refusals: list[Refusal]
) -> Row:  # fmt: skip
    row = Row(sheet, number)
    wide = len(line)
    said = row.said
    for name, place, reader in columns:
        try:
            said[name] = reader(line[place] if place < wide else None)
        except cells.BadCell as bad:
            refusals.append(row.refuse(name, str(bad)))
    return row


def _of(sheet: Sheet, today: date) -> list[Read]:
    """The readers of a sheet's columns; columns that say few different things remember how they were read."""
    readers = _readers(today)
    return [readers[name] if name in OF_THEIR_OWN else _remembering(readers[name]) for name in sheet.places]


def _remembering(reader: Read) -> Read:
    known: dict[Any, Any] = {}

    def read(cell: Any) -> Any:
        try:
            return known[cell]
        except KeyError:
            value = reader(cell)
            if len(known) < REMEMBERED:
                known[cell] = value
            return value

    return read


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
    readers["health"] = partial(cells.choice, words=vocabulary.HEALTH, missing="")
    readers["labour"] = partial(cells.choice, words=vocabulary.LABOUR, missing="")
    readers["structure"] = partial(cells.choice, words=vocabulary.STRUCTURE, missing="", otherwise="")
    readers["grade"] = partial(cells.choice, words=vocabulary.GRADE, missing="")
    readers["monitored"] = partial(cells.choice, words=vocabulary.MONITORED, missing="")
    readers["type"] = partial(cells.choice, words=vocabulary.TYPE, missing="")
    return readers
