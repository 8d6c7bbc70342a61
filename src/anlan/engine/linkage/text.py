"""What every cell goes through first: one width of letters, no blanks, nothing that cannot be seen."""

from functools import lru_cache
from importlib.resources import files

import polars as pl

_UNSEEN = r"[\s\p{Cc}\p{Cf}'\"`]"


def plain(cells: pl.Series) -> pl.Series:
    """Full width made narrow (NFKC); no blank, quotation mark or invisible character; an empty cell is null."""
    return emptied(cells.str.normalize("NFKC").str.replace_all(_UNSEEN, ""))


def emptied(cells: pl.Series) -> pl.Series:
    """Null where nothing is written."""
    return cells.set(cells == "", None)


@lru_cache
def lines(name: str) -> tuple[str, ...]:
    """The lines of one of this package's word lists, without blanks and comments."""
    text = files("anlan.engine.linkage").joinpath(name).read_text(encoding="utf-8")
    return tuple(line for line in map(str.strip, text.splitlines()) if line and line[0] != "#")
