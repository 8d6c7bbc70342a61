"""Why a pair is proposed: what agrees and what does not, as codes a screen puts into words."""

import polars as pl

COMPARED = ("id", "sex", "born", "phone", "town", "village", "house_group", "household")
NAMES = ("name", "sound", "near", "look")  # the first that agrees is said


def reasons(pairs: pl.DataFrame, listed: pl.DataFrame, register: pl.DataFrame) -> pl.Series:
    """Codes for each pair (`l`, `r`): `phone_same`, `sex_differs`, `name_sound`; silent where one side is empty."""
    ours = listed.select(pl.all().name.prefix("l_"))
    theirs = register.select(pl.all().name.prefix("r_"))
    both = pairs.join(ours, left_on="l", right_on="l_n", how="left", maintain_order="left").join(
        theirs, left_on="r", right_on="r_n", how="left", maintain_order="left"
    )
    said = both.select(
        pl.concat_list(_name(), *(_word(field) for field in COMPARED)).list.drop_nulls().alias("reasons")
    )
    return said["reasons"]


def _word(field: str) -> pl.Expr:
    same = pl.col(f"l_{field}") == pl.col(f"r_{field}")  # null where one is empty
    return pl.when(same).then(pl.lit(f"{field}_same")).when(~same).then(pl.lit(f"{field}_differs"))


def _name() -> pl.Expr:
    agree = [(key, pl.col(f"l_{key}") == pl.col(f"r_{key}")) for key in NAMES]
    words = [pl.when(same).then(pl.lit("name_same" if key == "name" else f"name_{key}")) for key, same in agree]
    masked = pl.col("l_name_like").is_not_null() | pl.col("r_name_like").is_not_null()
    known = pl.col("l_name").is_not_null() & pl.col("r_name").is_not_null()
    rest = pl.when(masked).then(pl.lit("name_masked")).when(known).then(pl.lit("name_differs"))
    return pl.coalesce(*words, rest)
