"""The shapes of an alert: `lat,lon` pairs into rings of [lon, lat], and what is wrong with them.

Coordinates stay as they came. China's maps shift theirs (GCJ-02), and hardly an alert says which it uses: half a
kilometre at most, which the confidence of a household's own place outweighs. One that says so is flagged.
"""

import math
import re
from dataclasses import dataclass
from itertools import repeat
from operator import contains

import numpy as np
import shapely

Ring = list[list[float]]

EARTH_KM = 6371.0
CORNERS = 36
FEW = 40  # corners; up to so many a look whether the border is convex is quicker than a search
MANY = 20_000  # corners; beyond these a search for crossings may take minutes, which nobody gets for one document
LEAST_KM = 0.001
CHINA = (3.0, 54.0, 73.0, 136.0)  # lat from, to, lon from, to: the box around the country and its seas
_PLAIN = b"0123456789eE+-., \t\n\r"  # Python would read more as a number than CAP does: nan, inf, 1_0, ４
_NUMBER = re.compile(r"[+-]?\d{1,9}(?:\.\d{0,9})?")


@dataclass(slots=True)
class Drawn:
    """A shape's corners as numbers, lat and lon in turn, if it can be one, and the codes of what is wrong with it.

    `readable` where it was numbers at all; `detail` says where a border crosses itself.
    """

    text: str  # as it was written; shapes are the same where that is
    corners: list[float] | None
    faults: tuple[str, ...] = ()
    detail: str = ""
    readable: bool = True

    @property
    def ring(self) -> Ring | None:
        """The shape as a closed ring of [lon, lat]; an open one is closed."""
        if self.corners is None:
            return None
        ring: Ring = [[lon, lat] for lat, lon in zip(self.corners[::2], self.corners[1::2], strict=True)]
        return ring if ring[0] == ring[-1] else [*ring, ring[0]]


def polygon(text: str) -> Drawn:
    """Read and judge a polygon. An open one is closed; one that leaves the globe gives no ring."""
    numbers = _numbers(text)
    if numbers is None:
        return Drawn(text, None, ("polygon-number",), readable=False)
    lats, lons = numbers[::2], numbers[1::2]
    on_the_globe = _lie_within((-90.0, 90.0, -180.0, 180.0), lats, lons)
    if not (on_the_globe or all(map(math.isfinite, numbers))):
        return Drawn(text, None, ("polygon-number",), readable=False)
    found = [] if on_the_globe else ["polygon-range"]
    closed, detail = numbers[:2] == numbers[-2:], ""
    if len(lats) < 4:
        found.append("polygon-short")
    elif not closed:
        found.append("polygon-open")
    elif len(lats) > MANY:
        found.append("polygon-large")
    elif on_the_globe and (detail := _crossing(numbers, lats, lons)):
        found.append("polygon-invalid")
    enough = len(lats) >= (4 if closed else 3)
    return Drawn(text, numbers if enough and on_the_globe else None, tuple(found), detail)


def _lie_within(box: tuple[float, float, float, float], lats: list[float], lons: list[float]) -> bool:
    """Whether all corners lie in a box of latitudes from and to, longitudes from and to. No corners lie anywhere."""
    south, north, west, east = box
    if not lats:
        return True
    return min(lats) >= south and max(lats) <= north and min(lons) >= west and max(lons) <= east


def _crossing(numbers: list[float], lats: list[float], lons: list[float]) -> str:
    """Where a closed border crosses or touches itself, in shapely's words; empty where it nowhere does."""
    if len(lats) <= FEW and _convex(lats, lons):
        return ""
    drawn = shapely.linearrings(np.array(numbers).reshape(-1, 2))
    return "" if shapely.is_valid(drawn) else str(shapely.is_valid_reason(shapely.Polygon(drawn)))


def _convex(ys: list[float], xs: list[float]) -> bool:
    """Whether a closed border turns one way only, and once: most are boxes, which need no search for crossings."""
    steps = [(x1 - x0, y1 - y0) for x0, x1, y0, y1 in zip(xs, xs[1:], ys, ys[1:], strict=False)]
    turns = [ax * by - ay * bx for (ax, ay), (bx, by) in zip(steps, [*steps[1:], steps[0]], strict=True)]
    if min(turns) * max(turns) <= 0 or 0.0 in turns:
        return False
    east = [x > 0 for x, _y in steps if x]
    return sum(one != other for one, other in zip(east, [*east[1:], east[0]], strict=True)) == 2


def circle(text: str) -> Drawn:
    """A circle `lat,lon radius_km` as a ring of many corners. A radius of nothing is a point: no ring, no fault."""
    parts = text.split()
    centre = _numbers(parts[0]) if len(parts) == 2 else None
    if centre is None or not _NUMBER.fullmatch(parts[1]):
        return Drawn(text, None, ("circle-number",), readable=False)
    (lat, lon), radius_km = centre, float(parts[1])
    if abs(lat) > 90 or abs(lon) > 180:
        return Drawn(text, None, ("circle-range",))
    if radius_km < 0:
        return Drawn(text, None, ("circle-radius",))
    # Round the poles and over half the globe a ring in degrees makes no sense; no county lies there.
    if abs(lat) > 85 or radius_km > 2000:
        return Drawn(text, None, ("circle-large",))
    return Drawn(text, _round(lat, lon, radius_km) if radius_km >= LEAST_KM else None)


def _round(lat: float, lon: float, radius_km: float) -> list[float]:
    north = math.degrees(radius_km / EARTH_KM)
    east = north / math.cos(math.radians(lat))
    turns = 2 * math.pi / CORNERS * np.arange(CORNERS)
    corners: list[float] = np.column_stack([lat + north * np.sin(turns), lon + east * np.cos(turns)]).ravel().tolist()
    return corners


def swapped(drawn: Drawn) -> bool:
    """Whether a shape begins outside China's box, and lies inside it once longitude and latitude change places."""
    south, north, west, east = CHINA
    if drawn.corners is None:
        return False
    lat, lon = drawn.corners[:2]
    if (west <= lon <= east and south <= lat <= north) or not (west <= lat <= east and south <= lon <= north):
        return False
    return _lie_within((west, east, south, north), drawn.corners[::2], drawn.corners[1::2])


def _numbers(text: str) -> list[float] | None:
    """The numbers of a list of `lat,lon` pairs, two a pair; None where there is anything else."""
    if not text.isascii() or text.encode().translate(None, _PLAIN):
        return None
    words = text.split()
    if not sum(map(contains, words, repeat(","))) == len(words) == text.count(","):
        return None  # one comma a word, no more and no less
    try:
        return list(map(float, ",".join(words).split(","))) if words else []
    except ValueError:
        return None
