"""The shapes of an alert: `lat,lon` pairs into rings of [lon, lat], and what is wrong with them.

Coordinates stay as they came. China's maps shift theirs (GCJ-02), and hardly an alert says which it uses: half a
kilometre at most, which the confidence of a household's own place outweighs. One that says so is flagged.
"""

import math
import re
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Ring = list[list[float]]

EARTH_KM = 6371.0
CORNERS = 36
FEW = 40  # corners; up to so many a look whether the border is convex is quicker than a search
LEAST_KM = 0.001
CHINA = (3.0, 54.0, 73.0, 136.0)  # lat from, to, lon from, to: the box around the country and its seas
_STRANGE = re.compile(r"[^0-9eE+\-.,\s]")  # what Python would read as a number and CAP does not: nan, inf, 1_0, ４
_NUMBER = re.compile(r"[+-]?\d{1,9}(?:\.\d{0,9})?")
_GLOBE = np.array([90.0, 180.0])


@dataclass(frozen=True, slots=True)
class Drawn:
    """A shape as a closed ring of [lon, lat], if it can be one, and the codes of what is wrong with it.

    `readable` where it was numbers at all; `detail` says where a border crosses itself, or what could not be read.
    """

    ring: Ring | None
    faults: tuple[str, ...] = ()
    detail: str = ""
    readable: bool = True


def polygon(text: str) -> Drawn:
    """Read and judge a polygon. An open one is closed; one that leaves the globe gives no ring."""
    numbers = _numbers(text)
    pairs = np.array(numbers or ()).reshape(-1, 2)
    on_the_globe = bool((np.abs(pairs) <= _GLOBE).all())
    if numbers is None or not (on_the_globe or np.isfinite(pairs).all()):
        return Drawn(None, ("polygon-number",), readable=False)
    found = [] if on_the_globe else ["polygon-range"]
    closed, detail = numbers[:2] == numbers[-2:], ""
    if len(pairs) < 4:
        found.append("polygon-short")
    elif not closed:
        found.append("polygon-open")
    elif on_the_globe and (detail := _crossing(pairs, numbers)):
        found.append("polygon-invalid")
    if len(pairs) < 3 or not on_the_globe:
        return Drawn(None, tuple(found), detail)
    ring: Ring = pairs[:, ::-1].tolist()
    if not closed:
        ring.append(ring[0])
    return Drawn(ring if len(ring) >= 4 else None, tuple(found), detail)


def _crossing(pairs: NDArray[np.float64], numbers: list[float]) -> str:
    """Where a closed border crosses or touches itself, in shapely's words; empty where it nowhere does."""
    if len(pairs) <= FEW and _convex(numbers):
        return ""
    drawn = shapely.linearrings(pairs)
    return "" if shapely.is_valid(drawn) else str(shapely.is_valid_reason(shapely.Polygon(drawn)))


def _convex(numbers: list[float]) -> bool:
    """Whether a closed border turns one way only, and once: most are boxes, which need no search for crossings."""
    ys, xs = numbers[::2], numbers[1::2]
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
        return Drawn(None, ("circle-number",), readable=False)
    (lat, lon), radius_km = centre, float(parts[1])
    if abs(lat) > 90 or abs(lon) > 180:
        return Drawn(None, ("circle-range",))
    if radius_km < 0:
        return Drawn(None, ("circle-radius",))
    # Round the poles and over half the globe a ring in degrees makes no sense; no county lies there.
    if abs(lat) > 85 or radius_km > 2000:
        return Drawn(None, ("circle-large",))
    return Drawn(_round(lat, lon, radius_km) if radius_km >= LEAST_KM else None)


def _round(lat: float, lon: float, radius_km: float) -> Ring:
    north = math.degrees(radius_km / EARTH_KM)
    east = north / math.cos(math.radians(lat))
    turns = [2 * math.pi * corner / CORNERS for corner in range(CORNERS)]
    corners = [[lon + east * math.cos(turn), lat + north * math.sin(turn)] for turn in turns]
    return [*corners, corners[0]]


def swapped(ring: Ring) -> bool:
    """Whether a ring begins outside China's box, and lies inside it once longitude and latitude change places."""
    south, north, west, east = CHINA
    lon, lat = ring[0]
    if west <= lon <= east and south <= lat <= north:
        return False
    return all(west <= second <= east and south <= first <= north for first, second in ring)


def _numbers(text: str) -> list[float] | None:
    """The numbers of a list of `lat,lon` pairs, two a pair; None where there is anything else."""
    if _STRANGE.search(text):
        return None
    words = text.split()
    numbers = ",".join(words).split(",") if words else []
    if len(numbers) != 2 * len(words) or any(word.count(",") != 1 for word in words):
        return None
    try:
        return list(map(float, numbers))
    except ValueError:
        return None
