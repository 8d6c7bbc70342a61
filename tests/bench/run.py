"""Measures what is promised, on this machine, and writes `docs/benchmarks.md`.

Each figure is the median of several runs in processes of their own; CPU is user plus system time of the whole process.
"""

import json
import os
import platform
import resource
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ANLAN = Path(sys.executable).parent / "anlan"
PAGE = ROOT / "docs" / "benchmarks.md"


@dataclass(frozen=True)
class Figure:
    """One run of one command."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def measure(command: list[str], environment: dict[str, str], out: str = os.devnull) -> Figure:
    """Run a command, keep what it prints, and read what it cost from the operating system."""
    begun = time.monotonic()
    pid = os.posix_spawn(
        command[0], command, {**os.environ, **environment},
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)],
    )  # fmt: skip
    _pid, status, usage = os.wait4(pid, 0)
    if status:
        sys.exit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return Figure(time.monotonic() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def median(figures: list[Figure]) -> Figure:
    """The middle of each column."""
    columns = zip(*((f.wall_s, f.cpu_s, f.peak_mb) for f in figures), strict=True)
    return Figure(*(statistics.median(column) for column in columns))


def drills(households: int, times: int) -> tuple[Figure, dict[str, list[float]]]:
    """Whole June rainstorms, county and report included, each in a fresh database: their cost, and what they found."""
    figures: list[Figure] = []
    found: dict[str, list[float]] = {"recall": [], "precision": [], "visits": [], "at_risk": [], "t50_min": []}
    for seed in range(1, times + 1):
        with tempfile.TemporaryDirectory() as folder:
            environment = {"ANLAN_DATABASE": f"sqlite:///{folder}/drill.sqlite3", "ANLAN_HOME": folder}
            command = [str(ANLAN), "drill", "run", "june_rainstorm", "--seed", str(seed)]
            printed = f"{folder}/report.json"
            figures.append(measure([*command, "--households", str(households), "--json"], environment, printed))
            report = json.loads(Path(printed).read_text())
        for key in ("recall", "precision", "visits", "at_risk"):
            found[key].append(report["truth"][key] or 0)
        found["t50_min"].append(report["warning"]["t50_min"] or 0)
    return median(figures), found


def machine() -> str:
    """The machine, in a line."""
    cpu = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.processor(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} × {cpu}, {memory:.0f} GiB, Python {platform.python_version()}, {platform.system()}"


def row(what: str, figure: Figure, target: str) -> str:
    """A row of the table."""
    return f"| {what} | {figure.wall_s:.1f} | {figure.cpu_s:.1f} | {figure.peak_mb:.0f} | {target} |"


def main() -> None:
    """Measure everything and write the page."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    full, seeds = 70_000, int(sys.argv[1]) if len(sys.argv) > 1 else 5
    figure, found = drills(full, seeds)
    small, _found = drills(7_000, 2)
    lines = [
        "# Benchmarks\n",
        "<!-- written by `make bench`; do not edit -->\n",
        f"{datetime.now(tz=UTC):%Y-%m-%d} · {machine()}\n",
        "## Speed\n",
        f"Whole processes, a fresh SQLite database each time; CPU is user + system. Medians of {seeds} and 2 runs.\n",
        "| what | wall s | CPU s | peak MB | target |",
        "|---|---|---|---|---|",
        row("drill, June rainstorm, 70,000 households, county and report included", figure, "≤ 30 s, ≤ 1024 MB"),
        row("the same, 7,000 households", small, "–"),
        "",
        "## What the drill measures of the plan\n",
        f"June rainstorm, default world, 70,000 households, {seeds} seeds.\n",
        "| measure | median | least – most |",
        "|---|---|---|",
    ]
    for name, values in found.items():
        lines.append(f"| {name} | {statistics.median(values):g} | {min(values):g} – {max(values):g} |")
    PAGE.write_text("\n".join(lines) + "\n")
    print(PAGE.read_text())


if __name__ == "__main__":
    main()
