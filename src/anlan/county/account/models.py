"""Reports and balances as they were given out, what was foreseen held against what was found; each with its hash."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from anlan.county.foresee.models import Run
from anlan.county.office.models import Division, Scoped, User
from anlan.county.registry.models import Household
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


class Proof(models.Model):
    """The balance of an event as it was signed, with its hash. It stays when a later one is made.

    It is open again from the moment a household came in, or lost its disposition, that it does not have.
    """

    event = models.ForeignKey(Event, models.PROTECT, related_name="proofs")
    previous = models.OneToOneField("self", models.PROTECT, null=True, related_name="next")
    made_at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    exposed = models.PositiveIntegerField()
    disposed = models.JSONField()  # how many stand where
    open = models.JSONField()
    hashes = models.JSONField()  # of each village's lines
    sha = models.CharField(max_length=64)  # over these
    entry = models.BigIntegerField()  # how long the ledger was
    added = models.PositiveIntegerField(default=0)  # households that the previous one did not have
    reopened_at = models.DateTimeField(null=True)
    reopened_by = models.PositiveIntegerField(default=0)  # how many households it is open again for

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="a_proof_open_again_says_for_how_many",
                condition=Q(reopened_at__isnull=True, reopened_by=0) | Q(reopened_at__isnull=False, reopened_by__gt=0),
            )
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.sha[:12]}"


class ProofLine(models.Model):
    """A household in a signed balance, under the code and in the village it had then."""

    SCOPE: ClassVar[str] = "division_id"
    PERSONAL: ClassVar = {"code": "reference"}

    proof = models.ForeignKey(Proof, models.PROTECT, related_name="lines")
    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    code = models.CharField(max_length=20)
    division = models.ForeignKey(Division, models.PROTECT, related_name="+")
    where = models.CharField(max_length=20)
    since = models.DateTimeField(null=True)
    unit = models.CharField(max_length=60, blank=True)
    why = models.CharField(max_length=30, blank=True)
    due = models.DateTimeField(null=True)
    added = models.BooleanField(default=False)  # the proof before it did not have it

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["proof", "code"]
        constraints = [models.UniqueConstraint(fields=["proof", "household"], name="one_line_a_household")]

    def __str__(self) -> str:
        return f"{self.code} {self.where}"
