"""The engine's words with the places of this county in them, as closely as seventy characters allow."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar

from django.utils.translation import gettext as _

from anlan.county.office.queries import county
from anlan.county.sense.models import Event
from anlan.county.warn.models import Warning  # noqa: A004 (the field's own word)
from anlan.engine.audience import words

T = TypeVar("T")


def drafted(event: Event, audience: str, townships: Sequence[str], lasting: timedelta) -> tuple[words.Text, str]:
    """A warning's words for an audience, and the cancellation that is ready with them."""
    place, hours = county().division.name, hours_of(lasting)

    def said(area: str) -> tuple[words.Text, str]:
        text = words.draft(event.hazard, event.level, audience, area, hours, place)
        return text, words.cancellation(event.hazard, event.level, area, place)

    return _closest(townships, said)


def over(warning: Warning, townships: Sequence[str]) -> words.Text:
    """The words with which a warning's danger is said to be over."""
    hazard, place = warning.event.hazard, county().division.name
    return _closest(townships, lambda area: words.all_clear(hazard, warning.level, warning.audience, area, place))


def hours_of(lasting: timedelta) -> int:
    """How long a warning holds, in whole hours, at least one."""
    return max(1, round(lasting.total_seconds() / 3600))


def _closest(townships: Sequence[str], said: Callable[[str], T]) -> T:
    """What is said of the townships by name, where that is too long by the first and how many, else of the county."""
    several = _("%(first)s等%(count)d个乡镇") % {"first": townships[0], "count": len(townships)} if townships else ""
    for area in ("、".join(townships), several):
        try:
            if area:
                return said(area)
        except words.TooLong:
            continue
    return said(county().division.name)
