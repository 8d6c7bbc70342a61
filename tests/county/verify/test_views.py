"""The visit form, the finding's page, the departments' list."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from anlan.county import clock
from anlan.county.discover.actions import Report, report
from anlan.county.verify.models import Finding, Visit
from anlan.county.verify.rules import LOSSES


@pytest.fixture
def enter(people, client):
    """A browser in which this person is logged in."""

    def log_in(username):
        client.force_login(people[username], backend="anlan.county.office.authentication.Passwords")
        return client

    return log_in


@pytest.fixture
def lead(storm, people):
    reports = [Report("r1", "self", storm.household(0, 5).pk, clock.now(), {"kinds": ["home"]})]
    (made,) = report(event=storm.event, reports=reports, by=people["anlan"])
    return made


def address(lead, name="visit"):
    return reverse(f"verify:{name}", args=[lead.event.code, lead.household.code])


def filled(page, **change):
    uuid = re.search(r'name="uuid" value="([^"]+)"', page.content.decode()).group(1)
    given = {"uuid": uuid, "outcome": "harmed", "consent": "on", "income_per_head_yuan": "5200",
             "rigid_per_head_yuan": "300", "loss_home": "12000", "home_grade": "C",
             "home_safe": "0"}  # fmt: skip
    return {**given, **change}


@pytest.mark.clause("D2", "P2")
def test_a_cadre_records_harm_and_lands_on_the_finding(lead, enter):
    browser = enter("village_cadre_a")
    page = browser.get(address(lead))
    assert 'value="9000.0"' in page.content.decode()  # what the estimate expects is filled in
    sent = browser.post(address(lead), filled(page), follow=True)
    finding = Finding.objects.get()
    assert (finding.home_safe, finding.food_secured, finding.losses_yuan) == (False, True, {"home": 12000.0})
    assert "有问题" in sent.content.decode()
    assert "12,000 元" in sent.content.decode()


def test_the_same_form_sent_twice_is_one_visit(lead, enter):
    browser = enter("village_cadre_a")
    given = filled(browser.get(address(lead)))
    browser.post(address(lead), given)
    browser.post(address(lead), given)
    assert Visit.objects.count() == 1


def test_an_absent_household_needs_a_next_date(lead, enter):
    browser = enter("village_cadre_a")
    given = filled(browser.get(address(lead)), outcome="absent")
    assert "请填写下次入户日期" in browser.post(address(lead), given).content.decode()
    soon = clock.today() + timedelta(days=2)
    browser.post(address(lead), {**given, "again_on": soon.isoformat()})
    assert Visit.objects.get().again_on == soon
    assert not Finding.objects.exists()
    page = browser.get(reverse("verify:list")).content.decode()
    assert f"{soon.month}月{soon.day}日" in page
    assert "约" in browser.get(address(lead)).content.decode()


def test_harm_needs_an_income(lead, enter):
    browser = enter("village_cadre_a")
    given = filled(browser.get(address(lead)), income_per_head_yuan="")
    assert "请填写预计人均纯收入" in browser.post(address(lead), given).content.decode()
    assert not Visit.objects.exists()


def test_an_unharmed_household_goes_back_to_its_lead(lead, enter):
    browser = enter("village_cadre_a")
    sent = browser.post(address(lead), filled(browser.get(address(lead)), outcome="unharmed"))
    assert sent.url == reverse("discover:lead", args=[lead.event.code, lead.household.code])


def test_a_lead_elsewhere_is_not_there(lead, enter):
    browser = enter("village_cadre_b")
    assert browser.get(address(lead)).status_code == 404
    assert lead.household.head_name not in browser.get(reverse("verify:home")).content.decode()


def test_a_household_without_income_or_estimate_begins_at_zero(storm, lead, enter):
    storm.run.impacts.all().delete()
    lead.household.income.delete()
    lead.household.home.delete()
    assert 'value="0.0"' in enter("village_cadre_a").get(address(lead)).content.decode()


@pytest.mark.clause("M1")
def test_a_clerk_compares_and_notes_what_differs(lead, enter):
    browser = enter("village_cadre_a")
    browser.post(address(lead), filled(browser.get(address(lead))))
    browser = enter("department_clerk")
    assert lead.household.head_name in browser.get(reverse("verify:matching")).content.decode()
    assert "比对完成" in browser.get(address(lead, "finding")).content.decode()
    finding = Finding.objects.get()
    browser.post(reverse("verify:match"), {"findings": [finding.pk, "x"], "note": "名下有小货车"})
    assert "名下有小货车" in browser.get(address(lead, "finding")).content.decode()
    assert "没有待比对" in browser.get(reverse("verify:matching")).content.decode()


def test_without_consent_the_clerk_is_offered_no_box(lead, enter):
    browser = enter("village_cadre_a")
    browser.post(address(lead), filled(browser.get(address(lead)), consent=""))
    page = enter("department_clerk").get(reverse("verify:matching")).content.decode()
    assert "未签" in page
    assert 'name="findings"' not in page


def test_many_are_matched_at_once_without_a_note(lead, enter):
    browser = enter("village_cadre_a")
    browser.post(address(lead), filled(browser.get(address(lead))))
    enter("department_clerk").post(reverse("verify:match"), {"findings": [Finding.objects.get().pk]})
    assert Finding.objects.get().match_notes == []


def test_a_cadre_does_not_compare(lead, enter):
    assert enter("village_cadre_a").get(reverse("verify:matching")).status_code == 403
    assert enter("village_cadre_a").post(reverse("verify:match")).status_code == 403


def test_who_would_be_left_out_by_little_sees_why_somebody_else_comes(lead, enter):
    browser = enter("village_cadre_a")
    sound = {"home_safe": "1", "home_grade": "", "loss_home": "0"}
    browser.post(address(lead), filled(browser.get(address(lead)), income_per_head_yuan="8600", **sound))
    why = "不能只凭一个人的核实不予纳入"
    assert why not in browser.get(address(lead, "finding")).content.decode()
    enter("department_clerk").post(reverse("verify:match"), {"findings": [Finding.objects.get().pk], "income": "8550"})
    other = enter("township_officer_a")
    page = other.get(address(lead, "finding")).content.decode()
    assert why in page
    assert "再核实一次" in page
    assert why in other.get(reverse("verify:list")).content.decode()


def test_what_was_reported_is_asked_first_and_a_second_look_begins_with_the_first(lead, enter):
    browser = enter("village_cadre_a")
    assert opened(browser.get(address(lead))) == ["房屋"]
    given = filled(browser.get(address(lead)), loss_crop="700", crop_mu="3.5", home_damage="collapsed")
    assert browser.post(address(lead), given).status_code == 302
    again = browser.get(address(lead))
    assert opened(again) == ["房屋", "庄稼"]
    page = again.content.decode()
    for said in ('name="loss_crop" value="700.0"', 'name="crop_mu" value="3.5"', 'value="5200.0"',
                 '<option value="collapsed" selected'):  # fmt: skip
        assert said in page
    assert re.search(r'name="home_safe" value="0"[^>]*checked', page)
    finding = browser.get(address(lead, "finding")).content.decode()
    assert re.search(r"房屋损坏程度</dt>\s*<dd>倒塌", finding)
    assert re.search(r"受灾面积（亩）</dt>\s*<dd>3.5", finding)


@pytest.mark.parametrize(
    ("said", "asked"),
    [(["people"], ["看病"]), (["water", "schooling"], ["饮水", "上学"]), (["work"], ["务工、生意"]), ([], [])],
)
def test_only_the_questions_of_what_was_reported_stand_open(storm, people, enter, said, asked):
    reports = [Report("plain", "cadre", storm.household(0, 4).pk, clock.now(), {"kinds": said})]
    (plain,) = report(event=storm.event, reports=reports, by=people["anlan"])
    page = enter("village_cadre_a").get(address(plain))
    assert opened(page) == asked
    assert set(re.findall(r'name="(loss_\w+)"', page.content.decode())) == {f"loss_{kind}" for kind in LOSSES}


def opened(page):
    """The causes that stand open on a form."""
    return re.findall(r'<details class="fold" open>\s*<summary>(.*?)</summary>', page.content.decode())


def test_a_home_that_collapsed_is_not_called_safe(lead, enter):
    browser = enter("village_cadre_a")
    given = filled(browser.get(address(lead)), home_damage="severe", home_safe="1")
    assert "住房安全应填“有问题”" in browser.post(address(lead), given).content.decode()
    assert not Visit.objects.exists()


def test_nobody_met_says_why(lead, enter):
    browser, soon = enter("village_cadre_a"), (clock.today() + timedelta(days=2)).isoformat()
    browser.post(address(lead), filled(browser.get(address(lead)), outcome="absent", again_on=soon, why="road"))
    assert Visit.objects.get().why == "road"
    assert "道路不通" in browser.get(address(lead)).content.decode().split("已经知道的")[1].split("</dl>")[0]


def test_absurd_keys_and_an_empty_form_compare_nobody_and_say_what_to_do(lead, enter):
    for sent in ([], ["9" * 30]):
        answer = enter("department_clerk").post(reverse("verify:match"), {"findings": sent}, follow=True)
        assert "请先勾选比对过的农户" in answer.content.decode()


@pytest.mark.clause("A1")
def test_the_form_takes_why_nobody_was_met(lead, enter):
    browser = enter("village_cadre_a")
    given = filled(browser.get(address(lead)), outcome="absent")
    soon = clock.today() + timedelta(days=2)
    browser.post(address(lead), {**given, "again_on": soon.isoformat(), "why": "hospital"})
    assert Visit.objects.get().why == "hospital"
    assert "住院陪护" in browser.get(address(lead)).text
