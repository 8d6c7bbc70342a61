"""A line of the ledger in words: what it is about, and what it says. The line itself is shown beside them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.county.desk import labels
from anlan.county.desk.words import FAMILIES

HEX = re.compile(r"[0-9a-f]{32,}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
SHORT = 10  # letters of a hash that are shown
MOST = 8  # things of a list that are named
# In which words a value stands for something; the first family that knows it is right.
MEANT: Mapping[str, tuple[str, ...]] = {
    "after": ("case", "clearance", "measure"),
    "before": ("case", "clearance", "measure"),
    "axes": ("axis",),
    "basis": ("basis",),
    "msg_type": ("message",),
    "status": ("message",),
    "broken": ("axis",),
    "category": ("category",),
    "door": ("door",),
    "kinds": ("harm",),
    "kind": ("inspection", "kind", "category"),
    "losses_yuan": ("harm",),
    "outcome": ("visit",),
    "reason": ("outcome", "release", "unmasking"),
    "role": ("role",),
    "state": ("lead", "case"),
    "why": ("absence",),
    "field": ("masked",),
    "fields": ("masked",),
}


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that a line says: its name, and what it says, as it reads to a person."""

    label: str
    text: str


def noun(about: str) -> str:
    """What kind of thing a line is about, in a word."""
    name = about.partition(":")[0]
    return str(labels.NOUNS.get(name, name))


def parts(about: str) -> list[str]:
    """What names the thing: an event's code, a household's, a kind …"""
    return [each for each in about.partition(":")[2].split("/") if each]


def said(payload: str, names: Mapping[str, str] | None = None) -> list[Said]:
    """Everything that a payload says, in words; what has no word is told by its own name.

    `names` are those of departments, divisions and events, by their codes.
    """
    try:
        told = json.loads(payload)
    except ValueError:
        return []
    return list(_told(told, names or {})) if isinstance(told, dict) else []


def _told(told: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[Said]:
    for key, value in sorted(told.items(), key=lambda each: each[0] == "after"):  # what was before comes before it
        if value not in (None, "", [], {}):
            yield Said(_label(key), _text(key, value, names))


def _label(key: str) -> str:
    family = next((FAMILIES[name][key] for name in ("harm", "axis", "group") if key in FAMILIES[name]), key)
    return str(labels.LABELS.get(key, family))


def _text(key: str, value: Any, names: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, Mapping):
        return _("，").join(f"{each.label} {each.text}" for each in _told(value, names))
    if isinstance(value, list):
        more = _(" 等 %(count)d 项") % {"count": len(value)} if len(value) > MOST else ""
        return _("、").join(_text(key, each, names) for each in value[:MOST]) + more
    if key == "level":
        return str(labels.LEVELS.get(value, value))
    if isinstance(value, int | float):
        return str(value) if key in labels.PLAIN else f"{value:,.2f}".removesuffix(".00")
    return _worded(key, str(value), names)


def _worded(key: str, text: str, names: Mapping[str, str]) -> str:
    if key in labels.COLUMNS:
        return _label(text)
    for family in MEANT.get(key, ()):
        if text in FAMILIES[family]:
            return str(FAMILIES[family][text])
    if text in names:
        return names[text]
    if HEX.fullmatch(text):
        return f"{text[:SHORT]}…"
    if MOMENT.match(text) or DAY.fullmatch(text):
        return _when(text)
    return text


def _when(text: str) -> str:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    if "T" not in text:
        return text
    return f"{timezone.localtime(at) if timezone.is_aware(at) else at:%Y-%m-%d %H:%M}"
