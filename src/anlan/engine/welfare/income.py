"""Income per head over the rolling twelve months that end with the month before identification.

家庭纯收入 = 工资性 + 生产经营性 + 财产性 + 转移性 − 生产经营性支出. The reference income for entry adds claims paid
and takes away what the household had to pay itself by the rules (合规自付支出). Both are divided by its members.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Days = NDArray[np.datetime64]

COLUMNS: tuple[str, ...] = ("wage", "business", "property", "transfer", "business_cost", "claims", "rigid")
_TABLES = tomllib.loads((files("anlan.engine.welfare") / "items.toml").read_text(encoding="utf-8"))
ITEMS: Mapping[str, str] = {code: table["into"] for code, table in _TABLES.items()}
TITLES: Mapping[str, str] = {code: table["title"] for code, table in _TABLES.items()}
CODES: tuple[str, ...] = tuple(ITEMS)
_INTO = np.array([COLUMNS.index(column) for column in ITEMS.values()])

MONTHS = 12


class AmountInvalid(ValueError):
    """An amount that cannot be counted; the text names its row."""


@dataclass(frozen=True, slots=True)
class Window:
    """Days that count: from the first to the last, both included."""

    first: date
    last: date

    def holds(self, days: Days) -> NDArray[np.bool_]:
        """Which days lie in it; a day that is not known (NaT) does not."""
        return np.asarray((days >= np.datetime64(self.first)) & (days <= np.datetime64(self.last)))


@dataclass(frozen=True, slots=True, eq=False)
class Totals:
    """A household's amounts in a window, in yuan, one place a household."""

    wage_yuan: Floats
    business_yuan: Floats
    property_yuan: Floats
    transfer_yuan: Floats
    business_cost_yuan: Floats
    claims_yuan: Floats
    rigid_yuan: Floats

    @property
    def net_yuan(self) -> Floats:
        """Net income of the household (家庭纯收入)."""
        earned = self.wage_yuan + self.business_yuan - self.business_cost_yuan
        return np.asarray(earned + self.property_yuan + self.transfer_yuan)

    @property
    def reference_yuan(self) -> Floats:
        """Reference income of the household: net, and claims paid, less what it had to pay itself."""
        return np.asarray(self.net_yuan + self.claims_yuan - self.rigid_yuan)


def window(identified: date, months: int = MONTHS) -> Window:
    """The months up to and with the one before identification: identified in June 2021, June 2020 to May 2021."""
    last = identified.replace(day=1) - timedelta(days=1)
    return Window(_months_before(identified.replace(day=1), months), last)


def annual(year: int) -> Window:
    """The yearly count of households on record: 1 October of the year before to 30 September."""
    return Window(date(year - 1, 10, 1), date(year, 9, 30))


def totals(households: int, household: Ints, item: Ints, day: Days, yuan: Floats, during: Window) -> Totals:
    """The amounts of rows (household's place, item's place in CODES, day, yuan) that lie in a window, summed up.

    Raises AmountInvalid for a row of no household or item, or whose amount is negative or no number.
    """
    for name, wrong in (
        ("household", (household < 0) | (household >= households)),
        ("item", (item < 0) | (item >= len(CODES))),
        ("amount", ~np.isfinite(yuan) | (yuan < 0)),
    ):
        for row in np.flatnonzero(wrong)[:1]:
            raise AmountInvalid(f"row {row + 1}: the {name} cannot be counted")
    inside = during.holds(day)
    place = household[inside] * len(COLUMNS) + _INTO[item[inside]]
    sums = np.bincount(place, yuan[inside], minlength=households * len(COLUMNS)).reshape(-1, len(COLUMNS))
    return Totals(*np.ascontiguousarray(sums.T))


def per_head(household_yuan: Floats, members: Ints) -> Floats:
    """An amount of the household by its members; a household without members on record counts as one person."""
    return np.asarray(household_yuan / np.maximum(members, 1))


def _months_before(first_of_month: date, months: int) -> date:
    whole = first_of_month.year * 12 + first_of_month.month - 1 - months
    return date(whole // 12, whole % 12 + 1, 1)
