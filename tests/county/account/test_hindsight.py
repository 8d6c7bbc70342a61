"""What was foreseen held against what was found: counted right, kept, drawn, and shown to whom it concerns."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from tests.county.cases import POOR, UNSAFE, WELL, entered, lead, visit

from anlan.county import clock
from anlan.county.account import hindsight
from anlan.county.account.actions import NothingFound, look_back, report
from anlan.county.account.models import Hindsight
from anlan.county.errors import NotAllowed
from anlan.county.foresee.models import Impact, Run
from anlan.county.ledger.models import Entry
from anlan.county.office.queries import machine
from anlan.engine.skill.probabilities import brier

RANKED = 20
SCORES = [1.0 / rank for rank in range(1, 6)]


@pytest.fixture
def visited(storm):
    """Of the first village everybody is visited: two are taken under monitoring, one is well, two were not hit."""
    one, two, well, *spared = (storm.household(0, serial) for serial in range(1, 6))
    entered(storm.event, one)
    entered(storm.event, two, finding=UNSAFE)
    lead(storm.event, well, *spared)
    visit(storm.event, well, finding=WELL)
    visit(storm.event, *spared, outcome="unharmed")
    return storm


@pytest.mark.clause("M1", "M2", "A1")
def test_the_comparison_counts_who_was_foreseen_and_who_was_found(visited):
    body = hindsight.compare(visited.event)
    assert (body["listed"], body["visited"], body["unlisted"]) == (RANKED, 5, 0)
    whole = body["outcomes"]["any"]
    assert whole["found"] == 2
    assert whole["foreseen"] == pytest.approx(sum(SCORES), abs=1e-3)
    assert whole["brier"] == pytest.approx(brier(SCORES, [True, True, False, False, False]), abs=1e-4)
    assert sum(each["count"] for each in whole["bins"]) == 5
    assert [body["outcomes"][name]["found"] for name in ("income", "home", "water")] == [2, 1, 1]
    assert body["outcomes"]["home"]["skill"] is not None


def test_villages_are_counted_each_on_its_own(visited):
    villages = {each["code"]: each for each in hindsight.compare(visited.event)["villages"]}
    assert villages["360123101201"] == {
        "code": "360123101201", "name": "示例甲村", "listed": 5, "visited": 5,
        "foreseen": pytest.approx(sum(SCORES), abs=1e-3), "found": 2,
    }  # fmt: skip
    assert villages["360123102202"]["visited"] == 0


def test_recall_is_what_the_first_visits_would_have_found(visited, monkeypatch):
    assert hindsight.compare(visited.event)["recall_at"] == [{"visits": RANKED, "recall": 1.0}]
    monkeypatch.setattr(hindsight, "VISITS", (1, 2, 50))
    told = {each["visits"]: each["recall"] for each in hindsight.compare(visited.event)["recall_at"]}
    assert told == {1: 0.5, 2: 1.0, RANKED: 1.0}


def test_whoever_stood_on_no_list_and_was_found_is_counted_as_missed(visited):
    Impact.objects.filter(household=visited.household(0, 1)).delete()
    body = hindsight.compare(visited.event)
    assert body["unlisted"] == 1
    assert body["outcomes"]["any"]["found"] == 1


def test_the_run_that_was_there_at_the_first_visit_is_the_one_that_is_judged(visited):
    judged = hindsight.run_of(visited.event)
    clock.advance(timedelta(days=90))
    later = Run.objects.create(
        event=visited.event, made_at=clock.now(), method="later", policy_day=clock.today(), basis="gauges",
        digest="1" * 64,
    )  # fmt: skip
    assert hindsight.run_of(visited.event) == judged != later


def test_without_visits_there_is_nothing_to_compare(storm):
    assert hindsight.compare(storm.event) is None
    assert hindsight.run_of(storm.event) == storm.run
    with pytest.raises(NothingFound, match=storm.event.code):
        look_back(event=storm.event, by=machine())
    assert not Hindsight.objects.exists()


def test_an_absent_household_tells_nothing(storm):
    lead(storm.event, storm.household(0, 1))
    visit(storm.event, storm.household(0, 1), outcome="absent")
    assert hindsight.compare(storm.event) is None


@pytest.mark.clause("A1")
def test_it_is_kept_with_its_hash_and_one_line(visited):
    before = Entry.objects.count()
    made = look_back(event=visited.event, by=machine())
    again = look_back(event=visited.event, by=machine())
    assert made.sha == again.sha
    assert len(made.sha) == 64
    assert made.run == visited.run
    assert [line.verb for line in Entry.objects.filter(seq__gt=before)] == ["account.look_back"] * 2
    assert str(made).startswith(visited.event.code)


def test_only_who_reports_compares(visited, people):
    with pytest.raises(NotAllowed):
        look_back(event=visited.event, by=people["auditor"])
    assert look_back(event=visited.event, by=people["county_director"]).event == visited.event


def test_the_command_prints_the_comparison(visited, capsys):
    call_command("foresee_verify", visited.event.code, json=True)
    document = json.loads(capsys.readouterr().out)
    assert document["event"] == visited.event.code
    assert document["outcomes"]["any"]["found"] == 2
    assert document["sha"] == Hindsight.objects.get().sha
    call_command("foresee_verify", visited.event.code)
    assert "brier" in capsys.readouterr().out


@pytest.mark.clause("M1")
def test_the_report_tells_how_good_the_estimate_was(visited, as_):
    made = report(event=visited.event, by=machine())
    assert made.body["hindsight"]["visited"] == 5
    page = as_("auditor").get(reverse("account:report", args=[made.sha])).text
    for word in ("研判检验", "布赖尔评分", "前 20 户 100.0%"):
        assert word in page, word


def test_a_report_without_visits_says_nothing_of_it(storm, as_):
    made = report(event=storm.event, by=machine())
    assert made.body["hindsight"] is None
    assert "研判检验" not in as_("auditor").get(reverse("account:report", args=[made.sha])).text


# --- the page --------------------------------------------------------------------------------------------


def url(storm, name="hindsight"):
    return reverse(f"account:{name}", args=[storm.event.code])


def test_before_it_is_made_the_page_says_so(visited, as_):
    page = as_("auditor").get(url(visited)).text
    assert "还没有检验过" in page
    assert url(visited, "look_back") not in page, "an auditor reads, and does not report"
    assert url(visited) in as_("auditor").get(reverse("account:coverage", args=[visited.event.code])).text


def test_the_director_has_it_made_and_sees_the_diagrams(visited, as_):
    browser = as_("county_director")
    answer = browser.post(url(visited, "look_back"), follow=True)
    assert answer.redirect_chain == [(url(visited), 302)]
    for word in ("示例甲村", "预计新增风险户", "<circle", "纳入监测", "住房不安全"):
        assert word in answer.text, word
    assert answer.text.count("<svg viewBox") == 4
    assert as_("auditor").post(url(visited, "look_back")).status_code == 403
    english = browser.get(url(visited), headers={"accept-language": "en"}).text
    assert "Looking back on the estimate" in english


@pytest.mark.clause("L1")
def test_villages_are_shown_to_whom_they_concern(visited, as_):
    look_back(event=visited.event, by=machine())
    assert "示例甲村" in as_("township_officer_a").get(url(visited)).text
    page = as_("township_officer_b").get(url(visited)).text
    assert "示例甲村" not in page
    assert "示例丙村" in page


def test_the_page_costs_the_same_however_many_were_visited(visited, as_, django_assert_num_queries):
    look_back(event=visited.event, by=machine())
    browser = as_("auditor")
    browser.get(url(visited))
    with django_assert_num_queries(20, exact=False) as asked:
        browser.get(url(visited))
    first = len(asked)
    more = [visited.household(1, serial) for serial in range(1, 6)]
    lead(visited.event, *more)
    visit(visited.event, *more, finding=POOR)
    look_back(event=visited.event, by=machine())
    with django_assert_num_queries(first):
        browser.get(url(visited))


def test_dots_stand_where_their_figures_are_and_grow_with_their_number():
    few, many = hindsight.dots(
        [{"count": 1, "foreseen": 0.0, "found": 0.0}, {"count": 100, "foreseen": 1.0, "found": 1.0}]
    )  # fmt: skip
    assert (few.x, few.y) == (32, 256)
    assert (many.x, many.y) == (272, 16)
    assert few.radius < many.radius
    assert hindsight.dots([]) == []
