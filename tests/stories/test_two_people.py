"""Two people at one thing at once: the first does it, the second is told what happened, and nothing is done twice."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from tests.county.cases import follow
from tests.county.snapshot import changed, everything
from tests.stories.test_refusals import step, visit

from anlan.county import clock
from anlan.county.assist import actions as assist
from anlan.county.assist.actions import OutOfOrder, Plan
from anlan.county.assist.models import Measure
from anlan.county.clear import actions as clear
from anlan.county.clear.models import Clearance
from anlan.county.decide import actions as decide
from anlan.county.decide.chain import AlreadyMoved
from anlan.county.decide.models import Step
from anlan.county.discover import actions as discover
from anlan.county.discover.models import Lead
from anlan.county.office import actions as office
from anlan.county.office.models import Holder
from anlan.county.office.queries import machine
from anlan.county.registry import actions as registry
from anlan.county.sense import actions as sense
from anlan.county.verify import actions as visits
from anlan.county.verify.models import Finding


def refused(kind, deed):
    """The deed is refused by this kind of refusal, and changes nothing."""
    before = everything()
    with pytest.raises(kind) as told, transaction.atomic():
        deed()
    assert changed(before, everything()) == set()
    return str(told.value)


def test_two_county_officers_with_the_same_case_open(midway, people):
    seen = [step(midway, 1, 5, "notice"), step(midway, 1, 5, "not_confirmed", note="另有意见")]
    decide.advance(moves=seen[:1], by=people["county_director"])
    told = refused(AlreadyMoved, lambda: decide.advance(moves=seen[1:], by=machine()))
    assert "刷新页面" in told
    assert midway.case(1, 5).state == "notice"
    assert Step.objects.filter(case=midway.case(1, 5), after="not_confirmed").count() == 0


def test_a_stale_case_in_a_batch_holds_all_of_it_back(midway, people):
    batch = [step(midway, 0, 4, "publicity"), step(midway, 1, 3, "town_check")]
    decide.advance(moves=[step(midway, 1, 3, "objection", note="邻居有异议")], by=machine())
    refused(AlreadyMoved, lambda: decide.advance(moves=batch, by=machine()))
    assert (midway.case(0, 4).state, midway.case(1, 3).state) == ("review", "objection")


def test_the_same_case_twice_in_one_batch(midway):
    twice = [step(midway, 0, 4, "publicity"), step(midway, 0, 4, "publicity")]
    refused(AlreadyMoved, lambda: decide.advance(moves=twice, by=machine()))


def test_two_clerks_with_the_same_clearance_open(midway, people):
    follow([midway.episode(0, 5)], 7)
    clear.open_clearances(by=machine(), on=clock.today())
    found = Clearance.objects.get()
    first = clear.Move(found.pk, found.version, "review")
    second = clear.Move(found.pk, found.version, "refused", note="还不稳定")
    clear.advance(moves=[first], by=people["village_cadre_a"])
    refused(AlreadyMoved, lambda: clear.advance(moves=[second], by=people["village_cadre_a"]))
    refused(AlreadyMoved, lambda: clear.advance(moves=[first], by=people["village_cadre_a"]))
    assert Clearance.objects.get().state == "review"


def test_a_lead_is_taken_in_by_one_and_dismissed_by_another(midway, people):
    lead = midway.lead(0, 1)
    discover.take_in(leads=[lead.pk], by=people["township_officer_a"])
    told = refused(discover.NotPending, lambda: discover.take_in(leads=[lead.pk], by=people["village_cadre_a"]))
    assert "待受理" in told
    discover.dismiss(lead=lead, reason="untrue", by=people["township_officer_a"])  # a lead taken in may still be
    refused(discover.NotPending, lambda: discover.dismiss(lead=lead, reason="untrue", by=people["village_cadre_a"]))
    refused(visits.LeadOver, lambda: visits.record_visits(visits=[visit(midway, 0, 1)], by=machine()))


def test_two_cadres_at_one_door_make_one_finding_of_what_the_later_saw(midway, people):
    earlier = visit(midway, 0, 2, uuid="one", at=clock.now() - timedelta(hours=2))
    later = visit(midway, 0, 2, uuid="two", finding=visits.FindingReport(7000.0))
    visits.record_visits(visits=[earlier], by=people["village_cadre_a"])
    visits.record_visits(visits=[later], by=people["village_cadre_a"])
    found = Finding.objects.get(lead=midway.lead(0, 2))
    assert (found.income_per_head_yuan, found.made_at, found.visit.uuid) == (7000.0, later.at, "two")


def test_two_departments_compare_one_finding(midway, people):
    finding = midway.finding(0, 3)
    visits.match(findings=[finding.pk], by=people["department_clerk"])
    refused(visits.AlreadyMatched, lambda: visits.match(findings=[finding.pk], by=machine()))
    finding.refresh_from_db()
    assert finding.matched_by == people["department_clerk"]


def test_two_people_plan_the_same_help_and_the_household_gets_it_once(midway, people):
    wish = Plan(midway.event.pk, midway.storm.household(0, 4).pk, "shelter")
    assert assist.plan(plans=[wish, wish], by=people["township_officer_a"]) == 1
    assert assist.plan(plans=[wish], by=people["duty_officer"]) == 0
    assert Measure.objects.filter(household=midway.storm.household(0, 4), kind="shelter").count() == 1


def test_a_measure_stopped_by_one_is_not_delivered_by_another(midway, people):
    measure = midway.measure(0, 5, "relief_food")
    assist.stop(measure=measure, reason="已由邻县送到", by=people["township_officer_a"])
    late = [(measure.pk, 100.0, clock.now())]
    refused(OutOfOrder, lambda: assist.deliver(deliveries=late, by=people["village_cadre_a"]))
    measure.refresh_from_db()
    assert (measure.state, measure.delivered_yuan) == ("stopped", 0.0)


def test_an_event_is_closed_once_and_its_leads_go_on(midway, people):
    open_ = Lead.objects.filter(closed_at__isnull=True).count()
    sense.close_event(event=midway.event, by=people["duty_officer"], reason="雨停")
    told = refused(sense.EventOver, lambda: sense.close_event(event=midway.event, by=people["duty_officer_2"]))
    assert "已经结束" in told
    assert Lead.objects.filter(closed_at__isnull=True).count() == open_
    assert discover.take_in(leads=[midway.lead(0, 1).pk], by=people["township_officer_a"]) == 1


def test_a_sweep_is_closed_once(midway, people):
    discover.close_sweeps(sweeps=[midway.sweep(0)], by=people["township_officer_a"])
    refused(discover.AlreadySwept, lambda: discover.close_sweeps(sweeps=[midway.sweep(0)], by=people["duty_officer"]))
    assert midway.sweep(0).closed_by == people["township_officer_a"]


def test_two_households_reported_at_once_get_serials_of_their_own(midway, people):
    words = {"village": "360123101201", "phone": "", "size": 3, "by": people["village_cadre_a"]}
    first = registry.enrol_reported(head_name="示例新甲", **words)
    second = registry.enrol_reported(head_name="示例新乙", **words)
    assert int(second.code) == int(first.code) + 1
    assert not first.registered
    assert not second.registered


def test_a_duty_has_one_holder_at_a_time(midway, people):
    for day, name in enumerate(("duty_officer", "duty_officer_2")):
        office.give_duty(duty="warn_release", division="360123000000", user=people[name],
                         since=clock.today() + timedelta(days=day))  # fmt: skip
    holders = Holder.objects.filter(duty_id="warn_release", division_id="360123000000").order_by("since")
    assert [(each.user, each.until) for each in holders] == [
        (people["duty_officer"], clock.today() + timedelta(days=1)), (people["duty_officer_2"], None),
    ]  # fmt: skip


def test_on_the_screen_the_second_is_told_and_can_go_on(midway, people, client):
    case = midway.case(1, 4)
    client.force_login(people["township_officer_a"])
    page = reverse("decide:case", args=[midway.event.code, case.household.code])
    assert client.get(page).status_code == 200
    decide.advance(moves=[step(midway, 1, 4, "county_decide")], by=machine())
    before = everything()
    answer = client.post(
        reverse("decide:move", args=[midway.event.code, case.household.code]),
        {"to": "county_decide", "version": case.version},
    )
    assert answer.status_code == 409
    assert "刚被别人处理过" in answer.text
    assert "没有办成" in answer.text
    assert changed(before, everything()) == set()
    assert client.get(page).status_code == 200
