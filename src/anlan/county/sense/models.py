"""Alerts as they came, observations, and the event that every later record belongs to."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from anlan.county.office.models import Division, Scoped, User

OPENING = frozenset({"Alert", "Update"})  # an event may be opened from these
SCREENING = "screening"  # no disaster: a month's comparison of departments' lists, which leads belong to all the same


class Alert(models.Model):
    """A CAP 1.2 alert, kept as it came, with what we read out of it and what is wrong with it."""

    PERSONAL: ClassVar = {"answer": "text"}

    source = models.CharField(max_length=120)  # the feed or the file's name
    identifier = models.CharField(max_length=200)
    sender = models.CharField(max_length=200)
    sent_at = models.DateTimeField()
    received_at = models.DateTimeField()
    status = models.CharField(max_length=12)
    msg_type = models.CharField(max_length=12)
    headline = models.CharField(max_length=300, blank=True)
    description = models.TextField(blank=True)
    hazard = models.CharField(max_length=40)  # a key of the hazard taxonomy
    level = models.PositiveSmallIntegerField(default=0)  # 0 unknown, 1 blue … 4 red
    onset_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    codes = models.JSONField(default=list)  # twelve-digit division codes
    polygons = models.JSONField(default=list)  # lists of [lon, lat]
    verdict = models.CharField(max_length=10)  # accepted, flagged
    findings = models.JSONField(default=list)
    hints = models.JSONField(default=list)  # codes of things to know with which nothing is wrong
    references = models.JSONField(default=list)  # identifiers it updates or cancels
    digest = models.CharField(max_length=64)
    raw = models.BinaryField()
    answer_by = models.DateTimeField(null=True)  # set where somebody must open an event or say why not
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answer = models.CharField(max_length=120, blank=True)  # the event's code, or why none was opened
    rung_at = models.DateTimeField(null=True)  # when somebody was last called for it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sender", "identifier", "digest"], name="one_copy_of_an_alert"),
            models.CheckConstraint(
                name="an_answer_has_its_person_and_words",
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, answer="")
                | Q(answer_by__isnull=False, answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer=""),
            ),
        ]
        indexes = [models.Index(fields=["identifier"], name="alert_identifier")]

    def __str__(self) -> str:
        return self.identifier


class Feed(models.Model):
    """A source of alerts that the settings name, and whether it still speaks. The name holds no password."""

    name = models.CharField(max_length=120, unique=True)
    asked_at = models.DateTimeField()
    heard_at = models.DateTimeField(null=True)  # when it last gave an answer
    failed = models.BooleanField(default=False)  # it gave none when it was last asked
    trouble = models.CharField(max_length=300, blank=True)  # the last thing that was wrong
    trouble_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Event(models.Model):
    """A disaster: opened from an alert or by hand. Every later record belongs to one or to none."""

    code = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=160)
    hazard = models.CharField(max_length=40)
    level = models.PositiveSmallIntegerField(default=0)
    opened_at = models.DateTimeField()
    issued_at = models.DateTimeField()  # when the upstream issued the signal; warning times count from here
    closed_at = models.DateTimeField(null=True)
    codes = models.JSONField(default=list)
    polygons = models.JSONField(default=list)
    exercise = models.BooleanField(default=False)
    alert = models.ForeignKey(Alert, models.PROTECT, null=True, related_name="events")

    class Meta:
        ordering = ["-opened_at", "code"]
        constraints = [
            models.CheckConstraint(name="event_level_is_0_to_4", condition=Q(level__gte=0, level__lte=4)),
        ]

    def __str__(self) -> str:
        return self.code


class Station(models.Model):
    """A gauge: rain, river level, soil moisture."""

    SCOPE: ClassVar[str] = "division_id"

    code = models.CharField(primary_key=True, max_length=30)
    name = models.CharField(max_length=60)
    division = models.ForeignKey(Division, models.PROTECT)
    element = models.CharField(max_length=20)  # rain_24h_mm, level_m, dry_days
    lon = models.FloatField()
    lat = models.FloatField()

    objects = Scoped.as_manager()

    def __str__(self) -> str:
        return self.name


class Observation(models.Model):
    """What a station read at a moment."""

    SCOPE: ClassVar[str] = "station__division_id"

    station = models.ForeignKey(Station, models.CASCADE, related_name="observations")
    at = models.DateTimeField()
    value = models.FloatField()

    objects = Scoped.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["station", "at"], name="one_reading_a_moment")]

    def __str__(self) -> str:
        return f"{self.station_id} {self.value:g}"
