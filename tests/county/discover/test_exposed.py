"""Whom an event exposes, and that a village that is done is opened again when somebody comes in."""

from datetime import timedelta

import pytest
from django.urls import reverse
from tests.county.account.conftest import newcomer
from tests.county.cases import lead
from tests.county.storm import VILLAGES

from anlan.county import clock
from anlan.county.discover import exposed, sweeping
from anlan.county.discover.actions import Unaccounted, admit, close_sweeps, open_sweeps, release
from anlan.county.discover.models import Newcomer, Sweep
from anlan.county.errors import NotAllowed
from anlan.county.foresee.models import Impact, Run
from anlan.county.ledger.models import Entry
from anlan.county.office.models import Clock
from anlan.county.office.queries import machine
from anlan.county.registry.life.actions import merge_households
from anlan.county.registry.models import Category
from anlan.county.warn.models import Target, Warning


def later_run(storm, *households):
    """A run an hour later, of these households alone."""
    clock.advance(timedelta(hours=1))
    run = Run.objects.create(event=storm.event, made_at=clock.now(), method="test", policy_day=clock.today(),
                             basis="gauges", digest="1" * 64)  # fmt: skip
    for each in households:
        Impact.objects.filter(run=storm.run, household=each).update(run=run)
    return run


def done(storm, village=0):
    """A village gone through."""
    open_sweeps(event=storm.event, by=machine())
    rest = [(storm.household(village, serial).pk, "moved_away") for serial in range(1, 6)]
    release(event=storm.event, households=rest, by=machine())
    sweep = Sweep.objects.get(division_id=VILLAGES[village])
    close_sweeps(sweeps=[sweep], by=machine())
    return sweep


def test_whoever_any_run_listed_is_exposed_from_the_first_on(storm, now):
    later_run(storm, storm.household(0, 1))
    since = exposed.since(storm.event)
    assert len(since) == 20
    assert since[storm.household(1, 1).pk] == now


def test_whoever_was_warned_is_exposed_though_no_run_lists_it(storm):
    storm.event.codes = []
    storm.event.save()
    home = storm.household(3, 3)
    Impact.objects.filter(household=home).delete()
    assert home.pk not in exposed.since(storm.event)
    warning = Warning.objects.create(
        event=storm.event, code="w", audience="all", level=3, sms="x", voice="x", drafted_by=machine(),
        drafted_at=clock.now(), expires_at=clock.now(),
    )  # fmt: skip
    Target.objects.create(warning=warning, household=home, tier=0, group="general")
    assert exposed.since(storm.event)[home.pk] == clock.now()
    assert exposed.standing(storm.event, VILLAGES[3]).count() == 5


@pytest.mark.clause("A1")
def test_a_newcomer_opens_its_village_again_and_only_that(storm):
    first, other = done(storm), done(storm, 1)
    clock.advance(timedelta(hours=1))
    home = newcomer(VILLAGES[0])
    assert open_sweeps(event=storm.event, by=machine()) == 1
    first.refresh_from_db()
    other.refresh_from_db()
    assert (first.closed_at, first.closed_by, other.closed_at is None) == (None, None, False)
    assert Clock.objects.get(kind="sweep", division_id=VILLAGES[0]).stopped_at is None
    assert Entry.objects.filter(verb="discover.reopen_sweep").count() == 1
    assert Newcomer.objects.get().household == home
    assert home.code in Entry.objects.get(verb="discover.admit").payload
    with pytest.raises(Unaccounted, match="还有 1 户"):
        close_sweeps(sweeps=[first], by=machine())
    assert open_sweeps(event=storm.event, by=machine()) == 0


def test_a_newcomer_that_was_written_down_stays_though_the_area_shrinks(storm):
    home = newcomer(VILLAGES[0])
    assert admit(event=storm.event, by=machine()) == 1
    assert admit(event=storm.event, by=machine()) == 0
    storm.event.codes = [VILLAGES[3]]
    storm.event.save()
    assert home.pk in exposed.since(storm.event)


def test_who_came_in_is_written_down_by_whoever_answers_for_the_village(storm, people):
    newcomer(VILLAGES[0])
    assert admit(event=storm.event, by=people["township_officer_b"]) == 0
    assert admit(event=storm.event, by=people["township_officer_a"]) == 1
    assert Entry.objects.get(verb="discover.admit").by == "township_officer_a"
    with pytest.raises(NotAllowed):
        admit(event=storm.event, by=people["village_cadre_a"])


def test_an_event_that_is_closed_or_was_never_estimated_takes_nobody_in(storm):
    newcomer(VILLAGES[0])
    assert len(exposed.latecomers(storm.event)) == 1
    storm.event.closed_at = clock.now()
    assert exposed.latecomers(storm.event) == {}
    storm.event.closed_at = None
    Impact.objects.all().delete()
    storm.run.delete()
    assert exposed.latecomers(storm.event) == {}


def test_who_is_merged_hands_the_exposure_on_however_often(storm):
    storm.event.codes = []
    storm.event.save()
    first, second, third = (newcomer(VILLAGES[0]) for _each in range(3))
    lead(storm.event, first)
    merge_households(keep=second, drop=first, by=machine())
    merge_households(keep=third, drop=second, by=machine())
    assert exposed.merged() == {first.pk: third.pk, second.pk: third.pk}
    assert {first.pk, third.pk} <= set(exposed.since(storm.event))
    assert list(exposed.standing(storm.event).filter(pk=third.pk)) == [third]


def test_whom_the_latest_run_no_longer_lists_the_rules_release_unless_the_plan_puts_them_first(storm):
    listed, key, dropped = storm.household(0, 1), storm.household(1, 3), storm.household(1, 5)
    home = newcomer(VILLAGES[2])
    later_run(storm, listed)
    assert Category.objects.filter(household=key).exists()
    proposed = dict(sweeping.releasable(storm.event))
    assert proposed[dropped.pk] == "below_harm"
    assert key.pk not in proposed
    assert home.pk not in proposed  # no run has judged it
    assert listed.pk not in proposed


def test_a_person_releases_only_in_their_own_divisions_also_whom_no_run_lists(storm, people):
    later_run(storm, storm.household(0, 1))
    proposed = dict(sweeping.releasable(storm.event, people["township_officer_b"]))
    assert storm.household(3, 5).pk in proposed
    assert storm.household(1, 5).pk not in proposed


def test_the_villages_list_has_them_under_the_others(storm, as_):
    done(storm)
    home = newcomer(VILLAGES[0])
    open_sweeps(event=storm.event, by=machine())
    page = as_("township_officer_a").get(reverse("discover:sweep", args=[storm.event.code, VILLAGES[0]])).text
    assert "不在最新研判名单上的" in page
    assert f"household={home.code}" in page
    assert "名单 6 户，还没有去向 1 户" in page
    lead(storm.event, home)
    page = as_("township_officer_a").get(reverse("discover:sweep", args=[storm.event.code, VILLAGES[0]])).text
    assert reverse("discover:lead", args=[storm.event.code, home.code]) in page
