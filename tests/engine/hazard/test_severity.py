"""One scale for all hazards."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engine.hazard import severity

FALLING = {"temperature_min_c"}  # the lower the worse
reading = st.floats(-1000, 1000)


@pytest.mark.parametrize(("level", "expected"), [(1, 1.0), (2, 2.0), (3, 3.0), (4, 4.0)])
def test_a_level_is_its_severity(level, expected):
    assert severity.from_level(level) == expected


def test_an_unknown_level_is_neither_nothing_nor_the_worst():
    assert severity.from_level(1) < severity.from_level(0) < severity.from_level(4)


@pytest.mark.parametrize("level", [-1, 5])
def test_there_is_no_fifth_colour(level):
    with pytest.raises(ValueError, match="no such"):
        severity.from_level(level)


def test_an_unknown_element_is_refused():
    with pytest.raises(severity.ElementUnknown):
        severity.from_reading("moonlight_lx", np.array([1.0]))


@pytest.mark.clause("W1")
@pytest.mark.parametrize("element", severity.elements())
def test_each_scale_rises_from_nothing_to_the_worst(element):
    values = np.linspace(-1000, 1000, 4001)
    found = severity.from_reading(element, values if element not in FALLING else -values)
    assert found.min() == 0.0
    assert found.max() == severity.WORST
    assert (np.diff(found) >= 0).all()


@settings(max_examples=50)
@given(st.sampled_from(severity.elements()), st.lists(reading, min_size=2, max_size=20))
def test_worse_readings_never_make_it_milder_and_order_does_not_matter(element, readings):
    values = np.array(readings)
    found = severity.from_reading(element, values)
    assert ((found >= 0) & (found <= severity.WORST)).all()
    order = np.argsort(values)
    steps = np.diff(found[order])
    assert (steps <= 0 if element in FALLING else steps >= 0).all()
    assert (severity.from_reading(element, values[order]) == found[order]).all()


def test_a_silent_gauge_stays_silent():
    assert np.isnan(severity.from_reading("rain_24h_mm", np.array([np.nan]))).all()


def test_the_colours_of_rain_meet_the_scale():
    found = severity.from_reading("rain_24h_mm", np.array([0.0, 50.0, 100.0, 250.0, 900.0]))
    assert found.tolist() == [0.0, 1.0, 2.0, 4.0, 5.0]


def test_a_scale_is_told_by_its_points() -> None:
    readings, severities = severity.scale("gust_m_s")
    assert readings[0] == severities[0] == 0
    assert severity.from_reading("gust_m_s", readings).tolist() == severities.tolist()
    with pytest.raises(severity.ElementUnknown):
        severity.scale("tides")
