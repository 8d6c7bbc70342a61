"""Questions to the registry about single households; lists are in `finding.py`, whole columns in `columns.py`."""

from collections.abc import Iterable

from django.db.models import Max, QuerySet

from anlan.county import bulk
from anlan.county.office.models import Division, User
from anlan.county.registry.columns import Columns, columns
from anlan.county.registry.models import Category, Household, Person
from anlan.county.registry.places import Village
from anlan.county.registry.rules import SERIAL_DIGITS

__all__ = [
    "Columns", "by_id_number", "by_ids", "columns", "enrolled", "next_serial", "open_categories", "townships_of",
    "villages", "villages_of",
]  # fmt: skip


def by_ids(ids: Iterable[int]) -> dict[int, Household]:
    """Households by id, bare; missing ids are left out."""
    return {
        each.pk: each
        for chunk in bulk.chunks(sorted(ids))
        for each in Household.objects.filter(pk__in=chunk).only("id", "code", "division_id", "location")
    }


def open_categories(households: Iterable[int]) -> dict[tuple[int, str], Category]:
    """The categories these households are in with no end set, by household and kind."""
    return {
        (each.household_id, each.kind): each
        for chunk in bulk.chunks(sorted(households))
        for each in Category.objects.filter(household_id__in=chunk, until__isnull=True)
    }


def by_id_number(numbers: Iterable[str]) -> dict[str, int]:
    """Household id by ID number; unknown numbers are left out. A number in two households names the first by code."""
    return {
        number: household
        for chunk in bulk.chunks(sorted(set(numbers)))
        for number, household in Person.objects.filter(id_number__in=chunk)
        .order_by("-household__code")
        .values_list("id_number", "household_id")
    }


def next_serial(village: str) -> int:
    """The serial after the last one given in a village."""
    last = Household.objects.within(village).aggregate(last=Max("code"))["last"]
    return int(last[len(village) :][:SERIAL_DIGITS]) + 1 if last else 1


def villages() -> list[Village]:
    """Every village with its township's name."""
    named = Division.objects.filter(level="village").order_by("code").values_list("code", "name", "parent__name")
    return [Village(code, name, township or "") for code, name, township in named]


def enrolled(codes: Iterable[str]) -> set[str]:
    """Which of these household codes are in the registry."""
    return {
        code
        for chunk in bulk.chunks(sorted(codes))
        for code in Household.objects.filter(code__in=chunk).values_list("code", flat=True)
    }


def townships_of(user: User) -> QuerySet[Division]:
    """The townships this person may look into, for the list's filter."""
    return Division.objects.filter(level="township").visible_to(user)


def villages_of(user: User, township: str) -> QuerySet[Division]:
    """The villages of a township this person may look into, for the list's filter."""
    return Division.objects.filter(level="village", parent=township).visible_to(user).order_by("code")
