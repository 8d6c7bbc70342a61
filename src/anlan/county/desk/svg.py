"""The map as a plain picture: borders and villages in, SVG out. For phones, paper and browsers without WebGL."""

import math
from collections.abc import Callable, Sequence

from django.utils.html import escape

from anlan.county.desk.maps import COLOURS, Outline, Place

Ring = Sequence[Sequence[float]]
Project = Callable[[float, float], tuple[float, float]]
WIDTH, MARGIN = 720.0, 28.0
TALLEST = 1.25  # of the width


def draw(outlines: Sequence[Outline], places: Sequence[Place], area: Sequence[Ring], title: str) -> str:
    """The picture. Circles grow with the households exposed and darken with the risk expected."""
    points: list[Sequence[float]] = [point for each in outlines for ring in each.rings for point in ring]
    points += [(place.lon, place.lat) for place in places]
    project, height = _projection(points or [(0.0, 0.0)])
    parts = [
        *(_path(each.rings, project, f"map__border map__border--{each.level}") for each in outlines),
        _path(area, project, "map__area") if area else "",
        *(_circle(place, project, max(each.households for each in places)) for place in reversed(places)),
        *(_label(each, project) for each in outlines if each.level == "township"),
    ]
    return (
        f'<svg class="map__picture" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {height:.0f}" '
        f'role="img" aria-label="{escape(title)}"><title>{escape(title)}</title>{"".join(parts)}</svg>'
    )


def _projection(points: Sequence[Sequence[float]]) -> tuple[Project, float]:
    """Degrees to pixels, north up, square metres square; and the picture's height."""
    west, east = min(point[0] for point in points), max(point[0] for point in points)
    south, north = min(point[1] for point in points), max(point[1] for point in points)
    squeeze = math.cos(math.radians((south + north) / 2))
    wide, tall = max((east - west) * squeeze, 1e-3), max(north - south, 1e-3)
    scale = min((WIDTH - 2 * MARGIN) / wide, (WIDTH * TALLEST - 2 * MARGIN) / tall)
    left = (WIDTH - wide * scale) / 2

    def project(lon: float, lat: float) -> tuple[float, float]:
        return left + (lon - west) * squeeze * scale, MARGIN + (north - lat) * scale

    return project, tall * scale + 2 * MARGIN


def _path(rings: Sequence[Ring], project: Project, kind: str) -> str:
    lines = (" L".join(f"{x:.1f} {y:.1f}" for x, y in (project(*point[:2]) for point in ring)) for ring in rings)
    return f'<path class="{kind}" d="{" ".join(f"M{line}Z" for line in lines)}"/>'


def _circle(place: Place, project: Project, most: int) -> str:
    x, y = project(place.lon, place.lat)
    radius = 3 + 13 * math.sqrt(place.households / max(most, 1))
    note = escape(f"{place.name}：{place.households} / {place.at_risk:.1f}")
    return (
        f'<circle class="map__village" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{COLOURS[place.band]}">'
        f"<title>{note}</title></circle>"
    )


def _label(outline: Outline, project: Project) -> str:
    if outline.lon is None or outline.lat is None:
        return ""
    x, y = project(outline.lon, outline.lat)
    return f'<text class="map__label" x="{x:.1f}" y="{y:.1f}">{escape(outline.name)}</text>'
