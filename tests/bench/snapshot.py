"""A register as Parquet, and the same summary from the database and from the snapshot: whole processes.

`ANLAN_BENCH_HOUSEHOLDS` says how many households (70,000); ANLAN_BENCH_POSTGRESQL names an empty PostgreSQL database,
and without it there is SQLite alone.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bench.processes import cost
from tests.bench.register import ROOT, environment

COUNTIES = 20
MAIN = "from anlan.cli import main; main()"


def measure() -> dict[str, Any]:
    """Each database's figures, and what the snapshot takes on the disk."""
    households = int(os.environ.get("ANLAN_BENCH_HOUSEHOLDS", "70000"))
    found = {f"SQLite, {households:,} households": _on("", households)}
    if postgresql := os.environ.get("ANLAN_BENCH_POSTGRESQL"):
        found[f"PostgreSQL, {households:,} households"] = _on(postgresql, households)
    return found


def _on(database: str, households: int) -> dict[str, dict[str, str]]:
    with environment(database) as own:
        subprocess.run([sys.executable, "-m", "tests.bench.register", str(households)], env=own, cwd=ROOT, check=True)
        out = Path(own["ANLAN_HOME"]) / "out"
        rows, said = {}, []
        for what, words in (
            ("snapshot", ["snapshot", "--out", str(out)]),
            ("summary from the database", ["summary"]),
            ("summary from the snapshot", ["summary", "--snapshot", str(out)]),
        ):
            kept = Path(own["ANLAN_HOME"]) / "said"
            command = [sys.executable, "-W", "ignore", "-c", MAIN, "registry", *words, "--json"]
            rows[what] = cost(command, own, str(kept)).row()
            said.append(json.loads(kept.read_text()))
        assert said[1] == said[2]
        _neighbours(out)
        command = [sys.executable, "-W", "ignore", "-c", MAIN, "registry", "summary", "--snapshot", str(out), "--json"]
        rows[f"summary of {COUNTIES} such counties, from snapshots"] = cost(command, own).row()
        size = sum(table["bytes"] for table in said[0]["counties"][0]["tables"].values())
        rows["snapshot"]["on disk, MB"] = f"{size / 1e6:.1f}"
    return rows


def _neighbours(out: Path) -> None:
    """The county's snapshot once more under other counties' codes."""
    (county,) = out.glob("county=*")
    told = json.loads((county / "manifest.json").read_text())
    for each in range(COUNTIES - 1):
        code = f"3699{each:02d}"
        other = Path(shutil.copytree(county, out / f"county={code}"))
        (other / "manifest.json").write_text(json.dumps({**told, "county": code}))


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1, ensure_ascii=False))
