"""Questions about events and what the gauges say."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import shapely
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from numpy.typing import NDArray
from shapely.geometry import shape

from anlan.county.errors import NotFound
from anlan.county.office.models import Division
from anlan.county.office.queries import townships
from anlan.county.sense.models import SCREENING, Alert, Event, Feed, Observation
from anlan.engine.values.divisions import contains, full
from anlan.engine.values.gazetteer import Mention, mentions

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Readings:
    """One value a station, with the station's place in degrees; equal lengths, in the order of station codes."""

    lon: Floats
    lat: Floats
    value: Floats


def event(code: str) -> Event:
    """The event with this code; refused where there is none."""
    found = Event.objects.filter(code=code).select_related("alert").first()
    if found is None:
        raise NotFound(_("没有代码为 %(code)s 的事件。") % {"code": code})
    return found


def open_events() -> QuerySet[Event]:
    """Events nobody has closed, the latest first."""
    return Event.objects.filter(closed_at__isnull=True).select_related("alert")


def events() -> QuerySet[Event]:
    """Every disaster, those still open first, then the latest."""
    disasters = Event.objects.exclude(hazard=SCREENING).select_related("alert")
    return disasters.order_by(F("closed_at").desc(nulls_first=True), "-opened_at", "code")


def screenings() -> QuerySet[Event]:
    """The months of comparing departments' lists, the latest first."""
    return Event.objects.filter(hazard=SCREENING).order_by("-code")


def alerts() -> QuerySet[Alert]:
    """Every alert without its document, the latest first."""
    return Alert.objects.defer("raw", "description").order_by("-received_at", "-pk")


def unanswered() -> QuerySet[Alert]:
    """Alerts about this county from which nobody has opened an event or said why not, the one due first first."""
    return Alert.objects.filter(answer_by__isnull=False, answered_at__isnull=True).order_by("answer_by", "pk")


def followed(alert: Alert) -> QuerySet[Alert]:
    """The unanswered alerts that an update or cancellation takes the place of.

    A test or an exercise silences none that is meant, and nothing silences what was sent after it.
    """
    earlier = unanswered().filter(identifier__in=ancestry(alert) - {alert.identifier}, sent_at__lte=alert.sent_at)
    return earlier if alert.status == "Actual" else earlier.exclude(status="Actual")


def feeds() -> QuerySet[Feed]:
    """The sources that are asked, those that give nothing first."""
    return Feed.objects.order_by("-failed", "name")


def latest_readings(element: str, until: datetime, hours: float) -> Readings:
    """Each station's last reading of an element in the hours before a moment."""
    since = until - timedelta(hours=hours)
    rows = Observation.objects.filter(station__element=element, at__gt=since, at__lte=until).order_by("station", "at")
    last = {station: place for station, *place in rows.values_list("station", "station__lon", "station__lat", "value")}
    columns = np.array([last[station] for station in sorted(last)], dtype=float).reshape(-1, 3)
    return Readings(columns[:, 0], columns[:, 1], columns[:, 2])


def reaches(area: Event | Alert, division: str) -> bool:
    """Whether an event's or alert's area touches a division: by code above or beneath it, or by a polygon.

    A polygon touches the division's outline; where none is known, its point or that of any division within.
    """
    if any(contains(code, division) or contains(division, code) for code in area.codes):
        return True
    drawn = [shapely.make_valid(shapely.Polygon(ring)) for ring in area.polygons if len(ring) >= 4]
    return bool(drawn) and any(polygon.intersects(place) for place in _places_of(division) for polygon in drawn)


def _places_of(division: str) -> list[shapely.Geometry]:
    own = Division.objects.filter(pk=division).first()
    if own is not None and own.outline:
        return [shapely.make_valid(shape(own.outline))]
    points = Division.objects.within(division).filter(lon__isnull=False, lat__isnull=False)
    return [shapely.Point(lon, lat) for lon, lat in points.values_list("lon", "lat")]


def townships_named(text: str) -> list[Mention]:
    """The county's townships that a text names, with the words it names them by."""
    return mentions(text, townships().values_list("code", "name"))


def places(event: Event) -> list[str]:
    """The names of the event's divisions; a code of another county is shown as it is."""
    names = dict(Division.objects.filter(pk__in=[full(code) for code in event.codes]).values_list("code", "name"))
    return [names.get(full(code), code) for code in event.codes]


def ancestry(alert: Alert) -> set[str]:
    """The identifiers an alert goes back to by reference, its own included, as far as they were received."""
    known, ahead = {alert.identifier}, set(alert.references)
    while ahead := ahead - known:
        known |= ahead
        earlier = Alert.objects.filter(identifier__in=ahead).values_list("references", flat=True)
        ahead = {identifier for references in earlier for identifier in references}
    return known


def referred(alert: Alert) -> Event | None:
    """The open event an update or cancellation is about: the one that goes back to any alert it refers to.

    Only identifiers count, as China's alerts write their own moment of sending into the reference. A test or an
    exercise never reaches a real event, and one that was sent before what the event already knows is too late.
    """
    family = ancestry(alert) - {alert.identifier}
    for event in open_events().filter(alert__isnull=False, alert__sent_at__lte=alert.sent_at):
        if event.alert is not None and (event.exercise or alert.status == "Actual") and ancestry(event.alert) & family:
            return event
    return None


def stands_where_said(event: Event) -> bool:
    """Whether the event has its alert's area, and was not given another (a rehearsal with a distant alert)."""
    said = event.alert
    return said is not None and set(said.codes) <= set(event.codes) and all(r in event.polygons for r in said.polygons)


def chain(event: Event) -> list[Alert]:
    """The alerts the event goes back to, oldest first."""
    if event.alert is None:
        return []
    return list(Alert.objects.filter(identifier__in=ancestry(event.alert)).order_by("sent_at", "pk"))
