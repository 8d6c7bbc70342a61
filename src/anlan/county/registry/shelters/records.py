"""What is said of a shelter, a school and a way, and whether it can be told to people."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from anlan.county.registry.rules import on_the_map
from anlan.engine.audience import words
from anlan.engine.audience.closer import SHORT_UNITS

UNFIT = "【】{}<>"


@dataclass(frozen=True, slots=True)
class ShelterRecord:
    """What is known of a shelter. Without a short name it is called by its name."""

    division: str
    name: str
    short: str = ""
    capacity: int | None = None
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class SchoolRecord:
    """What is known of a school."""

    division: str
    name: str
    kind: str = "school"
    phone: str = ""
    pupils: int | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """A village or one of its groups (0: the whole of it), its shelter's code, and the way there."""

    village: str
    group_no: int
    shelter: str
    route: str = ""


def fault(kind: str, text: str, longest: int) -> str:
    """Why a name or a way cannot be told to people; empty where it can."""
    if not text or len(text) > longest or any(sign in text for sign in UNFIT) or not text.isprintable():
        return _("%(kind)s要写 1 到 %(longest)d 个字，不能有括号【】") % {"kind": kind, "longest": longest}
    if unfit := words.unfit(text):
        return _("%(kind)s里不能有“%(word)s”，那会暴露农户的情况") % {"kind": kind, "word": unfit[0]}
    return ""


def shelter_fault(record: ShelterRecord) -> tuple[str, str]:
    """Which field keeps a shelter from being kept as it is described, and why; empty where none does."""
    short = record.short or record.name
    if wrong := fault(_("安置点名称"), record.name, 40):
        return "name", wrong
    if words.units(short) > SHORT_UNITS:
        return "short", _("名称超过 %(units)d 个字，要有不超过 %(units)d 个字的简称") % {"units": SHORT_UNITS}
    if wrong := fault(_("简称"), short, SHORT_UNITS):
        return "short", wrong
    lon, lat = record.lon, record.lat
    if (lon is None) != (lat is None) or (lon is not None and lat is not None and not on_the_map(lon, lat)):
        return "lon", _("坐标不完整或超出范围")
    return "", ""
