"""Looking people and households up by what is personal: one small function each, so that they can be switched alone."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from anlan.county.registry.models import Household, Person


def holders(numbers: Iterable[str]) -> dict[str, set[int]]:
    """The households in which somebody has one of these identity numbers, wherever they are."""
    return _owners(Person.objects.all(), "id_number", "household_id", numbers)


def subscribers(phones: Iterable[str]) -> dict[str, set[int]]:
    """The households with one of these telephone numbers, wherever they are."""
    return _owners(Household.objects.all(), "phone", "pk", phones)


def _owners(rows: Any, key: str, owner: str, wanted: Iterable[str]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    asked = rows.filter(**{f"{key}__among": {each for each in wanted if each}}).order_by()
    for value, household in asked.values_list(key, owner):
        found[value].add(household)
    return found
