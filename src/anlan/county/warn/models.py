"""Warnings and whom they are for."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from anlan.county.dispatch.models import Message
from anlan.county.office.models import Scoped, User
from anlan.county.registry.models import Household
from anlan.county.sense.models import Event


class Warning(models.Model):  # noqa: A001 (the field's own word)
    """One text for one audience of one event, from draft to release or cancellation. States: rules.py."""

    PERSONAL: ClassVar = {"cancel_reason": "text"}

    event = models.ForeignKey(Event, models.PROTECT, related_name="warnings")
    code = models.CharField(max_length=60, unique=True)
    audience = models.CharField(max_length=20)  # a key of engine.audience
    level = models.PositiveSmallIntegerField()
    sms = models.CharField(max_length=70)
    voice = models.TextField()
    state = models.CharField(max_length=12, default="draft")
    drafted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=120, blank=True)
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["-drafted_at", "code"]
        constraints = [
            models.CheckConstraint(
                name="approved_has_who_and_when",
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
            ),
            models.CheckConstraint(
                name="four_eyes", condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("drafted_by"))
            ),
            models.CheckConstraint(
                name="released_was_approved",
                condition=Q(released_at__isnull=True) | Q(approved_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Target(models.Model):
    """A household a warning is for. Without a phone it stays in the denominator."""

    SCOPE: ClassVar[str] = "household__division_id"
    PERSONAL: ClassVar = {"acknowledged_by": "username"}

    warning = models.ForeignKey(Warning, models.PROTECT, related_name="targets")
    household = models.ForeignKey(Household, models.PROTECT, related_name="targets")
    tier = models.PositiveSmallIntegerField()  # 0 goes first
    group = models.CharField(max_length=20)  # the key group it counts under, or "general"
    message = models.ForeignKey(Message, models.PROTECT, null=True, related_name="targets")
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_how = models.CharField(max_length=20, blank=True)  # reply, cadre
    acknowledged_by = models.CharField(max_length=60, blank=True)

    objects = Scoped.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["warning", "household"], name="one_target_a_household"),
            models.CheckConstraint(
                name="acknowledged_says_how",
                condition=Q(acknowledged_at__isnull=True, acknowledged_how="")
                | Q(acknowledged_at__isnull=False) & ~Q(acknowledged_how=""),
            ),
        ]
        indexes = [models.Index(fields=["warning", "tier"], name="target_tier")]

    def __str__(self) -> str:
        return f"{self.warning_id}/{self.household_id}"
