"""Imports and what they changed: who, when, from which file, and what it was before."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from anlan.county.office.models import Department, Division, Scoped, User
from anlan.county.sealed import SealedField

STATES = ("received", "staged", "refused", "confirmed", "merged", "undone", "discarded")
DONE = ("merged", "undone")


class Mapping(models.Model):
    """What a department calls its columns, and which empty cells mean that a value is to be taken out."""

    name = models.CharField(max_length=60, unique=True)
    department = models.ForeignKey(Department, models.PROTECT, null=True)
    headings = models.JSONField(default=dict)  # heading in its normal form: our field, or empty to pass it over
    clears = models.JSONField(default=list)  # fields
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Batch(models.Model):
    """One file on its way into the register. `division` is whose register it may touch."""

    SCOPE: ClassVar[str] = "division_id"
    PERSONAL: ClassVar = {"file_name": "text"}

    division = models.ForeignKey(Division, models.PROTECT)
    file_name = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)
    mapping = models.ForeignKey(Mapping, models.PROTECT, null=True)
    state = models.CharField(max_length=10, choices=[(state, state) for state in STATES])
    by = models.ForeignKey(User, models.PROTECT, related_name="batches")
    at = models.DateTimeField()
    merged_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="undone_batches")
    undone_at = models.DateTimeField(null=True)
    rows = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)  # households
    changed = models.PositiveIntegerField(default=0)  # households
    unchanged = models.PositiveIntegerField(default=0)  # households
    refused = models.PositiveIntegerField(default=0)  # rows
    seen = models.CharField(max_length=64, blank=True)  # a digest of the differences that were shown
    reason = models.TextField(blank=True)  # why nothing of the file could be used
    ignored = models.JSONField(default=list)  # headings nobody knows, sheets passed over

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="an_undone_batch_says_by_whom_and_when",
                condition=Q(state="undone", undone_by__isnull=False, undone_at__isnull=False)
                | (~Q(state="undone") & Q(undone_by__isnull=True, undone_at__isnull=True)),
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.file_name}"


class Change(models.Model):
    """One field of one row before and after. No keys to what it describes: nothing can block or erase history.

    An empty `field` is a row that came into being. What is personal stands in columns of its own, to be sealed.
    """

    SCOPE: ClassVar[str] = "code"
    PERSONAL: ClassVar = {
        "code": "reference", "old": "change", "new": "change", "personal_old": "past", "personal_new": "past",
        "by": "username",
    }  # fmt: skip

    code = models.CharField(max_length=20)  # the household's
    table = models.CharField(max_length=12)
    row = models.BigIntegerField()
    field = models.CharField(max_length=24, blank=True)
    old = models.TextField(blank=True)  # JSON; empty where there was nothing
    new = models.TextField(blank=True)
    personal_old = SealedField(blank=True, default="")
    personal_new = SealedField(blank=True, default="")
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="changes")
    deed = models.ForeignKey("registry.Deed", models.PROTECT, null=True, related_name="changes")
    by = models.CharField(max_length=60)
    at = models.DateTimeField()

    objects = Scoped.as_manager()

    class Meta:
        indexes = [models.Index(fields=["code", "id"], name="change_household")]

    def __str__(self) -> str:
        return f"{self.code} {self.table}.{self.field}"
