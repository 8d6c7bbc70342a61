"""Every deed is for the roles that carry its permission, where they carry it, and for nobody else."""

from datetime import timedelta

import pytest
from django.db import transaction
from tests.county.cases import follow
from tests.county.snapshot import changed, everything
from tests.stories.test_refusals import report, step, visit

from anlan.county import clock
from anlan.county.account import actions as account
from anlan.county.assist import actions as assist
from anlan.county.assist.actions import Plan
from anlan.county.clear import actions as clear
from anlan.county.clear.actions import CheckReport
from anlan.county.clear.models import Clearance
from anlan.county.decide import actions as decide
from anlan.county.discover import actions as discover
from anlan.county.dispatch import actions as dispatch
from anlan.county.errors import NotAllowed
from anlan.county.foresee import actions as foresee
from anlan.county.ledger.models import Entry
from anlan.county.office import actions as office
from anlan.county.office.permissions import Unpermitted
from anlan.county.office.roles import ROLES
from anlan.county.registry import actions as registry
from anlan.county.sense import actions as sense
from anlan.county.verify import actions as visits
from anlan.county.warn import actions as warn

VILLAGE = "360123101201"
SUFFIXED = {"township_officer", "village_cadre"}

# A deed on something of the first township, and the permission it asks for.
DEEDS = {
    "open_event": ("sense.open", lambda w, by: sense.open_event(by=by, hazard="flood", codes=[VILLAGE])),
    "close_event": ("sense.open", lambda w, by: sense.close_event(event=w.event, by=by)),
    "observe": ("sense.receive", lambda w, by: sense.observe(readings=[], by=by)),
    "foresee": ("foresee.run", lambda w, by: foresee.foresee(event=w.event, by=by)),
    "draft": ("warn.draft", lambda w, by: warn.draft(event=w.event, by=by)),
    "edit": ("warn.draft", lambda w, by: warn.edit(warning=w.warning("general"), sms="暴雨", voice="暴雨", by=by)),
    "send_back": ("warn.approve", lambda w, by: warn.send_back(warning=w.warning("general"), reason="area", by=by)),
    "cancel": ("warn.cancel", lambda w, by: warn.cancel(warning=w.warning("general"), reason="过去了", by=by)),
    "expire": ("warn.cancel", lambda w, by: warn.expire(by=by)),
    "acknowledge": ("warn.acknowledge", lambda w, by: warn.acknowledge(
        acks=[(w.target(0, 3).pk, clock.now())], how="cadre", by=by)),
    "report": ("discover.report", lambda w, by: discover.report(event=w.event, reports=[report(w, 0, 1)], by=by)),
    "report for a department": ("discover.screen", lambda w, by: discover.report(
        event=w.event, reports=[report(w, 0, 1, door="dept")], by=by)),
    "take_in": ("discover.take_in", lambda w, by: discover.take_in(leads=[w.lead(0, 1).pk], by=by)),
    "dismiss": ("discover.take_in", lambda w, by: discover.dismiss(lead=w.lead(0, 1), reason="no_harm", by=by)),
    "open_sweeps": ("discover.sweep", lambda w, by: discover.open_sweeps(event=w.event, by=by)),
    "close_sweeps": ("discover.sweep", lambda w, by: discover.close_sweeps(sweeps=[w.sweep(0)], by=by)),
    "release": ("discover.release", lambda w, by: discover.release(
        event=w.event, households=[(w.storm.household(1, 2).pk, "moved_away")], by=by)),
    "screen": ("discover.screen", lambda w, by: discover.screen(event=w.event, source="x", rows=[], by=by)),
    "visit": ("verify.visit", lambda w, by: visits.record_visits(visits=[visit(w, 0, 2)], by=by)),
    "match": ("verify.match", lambda w, by: visits.match(findings=[w.finding(0, 3).pk], by=by)),
    "open_cases": ("decide.village", lambda w, by: decide.open_cases(by=by)),
    "publish": ("decide.village", lambda w, by: decide.advance(moves=[step(w, 0, 4, "publicity")], by=by)),
    "check in town": ("decide.town", lambda w, by: decide.advance(moves=[step(w, 1, 4, "county_decide")], by=by)),
    "decide": ("decide.county", lambda w, by: decide.advance(moves=[step(w, 1, 5, "notice")], by=by)),
    "plan": ("assist.plan", lambda w, by: assist.plan(
        plans=[Plan(w.event.pk, w.storm.household(0, 4).pk, "shelter")], by=by)),
    "stop": ("assist.plan", lambda w, by: assist.stop(
        measure=w.measure(0, 5, "relief_food"), reason="不再需要", by=by)),
    "deliver": ("assist.deliver", lambda w, by: assist.deliver(
        deliveries=[(w.measure(0, 5, "relief_food").pk, 1.0, clock.now())], by=by)),
    "receipt": ("assist.receipt", lambda w, by: assist.receipt(
        receipts=[(w.measure(0, 5, "temporary_aid").pk, "签字", clock.now())], by=by)),
    "open_clearances": ("clear.village", lambda w, by: clear.open_clearances(by=by, on=clock.today())),
    "relocate": ("registry.write", lambda w, by: registry.relocate(
        changes=[(w.storm.household(0, 1).pk, 115.6, 28.9)], by=by)),
    "water sources": ("registry.import", lambda w, by: registry.enrol_water_sources(
        rows=[("W1", VILLAGE, "central", "示例水厂")], by=by)),
    "route": ("office.write", lambda w, by: dispatch.route(kind="sms", channel="file", by=by)),
    "appoint": ("office.write", lambda w, by: office.appoint(
        username="new", name="示例", role="auditor", division=VILLAGE, since=clock.today(), by=by)),
    "account.report": ("account.report", lambda w, by: account.report(event=w.event, by=by)),
}  # fmt: skip
CHECKERS = {"clear.village", "clear.town"}


def person(world, role, township="a"):
    return world.people[f"{role}_{township}" if role in SUFFIXED else role]


@pytest.mark.clause("L1")
@pytest.mark.parametrize("name", DEEDS)
def test_a_deed_is_done_by_those_who_may_and_changes_nothing_for_the_others(midway, name):
    permission, deed = DEEDS[name]
    before = everything()
    able = 0
    for role in ROLES.values():
        by = person(midway, role.key)
        if permission not in role.permissions:
            with pytest.raises(Unpermitted) as refused, transaction.atomic():
                deed(midway, by)
            assert refused.value.permission == permission, role.key
            assert changed(before, everything()) == set(), role.key
            continue
        able += 1
        with transaction.atomic():
            lines = Entry.objects.count()
            deed(midway, by)
            assert set(Entry.objects.filter(seq__gt=lines).values_list("by", flat=True)) <= {by.username, "anlan"}
            transaction.set_rollback(True)
    assert able > 0


IN_PLACE = [
    name for name, (permission, _deed) in DEEDS.items()
    if name not in {"open_sweeps", "open_cases", "open_clearances", "observe", "expire", "screen", "appoint"}
    and any(permission in ROLES[role].permissions for role in SUFFIXED)
]  # fmt: skip


@pytest.mark.clause("L1")
@pytest.mark.parametrize("name", IN_PLACE)
def test_the_other_townships_people_are_told_that_it_is_not_theirs(midway, name):
    permission, deed = DEEDS[name]
    before = everything()
    for role in sorted(SUFFIXED):
        if permission in ROLES[role].permissions:
            with pytest.raises(NotAllowed, match="不在您负责的区划内"), transaction.atomic():
                deed(midway, person(midway, role, "b"))
            assert changed(before, everything()) == set(), role


@pytest.mark.parametrize("role", ROLES)
def test_a_month_is_checked_by_the_village_and_its_township(midway, role):
    reports = [CheckReport(midway.episode(0, 5).pk, clock.now(), 12000.0)]
    if CHECKERS & ROLES[role].permissions:
        assert clear.check(checks=reports, by=person(midway, role)) == 1
    else:
        with pytest.raises(NotAllowed):
            clear.check(checks=reports, by=person(midway, role))


@pytest.mark.clause("A2")
def test_nobody_signs_twice_for_one_household_neither_in_nor_out(midway, people):
    """One person in two posts: what was checked in the township is approved by somebody else in the county."""
    both = people["township_officer_a"]
    office.appoint(username=both.username, name=both.name, role="county_director", division="360123000000",
                   since=clock.today())  # fmt: skip
    both = type(both).objects.get(pk=both.pk)
    decide.advance(moves=[step(midway, 1, 4, "county_decide")], by=both)
    before = everything()
    with pytest.raises(decide.SignedBefore), transaction.atomic():
        decide.advance(moves=[step(midway, 1, 4, "notice")], by=both)
    assert changed(before, everything()) == set()
    decide.advance(moves=[step(midway, 1, 4, "notice")], by=people["county_director"])

    follow([midway.episode(0, 5)], 7)
    assert clear.open_clearances(by=people["anlan"], on=clock.today()) == 1

    def move(to, by):
        found = Clearance.objects.get()
        clear.advance(moves=[clear.Move(found.pk, found.version, to)], by=by)

    for to in ("review", "publicity"):
        move(to, people["village_cadre_a"])
    clock.advance(timedelta(days=6))
    move("town_check", people["village_cadre_a"])
    move("county_decide", both)
    with pytest.raises(clear.SignedBefore), transaction.atomic():
        move("cleared", both)
    move("cleared", people["county_director"])
    assert Clearance.objects.get().state == "cleared"
