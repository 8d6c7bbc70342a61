"""What is wrong in the register, as tasks: somebody mends it by a day, or says that it is right as it stands."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from anlan.county.office.models import Scoped, User


class Mending(models.Model):
    """A household breaks a rule of data quality. It ends by itself once the rule holds again.

    `checked`: somebody looked, and what looked doubtful is so; it stands for as long as nothing about it changes.
    """

    SCOPE: ClassVar[str] = "household__code"
    PERSONAL: ClassVar = {"note": "text"}

    household = models.ForeignKey("registry.Household", models.CASCADE, related_name="mendings")
    rule = models.CharField(max_length=40)
    number = models.PositiveIntegerField()  # how often the household breaks it: so many members, say
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    ended_at = models.DateTimeField(null=True)

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["household", "rule"], condition=Q(ended_at__isnull=True), name="one_standing_mending_a_rule"
            ),
            models.CheckConstraint(
                name="a_checked_mending_says_by_whom_and_why",
                condition=Q(checked_at__isnull=True, checked_by__isnull=True, note="")
                | Q(checked_at__isnull=False, checked_by__isnull=False) & ~Q(note=""),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], name="mending_open", condition=Q(ended_at__isnull=True, checked_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.rule}"


class Judging(models.Model):
    """One time the register was held against the rules: all of it against all of them (`whole`), or less."""

    at = models.DateTimeField()
    whole = models.BooleanField()
    upto = models.BigIntegerField()  # the last change (by id) that it has seen
    households = models.PositiveIntegerField()
    opened = models.PositiveIntegerField()
    ended = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
