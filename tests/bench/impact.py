"""What a forecast costs from the hazard to the households: sums, falling, spread, areas; CLIMADA where there is one.

    python tests/bench/impact.py

`ANLAN_BENCH_CLIMADA` names the Python of an environment with climada; never ours. CPU is user plus system time of one
process, the median of some runs after a first one, with everything in memory; numba where it is installed.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import shapely

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.engine.hazard.test_inside import star  # noqa: E402
from tests.engine.impact.test_spread import CROPS  # noqa: E402

from anlan.engine.hazard.inside import within  # noqa: E402 (the paths first)
from anlan.engine.impact import aggregates, inversion, kernels, pairs, spread, stored  # noqa: E402
from anlan.engine.impact.curves import Curve  # noqa: E402
from anlan.engine.impact.households import Assets, Households  # noqa: E402
from anlan.engine.impact.members import Members  # noqa: E402
from anlan.engine.impact.pairs import Portfolio  # noqa: E402

RIVAL = Path(__file__).with_name("climada_rival.py")
SIDE = 300
CURVE = Curve(np.linspace(0, 6, 50), 1 - np.exp(-np.linspace(0, 6, 50) / 2))
RUNS = 5


def hazard(events: int, *, kind: Any = np.float64, side: int = SIDE, share: float = 0.085) -> Members:
    """Discs that lie somewhere on a square of side × side cells, deepest in the middle, over a share of the cells."""
    rng = np.random.default_rng(1)
    column, row = np.meshgrid(np.arange(side), np.arange(side))
    indices, data = [], []
    for _ in range(events):
        at, reach = rng.uniform(0, side, 2), side * np.sqrt(share / np.pi) * rng.uniform(0.8, 1.25)
        far = np.hypot(column - at[0], row - at[1]).ravel()
        hit = np.flatnonzero(far < reach)
        indices.append(hit)
        data.append(6 * (1 - far[hit] / reach))
    indptr = np.cumsum([0, *(len(each) for each in indices)])
    return Members(
        indptr, np.concatenate(indices), np.concatenate(data).astype(kind), side * side, np.full(events, 1 / events)
    )  # fmt: skip


def timed(deed: Callable[[], Any], runs: int = RUNS) -> tuple[float, Any]:
    """The median of CPU seconds, after a first run, and what was found."""
    found, seconds = deed(), []
    for _ in range(runs):
        begun = time.process_time()
        found = deed()
        seconds.append(time.process_time() - begun)
    return statistics.median(seconds), found


def row(seconds: float, **more: Any) -> dict[str, Any]:
    """A row of the page."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"CPU s": f"{seconds:.4f}", "peak MB so far": f"{peak:.0f}", **more}


def measure() -> dict[str, Any]:
    """Everything, the small portfolios first, since memory is told as the peak so far."""
    found = {"points in areas, 1e6 × 10": areas()}
    for count, events in ((1_000_000, 300), (5_000_000, 100)):
        found[f"aggregate {count:.0e} × {events}"] = aggregate(count, events)
    found["stored 1e6 × 100"] = kept(1_000_000)
    found["every pair reckoned 2e4 × 100"] = brute(20_000)
    found["every pair reckoned 1e6 × 100"] = brute(1_000_000)
    found["unequal damage 5e6 × 100"] = unequal(5_000_000)
    found |= falling(20_000_000)
    return found


def aggregate(count: int, events: int) -> dict[str, Any]:
    """At every event, and each value in expectation; beside CLIMADA."""
    members, rng = hazard(events), np.random.default_rng(2)
    cell, value = rng.integers(0, members.cells, count, dtype=np.int32), rng.lognormal(11, 1, count)

    def deed() -> Any:
        ratio = aggregates.damage(members, CURVE)
        at_event = aggregates.at_event(members, ratio, aggregates.value_by_cell(cell, value, members.cells))
        return at_event, aggregates.expected(cell, value, aggregates.ratio_by_cell(members, ratio))

    seconds, (at_event, eai) = timed(deed)
    python = os.environ.get("ANLAN_BENCH_CLIMADA")
    if not python:
        return row(seconds)
    with tempfile.TemporaryDirectory() as folder:
        np.savez(f"{folder}/E.npz", cell=cell, value=value)
        np.savez(
            f"{folder}/H.npz", indptr=members.indptr, indices=members.indices, data=members.data,
            shape=np.array([events, members.cells]), frequency=members.weights,
        )  # fmt: skip
        rows = "".join(
            f"{at!r},{ratio!r}\n"
            for at, ratio in zip(*map(np.ndarray.tolist, (CURVE.intensity, CURVE.ratio)), strict=True)
        )
        Path(f"{folder}/C.csv").write_text("intensity,ratio\n" + rows)
        told = subprocess.run([python, str(RIVAL), folder], capture_output=True, text=True, check=True).stdout
        other = np.load(f"{folder}/climada.npz")
        off = max(np.abs(at_event / other["at_event"] - 1).max(), _off(eai, other["eai"]))
    rival = json.loads(told.strip().splitlines()[-1])["cpu_s"]
    return row(
        seconds,
        **{"CLIMADA CPU s": f"{rival:.2f}", "times": f"{rival / seconds:.0f}", "largest difference": f"{off:.1e}"},
    )


def _off(ours: Any, other: Any) -> float:
    some = other > 0
    assert (ours[~some] == 0).all()
    return float(np.abs(ours[some] / other[some] - 1).max())


def people(count: int, seed: int = 3) -> Households:
    """Households around a line of 8,500 yuan a head."""
    rng = np.random.default_rng(seed)
    size = rng.integers(1, 7, count, dtype=np.int32)
    return Households(rng.lognormal(9.2, 0.5, count) * size, size, np.broadcast_to(8500.0, count))


def belongings(count: int, cells: int) -> Assets:
    """One asset each; the portfolio lies in the order of its cells, as a file of a county's does."""
    rng = np.random.default_rng(4)
    cell = np.sort(rng.integers(0, cells, count, dtype=np.int32))
    return Assets(np.arange(count, dtype=np.int32), cell, rng.lognormal(9.5, 0.8, count), np.zeros(count, np.int32))


def kept(count: int) -> dict[str, Any]:
    """The loss of every pair, kept."""
    members = hazard(100)
    portfolio = Portfolio(belongings(count, members.cells), [CURVE], [0], [members])
    seconds, found = timed(lambda: stored.store(portfolio, count), 3)
    return row(seconds, pairs=len(found.loss_yuan))


def brute(count: int) -> dict[str, Any]:
    """Every household with every member, and how many answers differ."""
    members, home = hazard(100, kind=np.float32), people(count)
    owned = belongings(count, members.cells)
    fast = inversion.falling(inversion.critical(home, owned, [CURVE], cells=members.cells), members)
    seconds, slow = timed(lambda: pairs.falling(home, Portfolio(owned, [CURVE], [0], [members])), 3)
    differ = int(
        (fast.p != slow.p).sum() + (fast.households != slow.households).sum() + (fast.people != slow.people).sum()
    )
    return row(seconds, falls=int(slow.households.sum()), **{"answers that differ": differ})


def unequal(count: int) -> dict[str, Any]:
    """The table and the look-up, beside a hundred lots a pair for some of the households."""
    members, rng = hazard(100, kind=np.float32), np.random.default_rng(5)
    cell, margin = np.sort(rng.integers(0, members.cells, count)), rng.uniform(0, 1, count)
    seconds, _found = timed(lambda: spread.probability(spread.table(members, CROPS), cell, margin), 3)
    some = rng.integers(0, count, 5000)
    starts, order = members.columns()

    def lots() -> None:
        for place in some:
            heights = members.data[order[starts[cell[place]] : starts[cell[place] + 1]]]
            mean, std = CROPS.at(heights), np.maximum(CROPS.spread(heights), 1e-3)
            size = np.maximum(mean * (1 - mean) / std**2 - 1, 1e-3)
            (rng.beta(mean * size + 1e-9, (1 - mean) * size + 1e-9, (100, len(mean))) > margin[place]).mean()

    begun = time.process_time()
    lots()
    each = (time.process_time() - begun) / len(some)
    return row(seconds, **{"100 lots, CPU s": f"{each * count:.0f}", "times": f"{each * count / seconds:.0f}"})


def falling(count: int) -> dict[str, Any]:
    """Prepared once; then a forecast."""
    members, home = hazard(100, kind=np.float32), people(count)
    owned = belongings(count, members.cells)
    begun = time.process_time()
    prepared = inversion.critical(home, owned, [CURVE], cells=members.cells)
    once = row(time.process_time() - begun)
    del home, owned
    found = {"falling 2e7 × 100, prepared once": once}
    one, other = np.empty(count), np.empty(count)
    seconds, first = timed(lambda: inversion.falling(prepared, members, one))
    way = "numba" if kernels.fast() else "NumPy"
    found[f"falling 2e7 × 100, {way}"] = row(seconds, falls=int(first.households.sum()))
    if kernels.fast():
        fast, kernels.fast = kernels.fast, lambda: False  # type: ignore[assignment]
        seconds, second = timed(lambda: inversion.falling(prepared, members, other))
        kernels.fast = fast
        differ = int((first.p != second.p).sum() + (first.people != second.people).sum())
        found["falling 2e7 × 100, NumPy"] = row(seconds, **{"answers that differ": differ})
    return found


def areas() -> dict[str, Any]:
    """A million places in ten areas of 5,000 corners with a hole, beside shapely alone."""
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(115, 116, 1_000_000), rng.uniform(28, 29, 1_000_000)
    shapes = [star(5000, seed, at=rng.uniform((115.2, 28.2), (115.8, 28.8)), size=0.18) for seed in range(10)]
    seconds, ours = timed(lambda: [within(shape, lon, lat) for shape in shapes])

    def alone() -> list[Any]:
        found = []
        for shape in shapes:
            west, south, east, north = shape.bounds
            near = np.flatnonzero((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))
            shapely.prepare(shape)
            inside = np.zeros(len(lon), dtype=bool)
            inside[near] = shapely.intersects_xy(shape, lon[near], lat[near])
            found.append(inside)
        return found

    other, theirs = timed(alone, 3)
    differ = sum(int((one != two).sum()) for one, two in zip(ours, theirs, strict=True))
    return row(seconds, **{"shapely CPU s": f"{other:.2f}", "answers that differ": differ})


if __name__ == "__main__":
    print(json.dumps(measure(), ensure_ascii=False, indent=1))
