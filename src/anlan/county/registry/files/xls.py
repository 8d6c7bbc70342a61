"""The old binary xls, through calamine. A format that stops at 65,536 rows of 256 cells bounds itself."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from anlan.county.registry.files.table import Line, Merge, Table, Unreadable, spread


def tables(path: Path, label: str = "") -> list[Table]:
    """The sheets of an xls workbook. Raises Unreadable."""
    book = _guarded(partial(CalamineWorkbook.from_path, str(path)))
    return [
        Table(
            f"{label}{meta.name}",
            partial(_lines, book, meta.name, f"{label}{meta.name}"),
            meta.visible is not SheetVisibleEnum.Visible,
        )
        for meta in book.sheets_metadata
        if meta.typ is SheetTypeEnum.WorkSheet
    ]


def _lines(book: CalamineWorkbook, name: str, label: str) -> Iterator[Line]:
    try:
        sheet = _guarded(partial(book.get_sheet_by_name, name))
    except Unreadable as error:
        raise Unreadable(error.reason, label) from error
    left = sheet.start[1] if sheet.start else 0
    merges: list[Merge] = [
        (first[0] + 1, first[1], last[0] + 1, last[1]) for first, last in sheet.merged_cell_ranges or []
    ]
    rows = (
        (number, [*([None] * left), *(None if cell == "" else cell for cell in row)])
        for number, row in enumerate(sheet.iter_rows(), start=1)  # empty rows above are given, too
    )
    yield from spread(iter(rows), merges)


def _guarded(call: Any) -> Any:
    """Call into the reader; what it cannot read, in whatever way it says so, is a file that cannot be read."""
    try:
        return call()
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # a panic of the reader's is no Exception
        if "assword" in str(error):
            raise Unreadable(_("文件有密码；请去掉密码另存后再交")) from error
        raise Unreadable(_("这不是能打开的 Excel 文件；请另存为 xlsx 再交")) from error
