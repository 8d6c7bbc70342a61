"""How hard an event is where each household stands: members from a forecast, from the gauges, or from the warning."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.county.sense.models import Event
from anlan.county.sense.queries import latest_readings
from anlan.engine.hazard import field, grid, severity, taxonomy, warned
from anlan.engine.hazard.warned import SEVERITY, Field
from anlan.engine.impact.normal import nodes
from anlan.engine.outlook.shares import Threat
from anlan.engine.policy import Policy

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

READING_HOURS = 48
POINTS, WEIGHTS = nodes(9)  # of the error of a reading carried to where a household stands
METRES_PER_KM = 1000.0
# What gauges read and the library has curves over; anything else is read as severity.
KINDS = {"rain_24h_mm": "rain24h_mm", "gust_m_s": "gust_ms"}
ANY = -2
ALERT, GAUGES, FORECAST = "alert", "gauges", "forecast"


@dataclass(frozen=True, slots=True)
class Forecast:
    """An ensemble: for each hazard its kind of intensity and values (members, cells); the cells' ids, rising."""

    hazards: Sequence[tuple[str, str, Floats]]
    cells: Ints
    weights: Floats


@dataclass(frozen=True, slots=True)
class Spots:
    """Where households stand: the cell of each, and how far off that may be in metres."""

    cell: Ints
    location_m: Floats


@dataclass(frozen=True, slots=True)
class Seen:
    """The threats over some places, and what they were taken from.

    `spots`, (2, places), says which households stand at each: those in this cell, as sure of it as this (metres). ANY
    in either is for all.
    """

    threats: tuple[Threat, ...]
    spots: Ints
    basis: str

    @property
    def members(self) -> int:
        """In how many ways it may come out."""
        return len(self.threats[0].field.weights)

    def places(self, spots: Spots) -> Ints:
        """At which place each household stands; the last one is for those in no cell that is known."""
        if (self.spots[0] == ANY).all():
            return np.zeros(len(spots.cell), dtype=np.int64)
        wanted, known = (_key(cell, sure) for cell, sure in (self._asked(spots), self.spots))
        order = np.argsort(known)
        found = order[np.minimum(np.searchsorted(known, wanted, sorter=order), len(order) - 1)]
        return np.where(known[found] == wanted, found, self.spots.shape[1] - 1)

    def _asked(self, spots: Spots) -> tuple[Ints, Ints]:
        if (self.spots[1] == ANY).all():
            return spots.cell, np.full_like(spots.cell, ANY)
        return spots.cell, spots.location_m.astype(np.int64)

    def severity(self, place: Ints) -> Floats:
        """The severity of the first threat that has one, in the middle of its members, at each place; else none."""
        known = [threat.field for threat in self.threats if warned.scaled(threat.field.kind)]
        return warned.severity_of(known[0]).middle[place] if known else np.zeros(len(place))


def seen(event: Event, spots: Spots, now: datetime, rules: Policy, forecast: Forecast | None = None) -> Seen:
    """From a forecast where there is one, else from gauges that have spoken since the signal, else from its level.

    A dry gauge from before the signal says nothing about what is still to come.
    """
    if forecast is not None:
        return _of_forecast(forecast)
    element = taxonomy.HAZARDS[event.hazard].element if event.hazard in taxonomy.HAZARDS else ""
    since_signal = now - (event.alert.sent_at if event.alert is not None else event.issued_at)
    hours = min(READING_HOURS, since_signal.total_seconds() / 3600)
    readings = latest_readings(element, now, hours) if element and hours > 0 else None
    if readings is None or not len(readings.value):
        threat = Threat(_known(event.hazard), warned.of_warning(event.hazard, event.level, 1))
        return Seen((threat,), np.full((2, 1), ANY), ALERT)
    places = np.unique(np.stack([spots.cell, spots.location_m.astype(np.int64)]), axis=1)
    lon, lat = grid.centres(places[0])
    value = field.interpolate(lon, lat, readings.lon, readings.lat, readings.value)
    by_place = rules.number("intensity_error_per_km") * places[1] / METRES_PER_KM
    error = np.hypot(rules.number("intensity_error_sd"), by_place)
    return Seen((Threat(_known(event.hazard), _read(element, value, error)),), places, GAUGES)


def _read(element: str, value: Floats, error_sd: Floats) -> Field:
    if element in KINDS:
        return warned.of_readings(KINDS[element], value, error_sd, POINTS, WEIGHTS)
    scattered = warned.of_readings(SEVERITY, severity.from_reading(element, value), error_sd, POINTS, WEIGHTS)
    return Field(SEVERITY, np.minimum(scattered.values, severity.WORST), scattered.weights)


def _of_forecast(forecast: Forecast) -> Seen:
    """Households in cells that the forecast does not have stand in one more, where nothing comes."""
    threats = tuple(
        Threat(_known(hazard), Field(kind, _with_nowhere(values, kind), forecast.weights))
        for hazard, kind, values in forecast.hazards
    )
    cells = np.append(forecast.cells, grid.NOWHERE)
    return Seen(threats, np.stack([cells, np.full(len(cells), ANY)]), FORECAST)


def _with_nowhere(values: Floats, kind: str) -> Floats:
    return np.pad(values, ((0, 0), (0, 1)), constant_values=warned.nothing(kind))


def _key(cell: Ints, sure: Ints) -> Ints:
    """Cell and sureness as one number: no place is less sure than two thousand kilometres."""
    return np.asarray(cell * (1 << 21) + sure)


def _known(hazard: str) -> str:
    return hazard if hazard in taxonomy.HAZARDS else taxonomy.OTHER


# --- kept with the run, so that it can be explained and made again -----------------------------------------


def pack(found: Seen) -> bytes:
    """What was seen as bytes; the same gives the same bytes."""
    held = io.BytesIO()
    rows: dict[str, Any] = {f"values{number}": threat.field.values for number, threat in enumerate(found.threats)}
    told = np.array([(threat.hazard, threat.field.kind) for threat in found.threats])
    np.savez_compressed(held, told=told, weights=found.threats[0].field.weights, spots=found.spots, **rows)
    return held.getvalue()


def unpack(data: bytes, basis: str) -> Seen:
    """What was seen again."""
    with np.load(io.BytesIO(data), allow_pickle=False) as held:
        threats = tuple(
            Threat(hazard, Field(kind, held[f"values{number}"], held["weights"]))
            for number, (hazard, kind) in enumerate(held["told"].tolist())
        )
        return Seen(threats, held["spots"], basis)
