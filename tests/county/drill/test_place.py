"""The county on the ground: no gap, no overlap, every village in its township."""

from collections import Counter
from itertools import combinations

import pytest
from shapely.geometry import Point, shape

from anlan.county.drill.place import county, geometry, outline, township_outlines, villages
from anlan.engine.values.divisions import level, parent

SIZES = [200, 5000, 70_000, 2_000_000]


def test_the_townships_tile_the_county():
    tiles = township_outlines()
    assert set(tiles) == set(county()["townships"])
    assert sum(tile.area for tile in tiles.values()) == pytest.approx(outline().area, rel=1e-9)
    for one, other in combinations(tiles.values(), 2):
        assert one.intersection(other).area < 1e-12


def test_every_township_holds_its_own_centre():
    for code, township in county()["townships"].items():
        assert township_outlines()[code].contains(Point(township["centre"]))
        assert (level(code), parent(code)) == ("township", county()["code"])


def test_an_outline_to_draw_is_nearly_the_real_one():
    drawn = shape(geometry(outline()))
    assert drawn.is_valid
    assert drawn.symmetric_difference(outline()).area < 0.01 * outline().area


@pytest.mark.parametrize("size", SIZES)
def test_every_village_lies_in_its_township_under_a_code_of_its_own(size):
    found = villages(1, size)
    assert len({village.code for village in found}) == len(found)
    for village in found:
        assert (len(village.code), level(village.code), parent(village.code)) == (12, "village", village.township)
        assert township_outlines()[village.township].contains(Point(village.lon, village.lat))


@pytest.mark.parametrize("size", SIZES)
def test_names_are_marked_as_invented_and_no_two_are_alike(size):
    names = [village.name for village in villages(1, size)]
    assert len(set(names)) == len(names)
    assert all(name.startswith("示例") and name.endswith("村") for name in names)


@pytest.mark.parametrize("size", SIZES)
def test_the_households_are_shared_out_to_the_last(size):
    found = villages(2, size)
    assert sum(village.households for village in found) == size
    assert min(village.households for village in found) >= 0
    per_township = Counter(village.township for village in found)
    assert set(per_township) == set(county()["townships"])
    assert min(per_township.values()) >= 2


def test_villages_are_of_a_villages_size():
    found = villages(3, 70_000)
    assert 100 < len(found) < 120
    sizes = sorted(village.households for village in found)
    assert 500 < sizes[len(sizes) // 2] < 750


def test_hilly_townships_have_more_remote_villages():
    found = villages(4, 2_000_000)
    share = {
        code: sum(v.remote for v in found if v.township == code) / sum(v.township == code for v in found)
        for code in county()["townships"]
    }
    assert share["360123202000"] == pytest.approx(0.40, abs=0.12)
    assert share["360123100000"] < 0.08


def test_the_same_seed_the_same_villages():
    assert villages(7, 3000) == villages(7, 3000)
    assert villages(7, 3000) != villages(8, 3000)
