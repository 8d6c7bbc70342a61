"""Warnings and whom they are for."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from anlan.county.dispatch.models import Message
from anlan.county.office.models import Division, Scoped, User
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
    cancellation = models.CharField(
        max_length=70, blank=True
    )  # what those who got it are told, should it be taken back
    clears = models.ForeignKey("self", models.PROTECT, null=True, related_name="all_clears")  # it says that one is over
    edited = models.BooleanField(default=False)  # the words are no longer those of the approved template
    state = models.CharField(max_length=12, default="draft")
    drafted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    asked = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # the approver whose turn it is
    asked_at = models.DateTimeField(null=True)
    objections = models.JSONField(default=list)  # why it does not go out by itself: keys of engine.audience.release
    green_at = models.DateTimeField(null=True)  # when the green channel's rules let it go
    hold_until = models.DateTimeField(null=True)
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
                condition=Q(released_at__isnull=True) | Q(approved_at__isnull=False) | Q(green_at__isnull=False),
            ),
            models.CheckConstraint(
                name="asked_has_who_and_when",
                condition=Q(asked__isnull=True, asked_at__isnull=True) | Q(asked__isnull=False, asked_at__isnull=False),
            ),
            models.CheckConstraint(
                name="held_says_until_when", condition=~Q(state="held") | Q(hold_until__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Target(models.Model):
    """A household a warning is for. Without a phone it stays in the denominator."""

    SCOPE: ClassVar[str] = "household__division_id"
    PERSONAL: ClassVar = {"acknowledged_by": "username", "acknowledged_place": "text"}

    warning = models.ForeignKey(Warning, models.PROTECT, related_name="targets")
    household = models.ForeignKey(Household, models.PROTECT, related_name="targets")
    tier = models.PositiveSmallIntegerField()  # 0 goes first
    group = models.CharField(max_length=20)  # the key group it counts under, or "general"
    message = models.ForeignKey(Message, models.PROTECT, null=True, related_name="targets")
    call = models.ForeignKey(Message, models.PROTECT, null=True, related_name="called")  # the telephone call after it
    second = models.ForeignKey(
        Message, models.PROTECT, null=True, related_name="+"
    )  # to its second contact, once silent
    rung = models.PositiveSmallIntegerField(default=0)  # how far up the ladder it went unanswered
    next_at = models.DateTimeField(null=True)  # when the next rung has its turn
    heard_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_how = models.CharField(max_length=20, blank=True)  # reply, key, page, cadre
    acknowledged_by = models.CharField(max_length=60, blank=True)
    acknowledged_place = models.CharField(max_length=60, blank=True)  # where a cadre found them
    safe_at = models.DateTimeField(null=True)

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
        indexes = [
            models.Index(fields=["warning", "tier"], name="target_tier"),
            models.Index(fields=["next_at"], name="target_due",
                         condition=Q(next_at__isnull=False, acknowledged_at__isnull=True)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.warning_id}/{self.household_id}"


class Remark(models.Model):
    """What a household wrote back that no program may act on: somebody has to read it."""

    SCOPE: ClassVar[str] = "household__division_id"
    PERSONAL: ClassVar = {"text": "text", "read_by": "username"}

    household = models.ForeignKey(Household, models.PROTECT, related_name="remarks")
    text = models.TextField()
    said_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    read_by = models.CharField(max_length=60)

    objects = Scoped.as_manager()

    class Meta:
        indexes = [models.Index(fields=["said_at"], name="remark_unread", condition=Q(read_at__isnull=True))]
        constraints = [
            models.CheckConstraint(
                name="read_says_by_whom",
                condition=Q(read_at__isnull=True, read_by="") | Q(read_at__isnull=False) & ~Q(read_by=""),
            )
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.said_at}"


class Errand(models.Model):
    """Somebody's turn on the ladder: so many households of a division have not answered; call them."""

    SCOPE: ClassVar[str] = "division_id"

    warning = models.ForeignKey(Warning, models.PROTECT, related_name="errands")
    division = models.ForeignKey(Division, models.PROTECT)
    rung = models.PositiveSmallIntegerField()  # 2 cadre, 3 village, 4 township, 5 county
    holder = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # null: nobody holds this office
    households = models.PositiveIntegerField()
    at = models.DateTimeField()

    objects = Scoped.as_manager()

    class Meta:
        indexes = [models.Index(fields=["division", "at"], name="errand_place")]

    def __str__(self) -> str:
        return f"{self.warning} {self.division} {self.rung}"
