"""Impact runs: every exposed household of an event, with its first-cut loss and its place in the ranking."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from anlan.county.office.models import Scoped
from anlan.county.registry.models import Household
from anlan.county.sense.models import Event


class Run(models.Model):
    """One estimate for one event. The latest is the one that counts; older ones stay, to be compared."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="runs")
    made_at = models.DateTimeField()
    method = models.CharField(max_length=40)  # the engine's version, so an old run can be replayed
    policy_day = models.DateField()
    basis = models.CharField(max_length=12)  # alert (level only) or gauges
    households = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["-made_at", "-id"]

    def __str__(self) -> str:
        return f"{self.event} {self.made_at:%Y-%m-%d %H:%M}"


class Impact(models.Model):
    """One household in one run."""

    SCOPE: ClassVar[str] = "household__division_id"

    run = models.ForeignKey(Run, models.CASCADE, related_name="impacts")
    household = models.ForeignKey(Household, models.PROTECT, related_name="impacts")
    reach = models.CharField(max_length=10)  # polygon or division: what put it on the list
    confidence = models.FloatField()  # probability that it stands inside the area, 0..1
    severity = models.FloatField()  # hazard severity where it stands, 0..4
    loss_yuan = models.FloatField()
    income_per_head_yuan = models.FloatField()  # expected, over the coming twelve months
    p_below = models.FloatField()
    p_home = models.FloatField()
    p_water = models.FloatField()
    score = models.FloatField()
    group = models.CharField(max_length=20, default="general")  # the key group it is warned in, as of the run
    rank = models.PositiveIntegerField()

    objects = Scoped.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "household"], name="one_impact_a_household"),
            models.CheckConstraint(
                name="impact_probabilities",
                condition=Q(p_below__range=(0, 1), p_home__range=(0, 1), p_water__range=(0, 1)),
            ),
        ]
        indexes = [models.Index(fields=["run", "rank"], name="impact_rank")]

    def __str__(self) -> str:
        return f"#{self.rank} {self.household_id}"
