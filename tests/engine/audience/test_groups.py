"""Groups and tiers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engine.audience.groups import GROUPS, assign, tier

GROUPS_WITH_FLAGS = GROUPS[:-1]


@pytest.mark.clause("W4")
def test_those_in_danger_or_unable_to_get_away_come_first() -> None:
    assert [tier(group) for group in GROUPS] == [0, 0, 0, 1, 1, 1, 1, 2]


def test_an_unknown_group_has_no_tier() -> None:
    with pytest.raises(ValueError, match="no group 'rich'"):
        tier("rich")


@pytest.mark.clause("W4", "D5")
def test_a_household_is_warned_in_the_first_group_that_applies() -> None:
    flags = {
        "elderly": np.array([True, True, False, False]),
        "danger": np.array([True, False, False, False]),
        "remote": np.array([True, True, True, False]),
    }
    assert assign(flags).tolist() == ["danger", "elderly", "remote", "general"]


def test_names_of_groups_are_not_cut_short() -> None:
    for group in GROUPS:
        assert assign({group: np.array([True])}).tolist() == [group]


def test_nobody_and_nothing_known() -> None:
    assert assign({}).tolist() == []
    assert assign({"alone": np.array([], dtype=bool)}).tolist() == []


def test_unknown_groups_and_unequal_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="no group 'rich'"):
        assign({"rich": np.array([True])})
    with pytest.raises(ValueError, match="unequal length"):
        assign({"alone": np.array([True]), "remote": np.array([True, False])})


@settings(max_examples=50)
@given(st.lists(st.tuples(*[st.booleans() for _ in GROUPS_WITH_FLAGS]), max_size=10))
def test_another_flag_never_puts_a_household_later(rows: list[tuple[bool, ...]]) -> None:
    table = np.array(rows, dtype=bool).reshape(-1, len(GROUPS_WITH_FLAGS))
    before = assign({group: table[:, place] for place, group in enumerate(GROUPS_WITH_FLAGS)}).tolist()
    for place, group in enumerate(GROUPS_WITH_FLAGS):
        more = table.copy()
        more[:, place] = True
        after = assign({name: more[:, column] for column, name in enumerate(GROUPS_WITH_FLAGS)}).tolist()
        for old, new in zip(before, after, strict=True):
            assert GROUPS.index(new) == min(GROUPS.index(old), GROUPS.index(group))
            assert tier(new) <= tier(old)
