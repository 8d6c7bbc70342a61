"""The outbox. A message is written in the deed that causes it, and handed over after that deed has committed."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from anlan.county.sealed import SealedField


class Message(models.Model):
    """One text to one address. `key` makes it unique: the same message is never queued twice."""

    PERSONAL: ClassVar = {"address": "contact", "body": "text"}

    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=20)  # sms, voice, loudspeaker, email, list
    address = SealedField(max_length=120)  # mostly somebody's telephone number
    division_id = models.CharField(max_length=12)  # whose people it is about, for scope
    subject = models.CharField(max_length=120, blank=True)
    body = models.TextField()
    priority = models.PositiveSmallIntegerField(default=5)  # 0 goes first
    exercise = models.BooleanField(default=False)  # never leaves the machine
    created_at = models.DateTimeField()
    not_after = models.DateTimeField(null=True)
    claimed_by = models.CharField(max_length=40, blank=True)
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    handed_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=120, blank=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["priority", "id"], name="message_waiting",
                         condition=Q(handed_at__isnull=True, failed_at__isnull=True, cancelled_at__isnull=True)),
        ]  # fmt: skip
        constraints = [
            models.CheckConstraint(
                name="delivered_after_handed",
                condition=Q(delivered_at__isnull=True) | Q(delivered_at__gte=F("handed_at")),
            ),
            models.CheckConstraint(name="failed_says_why", condition=Q(failed_at__isnull=True) | ~Q(failure="")),
        ]

    def __str__(self) -> str:
        return self.key


class Segment(models.Model):
    """What a carrier took and named: its receipt will say that name. One that came before our own record of the
    hand-over, or is nobody's, has no message; it is kept and never guessed."""

    account = models.CharField(max_length=40)
    reference = models.CharField(max_length=80)
    message = models.ForeignKey(Message, models.PROTECT, null=True, related_name="segments")
    reported_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=120, blank=True)  # empty: it arrived, where it is reported at all

    class Meta:
        constraints = [models.UniqueConstraint(name="segment_named_once", fields=["account", "reference"])]

    def __str__(self) -> str:
        return f"{self.account} {self.reference}"


class Heard(models.Model):
    """What somebody said back: a short message or a piece of one, a key pressed, how long a call was listened to.

    Stored before the carrier hears that we have it, and taken up afterwards; never changed but for that.
    """

    PERSONAL: ClassVar = {"address": "contact", "text": "text"}

    account = models.CharField(max_length=40)
    reference = models.CharField(max_length=80)
    message = models.ForeignKey(Message, models.PROTECT, null=True, related_name="answers")
    address = SealedField(max_length=120)  # whose it is; empty where the message says so
    text = models.TextField()
    seconds = models.PositiveIntegerField(null=True)
    thread = models.CharField(max_length=20)  # which pieces are one text
    part = models.PositiveSmallIntegerField()
    parts = models.PositiveSmallIntegerField()
    said_at = models.DateTimeField()
    received_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12)  # what it was taken for, in the words of whoever took it

    class Meta:
        indexes = [models.Index(fields=["id"], name="heard_waiting", condition=Q(taken_at__isnull=True))]
        constraints = [
            models.UniqueConstraint(name="heard_once", fields=["account", "reference"]),
            models.CheckConstraint(
                name="taken_says_for_what",
                condition=Q(taken_at__isnull=True, outcome="") | Q(taken_at__isnull=False) & ~Q(outcome=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.reference}"


class Route(models.Model):
    """Which channel carries a kind of message in this county: a county without an SMS contract prints a list."""

    kind = models.CharField(max_length=20, primary_key=True)
    channel = models.CharField(max_length=20)

    def __str__(self) -> str:
        return f"{self.kind} → {self.channel}"


class Account(models.Model):
    """A contract with a carrier, as the dispatcher that holds it sees it. One dispatcher at a time may use it: two
    would send at twice its rate, and throw each other off the line."""

    channel = models.CharField(max_length=20)
    name = models.CharField(max_length=40)  # as in the file of accounts
    held_by = models.CharField(max_length=40, blank=True)
    held_until = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)  # when its dispatcher last looked
    up = models.BooleanField(null=True)  # null: nobody has tried
    seen_at = models.DateTimeField(null=True)  # when the carrier last answered anything, a heartbeat included
    handed_at = models.DateTimeField(null=True)  # when it last took a message
    trouble = models.CharField(max_length=120, blank=True)  # why it is not used, or only in part
    rate = models.PositiveIntegerField(default=0)  # segments a second by contract; 0: no limit
    allowed = models.PositiveIntegerField(default=0)  # what it is sent at now
    recent = models.PositiveIntegerField(default=0)  # segments in the second before `checked_at`

    class Meta:
        constraints = [models.UniqueConstraint(name="account_named_once", fields=["channel", "name"])]

    def __str__(self) -> str:
        return f"{self.channel} {self.name}"
