"""Questions about events and what the gauges say."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from anlan.county.office.models import Division
from anlan.county.sense.models import Alert, Event, Observation
from anlan.engine.values.divisions import contains, full

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Readings:
    """One value a station, with the station's place in degrees; equal lengths, in the order of station codes."""

    lon: Floats
    lat: Floats
    value: Floats


def open_events() -> QuerySet[Event]:
    """Events nobody has closed, the latest first."""
    return Event.objects.filter(closed_at__isnull=True).select_related("alert")


def latest_readings(element: str, until: datetime, hours: float) -> Readings:
    """Each station's last reading of an element in the hours before a moment."""
    since = until - timedelta(hours=hours)
    rows = Observation.objects.filter(station__element=element, at__gt=since, at__lte=until).order_by("station", "at")
    last = {station: place for station, *place in rows.values_list("station", "station__lon", "station__lat", "value")}
    columns = np.array([last[station] for station in sorted(last)], dtype=float).reshape(-1, 3)
    return Readings(columns[:, 0], columns[:, 1], columns[:, 2])


def reaches(event: Event, division: str) -> bool:
    """Whether an event's divisions touch this one: contain it, or lie in it. Polygons are not looked at."""
    return any(contains(code, division) or contains(division, code) for code in event.codes)


def places(event: Event) -> list[str]:
    """The names of the event's divisions; a code of another county is shown as it is."""
    names = dict(Division.objects.filter(pk__in=[full(code) for code in event.codes]).values_list("code", "name"))
    return [names.get(full(code), code) for code in event.codes]


def chain(event: Event) -> list[Alert]:
    """The event's own alert and whatever followed it by reference, oldest first."""
    if event.alert is None:
        return []
    found, identifiers = [event.alert], {event.alert.identifier}
    for alert in Alert.objects.filter(sent_at__gte=event.alert.sent_at).exclude(pk=event.alert.pk).order_by("sent_at"):
        if identifiers.intersection(alert.references):
            found.append(alert)
            identifiers.add(alert.identifier)
    return found
