"""What was found and what was missed adds up, each household once, by the furthest step it came to."""

import numpy as np
import pytest

from anlan.county import clock
from anlan.county.decide.models import Case, Episode
from anlan.county.discover.models import Lead
from anlan.county.drill import outcome
from anlan.county.office.queries import machine
from anlan.county.registry.models import Household
from anlan.county.sense.actions import open_event
from anlan.county.verify.models import Finding, Visit

REASONS = [
    "not_confirmed", "still_open", "judged_unharmed", "not_at_home", "lead_not_visited", "taken_off_the_list",
    "not_reached", "unknown_to_the_registry",
]  # fmt: skip


@pytest.fixture
def ready(founded, monkeypatch):
    """An event on the founded county, in which every second household was truly at risk."""
    open_event(by=machine(), hazard="rainstorm", codes=["360123000000"], level=4, exercise=True)
    hit = np.arange(len(founded.households.size)) % 2 == 0
    truth = founded.truth
    monkeypatch.setattr(type(truth), "at_risk", lambda *_: {"income": hit, "home": hit & False, "water": hit})
    return founded, hit


def lead(household, outcome_="", state="found", visited=""):
    made = Lead.objects.create(
        event=household.event_, household=household, state=state, priority=1.0, opened_at=clock.now(),
        outcome=outcome_, closed_at=clock.now() if outcome_ else None,
    )  # fmt: skip
    if not visited:
        return made, None
    again = {"again_on": clock.today()} if visited == "absent" else {}
    visit = Visit.objects.create(
        lead=made, uuid=f"v{household.pk}", at=clock.now(), by=machine(), outcome=visited, consent=True, **again
    )
    return made, visit


def case(household, state):
    made, visit = lead(household, visited="harmed")
    finding = Finding.objects.create(lead=made, visit=visit, made_at=clock.now(), income_per_head_yuan=5000.0)
    closed = clock.now() if state in {"entered", "not_confirmed"} else None
    found = Case.objects.create(
        finding=finding, household=household, event=household.event_, state=state, opened_at=clock.now(),
        lead_at=clock.now(), policy_day=clock.today(), closed_at=closed,
        category="hardship" if state == "entered" else "",
        reasons=[{"code": "income"}] if closed else [],
    )  # fmt: skip
    if state == "entered":
        Episode.objects.create(
            household=household, case=found, category="hardship", axes=["income"], entered_at=clock.now()
        )


def some(stage, marked, count):
    """Households of the registry of whom that is (or is not) true, in the world's order."""
    indices = [index for index in np.flatnonzero(marked).tolist() if stage.ids[index]][:count]
    found = [Household.objects.get(pk=int(stage.ids[index])) for index in indices]
    for household in found:
        household.event_ = stage.event
    return found


@pytest.mark.clause("P3", "M2")
def test_nobody_found_is_everybody_missed(ready):
    stage, hit = ready
    told = outcome.truth(stage)
    assert (told["at_risk"], told["found"], told["missed"]) == (hit.sum(), 0, hit.sum())
    assert (told["recall"], told["precision"], told["visits"]) == (0.0, None, 0)
    assert list(told["missed_why"]) == REASONS
    assert told["missed_why"]["not_reached"] + told["missed_why"]["unknown_to_the_registry"] == hit.sum()
    assert told["missed_why"]["unknown_to_the_registry"] == (hit & (stage.ids == 0)).sum() > 0
    assert told["at_risk_by_axis"] == {"income": hit.sum(), "home": 0, "water": hit.sum()}


@pytest.mark.clause("P3", "M2")
def test_every_missed_household_is_counted_once_by_how_far_it_came(ready):
    stage, hit = ready
    entered, dropped, open_, unharmed, absent, waiting = some(stage, hit, 6)
    (wrongly,) = some(stage, ~hit, 1)
    case(entered, "entered")
    case(wrongly, "entered")
    case(dropped, "not_confirmed")
    case(open_, "publicity")
    lead(unharmed, "unharmed", state="closed", visited="unharmed")
    lead(absent, state="taken_in", visited="absent")
    lead(waiting, state="open")
    told = outcome.truth(stage)
    why = told["missed_why"]
    assert [why[reason] for reason in REASONS[:6]] == [1, 1, 1, 1, 1, 0]
    assert sum(why.values()) == told["missed"] == told["at_risk"] - told["found"]
    assert (told["found"], told["precision"]) == (1, 0.5)
    assert told["recall"] == round(1 / int(hit.sum()), 4)
    assert told["visits"] == 6
    assert told["visits_per_found"] == 6.0
    assert told["false_leads"] == 1
    assert told["days_to_decision"] == {"p50": 0.0, "p90": 0.0}
    assert told["reached"] == round(5 / int(hit.sum()), 4)
    for each in told["baselines"].values():
        assert 0 < each["visits"] <= len(hit)
        assert each["recall"] == pytest.approx(told["recall"], abs=1e-3)
    assert [set(step) for step in told["curve"]] == [{"visits", "ours", *told["baselines"]}] * len(told["curve"])
    assert told["curve"][-1]["ours"] == told["reached"]


def test_where_nobody_was_at_risk_there_is_no_recall(ready, monkeypatch):
    stage, hit = ready
    nobody = np.zeros(len(hit), dtype=bool)
    monkeypatch.setattr(type(stage.truth), "at_risk", lambda *_: {"income": nobody})
    told = outcome.truth(stage)
    assert (told["at_risk"], told["recall"], told["missed"]) == (0, None, 0)
    assert not any(told["missed_why"].values())
