"""How hard a hazard must be for a household to fall below the line, worked out once; then every forecast is a look-up.

Where all that a household owns lies in one cell and is hurt by one intensity, its loss never falls as that intensity
rises, so the household falls exactly where the intensity reaches its critical one. What is critical does not depend on
the forecast. Prepared, a forecast costs its own entries, each placed among the sorted households of its cell.

Nothing is approximate: the critical intensity is the smallest floating-point number at which the comparison of
`Households.below`, as the machine makes it, says that the household is below.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.engine.impact import faults, kernels
from anlan.engine.impact.curves import Curve
from anlan.engine.impact.households import Assets, Households, need_one_place, ratio_by_curve, spans
from anlan.engine.impact.members import PARTS, Members
from anlan.engine.impact.sums import at_places

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

_CHUNK = 1 << 20  # households whose curves are inverted together
_BITS: dict[str, np.dtype[Any]] = {"float32": np.dtype(np.int32), "float64": np.dtype(np.int64)}


@dataclass(frozen=True, slots=True)
class Critical:
    """The households of a portfolio by cell and rising critical intensity.

    `intensity`: 0 where the household falls without a hazard, infinite where no hazard makes it fall; `starts`: where
    each cell's begin (cells + 1); `always`: how many of them fall without a hazard; `order`: each one's place in the
    portfolio; `people`: people before each (one more).
    """

    intensity: NDArray[Any]
    starts: Ints
    always: Ints
    order: NDArray[np.int32] | Ints
    people: Ints

    def __len__(self) -> int:
        return len(self.order)


@dataclass(frozen=True, slots=True)
class Falling:
    """Who falls: the probability of each household, in the portfolio's order; households and people in each member."""

    p: Floats
    households: Ints
    people: Ints


def critical(
    households: Households, assets: Assets, curves: Sequence[Curve], *, cells: int, kind: Any = np.float32
) -> Critical:
    """Prepare a portfolio. `kind` is the floating-point type of the forecasts' intensities.

    Raises Invalid where a household's assets lie in more cells than one (`pairs` has those), or a curve decreases.
    """
    for curve in curves:
        curve.need_monotone()
    assets.fit(households=len(households), curves=curves)
    faults.places("cell", assets.cell, cells)
    assets, starts = assets.by_household(len(households))
    cell = need_one_place(assets, starts)
    found = np.empty(len(households), dtype=kind)
    for start in range(0, len(households), _CHUNK):
        rows = np.arange(start, min(start + _CHUNK, len(households)))
        found[rows] = _Inverse(households, assets, starts, curves, found.dtype).of(rows)
    order = _sorted(cell, found)
    begins = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=cells))])
    return Critical(
        intensity=found[order],
        starts=begins,
        always=np.bincount(cell[found == 0], minlength=cells),
        order=order.astype(np.int32) if len(order) < 2**31 else order,
        people=np.concatenate([[0], np.cumsum(households.people[order])]),
    )


def falling(prepared: Critical, members: Members, into: Floats | None = None) -> Falling:
    """Each household's probability of falling, and how many fall in each member. Raises ValueError.

    The hazard's cells are those of the preparation, and its intensities of no finer type than that was made for.
    `into`: where the probabilities are written; who makes one forecast after another saves asking for the memory.
    """
    if members.cells != len(prepared.starts) - 1:
        raise ValueError(f"the portfolio was prepared for {len(prepared.starts) - 1} cells, not {members.cells}")
    if members.data.dtype.itemsize > prepared.intensity.dtype.itemsize:
        raise ValueError(f"the portfolio was prepared for {prepared.intensity.dtype} intensities")
    weights = members.probabilities()
    p = np.empty(len(prepared)) if into is None else into
    sift = kernels.compiled(kernels.sift, len(prepared) + len(members.data))
    if sift is None:
        return _sifted(prepared, members, weights, p)
    found = Falling(p, np.zeros(len(members), np.int64), np.zeros(len(members), np.int64))
    limits = (prepared.intensity, prepared.starts, prepared.always, prepared.order, prepared.people)
    sift(members.by_cell(), weights, limits, (found.p, found.households, found.people))
    return _with_those_always(found, prepared)


def _with_those_always(found: Falling, prepared: Critical) -> Falling:
    """Add those who fall without a hazard, too, to every member."""
    first = prepared.starts[:-1]
    found.households[:] += prepared.always.sum()
    found.people[:] += (prepared.people[first + prepared.always] - prepared.people[first]).sum()
    return found


def _sifted(prepared: Critical, members: Members, weights: Floats, p: Floats) -> Falling:
    """What `kernels.sift` finds: each entry's place by bisection, then every stretch between two places at once."""
    begins, member, height = members.by_cell()
    cell = np.repeat(np.arange(members.cells), np.diff(begins))
    first, end = prepared.starts[cell], prepared.starts[cell + 1]
    base = first + prepared.always[cell]
    place = _place_above(prepared.intensity, base, end, height)
    households = np.bincount(member, weights=place - base, minlength=len(members))
    people = np.bincount(member, weights=prepared.people[place] - prepared.people[base], minlength=len(members))
    # In each cell: those who always fall, the stretches up to each entry's place, and the rest.
    marks = np.empty(len(cell) + 2 * members.cells, np.int64)
    share = np.zeros(len(marks))
    at_first = begins[:-1] + 2 * np.arange(members.cells)
    at_last = begins[1:] + 2 * np.arange(members.cells) + 1
    at_entry = np.arange(len(cell)) + 2 * cell + 1
    marks[at_first], marks[at_last], marks[at_entry] = (
        prepared.starts[:-1] + prepared.always,
        prepared.starts[1:],
        place,
    )
    share[at_first] = weights.sum()
    share[at_entry] = _suffixes(weights[member], cell, begins)
    p[prepared.order] = np.repeat(share, np.diff(marks, prepend=0))
    found = Falling(p, np.rint(households).astype(np.int64), np.rint(people).astype(np.int64))
    return _with_those_always(found, prepared)


def _suffixes(weight: Floats, cell: Ints, begins: Ints) -> Floats:
    """For each entry, the sum of the weights from it to the end of its cell. Whole parts, so any order is exact."""
    parts = np.zeros(len(weight) + 1, np.uint64)
    np.cumsum((weight * PARTS).astype(np.uint64), out=parts[1:])
    left = parts[begins[cell + 1]] - parts[:-1]  # the running sum may wrap around; a difference within a cell is right
    return np.asarray(left.astype(np.float64) / PARTS)


def _place_above(values: NDArray[Any], low: Ints, high: Ints, target: NDArray[Any]) -> Ints:
    """In each stretch of sorted values from low to high, the place of the first one above the target."""
    low, high = low.copy(), high.copy()
    last = max(len(values) - 1, 0)
    for _ in range(int((high - low).max(initial=0)).bit_length()):
        middle = (low + high) // 2
        within = low < high
        above = values[np.minimum(middle, last)] > target if len(values) else within
        high = np.where(within & above, middle, high)
        low = np.where(within & ~above, middle + 1, low)
    return low


def _sorted(cell: Ints, intensity: NDArray[Any]) -> Ints:
    """The places by cell and then by intensity."""
    if intensity.dtype == np.float32:  # both in one number: one fast sort
        return np.argsort(cell.astype(np.uint64) << np.uint64(32) | intensity.view(np.uint32))
    return np.lexsort((intensity, cell))


class _Inverse:
    """The critical intensities of some households: by the breakpoints, the line between two, and the last bits."""

    def __init__(
        self, households: Households, assets: Assets, starts: Ints, curves: Sequence[Curve], kind: np.dtype[Any]
    ) -> None:
        self._households, self._assets, self._starts, self._curves = households, assets, starts, curves
        self._kind = kind
        breaks = np.unique(np.concatenate([[0.0], *(curve.intensity for curve in curves)]))
        # The first number of the kind at or above each breakpoint; the curves are level from the last one on.
        rounded = breaks.astype(kind)
        self._breaks = np.where(rounded < breaks, np.nextafter(rounded, kind.type(np.inf)), rounded)

    def of(self, rows: Ints) -> NDArray[Any]:
        """The smallest intensity at which each household is below the line."""
        found = np.full(len(rows), np.inf, dtype=self._kind)
        at_all = self._falls(rows, np.full(len(rows), self._breaks[-1]))
        without = self._falls(rows, np.zeros(len(rows), self._kind))
        found[without] = 0
        open_ = np.flatnonzero(at_all & ~without)
        if len(open_):
            found[open_] = self._between(rows[open_])
        return found

    def _between(self, rows: Ints) -> NDArray[Any]:
        """For households that fall at the last breakpoint and not at the first one, 0."""
        low, high = np.zeros(len(rows), np.int64), np.full(len(rows), len(self._breaks) - 1)
        while (wide := np.flatnonzero(high - low > 1)).size:
            middle = (low[wide] + high[wide]) // 2
            falls = self._falls(rows[wide], self._breaks[middle])
            high[wide[falls]], low[wide[~falls]] = middle[falls], middle[~falls]
        left, right = self._breaks[low], self._breaks[high]
        bits = _BITS[self._kind.name]
        near = self._on_the_line(rows, left, right).astype(self._kind).view(bits).astype(np.int64)
        return self._last_bits(rows, left.view(bits).astype(np.int64), right.view(bits).astype(np.int64), near)

    def _on_the_line(self, rows: Ints, left: NDArray[Any], right: NDArray[Any]) -> Floats:
        """Where the straight line between two breakpoints reaches what may be lost: right but for the last bits."""
        low, high = self._loss(rows, left), self._loss(rows, right)
        home = self._households
        spare = home.income_yuan[rows] - home.line_yuan[rows] * home.people[rows]
        share = np.clip((spare - low) / np.maximum(high - low, np.finfo(float).tiny), 0.0, 1.0)
        return np.asarray(left + share * (right.astype(np.float64) - left))

    def _last_bits(self, rows: Ints, low: Ints, high: Ints, near: Ints) -> NDArray[Any]:
        """Close in on the first number that falls, from near by and by wider and wider steps: not at low, at high.

        Floating-point numbers ≥ 0 are ordered as their bits are, read as whole numbers.
        """
        step = np.ones(len(rows), np.int64)
        trial = np.clip(near, low + 1, high)
        while (wide := np.flatnonzero(high - low > 1)).size:
            falls = self._falls(rows[wide], self._number(trial[wide]))
            high[wide[falls]], low[wide[~falls]] = trial[wide[falls]], trial[wide[~falls]]
            middle = low[wide] + (high[wide] - low[wide]) // 2
            beside = np.where(falls, trial[wide] - step[wide], trial[wide] + step[wide])
            trial[wide] = np.where((low[wide] < beside) & (beside < high[wide]), beside, middle)
            step[wide] *= 4
        return self._number(high)

    def _number(self, bits: Ints) -> NDArray[Any]:
        return bits.astype(_BITS[self._kind.name]).view(self._kind)

    def _falls(self, rows: Ints, intensity: NDArray[Any]) -> Flags:
        return self._households.below(self._loss(rows, intensity), rows)

    def _loss(self, rows: Ints, intensity: NDArray[Any]) -> Floats:
        """What each household loses at its intensity: its assets added in their order."""
        counts = self._starts[rows + 1] - self._starts[rows]
        owned = spans(self._starts[rows], counts)
        owner = np.repeat(np.arange(len(rows)), counts)
        ratio = ratio_by_curve(self._curves, self._assets.curve[owned], intensity[owner])
        return at_places(owner, self._assets.value_yuan[owned] * ratio, len(rows))
