"""How fast a household rebuilds, if it chooses well: the rate λ* that loses it the least welfare.

For one economy λ* depends only on the share of capital lost, v, and on savings against what rebuilding costs,
s = S/(σ·v·k): a table of 95 by 151 is enough for everybody. Welfare is discounted utility c^(1−η)/(1−η) over all
time to come. From s = 1 on, savings pay for the whole of rebuilding, and the fastest rate is the best.
"""

from collections.abc import Callable
from dataclasses import asdict
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from anlan.engine.welfare.ratios import shares
from anlan.engine.welfare.recovery import Economy, path

Floats = NDArray[np.float64]

LOST = np.linspace(0.01, 0.95, 95)
SAVED = np.linspace(0.0, 1.0, 151)
RATE_MIN = 0.01
KEPT = "rates.npy"  # the table of the economy that `KEPT_FOR` names
KEPT_FOR = Economy(productivity=0.33, cost_ratio=1.0, discount=0.06, elasticity=1.5, rate_max=10.0)
KEPT_SHA256 = "de55898da64fb16ed9ff974e03dfa419f17f0e43064ca4c4def393d346b202e3"  # made by tools/rates.py

_GRID = 48
_GOLDEN_STEPS = 24
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(48)
_UNIT = (_NODES + 1) / 2, _WEIGHTS / 2


def best_rate(loss_yuan: Floats, capital_yuan: Floats, savings_yuan: Floats, economy: Economy) -> Floats:
    """λ* of each household, looked up between the table's nodes; losses beyond its ends count as those at its ends."""
    lost = shares(loss_yuan, capital_yuan, LOST[-1])
    saved = shares(savings_yuan, economy.cost_ratio * loss_yuan, 1.0)
    return _looked_up(np.log(table(economy)), lost, saved)


@lru_cache(maxsize=4)
def table(economy: Economy) -> Floats:
    """λ* at each of LOST (rows) and SAVED (columns): read where it is kept, reckoned (seconds) for other economies."""
    if economy == KEPT_FOR:
        return kept()
    return reckon(LOST, SAVED, economy)


def kept() -> Floats:
    """The table that comes with the program. Raises ValueError where the file is not the one that was made."""
    raw = (files("anlan.engine.welfare") / KEPT).read_bytes()
    if sha256(raw).hexdigest() != KEPT_SHA256:
        raise ValueError(f"{KEPT} is not the table that was made for {asdict(KEPT_FOR)}")
    return np.asarray(np.load(BytesIO(raw), allow_pickle=False), dtype=np.float64)


def reckon(lost: Floats, saved: Floats, economy: Economy) -> Floats:
    """λ* at each of some shares lost and some shares of rebuilding saved: the best of a grid, refined between."""
    rows, columns = (each.ravel() for each in np.meshgrid(lost, saved, indexing="ij"))

    def worth(log_rate: Floats) -> Floats:
        """The welfare of every node at a rate each."""
        return _welfare(np.exp(log_rate), rows, columns, economy)

    grid = np.linspace(np.log(RATE_MIN), np.log(economy.rate_max), _GRID)
    tried = np.stack([worth(np.full_like(rows, each)) for each in grid])
    best = tried.argmax(axis=0)
    low, high = grid[np.maximum(best - 1, 0)], grid[np.minimum(best + 1, _GRID - 1)]
    found = _golden(worth, low, high)
    found = np.where(columns >= 1.0, grid[-1], found)
    return np.exp(found).reshape(len(lost), len(saved))


def _golden(of: Callable[[Floats], Floats], low: Floats, high: Floats) -> Floats:
    """Where each of many functions is greatest between two bounds."""
    share = (np.sqrt(5.0) - 1) / 2
    left, right = high - share * (high - low), low + share * (high - low)
    at_left, at_right = of(left), of(right)
    for _step in range(_GOLDEN_STEPS):
        up = at_left < at_right
        low, high = np.where(up, left, low), np.where(up, high, right)
        left, right = np.where(up, right, high - share * (high - low)), np.where(up, low + share * (high - low), left)
        fresh = of(np.where(up, right, left))
        at_left, at_right = np.where(up, at_right, fresh), np.where(up, fresh, at_left)
    return np.asarray((low + high) / 2)


def _welfare(rate: Floats, lost: Floats, saved: Floats, economy: Economy) -> Floats:
    """Discounted utility gained over that without the loss (so: below 0), with a capital of 1.

    After the floor, x = e^(−λt) runs from ξ to 0; with x = ξ·y² the integrand has no corner at 0. To go without all
    there is, or more, is worth minus infinity.
    """
    way = path(lost, saved * economy.cost_ratio * lost, rate, economy)
    power = 1.0 - economy.elasticity
    income = economy.productivity

    def utility(lacking: Floats) -> Floats:
        """Of living on what is left, against that of living on all."""
        return np.asarray(((income - lacking) ** power - income**power) / power)

    worst = way.alpha * way.floor
    possible = worst < income
    worst = np.where(possible, worst, 0.0)
    held = utility(worst) * -np.expm1(-economy.discount * way.held_years) / economy.discount
    y, weights = (each[:, None] for each in _UNIT)
    exponent = economy.discount / rate
    after = (weights * utility(worst * y**2) * y ** (2 * exponent - 1)).sum(axis=0) * 2 * way.floor**exponent / rate
    return np.where(possible, held + after, -np.inf)


def _looked_up(log_table: Floats, lost: Floats, saved: Floats) -> Floats:
    row, along = _place(LOST, lost)
    column, across = _place(SAVED, saved)
    flat, width = log_table.ravel(), len(SAVED)
    corner = row * width + column
    near = flat[corner] * (1 - across) + flat[corner + 1] * across
    far = flat[corner + width] * (1 - across) + flat[corner + width + 1] * across
    return np.asarray(np.exp(near * (1 - along) + far * along))


def _place(nodes: Floats, values: Floats) -> tuple[NDArray[np.int64], Floats]:
    step = nodes[1] - nodes[0]
    at = (np.clip(values, nodes[0], nodes[-1]) - nodes[0]) / step
    place = np.minimum(at.astype(np.int64), len(nodes) - 2)
    return place, at - place
