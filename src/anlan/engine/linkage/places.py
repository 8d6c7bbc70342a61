"""Where a row's person lives: addresses and division codes, brought to one name for each township and village.

Addresses leave out levels, write villages with and without their suffix, and run on into groups and house numbers.
What is written clearly somewhere in either list teaches how to read what is not: which names are townships and
villages, and which names a division code has. A gazetteer (code, name) teaches more, and is not needed.
"""

from dataclasses import dataclass

import polars as pl

from anlan.engine.linkage.text import emptied

_WIDER = (
    r"^[^省县市镇乡村]{2,7}(?:省|自治区)",
    r"^[^县区镇乡村市]{2,6}(?:市|自治州|地区)",
)
_COUNTY = r"^([^镇乡村]{1,5}?)(?:县|区|市)"
_TOWN = r"^([^村]{1,7}?)(?:镇|乡|街道办事处|街道|办事处|管理处|垦殖场|林场|农场|园区)"
_VILLAGE = r"^(.{1,9}?)(?:行政村|村民委员会|村委会|居民委员会|居委会|社区|村)"
_GROUP = r"([0-9]{1,2}|[一二三四五六七八九十]{1,3})(?:村民小组|小组|组|队)"
CODE = 12  # digits of a village's code
_NUMERALS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}
_TAIL = r"(?:[0-9一二三四五六七八九十]+(?:村民小组|小组|组|队|号|栋|室|幢|单元|楼).*|[0-9]+)$"


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Township names (with the county's before them, too) by the name we compare; each village name's township,
    where it is one township's alone; the (`code`, `code_town`, `code_village`) that go together.
    """

    towns: dict[str, str]
    villages: pl.DataFrame
    codes: pl.DataFrame


def head(written: pl.Series) -> pl.Series:
    """A plain address up to its group and house number: few wordings are left of many addresses."""
    return emptied(written.str.replace_all(r"[,.。、·;:#\-]", "").str.replace(_TAIL, ""))


def parsed(written: pl.Series) -> pl.DataFrame:
    """`county`, `town`, `village` and `rest` of heads of addresses, as far as suffixes say.

    `rest` is what follows the township, for those whose village has no suffix.
    """
    rest = written
    for wider in _WIDER:
        rest = rest.str.replace(wider, "")
    county = rest.str.extract(_COUNTY)
    rest = rest.str.replace(_COUNTY, "")
    town = rest.str.extract(_TOWN)
    rest = rest.str.replace(_TOWN + r"(?:人民政府)?", "")
    village = rest.str.extract(_VILLAGE)
    return pl.DataFrame({"county": county, "town": town, "village": village, "rest": emptied(rest)})


def group(written: pl.Series) -> pl.Series:
    """The number of the village group an address names, as digits."""
    said = written.str.extract(_GROUP)
    words = said.filter(said.str.contains("[一-十]").fill_null(False)).unique()
    return said.replace(words, pl.Series([str(_number(word)) for word in words], dtype=pl.String))


def _number(word: str) -> int:
    """十二 → 12."""
    tens, mark, ones = word.rpartition("十")
    return (_NUMERALS.get(tens, 1) * 10 if mark else 0) + _NUMERALS.get(ones, 0)


def learn(parts: pl.DataFrame) -> Gazetteer:
    """What clear rows (`code`, `county`, `town`, `village`; `len` of a kind) teach together."""
    clear = parts.group_by("code", "town", "village").agg(pl.col("len").sum())
    towns = _towns(clear["town"], parts["county"])
    known = clear.filter(pl.col("village").is_not_null()).with_columns(
        town=_town(clear.filter(pl.col("village").is_not_null())["town"], towns),
        village=_without(clear.filter(pl.col("village").is_not_null())["village"], towns),
    )
    villages = known.group_by("village").agg(
        only_town=pl.when(pl.col("town").drop_nulls().n_unique() == 1).then(pl.col("town").drop_nulls().first())
    )
    codes = (
        known.filter(pl.col("code").str.len_chars() == CODE)
        .group_by("code", "town", "village").agg(pl.col("len").sum())
        .sort("len", "town", "village", descending=[True, False, False], nulls_last=True)
        .unique("code", keep="first", maintain_order=True)
    )  # fmt: skip
    return Gazetteer(towns, villages.sort("village"), codes.select("code", code_town="town", code_village="village"))


def _towns(written: pl.Series, counties: pl.Series) -> dict[str, str]:
    """Every township's name, and the same with a county's before it, by the name alone."""
    names = set(written.drop_nulls())
    before = set(counties.drop_nulls())
    return {name: next((name[len(county):] for county in sorted(before) if name.startswith(county)
                        and name[len(county):] in names), name) for name in sorted(names)}  # fmt: skip


def _town(town: pl.Series, towns: dict[str, str]) -> pl.Series:
    return town.replace(towns)


def _without(words: pl.Series, towns: dict[str, str]) -> pl.Series:
    """Words without a township's name before them."""
    return words.str.replace(rf"^(?:{'|'.join(towns)})(?:镇|乡)?(.)", "$1") if towns else words


def resolved(parts: pl.DataFrame, gazetteer: Gazetteer) -> pl.DataFrame:
    """`town` and `village` of rows (`code`, `town`, `village`, `rest`): as the code has it, else from words, else
    from a known name that the words begin with.
    """
    names = gazetteer.villages["village"].to_list()
    rest = _without(parts["rest"], gazetteer.towns)
    found = rest.str.extract_many(names, leftmost=True).list.first() if names else rest.set(rest.is_not_null(), None)
    table = parts.select(
        "code",
        town=_town(parts["town"], gazetteer.towns),
        village=pl.coalesce(_without(parts["village"], gazetteer.towns), found),
    )
    table = table.join(gazetteer.villages, on="village", how="left", maintain_order="left")
    table = table.join(gazetteer.codes, on="code", how="left", maintain_order="left")
    whole = pl.when(pl.col("code").str.len_chars() == CODE).then("code")
    return table.select(
        town=pl.coalesce("code_town", "town", "only_town"),
        # A code nobody puts into words stands for itself: the other list may have it, too.
        village=pl.coalesce("code_village", "village", whole),
    )
