"""Impact runs: every exposed household of an event, what is expected of it, and its place in the ranking."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from anlan.county.office.models import Division, Scoped
from anlan.county.registry.models import Household
from anlan.county.sense.models import Event


class Exposure(models.Model):
    """What stood where, as tables in files (`parquet.py`): `parts` has each township's digest."""

    digest = models.CharField(max_length=64, unique=True)  # of the parts' digests: the state of the registry
    made_at = models.DateTimeField()
    on = models.DateField()  # the day that crops' stages and people's ages are of
    households = models.PositiveIntegerField()
    assets = models.PositiveIntegerField()
    parts = models.JSONField()

    def __str__(self) -> str:
        return self.digest[:12]


class Run(models.Model):
    """One estimate for one event. The latest is the one that counts; older ones stay, to be compared."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="runs")
    made_at = models.DateTimeField()
    method = models.CharField(max_length=40)  # the engine's version, so an old run can be replayed
    policy_day = models.DateField()
    basis = models.CharField(max_length=12)  # alert (level only) or gauges
    households = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64)
    exposure = models.ForeignKey(Exposure, models.PROTECT, null=True, related_name="runs")
    members = models.PositiveSmallIntegerField(default=1)  # ways in which the hazard may come out
    hazards = models.BinaryField(null=True)  # the members' intensities by place (`members.py`)

    class Meta:
        ordering = ["-made_at", "-id"]

    def __str__(self) -> str:
        return f"{self.event} {self.made_at:%Y-%m-%d %H:%M}"


class Impact(models.Model):
    """One household in one run."""

    SCOPE: ClassVar[str] = "household__division_id"

    run = models.ForeignKey(Run, models.CASCADE, related_name="impacts")
    household = models.ForeignKey(Household, models.PROTECT, related_name="impacts")
    reach = models.CharField(max_length=10)  # polygon or division: what put it on the list
    confidence = models.FloatField()  # probability that it stands inside the area, 0..1
    severity = models.FloatField()  # hazard severity where it stands, 0..4
    loss_yuan = models.FloatField()
    income_per_head_yuan = models.FloatField()  # expected, over the coming twelve months
    p_below = models.FloatField()
    p_home = models.FloatField()
    p_water = models.FloatField()
    score = models.FloatField()
    group = models.CharField(max_length=20, default="general")  # the key group it is warned in, as of the run
    rank = models.PositiveIntegerField()
    # Expected losses by kind (yuan), and how far those of income scatter.
    crop_yuan = models.FloatField(default=0, db_default=0)
    livestock_yuan = models.FloatField(default=0, db_default=0)
    stock_yuan = models.FloatField(default=0, db_default=0)
    work_yuan = models.FloatField(default=0, db_default=0)
    house_yuan = models.FloatField(default=0, db_default=0)
    loss_sd_yuan = models.FloatField(default=0, db_default=0)
    # (a) is p_below, (c) p_home and p_water; (b): too little is left after spending that cannot be avoided.
    p_hardship = models.FloatField(default=0, db_default=0)
    # Were all curves as far off as they are in one case of ten.
    p_below_low = models.FloatField(default=0, db_default=0)
    p_below_high = models.FloatField(default=0, db_default=0)
    score_low = models.FloatField(default=0, db_default=0)
    score_high = models.FloatField(default=0, db_default=0)

    objects = Scoped.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "household"], name="one_impact_a_household"),
            models.CheckConstraint(
                name="impact_probabilities",
                condition=Q(p_below__range=(0, 1), p_home__range=(0, 1), p_water__range=(0, 1)),
            ),
        ]
        indexes = [models.Index(fields=["run", "rank"], name="impact_rank")]

    def __str__(self) -> str:
        return f"#{self.rank} {self.household_id}"


class Outlook(models.Model):
    """How many households of a village a run expects newly at risk, and the bounds of eight cases in ten."""

    SCOPE: ClassVar[str] = "division_id"

    run = models.ForeignKey(Run, models.CASCADE, related_name="outlooks")
    division = models.ForeignKey(Division, models.PROTECT, related_name="outlooks")
    households = models.PositiveIntegerField()
    expected = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()

    objects = Scoped.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "division"], name="one_outlook_a_village"),
            models.CheckConstraint(
                name="outlook_bounds", condition=Q(low__gte=0, low__lte=F("high"), high__lte=F("households"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.division_id} {self.expected:.1f}"


class Lesson(models.Model):
    """What the doors taught about a run until a moment (engine/outlook/doors.py). The latest is the one that counts."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="lessons")
    made_at = models.DateTimeField()
    visits = models.PositiveIntegerField()  # of the event, of any kind: other ones mean there is more to learn
    visited = models.PositiveIntegerField()
    found = models.PositiveIntegerField()
    places = models.JSONField()  # village code: found for one expected
    levels = models.JSONField()  # the same by level of the estimate, of the income, and of the share taken
    cut = models.FloatField()  # whose chance is at least this is worth a visit
    first = models.FloatField(default=0.0)  # and at least this: until the doors have taught more, they alone
    waiting = models.PositiveIntegerField()  # how many of them nobody has visited
    left = models.FloatField()  # how many at risk are expected at all doors not yet visited
    beyond = models.FloatField()  # and at those of them that are not worth a visit

    class Meta:
        ordering = ["-made_at", "-id"]

    def __str__(self) -> str:
        return f"{self.run} +{self.visited}"
