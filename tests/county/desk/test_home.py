"""The home page: what waits for whom, and where the menu leads."""

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from tests.county.desk.storm import HIT, QUIET

from anlan.county.desk.context import address, menu, open_to
from anlan.county.desk.frontpage import frontpage, household_of, where
from anlan.county.desk.waiting import TASKS, waiting
from anlan.county.discover.actions import open_sweeps
from anlan.county.office.models import Clock, County
from anlan.county.office.roles import ROLES
from anlan.county.verify.models import Submission


def number(user, title: str) -> int:
    return next(task.number for task in waiting(user) if task.title == title)


@pytest.mark.parametrize("username", ["duty_officer", "county_director", "village_cadre_a", "auditor", "administrator"])
def test_every_role_has_something_to_look_at(storm, people, client, username):
    client.force_login(people[username])
    page = client.get(reverse("desk:home"))
    assert page.status_code == 200
    assert page.context["tasks"]
    assert storm.event.title in page.content.decode()


def test_a_stranger_is_sent_to_the_door(county, client):
    answer = client.get(reverse("desk:home"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("office:login"))


def test_every_task_belongs_to_a_role():
    known = frozenset().union(*(role.permissions for role in ROLES.values()))
    assert {task.permission for task in TASKS} <= known


@pytest.mark.clause("W4")
def test_unreached_households_are_counted_once_and_only_in_ones_own_divisions(storm, people):
    assert number(people["duty_officer"], "尚未叫应的农户") == 1
    assert number(people["village_cadre_a"], "尚未叫应的农户") == 0
    assert number(people["village_cadre_b"], "尚未叫应的农户") == 1


@pytest.mark.clause("M3")
def test_a_field_report_that_waits_for_a_choice_is_counted_for_its_township(storm, people):
    at = storm.event.opened_at
    Submission.objects.create(
        uuid="one", by=people["village_cadre_a"], event=storm.event, household=storm.hit, received_at=at, phone_at=at,
        at=at, state="held",
    )  # fmt: skip
    assert number(people["township_officer_a"], "待处理的现场填报") == 1
    assert number(people["township_officer_b"], "待处理的现场填报") == 0
    assert "待处理的现场填报" not in [task.title for task in waiting(people["village_cadre_a"])]


def test_a_departments_clerk_sees_only_the_departments_measures(storm, people):
    clerk = people["department_clerk"]
    assert number(clerk, "待落实的措施") == 1
    clerk.current()[0].department_id = "water"
    assert number(clerk, "待落实的措施") == 0


def test_a_measure_to_deliver_counts_until_it_is_delivered(storm, people):
    officer = people["township_officer_a"]
    assert number(officer, "待落实的措施") == 1
    storm.event.measures.filter(state="planned").update(state="stopped")
    assert number(officer, "待落实的措施") == 0
    assert number(people["township_officer_b"], "待落实的措施") == 0


def test_an_event_card_counts_what_this_person_may_see(storm, people):
    (wide,) = frontpage(people["duty_officer"])["events"]
    (narrow,) = frontpage(people["village_cadre_b"])["events"]
    assert (wide["exposed"], wide["leads"], wide["findings"], wide["entered"]) == (2, 1, 1, 1)
    assert (narrow["exposed"], narrow["leads"]) == (1, 0)


def test_the_most_pressing_clock_leads_to_its_household(storm, people):
    ((clock, name, url),) = frontpage(people["village_cadre_a"])["clocks"]
    assert clock.kind == "measure"
    assert name == storm.hit.head_name
    assert url == reverse("desk:household", args=[HIT])
    assert not frontpage(people["village_cadre_b"])["clocks"]


def test_who_watches_over_all_sees_every_unit_s_clocks(storm, people):
    assert len(frontpage(people["auditor"])["clocks"]) == 1
    assert not frontpage(people["duty_officer"])["clocks"]


@pytest.mark.parametrize(
    ("about", "household"),
    [
        (f"lead:EV1/{HIT}", HIT),
        (f"measure:EV1/{QUIET}/shelter", QUIET),
        ("sweep:EV1/360123101201", ""),
        ("event:EV1", ""),
    ],
)
def test_a_clock_names_its_household(about, household):
    assert household_of(Clock(about=about)) == household


def test_the_menu_holds_only_rooms_the_person_may_enter(storm, people):
    titles = [str(entry["title"]) for entry in menu("/", people["county_director"])]
    assert titles[0] == "工作台"
    assert "组织" in titles
    assert "组织" not in [str(entry["title"]) for entry in menu("/", people["village_cadre_a"])]


def test_the_menu_marks_where_one_is(storm, people):
    here = [str(entry["title"]) for entry in menu(reverse("office:home"), people["auditor"]) if entry["here"]]
    assert here == ["组织"]


def test_a_page_that_does_not_exist_has_no_address(people):
    assert address("no:such") == ""
    assert open_to(people["auditor"], "/no/such/page") is False


def test_the_home_page_asks_the_same_number_of_questions_whatever_the_county_holds(
    storm, people, client, django_assert_max_num_queries
):
    client.force_login(people["duty_officer"])
    with django_assert_max_num_queries(25):
        client.get(reverse("desk:home"))


def test_a_synthetic_county_says_so_on_every_page(storm, people, client):
    client.force_login(people["auditor"])
    assert "示例 · 演练" in client.get(reverse("desk:home")).content.decode()
    County.objects.update(synthetic=False)
    assert "示例 · 演练" not in client.get(reverse("desk:home")).content.decode()


def test_what_is_not_there_is_said_in_words(storm, people, client):
    client.force_login(people["auditor"])
    answer = client.get("/no/such/page/")
    assert answer.status_code == 404
    assert "没有找到这一页" in answer.content.decode()


def test_a_defect_is_told_without_asking_anything_of_the_database():
    assert "出了故障" in render_to_string("500.html")  # no database in this test


def test_a_form_kept_open_too_long_says_so(storm, people):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(people["auditor"])
    answer = browser.post(reverse("office:logout"))
    assert answer.status_code == 403
    assert "页面已过期" in answer.content.decode()


def test_the_language_stays_chosen(storm, people, client):
    client.force_login(people["auditor"])
    answer = client.post(reverse("desk:language"), {"language": "en", "next": reverse("desk:home")})
    assert answer.status_code == 302
    assert b'<html lang="en">' in client.get(reverse("desk:home")).content


# --- clocks that lead somewhere --------------------------------------------------------------------------
def test_a_village_s_sweep_is_one_press_from_the_home_page(storm, people, client):
    open_sweeps(event=storm.event, by=people["anlan"])  # the other village's: the first has one already
    client.force_login(people["village_cadre_b"])
    url = reverse("discover:sweep", args=[storm.event.code, "360123102201"])
    page = client.get(reverse("desk:home")).text
    assert f'<a href="{url}">逐户排查</a>' in page
    assert client.get(url).status_code == 200


def test_a_clock_leads_nowhere_that_is_closed_to_the_person(storm, people):
    sweep = Clock(about=f"sweep:{storm.event.code}/360123102201")
    assert where(sweep, people["village_cadre_b"]) == reverse("discover:sweep", args=[storm.event.code, "360123102201"])
    nobody = type(people["auditor"])(username="nobody", pk=0)
    assert where(sweep, nobody) == ""
    assert where(Clock(about=f"case:EV1/{HIT}"), nobody) == ""
    assert where(Clock(about="event:EV1"), nobody) == ""
    assert where(Clock(about="event:EV1"), people["village_cadre_b"]) == reverse("sense:event", args=["EV1"])
    assert where(Clock(about="division:1"), people["village_cadre_b"]) == ""


def test_every_kind_of_clock_but_the_events_own_leads_somewhere(storm, people):
    for noun in ("lead", "case", "episode", "measure", "check", "clearance"):
        clock = Clock(about=f"{noun}:{storm.event.code}/{HIT}/x")
        assert where(clock, people["village_cadre_a"]) == reverse("desk:household", args=[HIT]), noun


@pytest.mark.clause("W2", "D6")
def test_what_presses_stands_first_and_what_waits_for_nobody_last(storm, people):
    for username in ("duty_officer", "county_director", "village_cadre_b", "township_officer_a", "auditor"):
        moods = [task.mood for task in waiting(people[username])]
        assert moods == sorted(moods, key=["bad", "warn", "", "none"].index), username
    assert waiting(people["duty_officer"])[0].title == "尚未叫应的农户"


def test_a_search_of_absurd_length_is_answered(storm, people, client):
    client.force_login(people["auditor"])
    assert client.post(reverse("registry:find"), {"q": "文" * 3000}, follow=True).status_code == 200
    assert client.get(reverse("registry:home"), {"q": "文" * 3000}).status_code == 200
