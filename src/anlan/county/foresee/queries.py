"""Questions to the impact runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from django.db.models import Avg, Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from anlan.county.errors import NotFound
from anlan.county.foresee.models import Impact, Outlook, Run
from anlan.county.office.models import User
from anlan.county.sense.models import Event
from anlan.engine.outlook.visits import plan as visit_plan


@dataclass(frozen=True, slots=True)
class Village:
    """What a run expects of one village.

    `at_risk` counts the households the event is expected to put at risk, each once; `expected_below` and
    `expected_unsafe` those below the line (also before it) and in unsafe homes, which overlap. Runs made by an older
    method have no bounds.
    """

    code: str
    name: str
    lon: float | None
    lat: float | None
    households: int
    expected_below: float
    expected_unsafe: float
    severity: float
    loss_yuan: float
    at_risk: float
    low: float | None = None  # of the number newly at risk: the bounds of eight cases in ten
    high: float | None = None

    @property
    def share(self) -> float:
        """Expected number newly at risk by household reached, 0..1."""
        return self.at_risk / self.households


def latest(event: Event) -> Run | None:
    """The run that counts: the last one made."""
    return Run.objects.filter(event=event).order_by("-made_at", "-id").first()


def ranked(event: Event, user: User | None = None) -> QuerySet[Impact]:
    """The latest run's households, the most at risk first, within the user's divisions."""
    run = latest(event)
    listed = Impact.objects.filter(run=run) if user is None else Impact.objects.visible_to(user).filter(run=run)
    return listed.select_related("household__division").order_by("rank")


def sought(listed: QuerySet[Impact], words: str = "", village: str = "") -> QuerySet[Impact]:
    """Those of one village, or with such a part of the head's name, or whose code ends so."""
    found = listed.filter(household__division=village) if village else listed
    if not words:
        return found
    return found.filter(Q(household__head_name__contains=words) | Q(household__code__endswith=words))


def by_village(event: Event, user: User | None = None) -> Sequence[Village]:
    """The latest run added up by village, the most expected newly at risk first."""
    names = ("code", "name", "lon", "lat")
    rows = (
        ranked(event, user)
        .order_by()
        .values_list(*(f"household__division__{name}" for name in names))
        .annotate(Count("id"), Sum("p_below"), Sum("p_home"), Avg("severity"), Sum("loss_yuan"), Sum("score"))
    )
    bounds = {code: (low, high) for code, low, high in _bounds(event)}
    villages = [Village(*row, *bounds.get(row[0], (None, None))) for row in rows]
    return sorted(villages, key=lambda village: (-village.at_risk, village.code))


def _bounds(event: Event) -> QuerySet[Outlook, tuple[str, float, float]]:
    return Outlook.objects.filter(run=latest(event)).values_list("division_id", "low", "high")


def impact_of(event: Event, code: str, user: User | None = None) -> Impact:
    """A household in the latest run, within the user's divisions; refused where it is not there."""
    found = ranked(event, user).select_related("run__event", "run__exposure").filter(household__code=code).first()
    if found is None:
        raise NotFound(_("事件 %(event)s 的研判名单里没有农户 %(code)s。") % {"event": event.code, "code": code})
    return found


@dataclass(frozen=True, slots=True)
class Round:
    """One village of a visiting plan: its households in order, and how many at risk they are expected to find."""

    code: str
    name: str
    impacts: Sequence[Impact]
    expected: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Who to visit with so many visits, village after village; `known` is what the whole list is expected to hold."""

    visits: int
    expected: float
    known: float
    rounds: Sequence[Round]


def visiting(event: Event, visits: int, user: User | None = None) -> Plan:
    """The visits that are expected to find the most, within the user's divisions (engine/outlook/visits.py)."""
    listed = list(ranked(event, user).order_by("-score", "rank")[:visits])
    _codes, village = np.unique([each.household.division_id for each in listed], return_inverse=True)
    planned = visit_plan(np.array([each.score for each in listed]), village.astype(np.int64), visits)
    grouped = groupby((listed[place] for place in planned.order.tolist()), key=lambda each: each.household.division_id)
    rounds = []
    for code, each in grouped:
        impacts = list(each)
        rounds.append(Round(code, impacts[0].household.division.name, impacts, sum(one.score for one in impacts)))
    known = ranked(event, user).aggregate(known=Sum("score"))["known"] or 0.0
    return Plan(sum(len(each.impacts) for each in rounds), planned.expected, known, rounds)
