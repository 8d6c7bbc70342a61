"""The grid: every place in one cell, cells found again, and the shift of Chinese maps taken off."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engine.hazard import grid

LON, LAT = st.floats(-179.99, 179.99), st.floats(-89.99, 89.99)
AT_HOME = st.tuples(st.floats(73.5, 134.5), st.floats(4.0, 53.0))


def one(value):
    return np.array([value], dtype=np.float64)


@settings(deadline=None)
@given(LON, LAT, st.booleans())
def test_a_place_lies_in_its_cell(lon, lat, fine):
    (cell,) = made = grid.cells(one(lon), one(lat), np.array([fine]))
    east, north = grid.centres(made)
    half = grid.size(made)[0] / 2 + 1e-8
    assert abs(east[0] - lon) <= half
    assert abs(north[0] - lat) <= half
    assert grid.cells(east, north, np.array([fine]))[0] == cell
    assert grid.size(made)[0] == (grid.FINE if fine else grid.STEP)


@settings(deadline=None)
@given(LON, LAT)
def test_a_fine_cell_is_a_part_of_the_whole_one_and_sorts_beside_it(lon, lat):
    part = grid.cells(one(lon), one(lat), np.array([True]))
    big = grid.cells(one(lon), one(lat))
    assert grid.whole(part)[0] == big[0] == grid.whole(big)[0]
    assert 1 <= part[0] - big[0] <= 16


def test_a_cell_has_sixteen_parts():
    lon, lat = np.meshgrid(115.55 + grid.FINE * (np.arange(4) + 0.5), 28.84 + grid.FINE * (np.arange(4) + 0.5))
    found = grid.cells(lon.ravel(), lat.ravel(), np.ones(16, dtype=bool))
    assert len(set(found.tolist())) == 16
    assert len(set(grid.whole(found).tolist())) == 1


def test_ids_are_whole_numbers_that_do_not_change():
    """Files written under these ids must be found again."""
    found = grid.cells(np.array([115.5477, 115.5477]), np.array([28.8436, 28.8436]), np.array([False, True]))
    assert found.dtype == np.int64
    assert found.tolist() == [7273510418, 7273510426]


def test_a_border_written_in_degrees_belongs_to_the_cell_above():
    lon = np.round(115.0 + np.arange(200) * 0.01, 2)
    found = grid.cells(lon, np.full(200, 28.84))
    assert len(set(found.tolist())) == 200


def test_a_place_that_nobody_knows_is_nowhere():
    found = grid.cells(np.array([np.nan, 115.0]), np.array([28.0, np.nan]), np.array([True, False]))
    assert found.tolist() == [grid.NOWHERE] * 2
    assert grid.whole(found).tolist() == [grid.NOWHERE] * 2
    assert np.isnan(grid.centres(found)).all()


@pytest.mark.parametrize(("lon", "lat"), [(28.84, 115.55), (190.0, 10.0)])
def test_a_place_off_the_globe_is_refused(lon, lat):
    with pytest.raises(ValueError, match="longitude comes first"):
        grid.cells(one(lon), one(lat))


def test_near_a_river_is_within_a_cells_width_of_its_line():
    lon, lat = np.array([115.5, 115.5, 115.5, np.nan]), np.array([28.805, 28.83, 28.7995, 28.8])
    river = [[115.4, 28.8], [115.6, 28.8]]
    assert grid.near(lon, lat, [river]).tolist() == [True, False, True, False]
    assert not grid.near(lon, lat, []).any()
    assert not grid.near(lon, lat, [[[115.5, 28.8]]]).any()


# --- Chinese maps --------------------------------------------------------------------------------------

PUBLISHED = [  # WGS 84 latitude and longitude, and the same on a Chinese map: test vectors of open converters
    (31.1774276, 121.5272106, 31.17530398364597, 121.531541859215),
    (22.543847, 113.912316, 22.540796131694766, 113.9171764808363),
    (39.911954, 116.377817, 39.91334545536069, 116.38404722455657),
]


@pytest.mark.parametrize(("lat", "lon", "shown_lat", "shown_lon"), PUBLISHED)
def test_the_shift_is_the_published_one_both_ways(lat, lon, shown_lat, shown_lon):
    east, north = grid.to_gcj02(one(lon), one(lat))
    assert (east[0], north[0]) == pytest.approx((shown_lon, shown_lat), abs=1e-9)
    east, north = grid.from_gcj02(one(shown_lon), one(shown_lat))
    assert (east[0], north[0]) == pytest.approx((lon, lat), abs=1e-9)


@settings(deadline=None)
@given(AT_HOME)
def test_there_and_back_is_where_one_was(place):
    lon, lat = place
    back = grid.from_gcj02(*grid.to_gcj02(one(lon), one(lat)))
    assert back[0][0] == pytest.approx(lon, abs=1e-8)
    assert back[1][0] == pytest.approx(lat, abs=1e-8)


def test_the_shift_in_the_county_is_some_six_hundred_metres():
    east, north = grid.to_gcj02(one(115.5477), one(28.8436))
    metres = np.hypot((east[0] - 115.5477) * 97_500, (north[0] - 28.8436) * 111_320)
    assert 550 < metres < 650


def test_abroad_maps_are_not_shifted():
    assert grid.to_gcj02(one(2.35), one(48.86)) == (one(2.35), one(48.86))
    assert grid.from_gcj02(one(2.35), one(48.86)) == (one(2.35), one(48.86))


def test_a_ring_comes_back_point_by_point():
    ring = [[115.5, 28.8], [115.6, 28.8], [115.6, 28.9], [115.5, 28.8]]
    shown = np.column_stack(grid.to_gcj02(*np.array(ring).T))
    assert grid.ring_from_gcj02(shown) == pytest.approx(np.array(ring), abs=1e-9)
