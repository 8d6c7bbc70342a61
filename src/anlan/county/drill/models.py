"""A drill's own memory: what was asked for, how far it has come, what it reported."""

from django.db import models


class Run(models.Model):
    """One drill in this database. `step` counts the phases that have committed; a killed drill goes on from it."""

    scenario = models.CharField(max_length=40)
    seed = models.BigIntegerField()
    households = models.PositiveIntegerField()
    request = models.JSONField(default=dict)  # everything that was asked for: the same request goes on
    step = models.PositiveIntegerField(default=0)
    memory = models.JSONField(default=dict)  # what players must remember between steps
    finished_at = models.DateTimeField(null=True)
    report = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"{self.scenario} {self.seed}"
