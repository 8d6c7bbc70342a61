"""Selecting whom to warn among a million households, beside shapely's tree and an indexed query in SQLite (medians).

CPU milliseconds of one thread on columns in memory, urgent households first. Four in ten households have no point and
stand for their village's centroid, as a registry has them. Every way must give the same households, or the row says so.
"""

import json
import sqlite3
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from anlan.county.foresee.reach import reach
from anlan.engine.audience import selection
from anlan.engine.audience.groups import GROUPS, assign
from anlan.engine.hazard.inside import within

COUNT, RUNS = 1_000_000, 7
CORNERS = (12, 200, 500, 2000)
TOWN, KEY = "360123107", GROUPS[:-1]
SHARES = (0.01, 0.02, 0.04, 0.15, 0.03, 0.05, 0.05)


@dataclass(frozen=True)
class County:
    """A million households of thirty townships of thirty villages."""

    division: Any
    lon: Any
    lat: Any
    metres: Any
    group: Any


def measure() -> dict[str, Any]:
    """Ours and the others', by township and by polygons of more and more corners."""
    county = _county()
    return {
        f"A township of {COUNT:,} households": _township(county),
        f"Polygons among {COUNT:,} households, each at its point": _polygons(county),
        f"The whole of an event's reach over {COUNT:,} households, villages' centroids in part": _reached(county),
    }


def _county() -> County:
    luck = np.random.default_rng(1)
    number = np.sort(luck.integers(0, 900, COUNT))
    village = np.array([f"{360123100 + place // 30}{201 + place % 30}" for place in range(900)])
    lon, lat = 115.4 + 0.4 * luck.random(COUNT), 28.7 + 0.3 * luck.random(COUNT)
    centre = np.column_stack([115.4 + 0.4 * luck.random(900), 28.7 + 0.3 * luck.random(900)])
    metres = np.where(luck.random(COUNT) < 0.4, 1500.0, 0.0)
    lon, lat = (np.where(metres > 0, centre[number, axis], own) for axis, own in ((0, lon), (1, lat)))
    group = assign({name: luck.random(COUNT) < share for name, share in zip(KEY, SHARES, strict=True)})
    return County(village[number], lon, lat, metres, group)


def _polygon(corners: int) -> shapely.Geometry:
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    radius = 0.08 * (1 + 0.2 * np.sin(7 * angle) + 0.03 * np.random.default_rng(2).random(corners))
    return shapely.Polygon(np.column_stack([115.6 + radius * np.cos(angle), 28.85 + radius * np.sin(angle)]))


def _timed(deed: Callable[[], Any], runs: int = RUNS) -> tuple[float, Any]:
    found, spent = deed(), []
    for _run in range(runs):
        begun = time.process_time()
        found = deed()
        spent.append(time.process_time() - begun)
    return round(statistics.median(spent) * 1000, 2), found


def _row(ms: float, found: Any, same: Any, **more: Any) -> dict[str, Any]:
    differ = len(set(np.asarray(found).tolist()) ^ set(np.asarray(same).tolist()))
    return {"CPU ms": ms, "households": len(found), "answers that differ": differ, **more}


def _township(county: County) -> dict[str, Any]:
    index = selection.indices(county.group)
    all_ms, everyone = _timed(lambda: selection.select(selection.named(county.division, [TOWN]), index))
    key_ms, key = _timed(lambda: selection.select(selection.named(county.division, [TOWN]), index, KEY))
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE household (id INTEGER PRIMARY KEY, division TEXT, grp INTEGER)")
    rows = zip(range(COUNT), county.division.tolist(), index.tolist(), strict=True)
    base.executemany("INSERT INTO household VALUES (?, ?, ?)", rows)
    base.execute("CREATE INDEX by_division ON household (division, grp)")
    query = "SELECT id FROM household WHERE division >= ? AND division < ? AND grp < ? ORDER BY grp > 2, grp > 6, id"

    def by_query(groups: int) -> list[int]:
        return [row[0] for row in base.execute(query, (TOWN, str(int(TOWN) + 1), groups))]

    sql_all_ms, sql_all = _timed(lambda: by_query(len(GROUPS)))
    sql_key_ms, sql_key = _timed(lambda: by_query(len(KEY)))
    base.close()
    return {
        "ours": _row(all_ms, everyone, sql_all, target="≤ 10 ms"),
        "ours, key groups": _row(key_ms, key, sql_key, target="≤ 10 ms"),
        "SQLite, index by division and group": _row(sql_all_ms, sql_all, everyone),
        "SQLite, the same, key groups": _row(sql_key_ms, sql_key, key),
    }


def _polygons(county: County) -> dict[str, Any]:
    index, rows = selection.indices(county.group), {}
    points = shapely.points(county.lon, county.lat)
    build_ms, tree = _timed(lambda: shapely.STRtree(points), 1)
    for corners in CORNERS:
        area = _polygon(corners)
        ms, found = _timed(lambda area=area: selection.select(within(area, county.lon, county.lat), index))
        by_tree, same = _timed(lambda area=area: tree.query(area, predicate="intersects"), 3)
        shapely.prepare(area)
        plain, too = _timed(
            lambda area=area: np.flatnonzero(shapely.intersects_xy(area, county.lon, county.lat)), 3
        )  # fmt: skip
        target = {"target": "≤ 150 ms"} if corners == 500 else {}
        rows |= {
            f"{corners} corners, ours": _row(ms, found, same, **target),
            f"{corners} corners, shapely STRtree": _row(by_tree, same, found),
            f"{corners} corners, shapely prepared, every point": _row(plain, too, found),
        }
    return rows | {"shapely STRtree, building it": {"CPU ms": build_ms}}


def _reached(county: County) -> dict[str, Any]:
    ring = shapely.get_coordinates(_polygon(500)).tolist()
    rows = {}
    for name, codes, polygons in (
        ("by township", [TOWN + "000"], []), ("by a polygon of 500 corners", [], [ring]),
    ):  # fmt: skip
        ms, found = _timed(lambda codes=codes, polygons=polygons: reach(
            divisions=county.division, lon=county.lon, lat=county.lat, location_m=county.metres, codes=codes,
            polygons=polygons,
        ), 3)  # fmt: skip
        rows[name] = {"CPU ms": ms, "households": int(np.count_nonzero(found.confidence))}
    return rows


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1, ensure_ascii=False))
