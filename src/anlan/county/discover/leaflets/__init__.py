"""The two leaflets for households, as data: what to report, what happens then, what help there is. No database here.

The county's own wording goes into a file of the same name in its folder; figures are the policy's, as of a day.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from anlan.county.errors import BadInput, NotFound
from anlan.engine import policy
from anlan.engine.policy import Parameter

KEYS = ("report", "help")
SLOT = re.compile(r"\{(\w+)\}")
NEEDED = ("title", "audience", "hotline", "hotline_title", "hotline_source")
# What no leaflet may hold: an ID number, or the number of a telephone in somebody's pocket.
PERSONAL = re.compile(r"\d{17}[\dXx]|(?<!\d)1[3-9]\d{9}(?!\d)")


@dataclass(frozen=True, slots=True)
class Part:
    """A heading and its lines, with every figure in its place."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leaflet:
    """A leaflet as it stands on a day, for one village; `figures` are the parameters it names, in their order."""

    key: str
    title: str
    audience: str
    hotline: str
    hotline_title: str
    hotline_source: str
    county_phone: str
    parts: tuple[Part, ...]
    figures: tuple[Parameter, ...]
    day: date


def leaflet(key: str, village: str, day: date) -> Leaflet:
    """A leaflet with the figures of a day. Raises BadInput, naming the file and what is wrong in it."""
    if key not in KEYS:
        raise NotFound(_("没有名为“%(key)s”的明白纸。") % {"key": key})
    name, text = _text(key)
    if PERSONAL.search(text):
        raise BadInput(_("%(file)s：明白纸里不能写身份证号或个人手机号。") % {"file": name})
    told = _read(name, text)
    today, used = policy.on(day), dict[str, Parameter]()

    def filled(found: re.Match[str]) -> str:
        slot = found[1]
        if slot == "village":
            return village
        if slot not in today:
            raise BadInput(_("%(file)s：没有政策参数 %(key)s，或者当天没有值。") % {"file": name, "key": slot})
        used[slot] = today.parameter(slot)
        return valued(used[slot])

    parts = tuple(
        Part(str(part["heading"]), tuple(SLOT.sub(filled, str(line)) for line in part["lines"]))
        for part in told["parts"]
    )
    head = {field: str(told[field]) for field in NEEDED}
    return Leaflet(
        key=key,
        county_phone=str(told.get("county_phone", "")),
        parts=parts,
        figures=tuple(used.values()),
        day=day,
        **head,
    )


def valued(parameter: Parameter) -> str:
    """A figure with its unit, as a sentence has it: 5天, 8,500元/人·年."""
    if isinstance(parameter.value, str):
        return parameter.value
    return f"{parameter.value:,g}{parameter.unit}"


def _text(key: str) -> tuple[str, str]:
    own = Path(settings.LEAFLETS) / f"{key}.toml"
    if own.is_file():
        try:
            return own.name, own.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise BadInput(_("%(file)s：不是 UTF-8 文字。") % {"file": own.name}) from error
    return f"{key}.toml", (files(__package__) / f"{key}.toml").read_text(encoding="utf-8")


def _read(name: str, text: str) -> Mapping[str, Any]:
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(_("%(file)s：格式不对，%(why)s") % {"file": name, "why": error}) from error
    if lacking := [field for field in NEEDED if not told.get(field)]:
        raise BadInput(_("%(file)s：缺少 %(fields)s。") % {"file": name, "fields": "、".join(lacking)})
    parts = told.get("parts")
    whole = (
        isinstance(parts, list)
        and parts
        and all(
            isinstance(part, dict) and part.get("heading") and isinstance(part.get("lines"), list) for part in parts
        )
    )
    if not whole:
        raise BadInput(_("%(file)s：每个 parts 都要有 heading 和 lines。") % {"file": name})
    return told
