"""Cases on their way through the statutory chain, each step kept, and the monitoring episodes they end in."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from anlan.county.office.models import Scoped, User
from anlan.county.registry.models import Household
from anlan.county.sense.models import Event
from anlan.county.verify.models import Finding


class Case(models.Model):
    """One household's way from finding to decision. States, owners and clocks: rules.py."""

    SCOPE: ClassVar[str] = "household__division_id"

    finding = models.OneToOneField(Finding, models.PROTECT, related_name="case")
    household = models.ForeignKey(Household, models.PROTECT, related_name="cases")
    event = models.ForeignKey(Event, models.PROTECT, related_name="cases")
    state = models.CharField(max_length=16, default="review")
    version = models.PositiveIntegerField(default=0)  # two reviewers at once: the later one is told
    opened_at = models.DateTimeField()
    lead_at = models.DateTimeField()  # t0 of the fifteen days
    green = models.BooleanField(default=False)
    proposal = models.JSONField(default=dict)  # the engine's assessment, with reasons and policy day
    policy_day = models.DateField()
    category = models.CharField(max_length=20, blank=True)
    reasons = models.JSONField(default=list)
    public_since = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    objects = Scoped.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="entered_has_category_and_reasons",
                condition=~Q(state="entered") | ~Q(category="") & ~Q(reasons=[]),
            ),
            models.CheckConstraint(name="not_confirmed_says_why", condition=~Q(state="not_confirmed") | ~Q(reasons=[])),
        ]
        indexes = [models.Index(fields=["state", "opened_at"], name="case_queue")]

    def __str__(self) -> str:
        return f"case {self.pk}"


class Step(models.Model):
    """One move of a case: from where to where, when, by whom, with which words."""

    SCOPE: ClassVar[str] = "case__household__division_id"
    PERSONAL: ClassVar = {"note": "text"}

    case = models.ForeignKey(Case, models.PROTECT, related_name="steps")
    before = models.CharField(max_length=16)
    after = models.CharField(max_length=16)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    against = models.BooleanField(default=False, db_default=False)  # it turned the engine's proposal around

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(name="against_says_why", condition=Q(against=False) | ~Q(note="")),
        ]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


class Episode(models.Model):
    """A household under monitoring, from the decision until its risk is cleared. A relapse is a new episode."""

    SCOPE: ClassVar[str] = "household__division_id"

    household = models.ForeignKey(Household, models.PROTECT, related_name="episodes")
    case = models.ForeignKey(Case, models.PROTECT, related_name="episodes")  # opened again, it may lead to another
    category = models.CharField(max_length=20)
    axes = models.JSONField(default=list)  # which P2 axes were broken
    entered_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)

    objects = Scoped.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(cleared_at__isnull=True),
                name="one_open_episode_a_household",
            )
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.category}"


class Wording(models.Model):
    """The county's own wording of a row of a decision table: drafted by one, signed by another, never changed after."""

    table = models.CharField(max_length=40)
    row = models.CharField(max_length=40)
    since = models.DateField()
    title = models.CharField(max_length=120)
    when = models.CharField(max_length=400)
    then = models.CharField(max_length=400)  # a result's code, or the formula of an amount
    basis = models.CharField(max_length=200)
    source = models.CharField(max_length=200)
    effect = models.JSONField(default=dict)  # what it would change, as it was drafted: cases, households in numbers
    drafted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    signed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["table", "row", "since", "id"]
        constraints = [
            models.CheckConstraint(
                name="a_signature_says_whose_and_when",
                condition=Q(signed_at__isnull=True, signed_by__isnull=True)
                | Q(signed_at__isnull=False, signed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="signed_or_dropped", condition=Q(signed_at__isnull=True) | Q(dropped_at__isnull=True)
            ),
            models.UniqueConstraint(
                fields=["table", "row"], name="one_draft_a_row",
                condition=Q(signed_at__isnull=True, dropped_at__isnull=True),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.table} {self.row} {self.since}"
