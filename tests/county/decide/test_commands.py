"""The commands and the job of the decision."""

import json

import pytest
from django.core.management import call_command
from tests.county.cases import compare, found, lead, visit

from anlan.county.decide import jobs
from anlan.county.decide.models import Case, Episode, Step


@pytest.fixture
def matched(storm):
    """A finding that the departments have compared."""
    lead(storm.event, storm.household(0, 5))
    visit(storm.event, storm.household(0, 5))
    compare(storm.event, storm.household(0, 5))


def test_the_worker_and_the_command_open_what_is_matched(matched, capsys):
    call_command("decide_open", "--json")
    assert json.loads(capsys.readouterr().out) == {"opened": 1}
    assert [job() for job in jobs.JOBS] == [0, 0]
    call_command("decide_open")
    assert capsys.readouterr().out == "opened\t0\n"


def test_open_cases_are_listed(storm, capsys):
    case = found(storm.event, storm.household(0, 5))[0]
    call_command("decide_waiting", "--json")
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["household"], listed["state"], listed["at_risk"]) == (case.household.code, "review", True)
    call_command("decide_waiting")
    assert capsys.readouterr().out.startswith(f"{storm.event.code}\t{case.household.code}\treview\t")


def test_rows_are_named_by_what_they_are(storm):
    case = Case(pk=7)
    assert str(case) == "case 7"
    assert str(Step(before="review", after="publicity")) == "review → publicity"
    assert str(Episode(household_id=3, category="marginal")) == "3 marginal"
