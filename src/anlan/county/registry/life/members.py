"""What follows for a household when somebody comes or goes: size, labourers, head, categories."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from django.utils.translation import gettext as _

from anlan.county.errors import BadInput, Refused
from anlan.county.registry import identity, lookups
from anlan.county.registry.life.changing import Doing
from anlan.county.registry.models import GONE, Category, Household, Person
from anlan.county.registry.records import PersonRecord
from anlan.county.registry.vocabulary import ABLE, HEALTH_WORDS, LABOUR_WORDS, SEX_WORDS

ALONE = ("head", "spouse")  # relations that one member has at most


def of(household: Household) -> list[Person]:
    """Who is in it, in the order of enrolment."""
    return list(Person.objects.filter(household=household).order_by("id"))


def able(people: Collection[Person]) -> int:
    """How many of them have labour."""
    return sum(each.labour in ABLE for each in people)


def count(doing: Doing, household: Household, people: int, labourers: int) -> None:
    """So many more people and labourers, or fewer."""
    doing.turn(
        "household", household, household.code,
        size=max(0, household.size + people), labourers=max(0, household.labourers + labourers),
    )  # fmt: skip


def depart(doing: Doing, household: Household, who: Person, how: str, successor: Person | None) -> None:
    """Somebody is gone: another is head where it was the head, and the last one closes the household."""
    assert how in GONE  # noqa: S101 (the deeds say it)
    on = doing.deed.on
    if on < who.born:
        raise BadInput(_("日期早于出生日期。"))
    left = [each for each in of(household) if each.pk != who.pk]
    doing.turn("person", who, household.code, gone_on=on, gone=how)
    count(doing, household, -1, -able([who]))
    if not left:
        close(doing, household)
        return
    if who.relation == "head":
        succeed(doing, household, left, successor)
    end_disabled(doing, household, left)


def succeed(doing: Doing, household: Household, left: Sequence[Person], successor: Person | None) -> None:
    """Another member is the head. Refused where nobody of the household is named."""
    if successor is None or successor.pk not in {each.pk for each in left}:
        raise Refused(_("户主不在了，请从其余成员中指定新户主。"))
    doing.turn("person", successor, household.code, relation="head")
    doing.turn("household", household, household.code, head_name=successor.name)


def close(doing: Doing, household: Household) -> None:
    """Nobody is left: the household is kept, and hidden."""
    doing.turn("household", household, household.code, closed_on=doing.deed.on, registered=False)
    for held in Category.objects.filter(household=household, until__isnull=True):
        doing.turn("category", held, household.code, until=ended(held, doing.deed.on))


def end_disabled(doing: Doing, household: Household, left: Collection[Person]) -> None:
    """Without a disabled member it is no longer a disabled household."""
    if any(each.health == "disabled" for each in left):
        return
    for held in Category.objects.filter(household=household, kind="disabled", until__isnull=True):
        doing.turn("category", held, household.code, until=ended(held, doing.deed.on))


def ended(held: Category, on: date) -> date:
    """A category lasts at least the day it began, so that its row stays as history."""
    return max(on, held.since + timedelta(days=1))


def arrive(doing: Doing, household: Household, who: PersonRecord) -> Person:
    """Somebody new is in the household. Refused where that cannot be, or is somewhere else already."""
    fit(household, who, doing.deed.on)
    made = Person.every.create(
        household=household, name=who.name, id_number=who.id_number, sex=who.sex, born=who.born,
        relation=who.relation, health=who.health, labour=who.labour, student=who.student,
        medically_insured=who.medically_insured,
    )  # fmt: skip
    doing.made("person", made, household.code)
    count(doing, household, 1, able([made]))
    return made


def fit(household: Household, who: PersonRecord, on: date) -> None:
    """Raise where this person cannot join this household on this day."""
    if not who.name.strip() or who.sex not in SEX_WORDS or who.labour not in LABOUR_WORDS:
        raise BadInput(_("请填写姓名、性别和劳动能力。"))
    if who.health not in HEALTH_WORDS:
        raise BadInput(_("没有“%(health)s”这种健康状况。") % {"health": who.health})
    if who.born > on:
        raise BadInput(_("出生日期晚于办理日期。"))
    if who.relation in ALONE and any(each.relation == who.relation for each in of(household)):
        raise Refused(_("这一户已有户主或配偶，请改与户主关系。"))
    if who.id_number:
        _identified(who)


def _identified(who: PersonRecord) -> None:
    try:
        said = identity.read(who.id_number)
    except identity.NotAnIdentity as bad:
        raise BadInput(_("身份证号不对，请核对。")) from bad
    if said != (who.sex, who.born):
        raise BadInput(_("性别或出生日期与身份证号不一致。"))
    if lookups.holders([who.id_number]):
        raise Refused(_("这个身份证号已经在册，请先在原来的户办理迁出。"))
