"""Departments asked about a household's assets and records: each by its own clock, and nothing compared before."""

import json
import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from tests.county.cases import lead, visit
from tests.county.snapshot import changed, everything

from anlan.county import clock
from anlan.county.desk.waiting import waiting
from anlan.county.errors import BadInput, NotAllowed, NotFound
from anlan.county.ledger.models import Entry
from anlan.county.office.models import Appointment, Clock
from anlan.county.verify.actions import EnquiriesOpen, match
from anlan.county.verify.enquiring import queries
from anlan.county.verify.enquiring.actions import AnsweredBefore, NotToBeAsked, answer, ask
from anlan.county.verify.models import Enquiry, Finding, Visit
from anlan.engine import policy

DEPARTMENT, OTHER = "public_security", "housing"


@pytest.fixture
def finding(storm):
    home = storm.household(0, 5)
    lead(storm.event, home)
    visit(storm.event, home)
    return Finding.objects.get()


@pytest.fixture
def clerk(people):
    """A clerk of one department."""
    Appointment.objects.filter(user=people["department_clerk"]).update(department_id=DEPARTMENT)
    return people["department_clerk"]


@pytest.fixture
def enter(people, client):
    def log_in(username):
        client.force_login(people[username], backend="anlan.county.office.authentication.Passwords")
        return client

    return log_in


def asked(finding, by, *departments, topics=("vehicles", "business")):
    return [ask(findings=[finding.pk], department=each, topics=topics, by=by) for each in departments]


@pytest.mark.clause("M1", "A1")
def test_each_department_has_its_own_clock_and_it_is_told_who_is_late(finding, clerk, people):
    assert asked(finding, clerk, DEPARTMENT, OTHER, DEPARTMENT) == [1, 1, 0]
    days = timedelta(days=policy.on(clock.today()).number("clock_match_days"))
    running = Clock.objects.filter(kind="enquiry", stopped_at__isnull=True)
    assert {(each.unit, each.due_at) for each in running} == {
        (each, clock.now() + days) for each in (DEPARTMENT, OTHER)
    }
    mine = Enquiry.objects.get(department=DEPARTMENT)
    assert Clock.objects.get(about=str(mine), kind="enquiry").unit == DEPARTMENT
    answer(enquiry=mine, differs=True, said="名下有小货车", by=clerk)
    assert Clock.objects.get(about=str(mine), kind="enquiry").stopped_at == clock.now()
    clock.advance(days + timedelta(hours=1))
    machine = people["anlan"]
    assert [each.department_id for each in queries.enquiries(machine, "late")] == [OTHER]
    assert [each.department_id for each in queries.enquiries(machine, "answered")] == [DEPARTMENT]
    ((late,), (done,)) = (queries.shown(queries.enquiries(machine, state), machine) for state in ("late", "answered"))
    assert (late.late, done.late, late.topics) == (True, False, "工商登记、车辆")
    lines = Entry.objects.filter(verb__in=("verify.ask", "verify.answer")).order_by("seq")
    assert [line.verb for line in lines] == ["verify.ask", "verify.ask", "verify.answer"]
    assert "小货车" not in json.dumps([line.payload for line in lines], ensure_ascii=False)


def test_nothing_is_compared_before_every_department_has_answered(finding, clerk, people):
    asked(finding, clerk, DEPARTMENT)
    before = everything()
    with pytest.raises(EnquiriesOpen, match="1 个部门没有回复"):
        match(findings=[finding.pk], by=people["anlan"])
    assert changed(before, everything()) == set()
    answer(enquiry=Enquiry.objects.get(), differs=False, said="", by=clerk)
    assert match(findings=[finding.pk], by=people["anlan"]) == 1


def test_who_has_answered_may_be_asked_again(finding, clerk):
    asked(finding, clerk, DEPARTMENT)
    answer(enquiry=Enquiry.objects.get(), differs=False, said="", by=clerk)
    assert asked(finding, clerk, DEPARTMENT) == [1]
    assert queries.unanswered([finding.pk]) == {finding.pk: 1}


@pytest.mark.parametrize(
    ("department", "topics"), [("nobody", ["vehicles"]), (DEPARTMENT, []), (DEPARTMENT, ["secrets"])]
)
def test_a_question_names_a_department_and_what_to_look_for(finding, clerk, department, topics):
    with pytest.raises(BadInput, match="请选择一个部门"):
        ask(findings=[finding.pk], department=department, topics=topics, by=clerk)


def test_who_has_not_consented_or_is_compared_is_not_asked_about(finding, clerk, people):
    Visit.objects.update(consent=False)
    with pytest.raises(NotToBeAsked, match="承诺授权书"):
        asked(finding, clerk, DEPARTMENT)
    Visit.objects.update(consent=True)
    match(findings=[finding.pk], by=people["anlan"])
    with pytest.raises(NotToBeAsked):
        asked(finding, clerk, DEPARTMENT)
    with pytest.raises(NotFound):
        ask(findings=[0], department=DEPARTMENT, topics=["vehicles"], by=clerk)
    with pytest.raises(NotAllowed):
        asked(finding, people["village_cadre_a"], DEPARTMENT)
    assert not Enquiry.objects.exists()


@pytest.mark.parametrize(("differs", "said", "kind"), [(True, " ", BadInput), (False, "长" * 301, BadInput)])
def test_what_differs_is_said_in_so_many_words(finding, clerk, differs, said, kind):
    asked(finding, clerk, DEPARTMENT)
    with pytest.raises(kind):
        answer(enquiry=Enquiry.objects.get(), differs=differs, said=said, by=clerk)
    assert Enquiry.objects.get().answered_at is None


def test_a_department_answers_for_itself_and_once(finding, clerk, people):
    asked(finding, clerk, DEPARTMENT, OTHER)
    with pytest.raises(NotAllowed, match="不代表"):
        answer(enquiry=Enquiry.objects.get(department=OTHER), differs=False, said="", by=clerk)
    with pytest.raises(NotAllowed):
        answer(enquiry=Enquiry.objects.get(department=OTHER), differs=False, said="", by=people["village_cadre_a"])
    mine = Enquiry.objects.get(department=DEPARTMENT)
    answer(enquiry=mine, differs=False, said="", by=clerk)
    with pytest.raises(AnsweredBefore):
        answer(enquiry=mine, differs=True, said="又有了", by=clerk)
    assert Enquiry.objects.get(pk=mine.pk).differs is False


@pytest.mark.clause("M1")
def test_a_clerk_asks_and_answers_on_the_screen_and_the_finding_shows_it(finding, clerk, enter):
    browser, address = enter("department_clerk"), reverse(
        "verify:finding", args=[finding.lead.event.code, finding.lead.household.code]
    )  # fmt: skip
    assert "请部门协查所选的户" in browser.get(reverse("verify:matching")).content.decode()
    sent = {"findings": [finding.pk], "department": DEPARTMENT, "topics": ["vehicles"], "next": address}
    page = browser.post(reverse("verify:ask"), sent, follow=True).content.decode()
    assert "已请部门协查 1 户" in page
    assert "还有 1 个部门没有回复协查" in page
    assert any(task.url == reverse("verify:enquiries") and task.number == 1 for task in waiting(clerk))
    listed = browser.get(reverse("verify:enquiries")).content.decode()
    action = re.search(r'action="([^"]+/answer/)"', listed).group(1)
    page = browser.post(action, {"differs": "1", "said": "名下有小货车", "next": address}, follow=True).content.decode()
    assert "名下有小货车" in page
    assert "没有回复协查" not in page
    assert "没有部门协查" in browser.get(reverse("verify:enquiries")).content.decode()
    assert "名下有小货车" in browser.get(reverse("verify:enquiries"), {"state": "answered"}).content.decode()


@pytest.mark.parametrize("following", ["https://elsewhere.example", "//elsewhere.example", "javascript:x"])
def test_the_way_back_leads_nowhere_else(finding, clerk, enter, following):
    sent = {"findings": [], "department": DEPARTMENT, "topics": ["vehicles"], "next": following}
    answered = enter("department_clerk").post(reverse("verify:ask"), sent, follow=True)
    assert answered.redirect_chain == [(reverse("verify:enquiries"), 302)]
    assert "请先勾选农户" in answered.content.decode()


def test_half_a_question_and_half_an_answer_are_sentences(finding, clerk, enter):
    browser = enter("department_clerk")
    assert "请选择一个部门" in browser.post(reverse("verify:ask"), {"findings": [finding.pk]}).content.decode()
    asked(finding, clerk, DEPARTMENT)
    one = reverse("verify:answer", args=[Enquiry.objects.get().pk])
    assert "请选择查询结果" in browser.post(one, {}).content.decode()
    assert enter("village_cadre_b").post(one, {"differs": "0"}).status_code in (403, 404)


def test_who_is_late_is_told_by_command(finding, clerk, capsys):
    asked(finding, clerk, DEPARTMENT, OTHER)
    answer(enquiry=Enquiry.objects.get(department=DEPARTMENT), differs=False, said="", by=clerk)
    clock.advance(timedelta(days=30))
    call_command("verify_enquiries", "--json")
    said = {each.pop("department"): each for each in json.loads(capsys.readouterr().out)}
    assert said == {OTHER: {"open": 1, "late": 1, "answered": 0}, DEPARTMENT: {"open": 0, "late": 0, "answered": 1}}
    call_command("verify_enquiries")
    assert f"{OTHER}\t1\t1\t0" in capsys.readouterr().out
