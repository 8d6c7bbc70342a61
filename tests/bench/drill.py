"""A whole June rainstorm, county and report included, in a fresh SQLite database each time (medians)."""

import json
import os
import statistics
import tempfile
from pathlib import Path
from typing import Any

from tests.bench.processes import ANLAN, Cost, cost, median

SEEDS = int(os.environ.get("ANLAN_BENCH_SEEDS", "5"))
FOUND = ("at_risk", "reached", "recall", "precision", "visits")
RIVALS = ("list_order", "category_only", "distance")


def measure(seeds: int = SEEDS) -> dict[str, Any]:
    """What drills cost, and what they find of the plan over several seeds."""
    full, reports = _drills(70_000, seeds)
    small, _reports = _drills(7_000, 2)
    found = {name: [report["truth"][name] or 0 for report in reports] for name in FOUND}
    for rival in RIVALS:
        shares = [report["truth"]["visits"] / report["truth"]["baselines"][rival]["visits"] for report in reports]
        found[f"visits, of what {rival} needs to reach as many"] = [round(share, 3) for share in shares]
    found["half of the targeted reached, min"] = [report["warning"]["t50_min"] or 0 for report in reports]
    return {
        "Cost": {
            "70,000 households": full.row(runs=str(seeds), target="≤ 30 s, ≤ 1024 MB"),
            "7,000 households": small.row(runs="2", target="–"),
        },
        f"What it measures of the plan (default world, 70,000 households, {seeds} seeds)": {
            name: {"median": f"{statistics.median(values):g}", "least – most": f"{min(values):g} – {max(values):g}"}
            for name, values in found.items()
        },
    }


def _drills(households: int, seeds: int) -> tuple[Cost, list[dict[str, Any]]]:
    costs, reports = [], []
    for seed in range(1, seeds + 1):
        with tempfile.TemporaryDirectory() as folder:
            environment = {"ANLAN_DATABASE": f"sqlite:///{folder}/drill.sqlite3", "ANLAN_HOME": folder}
            command = [ANLAN, "drill", "run", "june_rainstorm", "--seed", str(seed), "--households", str(households)]
            printed = f"{folder}/report.json"
            costs.append(cost([*command, "--json"], environment, printed))
            reports.append(json.loads(Path(printed).read_text()))
    return median(costs), reports
