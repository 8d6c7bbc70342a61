"""What was found at a door is looked into by the departments that the plan names, without anybody asking them to."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from tests.county.cases import lead, visit

from anlan.county import clock
from anlan.county.desk.waiting import waiting
from anlan.county.errors import NotAllowed
from anlan.county.ledger.models import Entry
from anlan.county.office.actions import appoint
from anlan.county.office.models import Clock, County
from anlan.county.office.queries import machine
from anlan.county.verify import jobs
from anlan.county.verify.actions import match
from anlan.county.verify.enquiring.actions import agree
from anlan.county.verify.enquiring.rules import KEPT, TOPICS
from anlan.county.verify.models import Enquiry, Finding, Visit


@pytest.fixture
def clerk(people):
    """A clerk of the housing office."""
    return appoint(
        username="clerk", name="经办", role="department_clerk", division=County.objects.get().division_id,
        since=date(2026, 1, 1), department="housing",
    )  # fmt: skip


@pytest.fixture
def homes(storm):
    """Three households found harmed, the last without consent."""
    made = [storm.household(0, serial) for serial in (4, 5, 3)]
    lead(storm.event, *made)
    visit(storm.event, *made)
    Visit.objects.filter(lead__household=made[2]).update(consent=False)
    return made


@pytest.mark.clause("M1", "D3")
def test_a_department_with_somebody_to_answer_is_asked_once_about_each(homes, clerk):
    assert jobs.ask_departments() == 2
    assert {each.finding.lead.household for each in Enquiry.objects.all()} == set(homes[:2])
    assert {(each.department_id, tuple(each.topics)) for each in Enquiry.objects.all()} == {("housing", ("property",))}
    assert Clock.objects.filter(kind="enquiry", unit="housing", stopped_at__isnull=True).count() == 2
    assert set(Entry.objects.filter(verb="verify.ask").values_list("by", flat=True)) == {"anlan"}
    assert jobs.ask_departments() == 0


def test_where_nobody_would_answer_nobody_is_asked_and_nothing_is_held_up(homes):
    assert jobs.ask_departments() == 0
    assert match(findings=[Finding.objects.get(lead__household=homes[0]).pk], by=machine()) == 1


def test_what_is_compared_or_of_an_event_that_is_over_is_not_asked_about(storm, homes, clerk):
    match(findings=[Finding.objects.get(lead__household=homes[0]).pk], by=machine())
    assert jobs.ask_departments() == 1
    Enquiry.objects.all().delete()
    storm.event.closed_at = clock.now()
    storm.event.save()
    assert jobs.ask_departments() == 0


def test_what_a_later_visit_found_is_asked_about_anew(storm, homes, clerk):
    jobs.ask_departments()
    agree(enquiries=list(Enquiry.objects.values_list("pk", flat=True)), by=clerk)
    assert jobs.ask_departments() == 0
    clock.advance(timedelta(hours=2))
    visit(storm.event, homes[0])
    assert jobs.ask_departments() == 1


@pytest.mark.clause("M1")
def test_a_clerk_answers_many_at_once_and_nobody_elses(homes, clerk, client, people, as_):
    jobs.ask_departments()
    client.force_login(clerk)
    page = client.get(reverse("verify:enquiries")).text
    keys = list(Enquiry.objects.order_by("pk").values_list("pk", flat=True))
    assert page.count('name="enquiries"') == 2
    assert next(task.number for task in waiting(clerk) if task.title == "待回复的部门协查") == 2
    other = appoint(
        username="other", name="某", role="department_clerk", division=County.objects.get().division_id,
        since=date(2026, 1, 1), department="water",
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        agree(enquiries=keys, by=other)
    assert Enquiry.objects.filter(answered_at__isnull=False).count() == 0
    none = client.post(reverse("verify:agree"), follow=True)
    assert "请先勾选" in none.text
    done = client.post(reverse("verify:agree"), {"enquiries": [*keys, "x", 10**30]}, follow=True)
    assert "已回复 2 户" in done.text
    assert set(Enquiry.objects.values_list("differs", "answered_by__username")) == {(False, "clerk")}
    assert 'name="enquiries"' not in done.text
    assert 'id="agree"' not in as_("auditor").get(reverse("verify:enquiries")).text
    assert agree(enquiries=keys, by=clerk) == 0


def test_what_the_program_asks_about_are_topics_that_there_are():
    assert {topic for topics in KEPT.values() for topic in topics} <= set(TOPICS)
