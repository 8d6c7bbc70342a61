"""What the home page says to one person."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _

from anlan.county.decide.models import Case
from anlan.county.desk.context import page
from anlan.county.desk.waiting import pressing, waiting
from anlan.county.discover.models import Lead
from anlan.county.foresee.models import Impact, Run
from anlan.county.office.models import Clock, User
from anlan.county.registry.models import Household
from anlan.county.sense.models import SCREENING, Event
from anlan.county.verify.models import Finding

EVENTS, CLOCKS = 5, 10
PAGES = {
    "list": "discover:lists", "inspection": "discover:inspections", "mending": "registry:mendings",
    "enquiry": "verify:enquiries",
}  # fmt: skip
OWN_PAGES = {  # noun of a clock that is about no household: its page, and how many parts of the name lead there
    "alert": ("sense:alert", 1), "sweep": ("discover:sweep", 2), "determination": ("verify:joint", 1),
    "warning": ("warn:warning", 1), "event": ("sense:event", 1),
}  # fmt: skip
EVENT_PAGES = {
    "url": "sense:event",
    "map_url": "desk:map",
    "ranked_url": "foresee:ranked",
    "coverage_url": "account:coverage",
}


def frontpage(user: User) -> dict[str, Any]:
    """Tasks with their counts, the latest events with their figures, the most pressing clocks."""
    events = list(Event.objects.exclude(hazard=SCREENING).order_by("-opened_at", "code")[:EVENTS])
    clocks = pressing(user)[:CLOCKS]
    mine = Household.objects.visible_to(user) if user.may("registry.read") else Household.objects.none()
    names = dict(mine.filter(code__in=map(household_of, clocks)).values_list("code", "head_name"))
    return {
        "tasks": waiting(user),
        "events": _described(events, user),
        "no_events": _("目前没有灾害事件。"),
        "clocks": [(clock, names.get(household_of(clock), ""), where(clock, user)) for clock in clocks],
        "no_clocks": _("没有正在计时的任务。"),
    }


def household_of(clock: Clock) -> str:
    """The household's code out of what a clock is about (`lead:EVENT/HOUSEHOLD`); empty where it is about none."""
    noun, _colon, identifier = clock.about.partition(":")
    if noun in PAGES or noun in OWN_PAGES:
        return ""
    return identifier.split("/")[1] if "/" in identifier else ""


def where(clock: Clock, user: User) -> str:
    """The page on which this person works on what a clock is about: its household's, the village's sweep …"""
    noun, _colon, identifier = clock.about.partition(":")
    if noun in PAGES:
        return page(user, PAGES[noun])
    if noun in OWN_PAGES:
        name, parts = OWN_PAGES[noun]
        return page(user, name, *identifier.split("/")[:parts])
    code = household_of(clock)
    return page(user, "desk:household", code) if code else ""


def _described(events: Sequence[Event], user: User) -> list[dict[str, Any]]:
    counts = _counts(events, user)
    return [
        {
            "title": event.title,
            "level": event.level,
            "issued_at": event.issued_at,
            "closed_at": event.closed_at,
            **{key: counts[key].get(event.pk, 0) for key in counts},
            **{key: page(user, name, event.code) for key, name in EVENT_PAGES.items()},
        }
        for event in events
    ]


def _counts(events: Sequence[Event], user: User) -> dict[str, dict[int, int]]:
    """Of each event: households exposed, leads, findings and households taken under monitoring, in four queries."""
    runs: dict[int, int] = {}
    for run in Run.objects.filter(event__in=events).order_by("made_at", "id"):
        runs[run.event_id] = run.pk
    exposed = Impact.objects.visible_to(user).filter(run__in=runs.values())
    leads = Lead.objects.visible_to(user).filter(event__in=events)
    findings = Finding.objects.visible_to(user).filter(lead__event__in=events)
    entered = Case.objects.visible_to(user).filter(event__in=events, state="entered")
    return {
        "exposed": _by(exposed, "run__event"),
        "leads": _by(leads, "event"),
        "findings": _by(findings, "lead__event"),
        "entered": _by(entered, "event"),
    }


def _by(rows: Any, column: str) -> dict[int, int]:
    return dict(rows.order_by().values_list(column).annotate(Count("id")))
