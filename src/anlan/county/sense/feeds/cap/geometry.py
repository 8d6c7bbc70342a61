"""The shapes of an alert: `lat,lon` pairs into rings of [lon, lat], and what is wrong with them.

Coordinates stay as they came. China's maps shift theirs (GCJ-02), and no alert says which it uses: half a
kilometre at most, which the confidence of a household's own place outweighs.
"""

import math
import re

import shapely

Ring = list[list[float]]

EARTH_KM = 6371.0
CORNERS = 36
LEAST_KM = 0.001
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")


def faults(text: str) -> list[str]:
    """The codes of what is wrong with a polygon; one that is no list of numbers is not looked at further."""
    pairs = _pairs(text)
    if pairs is None:
        return ["polygon-number"]
    found = []
    if any(abs(lat) > 90 or abs(lon) > 180 for lat, lon in pairs):
        found.append("polygon-range")
    if len(pairs) < 4:
        found.append("polygon-short")
    elif pairs[0] != pairs[-1]:
        found.append("polygon-open")
    elif not found and not shapely.Polygon(pairs).is_valid:
        found.append("polygon-invalid")
    return found


def ring(text: str) -> Ring | None:
    """A polygon as a closed ring of [lon, lat]; None for what cannot be one. An open one is closed."""
    pairs = _pairs(text)
    if pairs is None or any(abs(lat) > 90 or abs(lon) > 180 for lat, lon in pairs):
        return None
    if pairs and pairs[0] != pairs[-1]:
        pairs.append(pairs[0])
    return [[lon, lat] for lat, lon in pairs] if len(pairs) >= 4 else None


def circle(text: str) -> Ring | None:
    """A circle `lat,lon radius_km` as a ring of many corners; None for a point or for what is none."""
    parts = text.split()
    pairs = _pairs(parts[0]) if len(parts) == 2 else None
    if pairs is None or not _NUMBER.fullmatch(parts[1]):
        return None
    ((lat, lon),), radius_km = pairs, float(parts[1])
    # Round the poles and over half the globe a ring in degrees makes no sense; no county lies there.
    if abs(lat) > 85 or abs(lon) > 180 or not LEAST_KM <= radius_km <= 2000:
        return None
    north = math.degrees(radius_km / EARTH_KM)
    east = north / math.cos(math.radians(lat))
    turns = [2 * math.pi * corner / CORNERS for corner in range(CORNERS)]
    corners = [[lon + east * math.cos(turn), lat + north * math.sin(turn)] for turn in turns]
    return [*corners, corners[0]]


def _pairs(text: str) -> list[tuple[float, float]] | None:
    pairs = []
    for word in text.split():
        lat, comma, lon = word.partition(",")
        if not (comma and _NUMBER.fullmatch(lat) and _NUMBER.fullmatch(lon)):
            return None
        pairs.append((float(lat), float(lon)))
    return pairs
