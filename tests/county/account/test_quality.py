"""Rules of data quality that need the other rooms: risks without help, help that does not develop, hasty clearances."""

import json
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from tests.county import cases
from tests.county.cases import UNSAFE

from anlan.county import clock
from anlan.county.account.jobs import judge_register
from anlan.county.account.quality import DEVELOPING, KNOWN, facts_on, months
from anlan.county.assist.models import Measure
from anlan.county.assist.rules import CATALOGUE
from anlan.county.clear.models import Clearance
from anlan.county.decide.models import Episode
from anlan.county.office.models import Department
from anlan.county.registry.models import Mending
from anlan.engine.quality import RULES


@pytest.fixture
def monitored(storm):
    """A household entered for its income, its house and its water."""
    cases.entered(storm.event, storm.household(0, 1), finding=UNSAFE)
    Measure.objects.all().delete()
    return storm.household(0, 1)


def facts(household, on=None):
    known = facts_on(on or clock.today())([household.pk])
    return {name for name, flags in known.items() if flags[0]}


def helped(storm, household, people, kind, **words):
    now = clock.now()
    return Measure.objects.create(
        event=storm.event, household=household, kind=kind, axis=CATALOGUE[kind].axis, planned_at=now, due_at=now,
        owner=Department.objects.first(), planned_by=people["anlan"], **words,
    )  # fmt: skip


def test_a_household_nobody_monitors_has_no_facts(storm):
    assert facts(storm.household(0, 2)) == set()
    assert set(facts_on(clock.today())([])) == set(KNOWN)


def test_its_axes_are_its_risks(monitored):
    assert facts(monitored) == {"monitored", "risk_known", "risk_water", "risk_home"}


@pytest.mark.clause("M6")
def test_what_its_risks_lack_becomes_a_task(monitored):
    judge_register()
    rules = set(Mending.objects.filter(household=monitored).values_list("rule", flat=True))
    assert {"risk_water_unhelped", "risk_home_unhelped"} <= rules


@pytest.mark.parametrize(("kind", "fact"), [("water_truck", "measure_water"), ("house_repair", "measure_home"),
                                            ("skills", "measure_development")])  # fmt: skip
def test_measures_that_were_not_stopped_count(storm, monitored, people, kind, fact):
    assert fact not in facts(monitored)
    measure = helped(storm, monitored, people, kind)
    assert fact in facts(monitored)
    Measure.objects.filter(pk=measure.pk).update(state="stopped", stopped_reason="x")
    assert fact not in facts(monitored)


def test_every_developing_kind_is_in_the_catalogue():
    assert set(CATALOGUE) >= DEVELOPING
    assert {CATALOGUE[kind].axis for kind in DEVELOPING} == {"income"}


@pytest.mark.parametrize(
    ("since", "on", "whole"),
    [(date(2026, 1, 18), date(2026, 7, 18), True), (date(2026, 1, 18), date(2026, 7, 17), False),
     (date(2025, 12, 31), date(2026, 6, 30), False), (date(2025, 12, 31), date(2026, 7, 1), True)],
)  # fmt: skip
def test_half_a_year_is_six_whole_months(monitored, since, on, whole):
    at = clock.now().replace(year=since.year, month=since.month, day=since.day)
    Episode.objects.update(entered_at=at)
    assert ("identified_half_a_year" in facts(monitored, on)) == whole


@pytest.mark.parametrize(
    ("days", "how", "early"), [(20, "assisted", True), (20, "natural", False), (100, "assisted", False)]
)
def test_a_clearance_in_the_month_of_entry_or_the_next_is_early(monitored, days, how, early):
    episode = Episode.objects.get()
    cleared = episode.entered_at + timedelta(days=days)
    Episode.objects.update(cleared_at=cleared)
    Clearance.objects.create(episode=episode, state="cleared", how=how, opened_at=cleared, closed_at=cleared)
    assert ("cleared_early" in facts(monitored)) == early


def test_months_are_counted_by_the_calendar():
    assert [months(date(2025, 12, 31), each) for each in (date(2025, 12, 1), date(2026, 1, 1))] == [0, 1]


@pytest.mark.clause("P1")
def test_the_command_says_what_lacks_help_and_what_it_cannot_ask(storm, monitored, people, capsys):
    helped(storm, monitored, people, "water_truck")
    call_command("account_quality", "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["by_rule"] == [
        {"rule": "risk_home_unhelped", "title": RULES["risk_home_unhelped"].title, "severity": "must_fix", "count": 1}
    ]
    assert told["examples"][0]["household"] == monitored.code
    assert set(told["skipped"]) == {
        "education_or_study", "no_labour_unflagged", "risk_disability_alone", "risk_disability_unhelped",
        "water_without_risk", "work_half_filled",
    }  # fmt: skip
    call_command("account_quality")
    assert capsys.readouterr().out.splitlines()[-1] == "1"
