"""What was foreseen in a storm: every figure can be told, the villages add up, and one can see how good it was."""

import json

import pytest
from django.core.management import call_command

from anlan.county.account.models import Report
from anlan.county.foresee import explaining
from anlan.county.foresee.models import Impact, Outlook
from anlan.county.foresee.queries import by_village, latest, ranked, visiting
from anlan.county.sense.models import Event

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("small_drill")]


@pytest.fixture
def event(small_drill):
    return Event.objects.get()


@pytest.mark.clause("A1", "W1")
def test_the_figures_of_anybody_on_the_list_can_be_told_term_by_term(event):
    last = ranked(event).count()
    for rank in (1, 2, 3, last // 4, last // 2, last):
        impact = ranked(event).select_related("run__event", "run__exposure").get(rank=rank)
        told = explaining.of(impact)
        figures = {
            "p_below": impact.p_below, "p_below_after_spending": impact.p_hardship, "p_home": impact.p_home,
            "p_water": impact.p_water,
        }  # fmt: skip
        for each in told.outcomes:
            assert each.probability * told.there == pytest.approx(figures[each.outcome], abs=1e-4), (rank, each.outcome)


@pytest.mark.clause("W3", "G1")
def test_the_villages_add_up_and_their_bounds_hold_what_is_expected(event):
    run = latest(event)
    villages = by_village(event)
    assert sum(each.at_risk for each in villages) == pytest.approx(sum(ranked(event).values_list("score", flat=True)))
    assert {each.division_id for each in Outlook.objects.filter(run=run)} == {each.code for each in villages}
    for each in villages:
        assert each.low <= each.at_risk + 0.5
        assert each.high >= each.at_risk - 0.5


@pytest.mark.clause("D5")
def test_a_hundred_visits_are_expected_to_find_more_than_their_share(event):
    plan = visiting(event, 100)
    listed = ranked(event).count()
    assert plan.visits == 100
    assert plan.expected / plan.known > 2 * 100 / listed


def test_both_runs_of_the_storm_are_kept_and_the_gauges_knew_more(event):
    warned, gauged = event.runs.order_by("made_at")
    assert (warned.basis, gauged.basis) == ("alert", "gauges")
    assert warned.members < gauged.members
    assert Impact.objects.filter(run=warned).values("severity").distinct().count() == 1
    assert Impact.objects.filter(run=gauged).values("severity").distinct().count() > 1


@pytest.mark.clause("M1")
def test_the_report_tells_how_good_the_estimate_was(event, small_drill):
    told = small_drill["hindsight"]
    assert Report.objects.get().body["hindsight"] == told
    whole = told["outcomes"]["any"]
    assert whole["found"] > 0
    assert 0 < whole["brier"] < 0.25, "better than saying one in two of everybody"
    recalls = [each["recall"] for each in told["recall_at"]]
    assert recalls == sorted(recalls)
    half = next(each for each in told["recall_at"] if each["visits"] >= told["listed"] / 3)
    assert half["recall"] > 0.5, "the list must be better than chance"


def test_anybody_can_verify_it_afterwards(event, capsys):
    call_command("foresee_verify", event.code, json=True)
    document = json.loads(capsys.readouterr().out)
    assert document["run"]["basis"] == "gauges"
    assert document["visited"] > 0
    assert sum(each["found"] for each in document["villages"]) == document["outcomes"]["any"]["found"]
