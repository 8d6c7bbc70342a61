"""Pairs that a person confirmed, kept for good: next month's list starts from them.

Row numbers change from month to month, so a pair is kept by keys of what both rows say once normalised. A key is a
digest: the crosswalk alone tells nobody's number or name.
"""

from hashlib import sha256

import polars as pl

KEYED = ("id", "id_text", "name", "name_like", "born", "phone", "town", "village")
SCHEMA = {"left_key": pl.String, "right_key": pl.String}


def keys(rows: pl.DataFrame) -> pl.Series:
    """The key of each normalised row; null for one that says too little to be known again: no name, or nothing else."""
    told = pl.any_horizontal(pl.col(name).is_not_null() for name in ("id", "id_text", "born", "phone", "village"))
    named = pl.any_horizontal(pl.col(name).is_not_null() for name in ("name", "name_like", "id"))
    words = pl.concat_str([pl.col(name).fill_null("") for name in KEYED], separator="|")
    joined = rows.select(pl.when(told & named).then(words).alias("key"))["key"]
    return pl.Series("key", [None if text is None else _digest(text) for text in joined], dtype=pl.String)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]


def pairs(crosswalk: pl.DataFrame, left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """The rows (`left`, `right`) that confirmed keys (`left_key`, `right_key`) stand for now, each left row once."""
    ours = pl.DataFrame({"left": left["n"], "left_key": keys(left)})
    theirs = pl.DataFrame({"right": right["n"], "right_key": keys(right)})
    found = crosswalk.select(*SCHEMA).unique().join(ours, on="left_key").join(theirs, on="right_key")
    return found.select("left", "right").sort("left", "right").unique("left", keep="first", maintain_order=True)
