"""The demonstration county on the ground: outline, townships, invented villages."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPoint, Point, Polygon, mapping
from shapely.ops import voronoi_diagram

from anlan.county.drill.chance import chance

DATA = Path(__file__).parent / "data" / "anyi.toml"
KM_PER_DEGREE = 111.32
HOUSEHOLDS_PER_VILLAGE = 640
FRONT = "青长南北东西上下新古大小石桥竹松梅荷莲桂云龙凤金银"
BACK = "塘岭溪源坪坑田桥洲湾港岗塅垅畈"


@dataclass(frozen=True, slots=True)
class Village:
    """An invented village: its code and name, where it lies, how big it is."""

    code: str
    name: str
    lon: float
    lat: float
    remote: bool
    key_village: bool
    households: int

    @property
    def township(self) -> str:
        """The twelve digits of its township."""
        return self.code[:9] + "000"


@cache
def county() -> dict[str, Any]:
    """The county's data file."""
    return tomllib.loads(DATA.read_text())


@cache
def outline() -> Polygon:
    """The county's coarse outline."""
    return Polygon(county()["outline"])


@cache
def township_outlines() -> dict[str, Polygon]:
    """Each township's share of the county: whatever is nearest to its centre."""
    centres = {code: Point(township["centre"]) for code, township in county()["townships"].items()}
    cells = voronoi_diagram(MultiPoint(list(centres.values())), envelope=outline())
    found = {}
    for code, centre in centres.items():
        (cell,) = (cell for cell in cells.geoms if cell.contains(centre))
        found[code] = cell.intersection(outline())
    return found


def geometry(shape: Polygon) -> dict[str, Any]:
    """A shape as GeoJSON, to a hundred metres."""
    return dict(mapping(shapely.set_precision(shape, 0.001)))


def villages(seed: int, households: int) -> list[Village]:
    """Villages over all townships, with households shared out among them; the same for the same seed."""
    townships = county()["townships"]
    count = int(np.clip(round(households / HOUSEHOLDS_PER_VILLAGE), 2 * len(townships), 150 * len(townships)))
    weights = np.array([township["weight"] for township in townships.values()])
    per_township = np.maximum(2, np.round(count * weights / weights.sum())).astype(int)
    luck = chance(seed, "villages")
    total = int(per_township.sum())
    names = _names(luck, total)
    sizes = _shares(households, luck.lognormal(0, 0.35, total))
    found: list[Village] = []
    for (code, township), number in zip(townships.items(), per_township.tolist(), strict=True):
        for index, (lon, lat) in enumerate(_points(luck, township_outlines()[code], number)):
            place = len(found)
            found.append(
                Village(
                    code=f"{code[:9]}{201 + index:03d}", name=names[place], lon=lon, lat=lat,
                    remote=bool(luck.random() < township["remote"]), key_village=bool(luck.random() < 0.1),
                    households=sizes[place],
                )
            )  # fmt: skip
    return found


def _names(luck: np.random.Generator, count: int) -> list[str]:
    pairs = [front + back for front in FRONT for back in BACK if front != back]
    order = luck.permutation(len(pairs))
    rounds = ("", "一", "二", "三", "四", "五")
    return [f"示例{pairs[order[i % len(pairs)]]}{rounds[i // len(pairs)]}村" for i in range(count)]


def _shares(total: int, weights: NDArray[np.float64]) -> list[int]:
    """Whole numbers in proportion to the weights that add up to the total (largest remainders)."""
    exact = total * weights / weights.sum()
    whole = np.floor(exact).astype(int)
    order = np.argsort(-(exact - whole), kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return [int(number) for number in whole]


def _points(luck: np.random.Generator, shape: Polygon, count: int) -> list[tuple[float, float]]:
    west, south, east, north = shape.buffer(-0.005).bounds
    inner = shape.buffer(-0.005)
    found: list[tuple[float, float]] = []
    while len(found) < count:
        lon, lat = luck.uniform(west, east), luck.uniform(south, north)
        if inner.contains(Point(lon, lat)):
            found.append((round(float(lon), 4), round(float(lat), 4)))
    return found
