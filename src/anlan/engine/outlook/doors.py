"""What the doors teach: an estimate is held against what visits found, and corrected where it was off.

Every household's chance is multiplied by four ratios of found to expected, each of which begins at one (a Poisson count
with a Gamma prior of mean one and of the weight given): of its **place** (villages lend each other their evidence, the
nearer the more), of the height of the **estimate** itself, of its **income** before the event, and of the share of it
that the event is **expected to take**. Each is fitted with the others held, in turn, until they no longer move: one
household's chance is its estimate, times what was learned about estimates like it.

Standardised ratios smoothed towards one by a Gamma prior are Clayton and Kaldor's (1987) way of mapping diseases.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

ROUNDS = 6
ESTIMATES = (0.001, 0.003, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32)  # a chance below the first is of the lowest level
INCOMES = (1.0, 1.1, 1.25, 1.5, 1.8, 2.2, 3.0, 5.0)  # in lines
TAKEN = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.45, 0.6)  # share of the income before
LEVELS = 9  # of each


@dataclass(frozen=True, slots=True)
class Households:
    """The households of one estimate: chance (0..1), number of the place, and level of each of the three kinds."""

    chance: Floats
    place: Ints
    levels: tuple[Ints, Ints, Ints]

    def rows(self, which: Flags | Ints) -> "Households":
        """Some of them."""
        first, second, third = (each[which] for each in self.levels)
        return Households(self.chance[which], self.place[which], (first, second, third))


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was learned: the ratio of found to expected by place, and by level of each kind."""

    place: Floats
    levels: tuple[Floats, Floats, Floats]

    @classmethod
    def none(cls, places: int) -> "Lesson":
        """Before the first visit."""
        return cls(np.ones(places), (np.ones(LEVELS), np.ones(LEVELS), np.ones(LEVELS)))


def households(
    chance: Floats, place: Ints, income_per_head_yuan: Floats, loss_per_head_yuan: Floats, line_yuan: float
) -> Households:
    """From the columns of an estimate: expected income after the event, expected loss of income, and the line."""
    before = income_per_head_yuan + loss_per_head_yuan
    taken = loss_per_head_yuan / np.maximum(before, 1.0)
    levels = (np.digitize(chance, ESTIMATES), np.digitize(before / line_yuan, INCOMES), np.digitize(taken, TAKEN))
    return Households(chance, place, levels)


def nearness(x_km: Floats, y_km: Floats, reach_km: float) -> Floats:
    """How much of each place's evidence counts for each other one: 1 for its own, then falling with the distance."""
    apart = np.hypot(x_km[:, None] - x_km, y_km[:, None] - y_km)
    return np.asarray(np.exp(-0.5 * (apart / reach_km) ** 2))


def learn(visited: Households, found: Flags, near: Floats, weights: tuple[float, float]) -> Lesson:
    """Hold the visited households' chances against what was found at them.

    `near`: (places, places) from `nearness`; `weights`: how many expected households the prior is worth, of a place and
    of a level. Households that reported by themselves do not belong here: they came because they were hit.
    """
    of_place, of_level = weights
    lesson = Lesson.none(len(near))
    hits = found.astype(np.float64)
    here = near @ np.bincount(visited.place, hits, len(near))
    ratios = list(lesson.levels)
    place = lesson.place
    for _round in range(ROUNDS):
        expected = visited.chance * _of_levels(visited, ratios)
        place = (of_place + here) / (of_place + near @ np.bincount(visited.place, expected, len(near)))
        for kind, level in enumerate(visited.levels):
            others = [ratio for other, ratio in enumerate(ratios) if other != kind]
            lent = [each for other, each in enumerate(visited.levels) if other != kind]
            expected = visited.chance * place[visited.place] * _product(lent, others)
            counted = np.bincount(level, hits, LEVELS)
            ratios[kind] = (of_level + counted) / (of_level + np.bincount(level, expected, LEVELS))
    return Lesson(place, (ratios[0], ratios[1], ratios[2]))


def chances(everyone: Households, lesson: Lesson) -> Floats:
    """Every household's chance after the lesson, 0..1."""
    learned = everyone.chance * lesson.place[everyone.place] * _of_levels(everyone, lesson.levels)
    return np.minimum(learned, 1.0)


def overlooked(chance: Floats, misjudged: float) -> Floats:
    """The chance that is left of households judged unharmed, where a visit ends so wrongly by `misjudged`."""
    missed = chance * misjudged
    return np.asarray(missed / np.maximum(missed + (1.0 - chance) * (1.0 - misjudged), 1e-12))


def worth(chance: Floats, waiting: Flags, found: float, miss_share: float) -> Flags:
    """Whom to visit: the fewest of the waiting, so that those beyond hold no more than a share of all expected.

    `found`: how many were found so far. All expected are those and the chances of the waiting added up. Equal chances
    go in the order given.
    """
    if not 0 <= miss_share < 1:
        raise ValueError(f"the share that may be missed cannot be {miss_share}")
    places = np.flatnonzero(waiting & (chance > 0))
    order = places[np.argsort(-chance[places], kind="stable")]
    left = np.cumsum(chance[order][::-1])[::-1]  # with each and all after it unvisited
    allowed = miss_share * (found + (left[0] if len(left) else 0.0))
    chosen = np.zeros(len(chance), dtype=bool)
    chosen[order[left > allowed]] = True
    return chosen


def _of_levels(about: Households, ratios: Sequence[Floats]) -> Floats:
    return _product(about.levels, ratios)


def _product(levels: Sequence[Ints], ratios: Sequence[Floats]) -> Floats:
    product = np.ones(len(levels[0]))
    for level, ratio in zip(levels, ratios, strict=True):
        product *= ratio[level]
    return product
