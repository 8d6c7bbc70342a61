"""What every kind of file becomes, and how far any of them may go."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Line = tuple[int, list[Any]]  # the number in the sheet's margin, and the cells

MAX_COLUMNS = 16_384  # as Excel has them
MAX_PART_BYTES = 3 * 1024**3  # of one sheet, unpacked
BOMB_BYTES, BOMB_RATIO = 64 * 1024**2, 400  # beyond so much, and packed tighter than any sheet of households is
MAX_ROW_BYTES = 8 * 1024**2
MAX_MERGES = 1_000_000
MAX_STRINGS_BYTES = 1024**3
MAX_MEMBERS = 500  # files in a zip


class Unreadable(ValueError):
    """A file, or a sheet or a row of it, that cannot be read as it stands. The reason never repeats what it holds."""

    def __init__(self, reason: str, sheet: str = "", row: int = 0) -> None:
        super().__init__(reason)
        self.reason, self.sheet, self.row = reason, sheet, row


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet. `lines` may be walked more than once; merged cells say the same everywhere."""

    name: str
    lines: Callable[[], Iterator[Line]]
    hidden: bool = False
    source: int = 0  # which file of a zip


class Broken:
    """A cell that holds no value: an error, a formula nobody calculated, bytes that are no text."""

    __slots__ = ("reason",)

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def __str__(self) -> str:
        return "#"


class Filled(str):
    """Words that stand in a cell only because a merged range covers it from the left."""

    __slots__ = ()


Merge = tuple[int, int, int, int]  # first row, first column, last row, last column; rows from 1, columns from 0


def spread(lines: Iterator[Line], merges: Sequence[Merge]) -> Iterator[Line]:
    """Give every cell of a merged range what its first cell says."""
    if not merges:
        yield from lines
        return
    waiting = sorted(merges)
    at = 0
    open_: list[tuple[Merge, Any]] = []
    for number, cells in lines:
        open_ = [(merge, value) for merge, value in open_ if merge[2] >= number]
        while at < len(waiting) and waiting[at][0] <= number:
            merge = waiting[at]
            at += 1
            if merge[2] >= number and merge[0] == number:
                open_.append((merge, cells[merge[1]] if merge[1] < len(cells) else None))
        for (_top, left, _bottom, right), value in open_:
            if value is None:
                continue
            cells.extend([None] * (min(right + 1, MAX_COLUMNS) - len(cells)))
            beside = Filled(value) if isinstance(value, str) else value
            cells[left : right + 1] = [value, *([beside] * (min(right, MAX_COLUMNS - 1) - left))]
        yield number, cells
