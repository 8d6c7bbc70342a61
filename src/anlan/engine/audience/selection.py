"""Whom a signal is for, among a million households in columns: by division, by group, the urgent ones first.

Areas are in `engine.hazard.inside`. Nothing is prepared or kept: a column that is asked once is not worth sorting.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from anlan.engine.audience.groups import GROUPS, tier
from anlan.engine.values.divisions import significant

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Small = NDArray[np.int8]
Words = NDArray[np.str_]

DIGITS = 12
_TIERS = np.array([tier(group) for group in GROUPS], dtype=np.int8)


def named(divisions: Words, codes: Iterable[str]) -> Flags:
    """Which places of a column of twelve-digit codes lie in any of these divisions, descendants included.

    Raises ValueError for what is no code of a division.
    """
    found = np.zeros(len(divisions), dtype=bool)
    wanted = [significant(code) for code in codes]
    if not len(divisions):
        return found
    letters = np.ascontiguousarray(divisions, dtype=f"<U{DIGITS}").view(np.uint32).reshape(-1, DIGITS)
    for prefix in wanted:
        last = len(prefix) - 1  # the digit that leaves the fewest
        left = np.flatnonzero(letters[:, last] == ord(prefix[last]))
        for place in range(last - 1, -1, -1):
            left = left[letters[left, place] == ord(prefix[place])]
        found[left] = True
    return found


def indices(groups: Words) -> Small:
    """Names of groups as their places in GROUPS, the neediest first. Raises ValueError for an unknown one."""
    found = np.full(len(groups), -1, dtype=np.int8)
    for place, group in enumerate(GROUPS):
        found[groups == group] = place
    if (unknown := np.flatnonzero(found < 0)).size:
        raise ValueError(f"no group {str(groups[unknown[0]])!r}; known: {', '.join(GROUPS)}")
    return found


def tiers(groups: Words) -> Ints:
    """The tier of each household by its group: 0 is told first. Raises ValueError for an unknown group."""
    return np.asarray(_TIERS[indices(groups)].astype(np.int64))


def select(chosen: Flags, group: Small, wanted: Iterable[str] = GROUPS) -> Ints:
    """The places of the chosen households of these groups, who is told first first, else in the columns' order.

    `group`: each household's place in GROUPS, as `indices` gives it. Raises ValueError for an unknown group.
    """
    mask = np.zeros(len(GROUPS), dtype=bool)
    mask[indices(np.array(list(wanted), dtype=np.str_))] = True
    places = np.flatnonzero(chosen)
    places = places[mask[group[places]]]
    return places[np.argsort(_TIERS[group[places]], kind="stable")]
