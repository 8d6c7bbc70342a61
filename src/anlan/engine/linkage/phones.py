"""Telephone numbers as lists hold them: +86, dashes, blanks, two in one cell, rounded by a sheet."""

import polars as pl

from anlan.engine.linkage.text import emptied, plain

_CLEAN = r"^1[3-9][0-9]{9}$"
# Numbers written where there is none.
_FILLERS = ["13800000000", "13800138000", "13888888888", "13999999999", "13911111111", "18888888888", "13333333333"]


def text(cells: pl.Series) -> pl.Series:
    """The first mobile number of each cell, or a landline with its area code; null where there is neither."""
    odd = ~cells.str.contains(_CLEAN).fill_null(False)
    places = odd.arg_true()
    read = cells.clone().scatter(places, _read(cells.filter(odd))) if len(places) else cells
    return read.set(read.is_in(_FILLERS).fill_null(False), None)


def _read(cells: pl.Series) -> pl.Series:
    written = plain(cells).str.replace(r"\.0+$", "")
    # 1.3812345678E+10 shows all its digits; a shorter one has lost some.
    written = written.str.replace(r"^([0-9])\.([0-9]{10})[Ee]\+?10$", "$1$2").str.replace_all(r"[-—–()]", "")
    mobile = written.str.extract(r"(?:^|[^0-9]|\+?0{0,2}86)(1[3-9][0-9]{9})(?:[^0-9]|$)")
    landline = written.str.extract(r"^(?:\+?0{0,2}86)?(0[0-9]{9,11})$")
    return emptied(mobile.zip_with(mobile.is_not_null(), landline))
