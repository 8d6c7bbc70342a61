"""Writing xlsx as a stream with nothing but a zip file: memory stays flat, every text stays text."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import IO, Any
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from anlan.county.registry.files.table import Broken
from anlan.county.registry.headings import FIELDS

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
LEVEL = 3  # of packing: twice as fast as the default, and hardly larger
ROWS_AT_ONCE = 500
MOST_ROWS = 1_048_576  # of one sheet, in every program that opens it
LEFT_OUT = ("head_name",)  # the head is a row of the sheet
# An example nobody can be: the area 990123 was never assigned.
EXAMPLE = {
    "household": "1", "division": "", "township": "示例镇", "village": "示例村", "name": "示例户主",
    "id_number": "990123197211110033", "relation": "户主", "farmland_mu": "4", "wage_yuan": "20000",
}  # fmt: skip
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
# Style 1 is bold; 2 is text (number format 49), so that long numbers keep their digits; 3 is text on red.
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><fonts count="2"><font><sz val="11"/></font>'
    '<font><b/><sz val="11"/></font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FFFFC7CE"/><bgColor indexed="64"/></patternFill>'
    "</fill></fills>"
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="2" borderId="0" xfId="0" applyNumberFormat="1" applyFill="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
BOLD, TEXT, MARKED = 1, 2, 3


class Marked:
    """A cell to be shown on red."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class Writer:
    """A workbook being written, sheet after sheet."""

    def __init__(self, archive: ZipFile) -> None:
        self.archive = archive
        self.names: list[str] = []

    def sheet(self, name: str, heading: Sequence[Sequence[Any]], rows: Iterable[Sequence[Any]], wide: int) -> int:
        """Write a sheet of bold, frozen headings over text columns. Returns how many rows stand under them."""
        self.names.append(self._free(name))
        top = len(heading)
        pane = f'<pane ySplit="{top}" topLeftCell="A{top + 1}" activePane="bottomLeft" state="frozen"/>'
        count = 0
        with self.part(f"xl/worksheets/sheet{len(self.names)}.xml") as out:
            out.write(
                f'<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
                f'<cols><col min="1" max="{max(1, wide)}" width="18" style="2" customWidth="1"/></cols>'
                "<sheetData>".encode()
            )
            for number, row in enumerate(heading, start=1):
                out.write(_row(number, row, BOLD).encode())
            each, number = iter(rows), top
            while chunk := list(islice(each, ROWS_AT_ONCE)):
                texts = [_row(number + place, row, TEXT) for place, row in enumerate(chunk, start=1)]
                out.write("".join(texts).encode())
                number += len(chunk)
                count += len(chunk)
            out.write(b"</sheetData></worksheet>")
        return count

    @contextmanager
    def part(self, name: str) -> Iterator[IO[bytes]]:
        """A part of the file, to be written as it comes. A fixed date, so that the same rows are the same file."""
        info = ZipInfo(name)
        info.compress_type = ZIP_DEFLATED
        info._compresslevel = LEVEL  # type: ignore[attr-defined]
        with self.archive.open(info, "w", force_zip64=True) as out:
            out.write(DECLARATION.encode())
            yield out

    def close(self) -> None:
        """Write what names the sheets."""
        numbers = range(1, len(self.names) + 1)
        overrides = "".join(
            f'<Override PartName="/xl/worksheets/sheet{at}.xml" ContentType="{TYPE}.worksheet+xml"/>' for at in numbers
        )
        sheets = "".join(
            f'<sheet name={quoteattr(name)} sheetId="{at}" r:id="r{at}"/>'
            for at, name in enumerate(self.names, start=1)
        )
        links = "".join(
            f'<Relationship Id="r{at}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{at}.xml"/>' for at in numbers
        )
        styles = f'<Relationship Id="s1" Type="{OFFICE}/styles" Target="styles.xml"/>'
        for name, text in {
            "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": (
                f'<Relationships xmlns="{PACKAGE}/relationships">{links}{styles}</Relationships>'
            ),
            "xl/styles.xml": STYLES,
            "_rels/.rels": (
                f'<Relationships xmlns="{PACKAGE}/relationships">'
                f'<Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
            ),
            "[Content_Types].xml": (
                f'<Types xmlns="{PACKAGE}/content-types">'
                '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                '<Default Extension="xml" ContentType="application/xml"/>'
                f'<Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/>{overrides}'
                f'<Override PartName="/xl/styles.xml" ContentType="{TYPE}.styles+xml"/></Types>'
            ),
        }.items():
            with self.part(name) as out:
                out.write(text.encode())

    def _free(self, name: str) -> str:
        """A name that a sheet can have and none has yet."""
        base = _NOT_IN_NAMES.sub("-", _UNPRINTABLE.sub("", name)).strip("'")[:31] or "Sheet"
        name, number = base, 2
        while name.lower() in {each.lower() for each in self.names}:
            name = f"{base[:27]}({number})"
            number += 1
        return name


@contextmanager
def writing(out: Path | IO[bytes]) -> Iterator[Writer]:
    """A workbook to be written to a file."""
    with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=LEVEL) as archive:
        writer = Writer(archive)
        yield writer
        writer.close()


def template() -> bytes:
    """A workbook with every column the import knows, one row per person, and one row to show how."""
    fields = [name for name in FIELDS if name not in LEFT_OUT]
    return workbook([[FIELDS[name][0] for name in fields], [EXAMPLE.get(name, "") for name in fields]])


def workbook(rows: Sequence[Sequence[Any]]) -> bytes:
    """One sheet of text cells under a bold, frozen first row."""
    out = BytesIO()
    with writing(out) as book:
        book.sheet("农户名册", rows[:1], rows[1:], max(len(row) for row in rows))
    return out.getvalue()


def _row(number: int, row: Sequence[Any], style: int) -> str:
    cells: list[str] = []
    append = cells.append
    for value in row:
        if value.__class__ is str:
            text = escape(value) if value.isprintable() else _safe(value)
            append(f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>')
        elif value is None:
            append("<c/>")
        else:
            append(_other(value, style))
    return f'<row r="{number}">{"".join(cells)}</row>'


def _safe(text: str) -> str:
    return escape(_UNPRINTABLE.sub("", text))


def _other(value: Any, style: int) -> str:
    if isinstance(value, Marked):
        inner = value.value
        return _other("" if inner is None else inner, MARKED)
    if isinstance(value, bool):
        value = "1" if value else "0"
    if isinstance(value, float | int) and value - value == 0:  # neither endless nor none
        return f'<c s="{style}"><v>{value!r}</v></c>'
    if isinstance(value, datetime):
        value = value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ")
    elif isinstance(value, date):
        value = value.isoformat()
    elif isinstance(value, Broken):
        value = ""
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{_safe(str(value))}</t></is></c>'
