"""From losses to outcomes, recovery and measures: CPU seconds of one thread (medians)."""

import time
from collections.abc import Callable
from datetime import date
from statistics import median
from typing import Any

import numpy as np

from anlan.engine.impact.library import Entry, choose, entries
from anlan.engine.impact.library.refit import Records, refit
from anlan.engine.welfare import aftermath, measures, outcomes, rates
from anlan.engine.welfare.explain import explain
from anlan.engine.welfare.households import Households, Shock, changed, shock
from anlan.engine.welfare.recovery import path, years_below

SETTINGS = outcomes.Settings(income_error_sd=0.2, debt_is_rigid=0.0)
ECONOMY = rates.KEPT_FOR
_DAY = date(2026, 6, 18)
CHUNK = 50_000  # columns of this many rows stay in the processor's cache
# One thread, a machine like this one, not run again here: Nelder–Mead for each household in turn.
RIVAL_A_SECOND = 124


def measure() -> dict[str, dict[str, dict[str, Any]]]:
    """Outcomes by households, recovery by household-events, and the small things."""
    own, struck = _world(1_000_000)
    spread = changed(struck, spread=np.full(len(own), 0.4))
    cash = measures.measure("cash", len(own), 500.0, 500.0)
    whole = {
        "four figures of money, chances of house and water": _cpu(lambda: _assess(own, struck)),
        "the same, losses spread over five nodes": _cpu(lambda: _assess(own, spread), 3),
        "aftermath: rate, years below, gap": _cpu(lambda: aftermath.after(own, struck, ECONOMY)),
        "what a measure averts": _cpu(lambda: measures.effect(own, [(1.0, struck)], cash, SETTINGS, ECONOMY), 3),
    }
    small = {
        "table of rates, 95 × 151 nodes": _cpu(lambda: rates.reckon(rates.LOST, rates.SAVED, ECONOMY), 3),
        "explain one household": _cpu(lambda: explain(own, [(1.0, struck)], SETTINGS, 7, {}), 9),
        "refit a curve to 10,000 records": _cpu(_refit, 5),
        "read the library": _cpu(lambda: (entries.cache_clear(), entries()), 5),
    }
    return {
        "1,000,000 households": {what: {"CPU s": seconds} for what, seconds in whole.items()},
        "Recovery": _recovery(5_000_000),
        "Small things": {what: {"CPU s": seconds} for what, seconds in small.items()},
    }


def _assess(own: Households, struck: Shock) -> outcomes.Outcomes:
    return outcomes.assess(own, [(1.0, struck)], SETTINGS)


def _recovery(count: int) -> dict[str, dict[str, Any]]:
    random = np.random.default_rng(2)
    lost, capital, saved = random.uniform(0, 1e5, count), random.uniform(1e5, 2e5, count), random.uniform(0, 1e5, count)

    def whole() -> None:
        for start in range(0, count, CHUNK):
            part = slice(start, start + CHUNK)
            rate = rates.best_rate(lost[part], capital[part], saved[part], ECONOMY)
            way = path(lost[part], saved[part], rate, ECONOMY)
            years_below(way, capital[part] * ECONOMY.productivity, capital[part] * 0.3)

    seconds = _cpu(whole, 5)
    rate = count / seconds
    return {
        f"{count:,} household-events": {"CPU s": seconds, "a second": round(rate)},
        "global-unbreakable's optimiser, measured apart": {"CPU s": "–", "a second": RIVAL_A_SECOND},
    }


def _refit() -> Entry:
    random = np.random.default_rng(3)
    entry = choose("flood_depth_m", "crop", "anyi", _DAY).entry
    depth = random.uniform(0.1, 6, 10_000)
    lost = np.clip(entry.curve.at(depth) + random.normal(0, 0.1, len(depth)), 0, 1)
    records = Records(depth, lost, np.ones(len(depth)), _DAY, _DAY)
    return refit(entry, records, way="scaled", region="anyi", since=_DAY)


def _world(count: int) -> tuple[Households, Shock]:
    random = np.random.default_rng(1)

    def yuan(most: float) -> Any:
        return random.uniform(0, most, count)

    own = Households(
        members=random.integers(1, 7, count), wage_yuan=yuan(40_000), business_yuan=yuan(60_000),
        business_cost_yuan=yuan(20_000), property_yuan=yuan(3_000), transfer_yuan=yuan(8_000), claims_yuan=yuan(0),
        rigid_yuan=yuan(20_000), savings_yuan=yuan(30_000), debt_yuan=yuan(50_000), line_yuan=np.full(count, 8_500.0),
        insured=random.random(count) < 0.5,
    )  # fmt: skip
    struck = shock(
        count, crop=yuan(20_000), livestock=yuan(5_000), stock=yuan(4_000), work=yuan(3_000), house=yuan(20_000),
        insurance=yuan(4_000), relief=yuan(900), home_unsafe=yuan(1), water_unsafe=yuan(1),
    )  # fmt: skip
    return own, struck


def _cpu(deed: Callable[[], object], times: int = 5) -> float:
    deed()
    taken = []
    for _time in range(times):
        begun = time.process_time()
        deed()
        taken.append(time.process_time() - begun)
    return round(median(taken), 4)


if __name__ == "__main__":
    print(measure())
