"""Fields over the county: readings between stations, places inside polygons."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ring = Sequence[Sequence[float]]

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

    Only places within a ring's bounds are tested exactly. Rings of fewer than three corners hold nothing.
    """
    found = np.zeros(len(lon), dtype=bool)
    for ring in polygons:
        if len(ring) < 4:  # three corners and the first again
            continue
        shape = shapely.make_valid(shapely.Polygon(ring))
        west, south, east, north = shape.bounds
        near = np.flatnonzero(~found & (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
        shapely.prepare(shape)
        found[near] = shapely.intersects_xy(shape, lon[near], lat[near])
    return found
