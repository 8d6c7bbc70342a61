"""The footprint: rain falls on a whole county, water stands on a few of its places, the lowest first.

A curve of depth against damage says nothing of places that stay dry. Used over a whole warning's area it breaks tens
of thousands of houses where a real storm broke thirteen; this step in between is what keeps a house's loss rare.

A place's *rank* says how low it lies among its neighbours: 0 the lowest, 1 the highest. Where nobody knows it, the
place is taken for any of them.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.engine.policy import TRUSTS

Floats = NDArray[np.float64]

HOMES, FIELDS = "homes", "fields"
# Three points of Gauss and Legendre: how deep the water is between the flood's edge and its lowest ground.
_POINTS = np.array([0.5 - np.sqrt(0.15), 0.5, 0.5 + np.sqrt(0.15)])
_WEIGHTS = np.array([5.0, 8.0, 5.0]) / 18.0
_DEEPEST = 2.0  # the lowest ground has twice the mean depth, the edge none
_ROWS = ("rain24h_mm", "share", "depth_m")


class FootprintInvalid(ValueError):
    """A file of footprints that cannot be read as it stands; the text names the place and what is wrong."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """For one use of the ground: what share of it lies under water at so much rain, and how deep on average."""

    use: str
    since: date
    rain24h_mm: Floats
    share: Floats
    depth_m: Floats
    source: str
    trust: str

    def reached(self, rain24h_mm: Floats) -> Floats:
        """The share of the ground that the water reaches, 0..1."""
        return np.asarray(np.interp(rain24h_mm, self.rain24h_mm, self.share))

    def depth(self, rain24h_mm: Floats, rank: Floats) -> Floats:
        """How deep (m) the water stands at places of known rank; 0 where it does not come."""
        share = self.reached(rain24h_mm)
        within = np.where(share > 0, 1.0 - rank / np.where(share > 0, share, 1.0), 0.0)
        return np.asarray(_DEEPEST * np.interp(rain24h_mm, self.rain24h_mm, self.depth_m) * np.maximum(within, 0.0))

    def water(self, rain24h_mm: Floats, rank: Floats | None = None) -> "Water":
        """The ways in which water may stand at each place; a rank that is not known is NaN or left out."""
        share = self.reached(rain24h_mm)
        mean = np.interp(rain24h_mm, self.rain24h_mm, self.depth_m)
        depth = _DEEPEST * mean[..., None] * (1.0 - _POINTS)
        weight = share[..., None] * _WEIGHTS
        if rank is not None:
            known = np.broadcast_to(~np.isnan(rank), share.shape)[..., None]
            here = self.depth(rain24h_mm, np.broadcast_to(np.where(np.isnan(rank), 1.0, rank), share.shape))[..., None]
            depth = np.where(known, here, depth)
            weight = np.where(known, (here > 0) * _WEIGHTS, weight)
        return Water(depth, weight)


@dataclass(frozen=True, slots=True)
class Water:
    """Ways in which water may stand at a place, on the last axis: its depth in metres, and how probable that is.

    What is missing to 1 is the chance that the place stays dry.
    """

    depth_m: Floats
    weight: Floats

    @property
    def dry(self) -> Floats:
        """The chance that no water comes, at each place."""
        return np.asarray(1.0 - self.weight.sum(axis=-1))

    def expected(self, ratio: Floats) -> Floats:
        """The mean over all ways of something that is `ratio` at each depth and nothing where it is dry."""
        return np.asarray((self.weight * ratio).sum(axis=-1))


@lru_cache(maxsize=1)
def footprints() -> Mapping[str, Footprint]:
    """The footprint of each use of the ground, read once."""
    return read(tomllib.loads((files(__package__) / "footprint.toml").read_text(encoding="utf-8")))


def read(tables: Mapping[str, Any]) -> dict[str, Footprint]:
    """Footprints out of a file's tables. Raises FootprintInvalid."""
    return {use: _footprint(use, table) for use, table in tables.items()}


def _footprint(use: str, table: Mapping[str, Any]) -> Footprint:
    if set(table) != {"from", *_ROWS, "source", "trust"}:
        raise FootprintInvalid(f"{use}: needs from, {', '.join(_ROWS)}, source and trust")
    if table["trust"] not in TRUSTS or not table["source"]:
        raise FootprintInvalid(f"{use}: needs a source and a trust of {', '.join(TRUSTS)}")
    rain, share, depth = (np.array(table[row], dtype=np.float64) for row in _ROWS)
    if not len(rain) == len(share) == len(depth) or (np.diff(rain) <= 0).any():
        raise FootprintInvalid(f"{use}: needs rows of one length over rising rain")
    if share[0] != 0 or share[-1] > 1 or any((np.diff(row) < 0).any() or row[0] < 0 for row in (share, depth)):
        raise FootprintInvalid(f"{use}: share and depth rise with the rain, the share from 0 to 1 at most")
    return Footprint(use, table["from"], rain, share, depth, table["source"], table["trust"])
