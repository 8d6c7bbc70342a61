"""Whom of a county's register a list's rows can be at all, so that the rules need not look at everybody. No database.

Putting seven hundred thousand people into their standard form takes longer than comparing five thousand rows with
them. A row whose number and name stand in the register as they are is linked at once, by the first rule of the
cascade; for the others the cascade sees those who share a birthday, an end of the number, a telephone, a name, a
household with such a person, or a village with a row that says nothing else.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from anlan.county.discover.comparison.reading import Line

if TYPE_CHECKING:
    import polars as pl

EXACT = "id_name"
NARROW_FROM = 20_000  # people; fewer are compared as they are
WHOLE = 18


def exact(lines: Sequence[Line], register: "pl.DataFrame") -> dict[int, int]:
    """Rows whose whole number and name stand so in the register: the line's place, and the register's row."""
    import polars as pl

    given = pl.DataFrame(
        {
            "place": range(len(lines)),
            "id_number": [line.who.get("id_number", "").upper() for line in lines],
            "name": [line.who.get("name") for line in lines],
        },
        schema={"place": pl.Int64, "id_number": pl.String, "name": pl.String},
    ).filter(pl.col("id_number").str.len_chars() == WHOLE)
    people = register.select("id_number", "name").with_row_index("row")
    found = given.join(people, on=["id_number", "name"]).sort("place", "row").unique("place", keep="first")
    return dict(found.select("place", "row").iter_rows())


def candidates(lines: Sequence[Line], villages: Sequence[str], register: "pl.DataFrame") -> "pl.DataFrame":
    """The people of the register who share something with a row; `villages`: the code each row names, or nothing."""
    import polars as pl

    numbers = [line.who.get("id_number", "").upper() for line in lines]
    births = {birth for line in lines for birth in _births(line)}
    ends = {f"{number[:6]}{number[-4:]}" for number in numbers if len(number) >= WHOLE - 1}
    phones = {line.who["phone"][-11:] for line in lines if line.who.get("phone")}
    names = {line.who["name"] for line in lines if line.who.get("name")}
    alone = {village for line, village in zip(lines, villages, strict=True) if village and not _says_more(line)}
    number = pl.col("id_number")
    shares = (
        pl.col("born").is_in(births)
        | number.is_in(set(numbers) - {""})
        | (number.str.head(6) + number.str.tail(4)).is_in(ends)
        | pl.col("phone").str.tail(11).is_in(phones)
        | pl.col("name").is_in(names)
    )
    near = register.filter(shares.fill_null(value=False))
    homes = near.filter(number.is_in(set(numbers) - {""}))["home"].unique()
    return register.filter(
        shares.fill_null(value=False) | pl.col("home").is_in(homes.implode()) | pl.col("division").is_in(alone)
    )  # fmt: skip


def _births(line: Line) -> set[str]:
    """The birthday a row says, and those its number may mean, as eight digits."""
    said = "".join(filter(str.isdigit, line.who.get("born", "")))
    number = line.who.get("id_number", "")
    return {birth for birth in (said, number[6:14], f"19{number[6:12]}") if len(birth) == 8}  # an old one has 15 digits


def _says_more(line: Line) -> bool:
    """Whether a row says something of its person besides a name and a place."""
    return any(line.who.get(name) for name in ("id_number", "phone", "born"))
