"""What the time line says of each thing that may happen to a household, and what it keeps to itself."""

from datetime import timedelta

import pytest
from tests.county.cases import compare, follow, move

from anlan.county import clock
from anlan.county.assist import actions as assist
from anlan.county.assist.models import Measure
from anlan.county.clear import actions as clear
from anlan.county.clear.models import Check, Clearance
from anlan.county.decide.actions import open_cases
from anlan.county.decide.models import Episode
from anlan.county.desk.queries import story
from anlan.county.desk.timeline import timeline
from anlan.county.desk.words import word
from anlan.county.discover.actions import Report, dismiss, release, report
from anlan.county.discover.models import Inspection, Lead
from anlan.county.dispatch.models import Message
from anlan.county.mission import NAMES
from anlan.county.office.queries import machine
from anlan.county.registry.models import Deed
from anlan.county.verify.actions import FindingReport, VisitReport, record_visits
from anlan.county.verify.models import Consent
from anlan.county.warn.models import Remark, Target


@pytest.fixture
def line(storm, people):
    """The moments of a household, the latest first, as an auditor reads them."""

    def line(household):
        return timeline(story(household, people["auditor"]))

    return line


def said(moments, text):
    """The moments that say this."""
    return [each for each in moments if text in each.text]


def a_lead(storm, kinds=("home", "crop")):
    told = [Report("quiet-1", "cadre", storm.quiet.pk, clock.now(), {"kinds": list(kinds)})]
    (made,) = report(event=storm.event, reports=told, by=machine())
    return made


def test_every_moment_has_a_room_words_and_its_time(storm, line):
    for moment in line(storm.hit):
        assert moment.room in NAMES
        assert moment.text
        assert moment.at <= clock.now()
        assert "None" not in f"{moment.text}{moment.detail}{moment.by}"


def test_a_message_that_did_not_arrive_says_why(storm, line):
    assert said(line(storm.quiet), "预警短信没有送到") == []
    Message.objects.filter(targets__household=storm.quiet).update(failed_at=clock.now(), failure="invalid")
    (moment,) = said(line(storm.quiet), "预警短信没有送到")
    assert (moment.room, moment.detail, moment.at) == ("warn", "invalid", clock.now())


def test_a_household_without_a_phone_is_told_by_the_village(storm, line):
    Target.objects.filter(household=storm.quiet).update(message=None)
    (moment,) = said(line(storm.quiet), "预警发布")
    assert moment.detail == "没有电话，由村里叫应"
    assert said(line(storm.quiet), "送达") == []


def test_a_warning_that_never_went_out_is_no_moment(storm, line):
    warnings = type(storm.quiet.targets.get().warning).objects.filter(targets__household=storm.quiet)
    warnings.update(released_at=None, state="cancelled")
    assert said(line(storm.quiet), "预警发布") == []


@pytest.mark.parametrize(("how", "words"), [("cadre", "干部叫应"), ("reply", "农户回复")])
def test_who_was_told_says_by_whom(storm, line, how, words):
    Target.objects.filter(household=storm.quiet).update(
        acknowledged_at=clock.now(), acknowledged_how=how, acknowledged_by="village_cadre_b"
    )
    (moment,) = said(line(storm.quiet), "预警已叫应")
    assert (moment.detail, moment.by) == (words, "village_cadre_b")


def test_a_report_says_its_door_and_what_was_hit(storm, line):
    a_lead(storm)
    (moment,) = [each for each in line(storm.quiet) if each.room == "discover"]
    assert (moment.text, moment.detail) == (word("door", "cadre"), "房屋、庄稼")


def test_a_dismissed_lead_says_why_it_was_closed(storm, line):
    dismiss(lead=a_lead(storm), reason="untrue", by=machine())
    (moment,) = said(line(storm.quiet), "线索办结")
    assert moment.detail == "反映不实"
    assert said(line(storm.quiet), "线索受理") == []


def test_a_household_taken_off_the_list_says_why_and_by_whom(storm, line):
    release(event=storm.event, households=[(storm.quiet.pk, "moved_away")], by=machine())
    (moment,) = said(line(storm.quiet), "从排查名单移出")
    assert (moment.detail, moment.by) == ("全家已外迁", "安澜")


def test_a_visit_that_found_no_harm_ends_the_story_there(storm, line):
    lead = a_lead(storm)
    record_visits(visits=[VisitReport("v1", lead.pk, machine().pk, clock.now(), "unharmed", note="墙体完好")],
                  by=machine())  # fmt: skip
    texts = [each.text for each in line(storm.quiet) if each.room in {"verify", "discover", "decide"}]
    assert "入户核实：未受灾" in texts
    assert "信息比对完成" not in texts
    assert "进入认定程序" not in texts
    assert Lead.objects.get(pk=lead.pk).state == "closed"


def test_help_says_planned_delivered_and_signed_for(storm, line):
    measure = Measure.objects.get(household=storm.hit, kind="temporary_aid")
    name = word("kind", "temporary_aid")
    assert len(said(line(storm.hit), f"安排{name}")) == 1
    assert said(line(storm.hit), f"落实{name}") == []
    assist.deliver(deliveries=[(measure.pk, 1800.0, clock.now())], by=machine())
    assist.receipt(receipts=[(measure.pk, "本人签字", clock.now())], by=machine())
    (signed,) = said(line(storm.hit), f"签收{name}")
    assert (signed.detail, signed.room) == ("本人签字", "assist")
    assert [each.at for each in said(line(storm.hit), f"落实{name}")] == [clock.now()]


def test_a_month_without_trouble_says_so_and_one_with_names_the_axes(storm, line):
    (first,) = said(line(storm.hit), "月度跟踪")
    assert first.detail == "仍有问题：住房安全"
    Check.objects.update(broken=[], holds=True)
    (after,) = said(line(storm.hit), "月度跟踪")
    assert after.detail == "各项稳定"


@pytest.mark.clause("M6")
def test_a_clearance_is_told_step_by_step(storm, line):
    episode = Episode.objects.select_related("household", "case__event").get()
    follow([episode], 7)
    assert clear.open_clearances(by=machine(), on=clock.today()) == 1
    for to, wait in (("review", 1), ("publicity", 1), ("town_check", 6), ("county_decide", 1), ("cleared", 1)):
        clock.advance(timedelta(days=wait))
        found = Clearance.objects.get()
        clear.advance(moves=[clear.Move(found.pk, found.version, to)], by=machine())
    moments = [each for each in line(storm.hit) if each.room == "clear" and each.text != "月度跟踪"]
    assert [each.text for each in reversed(moments)] == [
        "开始风险消除核查", *(word("clear_move", to) for to in
                      ("review", "publicity", "town_check", "county_decide", "cleared")),
    ]  # fmt: skip


def test_an_objection_stands_with_its_words(storm, line):
    lead = a_lead(storm)
    record_visits(
        visits=[VisitReport("v1", lead.pk, machine().pk, clock.now(), "harmed", True, finding=FindingReport(5000.0))],
        by=machine(),
    )
    compare(storm.event, storm.quiet)
    assert open_cases(by=machine()) == 1
    case = storm.quiet.cases.get()
    move("publicity", case)
    move("objection", case, note="邻居说收入不止这些")
    (moment,) = said(line(storm.quiet), word("move", "objection"))
    assert moment.detail == "邻居说收入不止这些"


def test_letters_inspections_consents_and_life_are_part_of_the_story(storm, people):
    home, at = storm.hit, clock.now()
    lead = Lead.objects.get(household=home)
    Remark.objects.create(household=home, text="路断了", said_at=at)
    Inspection.objects.create(
        kind="hazard_point", division=home.division, household=home, found="屋后裂缝", office="县自然资源局",
        on=at.date(), key="k", at=at, by=people["auditor"],
    )  # fmt: skip
    Consent.objects.create(
        lead=lead, signer="示例王", relation="kin", why_proxy="住院", signed_on=at.date(), valid_until=at.date(),
        recorded_at=at, by=people["village_cadre_a"], revoked_on=at.date(),
    )  # fmt: skip
    Deed.objects.create(
        kind="birth", household=home, on=at.date(), by=people["township_officer_a"], at=at, undone_at=at,
        undone_by=people["township_officer_a"],
    )  # fmt: skip
    told = {(each.text, each.detail) for each in timeline(story(home, people["auditor"]))}
    assert {
        ("农户来信", "路断了"), ("地质灾害隐患点排查", "屋后裂缝"), ("签署承诺授权查询书", "示例王（亲属代签）"),
        ("撤回授权", "示例王（亲属代签）"), ("添丁", ""), ("撤销：添丁", ""),
    } <= told  # fmt: skip
