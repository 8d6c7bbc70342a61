"""Founding, appointing, duties, clocks."""

from datetime import date, timedelta

import pytest

from anlan.county.errors import BadInput, NotAllowed, NotFound, Refused
from anlan.county.ledger.models import Entry
from anlan.county.ledger.queries import verify
from anlan.county.office import queries
from anlan.county.office.actions import (
    AlreadyFounded,
    appoint,
    enrol_divisions,
    found_county,
    give_duty,
    hold_clock,
    load_reference,
    set_password,
    start_clocks,
    start_clocks_each,
    stop_clocks,
    stop_clocks_each,
)
from anlan.county.office.models import Clock, County, Department, Division, Duty, User


def test_reference_data_may_be_loaded_again_without_change(db):
    load_reference()
    before = (Department.objects.count(), Duty.objects.count(), User.objects.count())
    load_reference()
    assert (Department.objects.count(), Duty.objects.count(), User.objects.count()) == before


@pytest.mark.clause("R1")
def test_every_duty_names_its_clause_a_lead_and_departments_that_exist(db):
    load_reference()
    for duty in queries.duties(date(2026, 6, 18)):
        assert duty.clause
        assert duty.lead.until is None
        assert duty.lead not in duty.supporting.all()


def test_a_department_that_merged_names_its_successor(db):
    load_reference()
    bureau = Department.objects.get(key="rural_revitalisation")
    assert bureau.successor.name == "县农业农村局"
    assert bureau not in queries.departments(date(2026, 6, 1))
    assert bureau in queries.departments(date(2023, 2, 17))


def test_a_county_is_founded_once(county):
    with pytest.raises(AlreadyFounded):
        found_county(code="360124", name="进贤县", synthetic=False, lon=116.2, lat=28.4)
    assert County.objects.count() == 1


def test_a_division_needs_its_parent(county):
    with pytest.raises(BadInput, match="36"):
        enrol_divisions([("36", "江西省", None, None)], synthetic=False)
    assert not Division.objects.filter(level="province").exists()


def test_villages_of_a_township_are_those_under_its_code(county):
    assert {village.name for village in queries.villages("360123101000")} == {"示例甲村", "示例乙村"}
    assert queries.villages().count() == 4
    assert queries.townships().count() == 2
    assert queries.divisions_by_code()["360123101201"].parent_id == "360123101000"


def test_nobody_is_appointed_to_a_role_that_does_not_exist(county):
    with pytest.raises(BadInput, match="皇帝"):
        appoint(username="x", name="x", role="皇帝", division="360123000000", since=date(2026, 1, 1))
    assert not User.objects.filter(username="x").exists()


def test_only_the_administrator_appoints(people):
    words = {
        "username": "new",
        "name": "新人",
        "role": "auditor",
        "division": "360123000000",
        "since": date(2026, 6, 1),
    }
    with pytest.raises(NotAllowed):
        appoint(**words, by=people["auditor"])
    assert appoint(**words, by=people["administrator"]).may("ledger.read")


@pytest.mark.clause("L1")
def test_a_duty_has_one_holder_at_a_time_in_a_division(people):
    village = "360123101201"
    give_duty(duty="sweep", division=village, user=people["village_cadre_a"], since=date(2026, 1, 1))
    give_duty(
        duty="sweep", division=village, user=people["village_cadre_b"], since=date(2026, 6, 1),
        by=people["administrator"],
    )  # fmt: skip
    duty = Duty.objects.get(key="sweep")
    holders = {day: duty.holders.on(day).get().user.username for day in (date(2026, 3, 1), date(2026, 7, 1))}
    assert holders == {date(2026, 3, 1): "village_cadre_a", date(2026, 7, 1): "village_cadre_b"}


def test_only_the_administrator_gives_duties(people):
    with pytest.raises(NotAllowed):
        give_duty(
            duty="sweep", division="360123101201", user=people["auditor"], since=date(2026, 1, 1),
            by=people["village_cadre_a"],
        )  # fmt: skip


@pytest.mark.clause("D6")
def test_a_clock_starts_stops_and_starts_again(county, now):
    things = [("lead:1", "360123101201"), ("lead:2", "360123102201")]
    due = now + timedelta(days=2)
    assert start_clocks(kind="intake", things=things, unit="township", at=now, due_at=due) == 2
    assert stop_clocks(kind="intake", abouts=["lead:1"], at=now) == 1
    assert stop_clocks(kind="intake", abouts=["lead:1"], at=now) == 0
    assert [clock.about for clock in queries.running()] == ["lead:2"]
    start_clocks(kind="intake", things=things[:1], unit="village", at=now, due_at=due)
    assert Clock.objects.get(about="lead:1").stopped_at is None
    assert Clock.objects.get(about="lead:1").unit == "village"


@pytest.mark.parametrize(
    ("lower", "stopped_days", "now_days", "broken"),
    [
        (False, None, 1, False),
        (False, None, 3, True),
        (False, 1, 9, False),
        (False, 3, 9, True),
        (True, None, 1, False),
        (True, 1, 9, True),
        (True, 2, 9, False),
    ],
)
def test_a_maximum_is_broken_by_lateness_and_a_minimum_by_haste(county, now, lower, stopped_days, now_days, broken):
    start_clocks(
        kind="k", things=[("case:1", "360123101201")], unit="village", at=now, due_at=now + timedelta(days=2),
        lower=lower,
    )  # fmt: skip
    if stopped_days is not None:
        stop_clocks(kind="k", abouts=["case:1"], at=now + timedelta(days=stopped_days))
    at = now + timedelta(days=now_days)
    assert Clock.objects.filter(queries.breached(at)).exists() is broken


def test_only_a_synthetic_county_has_a_clock_to_hold(county, now):
    hold_clock(at=now)
    assert County.objects.get().clock_at == now
    County.objects.update(synthetic=False, clock_at=None)
    with pytest.raises(Refused):
        hold_clock(at=now)


def test_a_password_is_long_and_ones_own_to_set(people):
    cadre, other = people["village_cadre_a"], people["village_cadre_b"]
    with pytest.raises(BadInput):
        set_password(user=cadre, password="short", by=cadre)
    with pytest.raises(NotAllowed):
        set_password(user=cadre, password="long enough now", by=other)
    set_password(user=cadre, password="long enough now", by=cadre)
    set_password(user=other, password="longer than that", by=people["administrator"])
    assert User.objects.get(username="village_cadre_a").check_password("long enough now")
    assert verify().verified


def test_without_a_county_one_is_told_how_to_begin(db):
    with pytest.raises(NotFound, match="anlan setup"):
        queries.county()
    with pytest.raises(NotFound, match="anlan setup"):
        queries.machine()


@pytest.mark.clause("D6")
def test_clocks_that_began_and_ended_at_different_moments(county, now):
    hour = timedelta(hours=1)
    first = [("lead:1", "360123101201", now, now + hour), ("lead:2", "360123102201", now + hour, now + 3 * hour)]
    assert start_clocks_each(kind="visit", things=first, unit="township", event_code="EV1") == 2
    ends = [("lead:1", now + 2 * hour), ("lead:2", now + 2 * hour), ("lead:9", now)]
    assert stop_clocks_each(kind="visit", stops=ends) == 2
    assert stop_clocks_each(kind="visit", stops=ends) == 0
    one, two = Clock.objects.order_by("about")
    assert (one.started_at, one.due_at, one.stopped_at) == (now, now + hour, now + 2 * hour)
    assert (two.started_at, two.event_code, two.unit) == (now + hour, "EV1", "township")
    assert [each.about for each in Clock.objects.filter(queries.breached(now + 9 * hour))] == ["lead:1"]
    again = [("lead:1", "360123101201", now + 4 * hour, now + 5 * hour)]
    assert start_clocks_each(kind="visit", things=again, unit="village") == 1
    one.refresh_from_db()
    assert (one.started_at, one.stopped_at, one.unit) == (now + 4 * hour, None, "village")
    assert Clock.objects.count() == 2


def test_clocks_of_another_kind_run_on(county, now):
    for kind in ("visit", "match"):
        start_clocks_each(kind=kind, things=[("lead:1", "360123101201", now, now)], unit="village")
    stop_clocks_each(kind="visit", stops=[("lead:1", now)])
    assert [each.kind for each in queries.running()] == ["match"]


def test_the_county_and_its_people_are_found_by_name(people):
    assert queries.county().division.name == "安义县"
    assert queries.user("auditor") == people["auditor"]
    with pytest.raises(NotFound, match="nobody"):
        queries.user("nobody")


def test_a_county_that_is_founded_writes_who_and_where(county):
    line = Entry.objects.get(verb="office.found_county")
    assert (line.about, line.by) == ("division:360123000000", "anlan")
