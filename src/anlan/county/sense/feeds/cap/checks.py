"""What a valid document may still have wrong with it. Each finding is a code; a trusted source's alert is flagged."""

import re
from collections.abc import Iterator
from datetime import datetime

from lxml import etree

from anlan.county.sense.feeds.cap.document import NAMESPACE

CAP = {"c": NAMESPACE}
BUDDHIST_YEARS = 543
_FORBIDDEN = re.compile(r"[\s,<&]")
_FOLLOWS = {"Update", "Cancel", "Ack", "Error"}
_REFERENCE = re.compile(r"[^\s,]+,[^\s,]+,\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[-+,]\d{2}:\d{2}")


def text(element: etree._Element, path: str) -> str:
    """The text at a path such as `info/event`, stripped; empty where there is none."""
    found = element.find("/".join(f"c:{name}" for name in path.split("/")), CAP)
    return (found.text or "").strip() if found is not None else ""


def moment(words: str) -> datetime | None:
    """A CAP moment; None where it is empty or no moment at all. CAP's pattern admits a comma for the sign."""
    try:
        return datetime.fromisoformat(words.replace(",", "+")) if words else None
    except ValueError:
        return None


def findings(root: etree._Element) -> list[str]:
    """The codes of everything that a person should look at, in alphabetical order, each once."""
    return sorted({*_about_alert(root), *_about_references(root), *_about_infos(root)})


def _about_alert(root: etree._Element) -> Iterator[str]:
    if _FORBIDDEN.search(text(root, "identifier")):
        yield "identifier-chars"
    scope = text(root, "scope")
    if scope == "Private" and not text(root, "addresses"):
        yield "addresses-missing"
    if scope == "Restricted" and not text(root, "restriction"):
        yield "restriction-missing"
    sent = moment(text(root, "sent"))
    if sent is not None and sent.year >= 2000 + BUDDHIST_YEARS:
        yield "sent-buddhist-era"


def _about_references(root: etree._Element) -> Iterator[str]:
    listed = text(root, "references").split()
    if not listed and text(root, "msgType") in _FOLLOWS:
        yield "references-missing"
    if any(not _REFERENCE.fullmatch(reference) for reference in listed):
        yield "references-format"
    if any(reference.split(",")[1:2] == [text(root, "identifier")] for reference in listed):
        yield "references-self"


def _about_infos(root: etree._Element) -> Iterator[str]:
    sent = moment(text(root, "sent"))
    for info in root.iterfind("c:info", CAP):
        expires = moment(text(info, "expires"))
        if not text(info, "expires"):
            yield "expires-missing"
        elif expires is not None and sent is not None and expires <= sent:
            yield "expires-before-sent"
        areas = info.findall("c:area", CAP)
        if not areas:
            yield "area-missing"
        for area in areas:
            yield from _about_area(area)


def _about_area(area: etree._Element) -> Iterator[str]:
    rings = [set(about_ring((polygon.text or "").split())) for polygon in area.iterfind("c:polygon", CAP)]
    readable = any("polygon-number" not in wrong for wrong in rings)
    if not readable and all(not text(area, kind) for kind in ("circle", "geocode/value")):
        yield "area-no-geometry"
    yield from set().union(*rings)


def about_ring(pairs: list[str]) -> Iterator[str]:
    """What is wrong with a polygon's `lat,lon` pairs."""
    try:
        corners = [tuple(float(number) for number in pair.split(",")) for pair in pairs]
    except ValueError:
        yield "polygon-number"
        return
    if any(len(corner) != 2 or any(number != number for number in corner) for corner in corners):
        yield "polygon-number"
        return
    if len(corners) < 4:
        yield "polygon-short"
    elif corners[0] != corners[-1]:
        yield "polygon-open"
    if any(abs(lat) > 90 or abs(lon) > 180 for lat, lon in corners):
        yield "polygon-range"
