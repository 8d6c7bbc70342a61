"""Leads, their sources with their photos, village sweeps, releases from the list, and departments' lists."""

import json
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property

from anlan.county.discover.requested import ListRequest as ListRequest
from anlan.county.office.models import Department, Division, Scoped, User
from anlan.county.registry.models import Household, Person
from anlan.county.sealed import SealedField
from anlan.county.sense.models import Event


class Lead(models.Model):
    """A sign that an event hit a household. One per household and event, however many doors it came through."""

    SCOPE: ClassVar[str] = "household__division_id"

    event = models.ForeignKey(Event, models.PROTECT, related_name="leads")
    household = models.ForeignKey(Household, models.PROTECT, related_name="leads")
    state = models.CharField(max_length=12, default="open")
    priority = models.FloatField(default=0)  # larger goes first
    green = models.BooleanField(default=False)  # help first, formalities after
    opened_at = models.DateTimeField()
    taken_in_at = models.DateTimeField(null=True)
    taken_in_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, blank=True)
    news_at = models.DateTimeField(null=True)  # when a report last came in that said more, after the finding

    objects = Scoped.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "household"], name="one_lead_a_household_and_event"),
            models.CheckConstraint(
                name="closed_lead_has_an_outcome", condition=Q(closed_at__isnull=True) | ~Q(outcome="")
            ),
        ]
        indexes = [models.Index(fields=["state", "-priority"], name="lead_inbox")]

    def __str__(self) -> str:
        return f"{self.event_id}/{self.household_id}"


class Source(models.Model):
    """One report behind a lead: which door, who, what they said. `key` makes a repeated report harmless."""

    SCOPE: ClassVar[str] = "lead__household__division_id"
    PERSONAL: ClassVar = {"by": "username", "claim": "claim"}

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="sources")
    door = models.CharField(max_length=10)  # self, cadre, dept
    key = models.CharField(max_length=80, unique=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=60)
    claim = models.JSONField(default=dict)  # {"kinds": ["home", "crop" …], "loss_yuan": …, "text": …}

    objects = Scoped.as_manager()

    def __str__(self) -> str:
        return f"{self.door} {self.key}"


class Photo(models.Model):
    """A picture that came with a report. The file lies sealed beside the database; this row says which it is."""

    SCOPE: ClassVar[str] = "source__lead__household__division_id"
    PERSONAL: ClassVar = {"lon": "place", "lat": "place"}

    source = models.ForeignKey(Source, models.PROTECT, related_name="photos")
    file = models.CharField(max_length=32, unique=True)  # of hex digits, drawn at random
    kind = models.CharField(max_length=20)  # a key of registry.pictures.KINDS
    digest = models.CharField(max_length=64)
    taken_at = models.DateTimeField(null=True)  # as the camera wrote it into the file, like the place
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)

    objects = Scoped.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "digest"], name="one_photo_a_source_and_digest")]

    def __str__(self) -> str:
        return self.file


class Submission(models.Model):
    """That somebody without an account sent a report, for counting them: gone when the window is over."""

    SCOPE: ClassVar[str] = "village_id"

    village = models.ForeignKey(Division, models.PROTECT, related_name="+")
    origin = models.CharField(max_length=64, blank=True)  # a keyed digest of the network address
    at = models.DateTimeField()

    objects = Scoped.as_manager()

    class Meta:
        indexes = [models.Index(fields=["at"], name="submission_window")]

    def __str__(self) -> str:
        return f"{self.village_id} {self.at:%H:%M}"


class Sweep(models.Model):
    """A village to be gone through after an event, house by house, from the ranked list."""

    SCOPE: ClassVar[str] = "division_id"

    event = models.ForeignKey(Event, models.PROTECT, related_name="sweeps")
    division = models.ForeignKey(Division, models.PROTECT, related_name="sweeps")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = Scoped.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "division"], name="one_sweep_a_village"),
            models.CheckConstraint(
                name="closed_sweep_has_who",
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id}/{self.division_id}"


class Newcomer(models.Model):
    """A household that came to stand in an event's area after its run; written down, so that it stays."""

    SCOPE: ClassVar[str] = "household__division_id"

    event = models.ForeignKey(Event, models.PROTECT, related_name="newcomers")
    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = Scoped.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "household"], name="one_newcomer_a_household_and_event")
        ]

    def __str__(self) -> str:
        return f"{self.event_id}/{self.household_id}"


class Release(models.Model):
    """A household taken off an event's list without a visit, by whom and why. It can still report."""

    SCOPE: ClassVar[str] = "household__division_id"

    event = models.ForeignKey(Event, models.PROTECT, related_name="releases")
    household = models.ForeignKey(Household, models.PROTECT, related_name="releases")
    reason = models.CharField(max_length=30)  # a key of rules.RELEASES
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = Scoped.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "household"], name="one_release_a_household_and_event")]

    def __str__(self) -> str:
        return f"{self.event_id}/{self.household_id} {self.reason}"


class Inspection(models.Model):
    """What a check before or outside a disaster found, at a household or a place. It stays, lead or no lead."""

    SCOPE: ClassVar[str] = "division_id"
    PERSONAL: ClassVar = {"place": "address", "found": "text", "measure": "text"}

    kind = models.CharField(max_length=12)  # a key of rules.INSPECTIONS
    division = models.ForeignKey(Division, models.PROTECT, related_name="+")
    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="inspections")
    event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="+")
    place = models.CharField(max_length=120, blank=True)
    found = models.CharField(max_length=500)
    danger = models.BooleanField(default=False)  # to a household: then it is a lead
    leads = models.PositiveIntegerField(default=0)  # how many households that made leads of
    measure = models.CharField(max_length=200, blank=True)
    office = models.CharField(max_length=60)  # who checked
    on = models.DateField()
    due_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    key = models.CharField(max_length=64, unique=True)  # a keyed digest of the finding: the same again is the same
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = Scoped.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_measure_done_has_who_and_when",
                condition=Q(done_at__isnull=True, done_by__isnull=True)
                | Q(done_at__isnull=False, done_by__isnull=False),
            ),
            models.CheckConstraint(
                name="a_measure_demanded_has_a_day", condition=Q(measure="") | Q(due_at__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["division", "-on"], name="inspection_place")]

    def __str__(self) -> str:
        return f"inspection:{self.pk}"


# --- departments' lists compared with the register ---------------------------------------------------
class Batch(models.Model):
    """A department's list of a month: what it was made of and what became of it. Its rows go, this stays."""

    SCOPE: ClassVar[str] = "division_id"

    source = models.CharField(max_length=40)  # a key of comparison/sources
    department = models.ForeignKey(Department, models.PROTECT, related_name="+")
    division = models.ForeignKey(Division, models.PROTECT, related_name="+")  # whose people it was compared with
    month = models.DateField()  # its first day
    event = models.ForeignKey(Event, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)  # of the file
    received_at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    counts = models.JSONField(default=dict)  # rows, linked, by_rule, review, not_found, below_threshold, leads, merged
    refused = models.JSONField(default=list)  # [{sheet, row, column, reason}], never a cell
    delete_after = models.DateField()
    deleted_at = models.DateTimeField(null=True)

    objects = Scoped.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "division", "month", "event", "digest"], name="the_same_list_once"
            ),
        ]
        indexes = [models.Index(fields=["deleted_at", "delete_after"], name="batch_overdue")]

    def __str__(self) -> str:
        return f"{self.source} {self.month:%Y-%m}"


class ListRow(models.Model):
    """A line of a list as it was read, until its retention ends. `cells` is all it says, in one column."""

    SCOPE: ClassVar[str] = "batch__division_id"
    PERSONAL: ClassVar = {"cells": "listed"}

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="lines")
    number = models.PositiveIntegerField()  # as the sheet's margin shows it
    key = models.CharField(max_length=32)  # what it is known by next month
    fate = models.CharField(max_length=10)  # linked, review, not_found
    cells = SealedField(default="")  # JSON

    objects = Scoped.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="one_line_a_row")]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.number}"

    @cached_property
    def told(self) -> dict[str, Any]:
        """What the line says: `who` it is about, and what is `said` of them."""
        return dict(json.loads(self.cells))


class Link(models.Model):
    """A line of a list that is a person of the register, by which rule, and what was made of it. It stays."""

    SCOPE: ClassVar[str] = "household__division_id"

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="links")
    number = models.PositiveIntegerField()
    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    rule = models.CharField(max_length=40)
    precision = models.FloatField()
    reported = models.BooleanField(default=False)  # a lead came of it; else it lay below the threshold

    objects = Scoped.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="one_link_a_row")]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.number} {self.rule}"


class Pair(models.Model):
    """A line's key and a person: the same, or not the same, because somebody said so. Next month starts from it."""

    SCOPE: ClassVar[str] = "household__division_id"

    source = models.CharField(max_length=40)
    key = models.CharField(max_length=32)
    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    same = models.BooleanField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = Scoped.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "key", "person"], name="one_word_on_a_pair"),
            models.UniqueConstraint(fields=["source", "key"], condition=Q(same=True), name="one_person_a_key"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.pk}"


class Review(models.Model):
    """A line and a person who may be the same: a clerk decides, with both records side by side."""

    SCOPE: ClassVar[str] = "household__division_id"

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="reviews")
    number = models.PositiveIntegerField()
    key = models.CharField(max_length=32)
    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    rule = models.CharField(max_length=40)
    probability = models.FloatField()
    reasons = models.JSONField(default=list)  # what agrees and what does not, as codes
    decision = models.CharField(max_length=10, blank=True)  # same, different, unsure
    at = models.DateTimeField(null=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = Scoped.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "number", "person"], name="one_question_a_pair"),
            models.CheckConstraint(
                name="a_decision_has_who_and_when",
                condition=Q(decision="", at__isnull=True, by__isnull=True)
                | (~Q(decision="") & Q(at__isnull=False, by__isnull=False)),
            ),
        ]
        indexes = [models.Index(fields=["decision", "-probability"], name="review_queue")]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.number}"


class Statement(models.Model):
    """What a department's latest list says of a person on one topic; it goes when that list goes."""

    SCOPE: ClassVar[str] = "household__division_id"
    PERSONAL: ClassVar = {"value": "stated"}

    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="+")
    source = models.CharField(max_length=40)
    topic = models.CharField(max_length=12)  # alive, insured, disability, grade, village
    value = SealedField(max_length=12)
    said_on = models.DateField()
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="statements")

    objects = Scoped.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "source", "topic"], name="one_statement_a_topic")]

    def __str__(self) -> str:
        return f"{self.source} {self.topic}"
