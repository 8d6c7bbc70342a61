"""Files for the import's tests: workbooks written cell by cell, and identity numbers nobody has."""

import csv
import io
import zipfile
from itertools import zip_longest

from openpyxl import Workbook
from tests.county.registry.conftest import A

from anlan.county.registry.identity import check_digit

PEOPLE = ("户编号", "行政区划代码", "姓名", "身份证号", "与户主关系")
HOUSES = ("户编号", "行政区划代码", "户主姓名", "户主身份证号")


def number(serial, born="19721111", male=True):
    """An identity number nobody has: the area 990123 was never assigned."""
    body = f"990123{born}{serial * 2 + male:03d}"
    return body + check_digit(body)


def book(path, *sheets, names=("名册", "成员", "说明"), merges=()):
    """A workbook of these sheets, each a list of rows, with row 1 first; ranges to merge in the first of them."""
    made = Workbook()
    made.remove(made.active)
    for place, (name, rows) in enumerate(zip_longest(names[: len(sheets)], sheets)):
        sheet = made.create_sheet(name or f"表{place}")
        for row in rows:
            sheet.append(list(row))
    for merge in merges:
        made.worksheets[0].merge_cells(merge)
    made.save(path)
    return path


def house(serial=1, village=A, **said):
    """A row of a sheet of households, and its headings."""
    row = dict(zip(HOUSES, (f"{village}{serial:05d}", village, f"示例{serial}", number(serial)), strict=True))
    return row | said


def rows_of(*houses):
    """Headings and rows of these households."""
    headings = list(dict.fromkeys(name for each in houses for name in each))
    return [headings, *([each.get(name) for name in headings] for each in houses)]


def csv_of(rows, encoding="utf-8", separator=","):
    """Rows as the bytes of a csv file."""
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(rows)
    return out.getvalue().encode(encoding)


def zipped(path, **files):
    """A zip of files by name."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def sheet_xml(path, rows, *, head="", tail="", more=None):
    """The smallest xlsx around the XML of a sheet's rows, for what no library would write."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    parts = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": (
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="名册" sheetId="1" r:id="r1"/></sheets>'
            "</workbook>"
        ),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{package}"><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>'
        ),
        "xl/worksheets/sheet1.xml": (
            f'{head}<worksheet xmlns="{main}"><sheetData>{rows}</sheetData>{tail}</worksheet>'
        ),
        **(more or {}),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def cells_xml(*lines):
    """Rows of text cells as a sheet's XML."""
    return "".join(
        f'<row r="{at}">' + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in line) + "</row>"
        for at, line in enumerate(lines, start=1)
    )
