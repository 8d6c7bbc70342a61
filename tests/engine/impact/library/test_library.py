"""The library as it comes: every entry is sound, sourced and may be handed on, and no hazard is without."""

import tomllib
from importlib.resources import files

import numpy as np
import pytest
from tests.engine.impact.library.making import DAY

from anlan.engine.hazard.taxonomy import HAZARDS
from anlan.engine.impact import fragility, library
from anlan.engine.impact.fragility import STRUCTURES, WATER
from anlan.engine.impact.library import BUNDLEABLE, KINDS, Case, choose

ENTRIES = library.entries()
ASSETS = {"crop": "crop", "livestock": "livestock", "stock": "equipment", "labour": "work_days"}


def value(kind: str, asset: str, at: float, case: Case | None = None) -> float:
    return float(choose(kind, asset, "anyi", DAY, case or Case()).entry.curve.at(np.array([at]))[0])


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_every_entry_is_sound_and_says_where_it_comes_from(name: str) -> None:
    entry = library.check(name, ENTRIES[name])
    assert entry.id == name
    assert entry.licence in BUNDLEABLE
    assert len(entry.source) > 5
    assert entry.curve.at(np.zeros(1))[0] == 0
    assert entry.curve.monotone
    assert entry.curve.ratio[-1] > 0
    assert not entry.own


def test_nothing_under_a_licence_that_forbids_it_comes_with_the_program() -> None:
    assert not any("GEM" in entry.source and entry.licence != "own" for entry in ENTRIES.values())
    assert not any(entry.kind in ("pga_g", "sa03_g", "sa06_g") for entry in ENTRIES.values())


def test_what_nobody_has_looked_up_says_so() -> None:
    recalled = {entry.key for entry in ENTRIES.values() if "凭记忆" in entry.source}
    assert recalled == {entry.key for entry in ENTRIES.values() if entry.trust == "memory"}
    assert len(recalled) == 7
    assert not any(entry.verified for entry in ENTRIES.values())


@pytest.mark.clause("S1", "S2", "S3", "S4")
@pytest.mark.parametrize("hazard", sorted(HAZARDS))
def test_every_hazard_has_at_least_a_fallback(hazard: str) -> None:
    about = [entry for entry in ENTRIES.values() if entry.hazard == hazard and entry.kind == "severity"]
    assert about
    assert {entry.trust for entry in about} == {"design"}


@pytest.mark.parametrize("hazard", sorted(HAZARDS))
def test_a_fallback_is_the_first_cuts_curve(hazard: str) -> None:
    curves = fragility.of(hazard)
    for asset, row in ASSETS.items():
        figures = getattr(curves, row)
        if figures.any():
            case = Case("days" if asset == "labour" else "loss", hazard)
            assert value("severity", asset, 3.5, case) == pytest.approx(fragility.at(figures, np.array([3.5]))[0])
    for kind, names, chance in (("house", STRUCTURES, curves.p_home), ("water", WATER, curves.p_water)):
        for place, name in enumerate(names):
            expected = chance(np.array([4.0]), np.array([place]))[0]
            if expected > 0:
                assert value("severity", f"{kind}.{name}", 4.0, Case("unsafe", hazard)) == pytest.approx(expected)


def test_the_floods_figures_are_those_of_the_report() -> None:
    assert value("flood_depth_m", "house.adobe.1", 1.0) == pytest.approx(0.494)
    assert value("flood_depth_m", "crop.rice", 2.0) == pytest.approx(0.558)
    assert value("flood_depth_m", "stock", 0.5) == pytest.approx(0.377)
    assert value("flood_depth_m", "stock.equipment", 0.5) == pytest.approx(0.283)
    deviation = choose("flood_depth_m", "crop", "anyi", DAY).entry.curve.spread(np.array([0.5, 1.5]))
    assert deviation.tolist() == pytest.approx([0.189, 0.476])


def test_earth_walls_fall_at_a_depth_that_concrete_stands() -> None:
    chances = {name: value("flood_depth_m", f"house.{name}", 1.0, Case("unsafe")) for name in STRUCTURES}
    assert max(chances, key=lambda name: chances[name]) == "adobe"
    assert min(chances, key=lambda name: chances[name]) == "brick_concrete"
    assert chances["adobe"] == pytest.approx(5 * chances["brick_timber"])


def test_rice_dies_by_days_and_the_deeper_the_sooner() -> None:
    by_depth = [value("flood_days", "crop.rice", 3.5, Case(given={"flood_depth_m": each})) for each in (0.2, 0.7, 1.5)]
    assert by_depth == pytest.approx([0.30, 0.44, 0.54])
    assert value("flood_days", "crop.rice.heading", 3.5) == pytest.approx(0.44)  # depth and stage unknown: the middle
    assert value("flood_days", "crop.rice.tillering", 2.0) == pytest.approx(0.075)


def test_a_deficit_of_water_costs_maize_more_than_soybeans() -> None:
    assert value("et_deficit", "crop.maize", 0.4) == pytest.approx(0.5)
    assert value("et_deficit", "crop.soybean", 0.4) == pytest.approx(0.34)
    assert value("drought_index", "crop", 1.5) == pytest.approx(fragility.of("drought").crop[3])


def test_every_kind_of_the_data_is_described_and_only_those() -> None:
    raw = tomllib.loads((files("anlan.engine.impact.library") / "kinds.toml").read_text())
    assert {entry.kind for entry in ENTRIES.values()} <= set(KINDS) == set(raw)
    assert all(set(kind) == {"unit", "title"} for kind in KINDS.values())
    used = {entry.kind for entry in ENTRIES.values()}
    for name in set(KINDS) - used:
        assert "换算" in KINDS[name]["title"] or "自备" in KINDS[name]["title"], name
