"""Selecting among columns gives what a loop over households gives, to the household."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engine.audience import selection
from anlan.engine.audience.groups import GROUPS, assign, tier
from anlan.engine.hazard.inside import within
from anlan.engine.values.divisions import contains, full

pytestmark = pytest.mark.clause("W3", "W4")

digits = st.text("0123", min_size=1, max_size=3)
towns = st.builds(lambda town, village: f"36012310{town[0]}{village:0>3}", digits, digits)
villages = towns.filter(lambda code: not code.endswith("000"))
codes = st.one_of(
    towns, st.sampled_from(["360123000000", "360123", "3601", "36", "360124000000", "360123101", "360123100000"])
)
groups = st.sampled_from(GROUPS)


@settings(max_examples=300)
@given(st.lists(villages, max_size=40), st.lists(codes, max_size=4))
def test_a_division_holds_what_lies_under_it_and_nothing_else(places, wanted):
    found = selection.named(np.array(places, dtype="<U12"), wanted)
    assert found.tolist() == [any(contains(full(code), place) for code in wanted) for place in places]


@settings(max_examples=200)
@given(st.lists(st.tuples(st.booleans(), groups), max_size=60), st.lists(groups, unique=True))
def test_the_chosen_of_the_wanted_groups_come_by_tier_and_else_as_they_stand(rows, wanted):
    chosen = np.array([yes for yes, _group in rows], dtype=bool)
    group = np.array([group for _yes, group in rows], dtype=np.str_)
    found = selection.select(chosen, selection.indices(group), wanted)
    kept = [place for place, (yes, each) in enumerate(rows) if yes and each in wanted]
    assert found.tolist() == sorted(kept, key=lambda place: (tier(rows[place][1]), place))


@given(st.lists(groups, max_size=30))
def test_tiers_are_those_of_the_groups_one_by_one(named):
    assert selection.tiers(np.array(named, dtype=np.str_)).tolist() == [tier(group) for group in named]


def test_all_three_ways_together_against_a_loop():
    rng = np.random.default_rng(4)
    count = 20_000
    division = np.array([f"36012310{town}20{village}" for town, village in rng.integers(0, 4, (count, 2)).tolist()])
    lon, lat = rng.uniform(115.4, 115.8, count), rng.uniform(28.7, 29.0, count)
    lon[:50] = lat[:50] = np.nan
    group = assign({name: rng.random(count) < 0.1 for name in GROUPS[:-1]})
    corner = np.linspace(0, 2 * np.pi, 500, endpoint=False)
    reach = 0.1 * (1 + 0.2 * np.sin(7 * corner))
    area = shapely.Polygon(np.column_stack([115.6 + reach * np.cos(corner), 28.85 + reach * np.sin(corner)]))
    wanted = ("alone", "disabled", "remote")
    chosen = selection.named(division, ["360123101000"]) | within(area, lon, lat)
    found = selection.select(chosen, selection.indices(group), wanted).tolist()
    kept = [
        place
        for place in range(count)
        if group[place] in wanted
        and (division[place].startswith("360123101") or area.intersects(shapely.Point(lon[place], lat[place])))
    ]
    assert found == sorted(kept, key=lambda place: (tier(str(group[place])), place))
    assert 1000 < len(found) < 5000


def test_what_is_no_division_and_no_group_is_refused():
    with pytest.raises(ValueError, match="not a division code"):
        selection.named(np.array(["360123101201"]), ["36012x"])
    with pytest.raises(ValueError, match="not a division code"):
        selection.named(np.array([], dtype="<U12"), ["1"])
    with pytest.raises(ValueError, match="rich"):
        selection.indices(np.array(["alone", "rich"]))
    with pytest.raises(ValueError, match="rich"):
        selection.select(np.array([True]), np.array([0], dtype=np.int8), ["rich"])


def test_nobody_is_selected_from_nothing():
    empty = np.array([], dtype=np.str_)
    assert selection.named(empty, ["360123000000"]).tolist() == []
    assert selection.tiers(empty).tolist() == []
    assert selection.select(np.array([], dtype=bool), selection.indices(empty)).tolist() == []
