"""What the doors teach, and whom to visit after it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engine.outlook import doors

LINE_YUAN = 8500.0
ONE = np.ones((1, 1))
WEIGHTS = (2.0, 1.0)
NONE = np.zeros(0, dtype=bool)


def alike(count, chance=0.1, place=0):
    """Households that only their place tells apart."""
    number = np.full(count, place, dtype=np.int64)
    return doors.households(np.full(count, chance), number, np.full(count, 9000.0), np.full(count, 3000.0), LINE_YUAN)


def flags(count, hits):
    return np.arange(count) < hits


def test_levels_are_of_the_estimate_the_income_before_and_the_share_taken():
    made = doors.households(
        np.array([0.0005, 0.05, 0.9]), np.zeros(3, dtype=np.int64), np.array([3000.0, 8500.0, 60_000.0]),
        np.array([5000.0, 0.0, 500.0]), LINE_YUAN,
    )  # fmt: skip
    assert [each.tolist() for each in made.levels] == [[0, 5, 8], [0, 1, 8], [8, 0, 0]]


def test_without_a_visit_nothing_is_learned():
    lesson = doors.learn(alike(0), NONE, NONE, ONE, WEIGHTS)
    everyone = alike(4, 0.3)
    assert doors.chances(everyone, lesson).tolist() == doors.chances(everyone, doors.Lesson.none(1)).tolist()
    assert doors.chances(everyone, lesson) == pytest.approx(0.3)


@pytest.mark.clause("D2", "D5")
def test_more_found_than_expected_raises_the_chance_of_those_like_them_and_less_lowers_it():
    visited, everyone = alike(200), alike(5)
    before, many, few = (
        doors.chances(everyone, doors.learn(visited, flags(200, hits), flags(200, hits), ONE, WEIGHTS))[0]
        for hits in (20, 60, 2)
    )
    assert few < before < many
    assert before == pytest.approx(0.1)  # as many were found as expected
    assert many == pytest.approx(0.3, rel=0.1)
    assert few == pytest.approx(0.01, rel=0.5)


def test_a_neighbour_learns_from_a_neighbour_and_a_distant_village_does_not():
    near = doors.nearness(np.array([0.0, 1.0, 40.0]), np.zeros(3), 1.0)
    assert near[0].tolist() == pytest.approx([1.0, 0.6065, 0.0], abs=1e-4)
    lesson = doors.learn(alike(100), flags(100, 40), flags(100, 40), near, (2.0, 1000.0))  # levels hardly learn
    assert lesson.place[0] > lesson.place[1] > 1.5
    assert lesson.place[2] == pytest.approx(1.0)


def test_a_kind_of_household_that_the_estimate_overrates_is_put_right_everywhere():
    low, high = alike(300, 0.02), alike(300, 0.5)
    both = doors.Households(
        np.concatenate([low.chance, high.chance]), np.concatenate([low.place, high.place]),
        tuple(np.concatenate(pair) for pair in zip(low.levels, high.levels, strict=True)),
    )  # fmt: skip
    found = np.concatenate([flags(300, 24), flags(300, 60)])  # 6 and 150 were expected
    lesson = doors.learn(both, found, found, ONE, WEIGHTS)
    assert doors.chances(alike(1, 0.02), lesson)[0] == pytest.approx(0.08, rel=0.2)
    assert doors.chances(alike(1, 0.5), lesson)[0] == pytest.approx(0.2, rel=0.2)


def test_harm_tells_of_a_place_before_anybody_at_risk_is_found():
    places = np.repeat([0, 1, 2], 40)
    visited = replace(alike(120, 0.02), place=places)
    harmed = np.isin(np.arange(120) % 40, range(20)) & (places == 1) | (np.arange(120) % 40 < 2)
    nobody = np.zeros(120, dtype=bool)
    lesson = doors.learn(visited, nobody, harmed, np.eye(3), (2.0, 1000.0))
    assert lesson.place[1] > 2 * lesson.place[0]
    assert lesson.place[0] == pytest.approx(lesson.place[2])
    unharmed = doors.learn(visited, nobody, nobody, np.eye(3), (2.0, 1000.0))
    assert unharmed.place == pytest.approx(unharmed.place[0])  # where nobody was harmed no place stands out


def test_early_lists_are_short_and_every_day_longer_up_to_the_whole():
    shares = [doors.at_first(0.7, 0.5, days, 0.1) for days in range(5)]
    assert shares == pytest.approx([0.7, 0.35, 0.175, 0.1, 0.1])


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1))
def test_it_finds_the_factors_a_world_was_made_with(seed):
    rng = np.random.default_rng(seed)
    places, size = 12, 24_000  # with a quarter of that one world in four hundred is too like the estimate to learn from
    factor = np.exp(rng.normal(0, 0.7, places))
    everyone = doors.households(
        rng.uniform(0.02, 0.2, size), rng.integers(0, places, size), rng.uniform(2000, 40_000, size),
        rng.uniform(0, 8000, size), LINE_YUAN,
    )  # fmt: skip
    truth = np.minimum(everyone.chance * factor[everyone.place], 1.0)
    found = rng.random(size) < truth
    visited = rng.random(size) < 0.5
    lesson = doors.learn(everyone.rows(visited), found[visited], found[visited], np.eye(places), WEIGHTS)
    learned = doors.chances(everyone, lesson)[~visited]
    assert ((learned - truth[~visited]) ** 2).mean() < ((everyone.chance - truth)[~visited] ** 2).mean()
    assert learned.sum() == pytest.approx(truth[~visited].sum(), rel=0.35)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=30), st.floats(0, 20),
    st.floats(0, 1, exclude_max=True),
)  # fmt: skip
def test_those_worth_a_visit_are_the_fewest_that_leave_no_more_than_the_share(listed, found, share):
    chance = np.array([each for each, _ in listed], dtype=float)
    waiting = np.array([each for _, each in listed], dtype=bool)
    chosen = doors.worth(chance, waiting, found, share)
    assert not (chosen & ~waiting).any()
    allowed = share * (found + chance[waiting].sum())
    left = np.sort(chance[waiting & ~chosen])
    assert left.sum() <= allowed + 1e-9
    if chosen.any():  # one fewer would leave too much
        assert chance[chosen].min() >= (left[-1] if len(left) else 0.0)
        assert left.sum() + chance[chosen].min() > allowed - 1e-9


def test_a_share_that_may_be_missed_is_a_share():
    with pytest.raises(ValueError, match=r"1\.5"):
        doors.worth(np.zeros(1), np.ones(1, dtype=bool), 0.0, 1.5)


def test_what_is_left_of_a_chance_after_a_visit_found_nothing():
    left = doors.overlooked(np.array([0.0, 0.5, 1.0]), 0.03)
    assert left.tolist() == pytest.approx([0.0, 0.03, 1.0])
    assert doors.overlooked(np.array([0.9, 0.2]), 0.0).tolist() == [0.0, 0.0]
