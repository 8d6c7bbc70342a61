"""The registry as equal-length arrays, for the engine: 70,000 households in about two seconds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db.models import ExpressionWrapper, F, IntegerField
from numpy.typing import NDArray

from anlan.county.office.models import Division, M, Scoped
from anlan.county.registry.members import marker
from anlan.county.registry.models import MONITORED, Category, Holding, Home, Household, Income, Person
from anlan.county.registry.rules import EQUIPMENT, LIVESTOCK, LOCATION_M
from anlan.engine import policy

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Words = NDArray[np.str_]

# As a number: SQLite's yes and no would be turned over one by one.
INSURED = ExpressionWrapper(F("insured"), IntegerField())
MONEY = (
    "wage_yuan", "business_yuan", "business_cost_yuan", "property_yuan", "transfer_yuan", "rigid_yuan", "savings_yuan",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """What households live from, one place a holding, in the order of households and kinds."""

    of: Ints  # the household's place in the columns
    kind: Words
    quantity: Floats  # mu for crops, heads for animals
    value_yuan: Floats  # what a year of it brings in

    def __len__(self) -> int:
        return len(self.of)


@dataclass(frozen=True, slots=True)
class Columns:
    """What the registry knows of n households, each array of length n, in the order of their codes."""

    id: Ints
    code: Words
    division: Words
    group_no: Ints
    lon: Floats  # NaN where the household has no point
    lat: Floats
    lon_or_village: Floats  # the village's centroid stands in, or its township's
    lat_or_village: Floats
    location: Words  # point, group, village, area
    location_m: Floats  # how far off the place may be
    size: Ints
    labourers: Ints
    insured: Flags
    phone_known: Flags
    wage_yuan: Floats
    business_yuan: Floats
    business_cost_yuan: Floats
    property_yuan: Floats
    transfer_yuan: Floats
    rigid_yuan: Floats
    savings_yuan: Floats
    crop_yuan: Floats  # a year's worth of what stands on the land
    livestock_yuan: Floats
    equipment_yuan: Floats
    home_yuan: Floats
    structure: Words  # of the home; empty where none is known
    storeys: Ints  # of the home; 0 where none is known
    water: Words  # kind of source; empty where none is known
    elderly: Flags
    alone: Flags  # one elderly person by themselves
    disabled: Flags
    monitored: Flags
    ex_poor: Flags
    remote: Flags
    held: Held

    def __len__(self) -> int:
        return len(self.id)


def columns(within: Sequence[str], on: date) -> Columns:
    """Every household in these divisions as it stands on a day.

    Two databases give the same arrays to the bit: sums are made here, in an order of our own.
    """
    base = _households(within)
    member_disabled = base.pop("disabled")
    spot = Spots(base["id"])
    elderly = spot.marks(
        Person.objects.within(*within).filter(born__lte=_birthday(on)).values_list("household_id", flat=True)
    )
    return Columns(
        **base,
        **_incomes(within, spot),
        **_holdings(within, spot),
        **_homes(within, spot),
        elderly=elderly,
        alone=elderly & (base["size"] == 1),
        **_categories(within, on, spot, member_disabled),
    )


@dataclass(frozen=True, slots=True)
class Places:
    """Where households stand, as arrays of one length."""

    id: Ints
    division: Words
    lon: Floats  # the village's centroid stands in, or its township's
    lat: Floats
    location_m: Floats


def spots(found: Scoped[Household]) -> Places:
    """Where some households stand, as `columns` would have it."""
    rows = list(found.order_by("pk").values_list("pk", "division_id", "lon", "lat", "location"))
    key, division, lon, lat, location = list(zip(*rows, strict=True)) or [()] * 5
    places = {place.code: place for place in Division.objects.all()}
    drawn = {code: _drawn(place, places) for code, place in places.items()}
    elsewhere = np.array([drawn[each] is not places[each] for each in division], dtype=np.bool_)
    lon_, lat_ = _numbers(lon), _numbers(lat)
    return Places(
        np.array(key, dtype=np.int64), np.array(division, dtype=np.str_),
        np.where(np.isnan(lon_), _numbers([drawn[each].lon for each in division]), lon_),
        np.where(np.isnan(lat_), _numbers([drawn[each].lat for each in division]), lat_),
        _radius(location, np.isnan(lon_) & elsewhere),
    )  # fmt: skip


class Spots:
    """Where in the arrays a household's id stands."""

    def __init__(self, ids: Ints) -> None:
        self.order = np.argsort(ids, kind="stable")
        self.sorted = ids[self.order]

    def of(self, ids: Iterable[int]) -> Ints:
        """The positions of known ids."""
        wanted = np.fromiter(ids, dtype=np.int64)
        return self.order[np.searchsorted(self.sorted, wanted)]

    def marks(self, ids: Iterable[int]) -> Flags:
        """True at each of these ids."""
        marked = np.zeros(len(self.order), dtype=np.bool_)
        marked[self.of(ids)] = True
        return marked


def _households(within: Sequence[str]) -> dict[str, Any]:
    rows = Household.objects.within(*within).order_by().values_list(
        "code", "id", "division_id", "group_no", "lon", "lat", "location", "size", "labourers", INSURED,
        "phone_index", "water_source__kind", "disabled_mark",
    )  # fmt: skip
    # Sorted here and not there: a database's collation is its own.
    parts = list(zip(*sorted(rows.iterator(chunk_size=20_000)), strict=True)) or [()] * 13
    code, key, division, group_no, lon, lat, location, size, labourers, insured, phone, water, mark = parts
    mark_of = marker()
    places = {place.code: place for place in Division.objects.within(*within)}
    village = [places[each] for each in division]
    drawn = {code: _drawn(place, places) for code, place in places.items()}
    spot = [drawn[each] for each in division]
    elsewhere = np.array([own is not stand_in for own, stand_in in zip(village, spot, strict=True)], dtype=np.bool_)
    lon_, lat_ = _numbers(lon), _numbers(lat)
    return {
        "id": np.array(key, dtype=np.int64),
        "code": np.array(code, dtype=np.str_),
        "division": np.array(division, dtype=np.str_),
        "group_no": np.array(group_no, dtype=np.int64),
        "lon": lon_,
        "lat": lat_,
        "lon_or_village": np.where(np.isnan(lon_), _numbers([place.lon for place in spot]), lon_),
        "lat_or_village": np.where(np.isnan(lat_), _numbers([place.lat for place in spot]), lat_),
        "location": np.array(location, dtype=np.str_),
        "location_m": _radius(location, np.isnan(lon_) & elsewhere),
        "size": np.array(size, dtype=np.int64),
        "labourers": np.array(labourers, dtype=np.int64),
        "insured": np.array(insured, dtype=np.bool_),
        "phone_known": np.array([each is not None for each in phone], dtype=np.bool_),
        "water": np.array([each or "" for each in water], dtype=np.str_),
        "disabled": np.array(
            [mark_of(each, True) == own for each, own in zip(code, mark, strict=True)], dtype=np.bool_
        ),
        "remote": np.array([place.remote for place in village], dtype=np.bool_),
    }


def _standing(rows: Scoped[M]) -> Scoped[M]:
    """Without what belongs to households that are merged or left by everybody."""
    return rows.filter(household__merged_into__isnull=True, household__closed_on__isnull=True)


def _drawn(place: Division, places: dict[str, Division]) -> Division:
    """The division whose point stands in for a household's: the village, or what is above it where it has none."""
    while place.lon is None and place.parent_id in places:
        place = places[place.parent_id]
    return place


def _radius(location: Sequence[str], elsewhere: Flags) -> Floats:
    """How far off each place may be; at least a township's spread where it is drawn at no place of its own village."""
    own = np.array([LOCATION_M[each] for each in location], dtype=np.float64)
    return np.where(elsewhere, np.maximum(own, LOCATION_M["area"]), own)


def _numbers(values: Sequence[float | None]) -> Floats:
    return np.array(values, dtype=np.float64)  # None becomes NaN


def _incomes(within: Sequence[str], spot: Spots) -> dict[str, Any]:
    rows = _standing(Income.objects.within(*within)).values_list("household_id", *MONEY)
    table = np.array(list(rows.iterator(chunk_size=20_000)), dtype=np.float64).reshape(-1, 1 + len(MONEY))
    filled = np.zeros((len(spot.order), len(MONEY)))
    filled[spot.of(table[:, 0])] = table[:, 1:]
    return {name: np.ascontiguousarray(filled[:, place]) for place, name in enumerate(MONEY)}


def _holdings(within: Sequence[str], spot: Spots) -> dict[str, Any]:
    rows = _standing(Holding.objects.within(*within)).values_list("household_id", "kind", "quantity", "value_yuan")
    kept = sorted(rows.iterator(chunk_size=20_000))  # the same order of adding on every database
    household, kind, quantity, worth = list(zip(*kept, strict=True)) or [()] * 4
    held = Held(spot.of(household), np.array(kind, dtype=np.str_), _numbers(quantity), _numbers(worth))
    use = np.array([_use(each) for each in kind], dtype=np.str_)
    count = len(spot.order)
    sums = {
        name: np.bincount(held.of[use == name], held.value_yuan[use == name], count)
        for name in ("crop_yuan", "livestock_yuan", "equipment_yuan")
    }
    return {**sums, "held": held}


def _use(kind: str) -> str:
    if kind in LIVESTOCK:
        return "livestock_yuan"
    return "equipment_yuan" if kind in EQUIPMENT else "crop_yuan"


def _homes(within: Sequence[str], spot: Spots) -> dict[str, Any]:
    fields = ("household_id", "value_yuan", "structure", "storeys")
    rows = list(_standing(Home.objects.within(*within)).values_list(*fields))
    worth, storeys = np.zeros(len(spot.order)), np.zeros(len(spot.order), dtype=np.int64)
    structure = np.zeros(len(spot.order), dtype="U20")
    where = spot.of(row[0] for row in rows)
    worth[where] = [row[1] for row in rows]
    structure[where] = [row[2] for row in rows]
    storeys[where] = [row[3] for row in rows]
    return {"home_yuan": worth, "structure": structure, "storeys": storeys}


def _categories(within: Sequence[str], on: date, spot: Spots, disabled_member: Flags) -> dict[str, Any]:
    held = list(_standing(Category.objects.on(on).within(*within)).values_list("household_id", "kind"))
    return {
        "monitored": spot.marks(household for household, kind in held if kind in MONITORED),
        "ex_poor": spot.marks(household for household, kind in held if kind == "ex_poor"),
        "disabled": spot.marks(household for household, kind in held if kind == "disabled") | disabled_member,
    }


def _birthday(on: date) -> date:
    """Who was born on this day or before is elderly on that one."""
    age = int(policy.on(on).number("elderly_age_years"))
    leap = on.month == 2 and on.day == 29
    return on.replace(year=on.year - age, day=28 if leap else on.day)
