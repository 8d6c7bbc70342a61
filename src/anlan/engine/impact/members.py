"""The members of a forecast: equally shaped hazards that may come, each with its weight, kept as a sparse matrix."""

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.engine.impact import faults, kernels
from anlan.engine.impact.faults import Invalid

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Reals = NDArray[np.float32] | NDArray[np.float64]

PARTS = 2**52  # into which a weight of 1 falls


class MembersInvalid(Invalid):
    """A forecast that cannot be read as it stands; the text names the array and the row (the member, or the entry)."""


@dataclass(frozen=True, slots=True)
class Members:
    """Intensities, members × cells, in compressed rows; what is not stored is 0.

    `indptr[E+1]`, `indices[nnz]` (cells, rising in each row), `data[nnz]` (intensity ≥ 0, float32 or float64), `cells`:
    the number of columns, `weights[E]`: probabilities of the members, or frequencies a year. Raises MembersInvalid.
    """

    indptr: Ints
    indices: NDArray[Any]
    data: NDArray[Any]
    cells: int
    weights: Floats
    rows: Ints = field(init=False, repr=False, compare=False)  # the member of each entry

    def __post_init__(self) -> None:
        try:
            rows = self._checked()
        except Invalid as wrong:
            raise MembersInvalid(wrong.column, wrong.why, wrong.place) from wrong
        object.__setattr__(self, "rows", rows)

    def __len__(self) -> int:
        return len(self.weights)

    def _checked(self) -> Ints:
        """Check everything once, put plain types in place, and give the member of each entry."""
        weights = faults.amounts("weights", self.weights)
        indptr = faults.whole("indptr", self.indptr)
        data = faults.numbers("data", self.data)
        if data.dtype not in (np.float32, np.float64):
            data = data.astype(np.float64)
        faults.demand("data", data >= 0, "negative")
        if len(weights) == 0 or self.cells < 1:
            raise Invalid("weights" if len(weights) == 0 else "cells", "empty")
        if len(indptr) != len(weights) + 1 or indptr[0] != 0 or indptr[-1] != len(data):
            raise Invalid("indptr", "inconsistent")
        faults.demand("indptr", np.diff(indptr, prepend=0) >= 0, "decreasing")
        indices = faults.places("indices", self.indices, self.cells)
        if len(indices) != len(data):
            raise Invalid("indices", "length")
        rows = np.repeat(np.arange(len(weights)), np.diff(indptr))
        step = np.where(np.diff(rows, prepend=-1) > 0, 1, np.diff(indices, prepend=-1))
        faults.demand("indices", step != 0, "twice")
        faults.demand("indices", step > 0, "unsorted")
        for name, value in (("weights", weights), ("indptr", indptr), ("data", data), ("indices", indices)):
            object.__setattr__(self, name, value)
        return rows

    def probabilities(self) -> Floats:
        """The weights as probabilities, in whole parts of 2⁻⁵².

        In such parts every sum of members is exact, whatever their order, so that all ways of adding agree to the last
        bit. What rounding takes from one weight the next one gets, so that a whole stays a whole; no weight moves by
        more than 2⁻⁵². Raises MembersInvalid where they add up to more than 1 by more than a billionth; what is above
        1 by less is taken from the last ones.
        """
        if self.weights.sum() > 1 + 1e-9:
            raise MembersInvalid("weights", "above_total")
        until = accumulate(Fraction(weight) for weight in self.weights.tolist())
        parts = np.array([min(round(each * PARTS), PARTS) for each in until], dtype=np.int64)
        return np.asarray(np.diff(parts, prepend=0) / PARTS)

    def columns(self) -> tuple[Ints, Ints]:
        """Where each cell's entries begin (cells + 1), and the entries by cell, in each by member."""
        starts = np.concatenate([[0], np.cumsum(np.bincount(self.indices, minlength=self.cells))])
        return starts, np.argsort(self.indices, kind="stable")

    def by_cell(self) -> tuple[Ints, Ints, NDArray[Any]]:
        """By columns, rising in each: where each cell's entries begin (cells + 1), their members, their heights."""
        counts = np.bincount(self.indices, minlength=self.cells)
        starts = np.concatenate([[0], np.cumsum(counts)])
        by_column = kernels.compiled(kernels.by_column, 10 * len(self.data))
        if by_column and counts.max() <= kernels.FEW:
            found = np.empty(len(self.data), np.int64), np.empty_like(self.data)
            by_column(self.rows, self.indices, self.data, starts, found)
            return starts, *found
        if self.data.dtype == np.float32:  # cell and intensity in one number: one fast sort
            bits = (self.data + np.float32(0)).view(np.uint32)  # a negative zero becomes a plain one
            order = np.argsort(self.indices.astype(np.uint64) << np.uint64(32) | bits)
        else:
            order = np.lexsort((self.data, self.indices))
        return starts, self.rows[order], self.data[order]
