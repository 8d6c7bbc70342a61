"""How hard an event is: by forecast, by gauges, by the warning; and kept with the run."""

from datetime import timedelta

import numpy as np
import pytest
from tests.county.foresee.conftest import A, B, D, family

from anlan.county import clock
from anlan.county.foresee import exposure, hazards
from anlan.county.foresee.actions import foresee
from anlan.county.foresee.models import Impact, Outlook
from anlan.county.registry.queries import columns
from anlan.county.sense.actions import enrol_stations, observe
from anlan.engine import policy
from anlan.engine.hazard import grid
from anlan.engine.hazard.warned import MembersInvalid

COUNTY = ["360123000000"]
CELLS = grid.cells(np.array([115.61, 115.52]), np.array([28.91, 28.77]))


@pytest.fixture
def look(now):
    """What is seen of an event by households in two cells, the second one less surely placed."""

    def look(event, forecast=None):
        spots = hazards.Spots(CELLS, np.array([50.0, 1500.0]))
        seen = hazards.seen(event, spots, clock.now(), policy.on(clock.today()), forecast)
        return seen, seen.places(spots)

    return look


@pytest.fixture
def gauge(people, now):
    def gauge(value, element="rain_24h_mm"):
        enrol_stations(rows=[("S1", "示例站", A, element, 115.61, 28.91)], by=people["anlan"])
        observe(readings=[("S1", now, value)], by=people["anlan"])

    return gauge


def forecast(*kinds, members=4):
    """An ensemble over the first cell alone."""
    values = [(hazard, kind, np.full((members, 1), value)) for hazard, kind, value in kinds]
    return hazards.Forecast(values, np.sort(CELLS)[-1:], np.full(members, 1 / members))


@pytest.mark.clause("H1", "W1")
def test_a_warning_is_three_ways_in_which_it_may_come(storm, look):
    seen, place = look(storm(level=4))
    (threat,) = seen.threats
    assert (seen.basis, seen.members, threat.field.kind) == ("alert", 3, "rain24h_mm")
    assert place.tolist() == [0, 0]
    assert seen.severity(place).tolist() == [4.0, 4.0]


def test_gauges_are_less_sure_where_the_household_is(storm, look, gauge):
    gauge(250.0)
    seen, place = look(storm())
    (threat,) = seen.threats
    assert (seen.basis, seen.members) == ("gauges", 9)
    assert seen.severity(place) == pytest.approx([4.0, 4.0])
    spread = threat.field.values[-1, place] / threat.field.values[0, place]
    assert spread[0] < spread[1]


def test_what_has_no_curve_over_its_readings_is_seen_as_severity(storm, look, gauge):
    gauge(60.0, element="dry_days")
    seen, place = look(storm(hazard="drought", level=3))
    assert seen.threats[0].field.kind == "severity"
    assert seen.severity(place) == pytest.approx([4.0, 4.0])
    assert seen.threats[0].field.values.max() <= 5


@pytest.mark.clause("H1")
def test_a_forecast_is_believed_before_the_gauges(storm, look, gauge):
    gauge(5.0)
    seen, place = look(storm(), forecast(("rainstorm", "rain24h_mm", 160.0), ("gale", "gust_ms", 28.5)))
    assert (seen.basis, seen.members, len(seen.threats)) == ("forecast", 4, 2)
    assert sorted(seen.severity(place).tolist()) == [0.0, 3.0], "nothing comes where nothing is forecast"


def test_where_no_scale_leads_to_severity_another_threat_gives_it_or_none(storm, look):
    seen, place = look(storm(), forecast(("flood", "flood_days", 4.0), ("gale", "gust_ms", 28.5)))
    assert sorted(seen.severity(place).tolist()) == [0.0, 3.0]
    seen, place = look(storm(code="EV2"), forecast(("flood", "flood_days", 4.0)))
    assert seen.severity(place).tolist() == [0.0, 0.0]


def test_where_no_cold_is_forecast_nothing_freezes(storm, look):
    seen, place = look(storm(), forecast(("cold_wave", "tmin_c", -8.0)))
    assert sorted(seen.severity(place).tolist()) == [0.0, 4.0]


@pytest.mark.parametrize("hazard", ["meteorite", "other"])
def test_what_nobody_knows_is_any_hazard(storm, look, hazard):
    assert look(storm(hazard=hazard))[0].threats[0].hazard == "other"


def test_what_was_seen_is_kept_and_comes_back(storm, look, gauge):
    gauge(250.0)
    for event, given in ((storm(), None), (storm(code="EV2"), forecast(("rainstorm", "rain24h_mm", 99.0)))):
        seen, place = look(event, given)
        packed = hazards.pack(seen)
        back = hazards.unpack(packed, seen.basis)
        assert packed == hazards.pack(back)
        assert (back.spots == seen.spots).all()
        assert back.basis == seen.basis
        for one, other in zip(back.threats, seen.threats, strict=True):
            assert (one.hazard, one.field.kind) == (other.hazard, other.field.kind)
            assert (one.field.values == other.field.values).all()
        assert back.places(hazards.Spots(CELLS, np.array([50.0, 1500.0]))).tolist() == place.tolist()


def test_members_that_do_not_add_up_are_refused(storm, look):
    bad = hazards.Forecast([("rainstorm", "rain24h_mm", np.ones((2, 1)))], CELLS[:1], np.array([0.5, 0.6]))
    with pytest.raises(MembersInvalid):
        look(storm(), bad)


# --- through the run -----------------------------------------------------------------------------------


@pytest.mark.clause("H1", "W1", "G1")
def test_a_run_from_an_ensemble_hits_who_stands_under_it(settle, storm, people):
    settle(family(A, 1), family(D, 1))
    everyone = columns(COUNTY, clock.today())
    cells = np.unique(exposure.cells(everyone))
    rain = np.where(cells == exposure.cells(everyone)[0], 320.0, 10.0)
    members = np.stack([rain, rain * 0.8])
    made = foresee(
        event=storm(), by=people["anlan"],
        forecast=hazards.Forecast([("rainstorm", "rain24h_mm", members)], cells, np.array([0.5, 0.5])),
    )  # fmt: skip
    assert (made.basis, made.members) == ("forecast", 2)
    wet, dry = Impact.objects.filter(run=made).order_by("household__code")
    assert wet.loss_yuan > 1_000 > 100 > dry.loss_yuan
    assert wet.rank == 1


@pytest.mark.clause("W3", "G1")
def test_each_village_has_bounds_that_hold_its_expected_number(settle, storm, people):
    settle(*(family(village, n) for village in (A, B) for n in range(1, 30)))
    made = foresee(event=storm(), by=people["anlan"])
    outlooks = {each.division_id: each for each in Outlook.objects.filter(run=made)}
    assert set(outlooks) == {A, B}
    for code, each in outlooks.items():
        scores = Impact.objects.filter(run=made, household__division=code).values_list("score", flat=True)
        assert each.households == len(scores) == 29
        assert each.expected == pytest.approx(sum(scores), abs=1e-4)
        assert 0 <= each.low < each.expected < each.high <= 29


@pytest.mark.clause("P2", "S1")
def test_losses_are_told_by_kind_and_the_outcomes_stand_side_by_side(settle, storm, people):
    settle(family(A, 1))
    foresee(event=storm(), by=people["anlan"])
    (each,) = Impact.objects.all()
    kinds = ("crop_yuan", "livestock_yuan", "stock_yuan", "work_yuan", "house_yuan")
    assert each.loss_yuan == pytest.approx(sum(getattr(each, kind) for kind in kinds), abs=1e-4)
    assert each.crop_yuan > each.house_yuan
    assert each.loss_sd_yuan > 0
    assert each.p_below_low < each.p_below < each.p_below_high
    assert each.score_low < each.score < each.score_high
    assert each.p_hardship >= each.p_below


def test_more_members_cost_no_more_queries(settle, storm, people, django_assert_num_queries):
    settle(*(family(A, n) for n in range(1, 20)))
    event = storm()
    foresee(event=event, by=people["anlan"])
    cells = np.unique(exposure.cells(columns(COUNTY, clock.today())))
    clock.advance(timedelta(minutes=1))
    with django_assert_num_queries(30, exact=False):
        foresee(
            event=event, by=people["anlan"],
            forecast=hazards.Forecast(
                [("rainstorm", "rain24h_mm", np.full((51, len(cells)), 99.0))], cells, np.full(51, 1 / 51)
            ),
        )  # fmt: skip
