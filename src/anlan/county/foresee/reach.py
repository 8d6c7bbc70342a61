"""Which households an event reaches: by polygon and by division, points and centroids, none dropped."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anlan.engine.audience import selection
from anlan.engine.hazard.field import METRES_PER_DEGREE, inside, touched

Floats = NDArray[np.float64]

# A household known only to its village may stand anywhere in it. Sixteen points, spread evenly over the disc
# (sunflower spiral), say which share of it lies inside a polygon.
_SAMPLES = 16
_TURN = np.pi * (3 - np.sqrt(5))
_RADII = np.sqrt((np.arange(_SAMPLES) + 0.5) / _SAMPLES)
_EAST = _RADII * np.cos(np.arange(_SAMPLES) * _TURN)
_NORTH = _RADII * np.sin(np.arange(_SAMPLES) * _TURN)
SLIVER = 0.5 / _SAMPLES  # what stands for a disc that is touched between its points


@dataclass(frozen=True, slots=True)
class Reach:
    """For every household: by which way it is reached ("" for not), and how sure that is (0..1)."""

    way: NDArray[np.str_]
    confidence: Floats


def reach(
    *, divisions: NDArray[np.str_], lon: Floats, lat: Floats, location_m: Floats,
    codes: Sequence[str], polygons: Sequence[Sequence[Sequence[float]]],
) -> Reach:  # fmt: skip
    """Households in any of the divisions (descendants included) or with any chance to stand in a polygon.

    `divisions` are twelve-digit village codes, `lon`/`lat` in degrees (a centroid where there is no point),
    `location_m` the radius within which the household stands.
    """
    named = selection.named(divisions, codes)
    share = share_inside(lon=lon, lat=lat, location_m=location_m, polygons=polygons)
    way = np.zeros(len(divisions), dtype="<U8")
    way[share > 0], way[named] = "polygon", "division"
    confidence = share.copy()
    confidence[named] = 1.0
    return Reach(way, confidence)


def share_inside(
    *, lon: Floats, lat: Floats, location_m: Floats, polygons: Sequence[Sequence[Sequence[float]]]
) -> Floats:
    """The share of each household's disc that lies inside the polygons (1 or 0 for an exact point).

    A disc that is touched at all has a share, however small the polygon.
    """
    share = np.zeros(len(lon))
    known = ~np.isnan(lon)
    if not polygons or not known.any():
        return share
    exact = np.flatnonzero(known & (location_m <= 0))
    share[exact] = inside(lon[exact], lat[exact], polygons)
    spread = np.flatnonzero(known & (location_m > 0))
    if len(spread):
        # Whoever has no point stands for the village's centroid: one disc for all who follow each other there.
        disc = np.column_stack([lon[spread], lat[spread], location_m[spread]])
        fresh = np.concatenate([[True], (disc[1:] != disc[:-1]).any(axis=1)])
        share[spread] = _of_discs(disc[fresh], polygons)[np.cumsum(fresh) - 1]
    return share


def _of_discs(disc: Floats, polygons: Sequence[Sequence[Sequence[float]]]) -> Floats:
    lon, lat, radius_m = disc.T
    degrees_north = radius_m[:, None] / METRES_PER_DEGREE
    degrees_east = degrees_north / np.cos(np.radians(lat[:, None]))
    east = lon[:, None] + degrees_east * _EAST
    north = lat[:, None] + degrees_north * _NORTH
    sampled = inside(east.ravel(), north.ravel(), polygons).reshape(east.shape).mean(axis=1)
    return np.asarray(np.maximum(sampled, touched(lon, lat, radius_m, polygons) * SLIVER))
