"""Households judged by the decision tables: CPU seconds of one thread (medians), beside other rule engines.

The rivals decide the category alone, from facts that are all known; ours in the first row do the same, with every
reason. `ANLAN_BENCH_RULES` names the Python of an environment with zen-engine and OpenFisca-Core; never ours (OpenFisca
is AGPL). zen-engine is measured over 20,000 households and scaled. Without the environment they are skipped.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from tests.bench.register import ROOT, environment

from anlan.engine import policy
from anlan.engine.policy import tables

HOUSEHOLDS = 70_000
MEASURED = """
import json, time
from datetime import date
from statistics import median
import django; django.setup()
from anlan.county.decide.tables.comparing import tried
from anlan.county.decide.tables.explaining import explain
from anlan.county.office.queries import machine
from anlan.county.registry.models import Household

def measured(deed, times):
    deed()
    taken = []
    for _time in range(times):
        begun = time.process_time()
        deed()
        taken.append(time.process_time() - begun)
    return 1000 * median(taken)

day, by = date(2026, 6, 18), machine()
code = Household.objects.order_by("code").values_list("code", flat=True)[Household.objects.count() // 2]
print(json.dumps({
    "another line over the register": measured(lambda: tried(by, day, day, {"monitoring_line_yuan": 9_500.0}), 3),
    "one household explained from the register": measured(lambda: explain(by, code, day), 25),
}))
"""

RIVAL = Path(__file__).with_name("policy_rival.py")
DAY = date(2026, 6, 18)
COUNT = 1_000_000
SECURED = ("food", "clothing", "schooling", "medical", "home", "water")
STATUS = ("income", "axes", "identification", "category", "risk_types", "disaster_item")
NAMES = {"income_per_head_yuan": "income", "rigid_per_head_yuan": "rigid", "income_dropped_ratio": "dropped"}


def measure() -> dict[str, dict[str, Any]]:
    """A million households, one explained, a book compiled."""
    rules = tables.on(policy.on(DAY))
    judged, registered = _judged(COUNT), _registered(COUNT)
    one = {key: bool(column[0]) if column.dtype == bool else float(column[0]) for key, column in judged.items()}
    category = ("identification", "category")
    seconds, found = _cpu(lambda: rules.columns(judged, category, COUNT))
    whole, _found = _cpu(lambda: rules.columns(registered, STATUS, COUNT))
    return {
        f"{COUNT:,} households": {
            "category and its reasons": {"CPU s": seconds, "a million, CPU s": seconds, "differ": ""},
            "income, axes, reasons, category, risk types; a tenth of the facts unknown": {
                "CPU s": whole, "a million, CPU s": whole, "differ": "",
            },
            **_rivals(judged, found["category"]),
        },
        "One household": {
            "judged, with its reasons": {"CPU ms": 1000 * _cpu(lambda: rules.judge(one, category), 99)[0]},
            "explained, every row of six tables": {"CPU ms": 1000 * _cpu(lambda: rules.explain(one, STATUS), 99)[0]},
        },
        f"A register of {HOUSEHOLDS:,} households, SQLite": _registers(),
        "Small things": {
            "read and check every table": {"CPU ms": 1000 * _cpu(_read, 5)[0]},
            "compile the tables of a day": {"CPU ms": 1000 * _cpu(_compile, 9)[0]},
        },
    }  # fmt: skip


def _registers() -> dict[str, dict[str, Any]]:
    with environment() as own:
        subprocess.run([sys.executable, "-m", "tests.bench.register", str(HOUSEHOLDS)], env=own, cwd=ROOT, check=True)
        said = subprocess.run(
            [sys.executable, "-c", MEASURED], env=own, capture_output=True, text=True, check=True, cwd=ROOT
        )
    return {what: {"CPU ms": round(figure, 1)} for what, figure in json.loads(said.stdout).items()}


def _judged(count: int) -> dict[str, Any]:
    rng = np.random.default_rng(1)
    known: dict[str, Any] = {axis: rng.random(count) > 0.01 for axis in SECURED}
    # Whole yuan, so that float32 is as exact as float64 and every difference is one of the rules.
    known["income_per_head_yuan"] = rng.integers(3_000, 40_000, count).astype(float)
    known["rigid_per_head_yuan"] = rng.integers(0, 8_000, count).astype(float)
    known["income_dropped_ratio"] = rng.integers(0, 65, count) / 64
    known["lost_ratio"] = rng.integers(0, 65, count) / 64
    return known | {"ex_poor": rng.random(count) < 0.1}


def _registered(count: int) -> dict[str, Any]:
    rng = np.random.default_rng(2)
    names = ("wage_yuan", "business_yuan", "business_cost_yuan", "property_yuan", "transfer_yuan", "rigid_yuan")
    known: dict[str, Any] = {name: rng.uniform(0, 40_000, count) for name in names}
    known |= {"members": rng.integers(1, 7, count).astype(float), "claims_yuan": np.zeros(count)}
    known |= {"uninsured": rng.integers(0, 2, count) * 1.0, "home_grade": rng.integers(0, 4, count) * 1.0}
    known |= {name: rng.random(count).round() for name in ("food", "clothing", "water", "disaster", "accident")}
    known |= {"income_dropped_ratio": rng.random(count), "lost_ratio": rng.random(count)}
    known |= {"labourers": rng.integers(0, 4, count) * 1.0}
    for column in known.values():
        column[rng.random(count) < 0.1] = np.nan
    return known | {"ex_poor": rng.random(count) < 0.1, "hazard": rng.integers(0, 7, count) * 1.0}


def _rivals(known: dict[str, Any], ours: Any) -> dict[str, dict[str, Any]]:
    python = os.environ.get("ANLAN_BENCH_RULES")
    if not python:
        return {f"{name}: skipped, not here": {"CPU s": "–"} for name in ("zen-engine", "OpenFisca-Core")}
    with tempfile.TemporaryDirectory() as folder:
        np.savez(f"{folder}/H.npz", **{NAMES.get(key, key): column for key, column in known.items()})
        return {
            name: _rival(python, which, Path(folder), ours)
            for name, which in (("zen-engine", "zen"), ("OpenFisca-Core", "openfisca"))
        }


def _rival(python: str, which: str, folder: Path, ours: Any) -> dict[str, Any]:
    ran = subprocess.run([python, str(RIVAL), which, str(folder)], capture_output=True, text=True, check=True)
    told = json.loads(ran.stdout.strip().splitlines()[-1])
    found = np.load(folder / f"{which}.npy")
    number = told["households"]
    return {
        "CPU s": told["cpu_s"], "a million, CPU s": told["cpu_s"] * COUNT / number,
        "differ": int((found != ours[:number]).sum()), "one household, CPU ms": 1000 * told["one_s"],
    }  # fmt: skip


def _read() -> object:
    tables.book.cache_clear()
    return tables.book()


def _compile() -> list[object]:
    rules = tables.Rules(policy.on(DAY), tables.book())
    return [rules.decision(key) for key in tables.book().tables]


def _cpu(deed: Callable[[], Any], times: int = 5) -> tuple[float, Any]:
    found = deed()
    taken = []
    for _time in range(times):
        begun = time.process_time()
        found = deed()
        taken.append(time.process_time() - begun)
    return median(taken), found


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1, ensure_ascii=False))
