"""A phone that sends twice, a worker that wakes up again, a button pressed twice: the second time is harmless."""

from datetime import timedelta

import pytest
from tests.county.snapshot import changed, everything
from tests.stories.test_refusals import report

from anlan.county import clock
from anlan.county.assist import actions as assist
from anlan.county.assist.actions import Plan
from anlan.county.clear import actions as clear
from anlan.county.clear.actions import CheckReport
from anlan.county.decide import actions as decide
from anlan.county.discover import actions as discover
from anlan.county.dispatch import actions as dispatch
from anlan.county.dispatch.actions import Draft
from anlan.county.dispatch.models import Message
from anlan.county.office import actions as office
from anlan.county.office.queries import machine
from anlan.county.registry import actions as registry
from anlan.county.registry.models import Category
from anlan.county.sense import actions as sense
from anlan.county.verify import actions as visits
from anlan.county.verify.actions import FindingReport, VisitReport
from anlan.county.warn import actions as warn
from anlan.county.warn.models import Target

VILLAGE = "360123101201"


def visit(world, at):
    return VisitReport(
        "phone-1", world.lead(0, 2).pk, machine().pk, at - timedelta(hours=1), "harmed", True, "",
        finding=FindingReport(5000.0),
    )  # fmt: skip


def a_message(world):
    return Draft("again/1", "sms", "10000000000", VILLAGE, "示例", "示例")


DEEDS = {
    "load_reference": lambda w, at: office.load_reference(),
    "routes": lambda w, at: dispatch.load_reference(),
    "draft": lambda w, at: warn.draft(event=w.event, by=machine()),
    "acknowledge": lambda w, at: warn.acknowledge(
        acks=[(w.target(0, 3).pk, at - timedelta(minutes=5))], how="cadre", by=machine()
    ),
    "report": lambda w, at: discover.report(event=w.event, reports=[report(w, 1, 2)], by=machine()),
    "report_self": lambda w, at: discover.report_self(
        event=w.event, key="receipt-1", village=VILLAGE, head_name="示例新户", phone="", size=2, claim={},
        by=machine(),
    ),
    "open_sweeps": lambda w, at: discover.open_sweeps(event=w.event, by=machine()),
    "release": lambda w, at: discover.release(
        event=w.event, households=[(w.storm.household(1, 2).pk, "moved_away")], by=machine()
    ),
    "record_visits": lambda w, at: visits.record_visits(visits=[visit(w, at)], by=machine()),
    "open_cases": lambda w, at: decide.open_cases(by=machine()),
    "plan": lambda w, at: assist.plan(plans=[Plan(w.event.pk, w.storm.household(2, 4).pk, "shelter")], by=machine()),
    "check": lambda w, at: clear.check(
        checks=[CheckReport(w.episode(0, 5).pk, at - timedelta(hours=2), 9000.0)], by=machine()
    ),
    "open_clearances": lambda w, at: clear.open_clearances(by=machine(), on=clock.today()),
    "categorise": lambda w, at: registry.categorise(
        changes=[(w.storm.household(0, 1).pk, "disabled", clock.today())], by=machine(), source="test"
    ),
    "end_categories": lambda w, at: registry.end_categories(
        changes=[(w.storm.household(0, 3).pk, "marginal", clock.today())], by=machine()
    ),
    "enqueue": lambda w, at: dispatch.enqueue(drafts=[a_message(w)]),
    "observe": lambda w, at: sense.observe(readings=[("S1", at - timedelta(hours=1), 12.5)], by=machine()),
    "expire": lambda w, at: warn.expire(by=machine()),
}  # fmt: skip


@pytest.fixture
def world(midway):
    sense.enrol_stations(rows=[("S1", "示例站", VILLAGE, "rain_24h_mm", 115.6, 28.9)], by=machine())
    return midway


@pytest.mark.parametrize("name", DEEDS)
def test_the_second_time_changes_nothing(world, name):
    at = clock.now()  # what is said the second time is what was said the first
    DEEDS[name](world, at)
    once = everything()
    clock.advance(timedelta(minutes=3))
    DEEDS[name](world, at)
    assert changed(once, everything()) == set()


def test_nothing_to_do_writes_no_line_and_starts_no_clock(world):
    before = everything()
    assert visits.record_visits(visits=[], by=machine()) == 0
    assert visits.match(findings=[], by=machine()) == 0
    assert discover.report(event=world.event, reports=[], by=machine()) == []
    assert discover.take_in(leads=[], by=machine()) == 0
    assert discover.release(event=world.event, households=[], by=machine()) == 0
    assert decide.advance(moves=[], by=machine()) == 0
    assert clear.advance(moves=[], by=machine()) == 0
    assert clear.check(checks=[], by=machine()) == 0
    assert assist.plan(plans=[], by=machine()) == 0
    assert assist.deliver(deliveries=[], by=machine()) == 0
    assert warn.acknowledge(acks=[], how="reply", by=machine()) == 0
    assert registry.relocate(changes=[], by=machine()) == 0
    assert registry.categorise(changes=[], by=machine(), source="x") == 0
    assert registry.end_categories(changes=[], by=machine()) == 0
    assert registry.enrol(records=[], by=machine(), source="x") == 0
    assert sense.observe(readings=[], by=machine()) == 0
    assert dispatch.enqueue(drafts=[]) == {}
    assert dispatch.deliver(receipts=[]) == dispatch.fail(failures=[]) == dispatch.cancel(keys=[]) == 0
    assert changed(before, everything()) == set()


def test_a_receipt_and_a_failure_of_one_message_leave_it_delivered(world):
    (number,) = dispatch.enqueue(drafts=[a_message(world)]).values()
    at = clock.now()
    assert dispatch.deliver(receipts=[(number, at), (number, at + timedelta(hours=1)), (10**9, at)]) == 1
    assert dispatch.fail(failures=[(number, at, "late")]) == 0
    assert dispatch.deliver(receipts=[(number, at + timedelta(days=1))]) == 0
    message = Message.objects.get(pk=number)
    assert (message.delivered_at, message.failed_at) == (at, None)
    assert message.handed_at == at  # the receipt overtook our own record of handing over


def test_the_first_word_about_a_household_counts_whoever_says_it_later(world):
    target, at = world.target(0, 3), clock.now()
    warn.acknowledge(acks=[(target.pk, at), (target.pk, at - timedelta(minutes=9))], how="reply", by=machine())
    assert warn.acknowledge(acks=[(target.pk, at - timedelta(hours=1))], how="cadre", by=machine()) == 0
    told = Target.objects.get(pk=target.pk)
    assert (told.acknowledged_at, told.acknowledged_how) == (at - timedelta(minutes=9), "reply")


def test_a_category_ended_on_the_day_it_began_stays_as_history(world):
    home = world.storm.household(0, 1).pk
    registry.categorise(changes=[(home, "disabled", clock.today())], by=machine(), source="test")
    assert registry.end_categories(changes=[(home, "disabled", clock.today())], by=machine()) == 1
    (row,) = Category.objects.filter(household=home, kind="disabled")
    assert (row.since, row.until) == (clock.today(), clock.today() + timedelta(days=1))
    assert registry.categorise(changes=[(home, "disabled", clock.today() + timedelta(days=2))], by=machine(),
                               source="test") == 1  # fmt: skip
