"""Every clock of the plan: whose it is, when policy has it due, and whom it charges when it runs over."""

from datetime import timedelta

import pytest
from tests.county.cases import follow

from anlan.county import clock
from anlan.county.account.queries import breaches, late, late_by_unit
from anlan.county.clear import actions as clear
from anlan.county.clear.models import Clearance
from anlan.county.decide import actions as decide
from anlan.county.desk.words import CLOCK
from anlan.county.discover import actions as discover
from anlan.county.office.models import Clock
from anlan.county.office.queries import breached, machine, running
from anlan.engine import policy

SECOND = timedelta(seconds=1)
# Each kind, the unit that answers for it, and the policy's key of its days.
KINDS = {
    "intake": ("township", "clock_intake_days"),
    "visit": ("village", "clock_visit_days"),
    "match": ("county", "clock_match_days"),
    "review": ("village", "clock_review_days"),
    "publicity": ("village", "clock_publicity_min_days"),
    "town": ("township", "clock_town_days"),
    "county": ("county", "clock_county_days"),
    "total": ("county", "clock_total_days"),
    "measures": ("township", "clock_measures_days"),
    "sweep": ("village", "clock_sweep_days"),
    "check": ("village", "clock_check_days"),
}


def days(key):
    return timedelta(days=policy.on(clock.today()).number(key))


def of(kind, **which):
    return Clock.objects.filter(kind=kind, **which)


@pytest.mark.clause("D6")
@pytest.mark.parametrize("kind", KINDS)
def test_a_clock_has_its_unit_and_its_days_from_the_policy(midway, kind):
    unit, key = KINDS[kind]
    found = list(of(kind))
    assert found
    for each in found:
        assert each.due_at - each.started_at == days(key)
        assert each.event_code == midway.event.code
        assert each.lower == (kind == "publicity")
        assert kind == "total" or each.unit == unit
        assert kind in CLOCK


def test_no_clock_runs_that_the_screens_have_no_word_for(midway):
    assert set(Clock.objects.values_list("kind", flat=True)) <= set(CLOCK)


def test_every_clock_is_about_something_of_the_division_it_runs_in(midway):
    for each in Clock.objects.all():
        event, place = each.about.partition(":")[2].split("/")[:2]
        assert event == midway.event.code
        assert place.startswith(each.division_id)


@pytest.mark.clause("D6", "A1")
@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"publicity"}))
def test_a_running_clock_is_late_one_second_after_it_was_due_and_not_before(midway, kind):
    each = of(kind, stopped_at__isnull=True).first()
    assert each is not None
    assert each not in late(machine(), each.due_at)
    assert each in late(machine(), each.due_at + SECOND)
    assert each not in Clock.objects.filter(breached(each.due_at))
    assert each in Clock.objects.filter(breached(each.due_at + SECOND))


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_a_stopped_clock_is_judged_by_when_it_was_stopped(midway, seconds):
    each = of("intake", stopped_at__isnull=True).first()
    Clock.objects.filter(pk=each.pk).update(stopped_at=each.due_at + timedelta(seconds=seconds))
    long_after = each.due_at + timedelta(days=99)
    assert (each in Clock.objects.filter(breached(long_after))) == (seconds > 0)
    assert each not in late(machine(), long_after)
    assert each not in running()


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_a_minimum_is_judged_the_other_way_round(midway, seconds):
    each = of("publicity", stopped_at__isnull=True).first()
    Clock.objects.filter(pk=each.pk).update(stopped_at=each.due_at + timedelta(seconds=seconds))
    assert (each in Clock.objects.filter(breached(each.due_at))) == (seconds < 0)
    assert each not in late(machine(), each.due_at + timedelta(days=99))


@pytest.mark.clause("A1", "L1")
def test_each_township_reads_of_its_own_delays(midway, people):
    clock.advance(timedelta(days=60))
    own = {name: set(late(people[name], clock.now())) for name in ("township_officer_a", "township_officer_b")}
    assert own["township_officer_a"].isdisjoint(own["township_officer_b"])
    assert own["township_officer_a"] | own["township_officer_b"] == set(late(people["auditor"], clock.now()))
    assert {each.division_id[:9] for each in own["township_officer_b"]} == {"360123102"}
    for name, found in own.items():
        assert sum(row["number"] for row in late_by_unit(people[name], clock.now())) == len(found)


def test_breaches_only_grow_while_nobody_does_anything(midway):
    before = breaches(midway.event.code, clock.now())["breaches"]
    for _week in range(6):
        clock.advance(timedelta(days=7))
        after = breaches(midway.event.code, clock.now())
        assert after["breaches"] >= before
        assert after["breaches"] == sum(after["by_kind"].values()) == sum(after["by_unit"].values())
        before = after["breaches"]
    assert before > 0


def test_what_is_done_in_time_is_nobody_s_breach(midway, people):
    case = midway.case(0, 4)
    for to, wait in (("publicity", 0), ("town_check", 5), ("county_decide", 0), ("notice", 0), ("entered", 0)):
        clock.advance(timedelta(days=wait, minutes=1))
        case.refresh_from_db()
        decide.advance(moves=[decide.Move(case.pk, case.version, to)], by=machine())
    about = f"case:{midway.event.code}/{case.household.code}"
    clocks = Clock.objects.filter(about=about)
    assert set(clocks.values_list("kind", flat=True)) == {"review", "publicity", "town", "county", "notice"}
    review = clocks.get(kind="review")
    late_ones = set(clocks.filter(breached(clock.now() + timedelta(days=99))).values_list("kind", flat=True))
    assert late_ones == ({"review"} if review.stopped_at > review.due_at else set())
    assert not clocks.filter(stopped_at__isnull=True).exists()


def test_a_measure_s_clock_is_its_owner_s_and_ends_with_the_delivery(midway):
    given, open_ = midway.measure(0, 5, "temporary_aid"), midway.measure(0, 5, "relief_food")
    code = midway.storm.household(0, 5).code
    done = of("measure", about=f"measure:{midway.event.code}/{code}/temporary_aid").get()
    left = of("measure", about=f"measure:{midway.event.code}/{code}/relief_food").get()
    assert (done.unit, done.due_at, done.stopped_at) == (given.owner_id, given.due_at, given.delivered_at)
    assert (left.unit, left.due_at, left.stopped_at) == (open_.owner_id, open_.due_at, None)


def test_each_month_s_check_has_a_clock_of_its_own(midway):
    episode = midway.episode(0, 5)
    checks = of("check", about__contains=midway.storm.household(0, 5).code).order_by("started_at")
    assert checks.count() == 1
    follow([episode], 3)
    assert checks.count() == 4
    starts = list(checks.values_list("started_at", flat=True))
    stops = list(checks.values_list("stopped_at", flat=True))
    assert stops[:-1] == starts[1:]
    assert stops[-1] is None


@pytest.mark.clause("M6")
def test_the_clocks_of_a_clearance_follow_its_chain(midway, people):
    follow([midway.episode(0, 5)], 7)
    clear.open_clearances(by=machine(), on=clock.today())

    def kinds():
        which = Clock.objects.filter(about__startswith="clearance:", stopped_at__isnull=True)
        return list(which.values_list("kind", flat=True))

    def move(to):
        found = Clearance.objects.get()
        clear.advance(moves=[clear.Move(found.pk, found.version, to)], by=machine())

    seen = kinds()
    for to in ("review", "publicity", "town_check", "county_decide", "cleared"):
        clock.advance(timedelta(days=6))
        move(to)
        seen += kinds()
    assert len(seen) == 5
    assert all(kind in CLOCK for kind in seen), seen
    assert not of("check", about__contains=midway.storm.household(0, 5).code, stopped_at__isnull=True).exists()


def test_a_sweep_s_clock_stops_when_the_village_is_through(midway):
    about = f"sweep:{midway.event.code}/{midway.sweep(0).division_id}"
    each = of("sweep", about=about).get()
    clock.advance(timedelta(days=1))
    discover.close_sweeps(sweeps=[midway.sweep(0)], by=machine())
    each.refresh_from_db()
    assert each.stopped_at == clock.now()
    assert of("sweep", stopped_at__isnull=True).count() == 3


def test_dismissing_a_lead_ends_its_clocks_and_nobody_else_s(midway):
    running_before = set(running().values_list("pk", flat=True))
    lead = midway.lead(0, 1)
    discover.dismiss(lead=lead, reason="untrue", by=machine())
    stopped = running_before - set(running().values_list("pk", flat=True))
    about = f"lead:{midway.event.code}/{lead.household.code}"
    assert {each.about for each in Clock.objects.filter(pk__in=stopped)} == {about}
    assert {each.kind for each in Clock.objects.filter(pk__in=stopped)} == {"intake", "total"}
