"""The household registry. A household is never dropped for lack of a point: its location has a confidence."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from anlan.county.office.models import Division, Scoped, ScopedAndDated, User
from anlan.county.registry.batches import Batch, Change, Mapping
from anlan.county.registry.mendings import Judging, Mending
from anlan.county.registry.sites import Assignment, School, Shelter

__all__ = [
    "CATEGORIES", "GONE", "KEY_GROUPS", "LOCATIONS", "MONITORED", "Address", "Assignment", "Batch", "Category",
    "Change", "Deed", "Distinct", "Holding", "Home", "Household", "Income", "Judging", "Mapping", "Mending", "Person",
    "School", "Shelter", "WaterSource",
]  # fmt: skip
from anlan.county.sealed import BlindIndex, SealedField

LOCATIONS = ("point", "group", "village", "area")
CATEGORIES = (
    "ex_poor", "subsistence", "destitute", "disabled", "low_income", "unstable", "marginal", "hardship",
)  # fmt: skip
MONITORED = ("unstable", "marginal", "hardship")
KEY_GROUPS = CATEGORIES
GONE = ("died", "left")
DEEDS = ("merge", "split", "reunite", "move", "death", "leave", "birth", "join")
PHONES = ("phone", "second_phone")  # of a household, not of a member
MASKED = (*PHONES, "id_number", "health")  # what is shown by role, or unmasked for a reason
REASONS = ("identity", "contact", "payment", "match", "complaint")  # what a person may unmask it for


class WaterSource(models.Model):
    """Where households draw their drinking water: a scheme, a well, a spring."""

    SCOPE: ClassVar[str] = "division_id"

    code = models.CharField(primary_key=True, max_length=30)
    division = models.ForeignKey(Division, models.PROTECT)
    kind = models.CharField(max_length=20)  # central, small_scheme, well, spring
    name = models.CharField(max_length=60)

    objects = Scoped.as_manager()

    def __str__(self) -> str:
        return self.name


class Standing(models.Manager.from_queryset(Scoped)):  # type: ignore[misc]  # made by the call
    """Households that stand: neither merged into another nor left by the last member."""

    def get_queryset(self) -> Scoped["Household"]:
        found: Scoped[Household] = super().get_queryset()
        return found.filter(merged_into__isnull=True, closed_on__isnull=True)


class Present(models.Manager.from_queryset(Scoped)):  # type: ignore[misc]  # made by the call
    """People who are in a household that stands."""

    def get_queryset(self) -> Scoped["Person"]:
        found: Scoped[Person] = super().get_queryset()
        return found.filter(gone_on__isnull=True, household__merged_into__isnull=True)


class Household(models.Model):
    """A rural household. `code` is the village's twelve digits and a serial, so it sorts and scopes by itself."""

    SCOPE: ClassVar[str] = "code"  # one index for what may be seen, for filtering by place and for the order
    PERSONAL: ClassVar = {
        "code": "reference", "head_name": "name", "names": "names", "address": "address", "phone": "phone",
        "second_phone": "phone", "lon": "place", "lat": "place", "disabled_mark": "health_mark",
    }  # fmt: skip

    code = models.CharField(max_length=20, unique=True)
    division = models.ForeignKey(Division, models.PROTECT, related_name="households")
    group_no = models.PositiveSmallIntegerField(default=1)  # 村民小组
    head_name = models.CharField(max_length=60)
    size = models.PositiveSmallIntegerField()
    address = models.CharField(max_length=120, blank=True)
    phone = SealedField(max_length=20, blank=True, index="phone_index")
    second_phone = SealedField(max_length=20, blank=True, index="second_index")  # of who else can tell them
    second_index = BlindIndex(of="second_phone", db_index=True)
    phone_index = BlindIndex(of="phone", db_index=True)
    phone_tail = BlindIndex(of="phone", tail=True, db_index=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    location = models.CharField(max_length=10, choices=[(kind, kind) for kind in LOCATIONS], default="village")
    water_source = models.ForeignKey(WaterSource, models.PROTECT, null=True, related_name="households")
    registered = models.BooleanField(default=True)  # False: known only from a report, not yet 在册
    labourers = models.PositiveSmallIntegerField(default=0)
    insured = models.BooleanField(default=False)
    names = models.TextField(blank=True)  # of all members, as they are searched (members.py)
    disabled_mark = models.BigIntegerField(default=0)  # tells who has the key whether a member is disabled (members.py)
    updated_at = models.DateTimeField()
    number = models.CharField(max_length=40, blank=True)  # another system's number for it, e.g. the national one's
    # Merged into another or left by everybody, it is hidden and kept: what other rooms hold on it still stands.
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged", db_index=False)
    closed_on = models.DateField(null=True)

    objects: ClassVar[Scoped["Household"]] = Standing()
    every: ClassVar[Scoped["Household"]] = Scoped.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["code"]
        indexes = [
            models.Index(fields=["code"], name="household_unplaced", condition=~Q(location="point")),
            models.Index(fields=["number"], name="household_number"),
            # Of the few that are merged alone, or every list would be sought among all that are not.
            models.Index(fields=["merged_into"], name="household_merged", condition=Q(merged_into__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                name="a_point_has_both_coordinates",
                condition=Q(lon__isnull=True, lat__isnull=True) | Q(lon__isnull=False, lat__isnull=False),
            ),
            models.CheckConstraint(
                name="a_located_household_has_coordinates",
                condition=~Q(location="point") | Q(lon__isnull=False),
            ),
            models.CheckConstraint(
                name="a_household_that_is_gone_is_not_registered",
                condition=Q(merged_into__isnull=True, closed_on__isnull=True) | Q(registered=False),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Person(models.Model):
    """A member of a household."""

    SCOPE: ClassVar[str] = "household__division_id"
    PERSONAL: ClassVar = {"name": "name", "id_number": "id_number", "sex": "sex", "born": "born", "health": "health"}

    household = models.ForeignKey(Household, models.CASCADE, related_name="people")
    name = models.CharField(max_length=60)
    id_number = SealedField(max_length=22, index="id_index")
    id_index = BlindIndex(of="id_number", db_index=True)
    sex = models.CharField(max_length=1)  # 男 is "m", 女 is "f"
    born = models.DateField()
    relation = models.CharField(max_length=20)  # head, spouse, child …
    health = SealedField(max_length=12, default="healthy")  # healthy, chronic, grave, disabled
    labour = models.CharField(max_length=12, default="ordinary")  # ordinary, skilled, weak, lost, none
    student = models.BooleanField(default=False)
    medically_insured = models.BooleanField(default=True)
    gone_on = models.DateField(null=True)
    gone = models.CharField(max_length=4, blank=True, db_default="", choices=[(each, each) for each in GONE])

    objects: ClassVar[Scoped["Person"]] = Present()
    every: ClassVar[Scoped["Person"]] = Scoped.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"{self.household_id}/{self.pk}"


class Home(models.Model):
    """The house a household lives in; `grade` is the last appraisal's A to D, empty where none was made."""

    SCOPE: ClassVar[str] = "household__division_id"

    household = models.OneToOneField(Household, models.CASCADE, related_name="home")
    structure = models.CharField(max_length=20)  # brick_concrete, brick_timber, adobe, timber
    storeys = models.PositiveSmallIntegerField(default=1)
    area_m2 = models.FloatField(default=0)
    built = models.PositiveSmallIntegerField(null=True)
    value_yuan = models.FloatField(default=0)
    grade = models.CharField(max_length=1, blank=True)

    objects = Scoped.as_manager()

    def __str__(self) -> str:
        return f"{self.structure} {self.grade}".strip()


class Holding(models.Model):
    """What a household lives from: a crop on so much land, a flock, a store of equipment."""

    SCOPE: ClassVar[str] = "household__division_id"

    household = models.ForeignKey(Household, models.CASCADE, related_name="holdings")
    kind = models.CharField(max_length=20)  # rice, rape, vegetables, fruit, pigs, poultry, equipment …
    quantity = models.FloatField()  # mu for crops, heads for animals
    value_yuan = models.FloatField()  # what a year of it brings in

    objects = Scoped.as_manager()

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity:g}"


class Income(models.Model):
    """A household's income over twelve months, in the parts the plan's accounting uses (yuan)."""

    SCOPE: ClassVar[str] = "household__division_id"

    household = models.OneToOneField(Household, models.CASCADE, related_name="income")
    until = models.DateField()  # the month's end that closes the twelve months
    wage_yuan = models.FloatField(default=0)
    business_yuan = models.FloatField(default=0)
    business_cost_yuan = models.FloatField(default=0)
    property_yuan = models.FloatField(default=0)
    transfer_yuan = models.FloatField(default=0)
    rigid_yuan = models.FloatField(default=0)  # 合规自付支出
    savings_yuan = models.FloatField(default=0)

    objects = Scoped.as_manager()

    def __str__(self) -> str:
        return f"{self.household_id} {self.until}"


class Category(models.Model):
    """A household in a policy category from a day until another (脱贫户, 低保, 监测对象 …)."""

    SCOPE: ClassVar[str] = "code"

    household = models.ForeignKey(Household, models.CASCADE, related_name="categories")
    kind = models.CharField(max_length=20)
    since = models.DateField()
    until = models.DateField(null=True)
    source = models.CharField(max_length=80, blank=True)
    code = models.CharField(max_length=20)  # the household's, so that a list of a category is one range of an index

    objects = ScopedAndDated.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="category_ends_after_it_begins",
                condition=Q(until__isnull=True) | Q(until__gt=F("since")),
            )
        ]
        indexes = [models.Index(fields=["kind", "code"], name="category_kind")]

    def __str__(self) -> str:
        return self.kind

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.code = self.household.code
        super().save(*args, **kwargs)


class Address(models.Model):
    """An address a household no longer has, with the days it held; the one it has stands in the household itself.

    `code` is the one it had there, where it moved to another village: the old code still finds it.
    """

    SCOPE: ClassVar[str] = "household__division_id"
    PERSONAL: ClassVar = {"address": "address"}

    household = models.ForeignKey(Household, models.CASCADE, related_name="addresses")
    address = models.CharField(max_length=120, blank=True)
    since = models.DateField(null=True)  # unknown for the first one
    until = models.DateField()
    code = models.CharField(max_length=20, blank=True, db_default="", db_index=True)

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["household", "until", "id"]

    def __str__(self) -> str:
        return f"{self.household_id} – {self.until}"


class Deed(models.Model):
    """What happened in the life of a household: merged, split, moved, a death, a birth. Its changes point here."""

    SCOPE: ClassVar[str] = "household__division_id"

    kind = models.CharField(max_length=8, choices=[(each, each) for each in DEEDS])
    household = models.ForeignKey(Household, models.PROTECT, related_name="deeds")
    other = models.ForeignKey(Household, models.PROTECT, null=True, related_name="other_deeds")
    on = models.DateField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    objects = Scoped.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="an_undone_deed_says_by_whom_and_when",
                condition=Q(undone_by__isnull=True, undone_at__isnull=True)
                | Q(undone_by__isnull=False, undone_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.household_id}"


class Distinct(models.Model):
    """Two households that were looked at and judged to be two; they are not asked about again."""

    SCOPE: ClassVar[str] = "first__division_id"

    first = models.ForeignKey(Household, models.PROTECT, related_name="+")  # the lower id
    second = models.ForeignKey(Household, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = Scoped.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="a_pair_is_judged_once"),
            models.CheckConstraint(name="a_pair_is_in_order", condition=Q(first__lt=F("second"))),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id}"
