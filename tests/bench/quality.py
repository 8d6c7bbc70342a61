"""The whole register by every rule of data quality, and its possible doubles: seconds and memory by households."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

SIZES = (70_000, 1_000_000)
MADE = """
import json, os, resource, sys, time
from datetime import UTC, date, datetime
import django; django.setup()
from django.core.management import call_command
from django.db import transaction
from anlan.county.office.models import Division
from anlan.county.registry import quality
from anlan.county.registry.enrolment import write
from anlan.county.registry.identity import check_digit
from anlan.county.registry.life import duplicates
from anlan.county.registry.models import Household
from anlan.county.registry.records import HouseholdRecord, IncomeRecord, PersonRecord

VILLAGES, MEMBERS = 140, ("head", "spouse", "child", "child")

def member(serial, place):
    born = date(1950 + serial % 60, 1 + serial % 12, 1 + serial % 28)
    body = f"99{serial // 50_000:04d}{born:%Y%m%d}{serial // 60 % 1000:03d}"
    sex = "m" if int(body[16]) % 2 else "f"
    return PersonRecord(f"示例{serial}", body + check_digit(body), sex, born, MEMBERS[place])

def home(village, serial, first):
    people = tuple(member(first + place, place) for place in range(len(MEMBERS)))
    return HouseholdRecord(f"{village}{serial:05d}", village, head_name=people[0].name, people=people, labourers=4,
                           phone=f"138{first % 10**8:08d}", income=IncomeRecord(date(2026, 5, 31)))

count, at = int(sys.argv[1]), datetime(2026, 6, 1, tzinfo=UTC)
call_command("migrate", verbosity=0)
with transaction.atomic():
    villages = [f"360123{100 + each // 14:03d}{200 + each % 14}" for each in range(VILLAGES)]
    Division.objects.bulk_create(Division(code=code, name=code, level="village") for code in villages)
    per = count // VILLAGES + 1
    for which, village in enumerate(villages):
        for start in range(1, per + 1, 2000):
            serials = range(start, min(start + 2000, per + 1))
            write([home(village, each, (which * per + each) * len(MEMBERS)) for each in serials], at)

def measured(deed):
    begun = time.perf_counter()
    found = deed()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found, time.perf_counter() - begun, peak

every = Household.objects.all().order_by()
checked, seconds, peak = measured(lambda: quality.check(every, date(2026, 6, 18), whole=True))
pairs, beside, after = measured(lambda: duplicates.candidates(every))
print(json.dumps({
    "households": checked.households, "people": checked.people, "findings": checked.findings,
    "check s": round(seconds, 1), "check MiB": round(peak), "doubles s": round(beside, 1), "doubles MiB": round(after),
}))
"""


def measure(sizes: tuple[int, ...] = SIZES) -> dict[str, dict[str, float]]:
    """Each size in a process and a database of its own, so that memory is its own, too."""
    return {f"{size:,} households": _measured(size) for size in sizes}


def _measured(size: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "ANLAN_DATABASE": f"sqlite:///{Path(folder) / 'anlan.sqlite3'}",
            "DJANGO_SETTINGS_MODULE": "anlan.county.config.settings",
            "PYTHONPATH": str(Path(__file__).resolve().parents[2] / "src"),
        }
        out = subprocess.run(
            [sys.executable, "-c", MADE, str(size)], env=environment, capture_output=True, text=True, check=True
        )
    return dict(json.loads(out.stdout))


if __name__ == "__main__":
    print(json.dumps(measure(tuple(int(each) for each in sys.argv[1:]) or SIZES), indent=1))
