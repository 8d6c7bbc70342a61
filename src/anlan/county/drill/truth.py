"""What truly happens to every household of a drill. No room can import this, or ask.

The true field is the scenario's, displaced, scaled and roughened. Losses follow each household's own curve, a
logistic in the logarithm of intensity drawn around its township's: another family than the engine's tables.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.county.drill.chance import chance
from anlan.county.drill.households import STRUCTURES, WATER, Flags, Floats, Households
from anlan.county.drill.place import KM_PER_DEGREE, Village
from anlan.county.drill.scenario import Scenario
from anlan.county.drill.worlds import World

WAVES = 12
INDEMNITY = 0.4  # of an insured crop loss
AXES = ("income", "home", "water")


@dataclass(frozen=True, slots=True)
class Field:
    """The true intensity anywhere."""

    scenario: Scenario
    east_km: float
    north_km: float
    factor: float
    noise_sd: float
    waves: Floats  # (WAVES, 3): wave numbers per km, and phase

    def at(self, lon: Floats, lat: Floats) -> Floats:
        """Intensity in the scenario's unit at places in degrees."""
        smooth = band(self.scenario, lon, lat, self.east_km, self.north_km)
        x, y = _kilometres(self.scenario, lon, lat)
        phase = np.outer(x, self.waves[:, 0]) + np.outer(y, self.waves[:, 1]) + self.waves[:, 2]
        rough = np.cos(phase).sum(axis=1) * np.sqrt(2 / WAVES)
        return np.asarray(smooth * self.factor * np.exp(self.noise_sd * rough))


@dataclass(frozen=True, slots=True)
class Truth:
    """What a drill's world did to its households; columns in the households' order."""

    intensity: Floats
    crop_loss_yuan: Floats
    goods_loss_yuan: Floats  # animals and equipment, of those not warned
    goods_saved_yuan: Floats  # what a warning in time would save of it
    work_loss_yuan: Floats
    indemnity_yuan: Floats
    home_unsafe: Flags
    water_unsafe: Flags
    onset_shift_h: float

    def loss_yuan(self, warned: Flags) -> Floats:
        """Income lost over the coming twelve months, after insurance."""
        goods = self.goods_loss_yuan - np.where(warned, self.goods_saved_yuan, 0)
        return np.asarray(self.crop_loss_yuan + goods + self.work_loss_yuan - self.indemnity_yuan)

    def at_risk(self, households: Households, warned: Flags, line_yuan: float) -> dict[str, Flags]:
        """Per axis, which households the event puts at risk if nobody helps."""
        before = households.income_yuan / households.size
        after = (households.income_yuan - self.loss_yuan(warned)) / households.size
        return {
            "income": (before >= line_yuan) & (after < line_yuan),
            "home": self.home_unsafe,
            "water": self.water_unsafe,
        }


def band(scenario: Scenario, lon: Floats, lat: Floats, east_km: float = 0.0, north_km: float = 0.0) -> Floats:
    """The scenario's smooth field: a background and a band across it, moved by some kilometres."""
    x, y = _kilometres(scenario, lon, lat)
    angle = np.radians(scenario.field["direction_deg"])
    across = -(x - east_km) * np.sin(angle) + (y - north_km) * np.cos(angle)
    bump = np.exp(-0.5 * (across / scenario.field["width_km"]) ** 2)
    low, high = scenario.field["background"], scenario.field["peak"]
    return np.asarray(low + (high - low) * bump)


def _kilometres(scenario: Scenario, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    lon0, lat0 = scenario.field["through"]
    return (lon - lon0) * KM_PER_DEGREE * np.cos(np.radians(lat0)), (lat - lat0) * KM_PER_DEGREE


def draw_field(seed: int, scenario: Scenario, world: World) -> Field:
    """The true field of this seed."""
    luck = chance(seed, "field")
    east, north = luck.normal(0, 1, 2) * world["hazard", "displacement_km"]
    factor = float(np.exp(luck.normal(0, 1) * world["hazard", "amplitude_sd"]))
    length_km = luck.uniform(1.5, 6.0, WAVES)
    direction = luck.uniform(0, 2 * np.pi, WAVES)
    number = 2 * np.pi / length_km
    phases = luck.uniform(0, 2 * np.pi, WAVES)
    waves = np.column_stack([number * np.cos(direction), number * np.sin(direction), phases])
    return Field(scenario, float(east), float(north), factor, world["hazard", "noise_sd"], waves)


def suffer(
    seed: int, scenario: Scenario, world: World, field: Field, households: Households, villages: list[Village]
) -> Truth:
    """What the field does to each household, by its own curve."""
    luck = chance(seed, "vulnerability")
    count = len(households.size)
    towns = np.unique([village.township for village in villages], return_inverse=True)[1]
    own = world["vulnerability", "household_sd"] * luck.normal(0, 1, count)
    town = world["vulnerability", "township_sd"] * luck.normal(0, 1, towns.max() + 1)
    tougher = np.exp(own + town[towns[households.village]])
    intensity = field.at(households.lon, households.lat)
    intensity = np.where(households.moved, intensity * 0.9, intensity)
    ratio = {name: _lost(intensity, rule, tougher) for name, rule in scenario.loss.items()}
    crop = households.crop_yuan * ratio["crop"]
    animals = households.animal_yuan * ratio["livestock"]
    equipment = households.equipment_yuan * ratio["equipment"]
    return Truth(
        intensity=intensity,
        crop_loss_yuan=crop,
        goods_loss_yuan=animals + equipment,
        goods_saved_yuan=animals * (1 - scenario.loss["livestock"]["warned"])
        + equipment * (1 - scenario.loss["equipment"]["warned"]),
        work_loss_yuan=households.wage_yuan * ratio["work"],
        indemnity_yuan=np.where(households.insured, crop * INDEMNITY, 0),
        home_unsafe=_broken(luck, intensity, scenario.unsafe["home"], "by_structure", STRUCTURES, households.structure),
        water_unsafe=_broken(luck, intensity, scenario.unsafe["water"], "by_source", WATER, households.water),
        onset_shift_h=float(luck.normal(0, world["hazard", "onset_error_h"])),
    )


def _lost(intensity: Floats, rule: object, tougher: Floats) -> Floats:
    assert isinstance(rule, dict)  # noqa: S101 (the scenario's own table)
    return np.asarray(rule["most"] / (1 + (rule["half"] * tougher / intensity) ** rule["steepness"]))


def _broken(
    luck: np.random.Generator, intensity: Floats, rule: object, by: str, names: tuple[str, ...], kind: NDArray[np.int64]
) -> Flags:
    assert isinstance(rule, dict)  # noqa: S101 (the scenario's own table)
    half = rule["half"] * np.array([rule[by][name] for name in names])[kind]
    share = 1 / (1 + (half / intensity) ** rule["steepness"])
    return np.asarray(luck.random(len(intensity)) < share)
