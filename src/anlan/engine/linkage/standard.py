"""From a list's cells to the columns that rules compare; the order of its rows makes no difference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from anlan.engine.linkage import identity, names, narrow, phones, places
from anlan.engine.linkage.text import plain

# What a list may hold; any may be missing. Cells are text, as written.
FIELDS = ("name", "id_number", "sex", "born", "phone", "division", "address", "household")
CROWD = 50  # rows that may share a number, a telephone or a household
BUCKETS = 1 << 20
NARROW_FROM = 20_000  # rows; a list that is shorter is compared as it is
TIMES = 4  # how many times the other a list must be as long for its rows to be looked through first
_SEXES = {
    "男": "m",
    "女": "f",
    "M": "m",
    "F": "f",
    "MALE": "m",
    "FEMALE": "f",
    "1": "m",
    "2": "f",
    "男性": "m",
    "女性": "f",
}
_DAY = r"^((?:18|19|20)[0-9]{2})[-/.年]?([0-9]{1,2})[-/.月]?([0-9]{1,2})"
Table = pl.DataFrame | Mapping[str, Sequence[Any]] | Any


@dataclass(frozen=True, slots=True)
class Standard:
    """A list made comparable: `rows`, numbered from 1 in the whole list (`n`), and whole numbers one slip from a row's
    (`repairs`: `n`, `id`). The rest is of the whole list, where `rows` are only those whom the other list can mean:
    its `height`; `numbered`, the rows with a name and a whole number; `weight`, how much it looks like the register;
    `names`, all surnames and given names.
    """

    rows: pl.DataFrame
    repairs: pl.DataFrame
    height: int
    numbered: int
    weight: int
    names: pl.DataFrame


def frame(table: Table) -> pl.DataFrame:
    """A Polars frame of the known fields as text, from a Polars frame, an Arrow table or columns."""
    if not isinstance(table, pl.DataFrame):
        made = pl.DataFrame(table) if isinstance(table, Mapping) else pl.from_arrow(table)
        table = made if isinstance(made, pl.DataFrame) else made.to_frame()
    height = table.height
    empty = pl.Series([None], dtype=pl.String).new_from_index(0, height)
    return pl.DataFrame(
        [table[name].cast(pl.String).rename(name) if name in table.columns else empty.alias(name) for name in FIELDS]
    )


def standard(
    left: Table, right: Table, gazetteer: Mapping[str, str] | None = None, *, whole: bool = False
) -> tuple[Standard, Standard]:
    """Both lists made comparable. They are read together, because each teaches how the other writes its places.

    `gazetteer` gives division codes their full names (江西省南昌市安义县万埠镇下庄村), where one is at hand. Of a list
    that is far longer than the other only those rows are kept that a rule can join, unless `whole` is asked for.
    """
    frames = [frame(left), frame(right)]
    located = _located(frames, gazetteer or {})
    keyed = [_keyed(table, where) for table, where in zip(frames, located, strict=True)]
    repairs = [_repairs(rows) for rows in keyed]
    weights = _weights(keyed)
    kept = list(keyed)
    short, long = sorted((0, 1), key=lambda side: keyed[side].height)
    if not whole and keyed[long].height >= max(NARROW_FROM, TIMES * keyed[short].height):
        # The list's rows leave once they are linked; the register's stay.
        consumed = weights[short] <= weights[long]
        kept[long] = narrow.joined(keyed[long], repairs[long], keyed[short], repairs[short], consumed=consumed)
        repairs[long] = repairs[long].join(kept[long], on="n", how="semi")
    one, other = (
        Standard(
            _completed(kept[side], frames[side]), repairs[side], keyed[side].height, _numbered(keyed[side]),
            weights[side], keyed[side].select("surname", "given"),
        )
        for side in (0, 1)
    )  # fmt: skip
    return one, other


def _weights(keyed: list[pl.DataFrame]) -> list[int]:
    """How much each list looks like the register: households known; where they are as many, whole numbers."""
    known = [int(rows["household"].null_count() < rows.height) for rows in keyed]
    if sum(known) == 1:
        return known
    for name in ("household", "id"):
        one, other = (rows[name].n_unique() for rows in keyed)
        if one != other:
            break
    return [one, other]


def _numbered(rows: pl.DataFrame) -> int:
    both = rows["id"].is_not_null() & rows["name"].is_not_null()
    return int(both.sum())


def _keyed(table: pl.DataFrame, located: pl.DataFrame) -> pl.DataFrame:
    """The columns by which rows are joined."""
    rows = pl.concat([identity.read(table["id_number"]), names.read(table["name"]), located], how="horizontal")
    rows = rows.with_columns(
        n=pl.int_range(1, table.height + 1, dtype=pl.Int64),
        phone=phones.text(table["phone"]),
        household=_household(table["household"]),
    )
    rows = rows.with_columns(_told(rows[name]) for name in ("id", "phone", "household"))
    return rows.with_columns(
        id_head=pl.when(pl.col("id").is_not_null() | pl.col("id_text").is_not_null()).then("id_head")
    )


def _household(cells: pl.Series) -> pl.Series:
    odd = (~cells.str.contains(r"^[0-9A-Z]+$")).fill_null(False)
    if not odd.any():
        return cells
    return cells.clone().scatter(odd.arg_true(), plain(cells.filter(odd)).str.to_uppercase().str.replace(r"\.0$", ""))


def _repairs(rows: pl.DataFrame) -> pl.DataFrame:
    broken = rows.filter(pl.col("id_text").is_not_null())
    found = identity.repairs(broken["id_text"])
    return found.select(n=broken["n"].gather(found["place"]), id="id")


def _completed(rows: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    """The rows with the columns that only say whether a pair agrees."""
    if rows.height < table.height:
        table = table[(rows["n"] - 1)]
    rows = rows.with_columns(sex=_sex(table["sex"]), born=_born(table["born"]))
    broken = pl.col("id_text").str.contains(r"^[0-9]{16,18}[0-9X]$")
    return rows.with_columns(
        sex=pl.coalesce("sex", _sex_of(pl.col("id"))),
        born=pl.coalesce("born", pl.col("id_head").str.slice(6, 8)),
        # Two rows with one number and one name are one person; any other row is a person of its own.
        person=pl.when(pl.col("id").is_not_null()).then(pl.concat_str("id", pl.col("name").fill_null("")))
        .otherwise(pl.col("n").cast(pl.String)),
        # Of a number that has been mistyped more than once two of its year, its day and its end may still be right.
        id_broken=pl.when(broken).then("id_text"),
        id_end=pl.when(broken).then(pl.col("id_text").str.tail(8)),
        pet_like=_pet(pl.col("name")),
    )  # fmt: skip


def _told(cells: pl.Series) -> pl.Series:
    """The cells without what stands on so many rows that it was filled in for all of them, and tells nobody apart."""
    # Counting by hash first is cheap, and nearly always shows that there is nothing to count.
    buckets = np.bincount((cells.drop_nulls().hash().to_numpy() & (BUCKETS - 1)).astype(np.int64), minlength=1)
    if buckets.max() <= CROWD:
        return cells
    counts = cells.value_counts().drop_nulls()
    fillers = counts.filter(pl.col("count") > CROWD)[cells.name]
    return cells.set(cells.is_in(fillers.implode()).fill_null(False), None) if len(fillers) else cells


def _pet(name: pl.Expr) -> pl.Expr:
    """A pattern for what people are called at home, good only beside a whole number: 阿三, 小伟 and 伟伟 say nothing
    of a name; a given name alone says how it ends.
    """
    pair = name.str.len_chars() == 2
    informal = name.str.contains(r"^[小阿老大二三四五细满毛狗幺]\p{Han}$") | (name.str.head(1) == name.str.tail(1))
    return pl.when(pair & informal).then(pl.lit("%")).when(pair).then(pl.lit("%") + name)


def _located(frames: list[pl.DataFrame], gazetteer: Mapping[str, str]) -> list[pl.DataFrame]:
    """`town`, `village` and `house_group` of every row of every list. Each wording is read once."""
    known = pl.DataFrame({"division": list(gazetteer), "address": list(gazetteer.values())}, schema=_PLACE)
    told = [known, *(table.select("division", "address") for table in frames)]
    cells = pl.concat(each.group_by("division", "address", maintain_order=True).len() for each in told)
    cells = cells.group_by("division", "address", maintain_order=True).agg(pl.col("len").sum())
    words = _words(cells)
    cells = cells.with_columns(code=_code(cells["division"]), text=places.head(words), house_group=places.group(words))
    wordings = cells.group_by("code", "text", maintain_order=True).agg(pl.col("len").sum())
    parts = pl.concat([wordings.select("code", "len"), places.parsed(wordings["text"])], how="horizontal")
    where = places.resolved(parts, places.learn(parts))
    table = pl.concat([wordings.select("code", "text"), where], how="horizontal")
    by_code = ["code", "text"]
    cells = cells.join(table, on=by_code, how="left", nulls_equal=True, maintain_order="left").select(
        *_PLACE, "town", "village", "house_group"
    )
    return [
        each.join(cells, on=list(_PLACE), how="left", nulls_equal=True, maintain_order="left").drop(_PLACE)
        for each in told[1:]
    ]


_PLACE = {"division": pl.String, "address": pl.String}


def _code(division: pl.Series) -> pl.Series:
    """The twelve-digit form of a division's code; null where it is written in words."""
    return division.str.extract(r"^\s*([1-9][0-9]{5,11})(?:\.0)?\s*$").str.pad_end(12, "0")


def _words(table: pl.DataFrame) -> pl.Series:
    """The address in words; a division that is written in words stands before one that names no village."""
    division = table["division"].set(table["division"].str.contains(r"^[\s0-9.]*$").fill_null(True), None)
    address = plain(table["address"])
    if division.null_count() == len(division):
        return address
    alone = address.str.contains(r"村|社区|居委会").fill_null(False)
    both = pl.DataFrame({"division": plain(division), "address": address})
    return address.zip_with(alone, both.select(pl.concat_str("division", "address", ignore_nulls=True))["division"])


def _sex(cells: pl.Series) -> pl.Series:
    return plain(cells).str.to_uppercase().replace_strict(_SEXES, default=None, return_dtype=pl.String)


def _sex_of(number: pl.Expr) -> pl.Expr:
    odd = number.str.slice(16, 1).is_in(["1", "3", "5", "7", "9"])
    return pl.when(odd).then(pl.lit("m")).when(number.is_not_null()).then(pl.lit("f"))


def _born(cells: pl.Series) -> pl.Series:
    """The day as eight digits, however it is written."""
    odd = ~cells.str.contains(r"^[0-9]{8}$").fill_null(False)
    return cells.clone().scatter(odd.arg_true(), _day(cells.filter(odd))) if odd.any() else cells


def _day(cells: pl.Series) -> pl.Series:
    written = plain(cells)
    year, month, day = (written.str.extract(_DAY, part) for part in (1, 2, 3))
    return year + month.str.zfill(2) + day.str.zfill(2)
