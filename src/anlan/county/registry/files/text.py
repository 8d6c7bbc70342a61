"""A csv file, line by line: UTF-8 with or without a mark, GB18030, UTF-16, and files pasted together of these."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from anlan.county.registry.files.table import MAX_COLUMNS, Broken, Line, Table, Unreadable

MAX_LINE_BYTES = 1024 * 1024
SAMPLE_BYTES = 64 * 1024
SEPARATORS = (",", "\t", ";", "，", "|")
WIDE = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_QUOTED = re.compile(r'="(.*)"', re.DOTALL)  # ="3601…": how exports keep a sheet from rounding a long number
_UNREADABLE = "\ufffd"


def tables(path: Path, label: str = "") -> list[Table]:
    """A csv file as its one table. Its sheet has no name of its own, so the file's is used."""
    name = label.rstrip("/") or path.stem
    return [Table(name, partial(_lines, path, name))]


def _lines(path: Path, name: str) -> Iterator[Line]:
    separator = _separator(path)
    reader = csv.reader(_text(path, name), delimiter=separator, strict=False)
    number = 0
    try:
        for cells in reader:
            number += 1
            if len(cells) > MAX_COLUMNS:
                raise Unreadable(_("列数超出 Excel 的范围；没有读取"), name, number)
            if cells:
                yield number, [_cell(cell) for cell in cells]
    except csv.Error as error:
        raise Unreadable(_("引号没有成对，或有一格过长"), name, number + 1) from error


def _cell(text: str) -> Any:
    if not text:
        return None
    if _UNREADABLE in text:
        return Broken(_("文字编码无法识别；请另存为 UTF-8 再交"))
    if text[0] == "=":
        quoted = _QUOTED.fullmatch(text)
        return quoted[1] if quoted else text
    return text[1:] if text[0] == "'" and text[1:].isalnum() else text


def _text(path: Path, name: str) -> Iterator[str]:
    """The file's lines as text; each line is decoded for itself."""
    with path.open("rb") as file:
        mark = file.read(3)
        wide = next((encoding for bom, encoding in WIDE.items() if mark.startswith(bom)), None)
        if wide:
            file.seek(2)
            text = io.TextIOWrapper(file, wide, "replace", newline="")
            while words := text.readline(MAX_LINE_BYTES):
                yield words
            return
        file.seek(3 if mark == codecs.BOM_UTF8 else 0)
        number = 0
        while line := file.readline(MAX_LINE_BYTES):
            number += 1
            if len(line) >= MAX_LINE_BYTES:
                raise Unreadable(_("有一行大得不像名册；没有读取"), name, number)
            yield decoded(line)


def decoded(line: bytes) -> str:
    """A line in whichever of the two encodings it is in; what is in neither keeps a mark where it cannot be read.

    A short line of GB18030 can be valid UTF-8 by chance, but then says letters of alphabets no register uses.
    """
    if line.isascii():
        return line.decode("ascii").replace("\0", "")
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return line.decode("gb18030", errors="replace").replace("\0", "")
    if not any(character >= "\u2000" for character in text):
        try:
            return line.decode("gb18030")
        except UnicodeDecodeError:
            return text
    return text.replace("\0", "")


def _separator(path: Path) -> str:
    with path.open("rb") as file:
        sample = file.read(SAMPLE_BYTES)
    wide = next((encoding for bom, encoding in WIDE.items() if sample.startswith(bom)), None)
    lines = sample.decode(wide, "ignore").splitlines() if wide else [decoded(line) for line in sample.splitlines()]
    return max(SEPARATORS, key=lambda each: (sum(line.count(each) for line in lines[:20]), -SEPARATORS.index(each)))
