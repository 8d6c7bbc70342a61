"""Signing the balance: everybody gets a place, the ledger must agree, and whoever comes in later opens it again."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from tests.county.account.conftest import newcomer
from tests.county.cases import entered, lead, visit
from tests.county.storm import VILLAGES

from anlan.county import clock
from anlan.county.account import jobs
from anlan.county.account.actions import NotProven, prove, reopen, take_up
from anlan.county.account.balance import positions
from anlan.county.account.models import Proof, ProofLine
from anlan.county.account.queries import changed, coverage, last_proof
from anlan.county.discover.actions import close_sweeps, open_sweeps, release, report
from anlan.county.discover.merging import Report
from anlan.county.discover.models import Lead, Release, Sweep
from anlan.county.errors import NotAllowed
from anlan.county.foresee.actions import foresee
from anlan.county.ledger.models import Entry
from anlan.county.office.actions import stop_clocks
from anlan.county.office.models import Clock
from anlan.county.office.queries import machine
from anlan.county.registry.models import Household

FAR = (115.0, 28.0)


def finished(storm):
    """Everybody off the list, every sweep closed."""
    rest = [(each.pk, "low_risk_informed") for each in Household.objects.all()]
    release(event=storm.event, households=rest, by=machine())
    for sweep in Sweep.objects.filter(event=storm.event):
        close_sweeps(sweeps=[sweep], by=machine())


@pytest.mark.clause("A1", "M2")
def test_signing_gives_everybody_a_task_first_and_keeps_every_household_with_its_line(storm, people):
    assert coverage(storm.event).unaccounted == 20
    made = prove(event=storm.event, by=people["county_director"])
    assert (made.exposed, made.disposed, made.open, made.added) == (20, {}, {"sweep": 20}, 0)
    assert made.sha == coverage(storm.event).sha
    assert ProofLine.objects.filter(proof=made).count() == 20
    line = ProofLine.objects.get(proof=made, code=f"{VILLAGES[0]}00001")
    assert (line.where, line.unit, line.division_id) == ("sweep", "village", VILLAGES[0])
    assert line.due == Clock.objects.get(kind="sweep", division_id=VILLAGES[0]).due_at
    entry = Entry.objects.get(verb="account.prove")
    assert (entry.about, entry.by) == (f"event:{storm.event.code}", "county_director")
    assert made.sha in entry.payload


def test_nothing_new_no_new_proof(storm):
    first = prove(event=storm.event, by=machine())
    lines = Entry.objects.count()
    assert prove(event=storm.event, by=machine()) == first
    assert Entry.objects.count() == lines


def test_who_may_not_report_does_not_sign(storm, people):
    with pytest.raises(NotAllowed):
        prove(event=storm.event, by=people["township_officer_a"])
    assert not Proof.objects.exists()
    assert not Sweep.objects.exists()


@pytest.mark.clause("A1")
def test_a_household_enrolled_later_in_the_area_opens_the_proof_and_stands_as_a_task(storm):
    open_sweeps(event=storm.event, by=machine())
    finished(storm)
    first = prove(event=storm.event, by=machine())
    assert (first.open, sum(first.disposed.values())) == ({}, 20)
    clock.advance(timedelta(hours=3))
    home = newcomer(VILLAGES[1])
    covered = coverage(storm.event)  # nobody has looked yet, and nobody is missed
    assert (covered.exposed, covered.open, covered.unaccounted) == (21, {"added": 1}, 0)
    assert jobs.cover() == 2
    first.refresh_from_db()
    assert (first.reopened_at, first.reopened_by) == (clock.now(), 1)
    assert coverage(storm.event).open == {"sweep": 1}
    sweep = Sweep.objects.get(division_id=VILLAGES[1])
    assert sweep.closed_at is None
    running = Clock.objects.get(kind="sweep", division_id=VILLAGES[1], stopped_at__isnull=True)
    assert (running.unit, running.started_at) == ("village", clock.now())
    second = prove(event=storm.event, by=machine())
    assert (second.previous, second.added, second.exposed) == (first, 1, 21)
    assert [each.household for each in ProofLine.objects.filter(proof=second, added=True)] == [home]
    first.refresh_from_db()
    assert (first.exposed, ProofLine.objects.filter(proof=first).count()) == (20, 20)


def test_a_newcomer_without_a_worker_is_missed_once_the_villages_days_are_over(storm):
    open_sweeps(event=storm.event, by=machine())
    finished(storm)
    clock.advance(timedelta(hours=1))
    newcomer(VILLAGES[1])
    clock.advance(timedelta(days=40))
    assert coverage(storm.event).unaccounted == 1


@pytest.mark.clause("A1")
def test_a_larger_footprint_opens_the_proof(storm):
    storm.event.codes = list(VILLAGES[:2])
    storm.event.save()
    newcomer("360123102201", lon=FAR[0], lat=FAR[1])
    first = prove(event=storm.event, by=machine())
    assert first.exposed == 20
    clock.advance(timedelta(hours=1))
    storm.event.codes = ["360123000000"]
    storm.event.save()
    foresee(event=storm.event, by=machine())
    found = changed(positions(storm.event), first)
    assert ([each.division for each in found.added], found.opened) == (["360123102201"], [])
    assert reopen(event=storm.event) == first
    assert reopen(event=storm.event) is None
    assert prove(event=storm.event, by=machine()).added == 1


def test_a_household_that_moves_into_the_area_or_gets_a_place_in_it_comes_in(storm):
    storm.event.codes = []
    storm.event.polygons = [[[115.5, 28.8], [115.7, 28.8], [115.7, 29.0], [115.5, 29.0]]]
    storm.event.save()
    home = newcomer(VILLAGES[0], lon=FAR[0], lat=FAR[1])
    assert coverage(storm.event).exposed == 20
    Household.objects.filter(pk=home.pk).update(lon=115.6, lat=28.9)
    assert coverage(storm.event).exposed == 21


def test_a_disposition_that_is_lost_opens_the_proof(storm):
    open_sweeps(event=storm.event, by=machine())
    finished(storm)
    first = prove(event=storm.event, by=machine())
    assert reopen(event=storm.event) is None
    clock.advance(timedelta(hours=1))
    lead(storm.event, storm.household(0, 1), door="self")
    assert reopen(event=storm.event) == first
    assert Entry.objects.get(verb="account.reopen").payload.count('"opened":1') == 1


def test_without_a_proof_there_is_nothing_to_open(storm):
    assert reopen(event=storm.event) is None
    assert last_proof(storm.event) is None


@pytest.mark.clause("A1", "D6")
def test_what_waits_without_a_clock_gets_one_that_ends_with_the_waiting(storm):
    open_sweeps(event=storm.event, by=machine())
    (found,) = lead(storm.event, storm.household(0, 1))
    about = f"lead:{storm.event.code}/{found.household.code}"
    for kind in ("intake", "total"):
        stop_clocks(kind=kind, abouts=[about], at=clock.now())
    Clock.objects.filter(kind="sweep", division_id=VILLAGES[3]).update(stopped_at=clock.now())
    assert coverage(storm.event).unaccounted == 6
    assert take_up(event=storm.event) == 6
    assert coverage(storm.event).unaccounted == 0
    lent = Clock.objects.get(kind="cover")
    assert (lent.about, lent.unit, lent.stopped_at) == (about, "township", None)
    assert {each.about for each in Entry.objects.filter(verb="account.take_up")} == {
        about, f"sweep:{storm.event.code}/{VILLAGES[3]}",
    }  # fmt: skip
    visit(storm.event, storm.household(0, 1), outcome="unharmed")
    assert take_up(event=storm.event) == 0
    lent.refresh_from_db()
    assert lent.stopped_at == clock.now()


def test_a_proof_is_not_signed_over_a_broken_chain(storm):
    Entry.objects.filter(seq=3).update(payload='{"x":1}')
    with pytest.raises(NotProven, match="第 3 条断开"):
        prove(event=storm.event, by=machine())
    assert not Proof.objects.exists()


@pytest.mark.parametrize(
    "tamper",
    [
        lambda storm: Release.objects.filter(household=storm.household(0, 2)).delete(),
        lambda storm: Release.objects.filter(household=storm.household(0, 2)).update(reason="moved_away"),
        lambda storm: Lead.objects.filter(household=storm.household(0, 1)).update(
            state="closed", outcome="unharmed", closed_at=clock.now()
        ),
        lambda storm: storm.run.impacts.filter(household=storm.household(3, 3)).delete(),
        lambda storm: storm.run.impacts.filter(household=storm.household(3, 3)).update(rank=1),
        lambda storm: Sweep.objects.filter(division_id=VILLAGES[2]).delete(),
    ],
)
@pytest.mark.clause("A1", "A2")
def test_a_table_changed_past_the_program_is_noticed_and_nothing_is_signed(storm, tamper):
    open_sweeps(event=storm.event, by=machine())
    lead(storm.event, storm.household(0, 1))
    release(event=storm.event, households=[(storm.household(0, 2).pk, "below_harm")], by=machine())
    prove(event=storm.event, by=machine())
    tamper(storm)
    with pytest.raises(NotProven, match="不一致"):
        prove(event=storm.event, by=machine())
    assert Proof.objects.count() == 1


def test_a_county_in_which_somebody_stands_nowhere_is_not_signed(storm, monkeypatch):
    monkeypatch.setattr("anlan.county.account.actions.take_up", lambda event: 0)
    with pytest.raises(NotProven, match="还有 20 户没有着落"):
        prove(event=storm.event, by=machine())


@pytest.mark.clause("A1")
def test_not_reachable_with_a_reason_stands_until_its_date_and_then_waits_again(storm):
    home = storm.household(0, 1)
    lead(storm.event, home)
    visit(storm.event, home, outcome="absent", why="away")
    assert coverage(storm.event).disposed == {"unreachable": 1}
    clock.advance(timedelta(days=3))
    assert coverage(storm.event).open["visit"] == 1


def test_without_a_reason_nobody_met_is_a_visit_still_to_be_made(storm):
    lead(storm.event, storm.household(0, 1))
    visit(storm.event, storm.household(0, 1), outcome="absent")
    assert coverage(storm.event).open["visit"] == 1


def test_not_reachable_ends_with_the_days_there_are_in_all_and_with_a_new_report(storm):
    far, called = storm.household(0, 1), storm.household(0, 2)
    lead(storm.event, far, called)
    visit(storm.event, far, called, outcome="absent", why="road", days=60)
    assert coverage(storm.event).disposed == {"unreachable": 2}
    clock.advance(timedelta(minutes=5))
    report(event=storm.event, reports=[Report("x", "self", called.pk, clock.now(), {})], by=machine())
    assert coverage(storm.event).disposed == {"unreachable": 1}
    clock.advance(timedelta(days=16))
    assert coverage(storm.event).disposed == {}


def test_a_proof_open_again_must_say_for_how_many(storm):
    made = prove(event=storm.event, by=machine())
    with pytest.raises(IntegrityError), transaction.atomic():
        Proof.objects.filter(pk=made.pk).update(reopened_at=clock.now())


def test_the_worker_looks_once_a_while_and_only_when_something_happened(storm):
    assert jobs.cover() == 0  # nobody was sent out yet
    open_sweeps(event=storm.event, by=machine())
    clock.advance(timedelta(hours=1))
    assert jobs.cover() == 0
    newcomer(VILLAGES[0])
    assert jobs.cover() == 0  # five minutes have not passed
    clock.advance(timedelta(minutes=6))
    assert coverage(storm.event).open == {"sweep": 21}


# --- screens and commands ------------------------------------------------------------------------------
def test_the_director_signs_on_the_page_and_sees_what_came_in_since(storm, as_):
    director, page = as_("county_director"), reverse("account:coverage", args=[storm.event.code])
    assert "还没有签署过" in director.get(page).text
    answer = director.post(reverse("account:prove", args=[storm.event.code]))
    made = Proof.objects.get()
    assert answer["Location"] == reverse("account:proof", args=[made.sha])
    assert made.sha in director.get(answer["Location"]).text
    assert "没有新列入的户" in director.get(page).text
    clock.advance(timedelta(hours=1))
    home = newcomer(VILLAGES[3])
    assert "新列入 1 户" in director.get(page).text
    director.post(reverse("account:prove", args=[storm.event.code]))
    second = Proof.objects.first()
    told = director.get(reverse("account:proof", args=[second.sha])).text
    assert home.code in told
    assert reverse("account:proof", args=[made.sha]) in told
    assert "下一份" in director.get(reverse("account:proof", args=[made.sha])).text
    assert home.code not in as_("township_officer_a").get(reverse("account:proof", args=[second.sha])).text
    assert as_("auditor").post(reverse("account:prove", args=[storm.event.code])).status_code == 403


def test_the_page_leads_down_to_the_village_and_its_households_with_the_open_ones_first(storm, as_):
    open_sweeps(event=storm.event, by=machine())
    entered(storm.event, storm.household(0, 1))
    visit_day = storm.household(0, 2)
    lead(storm.event, visit_day)
    visit(storm.event, visit_day, outcome="absent", why="hospital")
    auditor = as_("auditor")
    page = auditor.get(reverse("account:coverage", args=[storm.event.code])).text
    below = reverse("account:village", args=[storm.event.code, VILLAGES[0]])
    assert below in page
    assert "万埠镇" in page
    told = auditor.get(below).text
    assert told.index(storm.household(0, 5).code) < told.index(storm.household(0, 1).code)
    for word in ("联系不上，已约定再访日期 · 住院陪护", "纳入监测 · 边缘易致贫户", "逐户排查中", "受影响 5 户"):
        assert word in told, word
    assert as_("township_officer_b").get(below).status_code == 404
    assert as_("auditor").get(reverse("account:village", args=[storm.event.code, "360123101000"])).status_code == 404


def test_the_commands_sign_and_tell_what_changed_since(storm, capsys):
    call_command("account_prove", storm.event.code, "--json")
    assert '"unaccounted": 0' in capsys.readouterr().out
    clock.advance(timedelta(hours=1))
    newcomer(VILLAGES[3])
    call_command("account_coverage", storm.event.code, "--json")
    told = capsys.readouterr().out
    assert '"added": 1' in told
    assert '"holds": false' in told
    call_command("account_prove", storm.event.code, "--by", "county_director")
    assert Proof.objects.first().by.username == "county_director"
