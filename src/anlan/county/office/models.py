"""Who answers for what, where, until when."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, TypeVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from anlan.county import clock
from anlan.county.office.roles import ROLES
from anlan.county.sealed import SealedField, indexes
from anlan.engine.values.divisions import LEVELS, after, significant

M = TypeVar("M", bound=models.Model)
MACHINE = "anlan"


class Scoped(models.QuerySet[M]):
    """A queryset that knows where its rows' division stands, so that every query can be scoped.

    A model that uses it names that column in `SCOPE`, e.g. `household__division_id`.
    """

    def visible_to(self, user: User) -> Scoped[M]:
        """Only rows in the divisions this person holds an appointment for."""
        return self.within(*user.scopes())

    def update(self, **values: Any) -> int:
        """As Django's; a sealed value takes its blind indexes along."""
        derived = {each.attname: each.deriver()(values[each.of]) for each in indexes(self.model, values)}
        return super().update(**derived | values)

    def within(self, *divisions: str) -> Scoped[M]:
        """Only rows in these divisions or under them. No division, no rows."""
        path: str = self.model.SCOPE  # type: ignore[attr-defined]
        condition = Q(pk__in=[])
        for code in divisions:
            prefix = significant(code)
            condition |= Q(**{f"{path}__gte": prefix, f"{path}__lt": after(prefix)})
        return self.filter(condition)


class Division(models.Model):
    """An administrative division by its twelve-digit code; a village of the drill is `synthetic`."""

    SCOPE: ClassVar[str] = "code"

    code = models.CharField(primary_key=True, max_length=12)
    name = models.CharField(max_length=60)
    level = models.CharField(max_length=12, choices=[(level, level) for level in LEVELS])
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    outline = models.JSONField(null=True)  # GeoJSON geometry, for the map
    synthetic = models.BooleanField(default=False)
    remote = models.BooleanField(default=False)
    key_village = models.BooleanField(default=False)  # 重点帮扶村

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [models.CheckConstraint(name="division_code_is_12_digits", condition=Q(code__regex=r"^\d{12}$"))]

    def __str__(self) -> str:
        return self.name


class County(models.Model):
    """The county this installation serves. One row; `clock_at` is set where the county is a drill's."""

    division = models.OneToOneField(Division, models.PROTECT)
    synthetic = models.BooleanField(default=False)
    clock_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="only_a_synthetic_county_has_a_held_clock",
                condition=Q(clock_at__isnull=True) | Q(synthetic=True),
            )
        ]

    def __str__(self) -> str:
        return self.division.name


def holds_on(day: date) -> Q:
    """The condition of rows that hold from `since` until (not including) `until`."""
    return Q(since__lte=day) & (Q(until__isnull=True) | Q(until__gt=day))


class Dated(models.QuerySet[M]):
    """Rows that hold from a day until another."""

    def on(self, day: date) -> Dated[M]:
        """Only what held on this day."""
        return self.filter(holds_on(day))


class ScopedAndDated(Scoped[M]):
    """Rows that stand in a division and hold from a day until another."""

    def on(self, day: date) -> ScopedAndDated[M]:
        """Only what held on this day."""
        return self.filter(holds_on(day))


class Department(models.Model):
    """A department of the county, as data: they merge and are renamed."""

    key = models.SlugField(max_length=40, primary_key=True)
    name = models.CharField(max_length=60)
    since = models.DateField()
    until = models.DateField(null=True)
    successor = models.ForeignKey("self", models.PROTECT, null=True, related_name="predecessors")

    objects = Dated.as_manager()

    class Meta:
        ordering = ["key"]
        constraints = [
            models.CheckConstraint(
                name="department_ends_after_it_begins",
                condition=Q(until__isnull=True) | Q(until__gt=F("since")),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Users(BaseUserManager["User"]):
    """Making users; asking for them by username."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username=username)


class User(AbstractBaseUser):
    """A person with a log-in. What they may do comes from their appointments."""

    PERSONAL: ClassVar = {
        "username": "username", "name": "name", "phone": "phone", "email": "email", "password": "password",
    }  # fmt: skip

    username = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=60)
    phone = SealedField(max_length=20, blank=True)
    email = models.EmailField(blank=True)
    is_active = models.BooleanField(default=True)
    last_login = None  # logging in is a ledger line, not a column, and a GET cannot write

    objects = Users()
    USERNAME_FIELD = "username"

    def __str__(self) -> str:
        return self.name

    def current(self) -> list[Appointment]:
        """The appointments that hold today, read once."""
        if not hasattr(self, "_current"):
            self._current = list(
                Appointment.objects.on(clock.today()).filter(user=self).select_related("division", "department")
            )
        return self._current

    @property
    def is_machine(self) -> bool:
        """Whether this is the program itself, acting on a clock and not for a person."""
        return self.username == MACHINE

    def scopes(self) -> list[str]:
        """The division codes this person works for; empty for someone without an appointment."""
        if self.is_machine:
            return list(County.objects.values_list("division_id", flat=True))
        return sorted({appointment.division_id for appointment in self.current()})

    def departments(self) -> list[str]:
        """The departments this person is appointed to; none for whoever works for a place as a whole."""
        return list(dict.fromkeys(held.department_id for held in self.current() if held.department_id))

    def speaks_for(self, department: str) -> bool:
        """Whether this person acts for a department: as appointed to it, or to none in particular."""
        own = self.departments()
        return not own or department in own

    def may(self, permission: str, division: str | None = None) -> bool:
        """Whether a current appointment carries this permission, and covers this division."""
        return self.is_machine or any(
            permission in ROLES[held.role].permissions
            and (division is None or division.startswith(significant(held.division_id)))
            for held in self.current()
        )


class Guard(models.Model):
    """What the door remembers of a person: wrong guesses in a row, a lock, the secret shared with a telephone."""

    PERSONAL: ClassVar = {"secret": "secret"}

    user = models.OneToOneField(User, models.PROTECT, related_name="guard")
    failures = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    secret = SealedField(max_length=40, blank=True, default="")
    step = models.BigIntegerField(default=0)  # of the last code that was used, so that none is used twice

    def __str__(self) -> str:
        return str(self.user_id)


class Appointment(models.Model):
    """A person in a role, for a division, from a day until another."""

    SCOPE: ClassVar[str] = "division_id"

    user = models.ForeignKey(User, models.PROTECT, related_name="appointments")
    role = models.CharField(max_length=30)
    division = models.ForeignKey(Division, models.PROTECT)
    department = models.ForeignKey(Department, models.PROTECT, null=True)
    since = models.DateField()
    until = models.DateField(null=True)

    objects = ScopedAndDated.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "division"],
                condition=Q(until__isnull=True),
                name="one_open_appointment",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.role} {self.division}"


class Duty(models.Model):
    """A task of the plan: its clause, who leads, who supports, at which level someone holds it."""

    key = models.SlugField(max_length=40, primary_key=True)
    title = models.CharField(max_length=80)
    clause = models.CharField(max_length=10)
    level = models.CharField(max_length=12, choices=[(level, level) for level in LEVELS])
    lead = models.ForeignKey(Department, models.PROTECT, related_name="leads")
    supporting = models.ManyToManyField(Department, related_name="supports")

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.title


class Holder(models.Model):
    """The named person who answers for a duty in a division."""

    SCOPE: ClassVar[str] = "division_id"

    duty = models.ForeignKey(Duty, models.PROTECT, related_name="holders")
    division = models.ForeignKey(Division, models.PROTECT)
    user = models.ForeignKey(User, models.PROTECT)
    since = models.DateField()
    until = models.DateField(null=True)

    objects = ScopedAndDated.as_manager()

    def __str__(self) -> str:
        return f"{self.duty}: {self.user}"


class Clock(models.Model):
    """A duty running: which kind, on what, who owns it, when it is due, when it was stopped.

    `about` is `noun:identifier`, the same words as in the ledger. A `lower` clock is a minimum: stopping it
    before `due_at` is the breach; any other is a maximum.
    """

    SCOPE: ClassVar[str] = "division_id"

    kind = models.CharField(max_length=30)
    about = models.CharField(max_length=80)
    event_code = models.CharField(max_length=40, blank=True)
    division = models.ForeignKey(Division, models.PROTECT)
    unit = models.CharField(max_length=60)  # a department's key, or "village", "township", "county"
    lower = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)

    objects = Scoped.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "about"], name="one_clock_of_a_kind")]
        indexes = [
            models.Index(fields=["stopped_at", "due_at"], name="clock_due"),
            models.Index(fields=["event_code", "stopped_at"], name="clock_event"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"
