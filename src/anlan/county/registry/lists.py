"""A list of persons from a sheet or a text file, as columns of text for a comparison. No database here.

Whatever wrote the file: xlsx, xls or ods; csv with commas, semicolons or tabs, in UTF-8, GB18030 or UTF-16; a title
above the headings. Rows are counted from 1, the row of headings not among them.
"""

import codecs
import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from anlan.county.errors import BadInput
from anlan.county.registry.headings import FIELDS, normal

if TYPE_CHECKING:
    import polars as pl

HEADING_WITHIN = 10
LOOKED_AT = 20_000  # characters in which the headings are looked for
DIGITS_KEPT = 15  # a sheet's number holds no more; what it shows after them was never written
BOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
ENCODINGS = ("utf-8-sig", "gb18030")
SEPARATORS = ",\t;，"
# What lists of other offices call these columns, on top of what the registry's own import knows.
ALSO: dict[str, tuple[str, ...]] = {
    "name": ("人员姓名", "户主姓名", "户主", "对象姓名", "full name"),
    "id_number": (
        "公民身份证号",
        "公民身份证号码",
        "身份证件号码",
        "证件号",
        "身份号码",
        "残疾证号",
        "idcard",
        "id no",
        "id card no",
    ),
    "sex": (),
    "born": ("出生年月", "birthday", "dob", "birth"),
    "phone": ("移动电话", "本人电话", "联系手机", "手机", "tel", "phone number", "mobile phone"),
    "division": ("区划", "行政区", "所属区划", "户籍地", "region", "area code"),
    "address": ("户籍地址", "现住址", "居住地址", "家庭地址", "通讯地址", "addr"),
    "household": ("户口编号", "家庭编码", "hh", "hhid"),
    "township": (),
    "village": (),
}
KNOWN = {normal(name): field for field, more in ALSO.items() for name in (*FIELDS[field], *more)} | {
    normal(field): field for field in ALSO
}


@dataclass(frozen=True, slots=True)
class Placed:
    """A table, and where it stands: its sheet (empty in a text file), the row its first line has in the margin, and
    its columns' headings as they are written.
    """

    sheet: str
    first: int
    headings: dict[str, str]
    table: "pl.DataFrame"


def read(path: Path) -> "pl.DataFrame":
    """The list's known columns, every cell as text. Raises BadInput, which names the file and the place in it."""
    import polars as pl

    table = placed(path, KNOWN).table
    if parts := [name for name in ("township", "village") if name in table.columns]:
        words = table.select(pl.concat_str(parts, ignore_nulls=True).alias("division"))["division"]
        given = table["division"] if "division" in table.columns else words
        table = table.drop(parts).with_columns(division=given.zip_with(given.is_not_null(), words))
    if not {"name", "id_number"} & set(table.columns):
        raise BadInput(_("%(file)s：第一行没有“姓名”或“身份证号”这一列。") % {"file": path.name})
    return table


def columns(path: Path, names: Sequence[str]) -> "pl.DataFrame":
    """The columns of a file that are called so, every cell as text. Raises BadInput where one is missing."""
    table = placed(path, {normal(name): name for name in names}).table
    if lacking := [name for name in names if name not in table.columns]:
        raise BadInput(_("%(file)s：缺少列 %(columns)s。") % {"file": path.name, "columns": "、".join(lacking)})
    return table


def placed(path: Path, known: Mapping[str, str]) -> Placed:
    """The columns of a file that are known by their (normal) headings, and where the table stands. Raises BadInput."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(_("%(file)s：文件打不开。") % {"file": path.name}) from error
    if not data.strip():
        raise BadInput(_("%(file)s：文件是空的。") % {"file": path.name})
    return (_sheet if data.startswith(BOOKS) else _text)(path.name, data, known)


def _places(headings: Sequence[object], known: Mapping[str, str]) -> dict[str, int]:
    """Where each known field stands. Of two columns for one field the first counts, a person's before the head's."""
    found: dict[str, int] = {}
    for place, heading in enumerate(headings):
        field = known.get(normal(heading))
        if field and (field not in found or "户主" in str(headings[found[field]])):
            found[field] = place
    return found


def _heading(lines: Sequence[Sequence[object]], known: Mapping[str, str]) -> tuple[int, dict[str, int]]:
    """The row, of the first few, that names the most columns; and where they stand."""
    each = [_places(line, known) for line in lines[:HEADING_WITHIN]]
    row = max(range(len(each)), key=lambda place: (len(each[place]), -place), default=0)
    return row, each[row] if each else {}


def _no_heading(name: str) -> BadInput:
    return BadInput(
        _("%(file)s：前 %(rows)d 行里没有认得的列名，例如“姓名”“身份证号”。") % {"file": name, "rows": HEADING_WITHIN}
    )


def _text(name: str, data: bytes, known: Mapping[str, str]) -> Placed:
    """A text file's table. What is UTF-8 with its headings in the first line is read as it is, without a copy."""
    import polars as pl

    text = _plain_head(data)
    mark, row, places = _layout(text, known)
    if row == 0 and places and mark.isascii() and b"\0" not in data:
        try:
            return _table(data.removeprefix(codecs.BOM_UTF8), text, mark, row, places)
        except (pl.exceptions.PolarsError, ValueError):
            pass  # not all of it is UTF-8, or what is wrong with it shows below
    text = _decoded(name, data)
    mark, row, places = _layout(text, known)
    if not places:
        raise _no_heading(name)
    lines = text if row == 0 else "".join(text.splitlines(keepends=True)[row:])
    if not mark.isascii():
        lines = lines.replace(mark, ",")
    try:
        return _table(lines.encode(), text, mark, row, places)
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise BadInput(_("%(file)s：不是规范的 csv 文件，可能有没有成对的引号。") % {"file": name}) from error


def _plain_head(data: bytes) -> str:
    """The beginning of a text that may be UTF-8; nothing where it is not."""
    try:
        return codecs.utf_8_decode(data[: 4 * LOOKED_AT], "strict", False)[0].removeprefix("\ufeff")
    except UnicodeDecodeError:
        return ""


def _layout(text: str, known: Mapping[str, str]) -> tuple[str, int, dict[str, int]]:
    """The separator by which the most columns are known, their line, and where they stand in it."""
    first = text[:LOOKED_AT].splitlines()[:HEADING_WITHIN]
    tries = [(mark, *_heading([_cells(line, mark) for line in first], known)) for mark in SEPARATORS]
    return max(tries, key=lambda found: len(found[2]))


def _table(data: bytes, text: str, mark: str, row: int, places: Mapping[str, int]) -> Placed:
    """The lines of `data`, which begin with the headings that stand in a row of the text."""
    import polars as pl

    written = _cells(text[:LOOKED_AT].splitlines()[row], mark)
    table = pl.read_csv(
        data, separator=mark if mark.isascii() else ",", has_header=False, infer_schema=False,
        truncate_ragged_lines=True, schema={f"c{place}": pl.String for place in range(len(written))},
        columns=sorted(places.values()),
    )  # fmt: skip
    return Placed(
        "", row + 2, {field: written[place].strip() for field, place in places.items()},
        table[1:].select(pl.col(f"c{place}").alias(field) for field, place in places.items()),
    )  # fmt: skip


def _cells(line: str, mark: str) -> list[str]:
    return next(csv.reader([line], delimiter=mark), [])


def _decoded(name: str, data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if b"\0" not in data:
        for encoding in ENCODINGS:
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                continue
    raise BadInput(_("%(file)s：不是表格文件；请使用 xlsx、xls，或者 UTF-8、GB18030 编码的 csv。") % {"file": name})


def _sheet(name: str, data: bytes, known: Mapping[str, str]) -> Placed:
    import polars as pl
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        tables = {each: book.get_sheet_by_name(each).to_python(skip_empty_area=False) for each in book.sheet_names}
    except (CalamineError, OSError, ValueError) as error:
        raise BadInput(_("%(file)s：打不开；请另存为 xlsx 或 csv，不要加密码。") % {"file": name}) from error
    sheet = max(tables, key=lambda each: len(_heading(tables[each], known)[1]), default="")
    table = tables.get(sheet, [])
    row, places = _heading(table, known)
    if not places:
        raise _no_heading(name)
    lines = table[row + 1 :]
    cells = {field: [_cell(line[place]) for line in lines] for field, place in places.items()}
    return Placed(
        sheet, row + 2, {field: str(table[row][place]).strip() for field, place in places.items()},
        pl.DataFrame({field: pl.Series(column, dtype=pl.String) for field, column in cells.items()}),
    )  # fmt: skip


def _cell(cell: Any) -> str | None:
    """A cell as text. Of a number too long for a sheet only the first fifteen digits were kept: the rest is masked."""
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        digits = str(int(cell)) if float(cell).is_integer() else str(cell)
        return digits if abs(cell) < 10**DIGITS_KEPT else digits[:DIGITS_KEPT].ljust(len(digits), "*")
    return str(cell) if cell not in (None, "") else None
