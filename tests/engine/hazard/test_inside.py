"""Places in areas: the raster answers as shapely does, to every single place."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engine.hazard import inside
from anlan.engine.hazard.inside import within

pytestmark = pytest.mark.clause("W1")


def star(corners, seed, *, at=(0.0, 0.0), size=1.0, hole=True):
    """A ragged area around a middle, with a hole in it."""
    rng = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    waves = sum(np.sin(k * angle + rng.uniform(0, 6)) / k for k in range(2, 40))
    reach = size * (0.6 + 0.12 * waves + 0.01 * rng.random(corners))
    ring = np.column_stack([np.cos(angle), np.sin(angle)]) * reach[:, None]
    holes = [ring[::-3] * 0.3 + at] if hole else []
    return shapely.Polygon(ring + at, holes)


def by_shapely(area, lon, lat):
    shapely.prepare(area)
    return shapely.intersects_xy(area, lon, lat)


@pytest.fixture
def always(monkeypatch):
    """A raster for however few places."""
    monkeypatch.setattr(inside, "FEW", 0)


def scattered(count, seed, reach=1.2):
    return np.random.default_rng(seed).uniform(-reach, reach, (2, count))


@pytest.mark.parametrize("seed", range(4))
def test_a_ragged_area_with_a_hole(seed):
    area = star(5000, seed)
    lon, lat = scattered(40_000, seed)
    found = within(area, lon, lat)
    assert np.array_equal(found, by_shapely(area, lon, lat))
    assert 5_000 < found.sum() < 35_000


def test_several_areas_in_one(always):
    area = shapely.MultiPolygon(
        [star(300, 1, at=(-0.6, 0), size=0.5), star(40, 2, at=(0.6, 0.1), size=0.5, hole=False)]
    )
    lon, lat = scattered(20_000, 3)
    assert np.array_equal(within(area, lon, lat), by_shapely(area, lon, lat))
    assert within(area, lon, lat).any()


corners = st.tuples(st.integers(0, 12), st.integers(0, 12))


@settings(max_examples=150, deadline=None)
@given(st.lists(corners, min_size=3, max_size=9, unique=True), st.lists(corners, min_size=3, max_size=5, unique=True))
def test_places_on_corners_edges_and_lines_of_the_raster(first, second):
    """Whole numbers: many places lie exactly on an edge, a corner or the border between two cells."""
    area = shapely.make_valid(shapely.Polygon(first)).union(shapely.make_valid(shapely.Polygon(second)).buffer(0))
    lon, lat = (each.ravel() for each in np.meshgrid(np.arange(-1, 14, 0.5), np.arange(-1, 14, 0.5)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inside, "FEW", 0)
        assert np.array_equal(within(area, lon, lat), by_shapely(area, lon, lat))


def test_the_corners_and_the_middles_of_the_edges_are_inside(always):
    area = star(500, 4)
    ring = np.concatenate([shapely.get_coordinates(each) for each in shapely.get_rings(area)])
    places = np.concatenate([ring, (ring[1:] + ring[:-1]) / 2, np.nextafter(ring, 9), np.nextafter(ring, -9)])
    found = within(area, *places.T)
    assert np.array_equal(found, by_shapely(area, *places.T))
    assert found[: len(ring)].all()


def test_slivers_and_long_edges(always):
    sliver = shapely.Polygon([(0, 0), (1000, 1e-3), (1000, 2e-3), (0, 1e-9)])
    rng = np.random.default_rng(6)
    lon, lat = rng.uniform(0, 1000, 5000), rng.uniform(0, 2e-3, 5000)
    found = within(sliver, lon, lat)
    assert np.array_equal(found, by_shapely(sliver, lon, lat))
    assert found.any()


def test_a_place_without_coordinates_is_nowhere_and_an_empty_area_holds_nothing(always):
    lon = np.array([0.0, np.nan, 0.0, np.inf])
    assert within(star(9, 1, hole=False), lon, np.array([0.0, 0.0, np.nan, 0.0])).tolist() == [
        True,
        False,
        False,
        False,
    ]
    assert not within(shapely.Polygon(), lon, lon).any()
    assert within(star(9, 1), lon[:0], lon[:0]).tolist() == []


def test_lines_and_points_have_no_cells_of_their_own(always):
    line = shapely.LineString([(0, 0), (2, 2)])
    assert within(line, np.array([1.0, 1.0]), np.array([1.0, 1.5])).tolist() == [True, False]


@pytest.mark.parametrize("count", [10, inside.FEW + 1])
def test_few_and_many_are_answered_alike(count):
    area = star(50, 5)
    lon, lat = scattered(count, 7, reach=0.5)
    assert np.array_equal(within(area, lon, lat), by_shapely(area, lon, lat))
