"""Whom an event exposes: whom a run listed or a warning was for, whoever reported, and who came to stand there since.

Nobody leaves by himself: a household that a later run no longer lists stays, until somebody writes down why it need not
be visited. A household merged into another hands its exposure on.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import chain

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from anlan.county.discover.models import Lead, Newcomer
from anlan.county.foresee.models import Impact, Run
from anlan.county.foresee.queries import latest
from anlan.county.foresee.reach import reach
from anlan.county.registry.columns import spots
from anlan.county.registry.models import Household
from anlan.county.sense.models import Event
from anlan.county.warn.models import Target, Warning  # noqa: A004 (the field's own word)


def since(event: Event) -> dict[int, datetime]:
    """Every exposed household, hidden ones too, and when it first was."""
    listed = Impact.objects.filter(run__event=event).order_by().values_list("household_id", "run_id")
    warned = Target.objects.filter(warning__event=event).order_by().values_list("household_id", "warning_id")
    made = dict(Run.objects.filter(event=event).values_list("pk", "made_at"))
    drafted = dict(Warning.objects.filter(event=event).values_list("pk", "drafted_at"))
    found = latecomers(event)
    for household, at in chain(
        ((household, made[run]) for household, run in listed),
        ((household, drafted[warning]) for household, warning in warned),
        Newcomer.objects.filter(event=event).values_list("household_id", "at"),
        Lead.objects.filter(event=event).order_by().values_list("household_id", "opened_at"),
    ):
        found[household] = min(at, found.get(household, at))
    for dropped, kept in merged().items():
        if dropped in found:
            found.setdefault(kept, found[dropped])
    return found


def standing(event: Event, *villages: str) -> QuerySet[Household]:
    """The households of the register that an event exposes, of these villages or of all; those with leads may lack."""
    listed = Impact.objects.filter(run__event=event, household=OuterRef("pk"))
    warned = Target.objects.filter(warning__event=event, household=OuterRef("pk"))
    came = Newcomer.objects.filter(event=event, household=OuterRef("pk"))
    others = Q(Exists(came)) | Q(pk__among=[*latecomers(event, *villages), *_heirs(event)])
    found = Household.objects.filter(Q(Exists(listed)) | Q(Exists(warned)) | others).annotate(household_id=F("pk"))
    return found.filter(division_id__among=villages) if villages else found


def latecomers(event: Event, *villages: str) -> dict[int, datetime]:
    """Households in the area of an open event that its latest run does not know, and when their rows last changed.

    They were enrolled, moved or given another place after it, or the event's area grew. Of these villages, or of all.
    """
    run = latest(event)
    if run is None or event.closed_at is not None:
        return {}
    others = Household.objects.filter(~Exists(Impact.objects.filter(run=run, household=OuterRef("pk"))))
    others = others.filter(division_id__among=villages) if villages else others
    if not event.polygons:
        return dict(others.within(*event.codes).order_by().values_list("pk", "updated_at"))
    there = spots(others)
    reached = reach(
        divisions=there.division, lon=there.lon, lat=there.lat, location_m=there.location_m, codes=event.codes,
        polygons=event.polygons,
    )  # fmt: skip
    ids = there.id[reached.way != ""].tolist()
    return dict(Household.objects.filter(pk__among=ids).order_by().values_list("pk", "updated_at"))


def merged() -> dict[int, int]:
    """Every household that was merged, and the one that stands for it in the end."""
    into = dict(Household.every.filter(merged_into__isnull=False).order_by().values_list("pk", "merged_into_id"))
    return {dropped: _end(kept, into) for dropped, kept in into.items()}


def _end(kept: int, into: dict[int, int]) -> int:
    while kept in into:
        kept = into[kept]
    return kept


def _heirs(event: Event) -> Iterable[int]:
    into = merged()
    if not into:
        return ()
    tables = (
        Impact.objects.filter(run__event=event), Target.objects.filter(warning__event=event),
        Lead.objects.filter(event=event), Newcomer.objects.filter(event=event),
    )  # fmt: skip
    gone = {
        household
        for rows in tables
        for household in rows.filter(household_id__among=list(into)).values_list("household_id", flat=True)
    }
    return {into[each] for each in gone}
