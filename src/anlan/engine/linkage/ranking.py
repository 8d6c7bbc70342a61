"""The review queue in the order of Splink's weights, where Splink is installed. It links nothing, and adds no pair.

A rule says of all its pairs that so many are right. A model weighs what else agrees, and what contradicts, as much as
it does on these very lists: trained anew every time, on the list's rows and the register's that they may be, in
seconds. Names are compared by character, sound and look, as the rules do, never by a distance of DuckDB's, which
counts bytes.
"""

import logging
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from anlan.engine.linkage.standard import Standard

SEED = 1
SAMPLE = 1_000_000  # pairs by which chance agreement is measured
ROWS = 200_000  # of each list, for training
_COLUMNS = (
    "id", "id_head", "id_like", "name", "name_like", "sound", "near", "look", "surname", "phone", "town", "village",
    "house_group", "born", "sex",
)  # fmt: skip
_LEVELS: dict[str, tuple[str, ...]] = {
    "id": ("id_l = id_r", "id_head_l = id_head_r", "substr(id_l, 7, 8) = substr(id_r, 7, 8)"),
    "name": ("name_l = name_r", "sound_l = sound_r", "near_l = near_r OR look_l = look_r", "surname_l = surname_r"),
    "phone": ("phone_l = phone_r",),
    "village": ("village_l = village_r AND house_group_l = house_group_r", "village_l = village_r", "town_l = town_r"),
    "born": (
        "born_l = born_r",
        "substr(born_l, 1, 4) = substr(born_r, 1, 4) OR substr(born_l, 5, 4) = substr(born_r, 5, 4)",
    ),
    "sex": ("sex_l = sex_r",),
}  # fmt: skip
_BLOCKS = (("id",), ("name", "phone"), ("name", "village"))
_TRAINED_ON = (("id",), ("name", "village"), ("name", "phone"))


def installed() -> bool:
    """Whether there is a Splink to ask."""
    return find_spec("splink") is not None


def weights(listed: "Standard", register: "Standard", pairs: pl.DataFrame) -> pl.Series:
    """How much each pair (`l`, `r`) agrees, in bits: two to that power to one, before anybody's prior."""
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.ERROR)
    present = [name for name in _LEVELS if _there(listed, name) and _there(register, name)]
    settings = _trained(listed, register, present)
    rows = pairs.with_row_index("pair").select(pl.col("pair").cast(pl.Int64), "l", "r")
    sides = [
        rows.select("pair", n=side).join(each.rows.select("n", *_COLUMNS), on="n", how="left", maintain_order="left")
        for side, each in (("l", listed), ("r", register))
    ]
    api = DuckDBAPI()
    tables = [
        api.register(table.drop("n").with_columns(unique_id="pair").to_arrow(), table_name=name)
        for table, name in zip(sides, "lr", strict=True)
    ]
    settings["blocking_rules_to_generate_predictions"] = [{"blocking_rule": "l.pair = r.pair", "sql_dialect": "duckdb"}]
    found = Linker(tables, settings, log_level=None).inference.predict()
    table = pl.DataFrame(found.as_pyarrow_table()).select(pair="unique_id_l", weight="match_weight")
    return rows.join(table, on="pair", how="left", maintain_order="left")["weight"]


def _there(side: "Standard", name: str) -> bool:
    return side.rows[name].null_count() < side.rows.height


def _trained(listed: "Standard", register: "Standard", present: list[str]) -> dict[str, Any]:
    """A model of these lists, as Splink keeps it."""
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    api = DuckDBAPI()
    tables = [
        api.register(side.rows.head(ROWS).select(pl.col("n").alias("unique_id"), *_COLUMNS).to_arrow(), table_name=name)
        for side, name in ((listed, "l"), (register, "r"))
    ]
    blocks = [block_on(*keys) for keys in _BLOCKS if set(keys) <= set(present)]
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[_comparison(name) for name in present],
        blocking_rules_to_generate_predictions=blocks,
    )
    linker = Linker(tables, settings, log_level=None)
    linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLE, seed=SEED)
    for keys in _TRAINED_ON:
        if set(keys) <= set(present):
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(*keys))
    model: dict[str, Any] = linker.misc.save_model_to_json()
    return model


def _comparison(name: str) -> Any:
    import splink.comparison_level_library as cll
    import splink.comparison_library as cl

    levels = [cll.CustomLevel(condition) for condition in _LEVELS[name]]
    if name == "name":  # a name many have says less
        levels[0] = levels[0].configure(tf_adjustment_column=name)
    return cl.CustomComparison([cll.NullLevel(name), *levels, cll.ElseLevel()], output_column_name=name)
