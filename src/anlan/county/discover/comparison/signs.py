"""Which of a row's facts are signs of a risk, by thresholds of the day, each with its reason. No database here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from anlan.county.discover.comparison.sources import DataSource, Sign
from anlan.engine import policy
from anlan.engine.policy import Policy

INCOME = "rural_income_yuan"


@dataclass(frozen=True, slots=True)
class Shown:
    """A sign that a row shows: what was hit, the value, the threshold, and whether that is verified."""

    kind: str
    title: str
    column: str
    value: Any
    threshold: Any  # None where none is set: anything is a sign
    parameters: tuple[str, ...]
    verified: bool
    unit: str = ""


def shown(source: DataSource, said: Mapping[str, Any], *, key_group: bool, on: date) -> list[Shown]:
    """The signs that a row shows on a day, in the source's order. `key_group`: a household the plan puts first."""
    today = policy.on(on)
    found = (_shown(sign, said, today, key_group=key_group) for sign in source.signs)
    return [each for each in found if each is not None]


def told(source: DataSource, each: Shown) -> str:
    """A sign in words: the value as the list has it, and the threshold, marked where nobody has verified it."""
    choices = source.column(each.column).choices

    def said(value: Any) -> str:
        return choices[value][0] if value in choices else figure(value, each.unit)

    words = {"title": each.title, "said": said(each.value), "mark": "" if each.verified else _("，未核实")}
    if each.threshold is None:
        return _("%(title)s：%(said)s（未设标准，凡有即为线索）") % words
    if not each.parameters:
        return _("%(title)s：%(said)s") % words
    among = isinstance(each.threshold, tuple)
    threshold = "、".join(map(said, each.threshold)) if among else said(each.threshold)
    return _("%(title)s：%(said)s（标准 %(threshold)s%(mark)s）") % {**words, "threshold": threshold}


def _shown(sign: Sign, said: Mapping[str, Any], today: Policy, *, key_group: bool) -> Shown | None:
    value = said.get(sign.column)
    if value is None or value == 0 or (sign.test == "alone" and said.get(sign.besides) is not None):
        return None
    threshold, keys = _threshold(sign, today, key_group=key_group)
    if threshold is not None and not _beyond(sign.test, value, threshold):
        return None
    verified = all(today.parameter(key).verified for key in keys)
    return Shown(sign.kind, sign.title, sign.column, value, threshold, keys, verified, sign.unit)


def _threshold(sign: Sign, today: Policy, *, key_group: bool) -> tuple[Any, tuple[str, ...]]:
    """The value that the day's policy sets, and by which parameters; None where it sets none."""
    if sign.values:
        return sign.values, ()
    key = sign.general if sign.general and not key_group else sign.key
    keys = (key, INCOME) if sign.test == "share" else (key,)
    if not key or any(each not in today for each in keys):
        return None, ()
    if sign.test == "among":
        return tuple(today.text(key).split()), keys
    if sign.test == "share":
        return round(today.number(key) * today.number(INCOME), 2), keys
    return today.number(key), keys


def _beyond(test: str, value: Any, threshold: Any) -> bool:
    if test == "among":
        return value in threshold
    return bool(value >= threshold) if test == "reaching" else bool(value > threshold)


def figure(value: Any, unit: str = "") -> str:
    """A value as an official writes it."""
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".") + unit
    return f"{value}{unit}"


def statements(source: DataSource, said: Mapping[str, Any], village: str) -> dict[str, str]:
    """What a row says of its person, by topic; what it leaves open is left out. `village`: the code it names."""
    found: dict[str, str] = {}
    for each in source.says:
        word = village if each.column == "village" else str(said.get(each.column, ""))
        value = each.words.get(word, "") if each.words else word
        if value:
            found[each.topic] = value
    return found
