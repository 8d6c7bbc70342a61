"""What is known of the households, and what an event does to them: columns of equal length, one place a household."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from anlan.engine.welfare.ratios import shares

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

INCOME_LOSSES: tuple[str, ...] = ("crop", "livestock", "stock", "work")
PAYOUTS: tuple[str, ...] = ("insurance", "relief")


class ColumnInvalid(ValueError):
    """A column that cannot be reckoned with; the text names it and the row, counted from 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Households:
    """Money in yuan a household over twelve months; the line a head. Raises ColumnInvalid.

    `rigid`: what must be spent by the rules; `debt`: loans due within the twelve months.
    """

    members: Ints
    wage_yuan: Floats
    business_yuan: Floats
    business_cost_yuan: Floats
    property_yuan: Floats
    transfer_yuan: Floats
    claims_yuan: Floats
    rigid_yuan: Floats
    savings_yuan: Floats
    debt_yuan: Floats
    line_yuan: Floats
    insured: Flags

    def __post_init__(self) -> None:
        _check(_columns(self), len(self.members))

    def __len__(self) -> int:
        return len(self.members)

    @property
    def size(self) -> Ints:
        """Heads to divide by: one where none is on record."""
        return np.asarray(np.maximum(self.members, 1))

    @property
    def income_yuan(self) -> Floats:
        """Net income and claims of the household, were there no event."""
        earned = self.wage_yuan + self.business_yuan - self.business_cost_yuan
        return np.asarray(earned + self.property_yuan + self.transfer_yuan + self.claims_yuan)

    @property
    def needed_yuan(self) -> Floats:
        """What the household needs in order not to be below the line."""
        return np.asarray(self.line_yuan * self.size)


@dataclass(frozen=True, slots=True, eq=False)
class Shock:
    """What one member of a forecast does, or what is expected, in yuan a household; the chances are 0 to 1.

    `spread` is the standard deviation of the four losses of income together, as a share of their sum (0.5: half of it);
    `house` is what the house costs to make safe, and no loss of income. Raises ColumnInvalid.
    """

    crop: Floats
    livestock: Floats
    stock: Floats
    work: Floats
    house: Floats
    insurance: Floats
    relief: Floats
    spread: Floats
    home_unsafe: Floats
    water_unsafe: Floats

    def __post_init__(self) -> None:
        columns = _columns(self)
        _check(columns, len(self.crop), floor=0.0)
        for name in ("home_unsafe", "water_unsafe"):
            _demand(name, getattr(self, name) <= 1, "is a chance above 1")

    def __len__(self) -> int:
        return len(self.crop)

    @property
    def income_loss_yuan(self) -> Floats:
        """What the event takes from income, before anybody pays for it."""
        return np.asarray(self.crop + self.livestock + self.stock + self.work)

    @property
    def paid_yuan(self) -> Floats:
        """What insurers and relief pay."""
        return np.asarray(self.insurance + self.relief)


def shock(count: int, **columns: float | Floats) -> Shock:
    """A shock of the columns named, single figures spread over all households; what is not named is 0."""
    given = {name: columns.pop(name, 0.0) for name in (field.name for field in fields(Shock))}
    if columns:
        raise ColumnInvalid(f"{min(columns)} is not a column of a shock")
    return Shock(**{name: np.broadcast_to(np.asarray(each, dtype=np.float64), count) for name, each in given.items()})


def same_length(households: Households, shock: Shock) -> None:
    """Raise ColumnInvalid where a shock is not of these households."""
    if len(shock) != len(households):
        raise ColumnInvalid(f"a shock of {len(shock)} households for {len(households)}")


def insurance_yuan(households: Households, crop_yuan: Floats, pays_ratio: float) -> Floats:
    """What insurers pay of the crops lost: their share (`insurance_pays_ratio`), to those who are insured."""
    return np.where(households.insured, crop_yuan * pays_ratio, 0.0)


def spread_of(means: Sequence[Floats], deviations: Sequence[Floats]) -> Floats:
    """A shock's `spread` from the mean and the standard deviation of each kind of loss, in yuan.

    One hazard drives them all, so they are taken to rise and fall together: deviations add up.
    """
    mean, deviation = np.sum(means, axis=0), np.sum(deviations, axis=0)
    return shares(deviation, mean, 0.0)


def changed(given: Shock, **columns: Floats) -> Shock:
    """A shock with some columns changed."""
    return replace(given, **columns)


def _columns(table: Households | Shock) -> dict[str, NDArray[np.generic]]:
    return {field.name: np.asarray(getattr(table, field.name)) for field in fields(table)}


def _check(columns: Mapping[str, NDArray[np.generic]], count: int, floor: float = -np.inf) -> None:
    for name, column in columns.items():
        if len(column) != count:
            raise ColumnInvalid(f"{name} has {len(column)} rows, not {count}")
        _demand(name, np.isfinite(column.astype(np.float64)) & (column.astype(np.float64) >= floor), "is no amount")


def _demand(name: str, good: NDArray[np.generic], problem: str) -> None:
    for row in np.flatnonzero(~good.astype(np.bool_))[:1]:
        raise ColumnInvalid(f"row {row + 1}: {name} {problem}")
