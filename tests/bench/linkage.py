"""What a comparison of lists costs and finds: ours, and Splink's where it has an environment of its own.

    python tests/bench/linkage.py [persons]

A million rows against a million persons, or as many as `ANLAN_BENCH_PERSONS` says; a short list against a quarter of a
million households; and lists of a tenth, damaged in three ways, each also as other offices write (`written.py`),
which the rules were not made for. `ANLAN_BENCH_SPLINK` names the Python of an environment with splink and duckdb; never
ours. `ANLAN_BENCH_SEED` is added to the lists' seeds. Each run is a process of its own; CPU is user plus system time,
memory the largest resident set.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.bench import written  # noqa: E402
from tests.bench.processes import cost  # noqa: E402 (the paths first)
from tests.engine.linkage.persons import Lists, World, make  # noqa: E402

RIVAL = Path(__file__).with_name("splink_rival.py")
ANONYMOUS = ("id_number", "sex", "born", "division", "household")


def worlds(persons: int, seed: int = 0) -> dict[str, World]:
    """The lists that figures are promised for."""
    tenth = persons // 10
    return {
        "usual": World(persons, persons, seed=seed + 5),
        "5,000 against 250,000 households": World(int(persons * 0.7), persons // 200, seed=seed + 6),
        "half the numbers damaged": World(tenth, tenth, seed=seed + 7, damaged=0.5),
        "a quarter outsiders": World(tenth, tenth, seed=seed + 8, damaged=0.3, outsiders=0.25),
        "no numbers": World(tenth, tenth, seed=seed + 9, without=ANONYMOUS),
    }


def measure(persons: int = 0, engine: str = "local") -> dict[str, Any]:
    """The cost and the score of each list, by its name; Splink's beside ours where there is one."""
    found: dict[str, Any] = {}
    persons = persons or int(os.environ.get("ANLAN_BENCH_PERSONS", "1000000"))
    seed = int(os.environ.get("ANLAN_BENCH_SEED", "0"))
    for name, world in worlds(persons, seed).items():
        found.update(_measured(name, world, engine, None))
        if world.rows == persons // 10:
            found.update(_measured(f"{name}, written otherwise", world, engine, seed))
    return found


def _measured(name: str, world: World, engine: str, otherwise: int | None) -> dict[str, Any]:
    """One list by ours and by Splink."""
    found = {}
    rival = os.environ.get("ANLAN_BENCH_SPLINK")
    with tempfile.TemporaryDirectory() as folder:
        paths = [f"{folder}/{side}.csv" for side in ("list", "register", "links")]
        # The lists are made in a process of their own: what we hold would count as the peak of those we start.
        with ProcessPoolExecutor(1, get_context("spawn")) as maker:
            truth, person = maker.submit(_make, world, paths, otherwise).result()
        ours = [sys.executable, "-m", "anlan", "linkage", "compare", *paths[:2], "--out", paths[2], "--json"]
        lists = Lists(pl.DataFrame(), pl.DataFrame(), truth, person)
        found[name] = _run([*ours, "--engine", engine], paths[2], lists)
        if rival:
            found[f"{name}, Splink as documented"] = _run([rival, str(RIVAL), *paths], paths[2], lists)
    return found


def _make(world: World, paths: list[str], otherwise: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Write both lists of a world, and tell who is who."""
    lists = make(world)
    listed = lists.listed if otherwise is None else written.otherwise(lists.listed, otherwise)
    listed.write_csv(paths[0])
    lists.register.write_csv(paths[1])
    return lists.truth, lists.person


def _run(command: list[str], links: str, lists: Lists) -> dict[str, float]:
    figure = cost(command, {"PYTHONPATH": str(ROOT / "src")})
    with Path(links).open() as file:
        pairs = np.array([(int(row["left_row"]), int(row["right_row"])) for row in csv.DictReader(file)]).reshape(-1, 2)
    score = lists.score_pairs(pairs[:, 0], pairs[:, 1])
    found = {"wall s": round(figure.wall_s, 1), "CPU s": round(figure.cpu_s, 1), "peak MB": round(figure.peak_mb)}
    return found | {key: round(value, 4) for key, value in score.items()}


if __name__ == "__main__":
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    print(subprocess.run(["uptime"], capture_output=True, text=True, check=False).stdout.strip(), file=sys.stderr)
    print(json.dumps(measure(size), ensure_ascii=False, indent=1))
