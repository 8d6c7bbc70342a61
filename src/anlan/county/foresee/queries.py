"""Questions to the impact runs."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Avg, Count, QuerySet, Sum

from anlan.county.foresee.models import Impact, Run
from anlan.county.office.models import User
from anlan.county.sense.models import Event


@dataclass(frozen=True, slots=True)
class Village:
    """What a run expects of one village.

    `at_risk` counts the households the event is expected to put at risk, each once; `expected_below` and
    `expected_unsafe` those below the line (also before it) and in unsafe homes, which overlap.
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


def by_village(event: Event, user: User | None = None) -> Sequence[Village]:
    """The latest run added up by village, the most expected newly at risk first."""
    names = ("code", "name", "lon", "lat")
    rows = (
        ranked(event, user)
        .order_by()
        .values_list(*(f"household__division__{name}" for name in names))
        .annotate(Count("id"), Sum("p_below"), Sum("p_home"), Avg("severity"), Sum("loss_yuan"), Sum("score"))
    )
    villages = [Village(*row) for row in rows]
    return sorted(villages, key=lambda village: (-village.at_risk, village.code))
