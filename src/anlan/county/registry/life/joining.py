"""Two rows for one household made one: what the kept one takes over from the other."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from anlan.county.errors import BadInput
from anlan.county.registry.batches import Change
from anlan.county.registry.current import HOME, INCOME
from anlan.county.registry.history import before
from anlan.county.registry.identity import normal
from anlan.county.registry.life import members
from anlan.county.registry.life.changing import Doing
from anlan.county.registry.models import Category, Holding, Home, Household, Income, Person

# What may be chosen between the two, and the fields that go together.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "head_name": ("head_name",), "group_no": ("group_no",), "address": ("address",), "phone": ("phone",),
    "second_phone": ("second_phone",),
    "place": ("lon", "lat", "location"), "water_source": ("water_source_id",), "insured": ("insured",),
    "number": ("number",),
}  # fmt: skip
PARTS: Mapping[str, tuple[Any, tuple[str, ...]]] = {"home": (Home, HOME[2:]), "income": (Income, INCOME[2:])}
CHOICES = (*FIELDS, *PARTS)
KEEP, DROP = "keep", "drop"


def check_choices(choices: Mapping[str, str]) -> None:
    """Raise BadInput where something is chosen that cannot be."""
    if unknown := sorted(set(choices) - set(CHOICES)):
        raise BadInput(_("合并时没有“%(field)s”可选。") % {"field": unknown[0]})
    if wrong := sorted(set(choices.values()) - {KEEP, DROP}):
        raise BadInput(_("只能选保留户或并入户的值，不能是“%(value)s”。") % {"value": wrong[0]})


def take_over(doing: Doing, keep: Household, drop: Household, choices: Mapping[str, str]) -> int:
    """Give the kept household what is chosen, and what it lacks. Returns how many people came over."""
    for name, fields in FIELDS.items():
        if choices.get(name, _wanted(keep, drop, fields)) == DROP:
            doing.turn("household", keep, keep.code, **{each: getattr(drop, each) for each in fields})
    for name, (model, fields) in PARTS.items():
        _part(doing, name, (model, fields), (keep, drop), choices.get(name, KEEP))
    came = _people(doing, keep, drop)
    _rows(doing, "holding", Holding.objects.filter(household=drop), Holding.objects.filter(household=keep), keep)
    open_ = Category.objects.filter(until__isnull=True)
    _rows(doing, "category", open_.filter(household=drop), open_.filter(household=keep), keep)
    return came


def _wanted(keep: Household, drop: Household, fields: tuple[str, ...]) -> str:
    """Without a choice the kept one's own value, unless it has none and the other has."""
    empty = all(getattr(keep, each) in ("", None) for each in fields if each != "location")
    return DROP if empty and any(getattr(drop, each) not in ("", None) for each in fields) else KEEP


def _part(
    doing: Doing, table: str, kind: tuple[Any, tuple[str, ...]], both: tuple[Household, Household], choice: str
) -> None:
    model, fields = kind
    keep, drop = both
    mine, theirs = (model.objects.filter(household=each).first() for each in both)
    if theirs is None:
        return
    if mine is None:
        doing.turn(table, theirs, drop.code, household_id=keep.pk)
    elif choice == DROP:
        doing.turn(table, mine, keep.code, **{each: getattr(theirs, each) for each in fields})


def _people(doing: Doing, keep: Household, drop: Household) -> int:
    """Those who are not in the kept household yet come over, in the relation they had before a split."""
    own = members.of(keep)
    coming = [each for each in members.of(drop) if not any(same(each, other) for other in own)]
    taken = {each.relation for each in own}
    for who in coming:
        relation = _earlier(who, keep)
        if relation in members.ALONE and relation in taken:
            relation = "other"
        taken.add(relation)
        doing.turn("person", who, drop.code, household_id=keep.pk, relation=relation)
    members.count(doing, keep, len(coming), members.able(coming))
    return len(coming)


def same(one: Person, other: Person) -> bool:
    """Whether two rows are one person: by identity number where both have one, else by name and birthday."""
    numbers = normal(one.id_number)[:18], normal(other.id_number)[:18]
    if all(numbers):
        return numbers[0] == numbers[1]
    return (one.name, one.born) == (other.name, other.born)


def _earlier(who: Person, keep: Household) -> str:
    split = Change.objects.filter(
        table="person", row=who.pk, field="relation", deed__kind="split", deed__household=keep, deed__undone_at=None
    )
    last = split.order_by("-id").first()
    return str(before(last)) if last is not None else who.relation


def _rows(doing: Doing, table: str, theirs: Iterable[Any], mine: Iterable[Any], keep: Household) -> None:
    """Rows of kinds that the kept household has none of come over; two of a kind are taken for the same thing."""
    known = {each.kind for each in mine}
    code = doing.deed.other.code if doing.deed.other is not None else keep.code
    for each in theirs:
        if each.kind not in known:
            own = {"code": keep.code} if table == "category" else {}
            doing.turn(table, each, code, household_id=keep.pk, **own)
        elif table == "category":
            doing.turn(table, each, code, until=members.ended(each, doing.deed.on))
