"""Which events departments have to determine, and what a determination lets a decision do."""

from collections.abc import Iterable

from anlan.county.office.models import Clock, Department, User
from anlan.county.sense.models import Event
from anlan.county.verify.joint.models import Determination, Opinion
from anlan.engine.hazard.taxonomy import HAZARDS, OTHER
from anlan.engine.values.divisions import significant


def about(event_code: str, department: str = "") -> str:
    """A determination in the words of clocks and the ledger; with a department, its opinion."""
    return f"determination:{event_code}" + (f"/{department}" if department else "")


def needed(event: Event) -> bool:
    """Whether an event is none of weather, ground or water, so that departments determine it together."""
    return event.hazard in HAZARDS and HAZARDS[event.hazard].root == OTHER


def events() -> list[Event]:
    """The events that departments determine, the latest first, with their determinations."""
    keys = [key for key, hazard in HAZARDS.items() if hazard.root == OTHER]
    return list(Event.objects.filter(hazard__in=keys).select_related("determination"))


def of(event: Event) -> Determination | None:
    """The determination of an event, if departments were called."""
    return Determination.objects.filter(event=event).first()


def standing(wanted: Iterable[Event]) -> dict[int, str]:
    """Events (by id) that no household can enter under yet, and why: `undetermined` or `unnatural`."""
    other = {event.pk: event for event in wanted if needed(event)}
    if not other:
        return {}
    known = dict(Determination.objects.filter(event__in=list(other)).values_list("event_id", "natural"))
    return {pk: "unnatural" if known.get(pk) is False else "undetermined" for pk in other if not known.get(pk)}


def outside(event: Event, divisions: Iterable[str]) -> list[str]:
    """Those of these divisions that a determined event did not strike."""
    if not needed(event):
        return []
    found = of(event)
    struck = tuple(significant(code) for code in found.codes) if found else ()
    return sorted(code for code in set(divisions) if not code.startswith(struck))


def opinions(determination: Determination) -> list[tuple[Opinion, Clock | None]]:
    """What each department said or still owes, with its clock."""
    given = list(determination.opinions.select_related("department", "by"))
    abouts = {about(determination.event.code, each.department_id): each for each in given}
    clocks = {each.about: each for each in Clock.objects.filter(kind="opinion", about__in=list(abouts))}
    return [(each, clocks.get(key)) for key, each in abouts.items()]


def speaks_for(user: User, department: Department) -> bool:
    """Whether somebody may give a department's opinion."""
    return user.may("verify.opine") and user.speaks_for(department.pk)
