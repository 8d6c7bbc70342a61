"""Distances along the ground."""

from math import asin, cos, hypot, radians, sin, sqrt

EARTH_M = 6_371_000.0


def distance_m(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Metres between two points (degrees) along the ground, on a sphere of the earth's mean radius."""
    east, north = radians(other_lon - lon) / 2, radians(other_lat - lat) / 2
    chord = hypot(sin(north), sqrt(cos(radians(lat)) * cos(radians(other_lat))) * sin(east))
    return round(2 * EARTH_M * asin(min(1.0, chord)), 1)


def apart_m(lon: float | None, lat: float | None, other_lon: float | None, other_lat: float | None) -> float | None:
    """`distance_m`, or None where one of the two points is not known."""
    if lon is None or lat is None or other_lon is None or other_lat is None:
        return None
    return distance_m(lon, lat, other_lon, other_lat)
