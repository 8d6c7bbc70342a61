"""The curves: data that must rise, and names that must be known."""

from pathlib import Path

import numpy as np
import pytest

from anlan.engine.impact import fragility
from anlan.engine.impact.fragility import STRUCTURES, WATER, CurvesInvalid

FACTORS = """
[soaked]
brick_concrete = 0.1
brick_timber = 1
adobe = 5
timber = 2
"""
HEAD = '[flood]\nsource = "s"\ntrust = "design"\n'


def read(folder: Path, text: str, name: str = "a.toml") -> dict[str, fragility.Curves]:
    (folder / "factors.toml").write_text(FACTORS)
    (folder / name).write_text(text)
    (folder / "notes.txt").write_text("not curves")
    return fragility.read(folder)


def test_what_is_not_named_is_not_lost(tmp_path: Path) -> None:
    curves = read(tmp_path, HEAD + "crop = [0, 0.1, 0.2, 0.3, 0.4, 0.5]")["flood"]
    assert not curves.home.any()
    assert curves.home_factor.tolist() == [1, 1, 1, 1]
    assert fragility.at(curves.crop, np.array([0.5, 2.0, 9.0])).tolist() == pytest.approx([0.05, 0.2, 0.5])
    assert fragility.at(curves.livestock, np.array([0.0, 5.0])).tolist() == [0.0, 0.0]


def test_a_factor_never_makes_a_chance_greater_than_one(tmp_path: Path) -> None:
    curves = read(tmp_path, HEAD + 'home = [0, 0.1, 0.2, 0.3, 0.4, 0.5]\nhome_by = "soaked"')["flood"]
    assert curves.p_home(np.full(4, 5.0), np.arange(4)).tolist() == [0.05, 0.5, 1.0, 1.0]


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ("crop = [0, 0.1, 0.2]", "flood: crop: needs six figures"),
        ("crop = [0.1, 0.1, 0.2, 0.3, 0.4, 0.5]", "flood: crop: needs six figures rising from 0"),
        ("crop = [0, 0.2, 0.1, 0.3, 0.4, 0.5]", "flood: crop: needs six figures rising from 0"),
        ("crop = [0, 0.1, 0.2, 0.3, 0.4, 1.5]", "to 1 at most"),
        ("work_days = [0, 3, 2, 3, 4, 5]", "flood: work_days: needs six figures rising from 0"),
        ("goats = [0, 0, 0, 0, 0, 0]", "flood: goats is not a known row"),
        ('home_by = "drenched"', "flood: no factors 'drenched' for brick_concrete"),
        ('water_by = "soaked"', "flood: no factors 'soaked' for central"),
    ],
)
def test_curves_that_could_be_misread_are_refused(tmp_path: Path, rows: str, complaint: str) -> None:
    with pytest.raises(CurvesInvalid, match=complaint):
        read(tmp_path, HEAD + rows)


@pytest.mark.parametrize("head", ['[flood]\ntrust = "seen"', '[flood]\nsource = "s"\ntrust = "sure"'])
def test_curves_without_a_source_and_a_trust_are_refused(tmp_path: Path, head: str) -> None:
    with pytest.raises(CurvesInvalid, match="flood: needs a source and a trust"):
        read(tmp_path, head)


def test_a_hazard_stands_once(tmp_path: Path) -> None:
    read(tmp_path, HEAD)
    with pytest.raises(CurvesInvalid, match=r"b\.toml: flood: stands twice"):
        read(tmp_path, HEAD, "b.toml")


def test_an_hour_of_work_may_be_lost_for_more_than_a_day(tmp_path: Path) -> None:
    assert read(tmp_path, HEAD + "work_days = [0, 1, 2, 3, 40, 50]")["flood"].work_days[-1] == 50


@pytest.mark.clause("S1", "S2", "S3", "S4")
def test_every_hazard_of_the_taxonomy_has_curves_of_its_own() -> None:
    taxonomy = pytest.importorskip("anlan.engine.hazard.taxonomy")
    assert set(taxonomy.HAZARDS) - set(fragility.curves()) == set()


def test_a_hazard_nobody_thought_of_takes_the_curves_of_the_others() -> None:
    assert fragility.of("meteorite") is fragility.curves()["other"]
    assert fragility.of("flood").hazard == "flood"


@pytest.mark.parametrize("hazard", sorted(fragility.curves()))
def test_every_curve_says_where_it_comes_from_and_does_some_harm(hazard: str) -> None:
    curves = fragility.of(hazard)
    assert curves.source
    assert curves.trust == "design"
    assert any(getattr(curves, name)[-1] > 0 for name in fragility.ROWS)
    assert len(curves.home_factor) == len(STRUCTURES)
    assert len(curves.water_factor) == len(WATER)


@pytest.mark.clause("W1")
def test_a_rainstorm_ruins_crops_and_hardly_a_house_as_in_june_2023() -> None:
    """Jiangxi, 20 to 23 June 2023: 36 houses of some 57,000 households hit; 3.6 % of crops lost whole."""
    severity = np.full(4, 3.0)
    shares = np.array([0.72, 0.20, 0.06, 0.02])
    rain = fragility.of("rainstorm")
    houses = (rain.p_home(severity, np.arange(4)) * shares).sum()
    assert 36 / 57_000 / 3 < houses < 36 / 57_000 * 3
    assert fragility.at(rain.crop, severity)[0] > 100 * houses


def test_a_drought_takes_crops_and_springs_and_no_house() -> None:
    drought = fragility.of("drought")
    assert not drought.home.any()
    by_source = drought.p_water(np.full(4, 4.0), np.arange(4))
    assert by_source[WATER.index("spring")] > by_source[WATER.index("well")] > by_source[WATER.index("central")] > 0
    assert drought.crop[4] > fragility.of("rainstorm").crop[4]


def test_earth_walls_fall_first_in_water_and_in_a_quake() -> None:
    for hazard in ("flood", "earthquake"):
        chances = fragility.of(hazard).p_home(np.full(4, 3.0), np.arange(4))
        assert chances.argmax() == STRUCTURES.index("adobe")
        assert chances.argmin() == STRUCTURES.index("brick_concrete")
