"""What a hazard takes of each class of asset, at every place and in every member: a curve of the library, looked up.

Each class is hurt through one intensity: the one that is forecast, where the library has a curve over it, or else
severity. A house in a rainstorm is hurt by the water that stands in it, and the footprint says whether any does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from anlan.engine.hazard import footprint
from anlan.engine.hazard.warned import SEVERITY, Field, scaled, severity_of
from anlan.engine.impact.library import Case, Choice, CurveUnknown, choose
from anlan.engine.impact.library.entries import Entry

Floats = NDArray[np.float64]

LOSS, UNSAFE, DAYS = "loss", "unsafe", "days"
EFFECTS: Mapping[str, tuple[str, ...]] = {
    "house": (LOSS, UNSAFE), "crop": (LOSS,), "livestock": (LOSS,), "stock": (LOSS,), "labour": (DAYS,),
    "water": (UNSAFE,),
}  # fmt: skip
FOOTPRINTED = frozenset({"rainstorm"})  # warned for a whole county, while water reaches the lowest ground alone
DEPTH, RAIN = "flood_depth_m", "rain24h_mm"


@dataclass(frozen=True, slots=True)
class Threat:
    """One hazard of the taxonomy and its intensity; the threats of one event have the same members."""

    hazard: str
    field: Field


@dataclass(frozen=True, slots=True)
class Where:
    """The region and the day that curves are chosen for, and how far losses scatter where a curve does not say."""

    region: str
    on: date
    spread_ratio: float  # standard deviation by mean


@dataclass(frozen=True, slots=True)
class Share:
    """What one effect takes of one class: mean and deviation, each (members, places); and the curves it is read off."""

    mean: Floats
    deviation: Floats
    entries: tuple[Entry, ...]


def shares(names: Sequence[str], threats: Sequence[Threat], where: Where) -> dict[tuple[str, str], Share]:
    """The share of each class for each of its effects, by (class, effect); of days, days."""
    return {
        (name, effect): _share(name, effect, threats, where)
        for name in names
        for effect in EFFECTS[name.split(".", maxsplit=1)[0]]
    }


def chosen(name: str, effect: str, threat: Threat, where: Where) -> tuple[str, Choice] | None:
    """The kind of intensity through which a threat hurts a class, and the curve; None where it does not."""
    for kind in _kinds(name, threat):
        try:
            return kind, choose(kind, name, where.region, where.on, Case(effect, threat.hazard))
        except CurveUnknown:
            continue
    return None


def _kinds(name: str, threat: Threat) -> tuple[str, ...]:
    wet = threat.hazard in FOOTPRINTED and threat.field.kind == RAIN and name.startswith("house.")
    return (*((DEPTH,) if wet else ()), threat.field.kind, *((SEVERITY,) if scaled(threat.field.kind) else ()))


def _share(name: str, effect: str, threats: Sequence[Threat], where: Where) -> Share:
    mean, variance = np.zeros(threats[0].field.values.shape), np.zeros(threats[0].field.values.shape)
    entries = []
    for threat in threats:
        if (found := chosen(name, effect, threat, where)) is not None:
            kind, choice = found
            more, deviation = _read(choice.entry, kind, threat, where)
            # Days add up; of what one hazard has left, the next takes its share.
            mean = mean + more if effect == DAYS else mean + more - mean * more
            variance = variance + deviation**2
            entries.append(choice.entry)
    return Share(mean, np.sqrt(variance), tuple(entries))


def _read(entry: Entry, kind: str, threat: Threat, where: Where) -> tuple[Floats, Floats]:
    """Mean and deviation of an entry's curve over the threat's members and places."""
    curve = entry.curve
    if kind == DEPTH and threat.field.kind == RAIN:
        water = footprint.footprints()[footprint.HOMES].water(threat.field.values)
        ratio = curve.at(water.depth_m)
        mean = water.expected(ratio)
        square = water.expected(ratio**2 + curve.spread(water.depth_m) ** 2)
        return mean, np.sqrt(np.maximum(square - mean**2, 0.0))
    field = threat.field if kind == threat.field.kind else severity_of(threat.field)
    mean = curve.at(field.values)
    return mean, curve.spread(field.values) if curve.std is not None else where.spread_ratio * mean
