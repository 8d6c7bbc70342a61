"""Whom to visit, as far as the doors have taught: a run's chances, corrected by what visits found.

The chances are not written down: a run's columns and the latest lesson give them again, for one village or for all.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anlan.county import clock
from anlan.county.foresee.models import Impact, Lesson, Run
from anlan.county.office.models import Division
from anlan.engine import policy
from anlan.engine.hazard.field import METRES_PER_DEGREE
from anlan.engine.outlook import doors
from anlan.engine.policy import Policy

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

KM_PER_DEGREE = METRES_PER_DEGREE / 1000
COLUMNS = (
    "household_id", "household__division_id", "score", "income_per_head_yuan", "loss_yuan", "household__size", "rank",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Visits:
    """What visits to an event's doors say of its estimate.

    `seen`: whether each household was found at risk, of those nobody came to for having reported; `harmed`: which of
    them were found harmed; `found`: how many were at risk in all; `unharmed`: who was judged unharmed by one visit
    only, and may be worth a second look by somebody else; `gone`: who needs none any more; `made`: how many visits of
    any kind there were; `days`: how long ago the first was.
    """

    seen: Mapping[int, bool]
    found: int
    unharmed: Collection[int]
    gone: Collection[int]
    made: int = 0
    harmed: Collection[int] = ()
    days: int = 0


@dataclass(frozen=True, slots=True)
class Listed:
    """A run's households, the most at risk first, as the doors' lessons see them; `villages` in order of codes."""

    id: NDArray[np.int64]
    villages: tuple[str, ...]
    households: doors.Households

    def chances(self, lesson: Lesson | None, unharmed: Collection[int] = ()) -> Floats:
        """Each household's chance after a lesson (None: the run's own). Of those judged unharmed once, what is left."""
        learned = doors.Lesson.none(len(self.villages))
        if lesson is not None:
            by_place = np.array([lesson.places.get(code, 1.0) for code in self.villages])
            first, second, third = (np.array(ratios) for ratios in lesson.levels)
            learned = doors.Lesson(by_place, (first, second, third))
        chance = doors.chances(self.households, learned)
        judged = _among(self.id, unharmed)
        chance[judged] = doors.overlooked(chance[judged], policy.on(clock.today()).number("visit_misjudge_ratio"))
        return chance


NONE = np.zeros(0, dtype=np.int64)
NOBODY = Listed(NONE, (), doors.households(np.zeros(0), NONE, np.zeros(0), np.zeros(0), 1.0))


def listed(run: Run, village: str = "") -> Listed:
    """The households of a run, or those of one village."""
    impacts = Impact.objects.filter(run=run).order_by()
    impacts = impacts.filter(household__division=village) if village else impacts
    rows = list(impacts.values_list(*COLUMNS).iterator(chunk_size=20_000))
    ids, divisions, chance, income, loss, size, rank = zip(*rows, strict=True) if rows else ((),) * len(COLUMNS)
    order = np.argsort(np.array(rank, dtype=np.int64), kind="stable")  # cheaper than along the database's index
    villages = tuple(sorted(set(divisions)))
    number = {code: place for place, code in enumerate(villages)}
    place = np.array([number[code] for code in divisions], dtype=np.int64)[order]
    chances, incomes, losses, sizes = (np.array(each, dtype=float)[order] for each in (chance, income, loss, size))
    line = policy.on(run.policy_day).number("monitoring_line_yuan")
    about = doors.households(chances, place, incomes, losses / np.maximum(sizes, 1), line)
    return Listed(np.array(ids, dtype=np.int64)[order], villages, about)


def lesson(run: Run | None) -> Lesson | None:
    """The latest lesson about a run."""
    return Lesson.objects.filter(run=run).first() if run else None


def taught(everyone: Listed, visits: Visits, rules: Policy) -> Lesson:
    """The lesson of visits, not yet kept."""
    told = np.array([visits.seen.get(each, False) for each in everyone.id.tolist()], dtype=bool)
    visited, harmed = _among(everyone.id, visits.seen), _among(everyone.id, visits.harmed)
    weights = (rules.number("doors_place_weight"), rules.number("doors_level_weight"))
    near = _near(everyone.villages, rules.number("doors_reach_km"))
    learned = doors.learn(everyone.households.rows(visited), told[visited], harmed[visited], near, weights)
    lesson = Lesson(
        visits=visits.made, visited=int(visited.sum()), found=int(told.sum()),
        places=dict(zip(everyone.villages, learned.place.tolist(), strict=True)),
        levels=[ratios.tolist() for ratios in learned.levels],
    )  # fmt: skip
    chance = everyone.chances(lesson, visits.unharmed)
    again = _among(everyone.id, visits.unharmed)
    waiting = ~_among(everyone.id, visits.gone)
    miss = rules.number("visit_miss_share")
    early = doors.at_first(rules.number("visit_first_share"), rules.number("visit_step_ratio"), visits.days, miss)
    first, chosen = (doors.worth(chance, waiting & ~again, visits.found, share) for share in (early, miss))
    lesson.first, lesson.cut = (float(chance[each].min()) if each.any() else 1.0 for each in (first, chosen))
    if not visited.any():
        lesson.cut = 0.0  # nobody is spared a visit on the estimate's word alone
    chosen |= again & (chance >= rules.number("second_look_p_min"))
    lesson.waiting = int(chosen.sum())
    lesson.left, lesson.beyond = float(chance[waiting].sum()), float(chance[waiting & ~chosen].sum())
    return lesson


@dataclass(frozen=True, slots=True)
class Order:
    """Whom to visit, the most probable first: household ids and villages, and the chance of each."""

    id: NDArray[np.int64]
    village: NDArray[np.str_]
    chance: Floats

    def worth(self, cut: float, unharmed: Collection[int] = ()) -> Order:
        """Those of them that are worth a visit; a second one is worth it only where much speaks against the first."""
        again = _among(self.id, unharmed)
        second = policy.on(clock.today()).number("second_look_p_min")
        kept = self.chance >= np.where(again, second, cut)
        return replace(self, id=self.id[kept], village=self.village[kept], chance=self.chance[kept])


def order(everyone: Listed, about: Lesson | None, unharmed: Collection[int] = ()) -> Order:
    """A run's households in the order in which the latest lesson would visit them."""
    chance = everyone.chances(about, unharmed)
    places = np.argsort(-chance, kind="stable")
    villages = np.array(everyone.villages, dtype=np.str_)[everyone.households.place[places]]
    return Order(everyone.id[places], villages, chance[places])


def _among(ids: NDArray[np.int64], these: Collection[int]) -> Flags:
    return np.isin(ids, np.array(list(these), dtype=np.int64))


def _near(villages: tuple[str, ...], reach_km: float) -> Floats:
    """How much the villages lend each other; one without a point lends nothing, and learns from itself alone."""
    points = {code: (lon, lat) for code, lon, lat in Division.objects.values_list("code", "lon", "lat") if lon and lat}
    lon, lat = np.array([points.get(code, (np.nan, np.nan)) for code in villages], dtype=float).reshape(-1, 2).T
    squeeze = np.cos(np.radians(np.nanmean(lat))) if len(points) else 1.0
    near = np.nan_to_num(doors.nearness(lon * KM_PER_DEGREE * squeeze, lat * KM_PER_DEGREE, reach_km))
    np.fill_diagonal(near, 1.0)
    return near
