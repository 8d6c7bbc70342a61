"""A determination of an event, and what each department says to it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from anlan.county.office.models import Department, User
from anlan.county.sense.models import Event


class Determination(models.Model):
    """One event put before departments. Concluded, it says whether nature did it, and in which divisions."""

    PERSONAL: ClassVar = {"minutes": "text"}

    event = models.OneToOneField(Event, models.PROTECT, related_name="determination")
    called_at = models.DateTimeField()
    called_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    natural = models.BooleanField(null=True)
    codes = models.JSONField(default=list)  # the divisions it struck, twelve digits
    minutes = models.TextField(blank=True)
    concluded_at = models.DateTimeField(null=True)
    concluded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="concluded_has_who_what_and_minutes",
                condition=Q(concluded_at__isnull=True, concluded_by__isnull=True, natural__isnull=True)
                | Q(concluded_at__isnull=False, concluded_by__isnull=False, natural__isnull=False) & ~Q(minutes=""),
            )
        ]

    def __str__(self) -> str:
        return f"determination of {self.event_id}"


class Opinion(models.Model):
    """What one department says. It runs under the department's own clock until it is given."""

    PERSONAL: ClassVar = {"said": "text"}

    determination = models.ForeignKey(Determination, models.PROTECT, related_name="opinions")
    department = models.ForeignKey(Department, models.PROTECT, related_name="+")
    natural = models.BooleanField(null=True)
    said = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(null=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["department_id"]
        constraints = [
            models.UniqueConstraint(fields=["determination", "department"], name="one_opinion_a_department"),
            models.CheckConstraint(
                name="an_opinion_has_who_when_and_words",
                condition=Q(at__isnull=True, by__isnull=True, natural__isnull=True)
                | Q(at__isnull=False, by__isnull=False, natural__isnull=False) & ~Q(said=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department_id} on {self.determination_id}"
