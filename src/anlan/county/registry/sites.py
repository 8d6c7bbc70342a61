"""Places of the county that are no household: shelters, who goes to which by which way, and schools."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from anlan.county.office.models import Division, Scoped, ScopedAndDated
from anlan.county.sealed import SealedField

SCHOOLS = ("school", "kindergarten")


class Shelter(models.Model):
    """Where people go when they must leave their houses. What is closed is kept."""

    SCOPE: ClassVar[str] = "division_id"

    code = models.CharField(primary_key=True, max_length=30)
    division = models.ForeignKey(Division, models.PROTECT, related_name="shelters")  # the village or township it is in
    name = models.CharField(max_length=40)
    short = models.CharField(max_length=12)  # what a short message calls it where the name does not fit
    capacity = models.PositiveIntegerField(null=True)  # people
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    closed_on = models.DateField(null=True)

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["division", "name"], name="one_shelter_of_a_name"),
            models.CheckConstraint(
                name="a_shelters_point_has_both_coordinates",
                condition=Q(lon__isnull=True, lat__isnull=True) | Q(lon__isnull=False, lat__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Assignment(models.Model):
    """A village, or one of its groups (0: every group that has none of its own), goes to a shelter by a way."""

    SCOPE: ClassVar[str] = "division_id"

    division = models.ForeignKey(Division, models.PROTECT, related_name="assignments")
    group_no = models.PositiveSmallIntegerField(default=0)
    shelter = models.ForeignKey(Shelter, models.PROTECT, related_name="assignments")
    route = models.CharField(max_length=60, blank=True)
    since = models.DateField()
    until = models.DateField(null=True)

    objects = ScopedAndDated.as_manager()

    class Meta:
        ordering = ["division_id", "group_no", "since"]
        constraints = [
            models.UniqueConstraint(
                fields=["division", "group_no"], condition=Q(until__isnull=True), name="one_shelter_at_a_time"
            ),
            models.CheckConstraint(
                name="an_assignment_ends_after_it_begins", condition=Q(until__isnull=True) | Q(until__gt=F("since"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.division_id}/{self.group_no} → {self.shelter_id}"


class School(models.Model):
    """A school or a kindergarten with the telephone somebody answers."""

    SCOPE: ClassVar[str] = "division_id"
    PERSONAL: ClassVar = {"phone": "phone"}

    division = models.ForeignKey(Division, models.PROTECT, related_name="schools")  # the village or township it is in
    name = models.CharField(max_length=40)
    kind = models.CharField(max_length=12, choices=[(kind, kind) for kind in SCHOOLS], default="school")
    phone = SealedField(max_length=20, blank=True)
    pupils = models.PositiveIntegerField(null=True)
    closed_on = models.DateField(null=True)

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["division_id", "name"]
        constraints = [models.UniqueConstraint(fields=["division", "name"], name="one_school_of_a_name")]

    def __str__(self) -> str:
        return self.name
