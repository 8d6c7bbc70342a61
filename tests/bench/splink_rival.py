"""Splink as its documentation has it, on two CSV files: run by the bench in an environment of Splink's own."""

import csv
import sys

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on


def main(listed: str, register: str, out: str) -> None:
    """Train, predict, and keep each list row's best match above one half."""
    connection = duckdb.connect()
    columns = set(connection.sql(f"SELECT * FROM read_csv('{listed}', all_varchar = true) LIMIT 0").columns)
    fields = [name for name in ("name", "id_number", "phone", "address") if name in columns]
    comparisons = {
        "name": cl.NameComparison("name"),
        "id_number": cl.LevenshteinAtThresholds("id_number", [1, 2]),
        "phone": cl.ExactMatch("phone"),
        "address": cl.JaroWinklerAtThresholds("address", [0.9, 0.7]),
    }
    for side, path in (("l", listed), ("r", register)):
        cells = ", ".join(f"nullif(trim({name}), '') AS {name}" for name in fields)
        connection.execute(
            f"CREATE TABLE {side} AS SELECT row_number() OVER () AS unique_id, {cells}"
            f" FROM read_csv('{path}', all_varchar = true)"
        )
    rules = [
        block_on(*keys) for keys in (("id_number",), ("name", "phone"), ("name", "address")) if set(keys) <= set(fields)
    ]
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[comparisons[name] for name in fields],
        blocking_rules_to_generate_predictions=rules,
    )
    api = DuckDBAPI(connection)
    linker = Linker([api.register("l"), api.register("r")], settings)
    linker.training.estimate_probability_two_random_records_match(rules[:1], recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=1_000_000)
    for rule in rules[:2]:
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    table = linker.inference.predict(threshold_match_probability=0.5).physical_name
    best = connection.sql(
        f"SELECT unique_id_l, unique_id_r FROM {table}"
        " QUALIFY row_number() OVER (PARTITION BY unique_id_l ORDER BY match_weight DESC, unique_id_r) = 1"
    ).fetchall()
    with open(out, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["left_row", "right_row"])
        writer.writerows(best)


if __name__ == "__main__":
    main(*sys.argv[1:])
