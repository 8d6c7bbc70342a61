"""Rows by division and by day."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from anlan.county.office.actions import give_duty, start_clocks
from anlan.county.office.models import Appointment, Clock, County, Department, Division, Holder, User, holds_on

COUNTY, TOWN_A, VILLAGE_A = "360123000000", "360123101000", "360123101201"


def codes(found):
    return set(found.values_list("code", flat=True))


@pytest.mark.clause("L1")
@pytest.mark.parametrize(
    ("within", "count"),
    [
        ([COUNTY], 7), (["360123"], 7), (["360000000000"], 7), ([TOWN_A], 3), ([VILLAGE_A], 1),
        ([TOWN_A, VILLAGE_A], 3), ([TOWN_A, "360123102201"], 4), (["360124000000"], 0), ([], 0),
    ],
)  # fmt: skip
def test_within_is_the_division_and_what_is_beneath_it(county, within, count):
    assert Division.objects.within(*within).count() == count


def test_a_person_sees_what_is_in_the_divisions_of_the_office_they_hold(people):
    assert codes(Division.objects.visible_to(people["township_officer_a"])) == {TOWN_A, VILLAGE_A, "360123101202"}
    assert codes(Division.objects.visible_to(people["village_cadre_a"])) == {VILLAGE_A}
    assert Division.objects.visible_to(people["anlan"]).count() == 7


def test_a_person_without_an_office_sees_nothing(people):
    Appointment.objects.filter(user=people["auditor"]).update(until=date(2026, 6, 18))
    assert not Division.objects.visible_to(User.objects.get(username="auditor")).exists()


def test_scoping_and_days_go_together(people):
    give_duty(duty="sweep", division=VILLAGE_A, user=people["village_cadre_b"], since=date(2026, 1, 1))
    give_duty(duty="sweep", division=VILLAGE_A, user=people["village_cadre_a"], since=date(2026, 5, 1))
    give_duty(duty="sweep", division="360123102201", user=people["village_cadre_b"], since=date(2026, 1, 1))

    def holders(day):
        return [holder.user.username for holder in Holder.objects.within(TOWN_A).on(day)]

    assert holders(date(2025, 12, 31)) == []
    assert holders(date(2026, 4, 30)) == ["village_cadre_b"]
    assert holders(date(2026, 5, 1)) == ["village_cadre_a"]
    assert str(Holder.objects.on(date(2026, 5, 1)).within(TOWN_A).get()).endswith("village_cadre_a")


def test_a_department_that_ended_is_not_there_on_its_last_day(county):
    ended = date(2023, 10, 1)
    assert Department.objects.on(ended - timedelta(days=1)).filter(pk="rural_revitalisation").exists()
    assert not Department.objects.on(ended).filter(pk="rural_revitalisation").exists()


def test_things_tell_themselves(people, now):
    start_clocks(kind="intake", things=[("lead:1", VILLAGE_A)], unit="township", at=now, due_at=now)
    assert str(Clock.objects.get()) == "intake lead:1"
    assert str(Appointment.objects.get(user=people["auditor"])) == "auditor auditor 安义县"
    assert str(County.objects.get()) == "安义县"
    assert str(Department.objects.get(pk="water"))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Division.objects.create(code="3601", name="x", level="county"),
        lambda: Department.objects.filter(pk="water").update(until=date(1900, 1, 1)),
        lambda: County.objects.update(synthetic=False, clock_at="2026-06-18T20:00:00+08:00"),
        lambda: Clock.objects.bulk_create(
            [
                Clock(kind="a", about="b", division_id=VILLAGE_A, started_at="2026-01-01T00:00Z",
                      due_at="2026-01-01T00:00Z")
                for _ in range(2)
            ]
        ),
    ],
)  # fmt: skip
def test_the_database_itself_refuses_what_cannot_be(county, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        wrong()


digits = st.text("0123456789", min_size=12, max_size=12)
days = st.dates(date(2025, 1, 1), date(2027, 1, 1))


class AnyDivision(TestCase):
    """`within` is nothing but a prefix of the code, whatever the codes."""

    @settings(max_examples=40, deadline=None)
    @given(stored=st.sets(digits, max_size=6), asked=digits, cut=st.sampled_from([2, 4, 6, 9, 12]))
    def test_any_code(self, stored, asked, cut):
        asked = asked[:cut].ljust(12, "0")
        prefix = next(asked[:n] for n in (2, 4, 6, 9, 12) if asked[n:] == "0" * (12 - n))
        Division.objects.bulk_create(Division(code=code, name="x", level="village") for code in stored)
        assert codes(Division.objects.within(asked)) == {code for code in stored if code.startswith(prefix)}
        Division.objects.all().delete()

    @settings(max_examples=40, deadline=None)
    @given(since=days, until=st.none() | days, day=days)
    def test_any_day(self, since, until, day):
        if until is not None and until <= since:
            return
        Department.objects.create(key="x", name="x", since=since, until=until)
        holds = since <= day and (until is None or day < until)
        assert Department.objects.filter(holds_on(day)).exists() is Department.objects.on(day).exists() is holds
        Department.objects.all().delete()
