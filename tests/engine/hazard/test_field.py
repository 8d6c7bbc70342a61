"""Values between gauges, places within rings."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engine.hazard.field import METRES_PER_DEGREE, inside, interpolate, touched

east, north = st.floats(115.4, 115.7), st.floats(28.7, 29.0)
station = st.tuples(east, north, st.floats(0, 300))
SQUARE = [[115.5, 28.8], [115.6, 28.8], [115.6, 28.9], [115.5, 28.9], [115.5, 28.8]]


def columns(rows):
    return tuple(np.array(column, dtype=float) for column in zip(*rows, strict=True))


def between(places, stations):
    return interpolate(*columns(places), *columns(stations))


@settings(max_examples=50)
@given(st.lists(st.tuples(east, north), min_size=1, max_size=8), st.lists(station, min_size=1, max_size=8))
def test_between_gauges_it_is_between_their_readings(places, stations):
    found = between(places, stations)
    values = [value for *_place, value in stations]
    assert found.min() >= min(values)
    assert found.max() <= max(values)


@settings(max_examples=30)
@given(
    st.lists(st.tuples(east, north), min_size=1, max_size=5), st.lists(station, min_size=2, max_size=6),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_the_order_of_the_gauges_does_not_matter(places, stations, shuffle):
    shuffled = list(stations)
    shuffle.shuffle(shuffled)
    np.testing.assert_allclose(between(places, stations), between(places, shuffled), rtol=1e-9, atol=1e-9)


@settings(max_examples=30)
@given(
    st.lists(st.tuples(east, north), min_size=1, max_size=5),
    st.lists(station, min_size=1, max_size=5),
    st.floats(0, 50),
)
def test_more_rain_everywhere_is_more_rain_anywhere(places, stations, more):
    raised = [(lon, lat, value + more) for lon, lat, value in stations]
    assert (between(places, raised) >= between(places, stations) - 1e-6).all()


def test_at_a_gauge_it_is_what_the_gauge_says():
    stations = [(115.5, 28.8, 10.0), (115.6, 28.9, 200.0)]
    assert between([(115.5, 28.8), (115.6, 28.9)], stations) == pytest.approx([10.0, 200.0], abs=1e-3)


def test_the_nearer_gauge_weighs_more():
    stations = [(115.5, 28.8, 0.0), (115.6, 28.8, 100.0)]
    near, middle, far = between([(115.51, 28.8), (115.55, 28.8), (115.59, 28.8)], stations)
    assert near < middle < far
    assert middle == pytest.approx(50.0)


def test_a_silent_gauge_does_not_count_and_a_place_without_coordinates_gets_nothing():
    stations = [(115.5, 28.8, np.nan), (115.6, 28.9, 70.0)]
    found = between([(115.5, 28.8), (np.nan, np.nan)], stations)
    assert found[0] == 70.0
    assert np.isnan(found[1])


@pytest.mark.parametrize("stations", [np.empty((0, 3)), np.array([[115.5, 28.8, np.nan]])])
def test_no_gauge_no_field(stations):
    with pytest.raises(ValueError, match="no station"):
        interpolate(np.array([115.5]), np.array([28.8]), *stations.T)


def test_a_whole_county_is_taken_in_pieces():
    places = np.full(45_000, 115.5), np.full(45_000, 28.8)
    found = interpolate(*places, np.array([115.5, 115.6]), np.array([28.9, 28.9]), np.array([1.0, 2.0]))
    assert len(set(found.tolist())) == 1


def test_inside_and_on_the_border_but_not_outside():
    lon, lat = np.array([115.55, 115.5, 115.61, np.nan]), np.array([28.85, 28.85, 28.85, np.nan])
    assert inside(lon, lat, [SQUARE]).tolist() == [True, True, False, False]


def test_any_of_the_rings_is_enough_and_no_ring_holds_nothing():
    lon, lat = np.array([115.55, 115.75]), np.array([28.85, 28.85])
    other = [[x + 0.2, y] for x, y in SQUARE]
    assert inside(lon, lat, [SQUARE, other]).tolist() == [True, True]
    assert inside(lon, lat, [other, SQUARE]).tolist() == [True, True]
    assert not inside(lon, lat, []).any()
    assert not inside(lon, lat, [[[115.5, 28.8], [115.6, 28.8], [115.5, 28.8]]]).any()


def test_a_ring_that_crosses_itself_holds_what_both_its_loops_hold():
    bow = [[0.0, 0.0], [2.0, 2.0], [2.0, 0.0], [0.0, 2.0], [0.0, 0.0]]
    lon, lat = np.array([0.3, 1.7, 1.0]), np.array([1.0, 1.0, 1.8])
    assert inside(lon, lat, [bow]).tolist() == [True, True, False]


@settings(max_examples=50)
@given(st.floats(115.4, 115.7), st.floats(28.7, 29.0))
def test_a_box_holds_exactly_what_its_sides_say(lon, lat):
    found = inside(np.array([lon]), np.array([lat]), [SQUARE])[0]
    assert found == (115.5 <= lon <= 115.6 and 28.8 <= lat <= 28.9)


# --- discs -------------------------------------------------------------------------------------------

EAST, MIDDLE = SQUARE[1][0], (SQUARE[0][1] + SQUARE[2][1]) / 2


def discs(*discs):
    lon, lat, radius = (np.array(column, dtype=float) for column in zip(*discs, strict=True))
    return touched(lon, lat, radius, [SQUARE]).tolist()


def test_a_disc_touches_what_lies_within_its_radius():
    kilometre_east = EAST + 1000 / METRES_PER_DEGREE / np.cos(np.radians(MIDDLE))
    found = discs((kilometre_east, MIDDLE, 990.0), (kilometre_east, MIDDLE, 1010.0), (EAST - 0.01, MIDDLE, 1.0))
    assert found == [False, True, True]


def test_a_kilometre_is_a_kilometre_to_the_north_and_to_the_east():
    north = SQUARE[2][1] + 1000 / METRES_PER_DEGREE
    assert discs((EAST - 0.01, north, 990.0), (EAST - 0.01, north, 1010.0)) == [False, True]


def test_a_disc_without_a_centre_and_no_ring_touch_nothing():
    assert discs((np.nan, np.nan, 1e6), (EAST, MIDDLE, 1.0)) == [False, True]
    assert discs((np.nan, np.nan, 1e6)) == [False]
    assert not touched(np.array([EAST]), np.array([MIDDLE]), np.array([1e6]), []).any()


@settings(max_examples=50)
@given(st.floats(115.3, 115.8), st.floats(28.6, 29.1), st.floats(0, 20_000), st.floats(0, 20_000))
def test_a_disc_around_a_place_inside_touches_and_a_wider_one_never_touches_less(lon, lat, radius, more):
    where = np.array([lon]), np.array([lat])
    narrow, wide = (touched(*where, np.array([metres]), [SQUARE])[0] for metres in (radius, radius + more))
    assert wide >= narrow >= inside(*where, [SQUARE])[0]
