"""What departments were asked for because of an event; a part of `models.py`, which names it to everybody."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from anlan.county.office.models import Department, Division, Scoped, User
from anlan.county.sense.models import Event


class ListRequest(models.Model):
    """A list that a department was asked for because of an event, by the department's own clock."""

    SCOPE: ClassVar[str] = "division_id"

    event = models.ForeignKey(Event, models.PROTECT, related_name="requests")
    source = models.CharField(max_length=40)  # a key of comparison/sources
    department = models.ForeignKey(Department, models.PROTECT, related_name="+")
    division = models.ForeignKey(Division, models.PROTECT, related_name="+")  # whose people it is about
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    batch = models.ForeignKey(
        "discover.Batch", models.PROTECT, null=True, related_name="+"
    )  # none: nobody is to be named

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["event", "source"], name="one_request_an_event_and_source"),
            models.CheckConstraint(
                name="an_answered_request_has_who_and_when",
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, batch__isnull=True)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id}/{self.source}"
