"""Planning, delivering, receipting and stopping measures."""

from datetime import timedelta
from math import inf, nan

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.county.cases import UNSAFE, entered, found, lead, visit, walk

from anlan.county import clock
from anlan.county.account.queries import late
from anlan.county.assist.actions import (
    KindUnknown,
    OutOfOrder,
    OverLimit,
    OwnedElsewhere,
    Plan,
    begin,
    deliver,
    plan,
    receipt,
    stop,
)
from anlan.county.assist.models import Measure
from anlan.county.discover.actions import dismiss
from anlan.county.discover.rules import DISMISSALS
from anlan.county.errors import BadInput, NotAllowed, NotFound
from anlan.county.ledger.models import Entry
from anlan.county.office.actions import appoint
from anlan.county.office.models import Appointment, Clock, User
from anlan.engine import policy


@pytest.fixture
def household(storm):
    """A household of two in village A."""
    return storm.household(0, 5)


@pytest.fixture
def truck(storm, household, people):
    """Water by truck, planned before any decision."""
    plan(plans=[Plan(storm.event.pk, household.pk, "water_truck")], by=people["duty_officer"])
    return Measure.objects.get()


def running(kind: str) -> list[str]:
    return list(Clock.objects.filter(kind=kind, stopped_at__isnull=True).values_list("about", flat=True))


@pytest.mark.clause("H5", "R1", "W2")
def test_urgent_help_is_planned_without_waiting_for_a_decision(storm, household, truck):
    assert (truck.state, truck.owner_id, truck.axis, truck.episode) == ("planned", "water", "water", None)
    assert truck.amount_yuan == 60 * household.size
    assert truck.due_at == clock.now() + timedelta(days=1)
    about = f"measure:{storm.event.code}/{household.code}/water_truck"
    assert running("measure") == [about]
    assert Clock.objects.get(kind="measure").unit == "water"
    assert Entry.objects.filter(verb="assist.plan", about=about).count() == 1


def test_a_measure_of_a_kind_runs_once_and_joins_the_episode_later(storm, household, truck, people):
    episode = entered(storm.event, household, finding=UNSAFE)[0]
    again = Plan(storm.event.pk, household.pk, "water_truck", episode_id=episode.pk)
    assert plan(plans=[again, again], by=people["township_officer_a"]) == 0
    assert Measure.objects.get().episode == episode
    without = Plan(storm.event.pk, household.pk, "water_truck")
    assert plan(plans=[without], by=people["township_officer_a"]) == 0
    assert Measure.objects.get().episode == episode


def test_a_stopped_measure_may_be_planned_anew(storm, household, truck, people):
    stop(measure=truck, reason="供水已恢复", by=people["duty_officer"])
    assert running("measure") == []
    assert plan(plans=[Plan(storm.event.pk, household.pk, "water_truck")], by=people["duty_officer"]) == 1
    assert len(running("measure")) == 1


@pytest.mark.clause("M6")
def test_the_days_for_measures_end_when_every_broken_axis_has_one(storm, household, people):
    episode = entered(storm.event, household, finding=UNSAFE)[0]
    about = f"episode:{storm.event.code}/{household.code}"
    assert running("measures") == [about]

    def plan_one(kind):
        plan(plans=[Plan(storm.event.pk, household.pk, kind, episode.pk)], by=people["township_officer_a"])

    plan_one("temporary_aid")
    plan_one("house_repair")
    assert running("measures") == [about]
    plan_one("water_test")
    assert running("measures") == []


def test_an_amount_may_be_set_but_not_below_zero_nor_beyond_what_the_product_lends(storm, household, people):
    def plan_one(kind, yuan):
        plan(plans=[Plan(storm.event.pk, household.pk, kind, amount_yuan=yuan)], by=people["township_officer_a"])

    for wrong in (-1.0, inf, nan):
        with pytest.raises(BadInput):
            plan_one("loan_new", wrong)
    with pytest.raises(OverLimit, match="100000"):
        plan_one("loan_new", 100001.0)
    plan_one("loan_new", 30000.0)
    assert Measure.objects.get().amount_yuan == 30000.0


def test_what_the_catalogue_or_the_registry_does_not_know_is_refused(storm, household, people):
    by = people["duty_officer"]
    with pytest.raises(KindUnknown, match="gold"):
        plan(plans=[Plan(storm.event.pk, household.pk, "gold")], by=by)
    for event, home in ((storm.event.pk, 0), (0, household.pk)):
        with pytest.raises(NotFound):
            plan(plans=[Plan(event, home, "shelter")], by=by)
    assert not Measure.objects.exists()


def test_nobody_plans_in_another_township_nor_without_the_right(storm, household, people):
    for hand in ("township_officer_b", "village_cadre_a", "auditor"):
        with pytest.raises(NotAllowed):
            plan(plans=[Plan(storm.event.pk, household.pk, "shelter")], by=people[hand])
    assert not Measure.objects.exists()


@pytest.mark.clause("W5", "W6")
def test_a_measure_is_begun_delivered_and_receipted(truck, people):
    assert begin(measures=[truck.pk], by=people["township_officer_a"]) == 1
    clock.advance(timedelta(hours=6))
    at = clock.now()
    assert deliver(deliveries=[(truck.pk, 110.0, at)], by=people["township_officer_a"]) == 1
    assert receipt(receipts=[(truck.pk, " 本人签字 ", at)], by=people["village_cadre_a"]) == 1
    truck.refresh_from_db()
    assert (truck.state, truck.delivered_yuan, truck.receipt) == ("receipted", 110.0, "本人签字")
    assert (truck.delivered_by, truck.delivered_at, truck.receipted_at) == (people["township_officer_a"], at, at)
    assert Clock.objects.get(kind="measure").stopped_at == at
    assert [entry.verb for entry in Entry.objects.filter(about__startswith="measure:")] == [
        "assist.plan", "assist.begin", "assist.deliver", "assist.receipt",
    ]  # fmt: skip


@pytest.mark.clause("H5", "M6")
def test_help_before_the_decision_leaves_the_formalities_with_a_clock(storm, household, truck, people):
    lead(storm.event, household)
    clock.advance(timedelta(days=1))
    at = clock.now()
    deliver(deliveries=[(truck.pk, 110.0, at - timedelta(hours=3))], by=people["township_officer_a"])
    (owed,) = Clock.objects.filter(kind="formalities")
    assert owed.about == f"lead:{storm.event.code}/{household.code}"
    assert (owed.unit, owed.division_id, owed.event_code) == ("township", household.division_id, storm.event.code)
    assert owed.started_at == at - timedelta(hours=3)
    assert (owed.due_at - owed.started_at).days == policy.on(clock.today()).number("clock_formalities_days")
    clock.advance(timedelta(days=15))
    assert "formalities" in {each.kind for each in late(people["township_officer_a"], clock.now())}
    walk(*found(storm.event, household))
    assert Clock.objects.get(kind="formalities").stopped_at is not None


def test_more_help_does_not_give_the_formalities_more_time(storm, household, truck, people):
    lead(storm.event, household)
    plan(plans=[Plan(storm.event.pk, household.pk, "house_repair")], by=people["duty_officer"])
    first = clock.now()
    deliver(deliveries=[(truck.pk, 110.0, first)], by=people["anlan"])
    clock.advance(timedelta(days=2))
    other = Measure.objects.exclude(pk=truck.pk).get()
    deliver(deliveries=[(other.pk, 1.0, clock.now())], by=people["anlan"])
    assert Clock.objects.get(kind="formalities").started_at == first


def test_of_several_at_once_the_first_begins_the_formalities(storm, household, truck, people):
    lead(storm.event, household)
    plan(plans=[Plan(storm.event.pk, household.pk, "house_repair")], by=people["duty_officer"])
    other = Measure.objects.exclude(pk=truck.pk).get()
    clock.advance(timedelta(hours=9))
    early, now = clock.now() - timedelta(hours=5), clock.now()
    deliver(deliveries=[(truck.pk, 1.0, now), (other.pk, 1.0, early)], by=people["anlan"])
    assert Clock.objects.get(kind="formalities").started_at == early


def test_help_that_needs_no_formalities_has_no_such_clock(storm, household, truck, people):
    deliver(deliveries=[(truck.pk, 1.0, clock.now())], by=people["anlan"])  # nobody has reported this household
    other = storm.household(0, 4)
    entered(storm.event, other)
    plan(plans=[Plan(storm.event.pk, other.pk, "house_repair")], by=people["duty_officer"])
    late_help = Measure.objects.get(household=other, kind="house_repair")
    deliver(deliveries=[(late_help.pk, 1.0, clock.now())], by=people["anlan"])  # decided already
    assert not Clock.objects.filter(kind="formalities").exists()


@pytest.mark.parametrize("how", ["unharmed", "dismissed"])
def test_the_formalities_end_with_the_lead(storm, household, truck, people, how):
    (one,) = lead(storm.event, household)
    deliver(deliveries=[(truck.pk, 1.0, clock.now())], by=people["anlan"])
    if how == "dismissed":
        dismiss(lead=one, reason=min(DISMISSALS), by=people["anlan"])
    else:
        visit(storm.event, household, outcome="unharmed")
    assert Clock.objects.get(kind="formalities").stopped_at == clock.now()


def test_a_stopped_measure_is_not_delivered(truck, people):
    stop(measure=truck, reason="户主外出", by=people["duty_officer"])
    with pytest.raises(OutOfOrder):
        deliver(deliveries=[(truck.pk, 0.0, clock.now())], by=people["township_officer_a"])
    truck.refresh_from_db()
    assert (truck.state, truck.delivered_at) == ("stopped", None)


def test_what_was_delivered_is_not_stopped_nor_delivered_again(truck, people):
    once = [(truck.pk, 0.0, clock.now())]
    deliver(deliveries=once, by=people["township_officer_a"])
    with pytest.raises(OutOfOrder):
        stop(measure=truck, reason="x", by=people["duty_officer"])
    with pytest.raises(OutOfOrder):
        deliver(deliveries=once, by=people["township_officer_a"])


def test_a_receipt_follows_a_delivery_and_says_how(truck, people):
    cadre, at = people["village_cadre_a"], clock.now()
    with pytest.raises(OutOfOrder):
        receipt(receipts=[(truck.pk, "签字", at)], by=cadre)
    deliver(deliveries=[(truck.pk, 0.0, at)], by=people["township_officer_a"])
    for text, when in ((" ", at), ("签字", at - timedelta(hours=1)), ("签字", at + timedelta(hours=1))):
        with pytest.raises(BadInput):
            receipt(receipts=[(truck.pk, text, when)], by=cadre)
    with pytest.raises(NotAllowed):
        receipt(receipts=[(truck.pk, "签字", at)], by=people["auditor"])


def test_a_delivery_lies_not_in_the_future_and_costs_no_less_than_nothing(truck, people):
    for yuan, at in ((-1.0, clock.now()), (1.0, clock.now() + timedelta(hours=1))):
        with pytest.raises(BadInput):
            deliver(deliveries=[(truck.pk, yuan, at)], by=people["township_officer_a"])


def test_a_measure_is_named_once_and_exists(truck, people):
    at = clock.now()
    with pytest.raises(NotFound):
        begin(measures=[truck.pk, 0], by=people["township_officer_a"])
    with pytest.raises(BadInput):
        deliver(deliveries=[(truck.pk, 0.0, at), (truck.pk, 0.0, at)], by=people["township_officer_a"])


def test_nobody_delivers_in_another_township(truck, people):
    with pytest.raises(NotAllowed):
        deliver(deliveries=[(truck.pk, 0.0, clock.now())], by=people["township_officer_b"])


@pytest.mark.clause("R1")
def test_a_departments_clerk_delivers_that_departments_measures(truck, people):
    Appointment.objects.filter(user=people["department_clerk"]).delete()
    for department, username in (("civil_affairs", "clerk_1"), ("water", "clerk_2")):
        appoint(
            username=username, name="x", role="department_clerk", division="360123000000", since=clock.today(),
            department=department,
        )  # fmt: skip
    with pytest.raises(OwnedElsewhere):
        begin(measures=[truck.pk], by=User.objects.get(username="clerk_1"))
    assert begin(measures=[truck.pk], by=User.objects.get(username="clerk_2")) == 1


def test_stopping_says_why(truck, people):
    with pytest.raises(BadInput):
        stop(measure=truck, reason=" ", by=people["duty_officer"])
    stop(measure=truck, reason=" 供水已恢复 ", by=people["duty_officer"])
    truck.refresh_from_db()
    assert truck.stopped_reason == "供水已恢复"


def test_a_batch_costs_the_same_number_of_queries_whatever_its_size(storm, people):
    def planned(*serials):
        return [Plan(storm.event.pk, storm.household(0, serial).pk, "shelter") for serial in serials]

    with CaptureQueriesContext(connection) as small:
        plan(plans=planned(1), by=people["anlan"])
    with CaptureQueriesContext(connection) as large:
        plan(plans=planned(2, 3, 4, 5), by=people["anlan"])
    assert len(large) <= len(small)
    with CaptureQueriesContext(connection) as delivering:
        ids = list(Measure.objects.values_list("id", flat=True))
        deliver(deliveries=[(pk, 1.0, clock.now()) for pk in ids], by=people["anlan"])
    assert len(delivering) < 16
