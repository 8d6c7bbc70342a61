"""Which households an event reaches, by either way, and how surely. No database here."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.county.foresee.conftest import A, B, C, box

from anlan.county.foresee.reach import SLIVER, reach, share_inside

LON, LAT = 115.61, 28.91
KM = 1 / 111.32  # degrees of latitude


def reached(*places, codes=(), polygons=()):
    """The way and the confidence of places given as (village, lon, lat, metres)."""
    village, lon, lat, metres = zip(*places, strict=True)
    found = reach(
        divisions=np.array(village), lon=np.array(lon, dtype=float), lat=np.array(lat, dtype=float),
        location_m=np.array(metres, dtype=float), codes=codes, polygons=polygons,
    )  # fmt: skip
    return list(zip(found.way.tolist(), found.confidence.tolist(), strict=True))


def at(village=A, lon=LON, lat=LAT, metres=0.0):
    return village, lon, lat, metres


@pytest.mark.parametrize(
    ("codes", "ways"),
    [
        (["360123000000"], ["division"] * 3),
        (["360123101000"], ["division", "division", ""]),
        ([A], ["division", "", ""]),
        ([B, C], ["", "division", "division"]),
        (["360100000000"], ["division"] * 3),
        (["360124000000"], [""] * 3),
        ([], [""] * 3),
    ],
)
def test_a_division_reaches_everyone_beneath_it_and_nobody_beside_it(codes, ways):
    found = reached(at(A), at(B), at(C), codes=codes)
    assert [way for way, _sure in found] == ways
    assert [sure for _way, sure in found] == [1.0 if way else 0.0 for way in ways]


def test_a_code_that_only_begins_alike_is_another_division():
    assert reached(at("360123101301"), codes=["360123101030"]) == [("", 0.0)]


def test_an_exact_point_is_inside_or_outside():
    polygon = box(LON - KM, LAT - KM, LON + KM, LAT + KM)
    found = reached(at(), at(lon=LON + 1.01 * KM), at(lat=LAT - 1.01 * KM), polygons=[polygon])
    assert found == [("polygon", 1.0), ("", 0.0), ("", 0.0)]


def test_on_the_edge_is_inside():
    polygon = box(LON, LAT, LON + KM, LAT + KM)
    assert reached(at(), at(lon=LON + KM), polygons=[polygon]) == [("polygon", 1.0), ("polygon", 1.0)]


@pytest.mark.clause("M2")
def test_a_household_known_only_to_its_village_near_the_edge_is_listed_with_its_share():
    east_half = box(LON, LAT - 1, LON + 1, LAT + 1)
    ((way, sure),) = reached(at(metres=1500.0), polygons=[east_half])
    assert way == "polygon"
    assert sure == pytest.approx(0.5, abs=0.15)
    ((way, less),) = reached(at(metres=1500.0, lon=LON - 0.7 * KM), polygons=[east_half])
    assert way == "polygon"
    assert 0 < less < sure


@pytest.mark.clause("M2")
def test_a_polygon_smaller_than_the_gaps_between_the_sampled_points_still_lists_the_village():
    landslide = box(LON + 0.0001, LAT + 0.0061, LON + 0.0006, LAT + 0.0066)  # some fifty metres
    ((way, sure),) = reached(at(metres=1500.0), polygons=[landslide])
    assert (way, sure) == ("polygon", SLIVER)
    assert reached(at(), polygons=[landslide]) == [("", 0.0)]


def test_a_disc_that_stays_outside_is_not_listed():
    away = box(LON + 2 * KM, LAT - KM, LON + 3 * KM, LAT + KM)
    assert reached(at(metres=1500.0), polygons=[away]) == [("", 0.0)]


def test_a_disc_wholly_inside_is_sure():
    assert reached(at(metres=1500.0), polygons=[box(LON - 1, LAT - 1, LON + 1, LAT + 1)]) == [("polygon", 1.0)]


def test_both_ways_are_joined_and_the_division_is_the_surer():
    polygon = box(LON - KM, LAT - KM, LON + KM, LAT + KM)
    found = reached(at(A), at(B, lon=116.0), at(C), at(C, lon=116.5), codes=["360123101"], polygons=[polygon])
    assert [way for way, _sure in found] == ["division", "division", "polygon", ""]
    assert [sure for _way, sure in found] == [1.0, 1.0, 1.0, 0.0]


def test_any_of_several_polygons_is_enough():
    one, other = box(LON - KM, LAT - KM, LON, LAT), box(LON + KM, LAT, LON + 2 * KM, LAT + KM)
    found = reached(at(lon=LON - KM / 2, lat=LAT - KM / 2), at(lon=LON + 1.5 * KM, lat=LAT + KM / 2),
                    at(lon=LON + KM / 2, lat=LAT + KM / 2), polygons=[one, other])  # fmt: skip
    assert [way for way, _sure in found] == ["polygon", "polygon", ""]


def test_a_place_without_coordinates_is_reached_by_its_division_alone():
    nowhere = (A, float("nan"), float("nan"), 1500.0)
    everywhere = box(70, 10, 140, 55)
    assert reached(nowhere, polygons=[everywhere]) == [("", 0.0)]
    assert reached(nowhere, at(B), polygons=[everywhere]) == [("", 0.0), ("polygon", 1.0)]
    assert reached(nowhere, codes=[A], polygons=[everywhere]) == [("division", 1.0)]


def test_nobody_there_nobody_reached():
    none = np.array([], dtype=float)
    found = reach(
        divisions=np.array([], dtype=np.str_), lon=none, lat=none, location_m=none, codes=[A],
        polygons=[box(0, 0, 1, 1)],
    )  # fmt: skip
    assert len(found.way) == len(found.confidence) == 0


@given(
    st.floats(115.4, 115.7), st.floats(28.6, 29.0), st.sampled_from([0.0, 50.0, 400.0, 1500.0, 5000.0]),
    st.floats(0.001, 0.2), st.floats(0.001, 0.2),
)  # fmt: skip
@settings(max_examples=50)
def test_a_wider_polygon_never_makes_less_sure(lon, lat, metres, small, more):
    def share(half):
        ring = box(115.55 - half, 28.8 - half, 115.55 + half, 28.8 + half)
        where = {"lon": np.array([lon]), "lat": np.array([lat]), "location_m": np.array([metres])}
        return float(share_inside(**where, polygons=[ring])[0])

    assert 0.0 <= share(small) <= share(small + more) <= 1.0


def one_by_one(disc, polygons):
    """Each household by itself, so that no two can share a disc."""
    return [share_inside(lon=np.array([lon]), lat=np.array([lat]), location_m=np.array([metres]), polygons=polygons)[0]
            for lon, lat, metres in disc]  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from([0.0, 600.0, 1500.0])), min_size=1),
       st.floats(0.002, 0.02))  # fmt: skip
@settings(max_examples=100, deadline=None)
def test_households_that_share_a_centroid_get_what_each_would_get_alone(places, size):
    disc = [(LON + 0.01 * east, LAT + 0.01 * north, metres) for east, north, metres in places]
    polygons = [box(LON + 0.003, LAT + 0.001, LON + 0.003 + size, LAT + 0.001 + size)]
    lon, lat, metres = (np.array(column) for column in zip(*disc, strict=True))
    found = share_inside(lon=lon, lat=lat, location_m=metres, polygons=polygons)
    assert found.tolist() == one_by_one(disc, polygons)
