"""Visits, and the findings they end in."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from anlan.county.discover.models import Lead
from anlan.county.office.models import Scoped, User
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

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                name="an_absent_household_has_a_next_date",
                condition=~Q(outcome="absent") | Q(again_on__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.uuid} {self.outcome}"


class Finding(models.Model):
    """What was found at a harmed household: losses in yuan, and the seven axes the plan judges by."""

    SCOPE: ClassVar[str] = "lead__household__division_id"
    PERSONAL: ClassVar = {"match_notes": "text"}

    lead = models.OneToOneField(Lead, models.PROTECT, related_name="finding")
    visit = models.OneToOneField(Visit, models.PROTECT, related_name="finding")
    made_at = models.DateTimeField()
    losses_yuan = models.JSONField(default=dict)  # {"crop": …, "livestock": …, "home": …, "work": …}
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
