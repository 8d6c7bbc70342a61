"""The ladder of those who did not answer, and how far a warning got."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest

from anlan.engine import policy
from anlan.engine.audience.ladder import RUNGS, ladder, state

TODAY = policy.on(date(2026, 6, 18))


def minutes(level: int) -> list[float]:
    steps = ladder(TODAY, level)
    assert steps is not None
    return [each / timedelta(minutes=1) for each in steps.after]


@pytest.mark.clause("W4")
@pytest.mark.parametrize(("level", "expected"), [(4, [0, 3, 5, 10, 15, 25]), (0, [0, 3, 5, 10, 15, 25]),
                                                 (3, [0, 6, 10, 20, 30, 50])])  # fmt: skip
def test_red_climbs_as_laid_down_and_orange_half_as_fast(level: int, expected: list[float]) -> None:
    assert minutes(level) == expected
    assert len(expected) == len(RUNGS)


@pytest.mark.parametrize("level", [1, 2])
def test_blue_and_yellow_have_no_ladder(level: int) -> None:
    assert ladder(TODAY, level) is None


def test_above_the_last_rung_there_is_none() -> None:
    steps = ladder(TODAY, 4)
    assert steps is not None
    assert steps.following(0) == timedelta(minutes=3)
    assert steps.following(4) == timedelta(minutes=25)
    assert steps.following(5) is None
    assert replace(steps, after=()).following(0) is None


def test_a_state_is_the_furthest_that_was_shown_and_nothing_is_inferred() -> None:
    names = ("handed", "delivered", "heard", "acknowledged", "safe")
    assert state(**dict.fromkeys(names, False)) == "planned"
    for shown in product([False, True], repeat=len(names)):
        expected = next((name for name, yes in reversed(list(zip(names, shown, strict=True))) if yes), "planned")
        assert state(**dict(zip(names, shown, strict=True))) == expected
