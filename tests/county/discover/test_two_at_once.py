"""Two doors at the same moment, in two processes: one lead, every source kept, on either database."""

import json
import os
import subprocess
import sys

import pytest
from tests.county.registry.test_two_at_once import COUNTY, drop_database, fresh_database
from tests.installation import Installation

pytestmark = pytest.mark.long
EACH = 10
STORM = """
from datetime import UTC, datetime
from anlan.county.office.queries import machine
from anlan.county.registry.actions import enrol_reported
from anlan.county.sense.models import Event
at = datetime(2026, 6, 18, tzinfo=UTC)
Event.objects.create(code="EV1", title="x", hazard="flood", level=3, opened_at=at, issued_at=at, codes=[])
enrol_reported(village="360123101201", head_name="x", phone="10000000000", size=3, by=machine())
"""
REPORT = f"""
import sys
import django; django.setup()
from anlan.county import clock
from anlan.county.discover.actions import Report, report
from anlan.county.office.queries import machine
from anlan.county.registry.models import Household
from anlan.county.sense.models import Event
event, household, door = Event.objects.get(), Household.objects.get(), sys.argv[1]
print("ready", flush=True)
sys.stdin.readline()
for number in range({EACH}):
    said = Report(f"{{door}}-{{number}}", door, household.pk, clock.now(), {{"kinds": ["crop"]}})
    report(event=event, reports=[said], by=machine())
"""
COUNT = """
import json
import django; django.setup()
from anlan.county.discover.models import Lead, Source
print(json.dumps([Lead.objects.count(), Source.objects.count(), Source.objects.values("door").distinct().count()]))
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))])
def place(request, tmp_path):
    """An installation with one household under a storm, on either database."""
    name = f"doors_{os.getpid()}"
    changes = {"ANLAN_DATABASE": fresh_database(name)} if request.param == "postgresql" else {}
    home = Installation(tmp_path)
    assert home.anlan("setup", **changes).returncode == 0
    made = home.python(COUNTY + STORM, **changes)
    assert made.returncode == 0, made.stderr
    yield home, changes
    if changes:
        drop_database(name)


@pytest.mark.clause("D5")
def test_two_doors_at_once_make_one_lead(place, tmp_path):
    home, changes = place
    running = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", REPORT, door], env=home.environment(**changes), cwd=tmp_path,
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for door in ("self", "cadre")
    ]  # fmt: skip
    for each in running:
        assert each.stdout.readline() == "ready\n"
    for each in running:
        each.stdin.write("\n")
        each.stdin.flush()
    for each in running:
        _out, err = each.communicate()
        assert each.returncode == 0, err
    counted = home.python(COUNT, **changes)
    assert json.loads(counted.stdout) == [1, 2 * EACH, 2], counted.stderr
