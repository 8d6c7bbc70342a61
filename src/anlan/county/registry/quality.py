"""The register judged by the rules of data quality: thousands of households at a time, memory flat however many."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import get_language
from numpy.typing import NDArray

from anlan.county import bulk, seal
from anlan.county.office.models import Division, Scoped
from anlan.county.registry import lookups
from anlan.county.registry.models import Category, Household, Income, Person
from anlan.engine import quality
from anlan.engine.quality import RULES, Found, Register, Roll, Rule

CHUNK = 10_000
HOUSEHOLD = ("id", "code", "division_id", "head_name", "size", "labourers", "phone", "location")
PERSON = (
    "household_id", "name", "id_number", "sex", "born", "relation", "health", "labour", "student", "medically_insured",
)  # fmt: skip
SUPPORTED = ("subsistence", "destitute")
Ints = NDArray[np.int64]
Facts = Callable[[Sequence[int]], Mapping[str, NDArray[np.bool_]]]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: the household's code, the member's number in it (None: the whole household), why."""

    household: str
    person: int | None
    rule: str
    reason: str


@dataclass(slots=True)
class Checked:
    """What came of a check: counts by rule and village, and the first findings, in the order of the codes."""

    households: int = 0
    people: int = 0
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)  # (rule, village)
    examples: list[Fault] = field(default_factory=list)

    @property
    def findings(self) -> int:
        """How many things are wrong."""
        return self.counts.total()

    def by_rule(self) -> dict[str, int]:
        """How often each rule is broken, in the rules' order; those nobody breaks are left out."""
        found: Counter[str] = Counter()
        for (rule, _village), count in self.counts.items():
            found[rule] += count
        return {key: found[key] for key in RULES if found[key]}


def rules_of(keys: Iterable[str] = (), facts: Collection[str] = ()) -> tuple[Rule, ...]:
    """These rules, or all of them, without those that need facts which neither the register nor the caller holds."""
    left_out, wanted = skipped(facts), set(keys)
    return tuple(rule for key, rule in RULES.items() if key not in left_out and (not wanted or key in wanted))


def skipped(facts: Collection[str] = ()) -> dict[str, list[str]]:
    """The rules that the register cannot judge with these facts of other rooms, and what each lacks."""
    return quality.skipped(facts, RULES.values())


def title(rule: Rule) -> str:
    """What a rule is called in the reader's language."""
    return rule.title if _chinese() else rule.title_en


def _reason(rule: Rule, figures: dict[str, int]) -> str:
    return (rule.reason if _chinese() else rule.reason_en).format(**figures)


def _chinese() -> bool:
    return (get_language() or "zh").startswith("zh")


def check(  # noqa: PLR0913 (which, when, by what, and how much is told)
    households: Scoped[Household], on: date, rules: Sequence[Rule] | None = None, *, whole: bool = False,
    first: int = 20, start: int = 0, facts: Facts | None = None,
) -> Checked:  # fmt: skip
    """Judge these households as they stand on a day; `first` findings of each rule past `start` are told singly.

    `facts` gives what other rooms know of some households, by id, as flags in their order.

    Who stands in another household, too, is looked for in the whole register, unless these are the `whole` of it.
    """
    asked, checked, seen = rules_of() if rules is None else tuple(rules), Checked(), Seen()
    shown: Counter[str] = Counter()
    villages = set(Division.objects.filter(level="village").values_list("code", flat=True))
    across = any(rule.looks_at == "register" for rule in asked)
    for chunk in bulk.pages(households, "code", HOUSEHOLD, CHUNK):
        people = _people([row[0] for row in chunk])
        roll = _roll(chunk, people, on, villages)
        if facts is not None:
            roll = replace(roll, facts=facts([row[0] for row in chunk]))
        if across:
            seen.add(chunk, people)
            if not whole:
                seen.look_around(chunk, people)
        checked.households += len(chunk)
        checked.people += len(people)
        codes, numbers = [row[1] for row in chunk], _numbers(roll.home)
        for found in quality.judge(roll, asked):
            _tell(checked, found, codes, numbers, shown, (start, first))
    if across and checked.households:
        numbers = _numbers(seen.homes())
        for found in quality.judge_register(seen.register(), asked):
            _tell(checked, found, seen.codes, numbers, shown, (start, first))
    return checked


def _tell(
    checked: Checked, found: Found, codes: Sequence[str], numbers: Ints, shown: Counter[str], window: tuple[int, int]
) -> None:
    """Count a rule's findings by village, and tell those in the window singly."""
    rule = RULES[found.rule]
    for home in found.home.tolist():
        checked.counts[found.rule, codes[home][:12]] += 1
    start, first = window
    begin = max(0, start - shown[found.rule])
    left = max(0, start + first - shown[found.rule])
    for place in range(begin, min(left, len(found.home))):
        member = int(found.member[place])
        person = int(numbers[member]) if member >= 0 else None
        checked.examples.append(
            Fault(codes[found.home[place]], person, found.rule, _reason(rule, found.figures(place)))
        )
    shown[found.rule] += len(found.home)


def _numbers(home: Ints) -> Ints:
    """Each person's number in the household; the people of a household stand together."""
    if not len(home):
        return home
    begins = np.flatnonzero(np.r_[True, home[1:] != home[:-1]])
    return np.arange(len(home)) - np.repeat(begins, np.diff(np.r_[begins, len(home)])) + 1


def _people(ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """The people of these households, in the order of the households and of their enrolment."""
    place = {key: number for number, key in enumerate(ids)}
    rows = Person.objects.filter(household_id__among=list(ids)).order_by().values_list("id", *PERSON)
    with seal.held(seal.ring()):  # the keys are looked for once and not for every value
        return sorted((place[row[1]], row[0], *row[2:]) for row in rows)


def _roll(chunk: Sequence[tuple[Any, ...]], people: Sequence[tuple[Any, ...]], on: date, villages: set[str]) -> Roll:
    ids = [row[0] for row in chunk]
    income = dict(Income.objects.filter(household_id__among=ids).values_list("household_id", "until"))
    held = Category.objects.on(on).filter(household_id__among=ids, kind__in=("disabled", *SUPPORTED))
    kinds = set(held.values_list("household_id", "kind"))
    return Roll.of(
        _day(on),
        [
            (
                head, size, labourers, phone, location, division in villages and code.startswith(division),
                _day(income.get(key)), any((key, kind) in kinds for kind in SUPPORTED), (key, "disabled") in kinds,
            )
            for key, code, division, head, size, labourers, phone, location in chunk
        ],
        [
            (home, name, number, sex, _day(born), relation, health, labour, student, insured, "")
            for home, _id, name, number, sex, born, relation, health, labour, student, insured in people
        ],
    )  # fmt: skip


def _day(day: date | None) -> int:
    return 0 if day is None else day.year * 10_000 + day.month * 100 + day.day


@dataclass(slots=True)
class Seen:
    """What is kept of all households until the last one is read: numbers alone, no names."""

    codes: list[str] = field(default_factory=list)
    ids: list[Ints] = field(default_factory=list)
    people: list[Ints] = field(default_factory=list)
    keys: list[Ints] = field(default_factory=list)
    phones: list[Ints] = field(default_factory=list)
    other_people: list[tuple[int, int]] = field(default_factory=list)  # key, household
    other_phones: list[tuple[int, int]] = field(default_factory=list)

    def add(self, chunk: Sequence[tuple[Any, ...]], people: Sequence[tuple[Any, ...]]) -> None:
        """Some more households."""
        numbers = np.array([row[3] for row in people], dtype=np.str_)
        phones = np.array([row[6] for row in chunk], dtype=np.str_)
        self.people.append(np.array([row[0] for row in people], dtype=np.int64) + len(self.codes))
        self.codes.extend(row[1] for row in chunk)
        self.ids.append(np.array([row[0] for row in chunk], dtype=np.int64))
        self.keys.append(quality.identity_keys(numbers))
        self.phones.append(quality.number_keys(phones))

    def look_around(self, chunk: Sequence[tuple[Any, ...]], people: Sequence[tuple[Any, ...]]) -> None:
        """Who else has their people's identity numbers and their telephones."""
        own = {row[0] for row in chunk}
        self.other_people += _elsewhere(lookups.holders(row[3] for row in people), quality.identity_keys, own)
        self.other_phones += _elsewhere(lookups.subscribers(row[6] for row in chunk), quality.number_keys, own)

    def homes(self) -> Ints:
        """The place of each person's household."""
        return np.concatenate(self.people)

    def register(self) -> Register:
        """Everything across households; people and telephones of others stand at the end."""
        ids, homes = np.concatenate(self.ids), self.homes()
        own = set(ids.tolist())
        people, phones = (
            [pair for pair in pairs if pair[1] not in own] for pairs in (self.other_people, self.other_phones)
        )
        return Register(
            np.r_[np.concatenate(self.keys), _first(people)], np.r_[homes, np.full(len(people), -1)],
            np.r_[ids[homes], _second(people)],
            np.r_[np.concatenate(self.phones), _first(phones)], np.r_[np.arange(len(ids)), np.full(len(phones), -1)],
            np.r_[ids, _second(phones)],
        )  # fmt: skip


def _elsewhere(
    owners: Mapping[str, set[int]], keys: Callable[[NDArray[np.str_]], Ints], own: set[int]
) -> list[tuple[int, int]]:
    """A key and a household for each number that somebody else has."""
    found = {number: houses - own for number, houses in owners.items() if houses - own}
    known = keys(np.array(list(found), dtype=np.str_)).tolist()
    return [(key, house) for key, houses in zip(known, found.values(), strict=True) for house in sorted(houses)]


def _first(pairs: Sequence[tuple[int, int]]) -> Ints:
    return np.array([pair[0] for pair in pairs], dtype=np.int64)


def _second(pairs: Sequence[tuple[int, int]]) -> Ints:
    return np.array([pair[1] for pair in pairs], dtype=np.int64)
