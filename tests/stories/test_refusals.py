"""What is refused changes nothing, anywhere, and says why in a sentence; and what may be repeated is harmless."""

from datetime import timedelta

import pytest
from django.db import transaction
from tests.county.snapshot import changed, everything

from anlan.county import clock
from anlan.county.account import actions as account
from anlan.county.assist import actions as assist
from anlan.county.assist.actions import Plan
from anlan.county.clear import actions as clear
from anlan.county.clear.actions import CheckReport
from anlan.county.decide import actions as decide
from anlan.county.decide.actions import Move
from anlan.county.discover import actions as discover
from anlan.county.discover.actions import Report
from anlan.county.dispatch import actions as dispatch
from anlan.county.errors import BadInput, NotAllowed, NotFound, Refused
from anlan.county.foresee import actions as foresee
from anlan.county.ledger.queries import verify
from anlan.county.office import actions as office
from anlan.county.registry import actions as registry
from anlan.county.sense import actions as sense
from anlan.county.verify import actions as visits
from anlan.county.verify.actions import FindingReport, VisitReport
from anlan.county.warn import actions as warn

NOW = clock.now
A_DAY = timedelta(days=1)
COUNTY = "360123000000"


def by(world, username="anlan"):
    return world.people[username]


def report(world, village, serial, door="cadre", kinds=("crop",), key="new"):
    return Report(key, door, world.storm.household(village, serial).pk, NOW(), {"kinds": list(kinds)})


def visit(world, village, serial, **changes):
    words = {"uuid": "new", "lead_id": world.lead(village, serial).pk, "visitor_id": by(world).pk, "at": NOW(),
             "outcome": "harmed", "consent": True, "finding": FindingReport(5000.0)}  # fmt: skip
    return VisitReport(**(words | changes))


def step(world, village, serial, to, version=None, **words):
    case = world.case(village, serial)
    return Move(case.pk, case.version if version is None else version, to, **words)


# Each room's deeds that are refused: the deed, by whom it is refused, and a word of the sentence.
REFUSED = {
    "sense": [
        (lambda w: sense.open_event(by=by(w), hazard="plague", codes=[COUNTY]), BadInput, "灾种"),
        (lambda w: sense.open_event(by=by(w), hazard="flood"), BadInput, "没有范围"),
        (lambda w: sense.open_event(by=by(w), hazard="flood", codes=["36x"]), BadInput, "区划代码"),
        (lambda w: sense.open_event(by=by(w), hazard="flood", codes=[COUNTY], level=9), BadInput, "0 到 4"),
        (lambda w: sense.open_event(by=by(w), hazard="flood", polygons=[[[115, 28]] * 3]), BadInput, "多边形"),
        (lambda w: sense.open_event(by=by(w, "auditor"), hazard="flood", codes=[COUNTY]), NotAllowed, "权限"),
        (lambda w: sense.close_event(event=w.event, by=by(w, "county_director")), NotAllowed, "开启和结束"),
        (lambda w: sense.observe(readings=[("S9", NOW(), 1.0)], by=by(w)), BadInput, "S9"),
        (lambda w: sense.observe(readings=[("S9", NOW(), float("nan"))], by=by(w)), BadInput, "有限"),
        (lambda w: sense.receive_alert(data=b"<x/>", source="x", by=by(w)), BadInput, "不能作为预警接收"),
    ],
    "foresee": [
        (lambda w: foresee.foresee(event=w.event, by=by(w, "county_director")), NotAllowed, "影响研判"),
        (lambda w: foresee.foresee(event=w.event, by=by(w, "township_officer_a")), NotAllowed, "影响研判"),
    ],
    "warn": [
        (lambda w: warn.draft(event=w.event, by=by(w, "county_director")), NotAllowed, "起草"),
        (lambda w: warn.edit(warning=w.warning("general"), sms=" ", voice="x", by=by(w)), BadInput, "都要填写"),
        (lambda w: warn.edit(warning=w.warning("general"), sms="字" * 71, voice="x", by=by(w)), BadInput, "70"),
        (lambda w: warn.edit(warning=w.warning("general"), sms="贫困户", voice="x", by=by(w)), BadInput, "贫"),
        (lambda w: warn.approve(warning=w.warning("general"), by=by(w, "duty_officer")), NotAllowed, "批准"),
        (lambda w: warn.approve(warning=w.warning("key"), by=by(w, "county_director")), Refused, "已发布"),
        (lambda w: warn.send_back(warning=w.warning("general"), reason="mood", by=by(w)), BadInput, "列表"),
        (lambda w: warn.release(warning=w.warning("general"), by=by(w)), Refused, "待批准"),
        (lambda w: warn.release(warning=w.warning("danger"), by=by(w)), warn.WarningExpired, "有效期"),
        (lambda w: warn.cancel(warning=w.warning("key"), reason="", by=by(w)), BadInput, "理由"),
        (lambda w: warn.acknowledge(acks=[(w.target(0, 3).pk, NOW())], how="pigeon", by=by(w)), BadInput, "pigeon"),
        (lambda w: warn.acknowledge(acks=[(10**9, NOW())], how="cadre", by=by(w)), NotFound, "不在预警名单"),
        (lambda w: warn.acknowledge(acks=[(w.target(2, 3).pk, NOW())], how="cadre", by=by(w, "village_cadre_a")),
         NotAllowed, "不在您负责"),
    ],
    "discover": [
        (lambda w: discover.report(event=w.event, reports=[report(w, 0, 1, door="window")], by=by(w)),
         BadInput, "渠道"),
        (lambda w: discover.report(event=w.event, reports=[report(w, 0, 1, kinds=["luck"])], by=by(w)),
         BadInput, "luck"),
        (lambda w: discover.report(event=w.event, reports=[report(w, 2, 1)], by=by(w, "village_cadre_a")),
         NotAllowed, "不在您负责"),
        (lambda w: discover.report(event=w.event, reports=[report(w, 0, 1), Report("x", "cadre", 10**9, NOW(), {})],
                                   by=by(w)), NotFound, "不在名册"),
        (lambda w: discover.take_in(leads=[w.lead(0, 1).pk, w.lead(0, 2).pk], by=by(w)),
         discover.NotPending, "待受理"),
        (lambda w: discover.take_in(leads=[w.lead(0, 1).pk, w.lead(2, 1).pk], by=by(w, "township_officer_a")),
         NotAllowed, "不在您负责"),
        (lambda w: discover.dismiss(lead=w.lead(0, 1), reason="tired", by=by(w)), BadInput, "列表"),
        (lambda w: discover.dismiss(lead=w.lead(0, 3), reason="no_harm", by=by(w)), discover.NotPending, "已核实"),
        (lambda w: discover.close_sweeps(sweeps=[w.sweep(0)], by=by(w, "village_cadre_a")), NotAllowed, "排查"),
        (lambda w: discover.close_sweeps(sweeps=[w.sweep(2)], by=by(w, "township_officer_a")), NotAllowed,
         "不在您负责"),
        (lambda w: discover.release(event=w.event, households=[(w.storm.household(0, 1).pk, "moved_away")], by=by(w)),
         discover.LeadOpen, "未办结"),
        (lambda w: discover.release(event=w.event, households=[(w.storm.household(1, 2).pk, "boring")], by=by(w)),
         BadInput, "boring"),
        (lambda w: discover.screen(event=w.event, source="x", rows=[], by=by(w, "village_cadre_a")),
         NotAllowed, "名单"),
    ],
    "verify": [
        (lambda w: visits.record_visits(visits=[visit(w, 0, 2), visit(w, 1, 1, uuid="b")], by=by(w)),
         visits.LeadOver, "已经办结"),
        (lambda w: visits.record_visits(visits=[visit(w, 0, 2, finding=None)], by=by(w)), BadInput, "核实结果"),
        (lambda w: visits.record_visits(visits=[visit(w, 0, 2, outcome="asleep")], by=by(w)), BadInput, "入户结果"),
        (lambda w: visits.record_visits(visits=[visit(w, 0, 2, at=NOW() + A_DAY)], by=by(w)),
         BadInput, "晚于今天"),
        (lambda w: visits.record_visits(visits=[visit(w, 0, 2, note="字" * 301)], by=by(w)), BadInput, "300"),
        (lambda w: visits.record_visits(visits=[visit(w, 0, 2, outcome="absent", finding=None)], by=by(w)),
         BadInput, "下次入户"),
        (lambda w: visits.record_visits(visits=[visit(w, 0, 2, finding=FindingReport(float("inf")))], by=by(w)),
         BadInput, "金额"),
        (lambda w: visits.record_visits(visits=[visit(w, 0, 2, finding=FindingReport(1.0, home_grade="F"))], by=by(w)),
         BadInput, "等级"),
        (lambda w: visits.record_visits(visits=[visit(w, 2, 2)], by=by(w, "village_cadre_a")),
         NotAllowed, "不在您负责"),
        (lambda w: visits.match(findings=[w.finding(0, 4).pk], by=by(w)), visits.AlreadyMatched, "已经比对"),
        (lambda w: visits.match(findings=[10**9], by=by(w)), NotFound, "不存在"),
        (lambda w: visits.match(findings=[w.finding(0, 3).pk], by=by(w, "village_cadre_a")), NotAllowed, "比对"),
    ],
    "decide": [
        (lambda w: decide.advance(moves=[step(w, 0, 4, "entered")], by=by(w)), Refused, "流转"),
        (lambda w: decide.advance(moves=[step(w, 0, 4, "publicity", version=7)], by=by(w)), Refused, "刷新页面"),
        (lambda w: decide.advance(moves=[step(w, 0, 4, "publicity"), step(w, 1, 3, "county_decide")], by=by(w)),
         Refused, "流转"),
        (lambda w: decide.advance(moves=[step(w, 0, 4, "not_confirmed")], by=by(w)), Refused, "理由"),
        (lambda w: decide.advance(moves=[step(w, 1, 3, "objection")], by=by(w)), Refused, "理由"),
        (lambda w: decide.advance(moves=[step(w, 2, 4, "publicity")], by=by(w, "village_cadre_a")),
         NotAllowed, "不在您"),
        (lambda w: decide.advance(moves=[step(w, 1, 5, "notice")], by=by(w, "township_officer_a")),
         NotAllowed, "县级"),
        (lambda w: decide.advance(moves=[step(w, 1, 5, "notice", category="rich", note="x")], by=by(w)),
         BadInput, "类别"),
        (lambda w: decide.advance(moves=[Move(10**9, 0, "publicity")], by=by(w)), NotFound, "没有这件认定"),
        (lambda w: decide.open_cases(by=by(w, "auditor")), NotAllowed, "民主评议"),
    ],
    "assist": [
        (lambda w: assist.plan(plans=[Plan(w.event.pk, w.storm.household(0, 5).pk, "gold")], by=by(w)),
         BadInput, "gold"),
        (lambda w: assist.plan(plans=[Plan(10**9, w.storm.household(0, 5).pk, "shelter")], by=by(w)),
         NotFound, "灾害"),
        (lambda w: assist.plan(plans=[Plan(w.event.pk, w.storm.household(0, 5).pk, "shelter", None, -1.0)], by=by(w)),
         BadInput, "不小于零"),
        (lambda w: assist.plan(plans=[Plan(w.event.pk, w.storm.household(k, 5).pk, "shelter") for k in (0, 2)],
                               by=by(w, "township_officer_a")), NotAllowed, "不在您负责"),
        (lambda w: assist.begin(measures=[w.measure(0, 5, "temporary_aid").pk], by=by(w)), Refused, "状态"),
        (lambda w: assist.deliver(deliveries=[(w.measure(0, 5, "relief_food").pk, 1.0, NOW() + timedelta(hours=1))],
                                  by=by(w)), BadInput, "晚于现在"),
        (lambda w: assist.receipt(receipts=[(w.measure(0, 5, "relief_food").pk, "签字", NOW())], by=by(w)),
         Refused, "状态"),
        (lambda w: assist.receipt(receipts=[(w.measure(0, 5, "temporary_aid").pk, " ", NOW())], by=by(w)),
         BadInput, "签收方式"),
        (lambda w: assist.stop(measure=w.measure(0, 5, "temporary_aid"), reason="x", by=by(w)), Refused, "状态"),
        (lambda w: assist.stop(measure=w.measure(0, 5, "relief_food"), reason=" ", by=by(w)), BadInput, "终止"),
    ],
    "clear": [
        (lambda w: clear.check(checks=[CheckReport(10**9, NOW(), 1.0)], by=by(w)), NotFound, "监测对象"),
        (lambda w: clear.check(checks=[CheckReport(w.episode(0, 5).pk, NOW() + A_DAY, 1.0)], by=by(w)),
         BadInput, "晚于现在"),
        (lambda w: clear.check(checks=[CheckReport(w.episode(0, 5).pk, NOW(), 1.0, ("luck",))], by=by(w)),
         BadInput, "luck"),
        (lambda w: clear.check(checks=[CheckReport(w.episode(2, 5).pk, NOW(), 1.0)], by=by(w, "village_cadre_a")),
         NotAllowed, "不在您负责"),
        (lambda w: clear.advance(moves=[clear.Move(10**9, 0, "review")], by=by(w)), NotFound, "没有这件消除"),
        (lambda w: clear.open_clearances(by=by(w, "county_director"), on=clock.today()), NotAllowed, "按月跟踪"),
    ],
    "registry": [
        (lambda w: registry.relocate(changes=[(w.storm.household(0, 1).pk, 999.0, 28.0)], by=by(w)),
         BadInput, "坐标"),
        (lambda w: registry.relocate(changes=[(10**9, 115.0, 28.0)], by=by(w)), NotFound, "不在名册"),
        (lambda w: registry.relocate(changes=[(w.storm.household(2, 1).pk, 115.5, 28.8)],
                                     by=by(w, "township_officer_a")), NotAllowed, "不在您负责"),
        (lambda w: registry.categorise(changes=[(w.storm.household(0, 1).pk, "rich", clock.today())], by=by(w),
                                       source="x"), BadInput, "rich"),
        (lambda w: registry.end_categories(changes=[(w.storm.household(0, 3).pk, "marginal", clock.today())],
                                           by=by(w, "village_cadre_a")), NotAllowed, "权限"),
        (lambda w: registry.enrol_reported(village="360123101999", head_name="x", phone="", size=1, by=by(w)),
         BadInput, "没有代码为"),
        (lambda w: registry.enrol_reported(village="360123101201", head_name="x", phone="", size=0, by=by(w)),
         BadInput, "至少为 1"),
    ],
    "office": [
        (lambda w: office.found_county(code="360124000000", name="x", synthetic=True, lon=0, lat=0),
         Refused, "已经建立"),
        (lambda w: office.enrol_divisions([("360199101000", "x", None, None)], synthetic=True), BadInput, "没有上级"),
        (lambda w: office.appoint(username="new", name="x", role="king", division=COUNTY, since=clock.today()),
         BadInput, "king"),
        (lambda w: office.appoint(username="new", name="x", role="auditor", division=COUNTY,
                                  since=clock.today(), by=by(w, "auditor")), NotAllowed, "岗位"),
        (lambda w: office.give_duty(duty="x", division=COUNTY, user=by(w), since=clock.today(),
                                    by=by(w, "duty_officer")), NotAllowed, "职责"),
        (lambda w: office.set_password(user=by(w, "auditor"), password="short", by=by(w, "auditor")), BadInput, "12"),
        (lambda w: office.set_password(user=by(w, "auditor"), password="long enough for it", by=by(w, "duty_officer")),
         NotAllowed, "账号"),
    ],
    "dispatch and account": [
        (lambda w: dispatch.route(kind="sms", channel="smoke", by=by(w, "administrator")), BadInput, "smoke"),
        (lambda w: dispatch.route(kind="sms", channel="file", by=by(w, "duty_officer")), NotAllowed, "权限"),
        (lambda w: account.report(event=w.event, by=by(w, "auditor")), NotAllowed, "应对报告"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("room", REFUSED)
def test_a_refused_deed_changes_nothing_and_says_why(midway, room):
    before = everything()
    for place, (deed, kind, sentence) in enumerate(REFUSED[room]):
        with pytest.raises(kind, match=sentence) as refused, transaction.atomic():
            deed(midway)
        assert str(refused.value).endswith(("。", "：", "）")) or "：" in str(refused.value), (room, place)
        assert changed(before, everything()) == set(), (room, place)
    assert verify().verified
