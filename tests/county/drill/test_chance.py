"""Luck has names and no order."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.county.drill.chance import chance

names = st.lists(st.text("abcdefgh", min_size=1, max_size=4) | st.integers(0, 99), min_size=1, max_size=3)


@given(st.integers(), names)
@settings(max_examples=50)
def test_the_same_name_meets_the_same_luck(seed, name):
    assert chance(seed, *name).random(3).tolist() == chance(seed, *name).random(3).tolist()


@given(st.integers(-9, 9), st.integers(-9, 9), names, names)
@settings(max_examples=50)
def test_another_seed_or_name_meets_another(seed, other, name, another):
    same = (seed, [str(part) for part in name]) == (other, [str(part) for part in another])
    assert (chance(seed, *name).random(4).tolist() == chance(other, *another).random(4).tolist()) is same


def test_it_does_not_matter_who_asks_first():
    one = [chance(1, name).random() for name in ("a", "b", "c")]
    assert [chance(1, name).random() for name in ("c", "b", "a")] == one[::-1]
    greedy = chance(1, "a")
    greedy.random(1000)
    assert chance(1, "b").random() == one[1]


def test_draws_are_even():
    first = np.array([chance(seed, "x").random() for seed in range(2000)])
    assert abs(first.mean() - 0.5) < 0.03
    assert abs(np.corrcoef(first[:-1], first[1:])[0, 1]) < 0.06
