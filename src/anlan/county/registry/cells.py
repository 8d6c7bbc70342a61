"""What a cell of a workbook says. Each reader takes the cell and returns a value, or raises BadCell with a reason.

A reason never repeats the cell: it may be shown where the cell's content must not be.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from anlan.county.registry.files.table import Broken

T = TypeVar("T")
DIGITS_KEPT = 1e15  # a sheet's numbers hold fifteen digits; of longer ones the last are lost
EARLIEST = date(1900, 1, 1)
SERIALS = (10_000, 80_000)  # days since 1899-12-30, as sheets count them; four digits may be a year
_ROUNDED = re.compile(r"[-+]?\d(?:\.\d+)?[eE]\+?(\d{1,3})", re.ASCII)
# Full-width digits, letters and blanks as they should be; what cannot be seen, away. Punctuation stays as written.
_WIDTH = {
    **{code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))},
    0x3000: 0x20, **dict.fromkeys((0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF)),
}  # fmt: skip
_DATE = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[ T].*)?")
_AMOUNT = re.compile(r"(-?\d+(?:\.\d+)?)(万?)(?:元|亩|人|口|㎡|平方米|平米|层|年|组)?")

YES = frozenset({"是", "有", "y", "yes", "true", "1", "√", "已参加", "参加", "已参保", "已消除"})
NO = frozenset({"否", "无", "n", "no", "false", "0", "×", "未参加", "未参保", "未消除", "没有"})


class BadCell(ValueError):
    """A cell that cannot be read as what its column holds; the argument is the reason."""


def text(cell: Any) -> str:
    """The words of a cell, or the digits of a number kept as one."""
    if isinstance(cell, str):
        if ("E" in cell or "e" in cell) and (rounded := _ROUNDED.fullmatch(cell.strip())) and int(rounded[1]) >= 15:
            raise BadCell(_lost())
        return " ".join((cell if cell.isascii() else cell.translate(_WIDTH)).replace("\0", "").split())
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, int | float):
        if abs(cell) >= DIGITS_KEPT:
            raise BadCell(_lost())
        return str(int(cell)) if float(cell).is_integer() else str(cell)
    if isinstance(cell, Broken):
        raise BadCell(cell.reason)
    return " ".join(str(cell).split())


def _lost() -> str:
    return _("长数字被存成了数值，末位已丢失；请把这一列设为文本格式后重新填写")


def _narrow(cell: Any) -> str:
    """The words of a cell in half-width characters throughout, for what is not prose."""
    words = text(cell)
    return words if words.isascii() else unicodedata.normalize("NFKC", words)


def number(cell: Any) -> float | None:
    """A number of at least nothing; None for an empty cell."""
    words = _narrow(cell).replace(",", "").replace(" ", "")
    if not words:
        return None
    found = _AMOUNT.fullmatch(words)
    if not found:
        raise BadCell(_("不是数字"))
    value = float(found[1]) * (10_000 if found[2] else 1)
    if value < 0:
        raise BadCell(_("不能小于 0"))
    return value


def whole(cell: Any) -> int | None:
    """A whole number of at least nothing, no larger than a table's column holds."""
    value = number(cell)
    if value is None:
        return None
    if not value.is_integer() or value > 32_767:
        raise BadCell(_("不是合理的整数"))
    return int(value)


def coordinate(cell: Any, least: float, most: float) -> float | None:
    """A coordinate in degrees within a range."""
    words = _narrow(cell).rstrip("°")
    if not words:
        return None
    try:
        value = float(words)
    except ValueError as error:
        raise BadCell(_("不是数字")) from error
    if not least <= value <= most:
        raise BadCell(_("坐标超出范围（%(least)g 至 %(most)g）") % {"least": least, "most": most})
    return value


def day(cell: Any) -> date | None:
    """A day, kept as one, as a sheet counts days, or written out: 1972-11-11, 1972/11/11, 19721111, 1972年11月11日."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    words = _narrow(cell)
    if not words:
        return None
    if words.isdigit() and len(words) == 5 and SERIALS[0] <= int(words) <= SERIALS[1]:
        return date(1899, 12, 30) + timedelta(days=int(words))
    found = _DATE.fullmatch(words)
    if not found:
        raise BadCell(_("不是日期"))
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError as error:
        raise BadCell(_("没有这一天")) from error


def past_day(cell: Any, today: date) -> date | None:
    """A day that has come, and not before anyone alive was born."""
    value = day(cell)
    if value is not None and not EARLIEST <= value <= today:
        raise BadCell(_("日期早于 1900 年或在今天之后"))
    return value


def flag(cell: Any) -> bool | None:
    """Yes or no; None for an empty cell."""
    words = text(cell).lower()
    if not words:
        return None
    if words in YES:
        return True
    if words in NO:
        return False
    raise BadCell(_("应填写“是”或“否”"))


def choice(cell: Any, words: Mapping[str, T], *, missing: T, otherwise: T | None = None) -> T:
    """The value whose word this is, or whose word stands in it: 患有大病,残疾 gives the one listed first.

    An unknown word is `otherwise`, and refused where there is no otherwise.
    """
    written = _narrow(cell).lower()
    if not written:
        return missing
    if written in words:
        return words[written]
    for word, value in words.items():
        if len(word) > 1 and word in written:
            return value
    if otherwise is not None:
        return otherwise
    examples = [word for word in words if not word.isascii()][:6]
    raise BadCell(_("不是可以填写的内容，应为：%(words)s") % {"words": "、".join(examples)})


def present(cell: Any, absent: Collection[str] = NO) -> bool | None:
    """Whether anything is written that does not mean none; None for an empty cell."""
    words = text(cell).lower()
    return words not in absent if words else None
