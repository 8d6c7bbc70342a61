"""The clock that drills and tests can hold."""

from datetime import UTC, datetime, timedelta

import pytest

from anlan.county import clock


def test_a_held_clock_stands_still_and_lets_go():
    at = datetime(2026, 6, 18, 12, 0, tzinfo=UTC)
    with clock.held(at):
        assert clock.now() == at == clock.now()
        assert clock.today().isoformat() == "2026-06-18"
    assert clock.now() != at


def test_the_day_is_the_countys_not_greenwichs():
    with clock.held(datetime(2026, 6, 18, 17, 0, tzinfo=UTC)):
        assert clock.today().isoformat() == "2026-06-19"


def test_a_held_clock_can_be_moved_on_and_the_machines_cannot():
    at = datetime(2026, 6, 18, 12, 0, tzinfo=UTC)
    with clock.held(at):
        clock.advance(timedelta(hours=1))
        assert clock.now() == at + timedelta(hours=1)
    with pytest.raises(RuntimeError):
        clock.advance(timedelta(hours=1))


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"), clock.held(datetime(2026, 6, 18)):  # noqa: DTZ001
        pass
