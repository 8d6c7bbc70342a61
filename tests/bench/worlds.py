"""What the ranking is worth in worlds it was not made for: 20,000 households, seed 1, one storm in each."""

import json
import tempfile
from pathlib import Path
from typing import Any

from tests.bench.processes import ANLAN, cost

HOUSEHOLDS = 20_000
WORLDS = {
    "calm: as strong as foreseen, nobody reports without a loss": (
        "[hazard]\namplitude_sd = 0\nnoise_sd = 0\n[people]\nreports_if_not = 0\n"
    ),
    "deaf: no telephone reaches anybody": "[people]\nphone_invalid = 1.0\n",
    "wrong: four in ten wrongly located": "[exposure]\nlocation_wrong = 0.40\n",
    "lying: one in ten reports a loss it has not had": "[people]\nreports_if_not = 0.10\n",
    "missed: the storm fell 15 km away": "[hazard]\ndisplacement_km = 15.0\n",
}
RIVALS = ("list_order", "category_only", "distance")


def measure() -> dict[str, Any]:
    """At-risk households stood at and taken under monitoring, and what other orders of visiting would have needed."""
    return {name: _row(text) for name, text in WORLDS.items()}


def _row(text: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        world = Path(folder) / "world.toml"
        world.write_text(text, encoding="utf-8")
        environment = {"ANLAN_DATABASE": f"sqlite:///{folder}/drill.sqlite3", "ANLAN_HOME": folder}
        command = [ANLAN, "drill", "run", "june_rainstorm", "--households", str(HOUSEHOLDS), "--world", str(world)]
        cost([*command, "--json"], environment, f"{folder}/report.json")
        report = json.loads(Path(f"{folder}/report.json").read_text(encoding="utf-8"))
    truth = report["truth"]
    return {
        "at risk": truth["at_risk"], "stood at": truth["reached"], "taken in": truth["recall"],
        "visits": truth["visits"], **{name: truth["baselines"][name]["visits"] for name in RIVALS},
        "unaccounted": report["coverage"]["unaccounted"],
    }  # fmt: skip
