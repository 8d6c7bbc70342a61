"""The screens and commands of accountability."""

import json
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from docx import Document
from tests.county.cases import entered, lead

from anlan.county import clock
from anlan.county.account.actions import report
from anlan.county.account.models import Report
from anlan.county.discover.actions import open_sweeps
from anlan.county.discover.models import Sweep
from anlan.county.errors import NotFound
from anlan.county.ledger.actions import Line, record_many
from anlan.county.ledger.models import Entry
from anlan.county.office.queries import machine


@pytest.fixture
def swept(storm):
    """A storm with a sweep in every village and one household under monitoring."""
    open_sweeps(event=storm.event, by=machine())
    entered(storm.event, storm.household(0, 5))
    return storm


@pytest.mark.clause("M2")
def test_the_coverage_page_is_a_sum_that_closes(swept, as_):
    page = as_("auditor").get(reverse("account:coverage", args=[swept.event.code])).text
    assert "受影响 20 户 = 已有结论 1 户 + 办理中 19 户 + 没有着落 0 户" in page
    assert "notice--success" in page
    assert swept.household(1, 1).code in page


def test_a_household_nobody_looks_at_stands_on_the_coverage_page_of_its_own_township(swept, as_):
    Sweep.objects.filter(division_id="360123102202").delete()
    url = reverse("account:coverage", args=[swept.event.code])
    page = as_("township_officer_b").get(url).text
    assert "没有着落 5 户" in page
    assert "notice--error" in page
    assert swept.household(3, 1).code in page
    elsewhere = as_("township_officer_a").get(url).text
    assert "没有着落 5 户" in elsewhere
    assert swept.household(3, 1).code not in elsewhere


@pytest.mark.clause("D6", "A1")
def test_who_is_late_stands_with_name_and_unit(swept, as_):
    assert "没有超期的事" in as_("auditor").get(reverse("account:late")).text
    clock.advance(timedelta(days=20))
    page = as_("auditor").get(reverse("account:late")).text
    assert "逐户排查" in page
    assert "超期" in page
    assert "示例甲村" in page
    assert "示例甲村" not in as_("township_officer_b").get(reverse("account:late")).text


def test_the_home_page_leads_to_proofs_reports_and_the_alarm(swept, as_):
    page = as_("county_director").get(reverse("account:home")).text
    assert reverse("account:coverage", args=[swept.event.code]) in page
    assert "占比超线" in page
    assert "出一份报告" in page
    assert "未核实" in page
    assert "已在监测和已经查清的农户不再计入" in page
    assert "出一份报告" not in as_("township_officer_a").get(reverse("account:home")).text


def test_a_report_is_given_out_shown_and_downloaded(swept, as_):
    director = as_("county_director")
    answer = director.post(reverse("account:make", args=[swept.event.code]))
    made = Report.objects.get()
    assert answer["Location"] == reverse("account:report", args=[made.sha])
    page = director.get(answer["Location"]).text
    for word in ("预警", "覆盖证明", "台账", "链条完整", "<svg"):
        assert word in page
    assert "演练真相" not in page
    word = director.get(reverse("account:word", args=[made.sha]))
    assert word["Content-Disposition"].endswith('.docx"')
    assert Document(BytesIO(word.content)).tables
    assert director.get(reverse("account:report", args=["0" * 64])).status_code == 404
    assert as_("auditor").post(reverse("account:make", args=[swept.event.code])).status_code == 403


def test_a_drills_report_shows_what_was_true(swept, as_):
    truth = {"at_risk": 4, "found": 3, "missed": 1, "recall": 0.75, "precision": 1.0, "visits": 9,
             "missed_why": {"not_at_home": 1}}  # fmt: skip
    made = report(event=swept.event, by=machine(), extra={"truth": truth, "synthetic": True})
    page = as_("auditor").get(reverse("account:report", args=[made.sha])).text
    for word in ("演练真相", "75.0%", "入户未遇", "示例"):
        assert word in page


@pytest.mark.clause("A2")
def test_the_auditor_reads_the_ledger_by_subject_and_verifies_it(swept, as_):
    auditor, url = as_("auditor"), reverse("account:ledger")
    about = f"case:{swept.event.code}/{swept.household(0, 5).code}"
    page = auditor.get(url, {"subject": about}).text
    assert page.count('<dd class="code">decide.advance</dd>') == 5
    assert "认定程序推进</td>" in page
    assert "公告</td>" not in page
    assert "之前</span> 民主评议" in page
    home = swept.household(0, 5)
    assert f'<a href="{reverse("desk:household", args=[home.code])}">{home.head_name}</a>' in page
    assert swept.event.title in auditor.get(url, {"subject": f"event:{swept.event.code}"}).text
    whole = Entry.objects.filter(about=about).latest("seq")
    assert f"{whole.hash[:10]}…" in page
    assert f'<dd class="code">{whole.hash}</dd>' in page
    assert "verify.visit" not in page
    assert "通过" in auditor.post(url).text
    Entry.objects.filter(seq=2).update(payload="{}")
    assert "第 2 条断开" in auditor.post(url).text
    assert "没有这个对象" in auditor.get(url, {"subject": "household:1"}).text
    assert 'rel="next"' not in auditor.get(url, {"subject": about}).text
    assert auditor.get(url, {"subject": "x" * 200}).status_code == 200


def test_the_ledger_is_walked_fifty_lines_at_a_time_within_its_subject(swept, as_):
    auditor, url = as_("auditor"), reverse("account:ledger")
    record_many([Line("test.write", f"thing:{number}") for number in range(60)], by="anlan")
    seen, past = [], ""
    while True:
        page = auditor.get(url, {"subject": "thing:*", "past": past}).context["page"]
        seen += [entry.about for entry in page.rows]
        if not page.following:
            break
        past = page.following
    assert seen == [f"thing:{number}" for number in reversed(range(60))]
    first = auditor.get(url, {"subject": "thing:*"}).text
    assert first.count("<tr>") == 1 + 50
    assert f"subject=thing%3A%2A&amp;past={Entry.objects.count() - 49}" in first
    assert "回到第一页" in auditor.get(url, {"subject": "thing:*", "past": past}).text
    assert "通过" in auditor.post(f"{url}?past={past}").text


def test_who_may_not_look_is_turned_away(swept, client, as_):
    assert client.get(reverse("account:home")).status_code == 302
    assert as_("village_cadre_a").get(reverse("account:late")).status_code == 403
    assert as_("township_officer_a").get(reverse("account:ledger")).status_code == 403
    assert as_("auditor").get(reverse("account:coverage", args=["EV-none"])).status_code == 404


def test_pages_without_an_event_say_so(people, as_):
    page = as_("auditor").get(reverse("account:home")).text
    assert "还没有灾害事件" in page
    assert "还没有出过报告" in page


def test_the_coverage_command_prints_the_balance_and_its_verdict(swept, capsys):
    call_command("account_coverage", swept.event.code, "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["exposed"] == sum(told["disposed"].values()) + sum(told["open"].values()) == 20
    Sweep.objects.all().delete()
    with pytest.raises(SystemExit) as leaving:
        call_command("account_coverage", swept.event.code)
    assert leaving.value.code == 2
    assert "19\t没有着落" in capsys.readouterr().out
    with pytest.raises(NotFound):
        call_command("account_coverage", "EV-none")


def test_the_report_command_keeps_prints_and_writes(swept, capsys, tmp_path):
    path = tmp_path / "report.docx"
    call_command("account_report", swept.event.code, "--out", str(path), "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["sha"] == Report.objects.get().sha
    assert Document(str(path)).tables
    call_command("account_report", swept.event.code)
    assert "# 覆盖证明" in capsys.readouterr().out


def test_the_late_command_counts_by_unit(swept, capsys):
    lead(swept.event, swept.household(0, 1))
    clock.advance(timedelta(days=3))
    call_command("account_late", "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["late"] == sum(each["number"] for each in told["by_unit"]) == len(told["clocks"]) == 1
    assert told["clocks"][0]["kind"] == "intake"
    call_command("account_late")
    assert capsys.readouterr().out == "1\t示例甲村\ttownship\n"


def test_who_is_still_open_stands_with_name_and_village(swept, as_):
    page = as_("auditor").get(reverse("account:coverage", args=[swept.event.code])).text
    household = swept.household(1, 1)
    assert f">{household.head_name}</a>" in page
    assert household.division.name in page
    assert "户编号" not in page
