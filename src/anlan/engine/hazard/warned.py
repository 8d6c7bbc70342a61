"""From what is known of a hazard to weighted members of physical intensity: a warning, readings, an ensemble.

A member is one way in which it may come out; its weight is the probability of that way. All else that is computed of
an event is computed member by member, so that households hit together stay together.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.engine.hazard import severity
from anlan.engine.policy import TRUSTS

Floats = NDArray[np.float64]

KINDS = (
    "flood_depth_m", "flood_days", "gust_ms", "hail_mm", "rain24h_mm", "tmin_c", "freeze_days", "pga_g",
    "landslide_zone", "drought_index", "outage_days", "severity",
)  # fmt: skip
SEVERITY = "severity"
OTHER = "other"
COLOURS = ("blue", "yellow", "orange", "red")
UNKNOWN = 2  # an alert that states no level is taken for a yellow one until a person says otherwise
_FIELDS = {"kind", "from", "weights", "source", "trust"}
_CLOSE = 1e-9
_WARM_C = 10.0


class SignalsInvalid(ValueError):
    """A file of signals that cannot be read as it stands; the text names the hazard and what is wrong."""


class MembersInvalid(ValueError):
    """Members that cannot be weighed against each other; the text says why."""


@dataclass(frozen=True, slots=True)
class Signal:
    """What the warnings of one hazard stand for: intensities by level (1 blue … 4 red), lowest member first."""

    hazard: str
    kind: str
    since: date
    values: Mapping[int, tuple[float, ...]]
    weights: tuple[float, ...]
    source: str
    trust: str


@dataclass(frozen=True, slots=True)
class Field:
    """One intensity over c places in e weighted members: `values` is (e, c), the weights add up to 1."""

    kind: str
    values: Floats
    weights: Floats
    source: str = ""
    trust: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise MembersInvalid(f"{self.kind} is no intensity that is known")
        if self.values.ndim != 2 or self.weights.shape != self.values.shape[:1] or not len(self.weights):
            raise MembersInvalid(f"{self.values.shape} intensities do not go with {self.weights.shape} weights")
        if (self.weights < 0).any() or abs(float(self.weights.sum()) - 1.0) > _CLOSE:
            raise MembersInvalid("the members' weights are not negative and add up to 1")

    @property
    def middle(self) -> Floats:
        """At each place the intensity that half the members' weight lies at or below."""
        order = np.argsort(self.values, axis=0, kind="stable")
        passed = np.cumsum(self.weights[order], axis=0) >= 0.5 - _CLOSE
        first = passed.argmax(axis=0)
        return np.asarray(np.take_along_axis(self.values, order, axis=0)[first, np.arange(self.values.shape[1])])

    @property
    def mean(self) -> Floats:
        """The expected intensity at each place."""
        return np.asarray(self.weights @ self.values)


def of_warning(hazard: str, level: int, places: int) -> Field:
    """What a warning of a hazard at a level (0 unknown, 1 blue … 4 red) stands for, alike at so many places."""
    if level not in range(5):
        raise ValueError(f"no such warning level: {level}")
    signal = signals().get(hazard, signals()[OTHER])
    # A level that a signal does not have is read as the nearest one that it has.
    known = min(signal.values, key=lambda has: (abs(has - (level or UNKNOWN)), has))
    values = np.repeat(np.array(signal.values[known], dtype=np.float64)[:, None], places, axis=1)
    return Field(signal.kind, values, np.array(signal.weights), signal.source, signal.trust)


def of_readings(kind: str, read: Floats, error_sd: Floats, points: Floats, weights: Floats) -> Field:
    """Readings carried to c places, each off by a log-normal factor: one member for every point of the error.

    `points` and `weights` average over a standard normal variable; `error_sd` is the factor's standard deviation in
    logarithms at each place. The members are common to all places: where one is higher than read, all are. Only for
    intensities that are nowhere negative; of temperatures use `of_ensemble`.
    """
    if (read < 0).any():
        raise MembersInvalid("a factor cannot scatter what is below nought")
    return Field(kind, read * np.exp(points[:, None] * error_sd), np.asarray(weights, dtype=np.float64))


def of_ensemble(kind: str, values: Floats, weights: Floats | None = None) -> Field:
    """A forecast's members (e, c) as they came; equally probable unless weighted."""
    given = np.asarray(values, dtype=np.float64)
    share = np.full(len(given), 1.0 / max(len(given), 1)) if weights is None else np.asarray(weights, dtype=np.float64)
    return Field(kind, given, share)


def nothing(kind: str) -> float:
    """The intensity of a kind at which nothing is hurt."""
    return _WARM_C if kind == "tmin_c" else 0.0


def scaled(kind: str) -> bool:
    """Whether a scale leads from a kind of intensity to severity."""
    return kind == SEVERITY or _ELEMENTS.get(kind, kind) in severity.elements()


def severity_of(field: Field) -> Field:
    """The same members on the scale of severities (0..5), for whatever has no curve of its own. Raises ElementUnknown.

    The scale is that of `severity.toml`, by the intensity's element there.
    """
    if field.kind == SEVERITY:
        return field
    element = _ELEMENTS.get(field.kind, field.kind)
    return Field(SEVERITY, severity.from_reading(element, field.values), field.weights, field.source, field.trust)


# What an intensity is called where stations read it.
_ELEMENTS = {"rain24h_mm": "rain_24h_mm", "gust_ms": "gust_m_s", "tmin_c": "temperature_min_c"}


@lru_cache(maxsize=1)
def signals() -> Mapping[str, Signal]:
    """What every hazard's warnings stand for, read once."""
    return read(tomllib.loads((files(__package__) / "warned.toml").read_text(encoding="utf-8")))


def read(tables: Mapping[str, Any]) -> dict[str, Signal]:
    """Signals out of a file's tables. Raises SignalsInvalid."""
    return {hazard: _signal(hazard, table) for hazard, table in tables.items()}


def _signal(hazard: str, table: Mapping[str, Any]) -> Signal:
    if missing := _FIELDS - set(table):
        raise SignalsInvalid(f"{hazard}: {min(missing)} is missing")
    if unknown := set(table) - _FIELDS - set(COLOURS):
        raise SignalsInvalid(f"{hazard}: {min(unknown)} is not a known field")
    if table["kind"] not in KINDS:
        raise SignalsInvalid(f"{hazard}: {table['kind']} is no intensity that is known")
    if table["trust"] not in TRUSTS or not table["source"]:
        raise SignalsInvalid(f"{hazard}: needs a source and a trust of {', '.join(TRUSTS)}")
    weights = tuple(float(weight) for weight in table["weights"])
    if min(weights) < 0 or abs(sum(weights) - 1.0) > _CLOSE:
        raise SignalsInvalid(f"{hazard}: the weights are not negative and add up to 1")
    values = {
        COLOURS.index(colour) + 1: _row(f"{hazard}: {colour}", table[colour], len(weights))
        for colour in COLOURS
        if colour in table
    }
    if not values:
        raise SignalsInvalid(f"{hazard}: has no colour")
    return Signal(hazard, table["kind"], table["from"], values, weights, table["source"], table["trust"])


def _row(place: str, values: Sequence[float], members: int) -> tuple[float, ...]:
    row = tuple(float(value) for value in values)
    steps = np.diff(row)
    if len(row) != members or not ((steps > 0).all() or (steps < 0).all()):
        raise SignalsInvalid(f"{place}: needs {members} figures, each worse than the one before")
    return row
