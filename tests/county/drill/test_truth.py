"""What truly happens: more hazard never less harm, a warning never harms, the storm may fall elsewhere."""

from dataclasses import replace

import numpy as np
import pytest
from tests.county.drill.conftest import LINE_YUAN, drawn

from anlan.county.drill.scenario import read, scenarios
from anlan.county.drill.truth import AXES, band, draw_field, suffer
from anlan.county.drill.worlds import read_world

CALM = "[hazard]\ndisplacement_km = 0\namplitude_sd = 0\nnoise_sd = 0\nonset_error_h = 0"
NAMES = [scenario.name for scenario in scenarios()]
PLACES, PEOPLE = drawn(size=3000)
NOBODY, ALL = np.zeros(3000, dtype=bool), np.ones(3000, dtype=bool)
LON, LAT = (axis.ravel() for axis in np.meshgrid(np.linspace(115.40, 115.78, 60), np.linspace(28.58, 29.04, 60)))


def told(name, factor=1.0, world="", seed=5):
    """The truth of a scenario, its field scaled."""
    scenario, given = read(name), read_world(world)
    field = draw_field(seed, scenario, given)
    field = replace(field, factor=field.factor * factor)
    return suffer(seed, scenario, given, field, PEOPLE, PLACES)


@pytest.mark.parametrize("name", NAMES)
def test_a_stronger_storm_never_does_less_to_anybody(name):
    before = told(name, 0.7)
    for factor in (1.0, 1.3, 2.0):
        now = told(name, factor)
        for column in ("intensity", "crop_loss_yuan", "goods_loss_yuan", "work_loss_yuan"):
            assert (getattr(now, column) >= getattr(before, column)).all(), column
        assert (now.loss_yuan(NOBODY) >= before.loss_yuan(NOBODY)).all()
        assert not (before.home_unsafe & ~now.home_unsafe).any()
        assert not (before.water_unsafe & ~now.water_unsafe).any()
        before = now


@pytest.mark.clause("W1")
@pytest.mark.parametrize("name", NAMES)
def test_who_is_warned_never_loses_more(name):
    truth = told(name, 1.5)
    warned, not_warned = truth.loss_yuan(ALL), truth.loss_yuan(NOBODY)
    assert (warned <= not_warned).all()
    assert (truth.goods_saved_yuan <= truth.goods_loss_yuan).all()
    assert (warned < not_warned).any()


@pytest.mark.parametrize("name", NAMES)
def test_nobody_loses_what_they_do_not_have(name):
    truth = told(name, 3.0)
    assert (truth.crop_loss_yuan <= PEOPLE.crop_yuan).all()
    assert (truth.goods_loss_yuan <= PEOPLE.animal_yuan + PEOPLE.equipment_yuan).all()
    assert (truth.work_loss_yuan <= PEOPLE.wage_yuan).all()
    assert (truth.indemnity_yuan <= truth.crop_loss_yuan).all()
    assert not truth.indemnity_yuan[~PEOPLE.insured].any()
    assert truth.loss_yuan(ALL).min() >= 0


@pytest.mark.clause("P3")
def test_at_risk_are_those_the_event_pushes_below_the_line_and_not_those_already_there():
    truth = told("june_rainstorm", 1.5)
    axes = truth.at_risk(PEOPLE, NOBODY, LINE_YUAN)
    assert set(axes) == set(AXES)
    before = PEOPLE.income_yuan / PEOPLE.size
    after = before - truth.loss_yuan(NOBODY) / PEOPLE.size
    assert axes["income"].any()
    assert not axes["income"][before < LINE_YUAN].any()
    assert (axes["income"] == ((before >= LINE_YUAN) & (after < LINE_YUAN))).all()
    assert (axes["home"] == truth.home_unsafe).all()
    fewer = truth.at_risk(PEOPLE, ALL, LINE_YUAN)["income"]
    assert not (fewer & ~axes["income"]).any()


def test_without_errors_the_truth_is_the_forecast():
    scenario = read("june_rainstorm")
    field = draw_field(5, scenario, read_world(CALM))
    assert field.at(LON, LAT) == pytest.approx(band(scenario, LON, LAT))
    assert told("june_rainstorm", world=CALM).onset_shift_h == 0


def test_the_forecast_lies_between_its_background_and_its_peak():
    for name in NAMES:
        scenario = read(name)
        smooth = band(scenario, LON, LAT)
        assert smooth.min() >= scenario.field["background"]
        assert smooth.max() <= scenario.field["peak"]
        through = band(scenario, *(np.array([place]) for place in scenario.field["through"]))
        assert through[0] == pytest.approx(scenario.field["peak"])


def test_a_displaced_storm_peaks_elsewhere():
    scenario = read("june_rainstorm")
    here, moved = band(scenario, LON, LAT), band(scenario, LON, LAT, north_km=10.0)
    north_of_peak = LAT[moved > 0.95 * scenario.field["peak"]].mean() - LAT[here > 0.95 * scenario.field["peak"]].mean()
    assert 0.05 < north_of_peak < 0.15
    assert np.corrcoef(here, moved)[0, 1] < 0.5


@pytest.mark.parametrize(
    ("world", "measured", "expected"),
    [
        ("[hazard]\ndisplacement_km = 15", lambda fields: np.std([f.north_km for f in fields]), 15.0),
        ("[hazard]\namplitude_sd = 0.5", lambda fields: np.std([np.log(f.factor) for f in fields]), 0.5),
        ("[hazard]\namplitude_sd = 0", lambda fields: np.ptp([f.factor for f in fields]), 0.0),
    ],
)
def test_over_many_seeds_the_truth_strays_as_far_as_the_world_says(world, measured, expected):
    given, scenario = read_world(world), read("june_rainstorm")
    assert measured([draw_field(seed, scenario, given) for seed in range(300)]) == pytest.approx(expected, rel=0.12)


def test_small_scale_noise_is_as_rough_as_the_world_says():
    scenario = read("june_rainstorm")
    field = draw_field(1, scenario, read_world(CALM.replace("noise_sd = 0", "noise_sd = 0.3")))
    rough = np.log(field.at(LON, LAT) / band(scenario, LON, LAT))
    assert rough.std() == pytest.approx(0.3, rel=0.25)


@pytest.mark.parametrize("name", NAMES)
def test_weak_houses_and_open_wells_suffer_more(name):
    truth = told(name, 1.6)
    kinds = [truth.water_unsafe[PEOPLE.water == kind].mean() for kind in range(4)]
    assert max(kinds[2:]) >= max(kinds[:2])
    adobe, concrete = (truth.home_unsafe[PEOPLE.structure == kind].mean() for kind in (2, 0))
    assert adobe >= concrete


def test_the_same_seed_the_same_truth():
    one, other = told("june_rainstorm"), told("june_rainstorm")
    assert one.loss_yuan(NOBODY).tolist() == other.loss_yuan(NOBODY).tolist()
    assert told("june_rainstorm", seed=6).loss_yuan(NOBODY).tolist() != one.loss_yuan(NOBODY).tolist()
