"""An alert's tree as plain words and shapes, looked through once: what the checks and the reading both work on."""

from collections.abc import Hashable
from dataclasses import dataclass, field

from lxml.etree import _Element

from anlan.county.sense.feeds.cap.geometry import Drawn, circle, polygon
from anlan.county.sense.feeds.cap.schema import CAP

_PREFIX, _URI = len(f"{{{CAP}}}"), f"{{{CAP}}}uri"
Words = dict[str, str]  # an element's children by name: the first one's text, without the space around it


@dataclass(slots=True)
class Area:
    """A part of the area: its words, its shapes, and its geocodes as (name, value)."""

    words: Words
    polygons: list[Drawn] = field(default_factory=list)
    circles: list[Drawn] = field(default_factory=list)
    geocodes: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Info:
    """A block in one language: its words, its areas, its event codes and its parameters as (name, value)."""

    words: Words
    areas: list[Area] = field(default_factory=list)
    event_codes: list[tuple[str, str]] = field(default_factory=list)
    parameters: list[tuple[str, str]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    def content(self) -> Hashable:
        """All that the block says, to compare it with others by."""
        areas = [
            (
                tuple(area.words.items()),
                tuple(area.geocodes),
                tuple(each.text for each in (*area.polygons, *area.circles)),
            )
            for area in self.areas
        ]
        return tuple(self.words.items()), tuple(self.event_codes), tuple(self.parameters), tuple(areas)

    def said(self, name: str) -> str:
        """What the block says under a name; empty where it says nothing."""
        return self.words.get(name, "")


@dataclass(slots=True)
class Document:
    """The alert's own words and its blocks."""

    words: Words
    infos: list[Info]

    def said(self, name: str) -> str:
        """What the alert says under a name; empty where it says nothing."""
        return self.words.get(name, "")


def laid_out(root: _Element) -> Document:
    """Look through a CAP tree, well shaped or not. What stands in a wrong place is passed over."""
    words: Words = {}
    infos = []
    drawn: dict[str, Drawn] = {}  # blocks in several languages draw the same shapes
    for child in root:
        name = child.tag[_PREFIX:]
        if name == "info":
            infos.append(_info(child, drawn))
        elif name not in words:
            words[name] = (child.text or "").strip()
    return Document(words, infos)


def _info(element: _Element, drawn: dict[str, Drawn]) -> Info:
    words: Words = {}
    areas, event_codes, parameters, links = [], [], [], []
    for child in element:
        name = child.tag[_PREFIX:]
        if name == "parameter":
            parameters.append(_pair(child))
        elif name == "area":
            areas.append(_area(child, drawn))
        elif name == "eventCode":
            event_codes.append(_pair(child))
        elif name == "resource":
            links += [(link.text or "").strip() for link in child.iterfind(_URI)]
        elif name not in words:
            words[name] = (child.text or "").strip()
    return Info(words, areas, event_codes, parameters, links)


def _area(element: _Element, drawn: dict[str, Drawn]) -> Area:
    words: Words = {}
    polygons, circles, geocodes = [], [], []
    for child in element:
        name = child.tag[_PREFIX:]
        if name == "geocode":
            geocodes.append(_pair(child))
        elif name == "polygon":
            text = child.text or ""
            polygons.append(drawn.get(text) or drawn.setdefault(text, polygon(text)))
        elif name == "circle":
            circles.append(circle(child.text or ""))
        elif name not in words:
            words[name] = (child.text or "").strip()
    return Area(words, polygons, circles, geocodes)


def _pair(element: _Element) -> tuple[str, str]:
    said = {child.tag[_PREFIX:]: (child.text or "").strip() for child in element}
    return said.get("valueName", ""), said.get("value", "")
