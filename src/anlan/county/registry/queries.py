"""Questions to the registry about single households and lists of them; whole columns are in `columns.py`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Prefetch, QuerySet

from anlan.county import bulk
from anlan.county.office.models import Division, Scoped, User
from anlan.county.registry.columns import Columns, columns
from anlan.county.registry.models import Category, Household, Person
from anlan.county.registry.places import Village
from anlan.county.registry.rules import SERIAL_DIGITS
from anlan.engine.values.divisions import after

__all__ = [
    "PAGE", "Columns", "Page", "by_id_number", "by_ids", "columns", "enrolled", "next_serial", "open_categories",
    "page", "search", "townships_of", "villages",
]  # fmt: skip

PAGE = 50
COUNT_UP_TO = 1000


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
    last = Household.objects.filter(division_id=village).aggregate(last=Max("code"))["last"]
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


def search(user: User, *, words: str = "", township: str = "") -> Scoped[Household]:
    """Households this person may see, by the beginning of a code or a part of the head's name."""
    found = Household.objects.visible_to(user)
    if township:
        found = found.within(township)
    if words.isascii() and words.isdigit():
        return found.filter(code__gte=words, code__lt=after(words))
    return found.filter(head_name__contains=words) if words else found


@dataclass(frozen=True, slots=True)
class Page:
    """Up to fifty households in the order of their codes, and where the next page begins."""

    households: Sequence[Household]
    total: int  # counted no further than `COUNT_UP_TO`
    more: bool
    past: str  # where it begins; empty on the first page
    following: str  # the `past` of the next page; empty on the last

    @property
    def capped(self) -> bool:
        """Whether there are more than were counted."""
        return self.total > COUNT_UP_TO


def page(found: Scoped[Household], *, on: date, past: str = "") -> Page:
    """The fifty households past a code, each with its categories of a day in `held`.

    The place is a key and not a number, so late pages cost what early ones do.
    """
    rows = found.filter(code__gt=past) if past else found
    held = Prefetch("categories", Category.objects.on(on).order_by("kind"), to_attr="held")
    ahead = list(rows.select_related("division__parent").prefetch_related(held).order_by("code")[: PAGE + 1])
    shown = ahead[:PAGE]
    more = len(ahead) > PAGE
    total = found.order_by()[: COUNT_UP_TO + 1].count()
    return Page(shown, total, more, past, shown[-1].code if more else "")
