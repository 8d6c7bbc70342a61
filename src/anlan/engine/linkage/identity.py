"""Identity numbers (GB 11643) as lists hold them: whole, of fifteen digits, masked, cut, rounded by a sheet, mistyped.

Three things can come of a cell. `id`: a whole number that passes its check digit. `id_head`: the first fifteen digits,
of a whole number and of one whose end was lost. `id_like`: what a pattern still says (`_` one unknown character, `%`
any), with `id_digits` known digits. A number that is none of these may be one slip of the hand away from a whole one:
`repairs` lists those.
"""

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from anlan.engine.linkage.text import emptied, plain

Codes = NDArray[np.int8]

WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], dtype=np.int32)
CHECKS = "10X98765432"
_CHECK: Codes = np.array([10 if mark == "X" else int(mark) for mark in CHECKS], dtype=np.int8)
_ASKED = np.argsort(_CHECK).astype(np.int32)  # the sum that asks for a check digit
LENGTH = 18
HEAD = 15  # digits a sheet keeps of a number, and the length of an identity number before 1999
LATEST = "30"  # two digits of a year up to here may be of this century, though no such number was ever given out
MASK = "*"
_DAY = r"(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])"
_WHOLE = r"^[1-9][0-9]{5}(18|19|20)[0-9]{2}" + _DAY + r"[0-9]{3}[0-9X]$"
_CUT = r"^[1-9][0-9]{5}(19|20)[0-9]{2}" + _DAY + r"[0-9]$"
_OLD = r"^[1-9][0-9]{5}[0-9]{2}" + _DAY + r"[0-9]{3}$"
_LOST = _CUT.removesuffix("$") + r"(000|\*\*\*)$"
# X is written as a multiplication sign or as its Cyrillic twin, 0 as O, 1 as l; masks have many shapes.
_ALIKE = ["×", "Х", "O", "О", "L", "I", "●", "?", "•", "■", "□", "_", "#", "✱", "∗"]
_MEANT = ["X", "X", "0", "0", "1", "1", *[MASK] * 9]
# A number's rounded form, as sheets show it; the exponent says how long the number was.
_POWER = r"^[0-9]\.[0-9]+E\+?[0-9]{1,3}$"


def text(cells: pl.Series) -> pl.Series:
    """The characters of the number: width, blanks, case, separators and letters typed for digits put right."""
    written = plain(cells).str.to_uppercase().str.replace_many(_ALIKE, _MEANT)
    # A decimal point behind a long number is a sheet's own, and so are the digits after the fifteenth.
    written = written.str.replace(r"^([0-9]{15})[0-9]{2,3}\.0*$", "${1}***")
    rounded = written.is_not_null() & written.str.contains(_POWER)
    powers = written.filter(rounded).unique()
    written = written.replace(powers, pl.Series([_unrounded(power) for power in powers], dtype=pl.String))
    return emptied(written.str.replace_all(r"[^0-9X*]", ""))


def _unrounded(power: str) -> str:
    """The digits that a rounded number still shows, masked to its length: `3.6E+17` → `3` and seventeen masks."""
    mantissa, exponent = power.split("E")
    digits = mantissa.replace(".", "")[:HEAD]
    known = digits if len(digits) == HEAD else digits[:-1]  # the last of a shorter one was rounded
    return known.ljust(min(int(exponent) + 1, 25), MASK)


def read(cells: pl.Series) -> pl.DataFrame:
    """`id`, `id_head`, `id_like`, `id_digits` and `id_text` of every cell; null where a cell does not say.

    `id_text` is what is written where it is not a whole number.
    """
    # Most numbers are whole, and need no more than their check digit looked at.
    shape = (cells.str.contains(_WHOLE) & ~cells.str.ends_with("000")).fill_null(False)
    clean = shape.scatter(shape.arg_true(), _passing(_codes(cells.filter(shape))))
    table = pl.DataFrame({"id": cells.set(~clean, None)}).with_columns(
        id_head=pl.col("id").str.head(HEAD), id_like=pl.lit(None, pl.String), id_digits=pl.lit(0, pl.Int32),
        id_text=pl.lit(None, pl.String),
    )  # fmt: skip
    places, odd = (~clean).arg_true(), _odd(cells.filter(~clean))
    return pl.DataFrame([table[name].scatter(places, odd[name]) for name in table.columns]) if len(odd) else table


def _odd(cells: pl.Series) -> pl.DataFrame:
    """The same of cells that are not plainly a whole number."""
    table = pl.DataFrame({"text": text(cells)})
    length, mark = pl.col("text").str.len_chars(), pl.col("text")
    cut = (length < LENGTH) & mark.str.contains(_CUT)
    table = table.with_columns(
        cut=cut,
        old=(length == HEAD) & mark.str.contains(_OLD) & ~cut & (mark.str.slice(6, 2) > LATEST),
        lost=(length == LENGTH) & mark.str.contains(_LOST),
        # A disability certificate's number is its bearer's identity number and two or four digits more.
        longer=length.is_in([20, 22]) & mark.str.contains(r"^[0-9]{17}[0-9X]"),
    )
    table = table.with_columns(
        whole=pl.when("old").then(mark.str.head(6) + "19" + mark.str.tail(9) + "0")
        .when("longer").then(mark.str.head(LENGTH))
        .when(length == LENGTH).then(mark)
    )  # fmt: skip
    table = table.with_columns(id=_whole(table["whole"], table["old"]))
    table = table.with_columns(
        id_head=pl.when(pl.col("id").is_not_null()).then(pl.col("id").str.head(HEAD))
        .when("cut").then(mark)
        .when((length == LENGTH) & mark.str.contains(_CUT.removesuffix("$"))).then(mark.str.head(HEAD)),
        id_text=pl.when(pl.col("id").is_null()).then(mark),
    )  # fmt: skip
    like = _like(table["text"], table["lost"] | table["cut"])
    return table.select(
        "id", "id_head", id_like=like, id_digits=like.str.count_matches(r"[0-9]").fill_null(0).cast(pl.Int32),
        id_text="id_text",
    )  # fmt: skip


def _like(written: pl.Series, lost: pl.Series) -> pl.Series:
    """What a masked or shortened number still says, as an SQL pattern; a mask of another length stands for any."""
    # X in the middle is a mask.
    some = (written.str.contains(r"^[0-9]+[*X]|[*].*[0-9]") & (written.str.len_chars() <= 25)) & ~_number(written)
    masked = written.set(~some.fill_null(False), None).str.replace_all("X", MASK)
    exact = masked.str.replace_all(MASK, "_", literal=True)
    loose = masked.str.replace_all(r"\*+", "%")
    frame = pl.DataFrame({"written": written, "exact": exact, "loose": loose, "lost": lost.fill_null(False)})
    return frame.select(
        pl.when("lost").then(pl.col("written").str.head(HEAD) + "%")
        .when(pl.col("exact").str.len_chars() == LENGTH).then("exact")
        .otherwise("loose").alias("id_like")
    )["id_like"]  # fmt: skip


def _number(written: pl.Series) -> pl.Series:
    return written.str.contains(r"^[0-9]+X?$")


def _whole(numbers: pl.Series, old: pl.Series) -> pl.Series:
    """The numbers that pass their check digit, the others null; an old one is given its check digit."""
    fits = numbers.str.contains(_WHOLE).fill_null(False)
    codes = _codes(numbers.filter(fits))
    made = old.filter(fits).fill_null(False).to_numpy()
    codes[made, 17] = _CHECK[_sum(codes[made])]
    kept = pl.DataFrame({"id": _texts(codes), "good": _passing(codes)})
    kept = kept.select(pl.when("good").then("id"))
    return numbers.set(numbers.is_not_null(), None).scatter(fits.arg_true(), kept["id"]).rename("id")


def _passing(codes: Codes) -> pl.Series:
    """Which numbers pass their check digit."""
    return pl.Series(codes[:, 17] == _CHECK[_sum(codes)], dtype=pl.Boolean)


def repairs(cells: pl.Series) -> pl.DataFrame:
    """Whole numbers one slip away from each text: (`place`, `id`), `place` being the text's place in the series.

    Slips: one digit wrong, two neighbours swapped, one digit dropped, one too many; a number of fifteen digits that
    may be of either century.
    """
    written = pl.DataFrame({"text": cells}).with_row_index("place")
    found = []
    for length, slips in ((LENGTH, _wrong), (LENGTH - 1, _dropped), (LENGTH + 1, _extra), (HEAD, _aged)):
        some = written.filter(pl.col("text").str.contains(rf"^[0-9]{{{length - 1}}}[0-9X]$"))
        places = some["place"].to_numpy()
        for codes in slips(_codes(some["text"], length)):
            good = _plausible(codes)
            found.append(pl.DataFrame({"place": places[good].astype(np.int64), "id": _texts(codes[good])}))
    return pl.concat(found).unique().sort("place", "id")


def _wrong(codes: Codes) -> Iterator[Codes]:
    """One digit other than written, and two neighbours the other way round."""
    for place in range(17):
        yield _solved(codes, place)
        swapped = codes.copy()
        swapped[:, [place, place + 1]] = swapped[:, [place + 1, place]]
        yield swapped
    yield _solved(codes, 17)


def _dropped(codes: Codes) -> Iterator[Codes]:
    """A digit put in at every place."""
    for place in range(LENGTH):
        yield _solved(np.insert(codes, place, 0, axis=1), place)


def _extra(codes: Codes) -> Iterator[Codes]:
    """A character taken out at every place."""
    for place in range(LENGTH + 1):
        yield np.delete(codes, place, axis=1)


def _aged(codes: Codes) -> Iterator[Codes]:
    """Fifteen digits with a century before the year, and a check digit."""
    for century in ((1, 9), (2, 0)):
        yield _solved(np.insert(np.insert(codes, [6, 6], century, axis=1), LENGTH - 1, 0, axis=1), 17)


def _solved(codes: Codes, place: int) -> Codes:
    """The numbers with the one character at this place that makes the check digit right; maybe no digit."""
    solved = codes.copy()
    if place == 17:
        solved[:, 17] = _CHECK[_sum(codes)]
    else:  # every weight has an inverse modulo 11
        lacking = _ASKED[codes[:, 17]] - _sum(codes) + codes[:, place] * WEIGHTS[place]
        solved[:, place] = lacking * pow(int(WEIGHTS[place]), -1, 11) % 11
    return solved


def _sum(codes: Codes) -> NDArray[np.int32]:
    """The weighted sum modulo 11."""
    return np.asarray(codes[:, :17].astype(np.int32) @ WEIGHTS % 11)


def _plausible(codes: Codes) -> NDArray[np.bool_]:
    """Which are digits that pass their check digit, and hold a birthday that can be."""
    century, month, day = (codes[:, place] * 10 + codes[:, place + 1] for place in (6, 10, 12))
    good = (codes[:, :17] < 10).all(axis=1) & (codes[:, 17] == _CHECK[_sum(codes)]) & (codes[:, 0] > 0)
    good &= (century >= 18) & (century <= 20) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    return np.asarray(good)


def _codes(numbers: pl.Series, length: int = LENGTH) -> Codes:
    """Each character of equally long numbers as 0..9, X as 10."""
    letters = np.frombuffer(numbers.str.join("").item().encode(), dtype=np.uint8).reshape(-1, length)
    return np.where(letters == ord("X"), 10, letters - ord("0")).astype(np.int8)


def _texts(codes: Codes) -> pl.Series:
    letters = np.where(codes == 10, ord("X"), codes + ord("0")).astype(np.uint8)
    rows = np.ascontiguousarray(letters).view(f"S{LENGTH}").ravel() if len(letters) else np.empty(0, f"S{LENGTH}")
    return pl.Series(rows.astype(f"U{LENGTH}").tolist(), dtype=pl.String)
