"""Fields over the county: readings between stations, places inside polygons."""

from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from anlan.engine.hazard.inside import within

Floats = NDArray[np.float64]
Ring = Sequence[Sequence[float]]

METRES_PER_DEGREE = 111_320.0  # of latitude

_POWER = 2.0
_NEAR_DEGREES = 1e-6  # as good as at the station
_CHUNK = 20_000


def interpolate(lon: Floats, lat: Floats, station_lon: Floats, station_lat: Floats, values: Floats) -> Floats:
    """Inverse-distance weighted values at n places (degrees) from m stations; never outside the readings' range.

    A station whose reading is NaN is silent; a place without coordinates gets NaN. Raises ValueError where no
    station has a reading.
    """
    speaking = ~np.isnan(values)
    if not speaking.any():
        raise ValueError("no station has a reading")
    station_lon, station_lat, values = station_lon[speaking], station_lat[speaking], values[speaking]
    shrink = np.cos(np.radians(np.mean(station_lat)))
    found = np.empty(len(lon))
    for start in range(0, len(lon), _CHUNK):
        part = slice(start, start + _CHUNK)
        east = (np.asarray(lon[part])[:, None] - station_lon) * shrink
        north = np.asarray(lat[part])[:, None] - station_lat
        weight = 1.0 / np.maximum(np.hypot(east, north), _NEAR_DEGREES) ** _POWER
        found[part] = (weight @ values) / weight.sum(axis=1)
    return np.clip(found, values.min(), values.max())  # rounding can carry a weighted mean past its ends


def inside(lon: Floats, lat: Floats, polygons: Sequence[Ring]) -> NDArray[np.bool_]:
    """Which of n places lie in any of the rings of [lon, lat]; a ring that crosses itself is mended first.

    Rings of fewer than three corners hold nothing.
    """
    found = np.zeros(len(lon), dtype=bool)
    for shape in _shapes(polygons):
        others = np.flatnonzero(~found)
        found[others] = within(shape, lon[others], lat[others])
    return found


def touched(lon: Floats, lat: Floats, radius_m: Floats, polygons: Sequence[Ring]) -> NDArray[np.bool_]:
    """Which of n discs (centres in degrees, radii in metres) share any ground with any of the rings of [lon, lat].

    A disc without a centre touches nothing. Degrees are taken for a plane, true to size at the disc's latitude.
    """
    found = np.zeros(len(lon), dtype=bool)
    known = np.flatnonzero(~np.isnan(lon) & ~np.isnan(lat))
    if not len(known):
        return found
    shrink = float(np.cos(np.radians(np.mean(lat[known]))))
    centres = shapely.points(lon[known] * shrink, lat[known])
    for shape in _shapes(polygons):
        flat = shapely.transform(shape, lambda places: places * [shrink, 1.0])
        found[known] |= shapely.dwithin(centres, flat, radius_m[known] / METRES_PER_DEGREE)
    return found


def _shapes(polygons: Sequence[Ring]) -> Iterator[shapely.Geometry]:
    for ring in polygons:
        if len(ring) >= 4:  # three corners and the first again
            yield shapely.make_valid(shapely.Polygon(ring))
