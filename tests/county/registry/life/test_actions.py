"""The life of households: each deed does it, writes one line without anybody's data, and refuses changing nothing."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.county.registry.conftest import A, B, C, household, person
from tests.county.registry.test_quality import number

from anlan.county import clock
from anlan.county.errors import BadInput, NotAllowed, NotFound, Refused
from anlan.county.ledger.models import Entry
from anlan.county.ledger.queries import verify
from anlan.county.office.actions import start_clocks
from anlan.county.office.models import Clock
from anlan.county.registry import actions, current, queries
from anlan.county.registry.life import actions as life
from anlan.county.registry.models import (
    Address,
    Category,
    Change,
    Deed,
    Distinct,
    Holding,
    Home,
    Household,
    Income,
    Person,
)
from anlan.county.registry.records import CategoryRecord, HoldingRecord, PersonRecord

ON = date(2026, 6, 10)
TABLES = (Household, Person, Home, Holding, Income, Category, Address)
HEAD = person(id_number=number(1))
WIFE = replace(person(name="示例乙", relation="spouse", sex="f", born=date(1974, 3, 3)), id_number="")
SON = replace(person(name="示例丙", relation="child", born=date(1998, 5, 5)), id_number="")
CHILD = replace(SON, name="示例丁", born=date(2015, 5, 5), labour="none", student=True)
FAMILY = {"people": (HEAD, WIFE, SON, CHILD), "labourers": 3, "water_source": None}


def rows():
    """Everything in the register, hidden or not."""
    every = {model.__name__: list(model._base_manager.order_by("pk").values()) for model in TABLES}
    for each in every["Household"]:
        del each["disabled_mark"]  # by chance where nobody is disabled
    return every


def lines(verb=None):
    found = Entry.objects.filter(verb__startswith="registry.").exclude(verb="registry.enrol")
    return list(found.filter(verb=verb) if verb else found)


@pytest.fixture
def enrol(people):
    def enrol(*records):
        actions.enrol(records=records, by=people["anlan"], source="test")
        return [Household.objects.get(code=each.code) for each in records]

    return enrol


@pytest.fixture
def family(enrol):
    (found,) = enrol(household(A, 1, **FAMILY))
    return found


@pytest.fixture
def twins(enrol):
    """One household written down twice, in two villages of one township."""
    double = household(
        B, 7, people=(HEAD, replace(CHILD, name="示例戊")), labourers=1, phone="", lon=None, lat=None,
        location="village", holdings=(HoldingRecord("rice", 1.0, 900.0), HoldingRecord("tea", 2.0, 700.0)),
        categories=(CategoryRecord("ex_poor", date(2020, 1, 1)), CategoryRecord("subsistence", date(2024, 1, 1))),
    )  # fmt: skip
    return enrol(household(A, 1, **FAMILY), double)


def by(people, name="township_officer_a"):
    return people[name]


def member(found, name):
    return Person.every.get(household=found, name=name)


def fresh(found):
    return Household.every.get(pk=found.pk)


def refused(kind, deed, match="。"):
    """The deed is refused with a whole sentence, and nothing is otherwise than it was."""
    before, said = rows(), [model.objects.count() for model in (Entry, Deed, Change, Distinct)]
    with pytest.raises(kind, match=match):
        deed()
    assert rows() == before
    assert [model.objects.count() for model in (Entry, Deed, Change, Distinct)] == said


# --- doubles -----------------------------------------------------------------------------------------


@pytest.mark.clause("P1")
def test_two_rows_for_one_household_become_one(people, twins, now):
    keep, drop = twins
    deed = life.merge_households(keep=keep, drop=drop, by=by(people))
    keep, drop = fresh(keep), fresh(drop)
    assert [each.name for each in keep.people.order_by("id")] == ["示例甲", "示例乙", "示例丙", "示例丁", "示例戊"]
    assert (keep.size, keep.labourers, keep.phone, keep.location) == (5, 3, "10000000001", "point")
    assert sorted(keep.holdings.values_list("kind", flat=True)) == ["pigs", "rice", "tea"]
    assert sorted(keep.categories.values_list("kind", flat=True)) == ["ex_poor", "subsistence"]
    assert not Category.objects.filter(household=drop, until=None).exists()
    assert (drop.merged_into, drop.registered) == (keep, False)
    assert list(Household.objects.values_list("pk", flat=True)) == [keep.pk]
    assert deed.changes.exclude(by="township_officer_a").count() == 0


def test_the_hidden_row_is_found_by_nobody_but_by_its_code(people, twins):
    keep, drop = twins
    life.merge_households(keep=keep, drop=drop, by=by(people))
    assert queries.by_id_number([number(1)]) == {number(1): keep.pk}
    assert current.by_codes([drop.code, keep.code]) == {drop.code: (keep.pk, A), keep.code: (keep.pk, A)}
    assert queries.present_code(drop.code) == keep.code
    assert queries.names_of(keep) == [keep.code, drop.code]
    assert list(queries.columns([A[:6]], ON).id) == [keep.pk]
    assert queries.history_of(keep).filter(field="merged_into_id").exists()


def test_what_is_chosen_comes_from_the_dropped_one(people, twins):
    keep, drop = twins
    Home.objects.filter(household=drop).update(grade="C")
    life.merge_households(keep=keep, drop=drop, by=by(people), choices={"place": "drop", "home": "drop"})
    keep = fresh(keep)
    assert (keep.lon, keep.location, keep.home.grade) == (None, "village", "C")


def test_what_the_kept_one_lacks_it_takes_over(people, twins):
    keep, drop = twins
    Home.objects.filter(household=keep).delete()
    Income.objects.filter(household=drop).delete()
    Household.objects.filter(pk=keep.pk).update(address="")
    Household.objects.filter(pk=drop.pk).update(address="东头 3 号")
    life.merge_households(keep=keep, drop=drop, by=by(people))
    assert fresh(keep).address == "东头 3 号"
    assert Home.objects.get().household == keep


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("choices", [{}, {"phone": "drop"}, {"home": "drop", "income": "drop", "place": "drop"}])
def test_merging_and_parting_again_changes_nothing_at_all(people, twins, swapped, choices):
    keep, drop = twins[::-1] if swapped else twins
    before = rows()
    deed = life.merge_households(keep=keep, drop=drop, by=by(people), choices=choices)
    assert rows() != before
    clock_at = clock.now() + timedelta(hours=1)
    with clock.held(clock_at):
        life.unmerge(deed=deed, by=by(people))
    assert rows() == before
    assert [each.verb for each in lines()] == ["registry.merge", "registry.unmerge"]
    assert verify().verified


def test_two_mergers_are_parted_in_their_order(people, twins, enrol):
    (third,) = enrol(household(A, 3, people=(replace(SON, name="示例己"),), labourers=1))
    before = rows()
    first = life.merge_households(keep=twins[0], drop=twins[1], by=by(people))
    second = life.merge_households(keep=twins[0], drop=third, by=by(people))
    refused(Refused, lambda: life.unmerge(deed=first, by=by(people)), "先撤销后办的")
    life.unmerge(deed=second, by=by(people))
    life.unmerge(deed=first, by=by(people))
    assert rows() == before


def test_a_merger_that_others_have_built_on_is_not_parted(people, twins):
    deed = life.merge_households(keep=twins[0], drop=twins[1], by=by(people))
    Household.objects.filter(pk=twins[0].pk).update(size=9)
    refused(Refused, lambda: life.unmerge(deed=deed, by=by(people)), "之后改过")


def test_a_merger_is_parted_once(people, twins):
    deed = life.merge_households(keep=twins[0], drop=twins[1], by=by(people))
    life.unmerge(deed=deed, by=by(people))
    refused(Refused, lambda: life.unmerge(deed=deed, by=by(people)), "已经撤销")


def test_mergers_that_cannot_be(people, twins, enrol):
    keep, drop = twins
    (far,) = enrol(household(C, 1, people=()))
    merge = life.merge_households
    refused(BadInput, lambda: merge(keep=keep, drop=keep, by=by(people)), "不同")
    refused(BadInput, lambda: merge(keep=keep, drop=drop, by=by(people), choices={"code": "drop"}), "code")
    refused(BadInput, lambda: merge(keep=keep, drop=drop, by=by(people), choices={"phone": "both"}), "both")
    refused(NotAllowed, lambda: merge(keep=keep, drop=far, by=by(people)))
    refused(NotAllowed, lambda: merge(keep=keep, drop=drop, by=by(people, "auditor")))
    refused(NotFound, lambda: merge(keep=keep, drop=Household(pk=10**6), by=by(people)))
    merge(keep=keep, drop=drop, by=by(people))
    refused(Refused, lambda: merge(keep=keep, drop=drop, by=by(people)), "已并入")


def test_only_a_merger_is_unmerged_and_a_deed_must_exist(people, family):
    deed = life.leave(person=member(family, "示例丙"), by=by(people), on=ON)
    refused(BadInput, lambda: life.unmerge(deed=deed, by=by(people)))
    refused(NotFound, lambda: life.take_back(deed=Deed(pk=10**6), by=by(people)))
    refused(NotAllowed, lambda: life.take_back(deed=deed, by=by(people, "township_officer_b")))


def test_two_that_are_two_are_remembered_once(people, twins):
    keep, drop = twins
    first = life.judge_distinct(first=drop, second=keep, by=by(people))
    assert (first.first, first.second) == (keep, drop)
    assert life.judge_distinct(first=keep, second=drop, by=by(people)) == first
    assert (Distinct.objects.count(), len(lines("registry.distinct"))) == (1, 1)
    refused(BadInput, lambda: life.judge_distinct(first=keep, second=keep, by=by(people)))


# --- splits ------------------------------------------------------------------------------------------


@pytest.mark.clause("P1")
def test_some_members_become_a_household_of_their_own(people, family):
    son, child = member(family, "示例丙"), member(family, "示例丁")
    new = life.split(
        household=family, people=[son.pk, child.pk], head=son.pk, by=by(people), on=ON, village=B,
        categories=["ex_poor", "subsistence"],
    )  # fmt: skip
    old, new = fresh(family), fresh(new)
    assert (new.code, new.division_id, new.head_name, new.size, new.labourers) == (B + "00001", B, "示例丙", 2, 1)
    assert sorted(new.people.values_list("name", "relation")) == [("示例丁", "other"), ("示例丙", "head")]
    assert list(new.categories.values_list("kind", "since")) == [("ex_poor", ON)]
    assert (old.size, old.labourers, old.people.count()) == (2, 2, 2)
    assert json.loads(lines("registry.split")[0].payload)["other"] == new.code


def test_split_and_joined_again_it_is_the_same_household(people, family):
    def state():
        now = fresh(family)
        about = (now.code, now.head_name, now.size, now.labourers, now.address, now.phone, now.lon, now.registered)
        return about, list(now.people.order_by("id").values()), list(now.holdings.order_by("id").values())

    before = state()
    leaving = [member(family, "示例乙").pk, member(family, "示例丁").pk]
    new = life.split(household=family, people=leaving, head=leaving[0], by=by(people), on=ON)
    assert state() != before
    life.merge_households(keep=family, drop=new, by=by(people))
    assert state() == before


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=st.sets(st.sampled_from(["示例乙", "示例丙", "示例丁"]), min_size=1), village=st.sampled_from([A, B]))
def test_however_it_is_split_people_and_labourers_stay_as_many(people, family, chosen, village):
    from django.db import transaction

    leaving = [member(family, name).pk for name in sorted(chosen)]
    with transaction.atomic():
        new = life.split(household=family, people=leaving, head=leaving[0], by=by(people), on=ON, village=village)
        old, new = fresh(family), fresh(new)
        assert (old.size + new.size, old.labourers + new.labourers) == (4, 3)
        for each in (old, new):
            assert each.size == each.people.count()
            assert each.people.filter(relation="head").count() == 1
        life.merge_households(keep=old, drop=new, by=by(people))
        assert (fresh(old).size, fresh(old).labourers) == (4, 3)
        transaction.set_rollback(True)


def test_the_only_disabled_member_takes_the_category_along(people, enrol):
    hurt = replace(SON, health="disabled", labour="lost")
    held = (CategoryRecord("disabled", date(2020, 1, 1)),)
    (old,) = enrol(household(A, 1, people=(HEAD, hurt), labourers=1, categories=held))
    leaving = member(old, "示例丙").pk
    new = life.split(household=old, people=[leaving], head=leaving, by=by(people), on=ON, categories=["disabled"])
    assert Category.objects.get(household=old).until == ON
    assert Category.objects.get(household=new).until is None


def test_splits_that_cannot_be(people, family):
    every = {each.name: each.pk for each in Person.objects.all()}

    def split(names, head, **words):
        wanted = [every.get(name, 0) for name in names]
        words = {"by": by(people), "on": ON} | words
        return lambda: life.split(household=family, people=wanted, head=every[head], **words)

    refused(BadInput, split([], "示例丙"), "请从本户选")
    refused(BadInput, split(["示例丙", "路人"], "示例丙"), "请从本户选")
    refused(BadInput, split(["示例丙"], "示例丁"), "请从本户选")
    refused(Refused, split(list(every), "示例丙"), "迁移")
    refused(Refused, split(["示例甲"], "示例甲"), "户主留在原户")
    refused(BadInput, split(["示例丙"], "示例丙", village="360123101999"), "没有代码")
    refused(NotAllowed, split(["示例丙"], "示例丙", village=C))
    refused(Refused, split(["示例丙"], "示例丙", on=date(2026, 6, 19)), "不能晚于")


def test_a_split_is_not_taken_back_but_joined(people, family):
    leaving = member(family, "示例丙").pk
    life.split(household=family, people=[leaving], head=leaving, by=by(people), on=ON)
    refused(Refused, lambda: life.take_back(deed=Deed.objects.get(), by=by(people)), "并回")


# --- moves -------------------------------------------------------------------------------------------


@pytest.mark.clause("P1")
def test_a_household_that_moves_is_found_by_both_codes(people, family, enrol):
    Household.objects.update(address="老屋 1 号")
    former = family.code
    start_clocks(
        kind="visit", things=[(f"lead:e1/{former}", A), (f"lead:e1/{former}9", A)], unit="village", at=clock.now(),
        due_at=clock.now(),
    )  # fmt: skip
    life.move(household=family, village=B, by=by(people), on=ON, address="新屋 2 号", group_no=3)
    moved = fresh(family)
    assert (moved.code, moved.division_id, moved.address, moved.group_no) == (B + "00001", B, "新屋 2 号", 3)
    assert (moved.lon, moved.location, moved.water_source) == (None, "village", None)
    assert list(Address.objects.values_list("code", "address", "since", "until")) == [(former, "老屋 1 号", None, ON)]
    assert queries.present_code(former) == moved.code
    assert current.by_codes([former]) == {former: (moved.pk, B)}
    assert set(Clock.objects.values_list("about", "division_id")) == {
        (f"lead:e1/{moved.code}", B), (f"lead:e1/{former}9", A),
    }  # fmt: skip
    assert queries.next_serial(A) == 2, "a code is given once"
    assert [each.until for each in queries.addresses(moved)] == [ON, None]


def test_a_move_taken_back_leaves_no_trace_in_the_register(people, family):
    before = rows()
    start_clocks(
        kind="visit", things=[(f"lead:e1/{family.code}", A)], unit="village", at=clock.now(), due_at=clock.now()
    )
    deed = life.move(household=family, village=B, by=by(people), on=ON)
    life.take_back(deed=deed, by=by(people))
    assert rows() == before
    assert Clock.objects.get().about == f"lead:e1/{family.code}"


def test_moves_that_cannot_be(people, family):
    def move(**words):
        return lambda: life.move(household=family, **({"village": B, "by": by(people), "on": ON} | words))

    refused(Refused, move(village=A), "已在这个村")
    refused(NotAllowed, move(village=C))
    refused(NotAllowed, move(by=by(people, "village_cadre_a")))
    refused(BadInput, move(village="360123101000"), "没有代码")
    refused(Refused, move(on=date(2027, 1, 1)), "不能晚于")
    move()()
    refused(Refused, move(village=A, on=date(2026, 6, 1)), "早于")


# --- people ------------------------------------------------------------------------------------------


@pytest.mark.clause("P1")
def test_a_death_leaves_the_household_smaller(people, family):
    life.death(person=member(family, "示例丙"), by=by(people), on=ON)
    found = fresh(family)
    assert (found.size, found.labourers, found.people.count()) == (3, 2, 3)
    assert Person.every.filter(name="示例丙", gone="died", gone_on=ON).exists()
    assert queries.columns([A[:6]], ON).size.tolist() == [3]


def test_a_head_who_dies_needs_a_successor(people, family):
    head = member(family, "示例甲")
    refused(Refused, lambda: life.death(person=head, by=by(people), on=ON), "新户主")
    refused(Refused, lambda: life.death(person=head, by=by(people), on=ON, successor=head), "新户主")
    life.death(person=head, by=by(people), on=ON, successor=member(family, "示例乙"))
    assert fresh(family).head_name == "示例乙"
    assert family.people.get(relation="head").name == "示例乙"


def test_with_the_last_member_the_household_is_closed_and_kept(people, enrol):
    (found,) = enrol(household(A, 1, people=(HEAD,), labourers=1))
    before = rows()
    deed = life.death(person=member(found, "示例甲"), by=by(people), on=ON)
    assert (fresh(found).closed_on, fresh(found).registered, fresh(found).size) == (ON, False, 0)
    assert not Household.objects.exists()
    assert len(queries.columns([A[:6]], ON)) == 0
    assert Category.objects.get().until == ON
    life.take_back(deed=deed, by=by(people))
    assert rows() == before


def test_a_disabled_household_is_one_no_longer_when_the_disabled_member_is_gone(people, enrol):
    hurt = replace(SON, health="disabled", labour="lost")
    held = (CategoryRecord("disabled", ON), CategoryRecord("ex_poor", date(2020, 1, 1)))
    (found,) = enrol(household(A, 1, people=(HEAD, hurt), labourers=1, categories=held))
    life.leave(person=member(found, "示例丙"), by=by(people), on=ON)
    assert dict(Category.objects.values_list("kind", "until")) == {"disabled": ON + timedelta(days=1), "ex_poor": None}


def test_with_another_disabled_member_it_still_is_one(people, enrol):
    hurt = [replace(each, health="disabled", labour="lost") for each in (SON, CHILD)]
    held = (CategoryRecord("disabled", date(2020, 1, 1)),)
    (found,) = enrol(household(A, 1, people=(HEAD, *hurt), labourers=1, categories=held))
    life.leave(person=member(found, "示例丙"), by=by(people), on=ON)
    assert Category.objects.get().until is None


@pytest.mark.parametrize("deed", [life.death, life.leave])
def test_somebody_goes_once_and_not_before_birth(people, family, deed):
    who = member(family, "示例丙")
    refused(BadInput, lambda: deed(person=who, by=by(people), on=date(1990, 1, 1)), "早于出生")
    refused(NotAllowed, lambda: deed(person=who, by=by(people, "township_officer_b"), on=ON))
    deed(person=who, by=by(people), on=ON)
    refused(Refused, lambda: deed(person=who, by=by(people), on=ON), "已不在")


BABY = PersonRecord("示例庚", "", "f", date(2026, 6, 1), "child", labour="none")


@pytest.mark.clause("P1")
def test_a_birth_and_a_marriage_make_the_household_larger(people, family):
    before = rows()
    born = life.birth(household=family, person=BABY, by=by(people))
    assert (born.on, fresh(family).size, fresh(family).labourers) == (BABY.born, 5, 3)
    bride = PersonRecord("示例辛", "", "f", date(1999, 1, 1), "child")
    joined = life.join(household=family, person=bride, by=by(people), on=ON)
    assert (fresh(family).size, fresh(family).labourers, family.people.count()) == (6, 4, 6)
    life.take_back(deed=joined, by=by(people))
    life.take_back(deed=born, by=by(people))
    assert rows() == before


def test_a_new_member_who_was_changed_since_is_not_taken_back(people, family):
    deed = life.birth(household=family, person=BABY, by=by(people))
    baby = member(family, "示例庚")
    Change.objects.create(code=family.code, table="person", row=baby.pk, field="name", by="x", at=clock.now())
    refused(Refused, lambda: life.take_back(deed=deed, by=by(people)), "之后改过")


@pytest.mark.parametrize(
    ("changes", "kind", "match"),
    [
        ({"name": " "}, BadInput, "请填写"),
        ({"sex": "?"}, BadInput, "请填写"),
        ({"labour": "?"}, BadInput, "请填写"),
        ({"health": "?"}, BadInput, "健康状况"),
        ({"born": date(2026, 6, 15)}, BadInput, "晚于办理日期"),
        ({"relation": "spouse"}, Refused, "已有户主或配偶"),
        ({"id_number": "123"}, BadInput, "身份证号不对"),
        ({"id_number": number(5)}, BadInput, "不一致"),
        ({"id_number": number(1), "sex": "m", "born": date(1972, 11, 11)}, Refused, "已经在册"),
    ],
)
def test_people_who_cannot_join(people, family, changes, kind, match):
    who = replace(BABY, **changes)
    refused(kind, lambda: life.join(household=family, person=who, by=by(people), on=ON), match)


def test_somebody_with_a_number_of_ones_own_joins(people, family):
    who = PersonRecord("示例壬", number(5), "m", date(1972, 11, 11), "other")
    life.join(household=family, person=who, by=by(people), on=ON)
    assert queries.by_id_number([number(5)]) == {number(5): family.pk}


def test_the_ledger_knows_what_and_never_who(people, family):
    life.birth(household=family, person=BABY, by=by(people))
    life.death(person=member(family, "示例丙"), by=by(people), on=ON)
    life.move(household=family, village=B, by=by(people), on=ON, address="新屋")
    text = "".join(each.payload + each.about for each in lines())
    assert [each.verb for each in lines()] == ["registry.birth", "registry.death", "registry.move"]
    assert not any(secret in text for secret in ("示例", "新屋", number(1), "10000000001"))
    assert verify().verified


def test_history_has_every_field_with_who_when_and_why(people, family):
    deed = life.death(person=member(family, "示例丙"), by=by(people), on=ON)
    found = {(each.table, each.field): (each.by, each.deed_id) for each in queries.history_of(family)}
    assert found["household", "size"] == ("township_officer_a", deed.pk)
    assert ("person", "gone_on") in found
    assert [each.pk for each in queries.deeds_of(family)] == [deed.pk]
