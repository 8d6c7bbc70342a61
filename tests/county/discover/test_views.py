"""The screens of the three doors, the inbox, sweeps and releases."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.county.storm import id_number

from anlan.county import clock
from anlan.county.discover.actions import Report, dismiss, open_sweeps, report, take_in
from anlan.county.discover.forms import Upload
from anlan.county.discover.models import Lead, Release, Source, Sweep
from anlan.county.registry.models import Household


@pytest.fixture
def enter(people, client):
    """A browser in which this person is logged in."""

    def log_in(username):
        client.force_login(people[username], backend="anlan.county.office.authentication.Passwords")
        return client

    return log_in


@pytest.fixture
def lead(storm, people):
    reports = [Report("r1", "self", storm.household(0, 5).pk, clock.now(), {"kinds": ["home"], "text": "墙裂了"})]
    (made,) = report(event=storm.event, reports=reports, by=people["anlan"])
    return made


def filled(storm, page, **change):
    key = re.search(r'name="key" value="(\w+)"', page.content.decode()).group(1)
    home = storm.household(0, 5)
    given = {"key": key, "village": home.division_id, "head_name": home.head_name, "phone": home.phone, "size": 3,
             "kinds": ["home", "crop"], "loss_yuan": "", "text": "屋顶掉了"}  # fmt: skip
    return {**given, **change}


@pytest.mark.clause("D1")
def test_a_villager_reports_without_log_in_or_javascript_and_follows_the_receipt(storm, now):
    browser = Client(enforce_csrf_checks=True)
    page = browser.get(reverse("discover:report", args=[storm.event.code]))
    assert "script>" not in page.content.decode().split("<main")[1].split("</main")[0]
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page.content.decode()).group(1)
    sent = browser.post(page.wsgi_request.path, {**filled(storm, page), "csrfmiddlewaretoken": token}, follow=True)
    source = Source.objects.get()
    shown = sent.content.decode()
    assert source.key in shown
    assert "已收到，正在办理" in shown
    assert storm.household(0, 5).head_name not in shown
    assert source.lead.household == storm.household(0, 5)


def test_a_form_from_another_site_is_refused(storm, now):
    browser = Client(enforce_csrf_checks=True)
    page = browser.get(reverse("discover:report", args=[storm.event.code]))
    assert browser.post(page.wsgi_request.path, filled(storm, page)).status_code == 403
    assert not Lead.objects.exists()


def test_the_answer_is_the_same_whether_or_not_the_household_is_known(storm, client):
    address = reverse("discover:report", args=[storm.event.code])
    answers = []
    for change in ({}, {"head_name": "无人知晓", "phone": "10000000001"}):
        sent = client.post(address, filled(storm, client.get(address), **change), follow=True)
        answers.append(
            re.sub(r"<svg.*?</svg>|R[2-9A-Z]{11}|csrf\S+|\"\w{64}\"|X-CSRFToken.*", "", sent.content.decode())
        )
    assert answers[0] == answers[1]
    assert Household.objects.filter(registered=False).count() == 1


def test_a_receipt_tells_what_happened_since_and_nothing_from_before(storm, lead, people, client):
    """A neighbour who guesses name and number learns nothing from a report of their own."""
    clock.advance(timedelta(hours=1))
    take_in(leads=[lead.pk], by=people["township_officer_a"])
    clock.advance(timedelta(hours=1))
    reports = [Report("RABCDEF23456", "self", lead.household_id, clock.now())]
    report(event=storm.event, reports=reports, by=people["anlan"])
    address = reverse("discover:receipt", args=["RABCDEF23456"])
    assert "已收到，正在办理" in client.get(address).content.decode()
    clock.advance(timedelta(hours=1))
    dismiss(lead=lead, reason="no_harm", by=people["township_officer_a"])
    assert "不予受理" in client.get(address).content.decode()


def test_pressing_twice_gives_one_receipt(storm, client):
    address = reverse("discover:report", args=[storm.event.code])
    given = filled(storm, client.get(address), head_name="无人知晓")
    assert client.post(address, given).url == client.post(address, given).url
    assert Household.objects.filter(registered=False).count() == 1


@pytest.mark.parametrize(
    "change",
    [{"kinds": []}, {"village": "360123000000"}, {"phone": "打不通"}, {"head_name": " "}, {"size": "0"},
     {"key": "../etc"}, {"text": "长" * 501}],
)  # fmt: skip
def test_a_form_with_a_mistake_comes_back_with_what_was_typed(storm, client, change):
    address = reverse("discover:report", args=[storm.event.code])
    answer = client.post(address, filled(storm, client.get(address), **change))
    assert answer.status_code == 200
    assert "请改正" in answer.content.decode()
    assert not Lead.objects.exists()


def test_a_helper_writes_for_a_household_of_their_own_villages_only(storm, enter):
    browser = enter("village_cadre_a")
    address = reverse("discover:report", args=[storm.event.code])
    page = browser.get(address)
    assert storm.household(2, 5).division_id not in page.content.decode()
    browser.post(address, filled(storm, page))
    assert Source.objects.get().by == "village_cadre_a"


def test_the_open_events_are_offered(storm, client):
    assert storm.event.title in client.get(reverse("discover:events")).content.decode()


def test_a_receipt_is_found_by_its_number_however_it_is_typed(storm, people, client):
    report(event=storm.event, reports=[Report("RABCDEF23456", "self", storm.household(0, 5).pk, clock.now())],
           by=people["anlan"])  # fmt: skip
    found = client.get(reverse("discover:find_receipt"), {"key": "rabc def2 3456"})
    assert found.url == reverse("discover:receipt", args=["RABCDEF23456"])
    assert "没有这个回执号" in client.get(reverse("discover:find_receipt"), {"key": "RNONE"}).content.decode()
    assert client.get(reverse("discover:receipt", args=["RNONE"])).status_code == 404


def test_sources_that_are_no_receipts_are_not_shown_to_the_public(lead, client):
    assert client.get(reverse("discover:receipt", args=["r1"])).status_code == 404


@pytest.mark.clause("D2")
def test_a_cadre_looks_a_household_up_and_reports_it(storm, enter):
    browser = enter("village_cadre_a")
    address = reverse("discover:cadre", args=[storm.event.code])
    assert "示例户04" in browser.get(address, {"q": "户04"}).content.decode()
    code = storm.household(0, 4).code
    assert "示例户04" in browser.get(address, {"household": code}).content.decode()
    assert "请改正" in browser.post(address, {"household": code}).content.decode()
    sent = browser.post(address, {"household": code, "kinds": ["water"], "loss_yuan": "800"})
    assert sent.url == reverse("discover:lead", args=[storm.event.code, code])
    assert Source.objects.get().claim == {"kinds": ["water"], "loss_yuan": 800.0}


def test_a_foreign_household_does_not_exist_for_a_cadre(storm, enter):
    browser = enter("village_cadre_a")
    address = reverse("discover:cadre", args=[storm.event.code])
    foreign = {"household": storm.household(2, 4).code, "kinds": ["water"]}
    assert browser.post(address, foreign).status_code == 404
    assert "示例户24" not in browser.get(address, {"village": storm.household(2, 4).division_id}).content.decode()


@pytest.mark.clause("D3")
def test_a_clerk_uploads_a_list_and_sees_row_by_row(storm, enter, tmp_path):
    path = tmp_path / "list.csv"
    lines = ["姓名,身份证号,事由,金额", f"示例户05,{id_number(0, 5)},水稻绝收,1200"]
    lines += [f"别人,{id_number(0, 4)},水稻绝收,", "无,123,水稻,"]
    path.write_text("\n".join(lines))
    with path.open("rb") as file:
        answer = enter("department_clerk").post(
            reverse("discover:screen", args=[storm.event.code]), {"source": "农业保险", "file": file}
        )
    page = answer.content.decode()
    assert "与名册登记的姓名不符" in page
    assert "不是有效的身份证号" in page
    assert Lead.objects.get().household == storm.household(0, 5)


def test_a_list_of_the_wrong_kind_comes_back(storm, enter, tmp_path):
    path = tmp_path / "list.pdf"
    path.write_bytes(b"%PDF")
    with path.open("rb") as file:
        answer = enter("department_clerk").post(
            reverse("discover:screen", args=[storm.event.code]), {"source": "x", "file": file}
        )
    assert "请改正" in answer.content.decode()


def test_a_list_larger_than_a_countys_can_be_comes_back():
    form = Upload({"source": "x"}, {"file": SimpleUploadedFile("x.csv", b"0" * (5 * 1024 * 1024 + 1))})
    assert "不能超过 5 MB" in str(form.errors)


def test_a_broken_sheet_is_a_sentence_and_not_a_crash(storm, enter, tmp_path):
    path = tmp_path / "list.xlsx"
    path.write_bytes(b"no sheet")
    with path.open("rb") as file:
        answer = enter("department_clerk").post(
            reverse("discover:screen", args=[storm.event.code]), {"source": "x", "file": file}
        )
    assert answer.status_code == 422
    assert "名单打不开" in answer.content.decode()


@pytest.mark.clause("D6")
def test_the_inbox_shows_doors_and_what_is_left_in_words(storm, lead, enter):
    page = enter("township_officer_a").get(reverse("discover:inbox")).content.decode()
    assert "农户自报" in page
    assert "还剩 2 天" in page or "还剩 1 天" in page
    assert "先救助" in page
    assert storm.household(0, 5).head_name in page


def test_an_overdue_lead_says_so_in_words(storm, people, enter):
    at = clock.now() - timedelta(days=5)
    report(event=storm.event, reports=[Report("r", "self", storm.household(0, 5).pk, at)], by=people["anlan"])
    assert "超期 3 天" in enter("township_officer_a").get(reverse("discover:home")).content.decode()


def test_another_township_sees_nothing_of_it(storm, lead, enter):
    browser = enter("township_officer_b")
    assert storm.household(0, 5).head_name not in browser.get(reverse("discover:inbox")).content.decode()
    address = [storm.event.code, lead.household.code]
    assert browser.get(reverse("discover:lead", args=address)).status_code == 404
    assert browser.post(reverse("discover:dismiss", args=address), {"reason": "no_harm"}).status_code == 404
    browser.post(reverse("discover:take_in"), {"leads": [lead.pk]})
    lead.refresh_from_db()
    assert lead.state == "open"


def test_ticked_leads_are_taken_in(storm, lead, enter):
    browser = enter("township_officer_a")
    browser.post(reverse("discover:take_in"), {"leads": [lead.pk, "x"]})
    lead.refresh_from_db()
    assert lead.state == "taken_in"
    page = browser.get(reverse("discover:inbox"), {"state": "taken_in", "event": storm.event.code}).content.decode()
    assert storm.household(0, 5).head_name in page
    assert browser.post(reverse("discover:take_in"), {"leads": [lead.pk]}).status_code == 409


def test_a_lead_is_read_whole_and_dismissed_with_a_reason(storm, lead, enter):
    browser = enter("village_cadre_a")
    address = reverse("discover:lead", args=[storm.event.code, lead.household.code])
    assert "墙裂了" in browser.get(address).content.decode()
    dismiss = reverse("discover:dismiss", args=[storm.event.code, lead.household.code])
    assert browser.post(dismiss, {"reason": ""}).status_code == 422
    browser.post(dismiss, {"reason": "no_harm"})
    assert "电话核实未受灾" in browser.get(address).content.decode()
    assert "不予受理" in browser.get(reverse("discover:inbox"), {"state": "over"}).content.decode()


def test_an_auditor_reads_and_finds_no_buttons(storm, lead, enter):
    browser = enter("auditor")
    address = reverse("discover:lead", args=[storm.event.code, lead.household.code])
    assert "<form" not in browser.get(address).content.decode().split("<main")[1]
    assert browser.post(reverse("discover:take_in"), {"leads": [lead.pk]}).status_code == 403


@pytest.mark.clause("M2")
def test_a_sweep_from_the_first_door_to_the_last(storm, people, lead, enter):
    browser = enter("township_officer_a")
    browser.post(reverse("discover:open_sweeps", args=[storm.event.code]))
    assert Sweep.objects.count() == 2
    assert "示例甲村" in browser.get(reverse("discover:sweeps")).content.decode()
    village = lead.household.division_id
    page = browser.get(reverse("discover:sweep", args=[storm.event.code, village])).content.decode()
    assert "名单 5 户，还没有去向 4 户" in page
    close = reverse("discover:close_sweep", args=[storm.event.code, village])
    assert browser.post(close).status_code == 409
    Release.objects.bulk_create([
        Release(event=storm.event, household=storm.household(0, s), reason="below_harm", at=clock.now(),
                by=people["county_director"])
        for s in (1, 2, 3, 4)
    ])  # fmt: skip
    assert browser.post(close).status_code == 302
    assert (
        "由township_officer_a办结"
        in browser.get(reverse("discover:sweep", args=[storm.event.code, village])).content.decode()
    )


def test_a_foreign_village_is_not_there(storm, people, enter):
    open_sweeps(event=storm.event, by=people["duty_officer"])
    address = reverse("discover:sweep", args=[storm.event.code, storm.household(2, 1).division_id])
    assert enter("village_cadre_a").get(address).status_code == 404


def test_the_director_releases_whom_the_rules_propose(storm, enter):
    storm.run.impacts.update(severity=0.0)
    browser = enter("county_director")
    address = reverse("discover:release", args=[storm.event.code])
    assert "8 户" in browser.get(address).content.decode()
    browser.post(address, {"reasons": ["below_harm"]})
    assert Release.objects.count() == 8
    assert "没有可以按规则移出" in browser.get(address).content.decode()
    assert enter("township_officer_a").get(address).status_code == 403


def test_the_inbox_asks_the_same_number_of_questions_however_long_it_is(storm, people, enter, lead):
    browser = enter("township_officer_a")
    address = reverse("discover:inbox")
    with CaptureQueriesContext(connection) as short:
        browser.get(address)
    reports = [Report(f"s{v}{s}", "cadre", storm.household(v, s).pk, clock.now()) for v in (0, 1) for s in (1, 2, 3)]
    take = report(event=storm.event, reports=reports, by=people["anlan"])
    with CaptureQueriesContext(connection) as long:
        browser.get(address)
    assert len(long) <= len(short)
    assert take_in(leads=[each.pk for each in take], by=people["anlan"]) == 6


def test_absurd_keys_and_an_empty_form_take_in_nothing_and_say_what_to_do(lead, enter):
    for sent in ([], ["9" * 30]):
        answer = enter("township_officer_a").post(reverse("discover:take_in"), {"leads": sent}, follow=True)
        assert "请先勾选还没有受理的线索" in answer.content.decode()
        assert "已受理 0" not in answer.content.decode()


def test_a_name_too_long_is_answered_in_plain_words(storm, client):
    url = reverse("discover:report", args=[storm.event.code])
    page = client.post(url, {"head_name": "张" * 45, "text": "水" * 600}).content.decode()
    assert "太长了，最多 30 个字，现在是 45 个字。" in page
    assert "太长了，最多 500 个字，现在是 600 个字。" in page
    assert "该变量" not in page
