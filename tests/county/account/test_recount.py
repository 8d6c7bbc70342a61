"""The ledger, recounted, against the tables, where a line and a row cannot both be true."""

from datetime import timedelta

import pytest
from tests.county.account.conftest import newcomer
from tests.county.cases import lead, visit
from tests.county.storm import VILLAGES

from anlan.county import clock
from anlan.county.account.recount import Difference, differences
from anlan.county.discover.actions import open_sweeps, take_in
from anlan.county.discover.models import Lead, Newcomer
from anlan.county.foresee.models import Run
from anlan.county.ledger.models import Entry
from anlan.county.office.queries import machine
from anlan.county.registry.life.actions import move, take_back
from anlan.county.verify.models import Visit
from anlan.county.warn.models import Warning


def test_a_household_that_moved_is_one_household_by_whichever_code(storm):
    open_sweeps(event=storm.event, by=machine())
    home = storm.household(0, 5)
    (found,) = lead(storm.event, home)
    take_in(leads=[found.pk], by=machine())
    deed = move(household=home, village=VILLAGES[3], by=machine(), on=clock.today())
    assert differences(storm.event) == []
    lead(storm.event, newcomer(VILLAGES[1]))
    take_back(deed=deed, by=machine())
    assert differences(storm.event) == []


@pytest.mark.parametrize(
    ("tamper", "about"),
    [
        (lambda event: Visit.objects.update(why="", outcome="harmed"), "household"),
        (lambda event: Visit.objects.update(again_on=clock.today() - timedelta(days=1)), "household"),
        (lambda event: Run.objects.update(digest="2" * 64), "run"),
        (lambda event: Entry.objects.filter(verb="foresee.run").update(verb="foresee.none"), "run"),
    ],
)
def test_a_visit_or_a_run_changed_past_the_program_is_named(storm, tamper, about):
    lead(storm.event, storm.household(0, 1))
    visit(storm.event, storm.household(0, 1), outcome="absent", why="away")
    assert differences(storm.event) == []
    tamper(storm.event)
    (wrong,) = differences(storm.event)
    assert wrong.about.startswith(f"{about}:")


def test_a_row_that_is_gone_is_named_though_no_table_has_it_any_more(storm):
    storm.event.codes = []
    storm.event.save()
    home = newcomer(VILLAGES[0])
    (found,) = lead(storm.event, home)
    found.sources.all().delete()
    Lead.objects.filter(pk=found.pk).delete()
    assert differences(storm.event) == [Difference(f"household:{home.code}", "", "lead")]


def test_a_newcomer_taken_out_again_is_named(storm):
    home = newcomer(VILLAGES[0])
    open_sweeps(event=storm.event, by=machine())
    assert differences(storm.event) == []
    Newcomer.objects.all().delete()
    storm.event.codes = []
    storm.event.save()
    assert [each.about for each in differences(storm.event)] == [f"household:{home.code}"]


def test_a_warning_that_lost_a_household_is_named(storm):
    Warning.objects.create(
        event=storm.event, code="w1", audience="all", level=3, sms="x", voice="x", drafted_by=machine(),
        drafted_at=clock.now(), expires_at=clock.now(), approved_by=None, green_at=clock.now(),
        released_at=clock.now(), state="released",
    )  # fmt: skip
    assert differences(storm.event) == [Difference("warning:w1", "0", "")]
