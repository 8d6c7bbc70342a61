"""The order of a drill: by time, the same every time, every phase with a name to go on from."""

from datetime import timedelta
from itertools import groupby

import pytest
from tests.county.drill.conftest import stage

from anlan.county.drill.scenario import scenarios
from anlan.county.drill.script import DAYS_OF_CASES, DAYS_OF_VISITS, phases, script

NAMES = [scenario.name for scenario in scenarios()]


def names(ready):
    return [phase.name for phase in script(ready)]


@pytest.mark.parametrize("name", NAMES)
def test_phases_stand_in_the_order_of_time(name):
    moments = [phase.at for phase in script(stage(name))]
    assert moments == sorted(moments)
    assert moments[0] - stage(name).start == timedelta(minutes=4)
    assert timedelta(days=210) <= moments[-1] - stage(name).start <= timedelta(days=stage(name).scenario.days + 1)


@pytest.mark.parametrize("name", NAMES)
def test_those_of_one_moment_keep_the_order_they_were_written_in(name):
    ready = stage(name)
    written = [phase.name for phase in phases(ready)]
    for _at, together in groupby(script(ready), key=lambda phase: phase.at):
        places = [written.index(phase.name) for phase in together]
        assert places == sorted(places)


@pytest.mark.parametrize("name", NAMES)
def test_every_phase_has_a_name_of_its_own_and_the_list_is_the_same_again(name):
    found = names(stage(name))
    assert len(set(found)) == len(found)
    first = [(phase.at, phase.name, phase.whole) for phase in script(stage(name))]
    assert [(phase.at, phase.name, phase.whole) for phase in script(stage(name))] == first


@pytest.mark.clause("P1")
def test_before_during_and_after_are_all_there():
    found = names(stage())
    for earlier, later in (
        ("alert 1", "warn 1"), ("warn 1", "hand over 1"), ("hand over 1", "networks answer 1"),
        ("networks answer 1", "people answer 1"), ("people answer 1", "cadres call 1"), ("alert 1", "alert 2"),
        ("gauges", "estimate again"), ("estimate again", "sweeps begin"), ("sweeps begin", "visits 1"),
        ("visits 1", f"visits {DAYS_OF_VISITS}"), (f"visits {DAYS_OF_VISITS}", "sweeps end"), ("sweeps end", "month 7"),
    ):  # fmt: skip
        assert found.index(earlier) < found.index(later), (earlier, later)


def test_only_sending_is_not_one_transaction():
    assert {phase.name for phase in script(stage()) if not phase.whole} == {"hand over 1", "hand over 2"}


@pytest.mark.parametrize(
    ("lag", "day"), [(0, 1), (1, 1), (20, 20), (DAYS_OF_VISITS, 45), (60, 60), (DAYS_OF_CASES, 75)]
)
def test_the_departments_lists_come_once_after_their_lag(lag, day):
    ready = stage(world=f"[departments]\nlag_days = {lag}")
    (lists,) = (phase for phase in script(ready) if phase.name == "departments' lists")
    assert (lists.at.date() - ready.start.date()).days == day + 1


def test_every_moment_has_its_place_on_the_clock():
    assert all(phase.at.tzinfo is not None for phase in script(stage()))
