"""From exposure and members to outlooks: CPU seconds of one thread (medians), without reading and writing."""

import time
from collections.abc import Callable
from datetime import date
from statistics import median
from typing import Any

import numpy as np

from anlan.engine import policy
from anlan.engine.hazard.warned import of_ensemble
from anlan.engine.outlook import estimate
from anlan.engine.outlook.hits import People, Things
from anlan.engine.outlook.shares import Threat
from anlan.engine.outlook.visits import plan

DAY = date(2026, 6, 18)
CELLS, VILLAGES = 900, 120
NAMES = (
    "house.brick_concrete.1", "house.brick_timber.1", "house.adobe.1", "crop.rice.tillering", "crop.rape.fallow",
    "crop.vegetables.standing", "livestock.pigs", "stock", "labour", "water.central", "water.well",
)  # fmt: skip


def measure() -> dict[str, Any]:
    """Estimates of counties and of a province's million, and the small things beside them."""
    county, owned = world(70_000)
    return {
        "70,000 households, 3 members (a warning)": _cpu(lambda: _estimate(county, owned, 3, 1)),
        "70,000 households, 9 members (gauges)": _cpu(lambda: _estimate(county, owned, 9, 1)),
        "70,000 households, 51 members, 3 hazards": _cpu(lambda: _estimate(county, owned, 51, 3)),
        "1,000,000 households, 51 members, 1 hazard": _cpu(lambda: _estimate(*world(1_000_000), 51, 1), 1),
        "visits planned among 70,000": _cpu(lambda: plan(county.there, county.village, 5_000)),
    }


def world(count: int) -> tuple[People, Things]:
    """Households like a drill's: a house, wages and water each; most grow something, some keep animals."""
    luck = np.random.default_rng(1)
    income = 60_000 * luck.lognormal(0, 0.5, count)
    people = People(
        size=luck.integers(1, 7, count), income_yuan=income, wage_yuan=income * luck.uniform(0, 0.9, count),
        rigid_yuan=luck.exponential(2_000, count), insured=luck.random(count) < 0.3, there=np.ones(count),
        place=luck.integers(0, CELLS, count), village=luck.integers(0, VILLAGES, count),
    )  # fmt: skip
    farms, keeps = np.flatnonzero(luck.random(count) < 0.8), np.flatnonzero(luck.random(count) < 0.25)
    everyone = np.arange(count)
    of = np.concatenate([everyone, farms, keeps, everyone, everyone])
    kind = np.concatenate(
        [luck.integers(0, 3, count), luck.integers(3, 6, len(farms)), luck.integers(6, 8, len(keeps)),
         np.full(count, 8), luck.integers(9, 11, count)]
    )  # fmt: skip
    value = np.concatenate([np.full(count, 100_000.0), income[farms] * 0.3, income[keeps] * 0.1, np.zeros(2 * count)])
    return people, Things(of, kind, NAMES, value)


def _estimate(people: People, owned: Things, members: int, hazards: int) -> object:
    luck = np.random.default_rng(2)
    kinds = (("rainstorm", "rain24h_mm", 320.0), ("gale", "gust_ms", 30.0), ("hail", "hail_mm", 25.0))
    threats = [
        Threat(hazard, of_ensemble(kind, luck.uniform(0, most, (members, CELLS))))
        for hazard, kind, most in kinds[:hazards]
    ]
    return estimate.of(people, owned, threats, policy.on(DAY), "anyi")


def _cpu(deed: Callable[[], object], times: int = 3) -> float:
    taken = []
    for _time in range(times):
        begun = time.process_time()
        deed()
        taken.append(time.process_time() - begun)
    return round(median(taken), 3)


if __name__ == "__main__":
    print(measure())
