"""Clocks and rights against a plain model: what a notebook kept by hand would say."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.county import clock
from anlan.county.office.actions import (
    appoint,
    start_clocks,
    start_clocks_each,
    stop_clocks,
    stop_clocks_each,
)
from anlan.county.office.models import Appointment, Clock, Division, User
from anlan.county.office.queries import breached, running
from anlan.county.office.roles import ROLES

VILLAGES = ("360123101201", "360123102201")
ABOUTS = tuple(f"lead:EV1/{village}{n:05d}" for village in VILLAGES for n in (1, 2))
STEP = st.tuples(
    st.sampled_from(["start", "start_each", "stop", "stop_each"]), st.sampled_from(["visit", "intake"]),
    st.lists(st.sampled_from(ABOUTS), min_size=1, max_size=4, unique=True), st.integers(1, 72),
)  # fmt: skip


def village(about):
    return about.partition("/")[2][:12]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=10))
def test_clocks_are_what_a_notebook_would_say(county, now, steps):
    kept: dict[tuple[str, str], tuple] = {}
    at = now
    with transaction.atomic():
        for deed, kind, abouts, hours in steps:
            at += timedelta(hours=1)
            due = at + timedelta(hours=hours)
            if deed == "start":
                things = [(about, village(about)) for about in abouts]
                assert start_clocks(kind=kind, things=things, unit="village", at=at, due_at=due) == len(abouts)
            elif deed == "start_each":
                each = [(about, village(about), at, due) for about in abouts]
                assert start_clocks_each(kind=kind, things=each, unit="village") == len(abouts)
            if deed.startswith("start"):
                kept |= {(kind, about): (at, due, None) for about in abouts}
                continue
            going = [about for about in abouts if (kind, about) in kept and kept[kind, about][2] is None]
            if deed == "stop":
                assert stop_clocks(kind=kind, abouts=abouts, at=at) == len(going)
            else:
                assert stop_clocks_each(kind=kind, stops=[(about, at) for about in abouts]) == len(going)
            kept |= {(kind, about): (*kept[kind, about][:2], at) for about in going}
        rows = {(row.kind, row.about): (row.started_at, row.due_at, row.stopped_at) for row in Clock.objects.all()}
        assert rows == kept
        assert {(row.kind, row.about) for row in running()} == {key for key, row in kept.items() if row[2] is None}
        end = at + timedelta(hours=36)
        late = {key for key, (_start, due, stopped) in kept.items() if (stopped or end) > due}
        assert {(row.kind, row.about) for row in Clock.objects.filter(breached(end))} == late
        assert all(row.division_id == village(row.about) for row in Clock.objects.all())
        transaction.set_rollback(True)


@pytest.mark.clause("L1")
@pytest.mark.parametrize("role", ROLES)
def test_a_right_holds_in_the_division_and_beneath_it_and_nowhere_else(county, role):
    divisions = list(Division.objects.values_list("code", flat=True))
    for place in divisions:
        user = appoint(username=f"{role}-{place}", name="示例", role=role, division=place, since=clock.today())
        below = {code for code in divisions if code.startswith(place.rstrip("0") if place[6:] == "000000" else
                                                               place[:9] if place[9:] == "000" else place)}  # fmt: skip
        for permission in ROLES[role].permissions:
            assert {code for code in divisions if user.may(permission, code)} == below
            assert user.may(permission)
        foreign = {permission for other in ROLES.values() for permission in other.permissions}
        for permission in foreign - ROLES[role].permissions:
            assert not user.may(permission)
            assert not any(user.may(permission, code) for code in divisions)
        assert user.scopes() == [place]


@pytest.mark.parametrize(
    ("since", "until", "holds"), [(0, None, True), (1, None, False), (-9, 0, False), (-9, 1, True)]
)
def test_an_appointment_holds_from_its_first_day_until_the_day_before_its_end(county, since, until, holds):
    today = clock.today()
    user = appoint(username="new", name="示例", role="auditor", division=VILLAGES[0],
                   since=today + timedelta(days=since))  # fmt: skip
    Appointment.objects.filter(user=user).update(until=until if until is None else today + timedelta(days=until))
    fresh = User.objects.get(pk=user.pk)
    assert fresh.may("ledger.read") == holds
    assert bool(fresh.scopes()) == holds


def test_two_posts_add_up_and_one_that_ends_takes_nothing_from_the_other(county):
    user = appoint(username="new", name="示例", role="auditor", division="360123000000", since=clock.today())
    appoint(username="new", name="示例", role="village_cadre", division=VILLAGES[0], since=clock.today())
    both = User.objects.get(pk=user.pk)
    assert both.may("verify.visit", VILLAGES[0])
    assert not both.may("verify.visit", VILLAGES[1])
    assert both.may("ledger.read")
    assert both.scopes() == ["360123000000", VILLAGES[0]]
    Appointment.objects.filter(user=user, role="auditor").update(
        since=clock.today() - timedelta(days=1), until=clock.today()
    )
    left = User.objects.get(pk=user.pk)
    assert (left.may("ledger.read"), left.may("verify.visit", VILLAGES[0])) == (False, True)
