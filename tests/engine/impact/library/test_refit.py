"""Refitting: what made the records is found again, the curve always rises, and a handful of records is refused."""

from datetime import date
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.engine.impact.library.making import DAY, entry

from anlan.engine.impact.library import Case, Curve, choose
from anlan.engine.impact.library.refit import RECORDS_MIN, Records, TooFewRecords, isotonic, refit, scaled

Floats = NDArray[np.float64]
JRC = choose("flood_depth_m", "crop", "anyi", DAY).entry
WHERE = np.linspace(0.3, 5.5, 53)


def records(intensity: Any, ratio: Any, weight: Any = None) -> Records:
    intensity = np.array(intensity, dtype=np.float64)
    heavy = np.ones(len(intensity)) if weight is None else np.array(weight, dtype=np.float64)
    return Records(intensity, np.array(ratio, dtype=np.float64), heavy, date(2021, 5, 1), date(2025, 9, 30))


def drawn(curve: Curve, count: int, concentration: float = 4.0, seed: int = 1) -> Records:
    """Records whose means are a curve's, each drawn from a Beta."""
    random = np.random.default_rng(seed)
    intensity = random.uniform(0.05, 6.0, count)
    mean = np.clip(curve.at(intensity), 1e-6, 1 - 1e-6)
    return records(intensity, random.beta(mean * concentration, (1 - mean) * concentration))


def test_isotonic_finds_the_curve_behind_exact_records() -> None:
    intensity = np.linspace(0.01, 6, 3000)
    found = isotonic(records(intensity, JRC.curve.at(intensity)))
    assert np.abs(found.at(WHERE) - JRC.curve.at(WHERE)).max() < 0.02


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_isotonic_finds_the_curve_behind_scattered_records(seed: int) -> None:
    found = isotonic(drawn(JRC.curve, 20_000, seed=seed))
    assert np.abs(found.at(WHERE) - JRC.curve.at(WHERE)).max() < 0.05


@pytest.mark.parametrize("stretch", [0.5, 1.0, 1.7, 3.0])
def test_scaled_finds_the_stretch_that_made_the_records(stretch: float) -> None:
    true = Curve(JRC.curve.intensity / stretch, JRC.curve.ratio)
    found = scaled(JRC.curve, drawn(true, 4000))
    assert JRC.curve.intensity[-1] / found.intensity[-1] == pytest.approx(stretch, rel=0.05)


def test_scaled_finds_how_far_records_scatter() -> None:
    found = scaled(JRC.curve, drawn(JRC.curve, 20_000, concentration=4.0))
    expected = np.sqrt(found.at(WHERE) * (1 - found.at(WHERE)) / (4.0 + 1))
    assert found.std is not None
    assert found.spread(JRC.curve.intensity[1:5]) == pytest.approx(
        np.sqrt(found.at(JRC.curve.intensity[1:5]) * (1 - found.at(JRC.curve.intensity[1:5])) / 5), rel=0.1
    )
    assert np.abs(found.spread(WHERE) - expected).max() < 0.05


def test_records_that_say_nothing_leave_the_curve_where_it_was() -> None:
    """All beyond the curve's end, and all lost: any stretch above a half explains them alike."""
    found = scaled(JRC.curve, records(np.linspace(6.5, 12, 40), np.ones(40)))
    assert JRC.curve.intensity[-1] / found.intensity[-1] == pytest.approx(1.0, rel=0.05)


def test_records_of_no_loss_at_all_stay_within_the_widest_stretch() -> None:
    found = scaled(JRC.curve, records(np.linspace(0.1, 3, 50), np.zeros(50)))
    assert 1 / 8.001 <= JRC.curve.intensity[-1] / found.intensity[-1] < 0.5
    assert found.feasible


def test_a_heavy_record_counts_as_many_light_ones() -> None:
    depth, lost = np.tile(np.linspace(0.5, 3, 30), 2), np.concatenate([np.full(30, 0.2), np.full(30, 0.8)])
    weight = np.concatenate([np.full(30, 3.0), np.ones(30)])
    twice = records(np.concatenate([depth[:30]] * 3 + [depth[30:]]), np.concatenate([lost[:30]] * 3 + [lost[30:]]))
    assert isotonic(records(depth, lost, weight)).at(WHERE) == pytest.approx(isotonic(twice).at(WHERE), abs=1e-9)
    one, other = scaled(JRC.curve, records(depth, lost, weight)), scaled(JRC.curve, twice)
    assert one.intensity == pytest.approx(other.intensity, rel=0.05)  # the prior weighs a little less against more


amounts = st.floats(0.01, 10)
rows = st.lists(st.tuples(amounts, st.floats(0, 1), amounts), min_size=RECORDS_MIN, max_size=80)


@settings(max_examples=60, deadline=None)
@given(rows)
@example([(1.0, 0.0, 1.0)] * 29 + [(1.0, 1.175494351e-38, 1.0)])  # next to nothing was lost
def test_whatever_the_records_the_curve_rises_and_can_be_an_entry(made: Any) -> None:
    intensity, ratio, weight = (np.array(column) for column in zip(*made, strict=True))
    intensity[:4] = [0.5, 1.5, 2.5, 3.5]
    given_records = records(intensity, ratio, weight)
    for way in ("isotonic", "scaled"):
        fresh = refit(JRC, given_records, way=way, region="anyi", since=DAY)  # raises where it is not sound
        assert fresh.curve.monotone
        assert fresh.curve.feasible
        assert len(fresh.curve.intensity) <= 25


@settings(max_examples=40, deadline=None)
@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_the_records_does_not_matter(made: Any, shuffler: Any) -> None:
    made = [(0.5 + place % 5, ratio, weight) for place, (_intensity, ratio, weight) in enumerate(made)]
    mixed = list(made)
    shuffler.shuffle(mixed)
    one, other = (isotonic(records(*zip(*each, strict=True))) for each in (made, mixed))
    assert one.at(WHERE) == pytest.approx(other.at(WHERE), abs=1e-6)


def test_a_refit_is_a_new_version_that_names_its_records_and_the_old_one_stays() -> None:
    old = entry(key="crop_here", asset="crop", trust="memory", until=date(2030, 1, 1), curve=JRC.curve)
    fresh = refit(old, drawn(JRC.curve, 200), way="isotonic", region="anyi", since=DAY)
    assert (fresh.id, fresh.region, fresh.since, fresh.until, fresh.trust) == ("crop_here@2", "anyi", DAY, None, "seen")
    assert fresh.source == "本县灾损记录200条，2021-05-01至2025-09-30"
    assert fresh.note == "isotonic; crop_here@1"
    assert (old.version, old.trust, old.curve is JRC.curve) == (1, "memory", True)
    chosen = choose("flood_depth_m", "crop", "anyi", DAY, among=[old, fresh])
    assert (chosen.entry, chosen.why) == (fresh, "most_local")
    assert choose("flood_depth_m", "crop", "jx", DAY, among=[old, fresh]).entry is old


def test_too_few_records_are_refused_whichever_way() -> None:
    few = records(np.linspace(1, 2, RECORDS_MIN - 1), np.full(RECORDS_MIN - 1, 0.5))
    alike = records(np.repeat([1.0, 2.0, 3.0], 20), np.full(60, 0.5))
    for bad, words in ((few, "29 records at 29"), (alike, "60 records at 3")):
        for way in ("isotonic", "scaled"):
            with pytest.raises(TooFewRecords, match=f"{words} intensities; it takes 30 at 4"):
                refit(JRC, bad, way=way, region="anyi", since=DAY)


def test_whether_houses_fell_is_a_share_too() -> None:
    """Records of 0 and 1: at which depth did how many houses become unsafe?"""
    old = choose("flood_depth_m", "house.adobe", "anyi", DAY, Case(effect="unsafe")).entry
    random = np.random.default_rng(4)
    depth = random.uniform(0.1, 4, 5_000)
    fell = (random.random(5_000) < old.curve.at(1.5 * depth)).astype(float)
    fresh = refit(old, records(depth, fell), way="scaled", region="anyi", since=DAY)
    assert old.curve.intensity[-1] / fresh.curve.intensity[-1] == pytest.approx(1.5, rel=0.05)
    assert fresh.effect == "unsafe"
    assert choose("flood_depth_m", "house.adobe.1", "anyi", DAY, Case("unsafe"), [old, fresh]).entry is fresh


def test_a_curve_of_days_is_not_refitted_from_shares() -> None:
    days = choose("severity", "labour", "anyi", DAY, Case("days", "flood")).entry
    with pytest.raises(ValueError, match="severity_flood_labour: records are shares"):
        refit(days, drawn(JRC.curve, 50), way="scaled", region="anyi", since=DAY)


def test_pooling_is_the_best_rising_row_there_is() -> None:
    """Against every rising row of tenths, for four bins of unequal weight."""
    depth = np.repeat([1.0, 2.0, 3.0, 4.0], 12)
    lost = np.repeat([0.4, 0.2, 0.7, 0.5], 12)
    weight = np.repeat([1.0, 3.0, 1.0, 1.0], 12)
    found = isotonic(records(depth, lost, weight)).at(np.array([1.0, 2.0, 3.0, 4.0]))
    assert found == pytest.approx([0.25, 0.25, 0.6, 0.6])

    def misfit(row: Any) -> float:
        return float((np.array([1, 3, 1, 1]) * (np.array([0.4, 0.2, 0.7, 0.5]) - row) ** 2).sum())

    steps = np.linspace(0, 1, 21)
    rising = (row for row in product(steps, repeat=4) if list(row) == sorted(row))
    assert misfit(found) <= min(misfit(np.array(row)) for row in rising) + 1e-12


def test_the_deviation_of_a_bin_is_that_of_its_records() -> None:
    lost = np.tile([0.2, 0.6], 24)
    found = isotonic(records(np.repeat([1.0, 2.0, 3.0, 4.0], 12), lost))
    assert found.std is not None
    assert found.std[1:] == pytest.approx(np.full(4, 0.2))
    whole = isotonic(records(np.repeat([1.0, 2.0, 3.0, 4.0], 12), np.tile([0.0, 1.0], 24)))
    assert whole.feasible  # all or nothing is more than a Beta allows: held just within


def test_another_way_is_refused() -> None:
    with pytest.raises(ValueError, match="no such way to refit: 'magic'"):
        refit(JRC, drawn(JRC.curve, 50), way="magic", region="anyi", since=DAY)


@pytest.mark.parametrize(
    ("intensity", "ratio", "weight"),
    [
        (0, 0.5, 1),
        (-1, 0.5, 1),
        (np.nan, 0.5, 1),
        (1, 1.1, 1),
        (1, -0.1, 1),
        (1, np.nan, 1),
        (1, 0.5, 0),
        (1, 0.5, np.inf),
    ],
)
def test_a_record_that_cannot_be_is_refused_by_its_row(intensity: float, ratio: float, weight: float) -> None:
    with pytest.raises(ValueError, match="record 2: needs an intensity"):
        records([1, intensity], [0.5, ratio], [1, weight])


def test_columns_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="of equal length"):
        records([1, 2], [0.5])
