"""Conditions for one household: the same answers as over columns, by plain numbers and closures made once.

0 is no, 1 unknown, 2 yes; an unknown amount is NaN.
"""

from collections.abc import Callable, Mapping, Sequence
from math import isnan, nan

from anlan.engine.policy.tables.language import Node

NO, UNKNOWN, YES = 0, 1, 2
Known = Mapping[str, float]
Reckoning = Callable[[Known], float]


def reckoning(node: Node) -> Reckoning:
    """What gives a condition's or a formula's value once the facts are there; what is not there is unknown."""
    if node.kind in {"number", "truth"}:
        value = float(node.value) if node.kind == "number" else YES * bool(node.value)
        return lambda known: value
    if node.kind in {"amount", "yes"}:
        name, nothing = str(node.value), nan if node.kind == "amount" else UNKNOWN
        return lambda known: known.get(name, nothing)
    parts = [reckoning(part) for part in node.parts]
    if node.kind in {"and", "or"}:
        return _both(parts) if node.kind == "and" else _either(parts)
    if len(parts) == 1:
        only = parts[0]
        return (lambda known: YES - only(known)) if node.kind == "not" else (lambda known: -only(known))
    does, (left, right) = _DOES[node.kind], parts
    return lambda known: does(left(known), right(known))


def _both(parts: Sequence[Reckoning]) -> Reckoning:
    return lambda known: min([part(known) for part in parts])


def _either(parts: Sequence[Reckoning]) -> Reckoning:
    return lambda known: max([part(known) for part in parts])


def first(conditions: Sequence[float], codes: Sequence[int]) -> int:
    """The code of the first condition that holds; 0 where none does, -1 where an unknown one might have come first."""
    maybe: set[int] = set()
    for condition, code in zip(conditions, codes, strict=True):
        if condition == YES:
            return code if maybe <= {code} else -1
        if condition == UNKNOWN:
            maybe.add(code)
    return -1 if maybe else 0


def limited(conditions: Sequence[float], most: float) -> list[float]:
    """The conditions with those that come after so many that hold taken back."""
    so_far, kept = 0, []
    for condition in conditions:
        kept.append(condition if so_far < most else NO)
        so_far += kept[-1] == YES
    return kept


def each(condition: float, formula: float, given: float | None, truth: bool) -> float:
    """A formula's value where its condition holds; what was given of it is believed before what is reckoned."""
    nothing = UNKNOWN if truth else nan
    if given is not None and not (given == UNKNOWN if truth else isnan(given)):
        return given
    return formula if condition == YES else nothing


_DOES: Mapping[str, Callable[[float, float], float]] = {
    "<": lambda left, right: 1 + (left < right) - (left >= right),
    ">": lambda left, right: 1 + (left > right) - (left <= right),
    "<=": lambda left, right: 1 + (left <= right) - (left > right),
    ">=": lambda left, right: 1 + (left >= right) - (left < right),
    "=": lambda left, right: 1 + (left == right) - (left < right or left > right),
    "!=": lambda left, right: 1 + (left < right or left > right) - (left == right),
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right if right else nan,
}
