"""Running clocks follow a thing that is called otherwise from now on."""

from datetime import timedelta

import pytest

from anlan.county import clock
from anlan.county.office.actions import readdress_clocks, start_clocks, stop_clocks
from anlan.county.office.models import Clock

A, B = "360123101201", "360123101202"
OLD, NEW = A + "00001", B + "00009"


@pytest.fixture
def running(county):
    def running(*abouts):
        now = clock.now()
        start_clocks(
            kind="visit", things=[(about, A) for about in abouts], unit="village", at=now,
            due_at=now + timedelta(days=1),
        )  # fmt: skip

    return running


def named():
    return sorted(Clock.objects.values_list("about", "division_id"))


@pytest.mark.parametrize("about", ["household:{}", "lead:e1/{}", "check:e1/{}/20260618", "measure:e1/{}/grain"])
def test_a_name_is_changed_wherever_it_stands(running, about):
    running(about.format(OLD))
    due = Clock.objects.get().due_at
    assert readdress_clocks(before=OLD, after=NEW, division=B) == 1
    assert named() == [(about.format(NEW), B)]
    assert Clock.objects.get().due_at == due


def test_a_longer_name_that_holds_it_is_left_alone(running):
    running(f"lead:e1/{OLD}1", f"lead:{OLD}-1/x")
    before = named()
    assert readdress_clocks(before=OLD, after=NEW, division=B) == 0
    assert named() == before


def test_what_has_stopped_keeps_the_name_it_had(running):
    running(f"lead:e1/{OLD}")
    stop_clocks(kind="visit", abouts=[f"lead:e1/{OLD}"], at=clock.now())
    assert readdress_clocks(before=OLD, after=NEW, division=B) == 0
    assert named() == [(f"lead:e1/{OLD}", A)]


def test_the_same_name_moves_nothing(running):
    running(f"lead:e1/{OLD}")
    assert readdress_clocks(before=OLD, after=OLD, division=B) == 0
    assert named() == [(f"lead:e1/{OLD}", A)]
