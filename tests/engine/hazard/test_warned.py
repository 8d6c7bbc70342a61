"""What a warning, a gauge or an ensemble says of an intensity: weighted members."""

import copy
import tomllib
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engine.hazard import taxonomy, warned
from anlan.engine.hazard.severity import ElementUnknown
from anlan.engine.hazard.warned import (
    Field,
    MembersInvalid,
    SignalsInvalid,
    of_ensemble,
    of_readings,
    of_warning,
    severity_of,
    signals,
)

TABLES = tomllib.loads((files("anlan.engine.hazard") / "warned.toml").read_text(encoding="utf-8"))
COLD = {"tmin_c"}  # the lower the worse
POINTS, WEIGHTS = np.array([-1.7, 0.0, 1.7]), np.array([1 / 6, 2 / 3, 1 / 6])


@pytest.mark.clause("S1", "S2", "S3", "S4")
@pytest.mark.parametrize("hazard", sorted(taxonomy.HAZARDS))
def test_every_hazard_of_the_plan_has_members_that_get_worse_with_the_colour(hazard):
    severities = [severity_of(of_warning(hazard, level, 2)) for level in (1, 2, 3, 4)]
    for each in severities:
        assert each.weights.sum() == pytest.approx(1)
        assert (each.values[:, 0] == each.values[:, 1]).all()
        assert (np.diff(each.values[:, 0]) > 0).all()
    means = [each.mean[0] for each in severities]
    assert means == sorted(means)
    assert means[0] < means[3] or hazard == "frost"


def test_a_rainstorm_is_rain_and_a_pest_is_only_a_level():
    assert of_warning("rainstorm", 4, 1).kind == "rain24h_mm"
    assert of_warning("pest", 3, 1).middle[0] == 3
    assert of_warning("meteorite", 3, 1).kind == "severity"


def test_an_alert_without_a_level_is_taken_for_a_yellow_one():
    assert (of_warning("rainstorm", 0, 3).values == of_warning("rainstorm", 2, 3).values).all()


def test_a_level_that_a_signal_does_not_have_is_read_as_the_nearest():
    assert (of_warning("frost", 4, 1).values == of_warning("frost", 3, 1).values).all()


@pytest.mark.parametrize("level", [-1, 5])
def test_there_is_no_fifth_colour(level):
    with pytest.raises(ValueError, match="no such"):
        of_warning("rainstorm", level, 1)


def test_the_middle_member_of_a_colour_is_its_severity():
    for hazard in ("rainstorm", "gale", "hail", "cold_wave", "earthquake", "drought", "pest"):
        for level in (1, 2, 3, 4):
            assert severity_of(of_warning(hazard, level, 1)).middle[0] == pytest.approx(level), (hazard, level)


def test_readings_scatter_by_a_factor_that_is_one_in_the_middle():
    field = of_readings("rain24h_mm", np.array([100.0, 0.0]), np.array([0.2, 0.4]), POINTS, WEIGHTS)
    assert field.middle.tolist() == [100.0, 0.0]
    assert field.values[0, 0] == pytest.approx(100 * np.exp(-0.34))
    assert not field.values[:, 1].any()


def test_a_temperature_is_not_scattered_by_a_factor():
    with pytest.raises(MembersInvalid, match="below nought"):
        of_readings("tmin_c", np.array([-4.0]), np.array([0.2]), POINTS, WEIGHTS)


def test_an_ensembles_members_are_equally_probable_unless_weighted():
    values = np.arange(6.0).reshape(3, 2)
    assert of_ensemble("gust_ms", values).weights.tolist() == [1 / 3] * 3
    assert of_ensemble("gust_ms", values, np.array([0.5, 0.25, 0.25])).mean.tolist() == [1.5, 2.5]


@settings(deadline=None)
@given(st.lists(st.floats(0, 100), min_size=1, max_size=9), st.integers(1, 4))
def test_the_middle_has_half_the_weight_on_either_side(values, places):
    field = of_ensemble("gust_ms", np.repeat(np.array(values)[:, None], places, axis=1))
    middle = field.middle[0]
    assert (field.values[:, 0] <= middle).mean() >= 0.5 - 1e-9
    assert (field.values[:, 0] >= middle).mean() >= 0.5 - 1e-9
    assert field.middle.shape == (places,)


def test_severities_come_by_the_scale_of_what_is_measured():
    field = severity_of(of_ensemble("rain24h_mm", np.array([[50.0], [250.0]])))
    assert field.kind == "severity"
    assert field.values[:, 0].tolist() == [1.0, 4.0]
    assert severity_of(field) is field


@pytest.mark.parametrize("kind", [kind for kind in warned.KINDS if warned.scaled(kind)])
def test_at_nothing_nothing_is_hurt(kind):
    assert severity_of(of_ensemble(kind, np.full((1, 1), warned.nothing(kind)))).values[0, 0] == 0


def test_not_every_intensity_has_a_scale():
    assert {kind for kind in warned.KINDS if not warned.scaled(kind)} == {
        "flood_days", "freeze_days", "landslide_zone", "outage_days",
    }  # fmt: skip
    with pytest.raises(ElementUnknown):
        severity_of(of_ensemble("flood_days", np.ones((1, 1))))


@pytest.mark.parametrize(
    ("kind", "values", "weights"),
    [
        ("moonlight_lx", np.ones((1, 1)), np.ones(1)),
        ("gust_ms", np.ones(2), np.ones(1)),
        ("gust_ms", np.ones((2, 3)), np.ones(1)),
        ("gust_ms", np.ones((0, 3)), np.ones(0)),
        ("gust_ms", np.ones((2, 3)), np.array([0.5, 0.6])),
        ("gust_ms", np.ones((2, 3)), np.array([1.5, -0.5])),
    ],
)
def test_members_that_cannot_be_weighed_are_refused(kind, values, weights):
    with pytest.raises(MembersInvalid):
        Field(kind, values, weights)


def test_an_ensemble_of_nobody_is_refused():
    with pytest.raises(MembersInvalid):
        of_ensemble("gust_ms", np.ones((0, 3)))


# --- the data ------------------------------------------------------------------------------------------


def test_the_signals_at_hand_say_since_when_and_where_they_come_from():
    for each in signals().values():
        assert each.source
        assert each.since.year >= 2017
        assert each.hazard in taxonomy.HAZARDS


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": None}, "kind is missing"),
        ({"purple": [1, 2, 3]}, "purple is not"),
        ({"kind": "moonlight_lx"}, "moonlight_lx"),
        ({"trust": "hearsay"}, "trust"),
        ({"source": ""}, "source"),
        ({"weights": [0.5, 0.5, 0.5]}, "add up to 1"),
        ({"weights": [-0.5, 1.0, 0.5]}, "add up to 1"),
        ({"red": [1, 2]}, "red: needs 3"),
        ({"red": [1, 3, 2]}, "red: needs 3"),
    ],
)
def test_a_signal_that_cannot_be_is_refused(change, said):
    tables = copy.deepcopy(TABLES)
    tables["rainstorm"] |= change
    tables["rainstorm"] = {name: value for name, value in tables["rainstorm"].items() if value is not None}
    with pytest.raises(SignalsInvalid, match=f"rainstorm: .*{said}|rainstorm: {said}"):
        warned.read(tables)


def test_a_signal_without_a_colour_is_refused():
    tables = {"gale": {key: value for key, value in TABLES["gale"].items() if key not in warned.COLOURS}}
    with pytest.raises(SignalsInvalid, match="no colour"):
        warned.read(tables)


def test_the_cold_gets_worse_downwards():
    assert (np.diff(of_warning("cold_wave", 4, 1).values[:, 0]) < 0).all()
