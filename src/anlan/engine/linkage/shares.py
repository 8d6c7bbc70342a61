"""What a list shows of itself while it is compared: how many of its rows are nobody's in the register, how many hold
somebody else's number, and whether its house groups are the register's.

The rules' precisions were measured on other lists. These shares say how far they may be trusted on this one.
"""

from collections.abc import Sequence

import polars as pl

from anlan.engine.linkage.rules import BORROWED, OUTSIDERS
from anlan.engine.linkage.standard import Standard

ENOUGH = 200  # rows, from which on a share says something
SAMPLE = 20_000
AGREE = 0.9  # of the people found by number, or by telephone, in one village: fewer in one group, and it tells nothing


def shares(listed: Standard, register: Standard, found: Sequence[pl.DataFrame]) -> dict[str, float]:
    """Of the rows with a name and a whole number those whom the rules by whole numbers did not find (`outsiders`), as
    far as the register has numbers; and of those whose number is in the register the ones that are not the person who
    has it there (`borrowed`).
    """
    whole = listed.rows.filter(pl.col("id").is_not_null() & pl.col("name").is_not_null()).select("id", l="n")
    linked = pl.concat(table.select("l", "rule") for table in found).join(whole, on="l", how="semi")
    known = {}
    expected = listed.numbered * register.numbered / max(1, register.height)
    if expected >= ENOUGH:
        known[OUTSIDERS] = max(0.0, 1 - linked.height / expected)
    there = whole.join(register.rows.select("id").unique(), on="id", how="semi")
    if there.height >= ENOUGH:
        own = linked.filter(~pl.col("rule").str.starts_with("relative")).join(there, on="l", how="semi")
        known[BORROWED] = 1 - own.height / there.height
    return known


def vague(listed: Standard, register: Standard) -> pl.DataFrame:
    """The list's rows, without their house groups where those are not the register's of the same people."""
    step = listed.height // SAMPLE + 1
    some = listed.rows.filter((pl.col("n") % step == 0) & pl.col("house_group").is_not_null())
    for key in ("id", "phone"):
        keys = [key, "name", "village"]
        theirs = register.rows.select(*keys, theirs="house_group").drop_nulls()
        pairs = some.select(*keys, "house_group").join(theirs, on=keys)
        if pairs.height >= ENOUGH:
            same = pairs.select((pl.col("house_group") == pl.col("theirs")).mean()).item()
            return listed.rows if same >= AGREE else listed.rows.with_columns(house_group=pl.lit(None, pl.String))
    return listed.rows
