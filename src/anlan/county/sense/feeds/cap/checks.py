"""What the schema cannot see: an alert may be well shaped and still say nothing, or say it of nowhere."""

import re
from collections.abc import Iterator
from datetime import datetime

from lxml.etree import _Element

from anlan.county.sense.feeds.cap.findings import Finding
from anlan.county.sense.feeds.cap.geometry import faults
from anlan.county.sense.feeds.cap.schema import CAP
from anlan.county.sense.feeds.cap.words import buddhist, gregorian, identifiers, moment, said, usable

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
_FORBIDDEN = re.compile(r"[\s,<&]")
LONGEST = 150  # of identifier and sender; the longest seen have 90
_ANSWERING = frozenset({"Update", "Cancel", "Ack", "Error"})


def check(root: _Element) -> list[Finding]:
    """Everything wrong with the meaning of an alert, in the order of the document."""
    return [*_identity(root), *_sent(root), *_audience(root), *_references(root), *_infos(root)]


def _identity(root: _Element) -> Iterator[Finding]:
    identifier = said(root, "identifier")
    named = root.find(f"{{{CAP}}}identifier") is not None  # where it is not, the schema has said so
    if named and (not identifier or _FORBIDDEN.search(identifier)):
        yield Finding("identifier-chars", identifier[:80])
    if max(len(identifier), len(said(root, "sender"))) > LONGEST:
        yield Finding("identifier-long", identifier[:80])


def _sent(root: _Element) -> Iterator[Finding]:
    text = said(root, "sent")
    if not text:
        return  # the schema has said so
    if not _MOMENT.fullmatch(text):
        yield Finding("sent-format", text[:40])
    elif (at := moment(text)) is None or not (usable(at) or buddhist(at)):
        yield Finding("sent-value", text)
    elif buddhist(at):
        yield Finding("sent-buddhist-era", text)


def _audience(root: _Element) -> Iterator[Finding]:
    scope = said(root, "scope")
    if scope == "Private" and not said(root, "addresses"):
        yield Finding("addresses-missing")
    if scope == "Restricted" and not said(root, "restriction"):
        yield Finding("restriction-missing")


def _references(root: _Element) -> Iterator[Finding]:
    text, kind = said(root, "references"), said(root, "msgType")
    if not text:
        if kind in _ANSWERING:
            yield Finding("references-missing", kind)
        return
    if any(len(reference.split(",")) != 3 for reference in text.split()):
        yield Finding("references-format", text[:80])
    # A sender may write its own moment of sending into the reference (China's do): only the identifier counts.
    if said(root, "identifier") in identifiers(text):
        yield Finding("references-self", said(root, "identifier")[:80])


def _infos(root: _Element) -> Iterator[Finding]:
    sent = moment(said(root, "sent"))
    comparable = None if sent is None or buddhist(sent) else sent
    for number, info in enumerate(root.iterfind(f"{{{CAP}}}info"), start=1):
        yield from _expiry(info, comparable, f"info {number}")
        areas = info.findall(f"{{{CAP}}}area")
        if not areas:
            yield Finding("area-missing", f"info {number}")
        for place, area in enumerate(areas, start=1):
            yield from _area(area, f"info {number} area {place}")


def _expiry(info: _Element, sent: datetime | None, place: str) -> Iterator[Finding]:
    text = said(info, "expires")
    if not text:
        yield Finding("expires-missing", place)
        return
    expires = moment(text)
    if expires is None or not usable(gregorian(expires)) or (sent is not None and sent.tzinfo is None):
        yield Finding("expires-value", f"{place}: {text[:40]}")
    elif sent is not None and expires <= sent:
        yield Finding("expires-before-sent", f"{place}: {text}")


def _area(area: _Element, place: str) -> Iterator[Finding]:
    wrong = [faults(polygon.text or "") for polygon in area.iterfind(f"{{{CAP}}}polygon")]
    drawn = any("polygon-number" not in codes for codes in wrong)
    if not drawn and all(area.find(f"{{{CAP}}}{name}") is None for name in ("circle", "geocode")):
        yield Finding("area-no-geometry", place)
    yield from (Finding(code, place) for codes in wrong for code in codes)
