"""What the map of an event shows: outlines, villages by expected new risk, households in a window. All scoped."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from anlan.county.errors import BadInput
from anlan.county.foresee import queries as foresee
from anlan.county.foresee.models import Impact
from anlan.county.office.models import Division, User
from anlan.county.sense.models import Event

LIMIT = 3000
COLOURS = ("#8fb8c0", "#f2c14e", "#e07b2a", "#b3191f")
VILLAGE_BANDS = (0.01, 0.03, 0.05)  # expected households newly at risk, by household exposed
VILLAGE_WORDS: tuple[Promise, ...] = (_("不到 1 户"), _("1 到 3 户"), _("3 到 5 户"), _("5 户以上"))
HOUSEHOLD_BANDS = (0.1, 0.3, 0.6)  # probability of falling below the line
HOUSEHOLD_WORDS: tuple[Promise, ...] = (_("可能性小"), _("有可能"), _("可能性大"), _("可能性很大"))


@dataclass(frozen=True, slots=True)
class Place:
    """A village on the map: households exposed, how many are expected newly at risk, and within which bounds."""

    code: str
    name: str
    lon: float
    lat: float
    households: int
    at_risk: float
    share: float
    band: int
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Outline:
    """A division's border as rings of [lon, lat]."""

    name: str
    level: str
    rings: list[list[list[float]]]
    lon: float | None = None
    lat: float | None = None


def band(value: float, bands: Iterable[float]) -> int:
    """Which band a value falls in, 0 for the lowest."""
    return sum(value >= edge for edge in bands)


def rings(geometry: dict[str, Any] | None) -> list[list[list[float]]]:
    """The rings of a GeoJSON polygon or multipolygon; none for anything else."""
    if not geometry:
        return []
    drawn = geometry.get("coordinates", [])
    polygons = {"Polygon": [drawn], "MultiPolygon": drawn}.get(geometry.get("type", ""), [])
    return [ring for polygon in polygons for ring in polygon]


def outlines() -> list[Outline]:
    """The county's and its townships' borders, where they are known."""
    drawn = Division.objects.filter(level__in=("county", "township"), outline__isnull=False)
    return [Outline(each.name, each.level, rings(each.outline), each.lon, each.lat) for each in drawn]


def places(event: Event, user: User) -> list[Place]:
    """The villages an event reaches within the user's divisions, the most at risk first."""
    found = []
    for each in foresee.by_village(event, user):
        if each.lon is not None and each.lat is not None:
            colour = band(each.share, VILLAGE_BANDS)
            spot = each.code, each.name, each.lon, each.lat
            found.append(Place(*spot, each.households, each.at_risk, each.share, colour, each.low, each.high))
    return sorted(found, key=lambda place: (-place.at_risk, place.code))


def area(event: Event) -> list[list[list[float]]]:
    """The event's own polygons as rings, where its alert drew any."""
    return [[[float(lon), float(lat)] for lon, lat in ring] for ring in event.polygons]


def layers(event: Event, user: User) -> dict[str, Any]:
    """Borders, the event's area and its villages as GeoJSON, for the map in the browser."""
    borders = [
        _feature("MultiPolygon", [[ring] for ring in each.rings], name=each.name, level=each.level)
        for each in outlines()
    ]
    named = [_feature("Point", [each.lon, each.lat], name=each.name) for each in outlines() if each.level == "township"]
    villages = [_feature("Point", [each.lon, each.lat], **asdict(each)) for each in places(event, user)]
    event_area = [_feature("Polygon", [ring]) for ring in area(event)]
    features = {"borders": borders, "townships": named, "villages": villages, "area": event_area}
    return {key: {"type": "FeatureCollection", "features": value} for key, value in features.items()}


def _feature(kind: str, coordinates: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, "properties": properties}


def window(text: str) -> tuple[float, float, float, float]:
    """West, south, east, north out of `w,s,e,n`."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise BadInput(_("地图范围应为四个数：西、南、东、北。")) from error
    if not (west < east and south < north):
        raise BadInput(_("地图范围应为四个数：西、南、东、北。"))
    return west, south, east, north


def households(event: Event, user: User, box: tuple[float, float, float, float]) -> dict[str, Any]:
    """The exposed households with a point in a window, the most at risk first, at most LIMIT, without names."""
    west, south, east, north = box
    found = (
        Impact.objects.visible_to(user)
        .filter(run=foresee.latest(event), household__lon__range=(west, east), household__lat__range=(south, north))
        .order_by("rank")
        .values_list("household__lon", "household__lat", "household__code", "rank", "p_below")
    )
    rows = list(found[: LIMIT + 1])
    features = [
        _feature("Point", [lon, lat], code=code, rank=rank, band=band(p_below, HOUSEHOLD_BANDS))
        for lon, lat, code, rank, p_below in rows[:LIMIT]
    ]
    return {"type": "FeatureCollection", "features": features, "cut": len(rows) > LIMIT}
