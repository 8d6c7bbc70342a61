"""An estimate: who is on the list, from what, in which order; and who may not ask for one."""

from datetime import timedelta

import numpy as np
import pytest
from tests.county.foresee.conftest import A, B, C, D, box, family

from anlan.county import clock
from anlan.county.errors import NotAllowed
from anlan.county.foresee.actions import EventClosed, foresee
from anlan.county.foresee.models import Impact, Run
from anlan.county.foresee.queries import latest, ranked
from anlan.county.ledger.models import Entry
from anlan.county.ledger.queries import verify
from anlan.county.office.models import Division
from anlan.county.registry.records import HomeRecord
from anlan.county.sense.actions import enrol_stations, observe

POINT = {"location": "point"}


@pytest.fixture
def run(people):
    """An estimate by the duty officer: the run, and its impacts by household code."""

    def run(event, by="duty_officer"):
        made = foresee(event=event, by=people[by])
        rows = Impact.objects.filter(run=made).select_related("household")
        return made, {each.household.code: each for each in rows}

    return run


@pytest.fixture
def gauge(people, now):
    """Gauges that have read something: (lon, lat, value)."""

    def gauge(*places, element="rain_24h_mm", at=None):
        rows = [(f"S{n}", f"示例站{n}", A, element, lon, lat) for n, (lon, lat, _v) in enumerate(places)]
        enrol_stations(rows=rows, by=people["anlan"])
        readings = [(f"S{n}", at or now, value) for n, (_lon, _lat, value) in enumerate(places)]
        observe(readings=readings, by=people["anlan"])

    return gauge


@pytest.mark.clause("W1", "S1")
def test_every_household_of_the_area_gets_an_estimate(settle, storm, run):
    settle(family(A), family(B), family(C), family(D))
    made, impacts = run(storm())
    assert made.households == len(impacts) == 4
    assert (made.basis, made.policy_day) == ("alert", clock.today())
    assert sorted(each.rank for each in impacts.values()) == [1, 2, 3, 4]
    for each in impacts.values():
        assert (each.reach, each.confidence, each.severity) == ("division", 1.0, 4.0)
        assert 0 < each.loss_yuan < 100_000
        assert 0 < each.score <= 1
        assert 0 < each.p_below < 1


def test_only_those_the_event_reaches_are_listed(settle, storm, run):
    settle(family(A), family(C), family(D))
    made, impacts = run(storm(codes=["360123102000"]))
    assert set(impacts) == {f"{C}00001", f"{D}00001"}
    assert made.households == 2


@pytest.mark.clause("M2")
def test_a_polygon_lists_the_uncertain_with_their_share_and_leaves_out_the_certain(settle, storm, run):
    settle(
        family(A, 1), family(A, 2, lon=115.605, lat=28.91, **POINT), family(A, 3, lon=115.615, lat=28.91, **POINT),
        family(C, 1),
    )  # fmt: skip
    _made, impacts = run(storm(codes=[], polygons=[box(115.61, 28.8, 115.7, 29.0)]))
    assert set(impacts) == {f"{A}00001", f"{A}00003"}
    unsure, sure = impacts[f"{A}00001"], impacts[f"{A}00003"]
    assert (unsure.reach, sure.reach, sure.confidence) == ("polygon", "polygon", 1.0)
    assert 0.3 < unsure.confidence < 0.7
    assert unsure.score < sure.score
    assert unsure.loss_yuan < sure.loss_yuan


def test_polygon_and_division_are_joined(settle, storm, run):
    settle(family(A), family(B), family(C), family(D))
    _made, impacts = run(storm(codes=[C], polygons=[box(115.57, 28.88, 115.59, 28.90)]))
    assert {code: each.reach for code, each in impacts.items() if each.confidence > 0.5} == {
        f"{B}00001": "polygon", f"{C}00001": "division",
    }  # fmt: skip


@pytest.mark.clause("M2")
def test_a_village_nobody_has_drawn_is_looked_for_in_its_township(settle, storm, run, gauge):
    Division.objects.filter(pk=A).update(lon=None, lat=None)
    settle(family(A))
    gauge((115.60, 28.90, 300.0))
    _made, impacts = run(storm(codes=[], polygons=[box(115.59, 28.89, 115.61, 28.91)]))
    (found,) = impacts.values()
    assert 0 < found.confidence < 0.5
    assert found.severity > 4


def test_an_area_without_households_gives_an_empty_run(settle, storm, run):
    settle(family(A))
    made, impacts = run(storm(codes=["360124000000"]))
    assert (made.households, impacts) == (0, {})


def test_a_county_without_households_gives_an_empty_run(county, storm, run):
    assert run(storm(polygons=[box(115, 28, 116, 29)]))[0].households == 0


# --- how hard it is there ------------------------------------------------------------------------------


@pytest.mark.clause("H1", "W1")
def test_where_the_gauges_have_spoken_they_are_believed(settle, storm, run, gauge):
    settle(family(A), family(D))
    gauge((115.61, 28.91, 300.0), (115.52, 28.77, 5.0))
    made, impacts = run(storm())
    assert made.basis == "gauges"
    assert impacts[f"{A}00001"].severity > 4
    assert impacts[f"{D}00001"].severity < 1
    assert impacts[f"{A}00001"].rank == 1


def test_gauges_of_another_element_say_nothing(settle, storm, run, gauge):
    settle(family(A))
    gauge((115.61, 28.91, 80.0), element="dry_days")
    assert run(storm())[0].basis == "alert"


def test_what_was_read_before_two_days_is_over(settle, storm, run, gauge, now):
    settle(family(A))
    gauge((115.61, 28.91, 300.0), at=now - timedelta(hours=49))
    assert run(storm())[0].basis == "alert"


@pytest.mark.clause("S2")
def test_a_hazard_that_no_gauge_measures_goes_by_its_level(settle, storm, run):
    settle(family(A))
    made, impacts = run(storm(hazard="earthquake", level=3))
    assert (made.basis, impacts[f"{A}00001"].severity) == ("alert", 3.0)


@pytest.mark.clause("S4")
def test_a_hazard_we_do_not_know_goes_by_its_level_too(settle, storm, run):
    settle(family(A))
    made, impacts = run(storm(hazard="meteorite", level=2))
    assert (made.basis, impacts[f"{A}00001"].severity) == ("alert", 2.0)


def test_a_higher_level_never_means_less(settle, storm, run):
    settle(family(A))
    event, scores = storm(level=1), []
    for level in (1, 2, 3, 4):
        event.level = level
        scores.append(run(event)[1][f"{A}00001"].score)
    assert scores == sorted(scores)
    assert scores[0] < scores[-1]


# --- the order -----------------------------------------------------------------------------------------


@pytest.mark.clause("D5")
def test_among_equals_the_key_groups_come_first_and_then_the_code(settle, storm, run):
    settle(
        family(A, 1), family(A, 2, categories=("ex_poor",)), family(A, 3),
        family(A, 4, categories=("ex_poor", "marginal")),
    )  # fmt: skip
    event = storm()
    _made, impacts = run(event)
    assert len({each.score for each in impacts.values()}) == 1
    assert [each.household.code[-1] for each in ranked(event)] == ["4", "2", "1", "3"]


@pytest.mark.clause("D5", "P2")
def test_who_may_lose_house_or_water_comes_before_who_may_not(settle, storm, run, people):
    weak = family(A, 9, home=HomeRecord("adobe", value_yuan=20_000.0))
    settle(family(A, 1), family(A, 2), weak)
    _made, impacts = run(storm())
    worst = impacts[weak.code]
    assert worst.rank == 1
    assert worst.p_home > impacts[f"{A}00001"].p_home


@pytest.mark.clause("W4")
def test_every_household_is_in_the_one_group_it_is_warned_in(settle, storm, run):
    Division.objects.filter(pk=D).update(remote=True)
    settle(
        family(A, 1), family(A, 2, categories=("disabled",)), family(A, 3, born=clock.today().replace(year=1940)),
        family(A, 4, categories=("ex_poor", "disabled")), family(D, 1),
    )  # fmt: skip
    _made, impacts = run(storm(level=1))
    groups = {code[-6:]: each.group for code, each in impacts.items()}
    assert groups == {
        "100001": "general", "100002": "disabled", "100003": "elderly", "100004": "disabled", "200001": "remote",
    }  # fmt: skip


def test_who_may_lose_the_roof_is_in_danger(settle, storm, run):
    settle(family(A, 1, home=HomeRecord("adobe", value_yuan=20_000.0)))
    _made, impacts = run(storm(hazard="flash_flood", level=4))
    assert impacts[f"{A}00001"].group == "danger"


# --- kept, repeated, refused ---------------------------------------------------------------------------


@pytest.mark.clause("W1")
def test_the_same_facts_give_the_same_list_and_the_older_run_is_kept(settle, storm, run, later):
    settle(*(family(village, n) for village in (A, B, C, D) for n in range(1, 4)))
    event = storm()
    first, before = run(event)
    later(2)
    second, after = run(event)
    assert first.digest == second.digest
    assert len(first.digest) == 64
    values = ("rank", "score", "loss_yuan", "p_below", "group")
    assert {code: [getattr(each, name) for name in values] for code, each in before.items()} == {
        code: [getattr(each, name) for name in values] for code, each in after.items()
    }
    assert list(Run.objects.filter(event=event)) == [second, first]
    assert latest(event) == second


def test_other_facts_give_another_digest(settle, storm, run):
    settle(family(A, 1), family(A, 2))
    event = storm()
    first, _impacts = run(event)
    settle(family(A, 3))
    assert run(event)[0].digest != first.digest


@pytest.mark.clause("A1")
def test_it_leaves_one_line_without_anyones_name(settle, storm, run):
    settle(family(A))
    before = Entry.objects.count()
    made, _impacts = run(storm())
    line = Entry.objects.get(seq__gt=before)
    assert (line.verb, line.about, line.by) == ("foresee.run", "event:EV20260618-rainstorm-1", "duty_officer")
    assert made.digest in line.payload
    assert "示例" not in line.payload
    assert verify().verified


def test_a_closed_event_is_refused(settle, storm, people):
    settle(family(A))
    event = storm(closed_at=clock.now())
    with pytest.raises(EventClosed, match=event.code):
        foresee(event=event, by=people["duty_officer"])
    assert not Run.objects.exists()


@pytest.mark.parametrize("username", ["auditor", "township_officer_a", "county_director", "village_cadre_a"])
def test_only_the_duty_desk_and_the_machine_estimate(settle, storm, people, username):
    settle(family(A))
    event = storm()
    with pytest.raises(NotAllowed):
        foresee(event=event, by=people[username])
    assert not Run.objects.exists()
    assert foresee(event=event, by=people["anlan"]).households == 1


def test_what_is_stored_is_rounded_to_what_two_machines_agree_on(settle, storm, run):
    settle(family(A))
    _made, impacts = run(storm())
    for name in ("loss_yuan", "p_below", "p_home", "p_water", "score", "income_per_head_yuan"):
        value = getattr(impacts[f"{A}00001"], name)
        assert value == np.round(value, 6), name
