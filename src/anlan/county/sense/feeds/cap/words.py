"""Reading the words of an alert: texts, moments, references."""

from datetime import datetime

from lxml.etree import _Element

from anlan.county.sense.feeds.cap.schema import CAP

BUDDHIST_YEARS = 543  # how far Thai calendars are ahead
_YEARS = range(1970, 2200)


def said(element: _Element, name: str) -> str:
    """The text of a child element without the space around it; empty where it is missing or holds no text."""
    child = next(element.iterchildren(f"{{{CAP}}}{name}"), None)
    return (child.text or "").strip() if child is not None else ""


def moment(text: str) -> datetime | None:
    """A moment as ISO 8601 writes it, with or without a zone; None for anything else."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def usable(at: datetime) -> bool:
    """Whether the moment lies in years in which alerts are sent; the ends of the calendar break arithmetic."""
    return at.year in _YEARS


def buddhist(at: datetime) -> bool:
    """Whether the year is one of ours on the Thai calendar."""
    return at.year - BUDDHIST_YEARS in _YEARS and not usable(at)


def gregorian(at: datetime) -> datetime:
    """The same moment on our calendar. The 29th of February becomes the 28th where the year has none."""
    if not buddhist(at):
        return at
    year = at.year - BUDDHIST_YEARS
    try:
        return at.replace(year=year)
    except ValueError:
        return at.replace(year=year, day=28)


def identifiers(references: str) -> list[str]:
    """The identifiers in a `references` text; malformed references name none."""
    parts = (reference.split(",") for reference in references.split())
    return [part[1] for part in parts if len(part) == 3 and part[1]]
