"""The coverage balance: nobody is missed, and where somebody is, it shows."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.county.cases import WELL, cases, compare, entered, found, lead, move, visit, walk
from tests.county.storm import VILLAGES

from anlan.county import clock
from anlan.county.account import balance
from anlan.county.account.queries import balanced, coverage
from anlan.county.account.rules import DISPOSED, OPEN
from anlan.county.decide.actions import open_cases
from anlan.county.discover.actions import dismiss, open_sweeps, release
from anlan.county.discover.models import Lead, Sweep
from anlan.county.discover.rules import RELEASES
from anlan.county.foresee.models import Impact
from anlan.county.office.actions import stop_clocks
from anlan.county.office.models import Clock
from anlan.county.office.queries import machine


@pytest.fixture
def swept(storm):
    """The storm with a sweep in every village: everybody is at least on someone's list."""
    open_sweeps(event=storm.event, by=machine())
    return storm


def closes(event) -> None:
    """The sum, to the last household."""
    covered = coverage(event)
    assert covered.exposed == covered.disposed_total + covered.open_total + covered.unaccounted


@pytest.mark.clause("M2")
def test_everyone_on_a_list_with_a_sweep_is_open_and_nobody_is_missing(swept):
    covered = coverage(swept.event)
    assert (covered.exposed, covered.open, covered.disposed) == (20, {"sweep": 20}, {})
    assert covered.unaccounted == 0
    assert covered.closes


@pytest.mark.clause("M2")
def test_each_household_counts_once_under_the_furthest_it_came_to(swept):
    event, home = swept.event, swept.household
    entered(event, home(0, 1))
    walk(*found(event, home(0, 2)), until="publicity")
    move("not_confirmed", *found(event, home(0, 3), finding=WELL), note="无损失")
    lead(event, home(0, 4), home(0, 5), home(1, 1), home(1, 2), home(1, 3))
    visit(event, home(0, 4))
    visit(event, home(0, 5), outcome="unharmed")
    visit(event, home(1, 1), outcome="moved")
    visit(event, home(1, 2), outcome="absent")
    dismiss(lead=Lead.objects.get(household=home(1, 3)), reason="no_harm", by=machine())
    lead(event, home(1, 4))
    release(event=event, households=[(home(2, 1).pk, "below_harm"), (home(2, 2).pk, "moved_away")], by=machine())
    covered = coverage(event)
    assert covered.disposed == {
        "entered": 1, "not_confirmed": 1, "unharmed": 1, "moved": 1, "dismissed": 1, "below_harm": 1, "moved_away": 1,
    }  # fmt: skip
    assert covered.open == {"case": 1, "finding": 1, "visit": 1, "lead": 1, "sweep": 9}
    assert covered.unaccounted == 0


@pytest.mark.clause("M2", "A2")
def test_a_household_in_the_footprint_that_nobody_looks_at_shows(swept):
    Clock.objects.filter(about__endswith=VILLAGES[3]).delete()
    Sweep.objects.filter(division_id=VILLAGES[3]).delete()
    covered = coverage(swept.event)
    assert (covered.exposed, covered.unaccounted, covered.open) == (20, 5, {"sweep": 15})
    assert not covered.closes
    closes(swept.event)
    listed = balanced(swept.event, machine()).unaccounted
    assert [each.code for each in listed] == [f"{VILLAGES[3]}{serial:05d}" for serial in range(1, 6)]


@pytest.mark.clause("D6", "M2")
def test_what_waits_without_a_clock_is_not_waiting_but_forgotten(swept):
    lead(swept.event, swept.household(0, 1))
    about = f"lead:{swept.event.code}/{swept.household(0, 1).code}"
    for kind in ("intake", "total"):
        assert coverage(swept.event).unaccounted == 0
        stop_clocks(kind=kind, abouts=[about], at=clock.now())
    covered = coverage(swept.event)
    assert (covered.unaccounted, covered.open) == (1, {"sweep": 19})


def test_a_lead_from_outside_the_footprint_is_exposed_too(swept):
    swept.event.codes = list(VILLAGES[:3])
    swept.event.save()
    Impact.objects.filter(household=swept.household(3, 5)).delete()
    assert coverage(swept.event).exposed == 19
    lead(swept.event, swept.household(3, 5))
    assert coverage(swept.event).exposed == 20


def test_an_event_that_hit_nobody_is_covered(swept):
    Impact.objects.all().delete()
    swept.run.delete()
    covered = coverage(swept.event)
    assert (covered.exposed, covered.unaccounted) == (0, 0)


def test_one_who_reports_after_a_release_is_open_again(swept):
    release(event=swept.event, households=[(swept.household(0, 1).pk, "below_harm")], by=machine())
    lead(swept.event, swept.household(0, 1), door="self")
    assert coverage(swept.event).open["lead"] == 1
    closes(swept.event)


def test_the_hash_changes_when_one_household_moves_and_not_otherwise(swept):
    first = coverage(swept.event).sha
    assert coverage(swept.event).sha == first
    lead(swept.event, swept.household(0, 1))
    assert coverage(swept.event).sha != first


def test_lists_show_only_what_this_person_may_see(swept, people):
    Sweep.objects.filter(division_id__in=(VILLAGES[0], VILLAGES[2])).delete()
    seen = balanced(swept.event, people["township_officer_b"])
    assert {each.division for each in seen.open} == {VILLAGES[3]}
    assert {each.division for each in seen.unaccounted} == {VILLAGES[2]}
    assert seen.coverage.unaccounted == 10


def test_the_balance_takes_a_handful_of_queries(swept, django_assert_max_num_queries):
    with django_assert_max_num_queries(24):
        coverage(swept.event)


def test_every_reason_for_a_release_is_a_disposition():
    assert set(RELEASES) <= set(DISPOSED)
    assert not set(DISPOSED) & set(OPEN)


class History:
    """Random deeds over the storm's households; whatever cannot be done to one is left out."""

    def __init__(self, storm):
        self.event, self.homes = storm.event, list(storm.households.values())

    def report(self, home):
        """A lead, unless the household has one."""
        if not Lead.objects.filter(household=home).exists():
            lead(self.event, home)

    def dismiss(self, home):
        """The lead is turned away."""
        pending = Lead.objects.filter(household=home, state__in=("open", "taken_in")).first()
        if pending:
            dismiss(lead=pending, reason="no_harm", by=machine())

    def visit(self, home, outcome):
        """Somebody stands at the door."""
        if Lead.objects.filter(household=home, state__in=("open", "taken_in")).exists():
            visit(self.event, home, outcome=outcome)

    def match(self, home):
        """The finding is compared, and the case opened."""
        compare(self.event, home)
        open_cases(by=machine())

    def decide(self, home, until):
        """The case goes as far as it can."""
        for case in cases(self.event, home):
            if case.state == "review":
                move("not_confirmed", case, note="x") if until == "not_confirmed" else walk(case, until=until)

    def release(self, home):
        """Taken off the list."""
        if not Lead.objects.filter(household=home).exists():
            release(event=self.event, households=[(home.pk, "below_harm")], by=machine())


DEEDS = st.one_of(
    st.tuples(st.just("report")),
    st.tuples(st.just("dismiss")),
    st.tuples(st.just("visit"), st.sampled_from(["harmed", "unharmed", "moved", "absent"])),
    st.tuples(st.just("match")),
    st.tuples(st.just("decide"), st.sampled_from(["publicity", "entered", "not_confirmed"])),
    st.tuples(st.just("release")),
)


@pytest.mark.clause("M2")
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=st.lists(st.tuples(st.integers(0, 19), DEEDS), min_size=5, max_size=40))
def test_whatever_is_done_to_whom_in_whatever_order_nobody_is_missed(swept, deeds):

    with clock.held(clock.now()), transaction.atomic():
        history = History(swept)
        for place, (deed, *words) in deeds:
            clock.advance(timedelta(minutes=7))
            getattr(history, deed)(history.homes[place], *words)
        covered = coverage(swept.event)
        assert covered.unaccounted == 0
        assert covered.exposed == covered.disposed_total + covered.open_total == 20
        assert len(balance.standing(swept.event)) == 20
        transaction.set_rollback(True)
