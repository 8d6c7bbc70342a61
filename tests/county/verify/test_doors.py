"""What visits teach the estimate."""

import json
from datetime import timedelta
from itertools import product

import numpy as np
import pytest
from django.core.management import call_command
from tests.county.verify.test_actions import FOUND, a_visit, make_lead

from anlan.county import clock
from anlan.county.decide import queries as decide
from anlan.county.discover.actions import Report, release, report, take_in
from anlan.county.foresee.models import Lesson
from anlan.county.verify import queries, rules
from anlan.county.verify.actions import FindingReport, record_visits
from anlan.county.verify.jobs import learn_from_doors
from anlan.county.verify.models import Finding
from anlan.engine import policy


def seen(storm, people, village, serial, outcome="unharmed", **change):
    lead = make_lead(storm, people, storm.household(village, serial))
    record_visits(visits=[a_visit(lead, people, outcome, uuid=f"{village}-{serial}", **change)], by=people["anlan"])
    return lead


@pytest.mark.clause("D2")
def test_doors_say_who_was_found_who_was_not_and_who_needs_nobody_any_more(storm, people):
    home = storm.household
    seen(storm, people, 0, 1)
    seen(storm, people, 0, 2, "harmed", finding=FOUND)
    seen(storm, people, 0, 3, "harmed", finding=FindingReport(income_per_head_yuan=20_000.0))
    seen(storm, people, 0, 4, "absent")
    release(event=storm.event, households=[(home(1, 1).pk, "below_harm")], by=people["county_director"])
    told = queries.doors(storm.event)
    assert told.seen == {home(0, 1).pk: False, home(0, 2).pk: True, home(0, 3).pk: False}
    assert told.found == 1
    assert told.unharmed == {home(0, 1).pk}
    assert told.gone == {home(0, 2).pk, home(0, 3).pk, home(0, 4).pk, home(1, 1).pk}


@pytest.mark.clause("P2")
@pytest.mark.parametrize("seed", range(6))
def test_the_table_says_the_same_of_findings_as_was_written_by_hand_and_less_than_the_proposal(storm, people, seed):
    rng = np.random.default_rng(seed)
    for village, serial in product(range(4), range(1, 6)):
        axes = {axis: bool(rng.random() > 0.1) for axis in rules.AXES}
        income = float(rng.choice([8499.99, 8500.0, 8500.01, rng.uniform(3000, 15000)]))
        report = FindingReport(income, rigid_per_head_yuan=float(rng.uniform(0, 6000)), **axes)
        seen(storm, people, village, serial, "harmed", finding=report)
    line = policy.on(clock.today()).number("monitoring_line_yuan")
    findings = list(Finding.objects.select_related("lead__household", "lead__event"))
    by_hand = {
        each.lead_id
        for each in findings
        if each.income_per_head_yuan < line or not all(getattr(each, axis) for axis in rules.AXES)
    }
    assert queries.at_risk(storm.event) == by_hand
    proposed = decide.proposals(findings, clock.today())
    assert by_hand <= {each.lead_id for each in findings if proposed[each.pk]["at_risk"]}
    assert 0 < len(by_hand) < len(findings)


def test_an_event_without_findings_has_nobody_at_risk(storm):
    assert queries.at_risk(storm.event) == set()


def test_who_called_us_teaches_nothing_but_a_list_that_comes_after_the_visit_changes_nothing(storm, people):
    home = storm.household
    (lead,) = report(
        event=storm.event, reports=[Report("me", "self", home(0, 1).pk, clock.now(), {"kinds": ["crop"]})],
        by=people["anlan"],
    )  # fmt: skip
    take_in(leads=[lead.pk], by=people["anlan"])
    record_visits(visits=[a_visit(lead, people, "harmed", finding=FOUND)], by=people["anlan"])
    seen(storm, people, 0, 2, "harmed", finding=FOUND)
    clock.advance(timedelta(days=20))
    report(
        event=storm.event, reports=[Report("list", "dept", home(0, 2).pk, clock.now(), {"kinds": ["crop"]})],
        by=people["anlan"],
    )  # fmt: skip
    told = queries.doors(storm.event)
    assert told.seen == {home(0, 2).pk: True}
    assert told.found == 2  # the share that may be missed is of all


def test_a_second_look_that_finds_nothing_ends_the_matter(storm, people):
    lead = seen(storm, people, 0, 1)
    make_lead(storm, people, storm.household(0, 1), key="again")
    record_visits(visits=[a_visit(lead, people, "unharmed", uuid="second")], by=people["anlan"])
    told = queries.doors(storm.event)
    assert (told.unharmed, told.gone) == (set(), {storm.household(0, 1).pk})


@pytest.mark.clause("D2", "D6")
def test_the_worker_learns_when_visits_came_in_and_not_again_without(storm, people):
    assert learn_from_doors() == 1  # whom to visit first
    assert learn_from_doors() == 0
    seen(storm, people, 0, 2, "harmed", finding=FOUND)
    clock.advance(timedelta(hours=1))
    assert learn_from_doors() == 1
    clock.advance(timedelta(hours=1))
    assert learn_from_doors() == 0
    seen(storm, people, 0, 1)
    assert learn_from_doors() == 1
    assert [each.visited for each in Lesson.objects.order_by("id")] == [0, 1, 2]


def test_a_visit_that_arrives_late_teaches_too_but_no_more_than_once_an_hour(storm, people):
    seen(storm, people, 0, 2, "harmed", finding=FOUND)
    assert learn_from_doors() == 1
    seen(storm, people, 0, 1, at=clock.now() - timedelta(hours=5))  # written down where there was no signal
    assert learn_from_doors() == 0
    clock.advance(timedelta(hours=1))
    assert learn_from_doors() == 1
    assert Lesson.objects.order_by("id").last().visits == 2


def test_the_command_says_whom_to_visit_by_village(storm, people, capsys):
    seen(storm, people, 0, 2, "harmed", finding=FOUND)
    call_command("verify_learn", storm.event.code, json=True)
    told = json.loads(capsys.readouterr().out)
    assert (told["visited"], told["found"]) == (1, 1)
    assert told["worth"] == sum(each["worth"] for each in told["villages"])
    assert 1 <= sum(each["first"] for each in told["villages"]) <= told["worth"]
    assert 0 < told["cut"] <= told["first"]
    assert told["left"] >= told["beyond"] >= 0
    call_command("verify_learn", storm.event.code)
    assert len(capsys.readouterr().out.splitlines()) == len(told["villages"])
