"""An xlsx file row by row, in memory that does not grow with it.

Only what a table needs is read: values. Formulas are never calculated, links never followed, entities never expanded.
"""

import re
from array import array
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo

from django.utils.translation import gettext as _
from lxml import etree

from anlan.county.registry.files import quick
from anlan.county.registry.files.parts import stream
from anlan.county.registry.files.table import (
    MAX_COLUMNS,
    MAX_MERGES,
    MAX_ROW_BYTES,
    MAX_STRINGS_BYTES,
    Broken,
    Line,
    Merge,
    Table,
    Unreadable,
    spread,
)

DAY_FORMATS = frozenset({*range(14, 18), 22, *range(27, 32), 36, *range(50, 59)})  # numFmtId of days
_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_RANGE = re.compile(r"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})")
MAX_SERIAL = 2_958_465  # 9999-12-31


def tables(path: Path, label: str = "") -> list[Table]:
    """The sheets of a workbook in their order. Raises Unreadable."""
    book = _Book(path)
    found = [
        Table(f"{label}{name}", partial(book.lines, part, f"{label}{name}"), hidden)
        for name, part, hidden in book.sheets()
    ]
    if not found:
        raise Unreadable(_("这个工作簿里没有工作表"))
    return found


class _Book:
    """An open workbook: its strings and its styles, read once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.archive = ZipFile(path)
        except (BadZipFile, OSError, ValueError) as error:
            raise Unreadable(_("文件已损坏，打不开")) from error
        self.parts = {info.filename.replace("\\", "/").lstrip("/").lower(): info for info in self.archive.infolist()}
        self.strings: _Strings | None = None
        self.days: list[bool] | None = None
        self.columns: dict[str, int] = {}
        self.epoch = datetime(1899, 12, 30)  # noqa: DTZ001 (a sheet's days have no zone)

    def part(self, name: str) -> ZipInfo | None:
        return self.parts.get(name.lower())

    def sheets(self) -> Iterator[tuple[str, ZipInfo, bool]]:
        """Name, part and whether it is hidden, of every sheet of cells."""
        root = self.tree("xl/workbook.xml")
        links = self.tree("xl/_rels/workbook.xml.rels")
        if root is None or links is None:
            raise Unreadable(_("这不是 xlsx 工作簿；请另存为 xlsx 再交"))
        base = root.find("{*}workbookPr")
        if base is not None and base.get("date1904") in {"1", "true"}:
            self.epoch = datetime(1904, 1, 1)  # noqa: DTZ001
        targets = {link.get("Id"): _target(link.get("Target") or "") for link in links}
        for sheet in root.iterfind("{*}sheets/{*}sheet"):
            key = next((value for name, value in sheet.attrib.items() if str(name).endswith("}id")), None)
            part = self.part(targets.get(key, ""))
            if part is not None:
                yield str(sheet.get("name") or ""), part, sheet.get("state") in {"hidden", "veryHidden"}

    def tree(self, name: str) -> Any:
        """A small part, whole; None where it is missing."""
        part = self.part(name)
        if part is None:
            return None
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
        try:
            for chunk in stream(self.archive, part, 64 * 1024**2):
                parser.feed(chunk)
            root = parser.close()
        except etree.XMLSyntaxError as error:
            raise Unreadable(_("文件已损坏，打不开")) from error
        _without_doctype(root)
        return root

    def prepare(self) -> None:
        """Read the strings and the styles, once."""
        if self.days is not None:
            return
        self.days = list(_day_styles(self.tree("xl/styles.xml")))
        self.strings = _Strings()
        part = self.part("xl/sharedStrings.xml")
        if part is not None:
            for item in _elements(stream(self.archive, part, MAX_STRINGS_BYTES), "{*}si"):
                self.strings.add(_words(item))

    def lines(self, part: ZipInfo, name: str) -> Iterator[Line]:
        """A sheet's rows that hold anything; merged cells filled."""
        try:
            self.prepare()
            merges = list(_merges(stream(self.archive, part)))
            yield from spread(self._rows(part), merges)
        except Unreadable as error:
            raise Unreadable(error.reason, name, error.row) from error

    def _rows(self, part: ZipInfo) -> Iterator[Line]:
        """Rows in the plain form that programs write are read by pattern; any other way of writing, by a parser."""
        done = 0
        try:
            for line in quick.rows(stream(self.archive, part), self):
                done += 1
                if line is not None:
                    yield line
        except quick.NotPlain:
            yield from self._parsed_rows(part, done)

    def _parsed_rows(self, part: ZipInfo, passed: int) -> Iterator[Line]:
        number = 0
        for place, row in enumerate(_elements(stream(self.archive, part), "{*}row")):
            given = row.get("r")
            number = int(given) if given and given.isdigit() else number + 1
            if place >= passed and (cells := self.cells(row)):
                yield number, cells

    def cells(self, row: Any) -> list[Any]:
        """What the cells of a parsed row say, each in its place."""
        cells: list[Any] = []
        for cell in row.iterchildren("{*}c"):
            reference = cell.get("r")
            if reference is None:  # cells without references stand side by side
                cells.append(self.value(cell) if len(cell) else None)
            elif len(cell):
                place = self.place(reference)
                cells.extend([None] * (place - len(cells)))
                if place == len(cells):
                    cells.append(self.value(cell))
                else:
                    cells[place] = self.value(cell)
        return cells

    def place(self, reference: str) -> int:
        """The column that a cell's reference names."""
        letters = reference.rstrip("0123456789")
        place = self.columns.get(letters)
        if place is None:
            place = self.columns[letters] = _column(letters)
        return place

    def value(self, cell: Any) -> Any:
        """What a cell says: text, a number, a moment, yes or no, or that it says nothing usable."""
        text, formula = None, False
        for child in cell:
            tag = _local(child)
            if tag == "v":
                text = child.text
            elif tag == "is":
                text = _words(child)
            elif tag == "f":
                formula = True
        if text is None:
            return Broken(_("公式没有计算结果；请改成数值再交")) if formula else None
        return self.typed(cell.get("t", "n"), text, cell.get("s"))

    def typed(self, kind: str, text: str, style: str | None) -> Any:
        """A cell's text as what its type says it is."""
        if kind in {"n", ""}:
            return self._number(text, style)
        if kind == "s":
            assert self.strings is not None  # noqa: S101 (prepare came before)
            return self.strings[int(text)] if text.isdigit() else Broken(_("单元格已损坏"))
        if kind == "b":
            return text.strip() in {"1", "true"}
        return Broken(_("单元格是一个错误值")) if kind == "e" else text

    def _number(self, text: str, style: str | None) -> Any:
        try:
            value = float(text)
        except ValueError:
            return Broken(_("单元格已损坏"))
        if style and self.days and style.isdigit() and int(style) < len(self.days) and self.days[int(style)]:
            return self.epoch + timedelta(days=value) if 0 <= value < MAX_SERIAL else value
        return value


class _Strings:
    """Millions of strings as one run of bytes and where each begins: a fifth of what a list of them takes."""

    def __init__(self) -> None:
        self.bytes = bytearray()
        self.ends = array("Q", [0])

    def add(self, text: str) -> None:
        self.bytes += text.encode(errors="surrogatepass")
        self.ends.append(len(self.bytes))

    def __getitem__(self, place: int) -> Any:
        if place + 1 >= len(self.ends):
            return Broken(_("单元格已损坏"))
        return self.bytes[self.ends[place] : self.ends[place + 1]].decode(errors="replace")


def _elements(chunks: Iterator[bytes], tag: str) -> Iterator[Any]:
    """Each element of a kind as it ends, let go when the next is asked for."""
    options: dict[str, Any] = {"resolve_entities": False, "no_network": True, "huge_tree": False, "load_dtd": False}
    parser = etree.XMLPullParser(events=("end",), tag=tag, **options)
    since, first = 0, True
    try:
        for chunk in chunks:
            parser.feed(chunk)
            since += len(chunk)
            for _event, element in parser.read_events():
                if first:
                    _without_doctype(element)
                    first = False
                since = 0
                yield element
                _let_go(element)
            if since > MAX_ROW_BYTES and not first:
                raise Unreadable(_("有一行大得不像名册；没有读取"))
            if since > 8 * MAX_ROW_BYTES:
                raise Unreadable(_("工作表里没有数据行，却大得不像名册；没有读取"))
    except etree.XMLSyntaxError as error:
        raise Unreadable(_("文件已损坏，打不开")) from error


def _let_go(element: Any) -> None:
    element.clear()
    parent = element.getparent()
    if parent is not None:
        while parent[0] is not element:
            del parent[0]


def _without_doctype(element: Any) -> None:
    if element.getroottree().docinfo.internalDTD is not None:
        raise Unreadable(_("文件里有不该有的声明（DOCTYPE）；没有读取"))


def _local(element: Any) -> str:
    """A tag's own name; none for a comment."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _words(item: Any) -> str:
    """The text of a string, its runs joined, without readings printed above characters."""
    found = []
    for child in item:
        tag = _local(child)
        if tag == "t":
            found.append(child.text or "")
        elif tag == "r":
            found.extend(run.text or "" for run in child if _local(run) == "t")
    return "".join(found)


def _merges(chunks: Iterator[bytes]) -> Iterator[Merge]:
    """The merged ranges, which stand behind the rows: looked for in the bytes before anything is parsed."""
    tail, count = b"", 0
    for chunk in chunks:
        text = tail + chunk
        if b"mergeCell" not in text:
            tail = text[-32:]
            continue
        for found in re.finditer(rb"<(?:\w+:)?mergeCell\s[^>]{0,200}?ref=\"([A-Z]+\d+:[A-Z]+\d+)\"", text):
            merge = _merge(found[1].decode())
            if merge is not None:
                count += 1
                if count > MAX_MERGES:
                    raise Unreadable(_("合并单元格过多；请取消合并再交"))
                yield merge
        cut = text.rfind(b"<")
        tail = text[cut:] if cut >= 0 and len(text) - cut < 4096 and b">" not in text[cut:] else b""


def _merge(text: str) -> Merge | None:
    found = _RANGE.fullmatch(text)
    if not found:
        return None
    return int(found[2]), _column(found[1]), int(found[4]), _column(found[3])


def _column(letters: str) -> int:
    """A column's place from its letters: A is 0."""
    place = 0
    for letter in letters:
        if not "A" <= letter <= "Z":
            raise Unreadable(_("文件已损坏，打不开"))
        place = place * 26 + ord(letter) - 64
        if place > MAX_COLUMNS:
            raise Unreadable(_("列数超出 Excel 的范围；没有读取"))
    return max(0, place - 1)


def _target(target: str) -> str:
    """A relationship's target as a part's name."""
    whole = target if target.startswith("/") else f"/xl/{target}"
    return str(PurePosixPath(whole)).lstrip("/")


def _day_styles(root: Any) -> Iterator[bool]:
    """For every cell style, whether a number in it is a day."""
    if root is None:
        return
    own = {
        format_.get("numFmtId"): _is_day(format_.get("formatCode") or "")
        for format_ in root.iterfind("{*}numFmts/{*}numFmt")
    }
    for style in root.iterfind("{*}cellXfs/{*}xf"):
        key = style.get("numFmtId") or "0"
        yield own[key] if key in own else key.isdigit() and int(key) in DAY_FORMATS


def _is_day(code: str) -> bool:
    plain = _LITERAL.sub("", code).lower()
    return "y" in plain or "d" in plain or "e" in plain.replace("general", "").replace("e+", "").replace("e-", "")
