"""Measures alerts read and judged a second, beside capvalidator's schema check, on real and test files under 8 kB.

ANLAN_BENCH_CAPVALIDATOR names the Python of an environment with capvalidator; without it only ours is measured. CPU
seconds of one core, the best of five rounds. The rival runs in processes of its own: one document of a set has killed
it, so each is tried first. Files: ../shared/data/cap where it lies beside, else our own samples and mutants.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data" / "cap"
SAMPLES = ROOT / "tests" / "county" / "sense" / "data"
SMALL, ROUNDS, AGAIN = 8000, 5, 20
NAMESPACE = b"urn:oasis:names:tc:emergency:cap:1.2"
RIVAL = """
import json, sys, time
from capvalidator import validate_cap_message
from capvalidator.validate import Validator
def schema(data): return Validator(data).schema()
def loose(data): return validate_cap_message(data, strict=False)
documents = [open(name, "rb").read() for name in json.load(open(sys.argv[1]))]
def rate(judge):
    best = 0.0
    for _round in range(3):
        begun = time.process_time()
        for data in documents:
            try: judge(data)
            except Exception: pass
        best = max(best, len(documents) / (time.process_time() - begun))
    return best
print(json.dumps({"schema": rate(schema), "schema and signature": rate(loose)}))
"""


def measure() -> dict[str, Any]:
    """Alerts a second by what is done with them, and how many times the rival's; documents of three sizes."""
    from tests.county.sense.feeds.mutants import mutants

    from anlan.county.sense.feeds.cap.parse import parse
    from anlan.engine.hazard import taxonomy

    def ours(data: bytes) -> None:
        parse(data)

    files = _files()
    small = [path for path in files if path.stat().st_size < SMALL]
    large = [path for path in files if path.stat().st_size >= 10 * SMALL]
    figures: dict[str, Any] = {}
    for name, documents in (
        (f"real files under 8 kB ({len(small)})", [path.read_bytes() for path in small]),
        (f"real files over 80 kB ({len(large)})", [path.read_bytes() for path in large]),
        ("our mutants", [mutant.data for mutant in mutants() if len(mutant.data) < SMALL]),
        ("polygon of 5,000 corners", [_circle(5000)]),
    ):
        if documents:
            taxonomy.hazard_of.cache_clear()
            figures[name] = {"ours a second": round(_rate(ours, documents))}
    figures[next(iter(figures))] |= _rival(small, next(iter(figures.values()))["ours a second"])
    return figures


def _files() -> list[Path]:
    kinds = {".xml", ".cap", ".txt"}
    found = sorted(path for path in DATA.rglob("*") if path.suffix in kinds) if DATA.is_dir() else []
    found = found or sorted(SAMPLES.glob("*.xml"))
    return [path for path in found if NAMESPACE in (head := path.read_bytes()[:3000]) and b"<!DOCTYPE" not in head]


def _rate(judge: Callable[[bytes], None], documents: Sequence[bytes]) -> float:
    best = 0.0
    for _round in range(ROUNDS):
        begun = time.process_time()
        for _again in range(AGAIN):
            for data in documents:
                judge(data)
        best = max(best, AGAIN * len(documents) / (time.process_time() - begun))
    return best


def _rival(files: Sequence[Path], ours: float) -> dict[str, Any]:
    python = os.environ.get("ANLAN_BENCH_CAPVALIDATOR")
    if not python:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        harmless = [str(path) for path in files if _survives(python, folder, path)]
        found = _run(python, folder, harmless)
    told: dict[str, Any] = {f"capvalidator {what} a second": round(rate) for what, rate in (found or {}).items()}
    told |= {f"times capvalidator {what}": round(ours / rate, 1) for what, rate in (found or {}).items()}
    return told | {"killed capvalidator": len(files) - len(harmless)}


def _survives(python: str, folder: str, path: Path) -> bool:
    # A document that kills it has a document type; those are left out already, so one run for all will mostly do.
    return b"<!ENTITY" not in path.read_bytes() or _run(python, folder, [str(path)]) is not None


def _run(python: str, folder: str, names: Sequence[str]) -> dict[str, float] | None:
    listed = Path(folder) / "files.json"
    listed.write_text(json.dumps(list(names)))
    command = [python, "-W", "ignore", "-c", RIVAL, str(listed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else None


def _circle(corners: int) -> bytes:
    """An alert with one polygon of many corners."""
    import math

    from tests.county.sense.feeds.mutants import GOOD, POLYGON

    turns = [2 * math.pi * corner / corners for corner in range(corners)]
    ring = [f"{28.9 + 0.1 * math.sin(turn):.6f},{115.6 + 0.1 * math.cos(turn):.6f}" for turn in turns]
    return GOOD.replace(POLYGON, " ".join([*ring, ring[0]])).encode()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.county.config.settings")
    import django

    sys.path[:0] = [str(ROOT)]
    django.setup()
    print(json.dumps(measure(), indent=1))
