"""The footprint: only what lies low gets wet, and a house's loss stays rare."""

import copy
import tomllib
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engine.hazard import footprint
from anlan.engine.hazard.footprint import FIELDS, HOMES, FootprintInvalid, footprints
from anlan.engine.hazard.warned import of_warning

TABLES = tomllib.loads((files("anlan.engine.hazard") / "footprint.toml").read_text(encoding="utf-8"))
RAIN = st.floats(0, 800)


def at(rain, use=HOMES, rank=None):
    return footprints()[use].water(np.array([float(rain)]), None if rank is None else np.array([float(rank)]))


def test_in_light_rain_nothing_floods():
    water = at(45)
    assert water.dry[0] == 1
    assert not water.weight.any()


def test_the_lowest_is_reached_first_and_deepest():
    homes = footprints()[HOMES]
    rain = np.full(4, 250.0)
    depth = homes.depth(rain, np.array([0.0, 0.015, 0.0299, 0.031]))
    assert depth[0] == pytest.approx(0.9)
    assert (np.diff(depth) < 0).all()
    assert depth[3] == 0
    assert homes.depth(np.array([30.0]), np.array([0.0]))[0] == 0


@settings(deadline=None)
@given(RAIN, RAIN, st.sampled_from([HOMES, FIELDS]), st.floats(0, 1))
def test_more_rain_never_means_less_water(one, other, use, rank):
    less, more = sorted((one, other))
    print_of = footprints()[use]
    assert print_of.reached(np.array([less])) <= print_of.reached(np.array([more]))
    assert print_of.depth(np.array([less]), np.array([rank])) <= print_of.depth(np.array([more]), np.array([rank]))


@settings(deadline=None)
@given(RAIN, st.sampled_from([HOMES, FIELDS]))
def test_the_ways_of_an_unknown_rank_are_the_mean_over_all_ranks(rain, use):
    """Three points against ten thousand: exact for a straight line, and near for a curve."""
    print_of = footprints()[use]
    ranks = (np.arange(10_000) + 0.5) / 10_000
    depth = print_of.depth(np.full(10_000, rain), ranks)
    water = at(rain, use)
    assert water.expected(water.depth_m)[0] == pytest.approx(depth.mean(), abs=1e-3)
    assert water.expected(water.depth_m**2)[0] == pytest.approx((depth**2).mean(), abs=2e-3)
    assert water.dry[0] == pytest.approx((depth == 0).mean(), abs=2e-4)


def test_a_known_rank_is_wet_or_dry():
    assert at(250, rank=0.01).dry[0] == pytest.approx(0)
    assert at(250, rank=0.5).dry[0] == 1
    assert at(250, rank=np.nan).dry[0] == at(250).dry[0] == pytest.approx(0.97)


def test_fields_flood_before_homes():
    for rain in (100.0, 160.0, 250.0, 400.0):
        assert at(rain, FIELDS).dry[0] < at(rain, HOMES).dry[0]


# --- the hindcast --------------------------------------------------------------------------------------
# Jiangxi, 20 to 23 June 2023, as told by the province's emergency office: 180,800 people affected, crops on 18,590 ha
# (676 ha lost whole), severe damage to the houses of 13 households, minor damage to 23, 217 million yuan in all.
# Assumed here, as the reports do not say: ten counties of 70,000 households under an orange signal, 6 % of the houses
# of earth and 2 % of timber, 80,000 yuan a house, 4,000 yuan of standing crops a household.

HOUSEHOLDS, HOUSE_YUAN, CROP_YUAN = 700_000, 80_000.0, 4_000.0
STRUCTURES = {"brick_concrete": 0.72, "brick_timber": 0.20, "adobe": 0.06, "timber": 0.02}
SEVERELY_DAMAGED = 13

# Depth against damage as published for Asia (Huizinga 2017): mean ratios at these depths.
DEPTH = [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0]
RESIDENTIAL = [0.0, 0.327, 0.494, 0.617, 0.721, 0.870, 0.931, 0.984, 1.0]
AGRICULTURE = [0.0, 0.135, 0.370, 0.524, 0.558, 0.660, 0.834, 0.988, 1.0]
# The chance that a house under so much water is severely damaged, by structure: brick stands, earth soaks and falls.
SEVERE = {"brick_concrete": 0.0005, "brick_timber": 0.005, "adobe": 0.10, "timber": 0.02}


def orange():
    return of_warning("rainstorm", 3, 1)


def test_with_the_footprint_a_provinces_storm_breaks_a_dozen_houses():
    storm = orange()
    water = footprints()[HOMES].water(storm.values[:, 0])
    broken = sum(
        HOUSEHOLDS * share * storm.weights @ water.expected(SEVERE[kind] * np.minimum(water.depth_m / 0.5, 1.0))
        for kind, share in STRUCTURES.items()
    )
    assert SEVERELY_DAMAGED / 10 < broken < SEVERELY_DAMAGED * 10


def test_without_it_the_same_curves_break_more_houses_by_orders_of_magnitude():
    """A residential curve at the depth that stands in the fields, over the whole warning's area."""
    storm = orange()
    depth = np.interp(storm.values[:, 0], footprints()[FIELDS].rain24h_mm, footprints()[FIELDS].depth_m)
    half_lost = HOUSEHOLDS * storm.weights @ (np.interp(depth, DEPTH, RESIDENTIAL) > 0.2)
    assert half_lost > SEVERELY_DAMAGED * 1000


def test_crops_carry_the_loss():
    storm = orange()
    fields, homes = (footprints()[use].water(storm.values[:, 0]) for use in (FIELDS, HOMES))
    crop = storm.weights @ fields.expected(np.interp(fields.depth_m, DEPTH, AGRICULTURE)) * CROP_YUAN
    severe = sum(
        share * (storm.weights @ homes.expected(SEVERE[kind] * np.minimum(homes.depth_m / 0.5, 1.0)))
        for kind, share in STRUCTURES.items()
    )
    assert crop > 10 * severe * HOUSE_YUAN
    # Of what is flooded, a few in a hundred are lost whole: 676 of 18,590 ha in the report.
    lost_whole = storm.weights @ fields.expected(fields.depth_m > 1.0) / (storm.weights @ (1.0 - fields.dry))
    assert lost_whole < 0.2


# --- what is wrong with a file is said by name ---------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"trust": "hearsay"}, "trust"),
        ({"source": ""}, "source"),
        ({"colour": "red"}, "needs from"),
        ({"share": [0, 0, 0.1]}, "one length"),
        ({"rain24h_mm": [0, 60, 60, 160, 250, 400]}, "rising rain"),
        ({"share": [0, 0, 0.2, 0.1, 0.3, 0.4]}, "rise with the rain"),
        ({"share": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]}, "from 0"),
        ({"share": [0, 0, 0.1, 0.2, 0.3, 1.4]}, "1 at most"),
        ({"depth_m": [-1, 0, 0.1, 0.2, 0.3, 0.4]}, "rise with the rain"),
    ],
)
def test_a_footprint_that_cannot_be_is_refused(change, said):
    tables = copy.deepcopy(TABLES)
    tables["homes"] |= change
    with pytest.raises(FootprintInvalid, match=rf"homes: .*{said}"):
        footprint.read(tables)


def test_the_footprints_at_hand_say_where_they_come_from():
    assert set(footprints()) == {HOMES, FIELDS}
    for each in footprints().values():
        assert each.source
        assert each.trust == "design"
        assert each.since.year == 2023
