"""Whatever happens to three households, in whatever order: people are counted right, and all can be taken back."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.county.registry.conftest import A, B, C, household, person
from tests.county.registry.life.test_actions import CHILD, HEAD, SON, WIFE, rows
from tests.county.registry.test_quality import number

from anlan.county import clock
from anlan.county.errors import Refused
from anlan.county.ledger.models import Entry
from anlan.county.registry import actions, quality, queries
from anlan.county.registry.life import actions as life
from anlan.county.registry.models import Address, Change, Deed, Household, Person
from anlan.county.registry.records import PersonRecord
from anlan.county.registry.vocabulary import ABLE

DAY = date(2026, 6, 18)
KINDS = ("birth", "join", "death", "leave", "move", "merge", "split")
step = st.tuples(st.sampled_from(KINDS), st.integers(0, 5), st.integers(0, 5))


@pytest.fixture
def three(people):
    records = (
        household(A, 1, people=(HEAD, WIFE, SON, CHILD), labourers=3),
        household(
            B, 1, head_name="示例子", people=(person(name="示例子", id_number=number(8)), SON), labourers=2, phone=""
        ),
        household(
            B, 2, head_name="示例丑", people=(person(name="示例丑", id_number=number(9)),), labourers=1, home=None
        ),
    )
    actions.enrol(records=records, by=people["anlan"], source="test")
    return people["township_officer_a"]


def somebody(count: int) -> PersonRecord:
    return PersonRecord(f"示例新{count}", "", "f", DAY - timedelta(days=40 + count), "child", labour="none")


def happen(kind: str, which: int, other: int, by) -> Deed | None:
    """One deed on some household; None where there is nobody to do it to, or it is refused."""
    standing = list(Household.objects.order_by("id"))
    if not standing:
        return None
    found, second = standing[which % len(standing)], standing[other % len(standing)]
    members = list(Person.objects.filter(household=found).order_by("id"))
    try:
        with transaction.atomic():
            return do(kind, found, second, members, by)
    except Refused:
        return None


def do(kind, found, second, members, by):
    if kind in {"birth", "join"}:
        who = somebody(Person.every.count())
        words = {"household": found, "person": who, "by": by}
        return life.birth(**words) if kind == "birth" else life.join(**words, on=DAY)
    if kind in {"death", "leave"}:
        deed = life.death if kind == "death" else life.leave
        others = [each for each in members if each.pk != members[-1].pk]
        return deed(person=members[-1], by=by, on=DAY, successor=others[0] if others else None)
    if kind == "move":
        village = B if found.division_id == A else A
        return life.move(household=found, village=village, by=by, on=DAY)
    if kind == "merge":
        return life.merge_households(keep=found, drop=second, by=by)
    leaving = members[-1].pk
    new = life.split(household=found, people=[leaving], head=leaving, by=by, on=DAY)
    return Deed.objects.get(kind="split", other=new)


def in_order():
    """What always holds of the register."""
    for each in Household.objects.all():
        members = list(Person.objects.filter(household=each))
        assert each.size == len(members) > 0
        assert each.labourers == sum(who.labour in ABLE for who in members)
        assert sum(who.relation == "head" for who in members) == 1
        assert next(who.name for who in members if who.relation == "head") == each.head_name
        assert each.code.startswith(each.division_id)
    former = Address.objects.exclude(code="").values_list("code", flat=True)
    codes = [*Household.every.values_list("code", flat=True), *former]
    assert len(codes) == len(set(codes)), "a code is given once"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(step, min_size=1, max_size=6))
def test_whatever_happens_the_register_is_in_order(three, steps):
    with transaction.atomic():
        for kind, which, other in steps:
            happen(kind, which, other, three)
            in_order()
        checked = quality.check(Household.objects.all().order_by(), DAY)
        assert not {"size_differs", "labourers_differ", "no_head", "several_heads"} & set(checked.by_rule())
        transaction.set_rollback(True)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(step.filter(lambda each: each[0] != "split"), min_size=1, max_size=5))
def test_all_of_it_taken_back_leaves_what_was(three, steps):
    with transaction.atomic():
        before = rows()
        deeds = [happen(*each, three) for each in steps]
        for deed in reversed([each for each in deeds if each is not None]):
            life.take_back(deed=deed, by=three)
        assert rows() == before
        assert not Deed.objects.filter(undone_at=None).exists()
        transaction.set_rollback(True)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(step, min_size=1, max_size=5))
def test_every_code_ever_given_leads_to_a_household(three, steps):
    with transaction.atomic():
        given_ = set(Household.every.values_list("code", flat=True))
        for each in steps:
            happen(*each, three)
            given_ |= set(Household.every.values_list("code", flat=True))
        for code in given_:
            now = queries.present_code(code)
            assert now is not None
            found = Household.every.get(code=now)
            assert found.merged_into_id is None
            assert code in queries.names_of(found)
        transaction.set_rollback(True)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(step, min_size=1, max_size=5))
def test_each_deed_is_one_line_and_each_change_has_its_deed(three, steps):
    with transaction.atomic():
        said = Entry.objects.count()
        done = [each for each in (happen(*each, three) for each in steps) if each is not None]
        assert Entry.objects.count() == said + len(done)
        assert {each.pk for each in done} == set(Deed.objects.values_list("pk", flat=True))
        for deed in done:
            assert deed.changes.exists()
            assert set(deed.changes.values_list("by", "at")) == {(three.username, clock.now())}
        assert not Change.objects.filter(deed=None).exists()
        transaction.set_rollback(True)


@pytest.mark.parametrize("kind", KINDS)
def test_no_deed_reaches_into_another_township(three, people, kind):
    before, stranger = rows(), people["township_officer_b"]
    assert happen(kind, 0, 1, stranger) is None
    assert rows() == before
    assert happen(kind, 0, 1, people["auditor"]) is None
    assert happen(kind, 0, 1, people["village_cadre_a"]) is None
    assert rows() == before
    assert Household.objects.filter(division=C).count() == 0
