"""The same deeds from the command line."""

import json

import pytest
from django.core.management import call_command

from anlan.county.errors import NotFound
from anlan.county.warn.actions import SameHand
from anlan.county.warn.models import Warning as TheWarning


def run(capsys, *words):
    call_command(*words)
    return capsys.readouterr().out


def test_a_warning_goes_out_by_command(storm, people, capsys):
    drafts = json.loads(run(capsys, "warn_draft", storm.event.code, "--json", "--by=duty_officer"))
    assert [each["audience"] for each in drafts] == ["danger", "key", "general", "cadre"]
    code = drafts[1]["code"]
    run(capsys, "warn_approve", code, "--by=county_director")
    assert json.loads(run(capsys, "warn_release", code, "--json", "--by=duty_officer"))["state"] == "released"
    assert json.loads(run(capsys, "warn_report", storm.event.code, "--json"))["targeted"] == 8
    run(capsys, "warn_cancel", code, "--reason=解除", "--by=duty_officer")
    assert TheWarning.objects.get(code=code).state == "cancelled"


def test_for_people_it_prints_lines(storm, people, capsys):
    assert "general" in run(capsys, "warn_draft", storm.event.code)
    assert "targeted\t0" in run(capsys, "warn_report", storm.event.code)


def test_refusals_come_through(storm, people, capsys):
    with pytest.raises(NotFound):
        run(capsys, "warn_report", "EV0")
    with pytest.raises(NotFound):
        run(capsys, "warn_approve", "nothing", "--by=county_director")
    with pytest.raises(NotFound):
        run(capsys, "warn_draft", storm.event.code, "--by=nobody")
    code = json.loads(run(capsys, "warn_draft", storm.event.code, "--json"))[0]["code"]
    with pytest.raises(SameHand):
        run(capsys, "warn_approve", code, "--by=anlan")
