"""A department's file by its source's layout: rows of cells, and what is wrong with others. No database here."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from anlan.county import seal
from anlan.county.discover.comparison.sources import Column, DataSource
from anlan.county.errors import BadInput
from anlan.county.registry.headings import FIELDS, normal
from anlan.county.registry.lists import KNOWN, Placed, placed
from anlan.engine.linkage.text import plain

LARGEST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 200_000
WHO = ("name", "id_number", "sex", "born", "phone", "division", "township", "village", "address")
KEYED = ("name", "id_number", "born", "phone", "division", "township", "village", "address")
_DAY = re.compile(r"^((?:19|20)\d{2})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?$", re.ASCII)
_NUMBER = re.compile(r"^(\d+(?:\.\d+)?)(%|元|天|个月)?$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its number in the margin, who it is about, and what it says, by the layout's columns."""

    number: int
    key: str
    who: dict[str, str]
    said: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Read:
    """A list as read. `refused` names a place and a reason and never repeats a cell."""

    rows: int
    lines: list[Line]
    refused: list[dict[str, Any]]


def read(path: Path, source: DataSource) -> Read:
    """Read a list. Raises BadInput for a file that is no table, too large, or lacks a column that is needed."""
    if path.is_file() and path.stat().st_size > LARGEST_BYTES:
        raise BadInput(_("%(file)s：文件不能超过 %(size)d MB。") % {"file": path.name, "size": LARGEST_BYTES >> 20})
    own = {normal(heading): column.name for column in source.columns for heading in column.headings}
    people = {heading: name for heading, name in KNOWN.items() if name in WHO}
    # A person's column never has the name of one of the layout's: `who.` keeps the two apart.
    found = placed(path, {heading: f"who.{name}" for heading, name in people.items()} | own)
    _check_columns(path, source, found)
    if found.table.height > MOST_ROWS:
        raise BadInput(_("%(file)s：超过 %(rows)d 行，请分开报送。") % {"file": path.name, "rows": MOST_ROWS})
    lines: list[Line] = []
    refused: list[dict[str, Any]] = []
    rows = 0
    for number, cells in enumerate(_cleaned(found), start=found.first):
        if not cells:
            continue
        rows += 1
        line, wrong = _line(number, cells, source)
        refused += [_refusal(found, number, name, why) for name, why in wrong]
        if line is not None:
            lines.append(line)
    return Read(rows, lines, refused)


def _check_columns(path: Path, source: DataSource, found: Placed) -> None:
    if not {"who.name", "who.id_number"} & set(found.headings):
        raise BadInput(_("%(file)s：第一行没有“姓名”或“身份证号”这一列。") % {"file": path.name})
    lacking = [column.headings[0] for column in source.columns if column.needed and column.name not in found.headings]
    if lacking:
        raise BadInput(_("%(file)s：缺少列 %(columns)s。") % {"file": path.name, "columns": "、".join(lacking)})


def _cleaned(found: Placed) -> list[dict[str, str]]:
    """Every row's filled cells, in one width and without blanks."""
    columns = {name: plain(found.table[name]).to_list() for name in found.table.columns}
    return [
        {name: cell for name, cell in zip(columns, cells, strict=True) if cell is not None}
        for cells in zip(*columns.values(), strict=True)
    ]


def _line(number: int, cells: dict[str, str], source: DataSource) -> tuple[Line | None, list[tuple[str, str]]]:
    who = {name: cells[f"who.{name}"] for name in WHO if f"who.{name}" in cells}
    wrong = [] if {"name", "id_number"} & set(who) else [("who.name", _("姓名和身份证号都没有填写"))]
    said: dict[str, Any] = {}
    for column in source.columns:
        value, why = _value(column, cells.get(column.name, ""))
        if why:
            wrong.append((column.name, why))
        elif value is not None:
            said[column.name] = value
    return (None if wrong else Line(number, key(source.key, who), who, said)), wrong


def _value(column: Column, cell: str) -> tuple[Any, str]:
    """What a cell says, or what is wrong with it."""
    if not cell:
        return None, _("没有填写") if column.needed else ""
    if column.kind == "choice":
        meaning = column.words.get(cell)
        return meaning, "" if meaning else _("不是认得的写法，应为：%(words)s") % {"words": _offered(column)}
    if column.kind in {"number", "share"}:
        return _number(cell, column.kind)
    if column.kind == "day":
        day = _day(cell)
        return day, "" if day else _("不是日期，例如 2026-06-01")
    return cell[:200], ""


def _offered(column: Column) -> str:
    return "、".join(words[0] for words in column.choices.values())


def _number(cell: str, kind: str) -> tuple[float | None, str]:
    found = _NUMBER.match(cell.replace(",", "").replace("，", ""))
    if found is None:
        return None, _("不是不小于 0 的数")
    value = float(found[1])
    if kind == "share":
        value = value / 100 if found[2] == "%" or value > 1 else value
        return (value, "") if value <= 1 else (None, _("比例应在 0 到 100% 之间"))
    return (value, "") if value < 1e12 else (None, _("数过大"))


def _day(cell: str) -> str | None:
    found = _DAY.match(cell[:10].removesuffix("T"))
    if found is None or not (1 <= int(found[2]) <= 12 and 1 <= int(found[3]) <= 31):
        return None
    return f"{found[1]}-{int(found[2]):02d}-{int(found[3]):02d}"


def _refusal(found: Placed, number: int, name: str, why: str) -> dict[str, Any]:
    heading = found.headings.get(name) or FIELDS["name"][0]
    return {"sheet": found.sheet, "row": number, "column": heading, "reason": why}


def key(source: str, who: dict[str, str]) -> str:
    """What a row of a source is known by next month: a keyed digest of all it says of who it is about."""
    text = "|".join((source, *(who.get(name, "") for name in KEYED)))
    return seal.ring().digest(text, "discover.list.key")[:32]
