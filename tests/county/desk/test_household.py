"""The household page: one story, masked, scoped, in a constant number of queries."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.county.desk.storm import HIT, PHONE, QUIET

from anlan.county.assist.models import Measure
from anlan.county.decide.models import Step
from anlan.county.desk import words
from anlan.county.desk.queries import households, story
from anlan.county.desk.timeline import timeline
from anlan.county.discover.models import Release, Source
from anlan.county.foresee.models import Run
from anlan.county.office.models import Department
from anlan.county.registry.models import Category, Person
from anlan.county.verify.queries import known


@pytest.fixture
def told(storm, people):
    """The story of the household hit, as an auditor reads it."""
    return story(storm.hit, people["auditor"])


def body(client, user, code: str) -> str:
    client.force_login(user)
    return client.get(reverse("desk:household", args=[code])).content.decode()


@pytest.mark.clause("P1")
def test_the_story_runs_from_warning_to_follow_up(told):
    rooms = [moment.room for moment in reversed(timeline(told))]
    first = {room: rooms.index(room) for room in ("foresee", "warn", "discover", "verify", "decide", "assist", "clear")}
    assert list(first) == sorted(first, key=first.__getitem__)


def test_the_latest_comes_first(told):
    moments = [moment.at for moment in timeline(told)]
    assert moments == sorted(moments, reverse=True)


def test_steps_of_the_same_moment_stand_in_their_order(storm, people, now):
    for before, after in (("publicity", "town_check"), ("town_check", "county_decide"), ("county_decide", "notice")):
        Step.objects.create(case=storm.case, before=before, after=after, at=now, by=people["county_director"])
    texts = [moment.text for moment in timeline(story(storm.hit, people["auditor"])) if moment.at == now]
    assert texts == [words.word("move", state) for state in ("notice", "county_decide", "town_check")]


def test_a_category_by_decision_does_not_name_the_room_that_made_it(storm, people, now):
    Category.objects.create(household=storm.hit, kind="hardship", since=now.date(), source="decide")
    told = [each for each in timeline(story(storm.hit, people["auditor"])) if each.text == "列为突发严重困难户"]
    assert [each.detail for each in told] == [""]


def test_a_category_that_ended_says_so(storm, people, now):
    Category.objects.filter(household=storm.hit).update(until=now.date())
    texts = [moment.text for moment in timeline(story(storm.hit, people["auditor"]))]
    assert "不再是脱贫户" in texts


def test_a_warning_that_failed_is_in_the_story(storm, people, now):
    message = storm.quiet.targets.get().message
    message.failed_at, message.failure = now, "空号"
    message.save()
    failed = [moment for moment in timeline(story(storm.quiet, people["auditor"])) if moment.detail == "空号"]
    assert [moment.text for moment in failed] == ["预警短信没有送到"]


def test_a_household_without_a_phone_is_called_by_the_village(storm, people):
    storm.quiet.targets.update(message=None)
    details = [moment.detail for moment in timeline(story(storm.quiet, people["auditor"]))]
    assert "没有电话，由村里叫应" in details


def test_the_thread_of_an_event_holds_each_room_s_part(told, storm):
    thread = told.thread(storm.event)
    assert thread["lead"].event_id == storm.event.pk
    assert thread["visit"].outcome == "harmed"
    assert thread["case"].state == "entered"
    assert thread["episode"].category == "hardship"
    assert len(thread["measures"]) == 2


def test_only_the_latest_estimate_of_an_event_counts(storm, people, now):
    older = storm.hit.impacts.get()
    run = Run.objects.create(
        event=storm.event, made_at=now, method="test", policy_day=now.date(), basis="gauges", digest="1" * 64
    )
    older.pk, older.run, older.rank = None, run, 40
    older.save()
    (latest,) = story(storm.hit, people["auditor"]).estimates
    assert latest.rank == 40


@pytest.mark.clause("A2")
def test_the_ledger_s_lines_are_only_for_those_who_may_read_it(storm, people):
    assert [line.verb for line in story(storm.hit, people["auditor"]).lines] == ["assist.plan"]
    assert story(storm.hit, people["village_cadre_a"]).lines == []


def test_clocks_of_the_household_are_found_by_their_names(told):
    assert [clock.kind for clock in told.clocks] == ["measure"]


def test_id_numbers_are_masked_for_everybody(storm, people, client):
    for username in ("county_director", "village_cadre_a", "auditor", "administrator"):
        page = body(client, people[username], HIT)
        assert "9901**********0033" in page
        assert not re.search(r"\d{17}[\dX](?!\d)", page.replace(HIT, ""))


def test_only_those_who_call_see_the_phone_number(storm, people, client):
    assert PHONE in body(client, people["village_cadre_a"], HIT)
    for username in ("auditor", "administrator", "county_director"):
        page = body(client, people[username], HIT)
        assert PHONE not in page
        assert "138****1234" in page


def test_another_township_s_household_is_not_there(storm, people, client):
    client.force_login(people["township_officer_a"])
    assert client.get(reverse("desk:household", args=[QUIET])).status_code == 404
    assert client.get(reverse("desk:household", args=[HIT])).status_code == 200
    assert list(households(people["village_cadre_a"]).values_list("code", flat=True)) == [HIT]


def test_the_place_s_confidence_is_told_in_words(storm, people, client):
    assert "定位到户" in body(client, people["auditor"], HIT)
    assert "只知道在哪个村" in body(client, people["auditor"], QUIET)


def test_a_block_without_anything_in_it_is_not_shown(storm, people, client):
    page = body(client, people["auditor"], QUIET)
    for title in ("核实结果", "帮扶措施", "月度跟踪", "正在计时"):
        assert title not in page
        assert title in body(client, people["auditor"], HIT)


def test_a_household_taken_off_the_list_says_why(storm, people, client, now):
    Release.objects.create(
        event=storm.event, household=storm.quiet, reason="below_harm", at=now, by=people["county_director"]
    )
    page = body(client, people["auditor"], QUIET)
    assert page.count(words.word("release", "below_harm")) == 2  # among the steps, and in the time line


def test_an_address_that_names_the_village_is_not_told_twice(storm, people, client):
    storm.quiet.address = "示例丙村 3 组"
    storm.quiet.save()
    page = body(client, people["auditor"], QUIET)
    assert "石鼻镇示例丙村 3 组" in page


def test_a_household_that_only_reported_is_marked(storm, people, client):
    storm.quiet.registered = False
    storm.quiet.save()
    page = body(client, people["auditor"], QUIET)
    assert "尚未在册" in page


def test_a_household_with_next_to_nothing_still_has_a_page(storm, people, client):
    storm.quiet.income.delete()
    storm.quiet.home.delete()
    storm.quiet.people.all().delete()
    storm.quiet.phone = ""
    storm.quiet.save()
    assert "没有电话，需上门叫应" in body(client, people["auditor"], QUIET)


def test_income_per_head_is_what_the_parts_add_up_to(storm, people, client):
    client.force_login(people["auditor"])
    page = client.get(reverse("desk:household", args=[HIT]))
    assert page.context["income_per_head"] == pytest.approx((18000 + 17000 - 6000 + 2400) / 3)


def test_income_per_head_is_the_same_figure_as_on_the_visits_form(storm, people, client):
    client.force_login(people["auditor"])
    page = client.get(reverse("desk:household", args=[HIT]))
    assert page.context["income_per_head"] == pytest.approx(known(storm.hit.leads.get()).income_per_head_yuan)


@pytest.mark.clause("P1", "A2")
def test_every_step_of_the_thread_leads_to_its_page(storm, people, client):
    page = body(client, people["auditor"], HIT).split('<ol class="steps">')[1].split("</ol>")[0]
    names = (storm.event.code, HIT)
    for name in ("discover:lead", "verify:finding", "decide:case", "clear:episode"):
        assert f'href="{reverse(name, args=names)}"' in page, name
    assert reverse("assist:plan", args=names) not in page  # an auditor plans nothing
    assert reverse("assist:plan", args=names) in body(client, people["township_officer_a"], HIT)


@pytest.mark.clause("P2")
def test_a_finding_says_of_income_what_the_proposal_says(storm, people, client):
    case = storm.hit.cases.get()
    for axes, badge in ((["income"], "badge--bad"), ([], "badge--ok")):
        case.proposal = {**case.proposal, "axes": axes}
        case.save()
        assert f'<span class="badge {badge}">收入</span>' in body(client, people["auditor"], HIT)


def test_the_number_of_queries_does_not_grow_with_the_story(storm, people, client, now):
    client.force_login(people["auditor"])

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(reverse("desk:household", args=[HIT]))
        return len(queries)

    before = cost()
    lead = storm.hit.leads.get()
    owner = Department.objects.get(key="water")
    for number, kind in enumerate(("relief_food", "relief_clothing", "water_truck", "skills", "medical")):
        Source.objects.create(lead=lead, door="cadre", key=f"more {number}", at=now, by="x")
        Person.objects.create(
            household=storm.hit,
            name="示例",
            id_number=f"9901231990010100{number:02}",
            sex="f",
            born=now.date(),
            relation="child",
        )
        Measure.objects.create(
            event=storm.event, household=storm.hit, kind=kind, axis="food", owner=owner, planned_at=now,
            planned_by=people["township_officer_a"], due_at=now + timedelta(days=1),
        )  # fmt: skip
    assert cost() == before


def test_a_code_in_the_search_box_opens_the_page(storm, people, client):
    client.force_login(people["village_cadre_a"])
    assert client.post(reverse("registry:find"), {"q": HIT})["Location"] == reverse("desk:household", args=[HIT])
    elsewhere = client.post(reverse("registry:find"), {"q": QUIET})
    assert reverse("desk:household", args=[QUIET]) not in elsewhere["Location"]
    assert elsewhere["Location"].endswith(f"?q={QUIET}")
