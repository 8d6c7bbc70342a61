"""A web page or a worksheet in plain XML saved as .xls, as old systems export them."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from lxml import etree

from anlan.county.registry.files.table import MAX_COLUMNS, Line, Table, Unreadable
from anlan.county.registry.files.text import decoded

MAX_BYTES = 256 * 1024**2
MAX_SPAN = 1000
SHEET = "urn:schemas-microsoft-com:office:spreadsheet"
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
CHINESE = {"gb2312", "gbk", "gb18030", "x-gbk"}


def tables(path: Path, label: str = "") -> list[Table]:
    """The page's rows as one table: a table laid out around another brings no rows of its own. Raises Unreadable."""
    if path.stat().st_size > MAX_BYTES:
        raise Unreadable(_("网页格式的文件过大；请用 Excel 打开后另存为 xlsx 再交"))
    name = label.rstrip("/") or path.stem
    head = path.read_bytes()[:4096]
    if b"urn:schemas-microsoft-com:office:spreadsheet" in head:
        return list(_worksheets(path, label))
    return [Table(name, partial(_lines, path, name))]


def _encoding(head: bytes) -> str:
    """What the page says it is in; where that is a smaller Chinese set, the whole of it."""
    if head.startswith(b"\xef\xbb\xbf"):
        return "utf-8"
    found = _CHARSET.search(head)
    said = found[1].decode().lower() if found else ""
    if said in CHINESE or (not said and decoded(head) != head.decode(errors="replace")):
        return "gb18030"
    return said or "utf-8"


def _lines(path: Path, name: str) -> Iterator[Line]:
    with path.open("rb") as file:
        encoding = _encoding(file.read(4096))
    number = 0
    below: dict[int, tuple[int, Any]] = {}  # column: rows it still covers, and what it says
    try:
        pages = etree.iterparse(
            str(path), events=("end",), tag="tr", html=True, encoding=encoding, no_network=True, huge_tree=False
        )
        for _event, row in pages:
            number += 1
            cells = _row(row, below)
            row.clear()
            if any(cell not in (None, "") for cell in cells):
                yield number, cells
    except (etree.XMLSyntaxError, LookupError, OSError) as error:
        raise Unreadable(_("这不是能打开的 Excel 文件；请另存为 xlsx 再交"), name, number) from error


def _row(row: Any, below: dict[int, tuple[int, Any]]) -> list[Any]:
    cells: list[Any] = []

    def fill() -> None:
        while len(cells) in below:
            place = len(cells)
            left, value = below[place]
            cells.append(value)
            if left > 1:
                below[place] = (left - 1, value)
            else:
                del below[place]

    for cell in row:
        if cell.tag not in {"td", "th"}:
            continue
        fill()
        value = " ".join("".join(cell.itertext()).split()) or None
        rows, columns = _span(cell.get("rowspan")), _span(cell.get("colspan"))
        for _column in range(columns):
            if len(cells) >= MAX_COLUMNS:
                raise Unreadable(_("列数超出 Excel 的范围；没有读取"))
            if rows > 1:
                below[len(cells)] = (rows - 1, value)
            cells.append(value)
    fill()
    return cells


def _span(words: str | None) -> int:
    return max(1, min(MAX_SPAN, int(words))) if words and words.strip().isdigit() and len(words) < 9 else 1


def _worksheets(path: Path, label: str) -> Iterator[Table]:
    """The sheets of a workbook in the XML of 2003."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.parse(str(path), parser).getroot()
    except (etree.XMLSyntaxError, OSError) as error:
        raise Unreadable(_("文件已损坏，打不开")) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable(_("文件里有不该有的声明（DOCTYPE）；没有读取"))
    for sheet in root.iterfind(f"{{{SHEET}}}Worksheet"):
        name = f"{label}{sheet.get(f'{{{SHEET}}}Name') or ''}"
        yield Table(name, partial(_xml_lines, sheet))


def _xml_lines(sheet: Any) -> Iterator[Line]:
    number = 0
    for row in sheet.iterfind(f"{{{SHEET}}}Table/{{{SHEET}}}Row"):
        number = _index(row, number + 1)
        cells: list[Any] = []
        for cell in row.iterfind(f"{{{SHEET}}}Cell"):
            place = _index(cell, len(cells) + 1) - 1
            if place >= MAX_COLUMNS:
                raise Unreadable(_("列数超出 Excel 的范围；没有读取"))
            cells.extend([None] * (place - len(cells)))
            data = cell.find(f"{{{SHEET}}}Data")
            across = _span(cell.get(f"{{{SHEET}}}MergeAcross")) if cell.get(f"{{{SHEET}}}MergeAcross") else 0
            cells.extend([_xml_value(data)] * (1 + across))
        if cells:
            yield number, cells


def _index(element: Any, otherwise: int) -> int:
    given = element.get(f"{{{SHEET}}}Index")
    return int(given) if given and given.isdigit() and len(given) < 9 else otherwise


def _xml_value(data: Any) -> Any:
    if data is None:
        return None
    text = "".join(data.itertext())
    if data.get(f"{{{SHEET}}}Type") == "Number":
        try:
            return float(text)
        except ValueError:
            return text
    return text or None
