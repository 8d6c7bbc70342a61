"""The households of a drill's county as columns: what is true of them, and what the registry has on them.

Nothing here is of a real person: names are drawn at random, ID numbers carry an area prefix that was never
assigned, telephone numbers begin with 100.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.county.drill.chance import chance
from anlan.county.drill.place import KM_PER_DEGREE, Village
from anlan.county.drill.worlds import World

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

SIZES, SIZE_SHARES = np.arange(1, 8), np.array([0.13, 0.24, 0.22, 0.20, 0.12, 0.06, 0.03])
STRUCTURES = ("brick_concrete", "brick_timber", "adobe", "timber")
STRUCTURE_SHARES = np.array([0.72, 0.20, 0.06, 0.02])
HOME_YUAN = np.array([160_000.0, 70_000.0, 25_000.0, 40_000.0])
WATER = ("central", "small_scheme", "well", "spring")
WATER_SHARES = np.array([0.62, 0.22, 0.12, 0.04])
CATEGORIES = {"ex_poor": 0.05, "subsistence": 0.03, "destitute": 0.006, "disabled": 0.05, "low_income": 0.02}
MEDIAN_INCOME_YUAN = 21_000.0
LIFTED_TO = 1.06  # public income support holds a poor household just above the line
LEFT_BELOW = 0.15  # of those whom support would have to lift: below the line all the same, monitored already
CROPS = ("rice", "rape", "vegetables", "fruit")
ANIMALS = ("pigs", "poultry")


@dataclass(frozen=True, slots=True)
class Households:
    """Columns of equal length, one place per household; money in yuan a year."""

    village: Ints  # place in the list of villages
    serial: Ints  # within the village; 0 where the registry does not know the household
    group_no: Ints
    lon: Floats  # where it truly stands
    lat: Floats
    registered_lon: Floats  # NaN where the registry has no point
    registered_lat: Floats
    size: Ints
    head_age: Ints
    labourers: Ints
    structure: Ints
    home_yuan: Floats
    water: Ints
    crop: Ints  # place in CROPS
    crop_mu: Floats
    crop_yuan: Floats  # true
    registered_crop_yuan: Floats
    animal: Ints  # place in ANIMALS, -1 for none
    animal_yuan: Floats
    registered_animal_yuan: Floats
    equipment_yuan: Floats
    wage_yuan: Floats
    cost_yuan: Floats
    property_yuan: Floats
    transfer_yuan: Floats
    rigid_yuan: Floats
    savings_yuan: Floats
    insured: Flags
    has_phone: Flags
    phone_works: Flags
    moved: Flags
    monitored: Flags
    category: dict[str, Flags]

    @property
    def registered(self) -> Flags:
        """Which households the registry knows."""
        return self.serial > 0

    @property
    def income_yuan(self) -> Floats:
        """True net income over twelve months, before the event."""
        sales = self.crop_yuan + self.animal_yuan + self.equipment_yuan * 0.2
        return self.wage_yuan + sales - self.cost_yuan + self.property_yuan + self.transfer_yuan

    @property
    def business_yuan(self) -> Floats:
        """What the registry has as income from business."""
        return self.registered_crop_yuan + self.registered_animal_yuan + self.equipment_yuan * 0.2


def households(seed: int, villages: list[Village], world: World, line_yuan: float) -> Households:
    """Draw a county's households. `line_yuan`: the income line public support is measured by."""
    luck = chance(seed, "households")
    village = np.repeat(np.arange(len(villages)), [place.households for place in villages])
    count = len(village)
    size = luck.choice(SIZES, count, p=SIZE_SHARES)
    head_age = np.clip(luck.normal(54, 13, count), 22, 92).astype(int)
    labourers = np.clip(np.round(size * luck.beta(4, 3, count)), 0, size).astype(int)
    labourers[(head_age > 70) & (size <= 2)] = 0
    money = _money(luck, size, labourers, world, line_yuan)
    place = _places(luck, village, villages, world)
    monitored = money.pop("below")
    registered = luck.random(count) >= world["exposure", "unregistered"]
    structure = luck.choice(len(STRUCTURES), count, p=STRUCTURE_SHARES)
    has_phone = luck.random(count) < np.where((head_age > 72) & (size == 1), 0.6, 0.95)
    return Households(
        village=village, serial=_serials(village, registered), group_no=luck.integers(1, 13, count),
        size=size, head_age=head_age, labourers=labourers, structure=structure,
        home_yuan=np.round(HOME_YUAN[structure] * luck.lognormal(0, 0.35, count), -2),
        water=luck.choice(len(WATER), count, p=WATER_SHARES),
        insured=luck.random(count) < world["economy", "insured"], has_phone=has_phone,
        phone_works=has_phone & (luck.random(count) >= world["people", "phone_invalid"]),
        moved=luck.random(count) < world["exposure", "moved"], monitored=monitored,
        category={name: luck.random(count) < share for name, share in CATEGORIES.items()}, **place, **money,
    )  # fmt: skip


def _serials(village: Ints, registered: Flags) -> Ints:
    """Number the registered households of each village from 1; the others stay 0."""
    serial = np.zeros(len(village), dtype=int)
    known = village[registered]
    serial[registered] = np.arange(1, len(known) + 1) - np.searchsorted(known, known)
    return serial


def _money(luck: np.random.Generator, size: Ints, labourers: Ints, world: World, line_yuan: float) -> dict[str, Any]:
    count = len(size)
    wanted = size * MEDIAN_INCOME_YUAN * luck.lognormal(0, world["economy", "income_sd"], count)
    farming = np.where(labourers > 0, luck.beta(0.9, 2.6, count), luck.beta(0.5, 6, count))
    below = luck.random(count) < LEFT_BELOW
    property_yuan = np.round(wanted * luck.uniform(0, 0.03, count))
    transfer = np.round(wanted * luck.uniform(0.02, 0.12, count))
    business = (wanted - property_yuan - transfer) * farming
    animal = np.where(luck.random(count) < 0.25, luck.integers(0, len(ANIMALS), count), -1)
    animal_yuan = np.where(animal >= 0, business * luck.uniform(0.1, 0.5, count) * 1.4, 0)
    equipment = np.where(luck.random(count) < 0.15, business * luck.uniform(0.1, 0.4, count), 0)
    crop_yuan = np.maximum(0, business * 1.4 - animal_yuan)
    cost = (crop_yuan + animal_yuan) * 0.286
    wage = np.round(np.maximum(0, wanted - property_yuan - transfer - (crop_yuan + animal_yuan - cost)))
    income = wage + crop_yuan + animal_yuan + equipment * 0.2 - cost + property_yuan + transfer
    floor = size * line_yuan * (LIFTED_TO + luck.uniform(0, 0.5, count))
    transfer = np.round(transfer + np.where(below, 0, np.maximum(0, floor - income)))
    seen = luck.lognormal(0, world["exposure", "value_sd"], (2, count))
    return {
        "crop": luck.choice(len(CROPS), count, p=[0.6, 0.15, 0.15, 0.1]),
        "crop_mu": np.round(crop_yuan / 1500, 1), "crop_yuan": np.round(crop_yuan),
        "registered_crop_yuan": np.round(crop_yuan * seen[0]), "animal": animal,
        "animal_yuan": np.round(animal_yuan), "registered_animal_yuan": np.round(animal_yuan * seen[1]),
        "equipment_yuan": np.round(equipment), "wage_yuan": wage, "cost_yuan": np.round(cost),
        "property_yuan": property_yuan, "transfer_yuan": transfer,
        "rigid_yuan": np.round(size * luck.exponential(700, count)),
        "savings_yuan": np.round(size * luck.exponential(6000, count)),
        "below": below & (income < size * line_yuan),
    }  # fmt: skip


def _places(luck: np.random.Generator, village: Ints, villages: list[Village], world: World) -> dict[str, Any]:
    count = len(village)
    centre = np.array([(place.lon, place.lat) for place in villages])[village]
    north = luck.normal(0, 0.55, (2, count)) / KM_PER_DEGREE  # households lie within about a kilometre
    lat = np.round(centre[:, 1] + north[0], 5)
    lon = np.round(centre[:, 0] + north[1] / np.cos(np.radians(lat)), 5)
    wrong = luck.random(count) < world["exposure", "location_wrong"]
    away = luck.normal(0, 4.0, (2, count)) / KM_PER_DEGREE
    unknown = luck.random(count) < world["exposure", "no_point"]
    return {
        "lon": lon,
        "lat": lat,
        "registered_lon": np.where(unknown, np.nan, np.round(lon + wrong * away[0], 5)),
        "registered_lat": np.where(unknown, np.nan, np.round(lat + wrong * away[1], 5)),
    }
