"""Whatever happens to leads in whatever order, their states, clocks, sources and lines agree."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.county.cases import compare, visit

from anlan.county import clock
from anlan.county.discover import rules, sweeping
from anlan.county.discover.actions import Report, close_sweeps, dismiss, open_sweeps, release, report, take_in
from anlan.county.discover.models import Lead, Release, Source, Sweep
from anlan.county.errors import Refused
from anlan.county.ledger.models import Entry
from anlan.county.ledger.queries import verify
from anlan.county.office.models import Clock
from anlan.county.office.queries import machine
from anlan.engine import policy

HOMES = ((0, 4), (0, 5), (2, 5))
KINDS = ("crop", "home", "other")


def do(storm, deed, home, serial):
    """One deed on one household, by the program."""
    event, by = storm.event, machine()
    if deed in rules.DOORS:
        kind = KINDS[serial % len(KINDS)]
        report(event=event, reports=[Report(f"k{serial}", deed, home.pk, clock.now(), {"kinds": [kind]})], by=by)
    elif deed == "take_in":
        take_in(leads=list(Lead.objects.filter(household=home).values_list("id", flat=True)), by=by)
    elif deed == "dismiss":
        for lead in Lead.objects.filter(household=home):
            dismiss(lead=lead, reason="no_harm", by=by)
    elif deed == "release":
        release(event=event, households=[(home.pk, "moved_away")], by=by)
    elif Lead.objects.filter(household=home).exists():
        visit(event, home, outcome=deed)


def agrees(storm) -> None:
    """Every lead's state, moments, clocks, sources and priority say the same."""
    assert Lead.objects.filter(event=storm.event).count() == Lead.objects.values("household").distinct().count()
    for lead in Lead.objects.select_related("event", "household").prefetch_related("sources"):
        about = rules.about(lead.event.code, lead.household.code)
        running = set(Clock.objects.filter(about=about, stopped_at__isnull=True).values_list("kind", flat=True))
        pending = {"open": {"intake"}, "taken_in": {"visit"}, "found": {"match"}}.get(lead.state, set())
        over = lead.state in rules.OVER
        assert (lead.closed_at is not None) == over
        assert bool(lead.outcome) == (over or lead.state == "found")
        assert (lead.taken_in_at is None) == (lead.taken_in_by_id is None)
        assert ("total" in running) == (not over)
        assert pending <= running or (lead.state == "taken_in" and "revisit" in running)
        assert not over or not running & set(rules.PENDING_CLOCKS)
        doors = [source.door for source in lead.sources.all()]
        assert doors
        kinds = {kind for source in lead.sources.all() for kind in source.claim.get("kinds", ())}
        assert lead.green == rules.is_green(kinds)
    assert Source.objects.count() == Entry.objects.filter(verb="discover.report").count()
    assert verify().verified


NAMES = ("self", "cadre", "dept", "take_in", "dismiss", "release", "harmed", "unharmed", "absent", "moved")
DEEDS = st.tuples(
    st.sampled_from(NAMES),
    st.sampled_from(HOMES),
    st.integers(1, 20),
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=st.lists(DEEDS, min_size=3, max_size=14))
def test_whatever_is_done_everything_agrees(storm, deeds):
    with clock.held(clock.now()), transaction.atomic():
        for deed, place, serial in deeds:
            clock.advance(timedelta(minutes=20))
            home = storm.household(*place)
            before = list(Lead.objects.filter(household=home).values())
            try:
                with transaction.atomic():
                    do(storm, deed, home, serial)
            except Refused:
                assert list(Lead.objects.filter(household=home).values()) == before
        agrees(storm)
        transaction.set_rollback(True)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(6)), cuts=st.lists(st.integers(1, 5), max_size=2, unique=True))
def test_however_reports_are_batched_and_ordered_the_leads_are_the_same(storm, order, cuts):
    """A list uploaded whole, in pieces or backwards."""
    homes = [storm.household(0, 4), storm.household(0, 5), storm.household(2, 5)]
    every = [
        Report(f"k{n}", door, homes[n % 3].pk, clock.now(), {"kinds": [KINDS[n % 3]]})
        for n, door in enumerate(("self", "cadre", "dept", "cadre", "self", "cadre"))
    ]
    with transaction.atomic():
        report(event=storm.event, reports=every, by=machine())
        whole = told(storm)
        transaction.set_rollback(True)
    with transaction.atomic():
        mixed = [every[place] for place in order]
        edges = [0, *sorted(cuts), len(mixed)]
        for start, end in pairwise(edges):
            report(event=storm.event, reports=mixed[start:end], by=machine())
        assert told(storm) == whole
        transaction.set_rollback(True)


def told(storm):
    leads = Lead.objects.filter(event=storm.event).order_by("household__code")
    rows = leads.values_list("household__code", "state", "priority", "green")
    return list(rows), sorted(Source.objects.values_list("key", "door", "lead__household__code"))


@pytest.mark.clause("D1")
def test_a_lead_s_first_hours_run_on_the_policy_s_clocks(storm):
    days = {
        kind: policy.on(clock.today()).number(f"clock_{kind}_days") for kind in ("intake", "visit", "total", "match")
    }
    start = clock.now()
    do(storm, "cadre", storm.household(0, 5), 1)
    about = rules.about(storm.event.code, storm.household(0, 5).code)

    def due(kind):
        return Clock.objects.get(kind=kind, about=about).due_at

    assert due("intake") == start + timedelta(days=days["intake"])
    assert due("total") == start + timedelta(days=days["total"])
    clock.advance(timedelta(hours=7))
    do(storm, "take_in", storm.household(0, 5), 1)
    assert due("visit") == start + timedelta(hours=7, days=days["visit"])
    clock.advance(timedelta(hours=7))
    do(storm, "harmed", storm.household(0, 5), 1)
    assert due("match") == start + timedelta(hours=14, days=days["match"])
    assert due("total") == start + timedelta(days=days["total"])  # what the whole may take was set by the first report
    compare(storm.event, storm.household(0, 5))
    assert Clock.objects.get(kind="match", about=about).stopped_at == clock.now()


def test_an_absent_household_is_visited_again_and_again_until_somebody_is_there(storm):
    home = storm.household(0, 5)
    do(storm, "cadre", home, 1)
    for _day in range(3):
        clock.advance(timedelta(days=1))
        do(storm, "absent", home, 1)
        assert Lead.objects.get().state == "taken_in"
    clock.advance(timedelta(days=1))
    do(storm, "unharmed", home, 1)
    lead = Lead.objects.get()
    assert (lead.state, lead.outcome, lead.closed_at) == ("closed", "unharmed", clock.now())
    assert not Clock.objects.filter(about__startswith="lead:", stopped_at__isnull=True).exists()


def test_a_lead_that_comes_back_keeps_its_first_sources_and_starts_its_clocks_anew(storm):
    home = storm.household(0, 5)
    do(storm, "self", home, 1)
    do(storm, "dismiss", home, 1)
    clock.advance(timedelta(days=9))
    do(storm, "cadre", home, 2)
    lead = Lead.objects.get()
    assert (lead.state, lead.closed_at, lead.outcome) == ("open", None, "")
    assert set(lead.sources.values_list("key", flat=True)) == {"k1", "k2"}
    total = Clock.objects.get(kind="total", about=rules.about(storm.event.code, home.code))
    assert (total.started_at, total.stopped_at) == (clock.now(), None)
    assert Entry.objects.filter(verb="discover.reopen").count() == 1


@pytest.mark.clause("M2")
def test_a_village_is_through_when_the_last_household_has_somewhere_to_go(storm):
    open_sweeps(event=storm.event, by=machine())
    sweep = Sweep.objects.get(division_id="360123101201")
    for serial in range(1, 6):
        assert sweeping.unaccounted(storm.event, sweep.division_id).count() == 6 - serial
        with pytest.raises(Refused, match=f"还有 {6 - serial} 户"):
            close_sweeps(sweeps=[sweep], by=machine())
        do(storm, "release" if serial % 2 else "cadre", storm.household(0, serial), serial)
    close_sweeps(sweeps=[sweep], by=machine())
    assert Sweep.objects.filter(closed_at__isnull=True).count() == 3
    assert sweeping.unaccounted(storm.event).count() == 15


def test_the_tables_themselves_refuse_what_cannot_be(storm):
    do(storm, "cadre", storm.household(0, 5), 1)
    lead = Lead.objects.get()
    twice = (
        lambda: Lead.objects.create(event=storm.event, household=lead.household, opened_at=clock.now(), priority=1.0),
        lambda: Source.objects.create(lead=lead, door="self", key="k1", at=clock.now(), by="x", claim={}),
        lambda: Lead.objects.filter(pk=lead.pk).update(closed_at=clock.now()),  # nobody says how
    )
    for deed in twice:
        with pytest.raises(IntegrityError), transaction.atomic():
            deed()
    do(storm, "release", storm.household(0, 4), 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.create(
            event=storm.event, household=storm.household(0, 4), reason="below_harm", at=clock.now(), by=machine()
        )
