"""Writing CAP 1.2 and the Atom feed that lists it. No database here: what is to be said comes ready."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lxml import etree

from anlan.county.sense.feeds.cap.geometry import Ring
from anlan.county.sense.feeds.cap.schema import CAP

ATOM: Final = "http://www.w3.org/2005/Atom"
ALERT_TYPE: Final = "application/cap+xml"
GEOCODE: Final = "CPEAS Geographic Code"
SEVERITIES: Final = ("Unknown", "Minor", "Moderate", "Severe", "Extreme")  # by level
CATEGORIES: Final = {"meteorological": "Met", "geological": "Geo", "water": "Met", "other": "Other"}  # by hazard root
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML cannot hold


@dataclass(frozen=True, slots=True)
class Reference:
    """Another alert, as `references` names it."""

    sender: str
    identifier: str
    sent: datetime

    def __str__(self) -> str:
        return f"{self.sender},{self.identifier},{self.sent.isoformat(timespec='seconds')}"


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the area: its name, rings of [lon, lat], twelve-digit division codes."""

    name: str
    rings: tuple[Ring, ...]
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """What is said in one language. `texts` are CAP's own element names: event, headline, description, instruction."""

    language: str
    texts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Bulletin:
    """A whole alert. Moments carry the county's zone; `level` is 0 unknown, 1 blue … 4 red."""

    identifier: str
    sender: str
    sender_name: str
    sent: datetime
    status: str
    msg_type: str
    restriction: str  # empty where the alert is public
    references: tuple[Reference, ...]
    category: str
    event_codes: tuple[str, ...]
    urgency: str
    level: int
    onset: datetime | None
    expires: datetime
    blocks: tuple[Block, ...]
    places: tuple[Place, ...]

    @property
    def headline(self) -> str:
        """The headline in its first language."""
        return self.blocks[0].texts["headline"]


def write(bulletin: Bulletin) -> bytes:
    """The alert as a CAP 1.2 document."""
    root = etree.Element(f"{{{CAP}}}alert", nsmap={None: CAP})  # type: ignore[dict-item]  # the stubs know no default namespace
    _said(root, [
        ("identifier", bulletin.identifier), ("sender", bulletin.sender), ("sent", _moment(bulletin.sent)),
        ("status", bulletin.status), ("msgType", bulletin.msg_type),
        ("scope", "Restricted" if bulletin.restriction else "Public"), ("restriction", bulletin.restriction),
        ("references", " ".join(map(str, bulletin.references))),
    ])  # fmt: skip
    for block in bulletin.blocks:
        _info(etree.SubElement(root, f"{{{CAP}}}info"), bulletin, block)
    return _document(root)


def _info(info: etree._Element, bulletin: Bulletin, block: Block) -> None:
    texts = block.texts
    _said(info, [
        ("language", block.language), ("category", bulletin.category), ("event", texts["event"]),
        ("responseType", "AllClear" if bulletin.msg_type == "Cancel" else "Prepare"),
        ("urgency", bulletin.urgency), ("severity", SEVERITIES[bulletin.level]), ("certainty", "Unknown"),
    ])  # fmt: skip
    for code in bulletin.event_codes:
        _pair(info, "eventCode", "eventType", code)
    _said(info, [
        ("effective", _moment(bulletin.sent)), ("onset", _moment(bulletin.onset) if bulletin.onset else ""),
        ("expires", _moment(bulletin.expires)), ("senderName", bulletin.sender_name), ("headline", texts["headline"]),
        ("description", texts["description"]), ("instruction", texts.get("instruction", "")),
    ])  # fmt: skip
    for place in bulletin.places:
        area = etree.SubElement(info, f"{{{CAP}}}area")
        rings = (" ".join(f"{lat:.6f},{lon:.6f}" for lon, lat in ring) for ring in place.rings)
        _said(area, [("areaDesc", place.name), *(("polygon", ring) for ring in rings)])
        for code in place.codes:
            _pair(area, "geocode", GEOCODE, code)


def _pair(parent: etree._Element, name: str, value_name: str, value: str) -> None:
    _said(etree.SubElement(parent, f"{{{CAP}}}{name}"), [("valueName", value_name), ("value", value)])


def feed(*, title: str, author: str, bulletins: Sequence[Bulletin], updated: datetime) -> bytes:
    """An Atom feed of alerts, each linked by its identifier; the latest first as given."""
    root = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})  # type: ignore[dict-item]
    _said(root, [("id", _urn(author)), ("title", title), ("updated", _moment(updated))], ATOM)
    _said(etree.SubElement(root, f"{{{ATOM}}}author"), [("name", author)], ATOM)
    for each in bulletins:
        entry = etree.SubElement(root, f"{{{ATOM}}}entry")
        told = [("id", _urn(each.identifier)), ("title", each.headline), ("updated", _moment(each.sent)),
                ("summary", f"{each.status} {each.msg_type}")]  # fmt: skip
        _said(entry, told, ATOM)
        etree.SubElement(entry, f"{{{ATOM}}}link", rel="alternate", type=ALERT_TYPE, href=f"{each.identifier}.xml")
    return _document(root)


def _said(parent: etree._Element, pairs: Sequence[tuple[str, str]], namespace: str = CAP) -> None:
    """Add an element for each pair that says something, without the signs that XML cannot hold."""
    for name, text in pairs:
        if text:
            etree.SubElement(parent, f"{{{namespace}}}{name}").text = _UNFIT.sub("", text)


def _document(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _urn(name: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, name).urn
