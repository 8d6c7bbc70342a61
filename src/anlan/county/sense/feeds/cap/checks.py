"""What the schema cannot see: an alert may be well shaped and still say nothing, or say it of nowhere."""

import re
from collections.abc import Hashable, Iterator
from datetime import datetime

from anlan.county.sense.feeds.cap.document import Area, Document, Info
from anlan.county.sense.feeds.cap.findings import Finding
from anlan.county.sense.feeds.cap.geometry import swapped
from anlan.county.sense.feeds.cap.words import (
    about_divisions,
    buddhist,
    division,
    gregorian,
    identifiers,
    moment,
    usable,
)
from anlan.engine.hazard.taxonomy import contradicts

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
_FORBIDDEN = re.compile(r"[\s,<&]")
_SHIFTED = re.compile(r"gcj-?02|bd-?09|火星坐标|百度坐标|高德|腾讯地图", re.IGNORECASE)
_LIKE_SHIFTED = re.compile(r"0[29]|[坐高腾]")  # whatever is shifted has one of these, and they are looked for faster
_DANGEROUS = re.compile(r"\s*(?:javascript|vbscript|data|file)\s*:", re.IGNORECASE)
LONGEST = 150  # of identifier and sender; the longest seen have 90
_ANSWERING = frozenset({"Update", "Cancel", "Ack", "Error"})
_REPLIES = frozenset({"Ack", "Error"})


def check(told: Document) -> list[Finding]:
    """Everything wrong with the meaning of an alert, in the order of the document."""
    return [*_identity(told), *_sent(told), *_audience(told), *_references(told), *_infos(told)]


def notes(told: Document) -> list[Finding]:
    """What a person should know of an alert with which nothing is wrong for it: it stays accepted."""
    status, sent = told.said("status"), told.said("sent")
    found = [Finding(f"status-{status.lower()}")] if status in {"Test", "Exercise", "System", "Draft"} else []
    # China's offices do so, which is why only identifiers count.
    own = [each for each in told.said("references").split() if each.rpartition(",")[2] == sent]
    return [*found, *([Finding("references-own-sent", own[0][:80])] if own else [])]


def _identity(told: Document) -> Iterator[Finding]:
    identifier, sender = told.said("identifier"), told.said("sender")
    if "identifier" in told.words and (not identifier or _FORBIDDEN.search(identifier)):
        yield Finding("identifier-chars", identifier[:80])  # where it is missing, the schema has said so
    if "sender" in told.words and (not sender or _FORBIDDEN.search(sender)):
        yield Finding("sender-chars", sender[:80])
    if len(identifier) > LONGEST or len(sender) > LONGEST:
        yield Finding("identifier-long", identifier[:80])


def _sent(told: Document) -> Iterator[Finding]:
    text = told.said("sent")
    if not text:
        return  # the schema has said so
    if not _MOMENT.fullmatch(text):
        yield Finding("sent-format", text[:40])
    elif (at := moment(text)) is None or not (usable(at) or buddhist(at)):
        yield Finding("sent-value", text)
    elif buddhist(at):
        yield Finding("sent-buddhist-era", text)


def _audience(told: Document) -> Iterator[Finding]:
    scope = told.said("scope")
    if scope == "Private" and not told.said("addresses"):
        yield Finding("addresses-missing")
    if scope == "Restricted" and not told.said("restriction"):
        yield Finding("restriction-missing")


def _references(told: Document) -> Iterator[Finding]:
    text, kind = told.said("references"), told.said("msgType")
    if kind in _REPLIES:
        yield Finding("message-reply", kind)
    if not text:
        if kind in _ANSWERING:
            yield Finding("references-missing", kind)
        return
    if any(reference.count(",") != 2 for reference in text.split()):
        yield Finding("references-format", text[:80])
    # A sender may write its own moment of sending into the reference (China's do): only the identifier counts.
    if told.said("identifier") in identifiers(text):
        yield Finding("references-self", told.said("identifier")[:80])


def _infos(told: Document) -> Iterator[Finding]:
    sent = moment(told.said("sent"))
    comparable = None if sent is None or buddhist(sent) else sent
    if not told.infos and told.said("msgType") in {"Alert", "Update"}:
        yield Finding("info-missing")
    seen: set[Hashable] = set()
    for number, info in enumerate(told.infos, start=1):
        place = f"info {number}"
        if len(told.infos) > 1:
            if (content := info.content()) in seen:
                yield Finding("info-repeated", place)
            seen.add(content)
        yield from _expiry(info, comparable, place)
        yield from _period(info, comparable, place)
        yield from _words(info, place)
        if not info.areas:
            yield Finding("area-missing", place)
        for count, area in enumerate(info.areas, start=1):
            yield from _area(area, f"{place} area {count}")


def _expiry(info: Info, sent: datetime | None, place: str) -> Iterator[Finding]:
    text = info.said("expires")
    if not text:
        yield Finding("expires-missing", place)
        return
    expires = moment(text)
    if expires is None or expires.tzinfo is None or not usable(gregorian(expires)):
        yield Finding("expires-value", f"{place}: {text[:40]}")
    elif sent is None:
        return
    elif sent.tzinfo is None:
        yield Finding("expires-value", f"{place}: {text[:40]}")
    elif buddhist(expires):
        yield Finding("time-buddhist-era", f"{place}: {text}")
    elif expires <= sent:
        yield Finding("expires-before-sent", f"{place}: {text}")


def _period(info: Info, sent: datetime | None, place: str) -> Iterator[Finding]:
    """Whether it takes effect and begins before it ends. An end that is wrong itself has been named."""
    ends = moment(info.said("expires"))
    if ends is None or ends.tzinfo is None or (sent is not None and sent.tzinfo is not None and ends <= sent):
        return
    for name in ("effective", "onset"):
        begins = moment(info.said(name))
        if begins is None or begins.tzinfo is None:
            continue
        if buddhist(begins) and not buddhist(ends):
            yield Finding("time-buddhist-era", f"{place}: {info.said(name)}")
        elif usable(begins) and usable(ends) and begins > ends:
            yield Finding(f"{name}-after-expires", f"{place}: {info.said(name)}")


def _words(info: Info, place: str) -> Iterator[Finding]:
    """What the headline says against the severity, and links that would run instead of open."""
    if contradicts(info.said("headline"), info.said("severity")):
        yield Finding("level-mismatch", f"{place}: {info.said('severity')}")
    for link in (info.said("web"), *info.links):
        if _DANGEROUS.match(link):
            yield Finding("link-dangerous", f"{place}: {link[:40]}")
    if info.parameters and _shifted("\n".join([text for pair in info.parameters for text in pair])):
        yield Finding("datum-shifted", place)


def _area(area: Area, place: str) -> Iterator[Finding]:
    shapes = [*area.polygons, *area.circles]
    if not area.geocodes and not any(shape.readable for shape in shapes):
        yield Finding("area-no-geometry", place)
    for shape in shapes:
        yield from (Finding(code, f"{place}: {shape.detail}" if shape.detail else place) for code in shape.faults)
    yield from _codes(area, place)
    if _shifted("\n".join([area.words.get("areaDesc", ""), *[name for name, _value in area.geocodes]])):
        yield Finding("datum-shifted", place)


def _shifted(text: str) -> bool:
    """Whether a text says that coordinates are shifted. No word of it reaches over the end of a line."""
    return _LIKE_SHIFTED.search(text) is not None and _SHIFTED.search(text) is not None


def _codes(area: Area, place: str) -> Iterator[Finding]:
    """Codes that mean a division of China and are none; and shapes that its divisions cannot have."""
    national = False
    for name, value in area.geocodes:
        known = division(name, value)
        national = national or bool(known)
        if not known and about_divisions(name):
            yield Finding("geocode-form", f"{place}: {value[:20]}")
    if national and any(map(swapped, area.polygons)):
        yield Finding("polygon-swapped", place)
