"""From a list's cells to the columns that rules compare; the order of its rows makes no difference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from anlan.engine.linkage import identity, names, phones, places
from anlan.engine.linkage.text import plain

# What a list may hold; any may be missing. Cells are text, as written.
FIELDS = ("name", "id_number", "sex", "born", "phone", "division", "address", "household")
CROWD = 50  # rows that may share a number, a telephone or a household
BUCKETS = 1 << 20
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
    """A list made comparable: `rows` numbered from 1 (`n`), and whole numbers one slip from a row's (`n`, `id`)."""

    rows: pl.DataFrame
    repairs: pl.DataFrame


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


def standard(left: Table, right: Table, gazetteer: Mapping[str, str] | None = None) -> tuple[Standard, Standard]:
    """Both lists made comparable. They are read together, because each teaches how the other writes its places.

    `gazetteer` gives division codes their full names (江西省南昌市安义县万埠镇下庄村), where one is at hand.
    """
    frames = [frame(left), frame(right)]
    located = _located(frames, gazetteer or {})
    return _standard(frames[0], located[0]), _standard(frames[1], located[1])


def _standard(table: pl.DataFrame, located: pl.DataFrame) -> Standard:
    number = identity.read(table["id_number"])
    rows = pl.concat(
        [
            number,
            names.read(table["name"]),
            located,
        ],
        how="horizontal",
    ).with_columns(
        n=pl.int_range(1, table.height + 1, dtype=pl.Int64),
        sex=_sex(table["sex"]),
        born=_born(table["born"]),
        phone=phones.text(table["phone"]),
        household=plain(table["household"]).str.to_uppercase().str.replace(r"\.0$", ""),
    )
    rows = rows.with_columns(_told(rows[name]) for name in ("id", "phone", "household"))
    rows = rows.with_columns(
        id_head=pl.when(pl.col("id").is_not_null() | pl.col("id_text").is_not_null()).then("id_head")
    )
    rows = rows.with_columns(
        sex=pl.coalesce("sex", _sex_of(pl.col("id"))),
        born=pl.coalesce("born", pl.col("id_head").str.slice(6, 8)),
        # Two rows with one number and one name are one person; any other row is a person of its own.
        person=pl.when(pl.col("id").is_not_null()).then(pl.concat_str("id", pl.col("name").fill_null("")))
        .otherwise(pl.col("n").cast(pl.String)),
    )  # fmt: skip
    rows = rows.with_columns(
        id_broken=pl.when(pl.col("id_text").str.contains(r"^[0-9]{17}[0-9X]$")).then("id_text"),
        pet_like=_pet(pl.col("name")),
    )
    broken = rows.filter(pl.col("id_text").is_not_null())
    found = identity.repairs(broken["id_text"])
    repairs = found.select(n=broken["n"].gather(found["place"]), id="id")
    return Standard(rows, repairs)


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
    """`town`, `village` and `house_group` of every row of every list."""
    known = pl.DataFrame({"division": list(gazetteer), "address": list(gazetteer.values())}, schema=_PLACE)
    told = [known, *(table.select("division", "address") for table in frames)]
    written = [pl.DataFrame({"code": _code(each["division"]), "text": _words(each)}) for each in told]
    heads = [each.with_columns(text=places.head(each["text"])) for each in written]
    wordings = pl.concat(heads).group_by("code", "text", maintain_order=True).len()
    parts = pl.concat([wordings.select("code", "len"), places.parsed(wordings["text"])], how="horizontal")
    where = places.resolved(parts, places.learn(parts))
    table = pl.concat([wordings.select("code", "text"), where], how="horizontal")
    joined = [
        each.join(table, on=["code", "text"], how="left", nulls_equal=True, maintain_order="left") for each in heads[1:]
    ]
    return [
        each.select("town", "village", house_group=places.group(text["text"]))
        for each, text in zip(joined, written[1:], strict=True)
    ]  # fmt: skip


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
