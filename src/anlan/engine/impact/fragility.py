"""How fragile things are: per hazard, what is lost at each severity. The curves are data, beside this file.

A row has six figures, at severities 0 to 5, joined by straight lines; beyond 5 the last one stays.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.engine.policy import TRUSTS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STRUCTURES: tuple[str, ...] = ("brick_concrete", "brick_timber", "adobe", "timber")
WATER: tuple[str, ...] = ("central", "small_scheme", "well", "spring")
OTHER = "other"

SEVERITIES = np.arange(6.0)
RATIOS = ("crop", "livestock", "equipment", "home", "water")
ROWS = (*RATIOS, "work_days")
FACTORS: Mapping[str, tuple[str, ...]] = {"home_by": STRUCTURES, "water_by": WATER}


class CurvesInvalid(ValueError):
    """A file of curves that cannot be read as it stands; the text names the file and the row."""


@dataclass(frozen=True, slots=True)
class Curves:
    """What one hazard does at severities 0 to 5.

    `crop`, `livestock`, `equipment`: the share of a year's value that is lost. `work_days`: days without work.
    `home`: the chance that a brick-and-timber house is made unsafe; `water`: that a well no longer gives safe
    water. The factors turn these into the chance for each of STRUCTURES and WATER.
    """

    hazard: str
    crop: Floats
    livestock: Floats
    equipment: Floats
    work_days: Floats
    home: Floats
    water: Floats
    home_factor: Floats
    water_factor: Floats
    source: str
    trust: str

    def p_home(self, severity: Floats, structure: Ints) -> Floats:
        """The chance that a house of each structure (place in STRUCTURES) is made unsafe."""
        return np.asarray(np.minimum(1.0, at(self.home, severity) * self.home_factor[structure]))

    def p_water(self, severity: Floats, water: Ints) -> Floats:
        """The chance that each source (place in WATER) gives no safe water."""
        return np.asarray(np.minimum(1.0, at(self.water, severity) * self.water_factor[water]))


def at(row: Floats, severity: Floats) -> Floats:
    """A row's figure at each severity."""
    if not row.any():
        return np.zeros_like(severity, dtype=np.float64)
    return np.asarray(np.interp(severity, SEVERITIES, row))


def of(hazard: str) -> Curves:
    """The curves of a hazard of the taxonomy; those of any other hazard where it has none of its own."""
    known = curves()
    return known.get(hazard, known[OTHER])


@lru_cache(maxsize=1)
def curves() -> Mapping[str, Curves]:
    """All curves by hazard, read once."""
    return read(files("anlan.engine.impact"))


def read(folder: Traversable) -> dict[str, Curves]:
    """The curves in a folder's files; `factors.toml` says how structures and sources differ. Raises CurvesInvalid."""
    factors = tomllib.loads(folder.joinpath("factors.toml").read_text(encoding="utf-8"))
    found: dict[str, Curves] = {}
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if file.name.endswith(".toml") and file.name != "factors.toml":
            for hazard, table in tomllib.loads(file.read_text(encoding="utf-8")).items():
                place = f"{file.name}: {hazard}"
                if hazard in found:
                    raise CurvesInvalid(f"{place}: stands twice")
                found[hazard] = _curves(place, hazard, table, factors)
    return found


def _curves(place: str, hazard: str, table: Mapping[str, Any], factors: Mapping[str, Any]) -> Curves:
    if unknown := set(table) - {*ROWS, *FACTORS, "source", "trust"}:
        raise CurvesInvalid(f"{place}: {min(unknown)} is not a known row")
    if not table.get("source") or table.get("trust") not in TRUSTS:
        raise CurvesInvalid(f"{place}: needs a source and a trust of {', '.join(TRUSTS)}")
    rows = {name: _row(f"{place}: {name}", table.get(name, [0] * 6), share=name in RATIOS) for name in ROWS}
    home, water = (_factors(place, table.get(by), kinds, factors) for by, kinds in FACTORS.items())
    return Curves(
        hazard=hazard, home_factor=home, water_factor=water, source=table["source"], trust=table["trust"], **rows
    )


def _row(place: str, figures: list[float], *, share: bool) -> Floats:
    row = np.array(figures, dtype=np.float64)
    if row.shape != SEVERITIES.shape or row[0] != 0 or (np.diff(row) < 0).any() or (share and row[-1] > 1):
        raise CurvesInvalid(f"{place}: needs six figures rising from 0{', to 1 at most' if share else ''}")
    return row


def _factors(place: str, name: str | None, kinds: tuple[str, ...], factors: Mapping[str, Any]) -> Floats:
    if name is None:
        return np.ones(len(kinds))
    if name not in factors or set(factors[name]) != set(kinds):
        raise CurvesInvalid(f"{place}: no factors {name!r} for {', '.join(kinds)}")
    return np.array([factors[name][kind] for kind in kinds], dtype=np.float64)
