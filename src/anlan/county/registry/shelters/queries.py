"""Questions about shelters and schools: who goes where, how full it would be, which schools lie in these villages."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet, Sum

from anlan.county import clock
from anlan.county.office.models import Scoped, User
from anlan.county.registry.models import Household
from anlan.county.registry.sites import Assignment, School, Shelter
from anlan.engine.audience.closer import Refuge

Group = tuple[str, int]  # a village's code, and a group of it; 0 is the whole village


@dataclass(frozen=True, slots=True)
class Full:
    """A shelter, who is sent there today, and how many people that is."""

    shelter: Shelter
    ways: list[Assignment]
    people: int

    @property
    def over(self) -> int:
        """How many people more than it holds; 0 where that is not known."""
        return max(0, self.people - self.shelter.capacity) if self.shelter.capacity is not None else 0


def shelters(user: User) -> Scoped[Shelter]:
    """The shelters this person may see, those that are closed last."""
    found: Scoped[Shelter] = Shelter.objects.visible_to(user)
    ordered: Scoped[Shelter] = found.select_related("division__parent").order_by("closed_on", "code")
    return ordered


def schools(user: User) -> Scoped[School]:
    """The schools this person may see, those that are closed last."""
    found: Scoped[School] = School.objects.visible_to(user)
    ordered: Scoped[School] = found.select_related("division__parent").order_by("closed_on", "division_id", "name")
    return ordered


def filled(shown: Sequence[Shelter]) -> list[Full]:
    """These shelters with who is sent there today, and how many people that is."""
    held = Assignment.objects.on(clock.today()).filter(shelter__in=shown).select_related("division")
    ways: dict[str, list[Assignment]] = defaultdict(list)
    for each in held.order_by("division_id", "group_no"):
        ways[each.shelter_id].append(each)
    count = _people({each.division_id for found in ways.values() for each in found})
    return [
        Full(each, ways[each.code], sum(count[w.division_id, w.group_no] for w in ways[each.code])) for each in shown
    ]


def _people(villages: Iterable[str]) -> dict[Group, int]:
    """How many people each group of these villages sends, and each village as a whole: whoever has no other shelter."""
    of_their_own = set(_today(villages).exclude(group_no=0).values_list("division_id", "group_no"))
    counted: dict[Group, int] = defaultdict(int)
    living = Household.objects.filter(division__in=list(villages)).order_by().values_list("division_id", "group_no")
    for village, group_no, size in living.annotate(Sum("size")):
        counted[(village, group_no) if (village, group_no) in of_their_own else (village, 0)] += size
    return counted


def _today(villages: Iterable[str]) -> QuerySet[Assignment]:
    found: QuerySet[Assignment] = Assignment.objects.on(clock.today()).filter(division__among=list(villages))
    return found


def refuges(villages: Iterable[str]) -> dict[Group, Refuge]:
    """Where each of these villages' groups goes today; group 0 is every group that is not named."""
    found = _today(villages).filter(shelter__closed_on__isnull=True).select_related("shelter")
    return {
        (each.division_id, each.group_no): Refuge(each.shelter.name, each.shelter.short, each.route) for each in found
    }


def refuge(known: dict[Group, Refuge], village: str, group_no: int) -> Refuge | None:
    """Where a household goes: its group's own shelter, else its village's."""
    return known.get((village, group_no), known.get((village, 0)))


def past(shelter: Shelter) -> QuerySet[Assignment]:
    """Who was sent there before, the latest first."""
    found: QuerySet[Assignment] = shelter.assignments.filter(until__isnull=False).select_related("division")
    return found.order_by("-until", "division_id")


def schools_in(villages: Iterable[str]) -> list[School]:
    """The schools that are open in these villages, or in a township of theirs and in no village."""
    places = {*villages, *(f"{village[:9]}000" for village in villages)}
    return list(
        School.objects.filter(division__in=sorted(places), closed_on__isnull=True).order_by("division_id", "name")
    )
