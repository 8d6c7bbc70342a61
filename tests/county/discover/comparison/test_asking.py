"""An event asks the departments that the plan names, by itself; what they answer and what is late can be seen."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from anlan.county import clock
from anlan.county.desk.waiting import waiting
from anlan.county.discover import jobs
from anlan.county.discover.comparison import asking
from anlan.county.discover.comparison.actions import compare
from anlan.county.discover.comparison.sources import source, sources
from anlan.county.discover.models import ListRequest
from anlan.county.errors import NotAllowed
from anlan.county.ledger.models import Entry
from anlan.county.office.actions import appoint
from anlan.county.office.models import Clock, County, Duty
from anlan.county.office.queries import machine
from anlan.county.sense.actions import open_screening
from anlan.engine import policy

KEY = "medical_insurance"


@pytest.fixture
def clerk(people):
    """A clerk of the office for medical insurance."""
    return appoint(
        username="clerk", name="经办", role="department_clerk", division=County.objects.get().division_id,
        since=date(2026, 1, 1), department=KEY,
    )  # fmt: skip


@pytest.fixture
def asked(storm):
    """Everybody has been asked because of the storm."""
    assert jobs.ask_departments() == len(asking.named())
    return ListRequest.objects.get(source=KEY)


@pytest.mark.clause("D3", "M1")
def test_whom_the_plan_names_is_asked_once_by_an_own_clock(storm, asked):
    plan = set(Duty.objects.get(key="screen").supporting.values_list("pk", flat=True))
    wanted = {key for key, each in sources().items() if each.department in plan | {"emergency", "water"}}
    assert wanted <= set(ListRequest.objects.values_list("source", flat=True))
    assert not ListRequest.objects.filter(department="financial_regulation").exists()
    days = policy.on(clock.today()).number("clock_event_list_days")
    running = Clock.objects.get(about=f"list:{storm.event.code}/{KEY}")
    assert (running.kind, running.unit, running.event_code) == ("event_list", KEY, storm.event.code)
    assert running.due_at == asked.due_at == clock.now() + timedelta(days=days)
    line = Entry.objects.get(verb="discover.ask_lists")
    assert (line.about, line.by) == (f"event:{storm.event.code}", "anlan")
    assert jobs.ask_departments() == 0
    assert asking.ask(event=storm.event, by=machine()) == 0
    assert Entry.objects.filter(verb="discover.ask_lists").count() == 1


def test_a_months_screening_and_a_closed_event_ask_nobody(storm):
    open_screening(month=date(2026, 6, 1), by=machine())
    storm.event.closed_at = clock.now()
    storm.event.save()
    assert jobs.ask_departments() == 0


@pytest.mark.clause("D3")
def test_the_list_that_comes_is_the_answer_and_stops_the_clock(storm, asked, medical, people):
    other = ListRequest.objects.get(source="housing")
    clock.advance(timedelta(days=1))
    compare(source=source(KEY), path=medical((0, 5, 60_000)), by=people["department_clerk"])  # a month's: no answer
    asked.refresh_from_db()
    assert asked.answered_at is None
    made = compare(source=source(KEY), path=medical((0, 5, 61_000)), by=people["department_clerk"], event=storm.event)
    asked.refresh_from_db()
    assert (asked.batch, asked.answered_at, asked.answered_by) == (made.batch, clock.now(), people["department_clerk"])
    assert Clock.objects.get(about=asking.about(asked)).stopped_at == clock.now()
    other.refresh_from_db()
    assert other.answered_at is None


def test_a_list_that_came_before_anybody_asked_is_the_answer(storm, medical, people):
    compare(source=source(KEY), path=medical((0, 5, 60_000)), by=people["department_clerk"], event=storm.event)
    jobs.ask_departments()
    assert ListRequest.objects.get(source=KEY).batch is not None
    assert ListRequest.objects.filter(answered_at__isnull=False).count() == 1


@pytest.mark.clause("D3")
def test_a_department_sees_its_own_and_says_that_it_has_nobody(storm, asked, clerk, client, people):
    client.force_login(clerk)
    assert next(task.number for task in waiting(clerk) if task.title == "因灾待报的名单") == 1
    page = client.get(reverse("discover:lists"))
    assert [each.request.source for each in page.context["asked"]] == [KEY]
    address = f"{reverse('discover:hand_in', args=[KEY])}?event={storm.event.code}"
    assert address in page.text
    assert f'<option value="{storm.event.code}" selected' in client.get(address).text
    foreign = ListRequest.objects.get(source="housing")
    assert client.post(reverse("discover:no_list", args=[foreign.pk])).status_code == 404
    with pytest.raises(NotAllowed):
        asking.nobody(request=foreign, by=clerk)
    with pytest.raises(NotAllowed):
        asking.nobody(request=asked, by=people["auditor"])
    assert client.post(reverse("discover:no_list", args=[asked.pk])).status_code == 302
    asked.refresh_from_db()
    assert (asked.batch, asked.answered_by) == (None, clerk)
    assert "回复：没有要报的人员" in client.get(reverse("discover:lists")).text
    assert not any(task.title == "因灾待报的名单" and task.number for task in waiting(clerk))
    assert Entry.objects.filter(verb="discover.answer_list", by="clerk").count() == 1
    assert client.post(reverse("discover:no_list", args=[asked.pk])).status_code == 409


def test_the_department_that_leads_sees_what_the_others_were_asked_and_answers_for_itself_alone(storm, asked, client):
    leader = appoint(
        username="leader", name="牵头", role="department_clerk", division=County.objects.get().division_id,
        since=date(2026, 1, 1), department="agriculture_rural",
    )  # fmt: skip
    client.force_login(leader)
    rows = client.get(reverse("discover:lists")).context["asked"]
    assert {each.request.department_id for each in rows} >= {KEY, "housing"}
    assert not any(each.mine for each in rows if each.request.department_id != "agriculture_rural")
    assert client.post(reverse("discover:no_list", args=[asked.pk])).status_code == 403
    assert not any(task.title == "因灾待报的名单" and task.number for task in waiting(leader))


def test_who_answers_for_the_county_sees_what_is_late(storm, asked, as_):
    clock.advance(timedelta(days=policy.on(clock.today()).number("clock_event_list_days"), minutes=1))
    page = as_("auditor").get(reverse("discover:lists"))
    assert len(page.context["asked"]) == len(asking.named())
    assert all(each.late and not each.mine for each in page.context["asked"])
    assert "没有要报的人员</button>" not in page.text
    storm.event.closed_at = clock.now()
    storm.event.save()
    assert len(as_("auditor").get(reverse("discover:lists")).context["asked"]) == len(asking.named())
    assert as_("township_officer_a").get(reverse("discover:lists")).context["asked"] == []
