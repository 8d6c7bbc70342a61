"""The screens of the follow-up."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from tests.county.cases import CLEARING, entered, follow

from anlan.county import clock
from anlan.county.assist.actions import Plan, plan
from anlan.county.clear import dossier, jobs, queries
from anlan.county.clear.actions import Move, advance, open_clearances
from anlan.county.clear.models import Check, Clearance, Step
from anlan.county.clear.rules import CHAIN, MACHINE, MOVES, STATES
from anlan.county.decide.models import Episode
from anlan.county.office.queries import machine


@pytest.fixture
def episode(storm):
    """A household of village A under monitoring."""
    return entered(storm.event, storm.household(0, 5))[0]


@pytest.fixture
def clearance(episode):
    """Its clearance, opened after seven good months."""
    follow([episode], 7)
    open_clearances(by=machine(), on=clock.today())
    return Clearance.objects.get()


def url(episode, name="episode"):
    return reverse(f"clear:{name}", args=[episode.case.event.code, episode.household.code])


def test_the_monitored_are_listed_the_longest_unchecked_first(storm, episode, as_):
    other = entered(storm.event, storm.household(0, 4))[0]
    follow([other], 1)
    page = as_("village_cadre_a").get(reverse("clear:home")).text
    assert page.index(url(episode)) < page.index(url(other))
    assert "还剩" in page
    assert episode.household.head_name not in as_("village_cadre_b").get(reverse("clear:home")).text


@pytest.mark.clause("M6")
def test_the_page_holds_the_household_against_every_criterion_with_its_evidence(episode, as_):
    follow([episode], 2, broken=("water",))
    told = dossier.dossier(episode, clock.today())
    said = {each.title: each.outcome for each in told.criteria}
    assert said["上次跟踪：饮水不安全"] == "yes"
    assert said["上次跟踪：住房不安全"] == "no"
    assert said["稳定不满半年"] == "yes"
    assert all(each.basis for each in told.criteria)
    page = as_("village_cadre_a").get(url(episode)).text
    assert "有，不能消除" in page
    assert "跟踪计划" in page


@pytest.mark.clause("M6")
def test_a_criterion_that_cannot_be_told_says_so_and_speaks_against_clearing(episode):
    told = {each.title: each for each in dossier.dossier(episode, clock.today()).criteria}
    assert told["纳入以来没有跟踪过"].outcome == "yes"
    assert {each.outcome for each in told.values()} <= {"yes", "no", "unknown"}


@pytest.mark.clause("M6")
def test_a_month_is_checked_on_the_households_page(episode, as_):
    cadre = as_("village_cadre_a")
    clock.advance(timedelta(days=30))
    assert "还没有跟踪过" in cadre.get(url(episode)).text
    assert cadre.post(url(episode, "check"), {"income": "9000", "broken": ["water"]}).status_code == 302
    check = Check.objects.get()
    assert check.broken == ["water"]
    page = cadre.get(url(episode)).text
    assert "饮水安全" in page
    assert "还不到时候" in page
    assert cadre.post(url(episode, "check"), {}).status_code == 422
    assert as_("village_cadre_b").post(url(episode, "check"), {"income": "1"}).status_code == 404


def test_the_page_says_why_the_risk_is_not_or_is_gone(storm, episode, as_, people):
    plan(plans=[Plan(storm.event.pk, episode.household_id, "temporary_aid")], by=people["anlan"])
    follow([episode], 2)
    page = as_("auditor").get(url(episode)).text
    assert "还不满 6 个月" in page
    assert "临时救助" in page
    follow([episode], 5)
    assert "系统建议启动消除" in as_("auditor").get(url(episode)).text


def test_a_clearance_is_moved_on_from_queue_and_page(clearance, episode, as_):
    cadre = as_("village_cadre_a")
    assert url(episode) in cadre.get(reverse("clear:queue")).text
    assert url(episode) not in cadre.get(reverse("clear:queue"), {"state": "review"}).text
    assert "提交评议" in cadre.get(url(episode)).text
    assert cadre.post(url(episode, "move"), {"to": "review", "version": 0}).status_code == 302
    assert Clearance.objects.get().state == "review"
    assert cadre.post(url(episode, "move"), {"to": "publicity", "version": 0}).status_code == 409
    assert cadre.post(url(episode, "move"), {"to": "publicity"}).status_code == 422
    assert as_("county_director").get(reverse("clear:queue")).text.count(url(episode)) == 0


def test_a_cleared_household_shows_how_and_when(clearance, episode, as_):
    for state in CLEARING:
        fresh = Clearance.objects.get()
        advance(moves=[Move(fresh.pk, fresh.version, state)], by=machine())
        clock.advance(timedelta(days=5, hours=1) if state == "publicity" else timedelta(hours=1))
    page = as_("village_cadre_a").get(url(episode)).text
    assert "自然消除" in page
    assert page.count("steps__step--done") == 6
    assert "登记本月跟踪" not in page
    assert as_("village_cadre_a").post(url(episode, "move"), {"to": "visit", "version": 5}).status_code == 404


@pytest.mark.clause("M6")
@pytest.mark.parametrize(
    ("how", "months", "doubtful"),
    [("assisted", 0, True), ("assisted", 1, True), ("assisted", 2, False), ("natural", 0, False)],
)
def test_a_clearance_soon_after_identification_is_to_be_looked_at_again(episode, as_, how, months, doubtful):
    closed = (episode.entered_at.replace(day=1) + timedelta(days=31 * months)).replace(day=28)
    made = Clearance.objects.create(episode=episode, state="cleared", how=how, opened_at=closed, closed_at=closed)
    Episode.objects.filter(pk=episode.pk).update(cleared_at=closed)
    assert queries.doubtful(made) is doubtful
    assert ("应复核" in as_("village_cadre_a").get(url(episode)).text) is doubtful


def test_a_refused_clearance_is_drawn_as_such(clearance, episode, as_):
    advance(moves=[Move(clearance.pk, 0, "review")], by=machine())
    advance(moves=[Move(clearance.pk, 1, "refused", note="收入不稳")], by=machine())
    page = as_("auditor").get(url(episode)).text
    assert "steps__step--failed" in page
    assert "入户核查" in page
    assert "村内公示" not in page


def test_buttons_go_forward_first_and_only_to_who_may(clearance, episode, people):
    def offered(username):
        return [to for to, _title in dossier.moves(Clearance.objects.get(), episode, people[username])]

    assert offered("village_cadre_a") == ["review", "refused"]
    assert offered("township_officer_a") == []
    Clearance.objects.update(state="publicity")
    assert offered("village_cadre_a") == ["town_check", "visit"]
    assert dossier.moves(None, episode, people["village_cadre_a"]) == []


def test_who_may_do_nothing_is_turned_away(episode, client, as_):
    assert client.get(reverse("clear:home")).status_code == 302
    assert as_("administrator").get(reverse("clear:home")).status_code == 403
    assert as_("auditor").post(url(episode, "check"), {"income": "1"}).status_code == 403


def test_nobody_monitored_and_nothing_waiting_is_said(people, as_):
    assert "没有监测中的农户" in as_("auditor").get(reverse("clear:home")).text
    assert "没有等您办理的消除" in as_("village_cadre_a").get(reverse("clear:queue")).text


def test_the_worker_and_the_command_open_what_is_ready(episode, capsys):
    follow([episode], 7)
    call_command("clear_open", "--json")
    assert json.loads(capsys.readouterr().out) == {"opened": 1}
    assert {job.__name__: job() for job in jobs.JOBS} == {"open_ready": 0, "draw_last_month": 0}


def test_every_state_has_words_and_a_button():
    assert set(STATES) == set(MACHINE.states)
    assert {name for state in MACHINE.states.values() for name in state.after} == set(MOVES)
    assert set(CHAIN) <= set(STATES)


def test_rows_are_named_by_what_they_are(clearance, episode):
    assert str(Check.objects.first()).startswith(f"{episode.pk} 2026-")
    assert str(clearance) == f"clearance of {episode.pk}"
    assert str(Step(before="visit", after="review")) == "visit → review"
    assert queries.checked([]) == {}
