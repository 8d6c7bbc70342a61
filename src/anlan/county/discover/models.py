"""Leads, their sources, village sweeps, and releases from the list."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from anlan.county.office.models import Division, Scoped, User
from anlan.county.registry.models import Household
from anlan.county.sense.models import Event


class Lead(models.Model):
    """A sign that an event hit a household. One per household and event, however many doors it came through."""

    SCOPE: ClassVar[str] = "household__division_id"

    event = models.ForeignKey(Event, models.PROTECT, related_name="leads")
    household = models.ForeignKey(Household, models.PROTECT, related_name="leads")
    state = models.CharField(max_length=12, default="open")
    priority = models.FloatField(default=0)  # larger goes first
    green = models.BooleanField(default=False)  # help first, formalities after
    opened_at = models.DateTimeField()
    taken_in_at = models.DateTimeField(null=True)
    taken_in_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, blank=True)

    objects = Scoped.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "household"], name="one_lead_a_household_and_event"),
            models.CheckConstraint(
                name="closed_lead_has_an_outcome", condition=Q(closed_at__isnull=True) | ~Q(outcome="")
            ),
        ]
        indexes = [models.Index(fields=["state", "-priority"], name="lead_inbox")]

    def __str__(self) -> str:
        return f"{self.event_id}/{self.household_id}"


class Source(models.Model):
    """One report behind a lead: which door, who, what they said. `key` makes a repeated report harmless."""

    SCOPE: ClassVar[str] = "lead__household__division_id"
    PERSONAL: ClassVar = {"by": "username", "claim": "claim"}

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="sources")
    door = models.CharField(max_length=10)  # self, cadre, dept
    key = models.CharField(max_length=80, unique=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=60)
    claim = models.JSONField(default=dict)  # {"kinds": ["home", "crop" …], "loss_yuan": …, "text": …}

    objects = Scoped.as_manager()

    def __str__(self) -> str:
        return f"{self.door} {self.key}"


class Sweep(models.Model):
    """A village to be gone through after an event, house by house, from the ranked list."""

    SCOPE: ClassVar[str] = "division_id"

    event = models.ForeignKey(Event, models.PROTECT, related_name="sweeps")
    division = models.ForeignKey(Division, models.PROTECT, related_name="sweeps")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = Scoped.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "division"], name="one_sweep_a_village"),
            models.CheckConstraint(
                name="closed_sweep_has_who",
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id}/{self.division_id}"


class Release(models.Model):
    """A household taken off an event's list without a visit, by whom and why. It can still report."""

    SCOPE: ClassVar[str] = "household__division_id"

    event = models.ForeignKey(Event, models.PROTECT, related_name="releases")
    household = models.ForeignKey(Household, models.PROTECT, related_name="releases")
    reason = models.CharField(max_length=30)  # below_harm, low_risk_informed, moved_away
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = Scoped.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "household"], name="one_release_a_household_and_event")]

    def __str__(self) -> str:
        return f"{self.event_id}/{self.household_id} {self.reason}"
