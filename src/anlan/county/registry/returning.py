"""The rows that were refused, as the workbook they came in: the same sheets and columns, the wrong cells on red."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _

from anlan.county.registry.files.opening import opened
from anlan.county.registry.files.table import Table
from anlan.county.registry.intake import Intake
from anlan.county.registry.sheets import Marked, writing
from anlan.county.registry.workbook import REASONS, Refusal, Sheet, data_lines

Reasons = Mapping[tuple[str, int], list[Refusal]]


def return_refused(path: Path, intake: Intake, out: Path | IO[bytes]) -> int:
    """Write the refused rows of a file to a workbook, to be put right and sent again. Returns how many."""
    reasons: dict[tuple[str, int], list[Refusal]] = defaultdict(list)
    for refusal in intake.refusals:
        reasons[refusal.sheet, refusal.row].append(refusal)
    count = 0
    with opened(path) as tables, writing(out) as book:
        by_name = {table.name: table for table in tables}
        for sheet in intake.found.sheets:
            table = by_name[sheet.name]
            heading = [
                [*_cells(line, sheet), *([REASONS] if number == sheet.heading_row else [])]
                for number, line in _above(table, sheet)
            ]
            count += book.sheet(sheet.name, heading, _rows(sheet, table, intake, reasons), len(sheet.headings) + 1)
    return count


def _above(table: Table, sheet: Sheet) -> Iterator[tuple[int, list[Any]]]:
    for number, line in table.lines():
        if number > sheet.heading_row:
            return
        yield number, line


def _cells(line: list[Any], sheet: Sheet) -> list[Any]:
    """A row as wide as the headings."""
    wide = len(sheet.headings)
    return [*line[:wide], *([None] * (wide - len(line)))]


def _rows(sheet: Sheet, table: Table, intake: Intake, reasons: Reasons) -> Iterator[list[Any]]:
    for number, line in data_lines(sheet, table):
        if (sheet.index << 32 | number) not in intake.refused:
            continue
        cells = _cells(line, sheet)
        wrong = reasons.get((sheet.name, number), [])
        for each in wrong:
            if each.column in sheet.headings:
                place = list(sheet.headings).index(each.column)
                cells[place] = cells[place] if isinstance(cells[place], Marked) else Marked(cells[place])
        said = "；".join(f"{each.column}：{each.reason}" for each in wrong) or _("同一户的其他行有问题")
        yield [*cells, _("原第 %(row)d 行：%(reasons)s") % {"row": number, "reasons": said}]
