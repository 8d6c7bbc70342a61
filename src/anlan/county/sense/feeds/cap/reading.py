"""What an alert says, for the county: one hazard, one level, one area; in Chinese where it is told so."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from anlan.county.sense.feeds.cap import document
from anlan.county.sense.feeds.cap.document import Document, Info
from anlan.county.sense.feeds.cap.geometry import Ring
from anlan.county.sense.feeds.cap.words import division, gregorian, identifiers, moment, usable
from anlan.engine.hazard.taxonomy import OTHER, hazard_of, level_of
from anlan.engine.values.divisions import full


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


def read(told: Document) -> Alert:
    """Read an alert that was not rejected. Raises ValueError for one without a moment of sending."""
    infos = preferred(told.infos)
    first = infos[0] if infos else Info({})
    event, headline = first.said("event"), first.said("headline")
    sent = moment(told.said("sent"))
    if sent is None:
        raise ValueError("an alert without a moment was not rejected")
    expiries = [at for info in infos if (at := _at(info, "expires"))]
    return Alert(
        identifier=told.said("identifier"), sender=told.said("sender"), sent=gregorian(sent),
        status=told.said("status"), msg_type=told.said("msgType"),
        references=tuple(dict.fromkeys(identifiers(told.said("references")))),
        event=event, hazard=next(_hazards(first, event, headline), OTHER), headline=headline,
        level=max((level_of(info.said("headline"), info.said("severity")) for info in infos), default=0),
        description=first.said("description"), instruction=first.said("instruction"),
        onset=_at(first, "onset") or _at(first, "effective"), expires=max(expiries, default=None),
        areas=tuple(_area(area) for info in infos for area in info.areas),
    )  # fmt: skip


def preferred(infos: Sequence[Info]) -> list[Info]:
    """The blocks in one language: Chinese as spoken here, else any Chinese, else the language of the first."""
    languages = [info.said("language").lower() or "en-us" for info in infos]
    chinese = [language for language in languages if language.startswith("zh")]
    wanted = "zh-cn" if "zh-cn" in chinese else next(iter(chinese or languages), "")
    return [info for info, language in zip(infos, languages, strict=True) if language == wanted]


def _at(info: Info, name: str) -> datetime | None:
    at = moment(info.said(name))
    if at is None or at.tzinfo is None or not usable(gregorian(at)):
        return None
    return gregorian(at)


def _hazards(info: Info, event: str, headline: str) -> Iterator[str]:
    for text, code in (*(("", value) for _name, value in info.event_codes), (event, ""), (headline, "")):
        if (hazard := hazard_of(text, code)) != OTHER:
            yield hazard


def _area(area: document.Area) -> Area:
    codes = (division(name, value) for name, value in area.geocodes)
    rings = (shape.ring for shape in (*area.polygons, *area.circles))
    return Area(
        area.words.get("areaDesc", ""),
        tuple(full(code) for code in codes if code),
        tuple(ring for ring in rings if ring),
    )
