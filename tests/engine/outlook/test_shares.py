"""Which curve each class of asset is read off, through which intensity, and what comes of it."""

from datetime import date

import numpy as np
import pytest

from anlan.engine.hazard.footprint import HOMES, footprints
from anlan.engine.hazard.taxonomy import HAZARDS
from anlan.engine.hazard.warned import of_ensemble, of_warning
from anlan.engine.impact.library import Case, choose
from anlan.engine.outlook.shares import Threat, Where, chosen, shares

WHERE = Where("anyi", date(2026, 6, 18), 0.9)
CLASSES = (
    "house.adobe.1", "house.brick_concrete.2", "crop.rice.tillering", "crop.crops.standing", "livestock.pigs", "stock",
    "labour", "water.well",
)  # fmt: skip


def rain(*mm, hazard="rainstorm"):
    return Threat(hazard, of_ensemble("rain24h_mm", np.array(mm, dtype=np.float64)[:, None]))


@pytest.mark.clause("S1", "S2", "S3", "S4")
@pytest.mark.parametrize("hazard", sorted(HAZARDS))
def test_every_hazard_of_the_plan_meets_every_class_without_a_gap(hazard):
    found = shares(CLASSES, [Threat(hazard, of_warning(hazard, 4, 2))], WHERE)
    assert set(found) == {
        ("house.adobe.1", "loss"), ("house.adobe.1", "unsafe"), ("house.brick_concrete.2", "loss"),
        ("house.brick_concrete.2", "unsafe"), ("crop.rice.tillering", "loss"), ("crop.crops.standing", "loss"),
        ("livestock.pigs", "loss"), ("stock", "loss"), ("labour", "days"), ("water.well", "unsafe"),
    }  # fmt: skip
    for (_name, effect), share in found.items():
        assert share.mean.shape == share.deviation.shape == (3, 2)
        assert (share.mean >= 0).all()
        assert effect == "days" or (share.mean <= 1).all()
    assert any(share.entries for share in found.values()), "nothing at all is hurt"


def test_a_crop_is_read_off_the_curve_over_what_is_forecast():
    threat = rain(100, 250)
    kind, choice = chosen("crop.rice.tillering", "loss", threat, WHERE)
    assert kind == "rain24h_mm"
    found = shares(("crop.rice.tillering",), [threat], WHERE)["crop.rice.tillering", "loss"]
    assert found.mean[:, 0] == pytest.approx(choice.entry.curve.at(np.array([100.0, 250.0])))
    assert found.entries == (choice.entry,)


@pytest.mark.clause("W1")
def test_a_house_in_a_rainstorm_is_hurt_by_the_water_that_reaches_it():
    threat = rain(250)
    kind, choice = chosen("house.adobe.1", "unsafe", threat, WHERE)
    assert (kind, choice.entry.kind) == ("flood_depth_m", "flood_depth_m")
    found = shares(("house.adobe.1",), [threat], WHERE)["house.adobe.1", "unsafe"]
    water = footprints()[HOMES].water(np.array([250.0]))
    assert found.mean[0, 0] == pytest.approx(water.expected(choice.entry.curve.at(water.depth_m))[0])
    assert found.mean[0, 0] < choice.entry.curve.at(np.array([0.5]))[0], "what stays dry is not broken"


def test_a_flash_flood_is_warned_of_where_it_comes_and_needs_no_footprint():
    kind, _choice = chosen("house.adobe.1", "unsafe", rain(200, hazard="flash_flood"), WHERE)
    assert kind == "rain24h_mm"


def test_what_the_library_has_no_physical_curve_for_is_hurt_by_severity():
    kind, choice = chosen("crop.rice.tillering", "loss", Threat("hail", of_warning("hail", 4, 1)), WHERE)
    assert (kind, choice.entry.hazard) == ("severity", "hail")


def test_what_a_hazard_does_not_hurt_is_not_hurt():
    threat = Threat("fog", of_warning("fog", 4, 1))
    assert chosen("livestock.pigs", "loss", threat, WHERE) is None
    found = shares(("livestock.pigs",), [threat], WHERE)["livestock.pigs", "loss"]
    assert not found.mean.any()
    assert found.entries == ()


def test_days_under_water_hurt_the_rice_and_say_nothing_of_the_house():
    threat = Threat("flood", of_ensemble("flood_days", np.array([[2.0], [6.0]])))
    kind, choice = chosen("crop.rice.tillering", "loss", threat, WHERE)
    assert (kind, choice.entry.kind) == ("flood_days", "flood_days")
    assert chosen("house.adobe.1", "unsafe", threat, WHERE) is None
    found = shares(("crop.rice.tillering", "house.adobe.1"), [threat], WHERE)
    assert found["crop.rice.tillering", "loss"].mean[1, 0] > found["crop.rice.tillering", "loss"].mean[0, 0] > 0
    assert not found["house.adobe.1", "unsafe"].mean.any()


def test_of_what_one_hazard_leaves_the_next_takes_its_share_and_days_add_up():
    threats = [rain(250), Threat("gale", of_ensemble("gust_ms", np.array([[30.0]])))]
    alone = [shares(("crop.rice.ripe", "labour"), [each], WHERE) for each in threats]
    both = shares(("crop.rice.ripe", "labour"), threats, WHERE)
    first, second = (each["crop.rice.ripe", "loss"].mean[0, 0] for each in alone)
    assert both["crop.rice.ripe", "loss"].mean[0, 0] == pytest.approx(1 - (1 - first) * (1 - second))
    days = [each["labour", "days"].mean[0, 0] for each in alone]
    assert both["labour", "days"].mean[0, 0] == pytest.approx(sum(days))
    assert len(both["crop.rice.ripe", "loss"].entries) == 2


def test_losses_scatter_by_the_curve_where_it_says_so_and_else_by_policy():
    threat = Threat("flood", of_ensemble("flood_depth_m", np.array([[1.0]])))
    curve = choose("flood_depth_m", "crop.rice.ripe", "anyi", WHERE.on, Case("loss", "flood")).entry.curve
    known = shares(("crop.rice.ripe",), [threat], WHERE)["crop.rice.ripe", "loss"]
    assert known.deviation[0, 0] == pytest.approx(curve.spread(np.array([1.0]))[0])
    unknown = shares(("crop.rice.ripe",), [rain(250)], WHERE)["crop.rice.ripe", "loss"]
    assert unknown.deviation[0, 0] == pytest.approx(0.9 * unknown.mean[0, 0])
