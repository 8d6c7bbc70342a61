"""A household that was merged, or moved, keeps on its page everything that any room holds on it."""

from datetime import date

import pytest
from django.urls import reverse
from tests.county.desk.storm import HIT
from tests.county.desk.storm import family as record

from anlan.county import clock
from anlan.county.desk.queries import households, moved_to, story
from anlan.county.desk.timeline import timeline
from anlan.county.registry import actions
from anlan.county.registry.life import actions as life
from anlan.county.registry.models import Household

OTHER = HIT[:12] + "00077"
LISTS = ("impacts", "targets", "leads", "visits", "cases", "episodes", "measures", "checks", "releases")


@pytest.fixture
def officer(people):
    return people["township_officer_a"]


@pytest.fixture
def other(storm, people):
    """A second row for the household that was hit."""
    actions.enrol(records=[record(OTHER, "张示例")], by=people["anlan"], source="test")
    return Household.objects.get(code=OTHER)


def held(found, user):
    told = story(found, user)
    return {name: [each.pk for each in getattr(told, name)] for name in LISTS}


@pytest.mark.clause("P1")
@pytest.mark.parametrize("keeps_the_one_hit", [True, False])
def test_nothing_of_a_merged_household_is_orphaned(storm, other, officer, keeps_the_one_hit):
    before = held(storm.hit, officer)
    assert all(before[name] for name in ("impacts", "leads", "cases", "measures"))
    keep, drop = (storm.hit, other) if keeps_the_one_hit else (other, storm.hit)
    deed = life.merge_households(keep=keep, drop=drop, by=officer)
    now = Household.objects.get(pk=keep.pk)
    assert held(now, officer) == before
    life.unmerge(deed=deed, by=officer)
    assert held(Household.objects.get(pk=storm.hit.pk), officer) == before
    assert not any(held(Household.objects.get(pk=other.pk), officer).values())


def test_the_page_of_the_kept_one_leads_to_the_case_of_the_other(storm, other, officer, client):
    life.merge_households(keep=other, drop=storm.hit, by=officer)
    client.force_login(officer)
    text = client.get(reverse("desk:household", args=[OTHER])).content.decode()
    assert reverse("decide:case", args=[storm.event.code, HIT]) in text
    assert reverse("decide:case", args=[storm.event.code, OTHER]) not in text


def test_the_old_page_leads_to_the_new_one(storm, other, officer, people, client):
    life.merge_households(keep=other, drop=storm.hit, by=officer)
    assert moved_to(officer, HIT) == OTHER
    assert moved_to(officer, OTHER) is None
    assert moved_to(officer, "示例") is None
    assert moved_to(people["township_officer_b"], HIT) is None
    assert [each.code for each in households(officer)] == [OTHER]


def test_clocks_and_lines_go_on_after_a_move(storm, officer, people):
    before = story(storm.hit, people["auditor"])
    assert before.clocks
    assert before.lines
    life.move(household=storm.hit, village="360123101202", by=officer, on=clock.today())
    after = story(Household.objects.get(pk=storm.hit.pk), people["auditor"])
    assert len(after.clocks) == len(before.clocks)
    assert [each.seq for each in before.lines] == [each.seq for each in after.lines if each.seq <= before.lines[-1].seq]
    assert any(each.verb == "registry.move" for each in after.lines)
    assert len(timeline(after)) >= len(timeline(before))


def test_the_running_clocks_of_a_household_that_moved_are_its_new_villages(storm, officer, people):
    running = {each.kind for each in story(storm.hit, people["auditor"]).clocks if each.stopped_at is None}
    life.move(household=storm.hit, village="360123101202", by=officer, on=date(2026, 6, 18))
    told = story(Household.objects.get(pk=storm.hit.pk), people["auditor"])
    now = [each for each in told.clocks if each.stopped_at is None]
    assert {each.kind for each in now} == running
    assert {each.division_id for each in now} == {"360123101202"}
