"""Deeds on households as they live: merged and parted, split, moved, people born, dead, come and gone."""

from collections.abc import Collection, Mapping
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.county import clock
from anlan.county.errors import BadInput, NotFound, Refused
from anlan.county.ledger.actions import record
from anlan.county.office.actions import readdress_clocks
from anlan.county.office.models import Division, User
from anlan.county.office.permissions import check
from anlan.county.registry.life import joining, members
from anlan.county.registry.life.changing import begin, held, put_back, standing
from anlan.county.registry.models import Address, Category, Deed, Distinct, Household, Person
from anlan.county.registry.queries import next_serial
from anlan.county.registry.records import PersonRecord
from anlan.county.registry.rules import household_code


@transaction.atomic
def merge_households(*, keep: Household, drop: Household, by: User, choices: Mapping[str, str] | None = None) -> Deed:
    """Make two rows for one household one. The dropped one is hidden and kept, with what other rooms hold on it.

    `choices` names fields whose value is the dropped one's ("drop"); the kept one's stand where nothing is chosen,
    unless it has none. People, land and categories that the kept one lacks come over.
    """
    joining.check_choices(choices or {})
    if keep.pk == drop.pk:
        raise BadInput(_("请选两个不同的户。"))
    keep, drop = held(by, keep, drop)
    doing = begin("merge", keep, by=by, on=clock.today(), other=drop)
    came = joining.take_over(doing, keep, drop, choices or {})
    doing.turn("household", drop, drop.code, merged_into_id=keep.pk, registered=False)
    return doing.done(other=drop.code, people=came)


@transaction.atomic
def unmerge(*, deed: Deed, by: User) -> Deed:
    """Part two merged households again, each exactly as it was. Refused where later changes stand on the merger."""
    if deed.kind != "merge":
        raise BadInput(_("这不是一次合并。"))
    return take_back(deed=deed, by=by)


@transaction.atomic
def take_back(*, deed: Deed, by: User) -> Deed:
    """Take a deed back: every field is as it was before it. Refused where later changes stand on it."""
    found = Deed.objects.select_for_update(of=("self",)).select_related("household", "other").filter(pk=deed.pk).first()
    if found is None:
        raise NotFound(_("没有这次办理。"))
    for household in filter(None, (found.household, found.other)):
        check(by, "registry.write", household.division_id)
    if found.undone_at is not None:
        raise Refused(_("这次办理已经撤销。"))
    if found.kind == "split":
        raise Refused(_("分户不能撤销；请把分出的户并回原户。"))
    if reasons := standing(found):
        raise Refused("\n".join([_("不能撤销，之后的记录建立在它上面："), *reasons]))
    moved = found.household.code
    found.undone_by, found.undone_at = by, clock.now()
    found.save()
    put_back(found)
    found.household.refresh_from_db()
    readdress_clocks(before=moved, after=found.household.code, division=found.household.division_id)
    record(f"registry.un{found.kind}", about=f"household:{found.household.code}", by=by.username, deed=found.pk)
    return found


@transaction.atomic
def judge_distinct(*, first: Household, second: Household, by: User) -> Distinct:
    """Two households that look alike are two; they are not asked about again."""
    if first.pk == second.pk:
        raise BadInput(_("请选两个不同的户。"))
    one, other = sorted(held(by, first, second), key=lambda each: each.pk)
    judged, new = Distinct.objects.get_or_create(first=one, second=other, defaults={"by": by, "at": clock.now()})
    if new:
        record("registry.distinct", about=f"household:{one.code}", by=by.username, other=other.code)
    return judged


@transaction.atomic
def split(  # noqa: PLR0913 (who leaves, under whom, where to, with what)
    *, household: Household, people: Collection[int], head: int, by: User, on: date, village: str = "",
    categories: Collection[str] = (),
) -> Household:  # fmt: skip
    """Some members become a household of their own, in this village or another. Returns the new household.

    The head stays; land, house and income stay with the old household; `categories` are those that go along.
    """
    (old,) = held(by, household)
    leaving = _leaving(old, people, head)
    place = _village(village or old.division_id, by)
    new = Household.every.create(
        code=household_code(place.code, next_serial(place.code)), division=place,
        group_no=old.group_no if place.code == old.division_id else 1, head_name=_one(leaving, head).name, size=0,
        insured=old.insured, updated_at=clock.now(),
    )  # fmt: skip
    doing = begin("split", old, by=by, on=on, other=new)
    doing.made("household", new, new.code)
    for who in leaving:
        relation = "head" if who.pk == head else "other"
        doing.turn("person", who, old.code, household_id=new.pk, relation=relation)
    members.count(doing, old, -len(leaving), -members.able(leaving))
    members.count(doing, new, len(leaving), members.able(leaving))
    carried = Category.objects.filter(household=old, until__isnull=True, kind__in=categories)
    for kind in carried.order_by("kind").values_list("kind", flat=True):
        made = Category.objects.create(household=new, kind=kind, since=on, source="split")
        doing.made("category", made, new.code)
    members.end_disabled(doing, old, _staying(old, leaving))
    doing.done(other=new.code, people=len(leaving))
    return new


def _leaving(household: Household, people: Collection[int], head: int) -> list[Person]:
    own = members.of(household)
    leaving = [each for each in own if each.pk in set(people)]
    if not leaving or len(leaving) < len(set(people)) or head not in {each.pk for each in leaving}:
        raise BadInput(_("请从本户选分出的成员，并指定其中一人为新户主。"))
    if len(leaving) == len(own):
        raise Refused(_("全户都走是迁移，不是分户。"))
    if any(each.relation == "head" for each in leaving):
        raise Refused(_("户主留在原户；请选其余成员分出。"))
    return leaving


def _staying(household: Household, leaving: Collection[Person]) -> list[Person]:
    gone = {each.pk for each in leaving}
    return [each for each in members.of(household) if each.pk not in gone]


def _one(people: Collection[Person], key: int) -> Person:
    return next(each for each in people if each.pk == key)


def _village(code: str, by: User) -> Division:
    """A village, its row locked: that is the lock on its serials."""
    place = Division.objects.select_for_update().filter(pk=code, level="village").first()
    if place is None:
        raise BadInput(_("没有代码为 %(code)s 的村。") % {"code": code})
    check(by, "registry.write", place.code)
    return place


@transaction.atomic
def move(*, household: Household, village: str, by: User, on: date, address: str = "", group_no: int = 1) -> Deed:
    """A household moves to another village under a new code; its old code and address stand in its history."""
    (moved,) = held(by, household)
    place = _village(village, by)
    if place.code == moved.division_id:
        raise Refused(_("这一户已在这个村；村内改地址请改住址。"))
    doing = begin("move", moved, by=by, on=on)
    last = Address.objects.filter(household=moved).order_by("-until", "-id").first()
    if last is not None and on < last.until:
        raise Refused(_("早于这一户上一次变动住址的日期。"))
    former, code = moved.code, household_code(place.code, next_serial(place.code))
    made = Address.objects.create(
        household=moved, address=moved.address, code=former, since=last.until if last else None, until=on
    )
    doing.made("address", made, former)
    doing.turn(
        "household", moved, code, code=code, division_id=place.code, group_no=group_no, address=address, lon=None,
        lat=None, location="village", water_source_id=None,
    )  # fmt: skip
    for category in Category.objects.filter(household=moved):
        doing.turn("category", category, code, code=code)
    readdress_clocks(before=former, after=code, division=place.code)
    return doing.done(former=former)


@transaction.atomic
def death(*, person: Person, by: User, on: date, successor: Person | None = None) -> Deed:
    """Somebody died. A head needs a successor among the others; with the last member the household is closed."""
    return _depart("death", "died", person, by, on, successor)


@transaction.atomic
def leave(*, person: Person, by: User, on: date, successor: Person | None = None) -> Deed:
    """Somebody left the household for good: married out, registered elsewhere."""
    return _depart("leave", "left", person, by, on, successor)


def _depart(kind: str, how: str, person: Person, by: User, on: date, successor: Person | None) -> Deed:
    (household,) = held(by, person.household)
    who = Person.objects.filter(pk=person.pk, household=household).first()
    if who is None:
        raise Refused(_("这位成员已不在这一户。"))
    doing = begin(kind, household, by=by, on=on)
    members.depart(doing, household, who, how, successor)
    return doing.done(size=household.size)


@transaction.atomic
def birth(*, household: Household, person: PersonRecord, by: User) -> Deed:
    """A child is born into a household."""
    return _arrive("birth", household, person, by, person.born)


@transaction.atomic
def join(*, household: Household, person: PersonRecord, by: User, on: date) -> Deed:
    """Somebody who was in no household of the register joins this one: married in, come back."""
    return _arrive("join", household, person, by, on)


def _arrive(kind: str, household: Household, person: PersonRecord, by: User, on: date) -> Deed:
    (joined,) = held(by, household)
    doing = begin(kind, joined, by=by, on=on)
    members.arrive(doing, joined, person)
    return doing.done(size=joined.size)
