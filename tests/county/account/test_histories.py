"""Whatever is done to whom in whatever order: nobody is missed, and the ledger, recounted, says what the tables say."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.county.account.conftest import newcomer
from tests.county.cases import cases, compare, episodes, follow, lead, move, visit, walk
from tests.county.storm import VILLAGES

from anlan.county import clock
from anlan.county.account.actions import prove, reopen, take_up
from anlan.county.account.models import Proof
from anlan.county.account.queries import coverage, last_proof
from anlan.county.account.recount import differences
from anlan.county.clear import actions as clear
from anlan.county.clear.models import Clearance, Recheck
from anlan.county.clear.recheck.actions import Found, look
from anlan.county.decide.actions import open_cases
from anlan.county.discover.actions import close_sweeps, dismiss, open_sweeps, release, take_in
from anlan.county.discover.models import Lead, Sweep
from anlan.county.discover.sweeping import releasable
from anlan.county.errors import Refused
from anlan.county.foresee.actions import foresee
from anlan.county.ledger.queries import verify
from anlan.county.office.models import User
from anlan.county.office.queries import machine
from anlan.county.registry.life import actions as life
from anlan.county.registry.models import Deed, Household, Person
from anlan.county.warn import actions as warn

PLACES = (*VILLAGES, "360123101000", "360123000000")
CLEARING = ("review", "publicity", "town_check", "county_decide", "cleared")


class History:
    """Random deeds over an event's households. What the rules refuse is refused, as it would be to a person."""

    def __init__(self, storm):
        self.event, self.by = storm.event, machine()

    def home(self, place):
        """One of the households that stand."""
        standing = list(Household.objects.order_by("pk"))
        return standing[place % len(standing)]

    def foresee(self, place, wide):
        """The estimate again, with another footprint."""
        self.event.codes = [PLACES[(place + wide) % len(PLACES)]]
        self.event.save()
        foresee(event=self.event, by=self.by)

    def warn(self, place):
        """Everybody whom the estimate lists is told."""
        for each in warn.draft(event=self.event, by=User.objects.get(username="duty_officer")):
            warn.approve(warning=each, by=User.objects.get(username="county_director"))
            warn.release(warning=each, by=User.objects.get(username="duty_officer_2"))

    def sweep(self, place):
        """The villages are sent out."""
        open_sweeps(event=self.event, by=self.by)

    def finish(self, place):
        """A village is declared done."""
        close_sweeps(sweeps=[Sweep.objects.get(event=self.event, division_id=VILLAGES[place % 4])], by=self.by)

    def enrol(self, place):
        """A household nobody had."""
        newcomer(VILLAGES[place % 4])

    def move(self, place, there):
        """A household moves to another village."""
        life.move(household=self.home(place), village=VILLAGES[there], by=self.by, on=clock.today())

    def merge(self, place, other):
        """Two rows become one."""
        life.merge_households(keep=self.home(place), drop=self.home(place + other), by=self.by)

    def die(self, place):
        """The last member is gone."""
        for person in Person.objects.filter(household=self.home(place)).order_by("-relation"):
            life.death(person=person, by=self.by, on=clock.today())

    def undo(self, place):
        """What was done to a row is taken back."""
        deeds = list(Deed.objects.filter(undone_at__isnull=True).order_by("-pk"))
        life.take_back(deed=deeds[place % len(deeds)], by=self.by)

    def report(self, place):
        """A sign, whether there was one before or not."""
        lead(self.event, self.home(place))

    def take_in(self, place):
        """The township accepts it."""
        take_in(leads=[Lead.objects.get(event=self.event, household=self.home(place), state="open").pk], by=self.by)

    def dismiss(self, place):
        """It is turned away."""
        dismiss(lead=Lead.objects.get(event=self.event, household=self.home(place)), reason="no_harm", by=self.by)

    def visit(self, place, outcome, why):
        """Somebody stands at the door."""
        visit(self.event, self.home(place), outcome=outcome, why=why if outcome == "absent" else "")

    def match(self, place):
        """The finding is compared, and the case opened."""
        compare(self.event, self.home(place))
        open_cases(by=self.by)

    def decide(self, place, until):
        """The case goes as far as it can."""
        (case,) = cases(self.event, self.home(place))
        if until == "not_confirmed":
            move(until, case, note="x", reasons=("no_axis_broken",))
        else:
            walk(case, until=until)

    def object(self, place):
        """Somebody in the village speaks against it."""
        move("objection", *cases(self.event, self.home(place)), note="x")

    def clear(self, place):
        """Month after month the axes hold, and the risk is gone."""
        (episode,) = [each for each in episodes(self.home(place)) if each.cleared_at is None]
        follow([episode], 7)
        clear.open_clearances(by=self.by, on=clock.today())
        for state in CLEARING:
            if state == "town_check":
                clock.advance(timedelta(days=6))
            mine = Clearance.objects.filter(episode=episode, closed_at__isnull=True)
            clear.advance(moves=[clear.Move(each.pk, each.version, state) for each in mine], by=self.by)

    def reverse(self, place):
        """It was not: a second look takes the clearance back."""
        done = Clearance.objects.filter(state="cleared", recheck__isnull=True).first()
        if done is not None:
            drawn = Recheck.objects.create(clearance=done, why="lot", drawn_at=clock.now())
            look(recheck=drawn, found=Found(3000.0, ("home",)), by=self.by)

    def release(self, place):
        """Whom the rules would take off the list."""
        release(event=self.event, households=releasable(self.event)[: place % 7], by=self.by)

    def release_one(self, place):
        """One taken off the list by hand."""
        release(event=self.event, households=[(self.home(place).pk, "moved_away")], by=self.by)

    def prove(self, place):
        """The balance is signed."""
        prove(event=self.event, by=self.by)


SINGLE = (
    ("report",), ("take_in",), ("dismiss",), ("match",), ("release",), ("release_one",), ("enrol",), ("sweep",),
    ("finish",), ("undo",), ("die",), ("object",), ("prove",), ("warn",), ("foresee", 0), ("foresee", 3), ("move", 1),
    ("move", 2), ("merge", 1), ("merge", 5), ("visit", "harmed", ""), ("visit", "unharmed", ""), ("visit", "moved", ""),
    ("visit", "absent", ""), ("visit", "absent", "away"), ("decide", "publicity"), ("decide", "entered"),
    ("decide", "not_confirmed"),
)  # fmt: skip
FOUND = (("report",), ("visit", "harmed", ""), ("match",))
# Deeds that come one after the other on one household, so that the far ends of the chain are reached, too.
WAYS = (
    *((deed,) for deed in SINGLE),
    (*FOUND, ("decide", "entered"), ("clear",), ("reverse",)),
    (*FOUND, ("decide", "entered"), ("clear",), ("foresee", 5)),
    (*FOUND, ("decide", "publicity"), ("object",)),
    (*FOUND, ("decide", "not_confirmed"), ("move", 2)),
    (*FOUND, ("merge", 3), ("undo",)),
    (("report",), ("visit", "absent", "away"), ("report",), ("visit", "unharmed", ""), ("report",)),
    (("report",), ("dismiss",), ("report",), ("visit", "moved", "")),
    (("foresee", 1), ("warn",), ("foresee", 2), ("release",)),
    (("release",), ("finish",), ("enrol",), ("prove",)),
)
HISTORIES = st.lists(
    st.tuples(st.integers(0, 12), st.sampled_from(WAYS), st.integers(1, 1500)), min_size=8, max_size=20
)


@pytest.mark.long
@pytest.mark.clause("A1", "M2")
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(deeds=HISTORIES)
def test_whatever_is_done_to_whom_in_whatever_order_nobody_is_missed(storm, deeds):
    with clock.held(clock.now()), transaction.atomic():
        history, known = History(storm), set()
        open_sweeps(event=storm.event, by=machine())
        for place, ways, minutes in deeds:
            for name, *words in ways:
                clock.advance(timedelta(minutes=minutes))
                with suppress(Refused, Lead.DoesNotExist, Sweep.DoesNotExist, ValueError, KeyError, IndexError,
                              ZeroDivisionError), transaction.atomic():  # fmt: skip
                    getattr(history, name)(place, *words)
            take_up(event=storm.event)
            known = _still(storm.event, known)
        covered = coverage(storm.event)
        assert covered.unaccounted == 0
        assert covered.exposed == covered.disposed_total + covered.open_total >= 20
        assert verify().verified
        assert differences(storm.event) == []
        made = prove(event=storm.event, by=machine())
        assert (made.sha, made.exposed) == (coverage(storm.event).sha, covered.exposed)
        assert made == last_proof(storm.event)
        assert reopen(event=storm.event) is None
        transaction.set_rollback(True)
    assert not Proof.objects.exists()


def _still(event, known):
    """Nobody who was exposed has left: the households, whatever became of their codes."""
    from anlan.county.account.balance import positions

    now = set(positions(event))
    assert known <= now
    return now
