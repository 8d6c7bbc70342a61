"""What waits, from the command line."""

import json

from django.core.management import call_command

from anlan.county import clock
from anlan.county.discover.actions import Report, report


def test_waiting_visits_are_counted_by_village(storm, people, capsys):
    reports = [Report(f"r{s}", "cadre", storm.household(0, s).pk, clock.now()) for s in (1, 2)]
    report(event=storm.event, reports=reports, by=people["anlan"])
    call_command("verify_waiting", f"--event={storm.event.code}", "--json")
    village = storm.household(0, 1).division_id
    assert json.loads(capsys.readouterr().out) == [{"village": village, "visits": 2, "matches": 0}]
    call_command("verify_waiting")
    assert capsys.readouterr().out == f"{village}\t2\t0\n"
