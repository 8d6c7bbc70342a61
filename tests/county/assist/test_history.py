"""Whatever is done with measures in whatever order, their states, clocks and sums agree."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.utils import IntegrityError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.county.cases import UNSAFE, entered

from anlan.county import clock
from anlan.county.account.queries import after_action
from anlan.county.assist.actions import Plan, begin, deliver, plan, receipt, stop
from anlan.county.assist.models import Measure
from anlan.county.assist.queries import departments_of, proposed, standing
from anlan.county.assist.rules import CATALOGUE, MACHINE, PENDING, subject
from anlan.county.errors import NotAllowed, Refused
from anlan.county.ledger.models import Entry
from anlan.county.office.models import Clock
from anlan.county.office.queries import machine
from anlan.county.office.roles import ROLES

KINDS = ("water_truck", "temporary_aid", "house_repair")


def do(deed, measure, yuan):
    """One deed on one measure, by the program."""
    now, by = clock.now(), machine()
    if deed == "begin":
        begin(measures=[measure.pk], by=by)
    elif deed == "deliver":
        deliver(deliveries=[(measure.pk, yuan, now)], by=by)
    elif deed == "receipt":
        receipt(receipts=[(measure.pk, "签字", now)], by=by)
    elif deed == "stop":
        stop(measure=measure, reason="不再需要", by=by)
    else:
        plan(plans=[Plan(measure.event_id, measure.household_id, measure.kind)], by=by)


def agrees(event) -> None:
    """Every measure's state, moments and clock say the same; at most one of a kind runs."""
    for measure in Measure.objects.select_related("event", "household"):
        assert (measure.delivered_at is not None) == (measure.state in {"delivered", "receipted"})
        assert (measure.receipted_at is not None) == (measure.state == "receipted") == bool(measure.receipt)
        assert bool(measure.stopped_reason) == (measure.state == "stopped")
    alive = Measure.objects.exclude(state="stopped")
    assert len(standing(alive.values_list("household_id", flat=True))) == alive.count()
    running = set(Clock.objects.filter(kind="measure", stopped_at__isnull=True).values_list("about", flat=True))
    pending = Measure.objects.filter(state__in=PENDING).select_related("event", "household")
    assert running == {subject(each.event.code, each.household.code, each.kind) for each in pending}
    told = after_action(event, clock.now())["assistance"]
    assert told["yuan"] == pytest.approx(sum(alive.values_list("delivered_yuan", flat=True)))
    assert told["planned"] >= told["delivered"] >= told["receipted"]


DEEDS = st.tuples(
    st.sampled_from(["begin", "deliver", "receipt", "stop", "plan"]), st.integers(0, 5), st.floats(0, 1e6)
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=st.lists(DEEDS, min_size=3, max_size=15))
def test_whatever_is_done_everything_agrees(storm, deeds):
    homes = (storm.household(0, 5), storm.household(2, 5))
    with clock.held(clock.now()), transaction.atomic():
        plan(plans=[Plan(storm.event.pk, home.pk, kind) for home in homes for kind in KINDS], by=machine())
        for deed, place, yuan in deeds:
            clock.advance(timedelta(minutes=10))
            measures = list(Measure.objects.order_by("household__code", "kind", "id"))
            measure = measures[place % len(measures)]
            try:
                with transaction.atomic():
                    do(deed, measure, yuan)
            except Refused:
                assert Measure.objects.get(pk=measure.pk).state == measure.state
        agrees(storm.event)
        transaction.set_rollback(True)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("deed", ["begin", "deliver", "receipt", "stop", "plan"])
def test_each_deed_is_for_the_roles_that_carry_it(storm, people, role, deed):
    permission = {"begin": "assist.deliver", "stop": "assist.plan"}.get(deed, f"assist.{deed}")
    by = people[{"township_officer": "township_officer_a", "village_cadre": "village_cadre_a"}.get(role, role)]
    plan(plans=[Plan(storm.event.pk, storm.household(0, 5).pk, "water_truck")], by=machine())
    measure = Measure.objects.get()
    if deed == "receipt":
        do("deliver", measure, 1.0)
    deeds = {
        "begin": lambda: begin(measures=[measure.pk], by=by),
        "deliver": lambda: deliver(deliveries=[(measure.pk, 1.0, clock.now())], by=by),
        "receipt": lambda: receipt(receipts=[(measure.pk, "签字", clock.now())], by=by),
        "stop": lambda: stop(measure=measure, reason="x", by=by),
        "plan": lambda: plan(plans=[Plan(storm.event.pk, storm.household(0, 5).pk, "shelter")], by=by),
    }
    if permission in ROLES[role].permissions:
        deeds[deed]()
    else:
        with pytest.raises(NotAllowed):
            deeds[deed]()


@pytest.mark.clause("M6", "W6")
def test_a_household_is_helped_from_the_first_hour_to_the_last_axis(storm, people):
    household = storm.household(0, 5)
    by = people["township_officer_a"]
    plan(plans=[Plan(storm.event.pk, household.pk, "evacuation")], by=people["duty_officer"])
    deliver(deliveries=[(Measure.objects.get().pk, 0.0, clock.now())], by=by)
    episode = entered(storm.event, household, finding=UNSAFE)[0]
    offered = proposed(episode.axes, storm.event.hazard)
    plan(plans=[Plan(storm.event.pk, household.pk, kind, episode.pk) for kind in offered], by=by)
    assert {CATALOGUE[kind].axis for kind in offered} == set(episode.axes)
    assert not Clock.objects.filter(kind="measures", stopped_at__isnull=True).exists()
    owners = set(Clock.objects.filter(kind="measure", stopped_at__isnull=True).values_list("unit", flat=True))
    assert owners == {CATALOGUE[kind].owner for kind in offered}
    names = household.head_name + household.phone
    assert not any(names in entry.payload for entry in Entry.objects.all())


def test_the_tables_themselves_refuse_what_cannot_be(storm, people):
    plan(plans=[Plan(storm.event.pk, storm.household(0, 5).pk, "shelter")], by=machine())
    wrong = (
        {"delivered_at": clock.now()},
        {"delivered_by": people["anlan"]},
        {"receipted_at": clock.now()},
    )
    for columns in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Measure.objects.update(**columns)
    twin = Measure.objects.get()
    twin.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()


def test_who_belongs_to_no_department_delivers_for_all(people):
    assert departments_of(people["township_officer_a"]) is None
    assert departments_of(machine()) is None
    assert departments_of(people["auditor"]) == set()


def test_a_machine_that_cannot_move_is_at_its_end():
    for name, state in MACHINE.states.items():
        assert bool(state.after) == (name not in MACHINE.ends())
        assert state.after <= set(MACHINE.states)
