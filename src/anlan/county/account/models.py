"""Reports as they were given out: an after-action report is kept, with its hash."""

from django.db import models

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
