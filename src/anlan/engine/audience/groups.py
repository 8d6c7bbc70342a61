"""The groups in which households are warned, those who need most help first (方案三·一：重点人群)."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

# danger: the house may not hold. alone: one elderly person. The last is everybody else.
GROUPS: tuple[str, ...] = ("danger", "alone", "disabled", "elderly", "monitored", "ex_poor", "remote", "general")
_TIERS = {"danger": 0, "alone": 0, "disabled": 0, "general": 2}


def tier(group: str) -> int:
    """How soon a group is told: 0 in danger or hardly able to get away alone, 1 other key groups, 2 everybody else.

    Raises ValueError for an unknown group.
    """
    if group not in GROUPS:
        raise ValueError(f"no group {group!r}; known: {', '.join(GROUPS)}")
    return _TIERS.get(group, 1)


def assign(flags: Mapping[str, NDArray[np.bool_]]) -> NDArray[np.str_]:
    """The one group each household is warned in: the first of GROUPS whose flag it has, `general` where none.

    `flags`: for any of the groups an array, all of one length, one place a household. Raises ValueError for an
    unknown group or unequal lengths.
    """
    if unknown := set(flags) - set(GROUPS):
        raise ValueError(f"no group {min(unknown)!r}; known: {', '.join(GROUPS)}")
    if len({len(flag) for flag in flags.values()}) > 1:
        raise ValueError("the groups' flags are of unequal length")
    count = max((len(flag) for flag in flags.values()), default=0)
    found = np.full(count, GROUPS[-1], dtype=f"<U{max(map(len, GROUPS))}")
    for group in reversed(GROUPS):
        if group in flags:
            found[flags[group]] = group
    return found
