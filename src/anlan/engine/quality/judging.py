"""Each rule as a small pure function on arrays; those that only combine facts have no code at all."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from anlan.engine.quality.catalogue import RULES, Rule
from anlan.engine.quality.roll import Flags, Ints, Register, Roll

ABLE = ("ordinary", "skilled", "weak")
WITHOUT = ("lost", "none")
# A mobile number, or a fixed line with its area code; an extension may follow.
_PHONE = re.compile(r"1\d{10}|0\d{2,3}-?\d{7,8}(-\d{1,6})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Found:
    """Where a rule is broken: places of households, and of members (-1: the household as a whole)."""

    rule: str
    home: Ints
    member: Ints
    a: Ints | None = None  # figures of the reason
    b: Ints | None = None

    def figures(self, place: int) -> dict[str, int]:
        """The figures of one finding's reason."""
        pairs = (("a", self.a), ("b", self.b))
        return {name: int(values[place]) for name, values in pairs if values is not None}


def judge(roll: Roll, rules: Iterable[Rule] = tuple(RULES.values())) -> list[Found]:
    """What of each rule is broken within households, in the rules' order. What needs unknown facts is left out."""
    facts = facts_of(roll)
    asked = (rule for rule in rules if rule.looks_at != "register" and all(need in facts for need in rule.needs))
    return [_found(rule, roll, facts) for rule in asked]


def judge_register(register: Register, rules: Iterable[Rule] = tuple(RULES.values())) -> list[Found]:
    """What of each rule is broken across households. A member is the place of its row."""
    return [ACROSS[rule.key](register, rule) for rule in rules if rule.looks_at == "register"]


def facts_of(roll: Roll) -> dict[str, Flags]:
    """The facts that callers gave, and those that the members show."""
    facts = {
        "disabled_member": roll.of_homes(roll.health == "disabled") > 0,
        "able_member": roll.of_homes(np.isin(roll.labour, ABLE)) > 0,
        "uninsured_member": roll.of_homes(~roll.insured) > 0,
        "any_member": roll.members > 0,
        "disabled": roll.disabled,
        "subsistence": roll.subsistence,
        "no_income": roll.income_until == 0,
        "misplaced": ~roll.placed,
        "coarse": np.isin(roll.location, ("village", "area")),
        **roll.facts,
    }
    return facts | ({"education": np.ones(len(roll.size), dtype=np.bool_)} if roll.knows_education else {})


def _found(rule: Rule, roll: Roll, facts: Mapping[str, Flags]) -> Found:
    if rule.key in MEMBERS:
        member = np.flatnonzero(MEMBERS[rule.key](roll, rule))
        return Found(rule.key, roll.home[member], member)
    if rule.key in COUNTS:
        wrong, a, b = COUNTS[rule.key](roll)
        home = np.flatnonzero(wrong)
        return Found(rule.key, home, np.full(len(home), -1), a[home], b[home])
    holds = np.ones(len(roll.size), dtype=np.bool_) if rule.when else HOMES[rule.key](roll)
    for fact in rule.when:
        holds = holds & facts[fact]
    for fact in rule.unless:
        holds = holds & ~facts[fact]
    home = np.flatnonzero(holds)
    return Found(rule.key, home, np.full(len(home), -1))


# --- one member at a time ------------------------------------------------------------------------


def id_missing(roll: Roll, rule: Rule) -> Flags:
    """No identity number is written down."""
    return ~roll.identities.known


def id_shape(roll: Roll, rule: Rule) -> Flags:
    """Not eighteen characters, or others than digits and an X at the end."""
    read = roll.identities
    return read.known & ~read.shaped


def id_check(roll: Roll, rule: Rule) -> Flags:
    """The check digit does not fit."""
    read = roll.identities
    return read.shaped & ~read.checked


def id_born(roll: Roll, rule: Rule) -> Flags:
    """A right number whose birthday is not the one written down."""
    read = roll.identities
    return np.asarray(read.checked & (roll.born != 0) & (read.born != roll.born))


def id_sex(roll: Roll, rule: Rule) -> Flags:
    """A right number whose sex is not the one written down."""
    read = roll.identities
    return np.asarray(read.checked & np.isin(roll.sex, ("m", "f")) & (read.male != (roll.sex == "m")))


def born_later(roll: Roll, rule: Rule) -> Flags:
    """Born after the day of the check."""
    return np.asarray(roll.born > roll.day)


def able_but_weak(roll: Roll, rule: Rule) -> Flags:
    """Healthy, of working age and not studying, yet said to have weak labour or none."""
    age = (roll.day - roll.born) // 10_000
    working = (age >= rule.figures["from_age"]) & (age <= rule.figures["to_age"]) & (roll.born != 0)
    return np.asarray(working & (roll.health == "healthy") & ~roll.student & np.isin(roll.labour, ("weak", *WITHOUT)))


def education_or_study(roll: Roll, rule: Rule) -> Flags:
    """Both an education and a place at school, or neither."""
    return np.asarray(roll.student == (roll.education != ""))


# --- one household at a time ---------------------------------------------------------------------


def no_head(roll: Roll) -> Flags:
    """People, but none of them the head."""
    return np.asarray((roll.members > 0) & (roll.of_homes(roll.relation == "head") == 0))


def several_heads(roll: Roll) -> Flags:
    """More than one head."""
    return np.asarray(roll.of_homes(roll.relation == "head") > 1)


def several_spouses(roll: Roll) -> Flags:
    """More than one spouse of the head."""
    return np.asarray(roll.of_homes(roll.relation == "spouse") > 1)


def same_sex(roll: Roll) -> Flags:
    """One head and one spouse, of the same sex."""
    head, spouse = roll.relation == "head", roll.relation == "spouse"
    known = np.isin(roll.sex, ("m", "f"))
    pair = (roll.of_homes(head & known) == 1) & (roll.of_homes(spouse & known) == 1)
    return np.asarray(pair & (roll.of_homes(head & (roll.sex == "m")) == roll.of_homes(spouse & (roll.sex == "m"))))


def head_named_otherwise(roll: Roll) -> Flags:
    """The one head among the members has another name than the household's."""
    head = roll.relation == "head"
    called = head & (roll.name == roll.head_name[roll.home])
    return np.asarray((roll.of_homes(head) == 1) & (roll.of_homes(called) == 0))


def id_twice(roll: Roll) -> Flags:
    """The same identity number on two members of one household."""
    order = np.lexsort((roll.id_number, roll.home))
    number, home = roll.id_number[order], roll.home[order]
    twin = (number[1:] == number[:-1]) & (home[1:] == home[:-1]) & (number[1:] != "")
    return np.asarray(np.bincount(home[1:][twin], minlength=len(roll.size)) > 0)


def phone_shape(roll: Roll) -> Flags:
    """Neither a mobile number nor a fixed line with its area code."""
    return np.array([bool(each) and not _PHONE.fullmatch(each) for each in roll.phone], dtype=np.bool_)


def size_differs(roll: Roll) -> tuple[Flags, Ints, Ints]:
    """Another number of people than there are members, where members are known."""
    return (roll.members > 0) & (roll.size != roll.members), roll.size, roll.members


def labourers_differ(roll: Roll) -> tuple[Flags, Ints, Ints]:
    """Another number of labourers than members with labour, where members are known."""
    able = roll.of_homes(np.isin(roll.labour, ABLE))
    return (roll.members > 0) & (roll.labourers != able), roll.labourers, able


# --- across households ---------------------------------------------------------------------------


def id_elsewhere(register: Register, rule: Rule) -> Found:
    """A person's identity number stands in another household, too."""
    order = np.lexsort((register.id_house, register.id_key))
    key, house = register.id_key[order], register.id_house[order]
    crossing = (key[1:] == key[:-1]) & (house[1:] != house[:-1]) & (key[1:] != 0)
    shared = np.isin(register.id_key, key[1:][crossing]) & (register.id_home >= 0)
    row = np.flatnonzero(shared)
    return Found(rule.key, register.id_home[row], row)


def phone_shared(register: Register, rule: Rule) -> Found:
    """A telephone number that more households have than one would expect."""
    _keys, which, count = np.unique(register.phone_key, return_inverse=True, return_counts=True)
    many = count[which]
    most = rule.figures["most_households"]
    row = np.flatnonzero((many > most) & (register.phone_key != 0) & (register.phone_home >= 0))
    return Found(rule.key, register.phone_home[row], np.full(len(row), -1), many[row].astype(np.int64))


MEMBERS: Mapping[str, Callable[[Roll, Rule], Flags]] = {
    check.__name__: check
    for check in (
        id_missing, id_shape, id_check, id_born, id_sex, born_later, able_but_weak, education_or_study,
    )
}  # fmt: skip
HOMES: Mapping[str, Callable[[Roll], Flags]] = {
    check.__name__: check
    for check in (no_head, several_heads, several_spouses, same_sex, head_named_otherwise, id_twice, phone_shape)
}
COUNTS: Mapping[str, Callable[[Roll], tuple[Flags, Ints, Ints]]] = {
    check.__name__: check for check in (size_differs, labourers_differ)
}
ACROSS: Mapping[str, Callable[[Register, Rule], Found]] = {
    check.__name__: check for check in (id_elsewhere, phone_shared)
}
CHECKS: frozenset[str] = frozenset({*MEMBERS, *HOMES, *COUNTS, *ACROSS})
