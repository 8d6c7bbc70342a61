"""What if? Who would be proposed under one set of rules and not under another, by category and township."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from anlan.county.decide.rules import PROPOSED
from anlan.county.decide.tables.households import Known, known
from anlan.county.decide.tables.trials import supposing
from anlan.county.decide.tables.wordings import county_book
from anlan.county.office.models import Division, User
from anlan.county.registry.models import Household
from anlan.engine import policy
from anlan.engine.policy import tables
from anlan.engine.policy.tables import Rules
from anlan.engine.values.divisions import full

TABLES = ("income", "axes", "identification", "category")
UNKNOWN = "unknown"
NONE = "none"
TOWNSHIP = 9  # digits


@dataclass(frozen=True, slots=True)
class Township:
    """How many households of a township one set of rules would take in that the other would not, and let go."""

    code: str
    name: str
    enters: int
    leaves: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sets of rules over the households that one person may see. Counts alone; nobody is named.

    `before` and `after`: households by category, `none` where nothing speaks for taking them in, `unknown` where
    that cannot be told (with what is known, neither in nor out). `enters`, `leaves`: by the category they would come
    into, or had; `moves`: from one category into another.
    """

    households: int
    before: dict[str, int]
    after: dict[str, int]
    enters: dict[str, int]
    leaves: dict[str, int]
    moves: dict[str, int]
    townships: list[Township]


def compare(user: User, before: Rules, after: Rules) -> Comparison:
    """Hold two sets of rules against each other over this person's households, as known on the first's day."""
    found = known(Household.objects.visible_to(user), before.policy)
    (old, proposed_before), (new, proposed_after) = _answers(before, found), _answers(after, found)
    enters, leaves = proposed_after & ~proposed_before, proposed_before & ~proposed_after
    moved = proposed_before & proposed_after & (old != new)
    pairs = (f"{one}>{other}" for one, other in zip(old[moved], new[moved], strict=True))
    return Comparison(
        households=len(found), before=_counted(old), after=_counted(new), enters=_counted(new[enters]),
        leaves=_counted(old[leaves]), moves=dict(sorted(Counter(pairs).items())),
        townships=_townships(found, enters, leaves),
    )  # fmt: skip


def tried(user: User, on: date, against: date, changes: Mapping[str, float]) -> Comparison:
    """The rules of one day held against those of another with some figures changed."""
    book = county_book()
    after = policy.on(against)
    changed = supposing(after, changes) if changes else after
    return compare(user, tables.on(policy.on(on), book), tables.on(changed, book))


@dataclass(frozen=True, slots=True)
class Told:
    """A comparison in words: households by category before and after, who enters, who leaves, by township."""

    households: int
    categories: list[tuple[str, int, int]]
    enters: list[tuple[str, int]]
    leaves: list[tuple[str, int]]
    townships: list[Township]


def told(found: Comparison) -> Told:
    """A comparison as a page shows it."""
    rows = [
        (str(word), found.before.get(key, 0), found.after.get(key, 0)) for key, word in PROPOSED.items()
    ]  # fmt: skip
    enters, leaves = (
        [(str(PROPOSED[key]), number) for key, number in part.items()] for part in (found.enters, found.leaves)
    )
    return Told(found.households, rows, enters, leaves, found.townships)


def _answers(rules: Rules, found: Known) -> tuple[Any, Any]:
    """By household the category, and whether it would be proposed.

    The category of one that would be proposed may be unknown all the same: then a person chooses.
    """
    answers = rules.columns(found.columns, TABLES, len(found))
    names = np.array([UNKNOWN, NONE, *rules.results("category")[1:]])
    return names[answers["category"].astype(int) + 1], answers["identification"] == 2


def _counted(names: Any) -> dict[str, int]:
    values, numbers = np.unique(names, return_counts=True)
    return {str(value): int(number) for value, number in zip(values, numbers, strict=True)}


def _townships(found: Known, enters: Any, leaves: Any) -> list[Township]:
    changed = enters | leaves
    codes = np.array([code[:TOWNSHIP] for code in found.codes])[changed]
    coming, going = Counter(codes[enters[changed]].tolist()), Counter(codes[leaves[changed]].tolist())
    towns = sorted({*coming, *going})
    names = dict(Division.objects.filter(code__in=[full(each) for each in towns]).values_list("code", "name"))
    return [Township(full(each), names.get(full(each), ""), coming[each], going[each]) for each in towns]
