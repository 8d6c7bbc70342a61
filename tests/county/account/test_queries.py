"""Who is late, what a report says, where it grows beyond single homes."""

from datetime import timedelta

import pytest
from tests.county.cases import WELL, entered, follow, found, lead, move, visit
from tests.county.storm import storm_over

from anlan.county import clock
from anlan.county.account import alarm
from anlan.county.account.queries import after_action, breaches, late, late_by_unit, lines
from anlan.county.assist.actions import Plan, deliver, plan, stop
from anlan.county.assist.models import Measure
from anlan.county.decide.models import Episode
from anlan.county.discover.actions import open_sweeps, release
from anlan.county.foresee.models import Impact
from anlan.county.ledger.models import Entry
from anlan.county.office.models import Clock
from anlan.county.office.queries import machine
from anlan.county.registry.models import MONITORED, Category
from anlan.county.sense.models import Event


@pytest.fixture
def lived(storm):
    """A storm with something in every room."""
    event, home = storm.event, storm.household
    open_sweeps(event=event, by=machine())
    lead(event, home(1, 1), door="self")
    lead(event, home(1, 1), door="cadre")
    episodes = entered(event, home(0, 4), home(0, 5))
    move("not_confirmed", *found(event, home(0, 3), finding=WELL), note="无损失")
    found(event, home(0, 2))
    kinds = ("temporary_aid", "relief_food", "shelter")
    plan(plans=[Plan(event.pk, home(0, 5).pk, kind) for kind in kinds], by=machine())
    given = Measure.objects.get(kind="temporary_aid")
    deliver(deliveries=[(given.pk, 1500.0, clock.now())], by=machine())
    stop(measure=Measure.objects.get(kind="shelter"), reason="x", by=machine())
    follow(episodes, 1)
    return storm


@pytest.mark.clause("D6", "A1")
def test_who_is_late_is_shown_with_the_unit_and_only_in_ones_divisions(lived, people):
    everyone = late(machine(), clock.now())
    assert everyone.exists()
    assert all(each.due_at < clock.now() and each.stopped_at is None for each in everyone)
    mine = late(people["township_officer_b"], clock.now())
    assert {each.division_id[:9] for each in mine} == {"360123102"}
    units = late_by_unit(machine(), clock.now())
    assert sum(each["number"] for each in units) == everyone.count()
    assert {"village", "township"} <= {each["unit"] for each in units}


def test_nobody_is_late_before_anything_is_due(storm, people):
    open_sweeps(event=storm.event, by=machine())
    assert not late(machine(), clock.now()).exists()
    assert breaches(None, clock.now()) == {"breaches": 0, "by_unit": {}, "by_kind": {}}


@pytest.mark.clause("A2", "D6")
def test_breaches_are_charged_to_units_and_kinds(lived):
    told = breaches(lived.event.code, clock.now())
    assert told["breaches"] == sum(told["by_unit"].values()) == sum(told["by_kind"].values()) > 0
    assert told["by_kind"]["sweep"] == told["by_unit"]["village"] - sum(
        number for kind, number in told["by_kind"].items() if kind in {"review", "visit", "check"}
    )
    assert breaches("EV-none", clock.now())["breaches"] == 0
    assert breaches(None, clock.now()) == told


def test_the_report_has_every_block_and_its_sums(lived):
    told = after_action(lived.event, clock.now())
    assert told["exposed"] == told["coverage"]["exposed"] == 20
    assert told["discovery"]["leads"] == 5
    assert told["discovery"]["by_door"] == {"cadre": 5, "self": 1}
    assert told["discovery"]["merged"] == 1
    assert told["decisions"] == {
        "monitored": 2,
        "rejected": 1,
        "open": 1,
        "against": 0,
        "by_category": {"marginal": 1, "unstable": 1},
    }
    assert {key: told["assistance"][key] for key in ("planned", "delivered", "receipted", "yuan")} == {
        "planned": 2, "delivered": 1, "receipted": 0, "yuan": 1500.0,
    }  # fmt: skip
    assert set(told["assistance"]["by_kind"]) == {"temporary_aid", "relief_food"}
    assert told["clearance"] == {"open": 2, "cleared": 0, "checks": 2, "in_progress": 0, "refused": 0}
    assert told["warning"]["targeted"] == 0
    assert told["coverage"]["unaccounted"] == 0
    assert set(told["clocks"]["names"]) == {"civil_affairs", "emergency"} & set(told["clocks"]["by_unit"])
    assert told["clocks"]["names"]["emergency"] == "县应急管理局"
    assert told["event"]["issued_at"].endswith("+08:00")
    assert told["ledger"] == {"entries": Entry.objects.count(), "verified": True}
    assert told["event"]["code"] == lived.event.code


def test_the_report_of_an_event_nobody_has_touched_is_empty_and_says_who_is_missing(storm):
    told = after_action(storm.event, clock.now())
    assert told["coverage"]["unaccounted"] == told["exposed"] == 20
    assert told["decisions"] == {"monitored": 0, "rejected": 0, "open": 0, "against": 0, "by_category": {}}
    assert told["assistance"] == {"planned": 0, "delivered": 0, "receipted": 0, "yuan": 0, "by_kind": {}}


def test_a_falsified_ledger_is_reported(lived):
    Entry.objects.filter(seq=3).update(by="somebody")
    assert after_action(lived.event, clock.now())["ledger"]["verified"] is False


@pytest.mark.clause("P3")
def test_the_alarm_rises_by_share_and_by_number_of_those_monitored(lived, people, monkeypatch):
    quiet = {town.name: town for town in alarm.townships(people["auditor"], clock.today())}
    first, second = quiet["万埠镇"], quiet["石鼻镇"]
    assert (first.households, first.monitored, first.share) == (10, 2, 0.2)
    assert first.alarms == ("share",)
    assert second.alarms == ()
    assert first.expected_share > first.share
    monkeypatch.setattr(alarm.policy, "on", lambda day: Lines(number=2, share=0.5))
    assert alarm.townships(people["auditor"], clock.today())[0].alarms == ("number",)


@pytest.mark.clause("P3")
def test_the_alarm_rises_before_it_happens_where_the_forecast_says_so(storm, people, monkeypatch):
    monkeypatch.setattr(alarm.policy, "on", lambda day: Lines(number=4, share=0.2))
    assert {town.alarms for town in alarm.townships(people["auditor"], clock.today())} == {()}
    Impact.objects.update(p_below=0.9)
    assert {town.alarms for town in alarm.townships(people["auditor"], clock.today())} == {("expected",)}
    assert len(alarm.townships(people["township_officer_b"], clock.today())) == 1


def test_whoever_was_looked_into_is_no_longer_only_expected(storm, people):
    def expected():
        return {town.name: town.expected for town in alarm.townships(people["auditor"], clock.today())}

    Impact.objects.update(p_below=0.5)
    assert expected() == {"万埠镇": 4.0, "石鼻镇": 4.0}  # ten homes each, two of them marginal before the storm
    entered(storm.event, storm.household(0, 1))
    lead(storm.event, storm.household(0, 2), storm.household(0, 5))
    visit(storm.event, storm.household(0, 2), outcome="unharmed")
    release(event=storm.event, households=[(storm.household(2, 1).pk, "below_harm")], by=machine())
    assert expected() == {"万埠镇": 3.0, "石鼻镇": 3.5}


@pytest.mark.clause("P3")
def test_a_home_already_monitored_is_not_expected_to_fall_again(storm, people, now):
    """In a second storm it stands among the monitored, and there alone."""
    entered(storm.event, storm.household(0, 1), storm.household(0, 2))
    second = storm_over(storm.households, clock.now(), code="EV20260710-rainstorm-1")
    Event.objects.filter(pk=storm.event.pk).update(closed_at=clock.now())
    Impact.objects.filter(run=second.run).update(p_below=0.5)

    def first():
        return next(town for town in alarm.townships(people["auditor"], clock.today()) if town.name == "万埠镇")

    assert (first().monitored, first().expected) == (2, 3.0)  # ten homes, two monitored, two marginal: (10 - 4) / 2
    assert first().expected_share == 0.5
    Episode.objects.update(cleared_at=clock.now())
    Category.objects.filter(kind__in=MONITORED).delete()
    assert (first().monitored, first().expected) == (0, 5.0)


def test_a_category_that_has_ended_or_not_begun_keeps_no_home_out_of_the_forecast(storm, people):
    Impact.objects.update(p_below=0.5)
    before = sum(town.expected for town in alarm.townships(people["auditor"], clock.today()))
    marginal = Category.objects.filter(kind="marginal", household=storm.household(0, 3))
    marginal.update(since=clock.today() + timedelta(days=1))
    later = sum(town.expected for town in alarm.townships(people["auditor"], clock.today()))
    marginal.update(since=clock.today() - timedelta(days=9), until=clock.today())
    ended = sum(town.expected for town in alarm.townships(people["auditor"], clock.today()))
    assert (later - before, ended - before) == (0.5, 0.5)


def test_a_township_without_homes_raises_no_alarm(county, people):
    for town in alarm.townships(people["auditor"], clock.today()):
        assert (town.share, town.expected_share, town.alarms) == (0.0, 0.0, ())


def test_the_thresholds_of_the_alarm_say_where_they_come_from(now):
    for parameter in alarm.parameters(clock.today()):
        assert parameter.source
        assert not parameter.verified


class Lines:
    """A policy with two lines."""

    def __init__(self, number, share):
        self.lines = {"alarm_households_min": number, "alarm_share_min": share}

    def number(self, key):
        """The line."""
        return self.lines[key]


def test_the_ledger_answers_for_one_subject_for_a_family_and_for_all(lived):
    code = f"{lived.event.code}/{lived.household(0, 5).code}"
    one = lines(f"case:{code}")
    assert {entry.about for entry in one} == {f"case:{code}"}
    assert list(one.values_list("seq", flat=True)) == sorted(one.values_list("seq", flat=True), reverse=True)
    family = lines(f"case:{lived.event.code}/*")
    assert len({entry.about for entry in family}) == 4
    assert lines("").count() == Entry.objects.count()


def test_running_clocks_that_are_minima_are_never_late(storm):
    move("publicity", *found(storm.event, storm.household(0, 5)))
    clock.advance(timedelta(days=8))
    assert Clock.objects.get(kind="publicity").due_at < clock.now()
    assert "publicity" not in {each.kind for each in late(machine(), clock.now())}
