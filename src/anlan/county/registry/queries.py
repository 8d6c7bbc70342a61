"""Questions to the registry about single households; lists are in `finding.py`, whole columns in `columns.py`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _

from anlan.county.errors import NotFound
from anlan.county.office.models import Division, Scoped, User
from anlan.county.registry.batches import Batch, Change, Mapping
from anlan.county.registry.columns import Columns, columns
from anlan.county.registry.models import Address, Category, Deed, Household, Person
from anlan.county.registry.places import Village
from anlan.county.registry.rules import SERIAL_DIGITS
from anlan.engine.values.divisions import after

__all__ = [
    "Columns", "addresses", "batches", "by_id_number", "by_ids", "columns", "deeds_of", "enrolled", "history_of",
    "mapping_named", "mapping_of", "merged_rows", "names_of", "next_serial", "open_categories", "present_code",
    "townships_of", "villages", "villages_of",
]  # fmt: skip


def by_ids(ids: Iterable[int]) -> dict[int, Household]:
    """Households by id, bare; missing ids are left out."""
    found = Household.objects.filter(pk__among=set(ids)).only("id", "code", "division_id", "location")
    return {each.pk: each for each in found}


def open_categories(households: Iterable[int]) -> dict[tuple[int, str], Category]:
    """The categories these households are in with no end set, by household and kind."""
    held = Category.objects.filter(household_id__among=set(households), until__isnull=True)
    return {(each.household_id, each.kind): each for each in held}


def by_id_number(numbers: Iterable[str]) -> dict[str, int]:
    """Household id by ID number; unknown numbers are left out. A number in two households names the first by code."""
    people = Person.objects.filter(id_number__among=set(numbers)).order_by("-household__code")
    return dict(people.values_list("id_number", "household_id"))


def next_serial(village: str) -> int:
    """The serial after the last one given in a village."""
    given = Household.every.filter(code__gte=village, code__lt=after(village)).aggregate(last=Max("code"))["last"]
    former = Address.objects.filter(code__gte=village, code__lt=after(village)).aggregate(last=Max("code"))["last"]
    last = max(given or "", former or "")  # the code of a household that moved away is nobody else's
    return int(last[len(village) :][:SERIAL_DIGITS]) + 1 if last else 1


def villages() -> list[Village]:
    """Every village with its township's name."""
    named = Division.objects.filter(level="village").order_by("code").values_list("code", "name", "parent__name")
    return [Village(code, name, township or "") for code, name, township in named]


def enrolled(codes: Iterable[str]) -> set[str]:
    """Which of these household codes are in the registry."""
    return set(Household.objects.filter(code__among=set(codes)).values_list("code", flat=True))


def townships_of(user: User) -> QuerySet[Division]:
    """The townships this person may look into, for the list's filter."""
    return Division.objects.filter(level="township").visible_to(user)


def villages_of(user: User, township: str) -> QuerySet[Division]:
    """The villages of a township this person may look into, for the list's filter."""
    return Division.objects.filter(level="village", parent=township).visible_to(user).order_by("code")


def mapping_named(name: str) -> Mapping | None:
    """A department's saved column names; None for no name. Refused where nobody saved any under it."""
    if not name:
        return None
    found = Mapping.objects.filter(name=name).first()
    if found is None:
        raise NotFound(_("没有名为“%(name)s”的列名对照。") % {"name": name})
    return found


def mapping_of(user: User) -> Mapping | None:
    """The column names that this person's department saved, the latest; None where it saved none."""
    departments = user.departments()
    return Mapping.objects.filter(department__in=departments).order_by("-updated_at").first() if departments else None


def batches(user: User) -> Scoped[Batch]:
    """The imports this person may see, the latest first."""
    return Batch.objects.visible_to(user).select_related("by", "undone_by")


def history_of(household: Household) -> QuerySet[Change]:
    """Every change of a household's fields, the latest first; those of imports that were taken back are marked so."""
    return Change.objects.filter(code__in=names_of(household)).select_related("batch").order_by("-id")


def names_of(household: Household) -> list[str]:
    """The household's code, those it had in other villages, and those of households merged into it."""
    mine = merged_rows(household)
    codes = Household.every.filter(pk__in=mine).exclude(pk=household.pk).order_by("code").values_list("code", flat=True)
    former = Address.objects.filter(household__in=mine).exclude(code="").order_by("code")
    return list(dict.fromkeys([household.code, *codes, *former.values_list("code", flat=True)]))


def merged_rows(household: Household) -> list[int]:
    """The ids of a household and of all that were merged into it, also by way of others."""
    found, ahead = [household.pk], [household.pk]
    while ahead:
        ahead = list(Household.every.filter(merged_into__in=ahead).order_by("pk").values_list("pk", flat=True))
        found += ahead
    return found


def present_code(code: str) -> str | None:
    """Under which code a household stands now that had this one, or was merged; None where nobody had it."""
    found = Household.every.filter(code=code).select_related("merged_into").first()
    if found is None:
        former = Address.objects.filter(code=code).select_related("household__merged_into").first()
        found = former.household if former is not None else None
    while found is not None and found.merged_into is not None:
        found = found.merged_into
    return found.code if found is not None else None


def deeds_of(household: Household) -> QuerySet[Deed]:
    """What happened in a household's life, the latest first."""
    about = Q(household=household) | Q(other=household)
    return Deed.objects.filter(about).select_related("household", "other", "by", "undone_by").order_by("-id")


@dataclass(frozen=True, slots=True)
class Period:
    """An address and the days it held; open ends are None."""

    address: str
    since: date | None
    until: date | None


def addresses(household: Household) -> list[Period]:
    """Where a household lived, the present address last."""
    past = [Period(each.address, each.since, each.until) for each in household.addresses.order_by("until", "id")]
    return [*past, Period(household.address, past[-1].until if past else None, None)]
