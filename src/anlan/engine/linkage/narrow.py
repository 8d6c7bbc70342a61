"""Whom of a long list a short one can mean at all, so that the rules need not look at everybody.

Putting seven hundred thousand people into a database takes longer than comparing five thousand rows with them. A rule
joins two rows by a number (whole, one slip away, its head), by a telephone, by a name, by what a name sounds or looks
like in a village, or by the household of somebody with the number: whoever shares none of these is never in a pair. A
rule that joins by something else needs a line here; a test compares both ways.
"""

import polars as pl

Keys = list[str]


def joined(
    long: pl.DataFrame, long_repairs: pl.DataFrame, short: pl.DataFrame, short_repairs: pl.DataFrame, *, consumed: bool
) -> pl.DataFrame:
    """The rows of the long list that can be in a pair. `consumed`: the short one's rows leave once they are linked, so
    that those whose number and name stand there need nothing but their number.
    """
    open_ = short.join(long, on=["id", "name"], how="anti") if consumed else short
    numbers = pl.concat([short.select("id"), short_repairs.join(open_, on="n", how="semi").select("id")]).unique()
    same = long.select("n", "id", "household").join(numbers, on="id", how="semi")
    masked, ours_masked = (
        long.filter(pl.col("name_like").is_not_null()),
        open_.filter(pl.col("name_like").is_not_null()),
    )
    found = [
        same,
        _sharing(long, same.filter(pl.col("id").is_in(open_["id"].implode())), ["household"]),
        long_repairs.join(short, on="id", how="semi"),
        *(
            _sharing(long, open_, keys)
            for keys in (["id_head"], ["phone"], ["name"], ["near", "village"], ["look", "village"])
        ),
        _sharing(masked, open_, ["surname", "village"]),
        _sharing(long, ours_masked, ["surname", "village"]),
    ]
    kept = pl.concat(each.select("n") for each in found).unique()
    return long.join(kept, on="n", how="semi", maintain_order="left")


def _sharing(long: pl.DataFrame, short: pl.DataFrame, keys: Keys) -> pl.DataFrame:
    return long.select("n", *keys).join(short.select(keys).drop_nulls().unique(), on=keys, how="semi")
