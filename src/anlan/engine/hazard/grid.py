"""The grid that hazards and households meet on: 0.01° cells, and sixteen of 0.0025° in each one near a river.

Everything inside is WGS 84. Maps published in China are shifted (GCJ-02); `from_gcj02` takes the shift off at the
door. A cell's id is one number, and the cells near a river sort beside the cell that they are parts of.
"""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

STEP = 0.01
FINE = 0.0025
NOWHERE = -1  # the cell of a place without coordinates

_PARTS = 4  # fine cells along one side of a coarse one
_KINDS = _PARTS * _PARTS + 1  # the whole cell, then its parts
_COLUMNS = 36_000  # coarse cells round the globe
_TOUCH = 1e-9  # a coordinate that rounding has carried just under a border belongs above it


def cells(lon: Floats, lat: Floats, fine: Flags | None = None) -> Ints:
    """The cell of n places in degrees; a part of 0.0025° where `fine`. NOWHERE for a place without coordinates.

    Raises ValueError for a place off the globe.
    """
    known = ~(np.isnan(lon) | np.isnan(lat))
    if (np.abs(lon[known]) > 180).any() or (np.abs(lat[known]) > 90).any():
        raise ValueError("a place lies off the globe; longitude comes first, in degrees")
    east = _count(np.where(known, lon, 0.0) + 180.0)
    north = _count(np.where(known, lat, 0.0) + 90.0)
    whole = (north // _PARTS) * _COLUMNS + east // _PARTS
    part = 1 + (north % _PARTS) * _PARTS + east % _PARTS
    kind = part if fine is None else np.where(fine, part, 0)
    return np.where(known, whole * _KINDS + (0 if fine is None else kind), NOWHERE)


def whole(cell: Ints) -> Ints:
    """The 0.01° cell that each cell is or is a part of."""
    return np.where(cell == NOWHERE, NOWHERE, cell - cell % _KINDS)


def size(cell: Ints) -> Floats:
    """The side of each cell in degrees."""
    return np.where(cell % _KINDS == 0, STEP, FINE)


def centres(cell: Ints) -> tuple[Floats, Floats]:
    """The middle of each cell: longitude and latitude in degrees; NaN for NOWHERE."""
    big, part = cell // _KINDS, cell % _KINDS
    inner = np.maximum(part - 1, 0)
    half = size(cell) / 2
    east = (big % _COLUMNS) * STEP + (inner % _PARTS) * FINE + half - 180.0
    north = (big // _COLUMNS) * STEP + (inner // _PARTS) * FINE + half - 90.0
    nowhere = cell == NOWHERE
    return np.where(nowhere, np.nan, east), np.where(nowhere, np.nan, north)


def near(lon: Floats, lat: Floats, lines: Sequence[Sequence[Sequence[float]]], degrees: float = STEP) -> Flags:
    """Which of n places have a river (lines of [lon, lat]) within so many degrees; none where no river is drawn."""
    found = np.zeros(len(lon), dtype=bool)
    known = np.flatnonzero(~(np.isnan(lon) | np.isnan(lat)))
    for line in lines:
        if len(line) > 1:
            drawn = shapely.LineString(line)
            shapely.prepare(drawn)
            found[known] |= shapely.dwithin(drawn, shapely.points(lon[known], lat[known]), degrees)
    return found


def _count(degrees: Floats) -> Ints:
    return np.asarray(np.floor(degrees / FINE + _TOUCH), dtype=np.int64)


# --- the shift of Chinese maps -----------------------------------------------------------------------
# The transformation that navigation maps in China have been reproduced with since 2011: a polynomial and sines in the
# distance from 105° E, 35° N, on the Krasovsky ellipsoid of 1940.
_AXIS_M = 6_378_245.0
_ECCENTRICITY_2 = 0.006_693_421_622_965_943
_ROUNDS = 6  # each round makes the way back a few hundred times better; three reach a centimetre


def to_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Places in WGS 84 as Chinese maps show them; abroad they stay where they are."""
    x, y = lon - 105.0, lat - 35.0
    ripple = 20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)
    root = np.sqrt(np.abs(x))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (ripple + _waves(y, (20.0, 1.0), (40.0, 3.0), (160.0, 12.0), (320.0, 30.0))) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (ripple + _waves(x, (20.0, 1.0), (40.0, 3.0), (150.0, 12.0), (300.0, 30.0))) * 2.0 / 3.0
    bend = 1.0 - _ECCENTRICITY_2 * np.sin(np.radians(lat)) ** 2
    along = np.radians(_AXIS_M * (1.0 - _ECCENTRICITY_2) / bend**1.5)
    across = np.radians(_AXIS_M / np.sqrt(bend) * np.cos(np.radians(lat)))
    home = in_china(lon, lat)
    return np.where(home, lon + east / across, lon), np.where(home, lat + north / along, lat)


def from_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Places read from a Chinese map, in WGS 84, to less than a millimetre."""
    east, north = np.array(lon, dtype=np.float64), np.array(lat, dtype=np.float64)
    for _round in range(_ROUNDS):
        shown = to_gcj02(east, north)
        east, north = east + (lon - shown[0]), north + (lat - shown[1])
    return east, north


def ring_from_gcj02(ring: Sequence[Sequence[float]]) -> list[list[float]]:
    """A ring of [lon, lat] read from a Chinese map, in WGS 84."""
    flat = np.asarray(ring, dtype=np.float64).reshape(-1, 2)
    back: list[list[float]] = np.column_stack(from_gcj02(flat[:, 0], flat[:, 1])).tolist()
    return back


def in_china(lon: Floats, lat: Floats) -> Flags:
    """Whether maps shift a place: the box that the transformation is used in."""
    return np.asarray((lon >= 72.004) & (lon <= 137.8347) & (lat >= 0.8293) & (lat <= 55.8271))


def _waves(along: Floats, *terms: tuple[float, float]) -> Floats:
    return np.asarray(sum(height * np.sin(along / length * np.pi) for height, length in terms))
