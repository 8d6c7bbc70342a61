"""A county in the middle of a storm: something stands at every step of the plan, in both townships."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.county.cases import entered, episodes, found, lead, move, visit
from tests.county.storm import Storm

from anlan.county import clock
from anlan.county.assist.actions import Plan, deliver, plan
from anlan.county.assist.models import Measure
from anlan.county.decide.models import Case, Episode
from anlan.county.discover.actions import dismiss, open_sweeps, release, take_in
from anlan.county.discover.models import Lead, Sweep
from anlan.county.office.queries import machine
from anlan.county.sense.models import Event
from anlan.county.verify.models import Finding
from anlan.county.warn import actions as warn
from anlan.county.warn.models import Target, Warning


@dataclass(frozen=True)
class Midway:
    """The storm, and one thing at every step; `a` and `b` of a name are the townships'."""

    storm: Storm
    people: dict[str, Any]

    @property
    def event(self) -> Event:
        return self.storm.event

    def lead(self, village: int, serial: int) -> Lead:
        return Lead.objects.get(household=self.storm.household(village, serial))

    def case(self, village: int, serial: int) -> Case:
        return Case.objects.get(household=self.storm.household(village, serial))

    def finding(self, village: int, serial: int) -> Finding:
        return Finding.objects.get(lead__household=self.storm.household(village, serial))

    def episode(self, village: int, serial: int) -> Episode:
        return episodes(self.storm.household(village, serial))[-1]

    def measure(self, village: int, serial: int, kind: str) -> Measure:
        return Measure.objects.get(household=self.storm.household(village, serial), kind=kind)

    def sweep(self, village: int) -> Sweep:
        return Sweep.objects.get(division=self.storm.household(village, 1).division)

    def target(self, village: int, serial: int) -> Target:
        return Target.objects.get(household=self.storm.household(village, serial))

    def warning(self, audience: str) -> Warning:
        return Warning.objects.get(event=self.event, audience=audience)


def halfway(storm: Storm, people: dict[str, Any]) -> Midway:
    """Serial 1 has a lead, 2 one taken in, 3 a finding, 4 a case in review, 5 monitoring; village by village.

    In the first village of each township. In the second ones: 1 dismissed, 2 released from the list, 3 in publicity,
    4 waiting for the township, 5 for the county.
    """
    event, home = storm.event, storm.household
    drafts = {each.audience: each for each in warn.draft(event=event, by=people["duty_officer"])}
    for audience in ("danger", "key"):
        warn.approve(warning=drafts[audience], by=people["county_director"])
    warn.release(warning=drafts["key"], by=people["duty_officer"])
    open_sweeps(event=event, by=machine())
    for village in (0, 2):
        entered(event, home(village, 5))
        found(event, home(village, 4))
        lead(event, *(home(village, serial) for serial in (1, 2, 3)))
        visit(event, home(village, 3))
        take_in(leads=[Lead.objects.get(household=home(village, 2)).pk], by=machine())
        kinds = ("temporary_aid", "relief_food")
        plan(plans=[Plan(event.pk, home(village, 5).pk, kind) for kind in kinds], by=machine())
        given = Measure.objects.get(household=home(village, 5), kind="temporary_aid")
        deliver(deliveries=[(given.pk, 1500.0, clock.now())], by=machine())
    for village in (1, 3):
        lead(event, home(village, 1))
        dismiss(lead=Lead.objects.get(household=home(village, 1)), reason="no_harm", by=machine())
        release(event=event, households=[(home(village, 2).pk, "moved_away")], by=machine())
        on_the_way = found(event, home(village, 3), home(village, 4), home(village, 5))
        move("publicity", *on_the_way)
    clock.advance(timedelta(days=5, hours=1))
    for village in (1, 3):
        walk_to_the_county(storm, village)
    return Midway(storm, people)


def walk_to_the_county(storm: Storm, village: int) -> None:
    """Cases past their publicity: serial 4 to the township's desk, serial 5 on to the county's."""
    waiting = Case.objects.filter(household__in=[storm.household(village, 4), storm.household(village, 5)])
    move("town_check", *waiting)
    move("county_decide", waiting.get(household=storm.household(village, 5)))
