"""Visits, the findings they end in, and what phones hand in from the field."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from anlan.county.discover.models import Lead
from anlan.county.office.models import Department, Scoped, User
from anlan.county.registry.models import Household
from anlan.county.sense.models import Event
from anlan.county.verify.consent.models import Consent
from anlan.county.verify.joint.models import Determination, Opinion

__all__ = ["Consent", "Determination", "Finding", "Opinion", "Visit"]


class Visit(models.Model):
    """One time a cadre stood at a door. `uuid` is made on the phone, so sending twice stores once."""

    SCOPE: ClassVar[str] = "lead__household__division_id"
    PERSONAL: ClassVar = {"note": "text"}

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="visits")
    uuid = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="visits")
    outcome = models.CharField(max_length=12)  # harmed, unharmed, absent, moved
    consent = models.BooleanField(
        default=False
    )  # 承诺授权查询书 signed, as the visitor says; the sheet itself: Consent
    note = models.CharField(max_length=300, blank=True)
    again_on = models.DateField(null=True)  # an absent household has a next date
    why = models.CharField(max_length=12, blank=True, default="", db_default="")  # nobody was met: rules.ABSENCES

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(name="only_an_absence_has_a_reason", condition=Q(why="") | Q(outcome="absent")),
            models.CheckConstraint(
                name="an_absent_household_has_a_next_date",
                condition=~Q(outcome="absent") | Q(again_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.uuid} {self.outcome}"


class Finding(models.Model):
    """What was found at a harmed household: losses in yuan, and the seven axes the plan judges by."""

    SCOPE: ClassVar[str] = "lead__household__division_id"
    PERSONAL: ClassVar = {"match_notes": "text", "details": "claim"}

    lead = models.OneToOneField(Lead, models.PROTECT, related_name="finding")
    visit = models.OneToOneField(Visit, models.PROTECT, related_name="finding")
    made_at = models.DateTimeField()
    losses_yuan = models.JSONField(default=dict)  # {"crop": …, "livestock": …, "home": …, "work": …}
    details = models.JSONField(default=dict)  # what was asked by cause, by the keys of causes.DETAILS; none is blank
    income_per_head_yuan = models.FloatField()  # over the coming twelve months, after the loss
    rigid_per_head_yuan = models.FloatField(default=0)
    food_secured = models.BooleanField(default=True)
    clothing_secured = models.BooleanField(default=True)
    schooling_secured = models.BooleanField(default=True)
    medical_secured = models.BooleanField(default=True)
    home_safe = models.BooleanField(default=True)
    water_safe = models.BooleanField(default=True)
    home_grade = models.CharField(max_length=1, blank=True)
    matched_at = models.DateTimeField(null=True)
    matched_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    match_notes = models.JSONField(default=list)

    objects = Scoped.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="matched_has_who_and_when",
                condition=Q(matched_at__isnull=True, matched_by__isnull=True)
                | Q(matched_at__isnull=False, matched_by__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"finding of {self.lead_id}"


class Enquiry(models.Model):
    """One department asked to look into its records about a household. It runs by the department's own clock."""

    SCOPE: ClassVar[str] = "finding__lead__household__division_id"
    PERSONAL: ClassVar = {"said": "text"}

    finding = models.ForeignKey(Finding, models.PROTECT, related_name="enquiries")
    department = models.ForeignKey(Department, models.PROTECT, related_name="+")
    topics = models.JSONField(default=list)  # keys of rules.TOPICS
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    differs = models.BooleanField(null=True)  # from what the visit found
    said = models.CharField(max_length=300, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["finding", "department"], condition=Q(answered_at__isnull=True), name="one_open_enquiry"
            ),
            models.CheckConstraint(
                name="an_answer_has_who_when_and_what",
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, differs__isnull=True)
                | Q(answered_at__isnull=False, answered_by__isnull=False, differs__isnull=False),
            ),
            models.CheckConstraint(name="what_differs_is_said", condition=~Q(differs=True) | ~Q(said="")),
        ]
        indexes = [models.Index(fields=["department", "answered_at"], name="enquiry_open")]

    def __str__(self) -> str:
        return f"enquiry:{self.pk}"


# --- from the field ------------------------------------------------------------------------------
class Device(models.Model):
    """A phone with which somebody goes from door to door, until it is revoked. `uuid` is made on the phone."""

    uuid = models.CharField(max_length=36)
    user = models.ForeignKey(User, models.PROTECT, related_name="devices")
    label = models.CharField(max_length=60, blank=True)  # what kind of phone it says it is
    made_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-seen_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["uuid", "user"], name="one_device_a_phone_and_user"),
            models.CheckConstraint(
                name="a_revoked_device_has_who_and_when",
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.uuid


class Submission(models.Model):
    """What a phone handed in about one door, once; `held` while an official must choose between two accounts."""

    SCOPE: ClassVar[str] = "household__division_id"
    PERSONAL: ClassVar = {"lon": "place", "lat": "place", "note": "text", "said": "claim", "explained": "text"}

    uuid = models.CharField(max_length=36, unique=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    event = models.ForeignKey(Event, models.PROTECT, related_name="+")
    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    visit = models.OneToOneField(Visit, models.PROTECT, null=True, related_name="submission")
    received_at = models.DateTimeField()  # by the server's clock
    phone_at = models.DateTimeField()  # by the phone's, as it was sent
    at = models.DateTimeField()  # what was made of the two
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    accuracy_m = models.FloatField(default=0)
    distance_m = models.FloatField(null=True)  # from the house, where both places are known
    flags = models.JSONField(default=list)
    state = models.CharField(max_length=10, default="stored")  # stored, held, settled
    said = models.JSONField(default=dict)  # outcome, consent, kinds, again_on, finding
    note = models.CharField(max_length=300, blank=True)
    conflicts = models.JSONField(default=list)  # [{field, base, now, sent}]
    explained = models.CharField(max_length=300, blank=True)  # why it was made so far from the house
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["received_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="a_settled_submission_has_who_and_when",
                condition=~Q(state="settled") & Q(settled_at__isnull=True, settled_by__isnull=True)
                | Q(state="settled", settled_at__isnull=False, settled_by__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["state", "received_at"], name="submission_held")]

    def __str__(self) -> str:
        return self.uuid


class Photo(models.Model):
    """A photograph of a submission: where and when it was taken. The picture itself lies sealed in a file."""

    SCOPE: ClassVar[str] = "submission__household__division_id"
    PERSONAL: ClassVar = {"lon": "place", "lat": "place"}

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="photos")
    number = models.PositiveSmallIntegerField()
    taken_at = models.DateTimeField()  # by the phone's clock, corrected as the visit's is
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    digest = models.CharField(max_length=64)
    size = models.PositiveIntegerField()  # bytes

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["submission", "number"]
        constraints = [models.UniqueConstraint(fields=["submission", "number"], name="one_photo_a_number")]

    def __str__(self) -> str:
        return f"{self.submission_id}/{self.number}"
