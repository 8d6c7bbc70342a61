"""What other orders of visiting would have cost: by the list, by category, by distance. The truth judges all alike.

Each order goes through every household of the registry; one that the registry lacks is met with the first of its group,
where the neighbours name it, as it is in ours. Ours counts every visit, second looks and closed doors too; the others
are spared those.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.county.drill.households import Flags, Ints
from anlan.county.drill.place import KM_PER_DEGREE
from anlan.county.drill.stage import Stage
from anlan.county.sense.models import Observation
from anlan.county.verify.models import Visit

SHARES = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1.0)


def compared(stage: Stage, at_risk: Flags, recall: float | None) -> dict[str, Any]:
    """Our visits beside the baselines': how many each needs to stand at as many at-risk doors, and the curves.

    `recall` is that of everything which came after the visit; the others' is theirs at the door times what we lose on
    the way from the door to the decision.
    """
    visited = _ours(stage)
    reached = _reached(visited, at_risk)
    goal = int(at_risk[np.unique(visited)].sum())
    orders = _orders(stage)
    total, size = int(at_risk.sum()), len(at_risk)
    kept = recall * total / goal if recall is not None and goal else 0.0
    needed = {name: _needed(order, at_risk, goal) for name, order in orders.items()}
    reach = {name: int(at_risk[order[: needed[name]]].sum()) for name, order in orders.items()}
    steps = [max(1, round(share * size)) for share in SHARES]
    return {
        "reached": round(goal / total, 4) if total else None,
        "baselines": {
            name: {"visits": visits, "recall": round(kept * reach[name] / total, 4) if total else None}
            for name, visits in needed.items()
        },
        "curve": [
            {"visits": step, "ours": _share(reached, step, total), **{
                name: _share(_reached(order, at_risk), step, total) for name, order in orders.items()
            }}
            for step in steps
        ],
    }  # fmt: skip


def _ours(stage: Stage) -> Ints:
    """Our visits in the order in which they were made, each household's place in the world."""
    made = Visit.objects.filter(lead__event=stage.event).order_by("at", "id")
    return np.array([stage.index_of[each] for each in made.values_list("lead__household_id", flat=True)], dtype=int)


def _reached(order: Ints, at_risk: Flags) -> NDArray[np.int64]:
    """How many at-risk households have been stood at after each visit."""
    first = np.zeros(len(order), dtype=bool)
    first[np.unique(order, return_index=True)[1]] = True
    return np.cumsum(first & at_risk[order])


def _share(reached: NDArray[np.int64], visits: int, total: int) -> float | None:
    if not total:
        return None
    return round(float(reached[min(visits, len(reached)) - 1] / total) if len(reached) else 0.0, 4)


def _needed(order: Ints, at_risk: Flags, goal: int) -> int:
    """After how many visits of an order as many at-risk households were stood at; all of them where never."""
    reached = _reached(order, at_risk)
    return min(int(np.searchsorted(reached, goal)) + 1, len(order)) if goal else 0


def _orders(stage: Stage) -> Mapping[str, Ints]:
    people = stage.households
    by_list = np.lexsort((people.serial, people.village))
    listed = by_list[people.registered[by_list]]
    some = np.logical_or.reduce([*people.category.values(), people.monitored])
    centre_lon, centre_lat = _centre(stage)
    east = (people.lon - centre_lon) * KM_PER_DEGREE * np.cos(np.radians(centre_lat))
    far = np.hypot(east, (people.lat - centre_lat) * KM_PER_DEGREE)
    return {
        "list_order": _with_neighbours(stage, listed),
        "category_only": _with_neighbours(stage, np.concatenate([listed[some[listed]], listed[~some[listed]]])),
        "distance": _with_neighbours(stage, listed[np.argsort(far[listed], kind="stable")]),
    }


def _centre(stage: Stage) -> tuple[float, float]:
    """Where it was worst, as far as the county knows: the gauge with the highest reading; else the first village."""
    worst = Observation.objects.select_related("station").order_by("-value", "station_id").first()
    if worst is not None:
        return worst.station.lon, worst.station.lat
    return stage.villages[0].lon, stage.villages[0].lat


def _with_neighbours(stage: Stage, order: Ints) -> Ints:
    """The order with every unlisted household that neighbours name after the first visited one of its group."""
    people = stage.households
    group = people.village * 1000 + people.group_no
    named = np.flatnonzero(~people.registered & stage.luck.told_of)
    position = np.full(int(group.max()) + 1, len(order))
    np.minimum.at(position, group[order], np.arange(len(order)))
    return np.insert(order, np.minimum(position[group[named]] + 1, len(order)), named)
