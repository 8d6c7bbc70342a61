"""Two reviewers at one moment, in two processes, on either database: each case moves once, and the other is told so."""

import json
import os
import subprocess
import sys

import pytest
from tests.county.registry.test_two_at_once import COUNTY, drop_database, fresh_database
from tests.installation import Installation

pytestmark = pytest.mark.long
CASES = 8
AT = """
from datetime import datetime
from zoneinfo import ZoneInfo
import django; django.setup()
from anlan.county import clock
from anlan.county.office.queries import machine
from anlan.county.sense.models import Event
AT, BY = datetime(2026, 6, 19, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai")), machine()
"""
STORM = (
    AT
    + f"""
from anlan.county.decide.actions import open_cases
from anlan.county.discover.actions import Report, report
from anlan.county.discover.models import Lead
from anlan.county.registry.actions import enrol_reported
from anlan.county.verify.actions import FindingReport, VisitReport, match, record_visits
from anlan.county.verify.models import Finding
with clock.held(AT):
    event = Event.objects.create(code="EV1", title="x", hazard="flood", level=3, opened_at=AT, issued_at=AT, codes=[])
    for number in range({CASES}):
        phone = f"1000000{{number:04d}}"
        home = enrol_reported(village="360123101201", head_name="x", phone=phone, size=3, by=BY)
        report(event=event, reports=[Report(f"r{{number}}", "cadre", home.pk, AT)], by=BY)
    for lead in Lead.objects.all():
        poor = FindingReport(income_per_head_yuan=1000.0)
        visit = VisitReport(uuid=f"v{{lead.pk}}", lead_id=lead.pk, visitor_id=BY.pk, at=AT, outcome="harmed",
                            consent=True, finding=poor)
        record_visits(visits=[visit], by=BY)
    match(findings=list(Finding.objects.values_list("pk", flat=True)), by=BY)
    assert open_cases(by=BY) == {CASES}
"""
)
REVIEW = (
    AT
    + """
import json
import sys
from anlan.county.account.actions import prove
from anlan.county.decide.actions import Move, advance
from anlan.county.decide.chain import AlreadyMoved
from anlan.county.decide.models import Case
to = sys.argv[1]
seen = [Move(each.pk, each.version, to, note="x") for each in Case.objects.order_by("pk")]
done, told = [], set()
print("ready", flush=True)
sys.stdin.readline()
with clock.held(AT):
    for move in seen:
        try:
            advance(moves=[move], by=BY)
            done.append(move.case_id)
        except AlreadyMoved as refused:
            told.add(str(refused))
    print("moved", flush=True)
    sys.stdin.readline()
    made = prove(event=Event.objects.get(), by=BY)
print(json.dumps({"done": done, "told": sorted(told), "proof": made.pk}))
"""
)
COUNT = """
import json
import django; django.setup()
from anlan.county.account.models import Proof
from anlan.county.decide.models import Case, Step
from anlan.county.ledger.queries import verify
from anlan.county.office.models import Clock
running = Clock.objects.filter(kind="publicity", stopped_at__isnull=True).count()
print(json.dumps({"steps": Step.objects.count(), "versions": list(Case.objects.values_list("version", flat=True)),
                  "public": Case.objects.filter(state="publicity").count(), "running": running,
                  "proofs": Proof.objects.count(), "whole": verify().verified}))
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))])
def place(request, tmp_path):
    """An installation with cases before the village's review, on either database."""
    name = f"reviewers_{os.getpid()}"
    changes = {"ANLAN_DATABASE": fresh_database(name)} if request.param == "postgresql" else {}
    home = Installation(tmp_path)
    assert home.anlan("setup", **changes).returncode == 0
    for script in (COUNTY, STORM):
        made = home.python(script, **changes)
        assert made.returncode == 0, made.stderr
    yield home, changes
    if changes:
        drop_database(name)


def at_once(processes):
    """Let both go on at the same moment."""
    for each in processes:
        each.stdin.write("\n")
        each.stdin.flush()


@pytest.mark.clause("M2", "A1")
def test_two_reviewers_at_once_and_two_who_sign(place, tmp_path):
    home, changes = place
    running = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", REVIEW, to], env=home.environment(**changes), cwd=tmp_path,
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for to in ("publicity", "not_confirmed")
    ]  # fmt: skip
    for word in ("ready\n", "moved\n"):
        for each in running:
            assert each.stdout.readline() == word, each.stderr.read()
        at_once(running)
    outs = [each.communicate() for each in running]
    assert [each.returncode for each in running] == [0, 0], outs
    first, second = (json.loads(out) for out, _err in outs)
    assert not set(first["done"]) & set(second["done"])
    assert len(first["done"]) + len(second["done"]) == CASES
    assert {*first["told"], *second["told"]} == {"这件认定刚被别人处理过，请刷新页面，看过最新情况再办。"}
    counted = home.python(COUNT, **changes)
    assert json.loads(counted.stdout) == {
        "steps": CASES, "versions": [1] * CASES, "public": len(first["done"]), "running": len(first["done"]),
        "proofs": 1, "whole": True,
    }, counted.stderr  # fmt: skip
    assert first["proof"] == second["proof"]
