"""Small forecasts and portfolios for the tests of the impact tiers, and the plain reckoning they are held against."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from anlan.engine.impact.curves import Curve
from anlan.engine.impact.households import Assets, Households
from anlan.engine.impact.inversion import Falling
from anlan.engine.impact.members import Members
from anlan.engine.impact.pairs import Portfolio

RICE = Curve(np.array([0, 0.5, 1, 2, 4.0]), np.array([0, 0.25, 0.5, 0.5, 1.0]))
HOUSE = Curve(np.array([0.25, 0.75, 0.75, 3]), np.array([0, 0.1, 0.3, 0.9]))  # with a step
GUST = Curve(np.array([10, 60.0]), np.array([0, 0.8]))

# Round figures, so that many stand exactly on the line.
heights = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 7.0, 50.0]) | st.floats(0, 60, width=32)
money = st.sampled_from([0.0, 1000.0, 2000.0, 8000.0, 8500.0, 16000.0, 20000.0]) | st.floats(0, 60_000).map(
    lambda amount: round(amount, 5)
)


@dataclass(frozen=True)
class World:
    """Households with their belongings under one forecast."""

    households: Households
    portfolio: Portfolio

    @property
    def members(self) -> Members:
        return self.portfolio.hazards[0]

    @property
    def assets(self) -> Assets:
        return self.portfolio.assets


def members(table: NDArray[Any], weights: NDArray[np.float64] | None = None) -> Members:
    """A forecast from a table of intensities, members × cells; zeros are left out."""
    rows, cells = np.nonzero(table)
    indptr = np.concatenate([[0], np.cumsum(np.count_nonzero(table, axis=1))])
    if weights is None:
        weights = np.full(len(table), 1 / len(table))
    return Members(indptr, cells, table[rows, cells], table.shape[1], weights)


def table(hazard: Members) -> NDArray[Any]:
    """The forecast as a table again."""
    found = np.zeros((len(hazard), hazard.cells), dtype=hazard.data.dtype)
    found[hazard.rows, hazard.indices] = hazard.data
    return found


def lost(world: World) -> NDArray[np.float64]:
    """The loss of every household in every member, asset by asset."""
    found = np.zeros((len(world.households), world.portfolio.members))
    assets = world.assets
    tables = [table(hazard) for hazard in world.portfolio.hazards]
    for place in range(len(assets)):
        curve = assets.curve[place]
        heights_there = tables[world.portfolio.kinds[curve]][:, assets.cell[place]]
        ratio = np.interp(heights_there, world.portfolio.curves[curve].intensity, world.portfolio.curves[curve].ratio)
        found[assets.household[place]] += assets.value_yuan[place] * ratio
    return found


def brute(world: World) -> Falling:
    """Who falls, household by household and member by member, one comparison each."""
    home, weights = world.households, world.members.probabilities()
    loss = lost(world)
    below = np.array(
        [
            [(home.income_yuan[h] - loss[h, m]) / home.people[h] < home.line_yuan[h] for m in range(len(weights))]
            for h in range(len(home))
        ]
    ).reshape(len(home), len(weights))
    people = home.people
    return Falling(below @ weights, below.sum(axis=0), (below * people[:, None]).sum(axis=0))


def same(first: Falling, second: Falling) -> bool:
    """To the last bit."""
    return all(
        np.array_equal(getattr(first, name), getattr(second, name)) for name in ("p", "households", "people")
    )  # fmt: skip


@st.composite
def hazards(draw: Any, *, kinds: int = 1, cells: int = 4, double: bool = False) -> list[Members]:
    """Forecasts of some kinds with the same members."""
    count = draw(st.integers(1, 6))
    shares = np.array(draw(st.lists(st.integers(0, 8), min_size=count, max_size=count)), dtype=float)
    weights = shares / max(shares.sum(), 1.0)
    kind = np.float64 if double else np.float32
    rows = st.lists(st.lists(heights, min_size=cells, max_size=cells), min_size=count, max_size=count)
    return [members(np.array(draw(rows), dtype=kind), weights) for _ in range(kinds)]


@st.composite
def people(draw: Any) -> Households:
    """Some households; none, too."""
    rows = draw(st.lists(st.tuples(money, st.integers(1, 7), money), max_size=6))
    columns = np.array(rows, dtype=float).reshape(-1, 3).T
    return Households(columns[0] - 1000, columns[1].astype(int), columns[2])


@st.composite
def worlds(draw: Any, *, one_place: bool = False, double: bool = False) -> World:
    """Households with up to three assets each. In one place, all of a household's lie in one cell and know one kind."""
    home = draw(people())
    found = draw(hazards(kinds=1 if one_place else 2, double=double))
    curves, kinds = ((RICE, HOUSE), (0, 0)) if one_place else ((RICE, HOUSE, GUST), (0, 0, 1))
    rows = []
    for household in range(len(home)):
        cell = draw(st.integers(0, 3))
        for _ in range(draw(st.integers(0, 3))):
            there = cell if one_place else draw(st.integers(0, 3))
            rows.append((household, there, draw(money), draw(st.integers(0, len(curves) - 1))))
    rows = draw(st.permutations(rows))
    columns = np.array(rows, dtype=float).reshape(-1, 4).T
    assets = Assets(columns[0].astype(int), columns[1].astype(int), columns[2], columns[3].astype(int))
    return World(home, Portfolio(assets, curves, kinds, found))
