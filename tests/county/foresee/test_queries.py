"""The list and the villages, within a person's divisions."""

import pytest
from tests.county.foresee.conftest import A, B, C, D, family

from anlan.county.foresee.actions import foresee
from anlan.county.foresee.queries import by_village, latest, ranked


@pytest.fixture
def event(settle, storm, people):
    settle(*(family(village, n) for village in (A, B, C) for n in range(1, 4)), family(D, 1))
    made = storm()
    foresee(event=made, by=people["anlan"])
    return made


def test_without_a_run_there_is_no_list(storm):
    event = storm()
    assert latest(event) is None
    assert not ranked(event).exists()
    assert by_village(event) == []


def test_the_list_is_the_latest_runs_in_order(event, people):
    foresee(event=event, by=people["anlan"])
    assert [each.rank for each in ranked(event)] == list(range(1, 11))
    assert {each.run_id for each in ranked(event)} == {latest(event).pk}


@pytest.mark.clause("L1")
@pytest.mark.parametrize(
    ("username", "villages"),
    [("auditor", {A, B, C, D}), ("township_officer_a", {A, B}), ("village_cadre_b", {C})],
)
def test_everyone_sees_the_households_of_the_own_divisions(event, people, username, villages):
    user = people[username]
    assert {each.household.division_id for each in ranked(event, user)} == villages
    assert {each.code for each in by_village(event, user)} == villages


@pytest.mark.clause("W1", "W3")
def test_villages_add_up_to_the_list_the_most_expected_poor_first(event):
    found = by_village(event)
    impacts = list(ranked(event))
    assert sum(each.households for each in found) == len(impacts)
    assert sum(each.expected_below for each in found) == pytest.approx(sum(each.p_below for each in impacts))
    assert sum(each.expected_unsafe for each in found) == pytest.approx(sum(each.p_home for each in impacts))
    assert sum(each.loss_yuan for each in found) == pytest.approx(sum(each.loss_yuan for each in impacts))
    assert [each.code for each in found] == [A, B, C, D]
    first = found[0]
    assert (first.name, first.lon, first.lat, first.severity) == ("示例甲村", 115.61, 28.91, 4.0)
    assert first.at_risk == pytest.approx(sum(each.score for each in impacts if each.household.division_id == A))
    assert first.share == pytest.approx(first.at_risk / 3)


def test_a_share_is_never_more_than_the_whole_however_many_ways_there_are_to_be_at_risk(event):
    ranked(event).update(p_below=1.0, p_home=1.0, p_water=1.0, score=1.0)
    assert [village.share for village in by_village(event)] == [1.0] * 4


def test_the_village_with_the_most_newly_at_risk_comes_first_whoever_was_poor_before(event):
    impacts = ranked(event).filter(household__division_id=B)
    impacts.update(p_below=0.9, score=0.0)
    assert by_village(event)[-1].code == B


def test_the_list_costs_the_same_however_long(event, django_assert_num_queries):
    with django_assert_num_queries(2):
        names = [(each.household.head_name, each.household.division.name) for each in ranked(event)]
    assert len(names) == 10


def test_a_run_and_an_impact_tell_themselves_in_a_line(event):
    run = latest(event)
    assert str(run) == "EV20260618-rainstorm-1 2026-06-18 12:00"
    assert str(ranked(event)[0]).startswith("#1 ")
