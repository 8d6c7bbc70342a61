"""What an alert says, for the county: one hazard, one level, one area; in Chinese where it is told so."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml.etree import _Element

from anlan.county.sense.feeds.cap.geometry import Ring, circle, ring
from anlan.county.sense.feeds.cap.schema import CAP
from anlan.county.sense.feeds.cap.words import gregorian, identifiers, moment, said, usable
from anlan.engine.hazard.taxonomy import OTHER, hazard_of, level_of
from anlan.engine.values.divisions import full

_DIVISION = re.compile(r"[1-8]\d{5}(?:\d{3}|\d{6})?")
_NAMES_DIVISIONS = re.compile(r"cpeas|区划|gb/?t", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Area:
    """A named part of the area: twelve-digit division codes and rings of [lon, lat]."""

    name: str
    codes: tuple[str, ...]
    rings: tuple[Ring, ...]


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as the county understands it. `references` are identifiers alone; `level` is 0 or 1 blue … 4 red."""

    identifier: str
    sender: str
    sent: datetime
    status: str
    msg_type: str
    references: tuple[str, ...]
    event: str
    hazard: str
    level: int
    headline: str
    description: str
    instruction: str
    onset: datetime | None
    expires: datetime | None
    areas: tuple[Area, ...]

    @property
    def codes(self) -> list[str]:
        """The division codes of all areas, each once, in order."""
        return sorted({code for area in self.areas for code in area.codes})

    @property
    def polygons(self) -> list[Ring]:
        """The rings of all areas."""
        return [ring for area in self.areas for ring in area.rings]


def read(root: _Element) -> Alert:
    """Read a tree that was not rejected. Raises ValueError for one without a moment of sending."""
    infos = preferred(root.findall(f"{{{CAP}}}info"))
    told = infos[0] if infos else root
    event, headline = said(told, "event"), said(told, "headline")
    sent = moment(said(root, "sent"))
    if sent is None:
        raise ValueError("an alert without a moment was not rejected")
    expiries = [at for info in infos if (at := _at(info, "expires"))]
    return Alert(
        identifier=said(root, "identifier"), sender=said(root, "sender"), sent=gregorian(sent),
        status=said(root, "status"), msg_type=said(root, "msgType"),
        references=tuple(dict.fromkeys(identifiers(said(root, "references")))),
        event=event, hazard=_hazard(told, event, headline), headline=headline,
        level=max((level_of(said(info, "headline"), said(info, "severity")) for info in infos), default=0),
        description=said(told, "description"), instruction=said(told, "instruction"),
        onset=_at(told, "onset") or _at(told, "effective"), expires=max(expiries, default=None),
        areas=tuple(_area(area) for info in infos for area in info.iterfind(f"{{{CAP}}}area")),
    )  # fmt: skip


def preferred(infos: Sequence[_Element]) -> list[_Element]:
    """The blocks in one language: Chinese as spoken here, else any Chinese, else the language of the first."""
    languages = [said(info, "language").lower() or "en-us" for info in infos]
    chinese = [language for language in languages if language.startswith("zh")]
    wanted = "zh-cn" if "zh-cn" in chinese else next(iter(chinese or languages), "")
    return [info for info, language in zip(infos, languages, strict=True) if language == wanted]


def _at(info: _Element, name: str) -> datetime | None:
    at = moment(said(info, name))
    if at is None or at.tzinfo is None or not usable(gregorian(at)):
        return None
    return gregorian(at)


def _hazard(info: _Element, event: str, headline: str) -> str:
    codes = (said(code, "value") for code in info.iterfind(f"{{{CAP}}}eventCode"))
    guesses = [*(hazard_of("", code) for code in codes), hazard_of(event), hazard_of(headline)]
    return next((hazard for hazard in guesses if hazard != OTHER), OTHER)


def _area(area: _Element) -> Area:
    drawn = [ring(shape.text or "") for shape in area.iterfind(f"{{{CAP}}}polygon")]
    drawn += [circle(shape.text or "") for shape in area.iterfind(f"{{{CAP}}}circle")]
    return Area(said(area, "areaDesc"), tuple(_codes(area)), tuple(shape for shape in drawn if shape))


def _codes(area: _Element) -> Iterator[str]:
    """Division codes: whatever has twelve digits, and what has fewer only under a name that says so."""
    for geocode in area.iterfind(f"{{{CAP}}}geocode"):
        value = said(geocode, "value")
        if _DIVISION.fullmatch(value) and (len(value) == 12 or _NAMES_DIVISIONS.search(said(geocode, "valueName"))):
            yield full(value)
