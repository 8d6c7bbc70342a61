"""Follow-up checks of households under monitoring, and the chain that clears them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from anlan.county.decide.models import Episode
from anlan.county.office.models import Scoped, User


class Check(models.Model):
    """A monthly look at a household under monitoring: the seven axes, and whether all of them hold."""

    SCOPE: ClassVar[str] = "episode__household__division_id"

    episode = models.ForeignKey(Episode, models.PROTECT, related_name="checks")
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    income_per_head_yuan = models.FloatField()  # over the past twelve months, as accounted that day
    broken = models.JSONField(default=list)  # the axes that do not hold
    holds = models.BooleanField()

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.UniqueConstraint(fields=["episode", "at"], name="one_check_a_moment")]

    def __str__(self) -> str:
        return f"{self.episode_id} {self.at:%Y-%m}"


class Clearance(models.Model):
    """One attempt to clear an episode, through the same chain as the decision. States: rules.py."""

    SCOPE: ClassVar[str] = "episode__household__division_id"

    episode = models.ForeignKey(Episode, models.PROTECT, related_name="clearances")
    state = models.CharField(max_length=16, default="visit")
    version = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField()
    public_since = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    how = models.CharField(max_length=12, blank=True)  # assisted (帮扶消除) or natural (自然消除)
    reasons = models.JSONField(default=list)

    objects = Scoped.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["episode"], condition=Q(closed_at__isnull=True), name="one_open_clearance"),
            models.CheckConstraint(name="cleared_says_how", condition=~Q(state="cleared") | ~Q(how="")),
        ]

    def __str__(self) -> str:
        return f"clearance of {self.episode_id}"


class Recheck(models.Model):
    """A cleared household drawn by lot (or by a rule) to be looked at once more, by somebody who had no hand in it."""

    SCOPE: ClassVar[str] = "clearance__episode__household__division_id"

    clearance = models.OneToOneField(Clearance, models.PROTECT, related_name="recheck")
    why = models.CharField(max_length=12)  # lot, early
    drawn_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    income_per_head_yuan = models.FloatField(null=True)
    broken = models.JSONField(default=list)
    holds = models.BooleanField(null=True)

    objects = Scoped.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_recheck_done_has_who_and_what",
                condition=Q(done_at__isnull=True, by__isnull=True, holds__isnull=True)
                | Q(done_at__isnull=False, by__isnull=False, holds__isnull=False, income_per_head_yuan__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"recheck of {self.clearance_id}"


class Step(models.Model):
    """One move of a clearance."""

    SCOPE: ClassVar[str] = "clearance__episode__household__division_id"
    PERSONAL: ClassVar = {"note": "text"}

    clearance = models.ForeignKey(Clearance, models.PROTECT, related_name="steps")
    before = models.CharField(max_length=16)
    after = models.CharField(max_length=16)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    note = models.CharField(max_length=300, blank=True)

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"
