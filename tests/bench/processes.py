"""What a whole process costs, read from the operating system."""

import os
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ANLAN = str(Path(sys.executable).parent / "anlan")


@dataclass(frozen=True)
class Cost:
    """One run of one command; CPU is user plus system time."""

    wall_s: float
    cpu_s: float
    peak_mb: float

    def row(self, **more: str) -> dict[str, str]:
        """The cost as columns of a table."""
        return {"wall s": f"{self.wall_s:.1f}", "CPU s": f"{self.cpu_s:.1f}", "peak MB": f"{self.peak_mb:.0f}", **more}


def cost(command: Sequence[str], environment: Mapping[str, str], out: str = os.devnull) -> Cost:
    """Run a command and keep what it prints in `out`. A command that fails ends the benchmark."""
    begun = time.monotonic()
    pid = os.posix_spawn(
        command[0], command, {**os.environ, **environment},
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)],
    )  # fmt: skip
    _pid, status, usage = os.wait4(pid, 0)
    if status:
        sys.exit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return Cost(time.monotonic() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def median(costs: Sequence[Cost]) -> Cost:
    """The middle of each column."""
    columns = zip(*((each.wall_s, each.cpu_s, each.peak_mb) for each in costs), strict=True)
    return Cost(*(statistics.median(column) for column in columns))
