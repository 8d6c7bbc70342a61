"""Rows of a sheet in the plain form that Excel, WPS and every library write, read by pattern: three times as fast.

Whatever is written in another way is left to a parser, so a pattern can only be faster, never differ.
"""

import re
from collections.abc import Iterator
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
        for attributes, body in ROW.findall(piece.decode(errors="replace")):
            given = NUMBER.search(attributes)
            number = int(given[1]) if given else number + 1
            cells = _cells(body, book) if body else None
            yield (number, cells) if cells else None
    if b"</sheetData>" not in left and b"<sheetData/>" not in left:
        raise NotPlain


def _cells(body: str, book: Book) -> list[Any]:
    found = CELL.findall(body)
    cells: list[Any] = []
    tags = 0
    typed, place = book.typed, book.place
    for letters, attributes, text, inline in found:
        if letters:
            at = place(letters)
            if at != len(cells):
                if at < len(cells):
                    return _parsed(body, book)
                cells.extend([None] * (at - len(cells)))
        if inline:
            tags += 6
            cells.append(inline)
        elif text:
            tags += 4
            kind, style = _KINDS.get(attributes) or _kind(attributes)
            cells.append(typed(kind, text, style))
        else:
            tags += 1
            cells.append(None)
    # Every tag was part of a cell that the pattern knows, and nothing has to be unescaped: that was all.
    return cells if tags == body.count("<") and "&" not in body else _parsed(body, book)


_KINDS: dict[str, tuple[str, str | None]] = {}


def _kind(attributes: str) -> tuple[str, str | None]:
    """A cell's type and style; a workbook has few combinations of them."""
    said = dict(re.findall(r' ([a-z]+)="(\w+)"', attributes))
    found = (said.get("t", "n"), said.get("s"))
    if len(_KINDS) < MANY:
        _KINDS[attributes] = found
    return found


def _parsed(body: str, book: Book) -> list[Any]:
    options: dict[str, Any] = {"resolve_entities": False, "no_network": True, "huge_tree": False, "load_dtd": False}
    try:
        row = etree.fromstring(f'<row xmlns="{SHEET}">{body}</row>', etree.XMLParser(**options))
    except etree.XMLSyntaxError as error:
        raise NotPlain from error
    return book.cells(row)
