"""Reading one alert: a verdict, what is wrong, and what it says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from lxml import etree

from anlan.county.sense.feeds.cap.checks import CAP, about_ring, findings, moment, text
from anlan.county.sense.feeds.cap.document import Unreadable, check_kind, root_of, schema_errors
from anlan.engine.hazard.taxonomy import OTHER, hazard_of, level_of
from anlan.engine.values.divisions import full

Ring = tuple[tuple[float, float], ...]  # (lon, lat) in degrees

# Names under which China's feeds give a division's code. US county codes have six digits, too: they are not meant.
_CODE_NAMES = ("cpeas", "geographic code", "行政区划", "区划", "gb/t 2260", "adcode", "areacode", "area code")
_CIRCLE_CORNERS = 32
_KM_PER_DEGREE = 111.32


@dataclass(frozen=True, slots=True)
class Alert:
    """What an alert says, in the county's terms. `codes` are twelve digits; `references` are identifiers."""

    identifier: str
    sender: str
    sent: datetime
    status: str
    msg_type: str
    event: str
    headline: str
    description: str
    hazard: str
    level: int
    onset: datetime | None
    expires: datetime | None
    areas: tuple[str, ...]
    codes: tuple[str, ...]
    polygons: tuple[Ring, ...]
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parsed:
    """The outcome. `accepted`: nothing to say against it; `flagged`: usable, look at the findings; `rejected`."""

    verdict: str
    findings: tuple[str, ...]
    alert: Alert | None


def parse(data: bytes) -> Parsed:
    """Read a CAP 1.2 alert. Never raises, whatever the bytes."""
    try:
        root = root_of(data)
        check_kind(root)
        errors = schema_errors(root)
    except Unreadable as error:
        return Parsed("rejected", (str(error),), None)
    sent = moment(text(root, "sent"))
    if errors or sent is None:
        return Parsed("rejected", tuple(f"xsd:{error}" for error in errors) or ("sent-value",), None)
    found = tuple(findings(root))
    return Parsed("flagged" if found else "accepted", found, _alert(root, sent))


def _alert(root: etree._Element, sent: datetime) -> Alert:
    info = _info(root)
    headline, event = text(info, "headline"), text(info, "event")
    codes = [text(pair, "value") for pair in info.iterfind("c:eventCode", CAP)]
    words = f"{headline} {event}"
    named = next((key for code in codes if (key := hazard_of("", code)) != OTHER), OTHER)
    return Alert(
        identifier=text(root, "identifier"),
        sender=text(root, "sender"),
        sent=sent,
        status=text(root, "status"),
        msg_type=text(root, "msgType"),
        event=event,
        headline=headline,
        description=text(info, "description"),
        hazard=named if named != OTHER else hazard_of(words),
        level=level_of(words, text(info, "severity")),
        onset=moment(text(info, "onset")),
        expires=moment(text(info, "expires")),
        areas=_unique(text(area, "areaDesc") for area in info.iterfind("c:area", CAP)),
        codes=_unique(_codes(info)),
        polygons=tuple(_rings(info)),
        references=_unique(_referred(text(root, "references"))),
    )


def _info(root: etree._Element) -> etree._Element:
    """The Chinese block where there is one, else the first; an alert may have none (an acknowledgement)."""
    infos = root.findall("c:info", CAP)
    chinese = [info for info in infos if text(info, "language").lower().startswith("zh")]
    return [*chinese, *infos, root][0]


def _unique(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in words if word))


def _codes(info: etree._Element) -> Iterable[str]:
    for pair in info.iterfind("c:area/c:geocode", CAP):
        name, value = text(pair, "valueName").lower(), text(pair, "value")
        if value.isascii() and value.isdigit() and len(value) in {6, 9, 12} and any(n in name for n in _CODE_NAMES):
            yield full(value)


def _rings(info: etree._Element) -> Iterable[Ring]:
    """Polygons and circles as closed rings; what cannot be read as one is left out (and was flagged)."""
    for polygon in info.iterfind("c:area/c:polygon", CAP):
        pairs = (polygon.text or "").split()
        wrong = set(about_ring(pairs))
        if pairs and not wrong - {"polygon-open"}:
            yield _closed([_corner(pair) for pair in pairs])
    for circle in info.iterfind("c:area/c:circle", CAP):
        ring = _circle((circle.text or "").split())
        if ring:
            yield ring


def _corner(pair: str) -> tuple[float, float]:
    lat, lon = pair.split(",")
    return float(lon), float(lat)


def _closed(corners: Sequence[tuple[float, float]]) -> Ring:
    return tuple(corners) if corners[0] == corners[-1] else (*corners, corners[0])


def _circle(parts: list[str]) -> Ring:
    """`lat,lon radius_km` as a ring of corners; empty where it is none or has no extent."""
    try:
        (centre, radius) = parts
        lon, lat = _corner(centre)
        km = float(radius)
    except ValueError:
        return ()
    if not 0 < km < 20_000 or abs(lat) >= 90 or abs(lon) > 180:
        return ()
    turn = np.linspace(0, 2 * np.pi, _CIRCLE_CORNERS + 1)
    north = lat + km / _KM_PER_DEGREE * np.sin(turn)
    east = lon + km / (_KM_PER_DEGREE * np.cos(np.radians(lat))) * np.cos(turn)
    return tuple((round(float(x), 6), round(float(y), 6)) for x, y in zip(east, north, strict=True))


def _referred(references: str) -> Iterable[str]:
    """Identifiers only: China's alerts repeat their own time in the reference, so the triple cannot be compared."""
    for reference in references.split():
        parts = reference.split(",")
        if len(parts) >= 2:
            yield parts[1]
