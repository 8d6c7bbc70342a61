"""Measures. Urgent ones may start from a warning or a lead, without waiting for a decision."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from anlan.county.decide.models import Episode
from anlan.county.office.models import Department, Scoped, User
from anlan.county.registry.models import Household
from anlan.county.sense.models import Event


class Measure(models.Model):
    """One kind of help for one household: owner, deadline, delivery, receipt. Kinds: catalogue.toml."""

    SCOPE: ClassVar[str] = "household__division_id"
    PERSONAL: ClassVar = {"receipt": "text", "stopped_reason": "text"}

    event = models.ForeignKey(Event, models.PROTECT, related_name="measures")
    household = models.ForeignKey(Household, models.PROTECT, related_name="measures")
    episode = models.ForeignKey(Episode, models.PROTECT, null=True, related_name="measures")
    kind = models.CharField(max_length=30)
    axis = models.CharField(max_length=12)  # the P2 axis it is for
    owner = models.ForeignKey(Department, models.PROTECT, related_name="measures")
    state = models.CharField(max_length=12, default="planned")
    planned_at = models.DateTimeField()
    planned_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    amount_yuan = models.FloatField(default=0)
    delivered_at = models.DateTimeField(null=True)
    delivered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    delivered_yuan = models.FloatField(default=0)
    receipted_at = models.DateTimeField(null=True)
    receipt = models.CharField(max_length=120, blank=True)
    stopped_reason = models.CharField(max_length=120, blank=True)

    objects = Scoped.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="delivered_has_who_and_when",
                condition=Q(delivered_at__isnull=True, delivered_by__isnull=True)
                | Q(delivered_at__isnull=False, delivered_by__isnull=False),
            ),
            models.CheckConstraint(
                name="receipted_was_delivered",
                condition=Q(receipted_at__isnull=True) | Q(delivered_at__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["event", "household", "kind"],
                condition=~Q(state="stopped"),
                name="one_measure_of_a_kind",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="measure_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.household_id}"
