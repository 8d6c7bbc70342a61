"""Reading the words of an alert: moments, references, division codes."""

import re
from datetime import datetime

BUDDHIST_YEARS = 543  # how far Thai calendars are ahead
_YEARS = range(1970, 2200)
_DIVISION = re.compile(r"[1-8]\d{5}(?:\d{3}|\d{6})?")
_NAMES_DIVISIONS = re.compile(r"cpeas|区划|gb/?t", re.IGNORECASE)


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
    if not references:
        return []
    parts = (reference.split(",") for reference in references.split())
    return [part[1] for part in parts if len(part) == 3 and part[1]]


def about_divisions(name: str) -> bool:
    """Whether a geocode of this name means China's divisions."""
    return bool(_NAMES_DIVISIONS.search(name))


def division(name: str, value: str) -> str:
    """The division code in a geocode; empty where it holds none.

    Whatever has twelve digits is one, and what has six or nine only under a name that says so: a foreign county's
    six digits look the same.
    """
    known = _DIVISION.fullmatch(value) and (len(value) == 12 or about_divisions(name))
    return value if known else ""
