"""Reports as they were given out, and what was foreseen held against what was found; each is kept, with its hash."""

from django.db import models

from anlan.county.foresee.models import Run
from anlan.county.sense.models import Event


class Report(models.Model):
    """An after-action report of an event, as it stood at a moment."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="reports")
    made_at = models.DateTimeField()
    body = models.JSONField()
    sha = models.CharField(max_length=64)

    class Meta:
        ordering = ["-made_at", "-id"]

    def __str__(self) -> str:
        return f"{self.event} {self.sha[:12]}"


class Hindsight(models.Model):
    """What a run foresaw, held against what was found, as it stood at a moment (`hindsight.py`)."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="hindsights")
    run = models.ForeignKey(Run, models.PROTECT, related_name="hindsights")
    made_at = models.DateTimeField()
    body = models.JSONField()
    sha = models.CharField(max_length=64)

    class Meta:
        ordering = ["-made_at", "-id"]

    def __str__(self) -> str:
        return f"{self.event} {self.sha[:12]}"
