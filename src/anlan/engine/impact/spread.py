"""Falling below the line where equal things are not damaged equally: without sampling, by a table and a look-up.

The damage ratio at an intensity is a Beta variable with the curve's mean and standard deviation. A household falls
where it exceeds the household's margin: the share of what it may lose that it can spare. So all that a forecast says of
a cell is one row: how often the ratio exceeds each of some margins. A household's probability is read between two.

An income that is known only up to a log-normal factor moves the margin, and is added up along the same axis. An error
of the curve that all households share does not average out over them: `shared` gives the curve at some of its
quantiles, and `band` what follows.
"""

from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.engine.impact import beta
from anlan.engine.impact.curves import Curve
from anlan.engine.impact.households import Households
from anlan.engine.impact.members import Members
from anlan.engine.impact.normal import cdf

Floats = NDArray[np.float64]

MARGINS = 64  # stretches of the margin's axis
_STEPS = 10  # stretches of the intensity between two points of the curve
_CHUNK = 1 << 16
_CELLS = 1 << 13
_FARTHEST = 8.0  # standard deviations
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(16)


@dataclass(frozen=True, slots=True)
class Table:
    """How often the damage ratio exceeds each margin, in each cell (float32, cells × MARGINS + 1); all the weights."""

    above: NDArray[np.float32]
    total: float


@dataclass(frozen=True, slots=True)
class Band:
    """The probability of falling over all quantiles of the shared factor, and at its mildest and its worst."""

    p: Floats
    low: Floats
    high: Floats


def margin(households: Households, value_yuan: Floats) -> Floats:
    """The ratio a household can lose and stay at the line; below 0 it is below already; infinite without belongings."""
    spare = households.income_yuan - households.line_yuan * households.people
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(value_yuan > 0, spare / value_yuan, np.where(spare < 0, -np.inf, np.inf)))


def table(members: Members, curve: Curve) -> Table:
    """Prepare a forecast for a curve that knows its spread."""
    heights = _heights(curve)
    above = beta.above(curve.at(heights), curve.spread(heights), _margins()).astype(np.float32)
    above[:, -1] = 0  # nothing exceeds the whole
    starts, order = members.columns()
    upper = np.clip(np.searchsorted(heights, members.data[order], side="right"), 1, len(heights) - 1)
    width = heights[upper] - heights[upper - 1]
    share = np.clip((members.data[order] - heights[upper - 1]) / width, 0.0, 1.0)
    weight = members.probabilities()[members.rows[order]]
    cell = members.indices[order]
    found = np.empty((members.cells, MARGINS + 1), np.float32)
    for first in range(0, members.cells, _CELLS):
        end = min(first + _CELLS, members.cells)
        part = slice(starts[first], starts[end])
        place = (cell[part] - first) * len(heights) + upper[part]
        size = (end - first) * len(heights)
        much = np.bincount(place, weights=weight[part] * share[part], minlength=size)
        much = much + np.bincount(place - 1, weights=weight[part] * (1 - share[part]), minlength=size)
        np.matmul(much.reshape(-1, len(heights)).astype(np.float32), above, out=found[first:end])
    return Table(found, float(members.probabilities().sum()))


def probability(known: Table, cell: NDArray[Any], margin: Floats) -> Floats:
    """Each household's probability of falling, its income known exactly."""
    found = np.empty(len(margin))
    for first in range(0, len(margin), _CHUNK):
        part = slice(first, first + _CHUNK)
        found[part] = np.where(margin[part] < 0, known.total, _looked_up(known, cell[part], margin[part]))
    return found


def with_income_error(
    known: Table, cell: NDArray[Any], households: Households, value_yuan: Floats, error_sd: float
) -> Floats:
    """The same where the income is off by a log-normal factor of this standard deviation of its logarithm.

    Between the factor at which the household is at the line without a loss and the one at which it can spare all that
    it may lose, the table is smooth in the factor's logarithm, and sixteen points add it up; beyond, nothing is left.
    """
    line = households.line_yuan * households.people
    certain = probability(known, cell, margin(households, value_yuan))
    open_ = np.flatnonzero((households.income_yuan > 0) & (line + value_yuan > 0))
    for first in range(0, len(open_), _CHUNK):
        rows = open_[first : first + _CHUNK]
        income, floor, value = households.income_yuan[rows], line[rows], value_yuan[rows]
        with np.errstate(divide="ignore"):
            low = np.clip(np.log(floor / income) / error_sd, -_FARTHEST, _FARTHEST)
            high = np.clip(np.log((floor + value) / income) / error_sd, -_FARTHEST, _FARTHEST)
        found = known.total * cdf(low)
        half = (high - low) / 2
        for point, weight in zip(_POINTS, _WEIGHTS, strict=True):
            z = low + half * (1 + point)
            spare = (income * np.exp(error_sd * z) - floor) / np.maximum(value, np.finfo(float).tiny)
            density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
            found += weight * half * density * _looked_up(known, cell[rows], spare)
        certain[rows] = found
    return certain


def shared(curve: Curve, share: float, count: int = 7) -> list[Curve]:
    """The curve at equally likely quantiles of an error that all households share, from the mildest to the worst.

    `share` (0..1) of the variance is of that kind; what is left stays each thing's own.
    """
    std = curve.spread(curve.intensity)
    found = []
    for place in range(count):
        z = NormalDist().inv_cdf((place + 0.5) / count)
        ratio = np.clip(curve.ratio + z * np.sqrt(share) * std, 0.0, 1.0)
        found.append(replace(curve, ratio=ratio, std=np.sqrt(1 - share) * std))
    return found


def band(members: Members, curves: list[Curve], cell: NDArray[Any], margin: Floats) -> Band:
    """The probability of falling by all of the curves that `shared` gave, each as likely as the others."""
    each = np.array([probability(table(members, curve), cell, margin) for curve in curves])
    return Band(each.mean(axis=0), each.min(axis=0), each.max(axis=0))


def _margins() -> Floats:
    """The margins of the table: dense near 0 and near 1, where the Beta distribution may be steep."""
    at = np.arange(MARGINS + 1) / MARGINS
    return np.asarray(at**2 / (at**2 + (1 - at) ** 2))


def _looked_up(known: Table, cell: NDArray[Any], margin: Floats) -> Floats:
    """Between the two margins that are next to each household's; from 0 to 1."""
    within = np.clip(margin, 0.0, 1.0)
    root = np.sqrt(within)
    at = MARGINS * root / (root + np.sqrt(1 - within))
    left = np.minimum(at.astype(np.int64), MARGINS - 1)
    place = cell.astype(np.int64) * (MARGINS + 1) + left
    flat = known.above.ravel()
    first = flat[place]
    return np.asarray(first + (at - left) * (flat[place + 1] - first))


def _heights(curve: Curve) -> Floats:
    """Intensities at which the Beta distribution is worked out: every piece of the curve in steps, finest near 0."""
    points = np.unique(np.concatenate([[0.0], curve.intensity]))
    if len(points) == 1:
        points = np.array([0.0, 1.0])
    fine = (np.arange(_STEPS) / _STEPS) ** 2 * points[1]
    steps = np.arange(_STEPS) / _STEPS
    rest = (points[1:-1, None] + np.diff(points)[1:, None] * steps).ravel()
    return np.concatenate([fine, rest, points[-1:]])
