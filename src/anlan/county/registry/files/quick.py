"""Rows of a sheet in the plain form that Excel, WPS and every library write, read by pattern: three times as fast.

Whatever is written in another way is left to a parser, so a pattern can only be faster, never differ. The rows of a
list look alike, so a pattern for a whole row is made from the first and tried on the others: twice as fast again.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from django.utils.translation import gettext as _
from lxml import etree

from anlan.county.registry.files.table import MAX_ROW_BYTES, Line, Unreadable

ROW = re.compile(r"<row\b([^>]*?)(?:/>|>(.*?)</row>)", re.DOTALL)
NUMBER = re.compile(r'\br="(\d{1,7})"')
CELL = re.compile(
    r'<c(?: r="([A-Z]{1,3})\d{1,7}")?((?: [a-z]{1,2}="\w{1,9}")*)'
    r'(?:/>|><v>([^<]+)</v></c>|><is><t(?: [a-z:]+="[a-z]+")?>([^<]+)</t></is></c>)'
)
MANY = 10_000
MOST_SHAPES = 8
WIDE = 256  # cells; a pattern for a wider row would take longer to make than it saves
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


class NotPlain(Exception):
    """A sheet that is written in a way of its own."""


class Book(Protocol):
    """The workbook that the sheet stands in."""

    def typed(self, kind: str, text: str, style: str | None) -> Any:
        """A cell's text as what its type says it is."""

    def place(self, reference: str) -> int:
        """The column that a reference names."""

    def cells(self, row: Any) -> list[Any]:
        """What the cells of a parsed row say."""


def rows(chunks: Iterator[bytes], book: Book) -> Iterator[Line | None]:
    """Every row of a sheet, None for one that holds nothing. Raises NotPlain where it must stop."""
    left, number, begun = b"", 0, False
    shapes: list[Shape] = []
    for chunk in chunks:
        left += chunk
        if not begun:
            at = left.find(b"<sheetData")
            if b"<!" in left[: at if at >= 0 else None] or len(left) > MAX_ROW_BYTES:
                raise NotPlain
            if at < 0:
                continue
            left, begun = left[at:], True
        end = left.rfind(b"</row>") + len(b"</row>")
        if end < len(b"</row>"):
            if len(left) > MAX_ROW_BYTES:
                raise Unreadable(_("有一行大得不像名册；没有读取"))
            continue
        piece, left = left[:end], left[end:]
        if b"<!" in piece or b"<?" in piece:
            raise NotPlain
        for attributes, body in _each(piece.decode(errors="replace")):
            given = NUMBER.search(attributes)
            number = int(given[1]) if given else number + 1
            cells = (_shaped(body, shapes) or _cells(body, book, shapes)) if body else None
            yield (number, cells) if cells else None
    if b"</sheetData>" not in left and b"<sheetData/>" not in left:
        raise NotPlain


def _each(piece: str) -> Iterator[tuple[str, str]]:
    """What stands in each row's tag, and within the row. Rows end alike, so the pieces between are looked at first."""
    for part in piece.split("</row>")[:-1]:
        end = part.find(">")
        if part.startswith("<row ") and part[end - 1] != "/" and part.find("<row", end) < 0:
            yield part[4:end], part[end + 1 :]
        else:
            yield from ROW.findall(f"{part}</row>")


Reading = Callable[[str], Any]
# A row's pattern, how wide it is, and for every group its column and how its text is read (None: as it stands).
Shape = tuple[re.Pattern[str], int, tuple[tuple[int, Reading | None], ...]]


def _shaped(body: str, shapes: list[Shape]) -> list[Any] | None:
    """The row's cells if it looks like one before it."""
    for place, (pattern, wide, plan) in enumerate(shapes):
        if found := pattern.fullmatch(body):
            if place:
                shapes.insert(0, shapes.pop(place))
            cells: list[Any] = [None] * wide
            for (column, read), text in zip(plan, found.groups(), strict=True):
                if text is not None:
                    cells[column] = read(text) if read else text
            return cells
    return None


def _cells(body: str, book: Book, shapes: list[Shape]) -> list[Any]:
    cells: list[Any] = []
    parts: list[str] = []
    plan: list[tuple[int, Reading | None]] = []
    tags = 0
    for cell in CELL.finditer(body):
        letters, attributes, text, inline = cell.groups()
        at = book.place(letters) if letters else len(cells)
        if at < len(cells):
            return _parsed(body, book)
        cells.extend([None] * (at - len(cells)))
        tags += 6 if inline else 4 if text else 1
        read = _reading(book, attributes) if text else None
        said = text or inline
        cells.append(read(said) if read else said)
        parts.append(_part(cell, letters))
        if said:
            plan.append((at, read))
    # Every tag was part of a cell that the pattern knows, and nothing has to be unescaped: that was all.
    if tags != body.count("<") or "&" in body:
        return _parsed(body, book)
    if len(shapes) < MOST_SHAPES and len(parts) <= WIDE:
        shapes.insert(0, (re.compile("".join(parts)), len(cells), tuple(plan)))
    return cells


def _part(cell: re.Match[str], letters: str | None) -> str:
    """A pattern for cells like this one: with a text of any kind, empty, or, where cells are named, left out.

    It never turns back: each cell stands for itself, so a row that does not fit is known at its first other cell.
    """
    name = rf' r="{letters}\d{{1,7}}"' if letters else ""
    empty = rf'<c{name}(?: s="\w{{1,9}}")?/>'
    group = 3 if cell[3] else 4
    if cell[group]:
        whole, (start, end) = cell[0], (cell.start(group) - cell.start(), cell.end(group) - cell.start())
        opened = whole[:start].partition(f'r="{letters}')[2].lstrip("0123456789")[1:] if letters else whole[2:start]
        empty = f"{re.escape('<c')}{name}{re.escape(opened)}([^<&]++){re.escape(whole[end:])}|{empty}"
    return f"(?>{empty}){'?+' if letters else ''}"


_KINDS: dict[str, tuple[str, str | None]] = {}


def _kind(attributes: str) -> tuple[str, str | None]:
    """A cell's type and style; a workbook has few combinations of them."""
    said = dict(re.findall(r' ([a-z]+)="(\w+)"', attributes))
    found = (said.get("t", "n"), said.get("s"))
    if len(_KINDS) < MANY:
        _KINDS[attributes] = found
    return found


def _reading(book: Book, attributes: str) -> Reading:
    """How the text of cells with these attributes is read."""
    kind, style = _KINDS.get(attributes) or _kind(attributes)
    return lambda text: book.typed(kind, text, style)


def _parsed(body: str, book: Book) -> list[Any]:
    options: dict[str, Any] = {"resolve_entities": False, "no_network": True, "huge_tree": False, "load_dtd": False}
    try:
        row = etree.fromstring(f'<row xmlns="{SHEET}">{body}</row>', etree.XMLParser(**options))
    except etree.XMLSyntaxError as error:
        raise NotPlain from error
    return book.cells(row)
