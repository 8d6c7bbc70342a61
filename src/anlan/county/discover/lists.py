"""A department's list: read from a sheet or from rows, matched with the registry by ID number and name."""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from anlan.county import seal
from anlan.county.errors import BadInput
from anlan.county.registry.identity import check_digit
from anlan.county.registry.models import Person

COLUMNS = {"name": "姓名", "id_number": "身份证号", "reason": "事由", "yuan": "金额"}  # the file's own words
ENCODINGS = ("utf-8-sig", "gb18030")
ID_NUMBER = re.compile(r"\d{17}[\dX]", re.ASCII)

# What a department's words say was hit. The first that occurs counts; none of them is "other".
WORDS = (
    ("home", ("房", "倒塌", "倒损")),
    ("water", ("水源", "饮水", "供水", "断水", "缺水")),
    ("livestock", ("畜", "禽", "养殖", "猪", "牛", "鸡", "鸭", "鱼")),
    ("crop", ("农业保险", "农作物", "种植", "作物", "稻", "粮", "田", "绝收", "减产", "果树", "水果", "蔬菜")),
    ("medical", ("医", "住院", "病")),
    ("people", ("伤", "亡", "残")),
    ("schooling", ("学",)),
    ("work", ("失业", "务工", "就业", "停工")),
    ("equipment", ("农机", "设备", "存货")),
)


@dataclass(frozen=True, slots=True)
class Screened:
    """What became of a department's list. `unmatched` are row numbers of people whom no household holds."""

    rows: int
    leads: int
    unmatched: list[int]
    refusals: list[dict[str, Any]]  # {"row", "column", "reason"}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list; `number` is what the sheet's margin shows."""

    number: int
    name: str
    id_number: str
    reason: str
    yuan: float | None


@dataclass(frozen=True, slots=True)
class Read:
    """A list as read: its good rows, and what is wrong with the others."""

    rows: list[Row]
    refusals: list[dict[str, Any]]

    @property
    def count(self) -> int:
        """How many rows were given, good or bad."""
        return len({row.number for row in self.rows} | {refusal["row"] for refusal in self.refusals})


@dataclass(frozen=True, slots=True)
class Matched:
    """Rows with their household, rows whose person is in no household, and rows whose name does not agree."""

    found: list[tuple[Row, int]]
    unknown: list[Row]
    refusals: list[dict[str, Any]]


def read(path: Path) -> Read:
    """Read an xlsx, xls or csv file whose first line names the columns. Raises BadInput for an unreadable one."""
    table = _csv(path) if path.suffix.lower() == ".csv" else _sheet(path)
    if not table:
        raise BadInput(_("名单是空的。"))
    places = _places([str(title).strip() for title in table[0]])
    given = [
        (number, {name: line[place] if place < len(line) else "" for name, place in places.items()})
        for number, line in enumerate(table[1:], start=2)
        if any(str(cell).strip() for cell in line)
    ]
    return check(given)


def check(given: Iterable[tuple[int, Mapping[str, Any]]]) -> Read:
    """Check numbered rows of {name, id_number, reason, yuan} one by one."""
    rows, refusals = [], []
    for number, cells in given:
        row, wrong = _row(number, cells)
        refusals += wrong
        if row is not None:
            rows.append(row)
    return Read(rows, refusals)


def _csv(path: Path) -> list[list[Any]]:
    data = path.read_bytes()
    for encoding in ENCODINGS:
        try:
            return list(csv.reader(data.decode(encoding).splitlines()))
        except UnicodeDecodeError:
            continue
        except csv.Error as error:
            raise BadInput(_("名单不是规范的 csv 文件。")) from error
    raise BadInput(_("名单的文字编码无法识别，请另存为 UTF-8。"))


def _sheet(path: Path) -> list[list[Any]]:
    try:
        book = CalamineWorkbook.from_path(path)
        return book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError) as error:
        raise BadInput(_("名单打不开：请使用 xlsx、xls 或 csv 文件。")) from error


def _places(titles: list[str]) -> dict[str, int]:
    places = {name: titles.index(title) for name, title in COLUMNS.items() if title in titles}
    if missing := [COLUMNS[name] for name in ("name", "id_number", "reason") if name not in places]:
        raise BadInput(_("名单第一行缺少列：%(columns)s。") % {"columns": "、".join(missing)})
    return places


def _row(number: int, cells: Mapping[str, Any]) -> tuple[Row | None, list[dict[str, Any]]]:
    name, reason = _text(cells.get("name")), _text(cells.get("reason"))
    id_number = _text(cells.get("id_number")).upper()
    yuan, amount_ok = _amount(cells.get("yuan"))
    wrong = [
        refusal(number, column, why)
        for bad, column, why in (
            (not name, "name", _("没有填写")),
            (not is_id_number(id_number), "id_number", _("不是有效的身份证号")),
            (not reason, "reason", _("没有填写")),
            (not amount_ok, "yuan", _("不是不小于 0 的数")),
        )
        if bad
    ]
    return (None if wrong else Row(number, name, id_number, reason, yuan)), wrong


def refusal(number: int, column: str, why: str) -> dict[str, Any]:
    """What is wrong with one cell. It never repeats the cell."""
    return {"row": number, "column": COLUMNS[column], "reason": why}


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)  # a sheet keeps long numbers as floats; their last digits are lost, and the check finds it
    return "".join(str("" if cell is None else cell).split())


def _amount(cell: Any) -> tuple[float | None, bool]:
    text = _text(cell).replace(",", "").removesuffix("元")
    if not text:
        return None, True
    try:
        yuan = float(text)
    except ValueError:
        return None, False
    return yuan, 0 <= yuan < float("inf")


def is_id_number(text: str) -> bool:
    """Whether this can be a resident's identity number (GB 11643: seventeen digits and a check digit)."""
    return ID_NUMBER.fullmatch(text) is not None and text[-1] == check_digit(text[:-1])


def match(rows: Iterable[Row]) -> Matched:
    """Find each row's household by ID number; the name must agree with the registry's."""
    given = list(rows)
    people = Person.objects.filter(id_number__among={row.id_number for row in given}).order_by("-household__code")
    known = {number: (name, home) for number, name, home in people.values_list("id_number", "name", "household_id")}
    unknown = [row for row in given if row.id_number not in known]
    here = [row for row in given if row.id_number in known]
    found = [(row, known[row.id_number][1]) for row in here if known[row.id_number][0] == row.name]
    refusals = [
        refusal(row.number, "name", _("与名册登记的姓名不符")) for row in here if known[row.id_number][0] != row.name
    ]
    return Matched(found, unknown, refusals)


def key(event_code: str, source: str, row: Row) -> str:
    """The report's key: the same line of the same department's list is the same report."""
    text = "|".join((event_code, source, row.id_number, row.reason, str(row.yuan)))
    return f"dept-{seal.ring().digest(text, 'discover.source.key')}"  # keyed: ID numbers are few enough to try


def claim(source: str, row: Row) -> dict[str, Any]:
    """What the line says was hit, in the words of a report."""
    kind = next((kind for kind, words in WORDS if any(word in row.reason for word in words)), "other")
    said: dict[str, Any] = {"kinds": [kind], "text": f"{source}：{row.reason}"}
    return said if row.yuan is None else {**said, "loss_yuan": row.yuan}
