"""The whole register by every rule of data quality, its tasks, and its possible doubles: seconds and memory."""

import json
import subprocess
import sys

from tests.bench.register import ROOT, environment

SIZES = (70_000,)
MOST_S = 5
MEASURED = """
import json, resource, time
from datetime import date
import django; django.setup()
from anlan.county.account.jobs import judge_all
from anlan.county.registry import quality
from anlan.county.registry.life import duplicates
from anlan.county.registry.models import Household

def measured(deed):
    begun, cpu = time.perf_counter(), time.process_time()
    found = deed()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found, {"wall s": round(time.perf_counter() - begun, 1), "CPU s": round(time.process_time() - cpu, 1),
                   "peak MB": round(peak)}

every = Household.objects.all().order_by()
checked, check = measured(lambda: quality.check(every, date(2026, 6, 18), whole=True))
pairs, doubles = measured(lambda: duplicates.candidates(every))
opened, opening = measured(judge_all)
still, nothing_new = measured(judge_all)
assert still.opened == still.ended == 0
print(json.dumps({"check": {**check, "people": checked.people, "found": checked.findings},
                  "doubles": {**doubles, "people": checked.people, "found": len(pairs)},
                  "tasks, all rules, the first time": {**opening, "people": checked.people, "found": opened.opened},
                  "tasks, all rules, every day after": {**nothing_new, "people": checked.people, "found": 0}}))
"""


def measure(sizes: tuple[int, ...] = SIZES) -> dict[str, dict[str, float | str]]:
    """Each size in a process and a database of its own, so that memory is its own, too."""
    rows = {}
    for size in sizes:
        with environment() as own:
            subprocess.run([sys.executable, "-m", "tests.bench.register", str(size)], env=own, cwd=ROOT, check=True)
            said = subprocess.run(
                [sys.executable, "-c", MEASURED], env=own, capture_output=True, text=True, check=True, cwd=ROOT
            )
        for what, figures in json.loads(said.stdout).items():
            target = f"≤ {MOST_S} s" if (what, size) == ("check", SIZES[0]) else "–"
            rows[f"{what}, {size:,} households"] = {**figures, "target": target}
    return rows


if __name__ == "__main__":
    print(json.dumps(measure(tuple(int(each) for each in sys.argv[1:]) or SIZES), indent=1, ensure_ascii=False))
