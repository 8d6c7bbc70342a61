"""One household: how each term moved each probability, step by step, so that the steps add up to it exactly.

Terms are brought in one by one in a stated order: the income on record, what the event takes of it, what is paid, what
must be spent, then how losses spread and how far the record may be off. Another order would share the same total out
otherwise; this one follows how an official would reckon. Words belong to the screens: terms are codes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np

from anlan.engine.welfare.households import INCOME_LOSSES, PAYOUTS, Households, Shock
from anlan.engine.welfare.households import shock as shock_of
from anlan.engine.welfare.outcomes import LAST_BITS, Settings, Weight, losses, short

SPENDING: tuple[str, ...] = ("rigid", "debt", "house")
ORDER: Mapping[str, tuple[str, ...]] = {
    "p_below": ("income", *INCOME_LOSSES, *PAYOUTS, "spread", "error"),
    "p_below_after_spending": ("income", *INCOME_LOSSES, *PAYOUTS, *SPENDING, "spread", "error"),
    "p_home": ("home_unsafe",),
    "p_water": ("water_unsafe",),
}
_BITS = 2.0**40  # probabilities in steps of 1e-12: such figures add and subtract without rounding

Members = Sequence[tuple[float, Shock]]
Weighted = Sequence[tuple[Weight, Shock]]
Table = TypeVar("Table", Households, Shock)


@dataclass(frozen=True, slots=True)
class Ground:
    """What a term rests on: the curve's id, the policy parameter's key, the source, and how far it is trusted."""

    curve: str = ""
    parameter: str = ""
    source: str = ""
    trust: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """A term, its expected value (yuan for the household; a chance for `_unsafe`; a deviation for spread and error),
    and the probability before and after it."""

    code: str
    value: float
    before: float
    after: float
    ground: Ground

    @property
    def moved(self) -> float:
        """By how much the term moved the probability."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Explained:
    """An outcome of a household: its probability, and the terms that lead to it."""

    outcome: str
    probability: float
    terms: tuple[Term, ...]


def explain(
    households: Households, members: Weighted, settings: Settings, place: int, grounds: Mapping[str, Ground]
) -> tuple[Explained, ...]:
    """Every outcome of the household at a place, with its terms; `grounds` by the terms' codes, where known."""
    one = _row(households, place)
    own = [(_at(weight, place), _row(shock, place)) for weight, shock in members]
    return tuple(_explained(outcome, one, own, settings, grounds) for outcome in ORDER)


def _explained(
    outcome: str, one: Households, own: Members, settings: Settings, grounds: Mapping[str, Ground]
) -> Explained:
    terms: list[Term] = []
    before = 0.0
    for number, code in enumerate(ORDER[outcome]):
        told = ORDER[outcome][: number + 1]
        after = round(_probability(one, own, settings, told) * _BITS) / _BITS
        terms.append(Term(code, _value(code, one, own, settings), before, after, grounds.get(code, Ground())))
        before = after
    return Explained(outcome, before, tuple(terms))


def _probability(one: Households, own: Members, settings: Settings, told: tuple[str, ...]) -> float:
    (code, *_rest) = told
    if code.endswith("_unsafe"):
        return _expected(code, own)
    total = 0.0
    for weight, shock in _all(own):
        total += weight * sum(share * _below(one, shock, loss, settings, told) for share, loss in _losses(shock, told))
    return min(1.0, total)


def _below(one: Households, shock: Shock, loss: float, settings: Settings, told: tuple[str, ...]) -> float:
    paid = sum(_figure(name, shock) for name in PAYOUTS if name in told)
    spent = sum(_spent(name, one, shock, settings) for name in SPENDING if name in told)
    error = settings.income_error_sd if "error" in told else 0.0
    net = np.array([loss - paid + spent])
    below, _gap = short(one.needed_yuan, one.income_yuan, net, error)
    return float(below[0])


def _losses(shock: Shock, told: tuple[str, ...]) -> Iterator[tuple[float, float]]:
    if "spread" in told:
        yield from ((weight, float(loss[0])) for weight, loss in losses(shock))
    else:
        yield 1.0, sum(_figure(name, shock) for name in INCOME_LOSSES if name in told)


def _value(code: str, one: Households, own: Members, settings: Settings) -> float:
    if code == "income":
        return float(one.income_yuan[0])
    if code == "error":
        return settings.income_error_sd
    if code in ("rigid", "debt"):
        return _spent(code, one, _nothing(), settings)
    return _expected(code, own)


def _spent(code: str, one: Households, shock: Shock, settings: Settings) -> float:
    if code == "rigid":
        return float(one.rigid_yuan[0])
    return settings.debt_is_rigid * float(one.debt_yuan[0]) if code == "debt" else _figure(code, shock)


def _figure(code: str, shock: Shock) -> float:
    return float(getattr(shock, code)[0])


def _expected(code: str, own: Members) -> float:
    return sum(weight * _figure(code, shock) for weight, shock in own)


def _all(own: Members) -> Iterator[tuple[float, Shock]]:
    """The members, and that nothing happens with what their weights lack to 1."""
    yield from own
    left = 1.0 - sum(weight for weight, _shock in own)
    if left > LAST_BITS:
        yield left, _nothing()


def _nothing() -> Shock:
    return shock_of(1)


def _at(weight: Weight, place: int) -> float:
    return float(weight if np.ndim(weight) == 0 else np.asarray(weight)[place])


def _row(table: Table, place: int) -> Table:
    return replace(table, **{field.name: getattr(table, field.name)[place : place + 1] for field in fields(table)})
