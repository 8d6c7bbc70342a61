"""The innermost loops, for numba where it is installed (`pip install anlan[fast]`); each caller has its NumPy twin.

A loop and its twin give the same to the last bit, so a county without numba gets the same lists, later. In plain Python
the loops are right, too, and slow: that is how they are tested where numba is missing.
"""

from collections.abc import Callable
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Loop = TypeVar("Loop", bound=Callable[..., Any])
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Array = NDArray[Any]


FEW = 100  # entries of a column that are sorted by putting each in its place
MANY = 2_000_000  # steps below which loading numba costs more than it saves


@lru_cache(maxsize=1)
def fast() -> bool:
    """Numba is installed."""
    return find_spec("numba") is not None


def compiled(loop: Loop, steps: int) -> Loop | None:
    """The loop in machine code; None where numba is not installed, or so few steps are not worth it."""
    return machine_code(loop) if steps >= MANY and fast() else None


@lru_cache
def machine_code(loop: Loop) -> Loop:
    """The loop in machine code, which is kept on disk for the next process where there is a place to write."""
    import numba

    try:
        made: Loop = numba.njit(nogil=True, cache=True)(loop)
    except RuntimeError:  # no such place
        made = numba.njit(nogil=True)(loop)
    return made


def look_up(at: Array, guide: Ints, points: tuple[Floats, Floats, Floats, Floats], found: Floats) -> None:
    """What a curve says at each place, as `numpy.interp` has it; `guide` says where to begin to look, evenly spaced.

    `points`: places that never fall, what stands there; how steeply it rises from each to the next, and how far.
    """
    places, ratios, slopes, most = points
    last = len(places) - 1
    first, end = places[0], places[last]
    scale = (len(guide) - 1) / (end - first) if end > first else 0.0
    for entry in range(len(at)):
        place = at[entry]
        if place >= end:
            found[entry] = ratios[last]
        elif place < first:
            found[entry] = ratios[0]
        else:
            below = guide[int((place - first) * scale)]
            while places[below] > place:
                below -= 1
            while places[below + 1] <= place:
                below += 1
            found[entry] = min(slopes[below] * (place - places[below]) + ratios[below], most[below])


def count_up(cell: Array, found: Ints) -> None:
    """Count the values in each cell."""
    for place in range(len(cell)):
        found[cell[place]] += 1


def cut_and_add(cell: Array, value: Floats, found: Floats, units: Floats) -> bool:
    """Add the parts of each value to its cell in `found` (parts × cells); False where parts are too few.

    The units of the parts are powers of 2, so that nothing is rounded on the way.
    """
    inverse = 1.0 / units
    coarse, fine = found[0], found[1]
    for place in range(len(value)):
        row = cell[place]
        first = np.floor(value[place] * inverse[0]) * units[0]
        rest = value[place] - first
        second = np.floor(rest * inverse[1]) * units[1]
        coarse[row] += first
        fine[row] += second
        rest -= second
        if rest != 0.0:
            for level in range(2, len(units)):
                part = np.floor(rest * inverse[level]) * units[level]
                found[level, row] += part
                rest -= part
            if rest != 0.0:
                return False
    return True


def add_rows(begins: Ints, ratio: Floats, factor: Array, factor_at: Floats, found: Floats) -> None:
    """Add ratio × factor_at[factor] up, row by row."""
    for row in range(len(found)):
        total = 0.0
        for entry in range(begins[row], begins[row + 1]):
            total += ratio[entry] * factor_at[factor[entry]]
        found[row] = total


def add_up(place: Array, ratio: Floats, factor: Array, factor_at: Floats, found: Floats) -> None:
    """Add ratio × factor_at[factor] to `found`, at each entry's place."""
    for entry in range(len(ratio)):
        found[place[entry]] += ratio[entry] * factor_at[factor[entry]]


def by_column(rows: Array, columns: Array, data: Array, starts: Ints, found: tuple[Array, Array]) -> None:
    """Put entries into the order of their columns (which begin at `starts`), each where it belongs among the few of its
    column that are there already, so that they rise."""
    member, height = found
    free = starts[:-1].copy()
    for entry in range(len(columns)):
        column = columns[entry]
        value, place = data[entry], free[column]
        free[column] = place + 1
        while place > starts[column] and height[place - 1] > value:
            height[place], member[place] = height[place - 1], member[place - 1]
            place -= 1
        height[place], member[place] = value, rows[entry]


def sift(entries: tuple[Ints, Array, Array], weights: Floats, critical: tuple[Array, Ints, Ints, Array, Ints],
         found: tuple[Floats, Ints, Ints]) -> None:  # fmt: skip
    """Where each member of each cell stands among the critical intensities; see `inversion.falling`.

    `entries`: where the cell's entries begin, their members, their intensities rising within the cell; `critical`:
    intensities rising within the cell, where the cell's households begin, how many of them fall without a hazard,
    each one's place in the caller's order, people before each. Fills p, households and people by member.
    """
    begins, member, height = entries
    limit, starts, always, order, people = critical
    p, households, persons = found
    total = weights.sum()
    for cell in range(len(starts) - 1):
        first, end = starts[cell], starts[cell + 1]
        done = first + always[cell]
        for place in range(first, done):
            p[order[place]] = total
        share = 0.0
        for entry in range(begins[cell], begins[cell + 1]):
            share += weights[member[entry]]
        base = done
        for entry in range(begins[cell], begins[cell + 1]):
            low, high = done, end
            while low < high:
                middle = (low + high) // 2
                if limit[middle] <= height[entry]:
                    low = middle + 1
                else:
                    high = middle
            for place in range(done, low):
                p[order[place]] = share
            households[member[entry]] += low - base
            persons[member[entry]] += people[low] - people[base]
            share -= weights[member[entry]]
            done = low
        for place in range(done, end):
            p[order[place]] = 0.0


def lay_out(met: tuple[Ints, Ints, Ints, Floats], value: Floats, found: tuple[Array, Floats]) -> None:
    """The member and the loss of every entry that each asset meets, asset by asset; see `pairs.Entries`."""
    starts, counts, member, ratio = met
    members, losses = found
    place = 0
    for asset in range(len(value)):
        for entry in range(starts[asset], starts[asset] + counts[asset]):
            members[place], losses[place] = member[entry], value[asset] * ratio[entry]
            place += 1


def meet(met: tuple[Ints, Ints, Ints, Floats], value: Floats, begins: Ints, home: tuple[Floats, Array, Floats],
         weights: Floats, found: tuple[Floats, Ints, Ints]) -> None:  # fmt: skip
    """Every household with the members that do anything to it; see `pairs.falling`. Fills p, households and people.

    Who is below without a loss is left out, but for p: the caller adds them to every member.
    """
    starts, counts, member, ratio = met
    income, people, line = home
    p, households, persons = found
    loss = np.zeros(len(weights))
    for household in range(len(income)):
        share = 0.0
        if income[household] / people[household] < line[household]:
            share = weights.sum()
        else:
            for asset in range(begins[household], begins[household + 1]):
                for entry in range(starts[asset], starts[asset] + counts[asset]):
                    loss[member[entry]] += value[asset] * ratio[entry]
            for asset in range(begins[household], begins[household + 1]):
                for entry in range(starts[asset], starts[asset] + counts[asset]):
                    each = member[entry]
                    if (income[household] - loss[each]) / people[household] < line[household]:
                        share += weights[each]
                        households[each] += 1
                        persons[each] += people[household]
                    loss[each] = 0.0  # a member is asked once
        p[household] = share
