"""Conditions over columns: a million households in a few passes.

Amounts are float64 with NaN for unknown (a text is the number of its choice). A yes or no is int8: 0 no, 1 unknown,
2 yes, so that 且 is the minimum, 或 the maximum and 非 the mirror image: unknown never turns into an answer by itself.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anlan.engine.policy.tables.language import Node

NO, UNKNOWN, YES = 0, 1, 2
Column = Any  # an array, or one number for all rows
Columns = Mapping[str, Column]


def evaluate(node: Node, known: Columns) -> Column:
    """A condition's or a formula's value for every household; what is not in `known` is unknown."""
    if node.kind == "number":
        return np.float64(node.value)
    if node.kind == "truth":
        return np.int8(YES if node.value else NO)
    if node.kind in {"amount", "yes"}:
        return known.get(str(node.value), np.float64(np.nan) if node.kind == "amount" else np.int8(UNKNOWN))
    return _DOES[node.kind]([evaluate(part, known) for part in node.parts])


def amount(given: Column) -> Column:
    """A given column of amounts as it is reckoned with."""
    return np.asarray(given, float)


def yes(given: Column) -> Column:
    """A given column of yes (true), no (false) and unknown (NaN)."""
    if given.dtype == bool:
        return given.view(np.int8) * np.int8(YES)
    return _sure(np.abs(given) > 0, given == 0)


def _sure(holds: Column, fails: Column) -> Column:
    """Yes, no, or (where neither could be seen) unknown."""
    return 1 + holds.astype(np.int8) - fails.astype(np.int8)


def first(conditions: Sequence[Column], codes: Sequence[int], count: int) -> NDArray[np.int8]:
    """The code of the first condition that holds; 0 where none does, -1 where an unknown one might have come first."""
    found = np.zeros(count, np.int8)
    for condition, code in reversed(list(zip(conditions, codes, strict=True))):
        maybe = (condition == UNKNOWN) & (found != code)
        found[np.broadcast_to(condition == YES, count)] = code
        found[maybe] = -1
    return found


def limited(conditions: Sequence[Column], most: float) -> list[Column]:
    """The conditions with those that come after so many that hold taken back."""
    so_far: Column = np.float64(0)
    kept = []
    for condition in conditions:
        kept.append(np.where(so_far < most, condition, np.int8(NO)))
        so_far = so_far + (kept[-1] == YES)
    return kept


def each(condition: Column, formula: Column, given: Column | None, truth: bool) -> Column:
    """A formula's value where its condition holds; what was given of it is believed before what is reckoned."""
    nothing: Any = np.int8(UNKNOWN) if truth else np.float64(np.nan)
    found = np.where(condition == YES, formula, nothing)
    if given is None:
        return found
    return np.where(given == UNKNOWN if truth else np.isnan(given), found, given)


def _less(parts: list[Column]) -> Column:
    left, right = parts
    return _sure(left < right, left >= right)


def _at_most(parts: list[Column]) -> Column:
    left, right = parts
    return _sure(left <= right, left > right)


def _equal(parts: list[Column]) -> Column:
    left, right = parts
    return _sure(left == right, (left < right) | (left > right))


def _divided(parts: list[Column]) -> Column:
    left, right = parts
    return np.where(right == 0, np.nan, left / np.where(right == 0, 1.0, right))


_DOES: Mapping[str, Callable[[list[Column]], Column]] = {
    "and": lambda parts: reduce(np.minimum, parts),
    "or": lambda parts: reduce(np.maximum, parts),
    "not": lambda parts: np.int8(YES) - parts[0],
    "<": _less,
    ">": lambda parts: _less(parts[::-1]),
    "<=": _at_most,
    ">=": lambda parts: _at_most(parts[::-1]),
    "=": _equal,
    "!=": lambda parts: np.int8(YES) - _equal(parts),
    "+": lambda parts: parts[0] + parts[1],
    "-": lambda parts: parts[0] - parts[1],
    "*": lambda parts: parts[0] * parts[1],
    "/": _divided,
    "minus": lambda parts: -parts[0],
}
