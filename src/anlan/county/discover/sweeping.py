"""Questions about village sweeps, and about whom the rules would take off the list."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from anlan.county import clock
from anlan.county.discover import exposed, rules
from anlan.county.discover.models import Lead, Release, Sweep
from anlan.county.foresee import doors
from anlan.county.foresee.models import Impact, Run
from anlan.county.foresee.queries import latest
from anlan.county.office.models import Clock, User
from anlan.county.registry.models import KEY_GROUPS, Category, Household
from anlan.county.sense.models import Event
from anlan.county.warn.models import Target
from anlan.engine import policy


def sweeps(user: User, event: Event | None = None) -> QuerySet[Sweep]:
    """Village sweeps within this person's divisions, open ones first."""
    found = Sweep.objects.visible_to(user).select_related("division", "event", "closed_by")
    found = found.filter(event=event) if event else found
    return found.order_by("closed_at", "event__code", "division_id")


def exposed_villages(event: Event) -> list[str]:
    """Codes of the villages in which the latest run lists a household."""
    impacts = Impact.objects.filter(run=latest(event)).order_by()
    return sorted(impacts.values_list("household__division_id", flat=True).distinct())


def unfinished_villages(event: Event) -> list[str]:
    """Codes of the villages in which an exposed household has neither a lead nor a release."""
    return sorted(unaccounted(event).order_by().values_list("division_id", flat=True).distinct())


@dataclass(frozen=True, slots=True)
class Row:
    """A household on a village's list: its chance as the doors taught it, whether to visit it at all, whether only
    after the first ones, and what became of it."""

    impact: Impact
    chance: float
    worth: bool
    later: bool
    lead_state: str
    reason: str


def listed(sweep: Sweep) -> list[Row]:
    """The households a village has to go through, the most at risk first, each with what became of it so far."""
    mine = Q(event=sweep.event_id, household=OuterRef("household_id"))
    state = Lead.objects.filter(mine).values("state")[:1]
    reason = Release.objects.filter(mine).values("reason")[:1]
    run = latest(sweep.event)
    if run is None:
        return []
    found = Impact.objects.filter(run=run, household__in=_of(sweep.division_id)).select_related("household")
    impacts = {
        each.household_id: (each, each.lead_state or "", each.reason or "")
        for each in found.annotate(lead_state=Subquery(state), reason=Subquery(reason))
    }
    lesson = doors.lesson(run)
    order = doors.order(doors.listed(run, sweep.division_id), lesson)
    cut, first = (lesson.cut, lesson.first) if lesson else (0.0, 0.0)
    return [
        Row(impacts[key][0], chance, chance >= cut, cut <= chance < first, *impacts[key][1:])
        for key, chance in zip(order.id.tolist(), order.chance.tolist(), strict=True)
    ]


def others(sweep: Sweep) -> list[Household]:
    """Exposed households of a village that the latest run does not list, each with `lead_state` and `reason` so far."""
    mine = Q(event=sweep.event_id, household=OuterRef("pk"))
    known = Impact.objects.filter(run=latest(sweep.event), household=OuterRef("pk"))
    found = exposed.standing(sweep.event, sweep.division_id).filter(~Exists(known)).order_by("code")
    state = Lead.objects.filter(mine).values("state")[:1]
    reason = Release.objects.filter(mine).values("reason")[:1]
    return list(found.annotate(lead_state=Subquery(state), reason=Subquery(reason)))


def unaccounted(event: Event, *villages: str) -> QuerySet[Any]:
    """Exposed households, of these villages or of all, that have neither a lead nor a release."""
    return _left(event, exposed.standing(event, *villages))


def left(event: Event, *villages: str) -> dict[str, int]:
    """How many those are, by village; a village without any is left out."""
    return dict(unaccounted(event, *villages).order_by().values_list("division_id").annotate(Count("pk")))


def _left(event: Event, households: QuerySet[Any]) -> QuerySet[Any]:
    mine = Q(event=event, household=OuterRef("pk"))
    return households.filter(~Exists(Lead.objects.filter(mine)), ~Exists(Release.objects.filter(mine)))


def _of(village: str) -> QuerySet[Household]:
    """A village's households, named apart so that the database looks them up first and not the whole run."""
    return Household.objects.filter(division=village).order_by()


@dataclass(frozen=True, slots=True)
class Swept:
    """A sweep with how many households are on its list, how many are left, and its clock."""

    sweep: Sweep
    listed: int
    left: int
    clock: Clock | None


def swept(sweeps: Iterable[Sweep]) -> list[Swept]:
    """The sweeps of one page with their progress, in a few queries per event."""
    page = list(sweeps)
    every: dict[tuple[int, str], int] = {}
    left: dict[tuple[int, str], int] = {}
    for event in {each.event_id: each.event for each in page}.values():
        standing = exposed.standing(event)
        every.update(_by_village(event, standing))
        left.update(_by_village(event, _left(event, standing)))
    abouts = [rules.sweep_about(each.event.code, each.division_id) for each in page]
    clocks = {each.about: each for each in Clock.objects.filter(kind="sweep", about__in=abouts)}
    return [
        Swept(each, every.get((each.event_id, each.division_id), 0), left.get((each.event_id, each.division_id), 0),
              clocks.get(about))
        for each, about in zip(page, abouts, strict=True)
    ]  # fmt: skip


def _by_village(event: Event, households: QuerySet[Household]) -> dict[tuple[int, str], int]:
    rows = households.order_by().values_list("division_id").annotate(Count("pk"))
    return {(event.pk, village): count for village, count in rows}


def releasable(event: Event, user: User | None = None) -> list[tuple[int, str]]:
    """Households that the rules would take off the list without a visit, each with the reason.

    Below the intensity that does harm, or no longer reached by the latest run; or hardly at risk, and told so, or known
    so from visits. Those with a lead, released already, or in a group the plan puts first are never among them, and
    nobody whom no run has judged.
    """
    today = policy.on(clock.today())
    mine = Q(event=event, household=OuterRef("household_id"))
    told = Target.objects.filter(
        Q(message__delivered_at__isnull=False) | Q(acknowledged_at__isnull=False),
        warning__event=event, household=OuterRef("household_id"),
    )  # fmt: skip
    first = Category.objects.on(clock.today()).filter(kind__in=KEY_GROUPS, household=OuterRef("household_id"))
    within = Impact.objects.all() if user is None else Impact.objects.visible_to(user)
    run = latest(event)
    rows = (
        within.filter(run=run)
        .filter(~Exists(Lead.objects.filter(mine)), ~Exists(Release.objects.filter(mine)), ~Exists(first))
        .annotate(told=Exists(told))
        .order_by("rank")
        .values_list("household_id", "severity", "score", "told")
    )
    harm, low = today.number("harm_severity_min"), today.number("release_p_max")
    beyond = _beyond(run)
    found = []
    for household, severity, score, was_told in rows.iterator(chunk_size=20_000):
        if severity < harm:
            found.append((household, "below_harm"))
        elif was_told and (score < low if beyond is None else household in beyond):
            found.append((household, "low_risk_informed"))
        elif beyond is not None and household in beyond:
            found.append((household, "low_risk_learned"))
    return found + (_outside(event, run, user) if run else [])


def _outside(event: Event, run: Run, user: User | None) -> list[tuple[int, str]]:
    """Households an earlier run listed and the latest does not."""
    first = Category.objects.on(clock.today()).filter(kind__in=KEY_GROUPS, household=OuterRef("pk"))
    before = Impact.objects.filter(run__event=event, household=OuterRef("pk"))
    left = unaccounted(event).filter(
        Exists(before), ~Exists(before.filter(run=run)), ~Exists(first),
    )  # fmt: skip
    if user is not None:
        left = left.filter(pk__in=Household.objects.visible_to(user).order_by().values("pk"))
    return [(pk, "below_harm") for pk in left.order_by("code").values_list("pk", flat=True)]


def _beyond(run: Run | None) -> set[int] | None:
    """Households that no visit is worth any more after what visits found; None while nothing was learned."""
    lesson = doors.lesson(run)
    if run is None or lesson is None or not lesson.visited:
        return None
    order = doors.order(doors.listed(run), lesson)
    return set(order.id[order.chance < lesson.cut].tolist())
