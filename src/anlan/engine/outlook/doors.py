"""What the doors teach: an estimate is held against what visits found, and corrected where it was off.

Every household's chance is multiplied by four ratios of found to expected, each of which begins at one (a Poisson count
with a Gamma prior of mean one and of the weight given): of its **place** (villages lend each other their evidence, the
nearer the more), of the height of the **estimate** itself, of its **income** before the event, and of the share of it
that the event is **expected to take**. Each is fitted with the others held, in turn, until they no longer move: one
household's chance is its estimate, times what was learned about estimates like it.

A place is judged twice. Harm of any kind is found many times as often as a household at risk, and shows after a few
doors where it was worse than foreseen; what it shows is taken as the place's ratio before those at risk are counted.

Standardised ratios smoothed towards one by a Gamma prior are Clayton and Kaldor's (1987) way of mapping diseases.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

ROUNDS = 6
HARM_ROUNDS = 4
HARM_WEIGHT = 5.0  # visits of the mean that a rate of harm is worth before the first of its kind
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


def learn(visited: Households, found: Flags, harmed: Flags, near: Floats, weights: tuple[float, float]) -> Lesson:
    """Hold the visited households' chances against what was found at them.

    `found`, `harmed`: who was found at risk, and who was found harmed at all; `near`: (places, places) from `nearness`;
    `weights`: how many expected households the prior is worth, of a place and of a level. Households that reported by
    themselves do not belong here: they came because they were hit.
    """
    of_place, of_level = weights
    hit = _hit(visited, harmed.astype(np.float64), near, of_place)
    visited = replace(visited, chance=np.minimum(visited.chance * hit[visited.place], 1.0))
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
    return Lesson(hit * place, (ratios[0], ratios[1], ratios[2]))


def _hit(visited: Households, harmed: Floats, near: Floats, weight: float) -> Floats:
    """How much more often harm was found in each place than at households like them elsewhere."""
    estimate, _income, taken = visited.levels
    kind, kinds = estimate * LEVELS + taken, LEVELS**2
    prior = HARM_WEIGHT * (harmed.mean() if len(harmed) else 0.0)
    counted, here = prior + np.bincount(kind, harmed, kinds), near @ np.bincount(visited.place, harmed, len(near))
    place = np.ones(len(near))
    for _round in range(HARM_ROUNDS):
        rate = counted / (HARM_WEIGHT + np.bincount(kind, place[visited.place], kinds))
        expected = np.bincount(visited.place, rate[kind], len(near))
        place = (weight + here) / (weight + near @ expected)
    return place


def chances(everyone: Households, lesson: Lesson) -> Floats:
    """Every household's chance after the lesson, 0..1."""
    learned = everyone.chance * lesson.place[everyone.place] * _of_levels(everyone, lesson.levels)
    return np.minimum(learned, 1.0)


def overlooked(chance: Floats, misjudged: float) -> Floats:
    """The chance that is left of households judged unharmed, where a visit ends so wrongly by `misjudged`."""
    missed = chance * misjudged
    return np.asarray(missed / np.maximum(missed + (1.0 - chance) * (1.0 - misjudged), 1e-12))


def at_first(first_share: float, step: float, days: int, miss_share: float) -> float:
    """The share of all expected that a day's list may leave out, `days` after the first visit.

    Early lists are short: what the first doors teach spares many others. Each day's is `step` times the last one's,
    down to the share that may be missed in the end.
    """
    return max(first_share * step**days, miss_share)


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
