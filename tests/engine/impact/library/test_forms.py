"""Curves made by a formula, against the formula."""

import numpy as np
import pytest
from tests.engine.impact.library.making import curve

from anlan.engine.hazard import severity
from anlan.engine.impact import fragility
from anlan.engine.impact.library import forms


def emanuel(speed: float, half: float) -> float:
    x = max(0.0, speed - 25.7) / (half - 25.7)
    return x**3 / (1 + x**3)


def test_wind_takes_nothing_up_to_the_threshold_and_half_at_the_half_speed() -> None:
    wind = forms.emanuel(25.7, 80.2, 112.8, 120.0, 0.5)
    assert wind.at(np.array([0.0, 20.0, 25.7])).tolist() == [0, 0, 0]
    assert wind.at(np.array([80.2]))[0] == pytest.approx(0.5, abs=1e-6)
    assert wind.intensity[-1] <= 120.0 < wind.intensity[-1] + 0.5


def test_sampled_wind_is_close_to_the_formula_everywhere_and_its_spread_is_the_calibrations() -> None:
    wind = forms.emanuel(25.7, 80.2, 112.8, 120.0, 2.0)
    for speed in np.linspace(0, 119, 240):
        assert wind.at(np.array([speed]))[0] == pytest.approx(emanuel(speed, 80.2), abs=1e-3)
    at = wind.intensity[10]
    assert wind.spread(np.array([at]))[0] == pytest.approx((emanuel(at, 80.2) - emanuel(at, 112.8)) / 2)
    assert wind.feasible


@pytest.mark.parametrize(
    ("ky", "deficit", "loss"), [(1.25, 0.4, 0.5), (1.25, 0.8, 1.0), (1.25, 0.9, 1.0), (0.85, 1, 0.85)]
)
def test_a_crop_loses_its_factor_times_the_deficit_and_no_more_than_all(ky: float, deficit: float, loss: float) -> None:
    assert forms.yield_response(ky).at(np.array([deficit]))[0] == pytest.approx(loss)


def test_a_scaled_curve_is_its_base_times_the_factor_cut_at_one() -> None:
    base = curve(0, 0.1, 0.4)
    adobe = forms.scaled(base, "soaked", "adobe")  # five times
    depths = np.linspace(0, 3, 301)
    assert adobe.at(depths) == pytest.approx(np.minimum(1, 5 * base.at(depths)))
    assert forms.scaled(base, "soaked", "brick_timber").ratio.tolist() == base.ratio.tolist()


def test_a_scaled_curve_of_an_unknown_house_is_not_made() -> None:
    with pytest.raises(KeyError):
        forms.scaled(curve(0, 0.1), "soaked", "igloo")


def test_a_factor_of_more_than_any_point_has_no_corner_of_its_own() -> None:
    timber = forms.scaled(curve(0, 0.5), "soaked", "timber")  # twice: full exactly at the last point
    assert timber.ratio.tolist() == [0, 1]


def test_a_graded_curve_stands_at_its_grades() -> None:
    made = forms.graded("drought", "crop", [0, 0.5, 1, 1.5, 2, 2.5])
    assert made.at(np.array([1.5, 2.5])).tolist() == fragility.of("drought").crop[[3, 5]].tolist()


def test_over_a_scale_a_reading_loses_what_its_severity_loses() -> None:
    row = fragility.of("gale").crop
    gusts = np.linspace(0, 60, 121)
    expected = fragility.at(row, severity.from_reading("gust_m_s", gusts))
    assert forms.over_scale(row, "gust_m_s").at(gusts) == pytest.approx(expected)
    with pytest.raises(severity.ElementUnknown):
        forms.over_scale(row, "moon")
