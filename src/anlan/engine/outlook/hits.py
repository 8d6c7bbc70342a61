"""What each member of an event does to each household: its assets, looked up in their classes' shares and added up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from anlan.engine.outlook.shares import DAYS, LOSS, UNSAFE, Share
from anlan.engine.policy import Policy

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Shares = Mapping[tuple[str, str], Share]

INCOME_ASSETS = ("crop", "livestock", "stock")
ROOTS = (*INCOME_ASSETS, "house", "labour", "water")
_POLICY = (
    "insurance_pays_ratio",
    "local_wage_ratio",
    "work_days_a_year",
    "unsafe_home_loss_ratio",
    "loss_spread_ratio",
)


@dataclass(frozen=True, slots=True)
class People:
    """What the welfare of n households is reckoned from; money in yuan a household over twelve months.

    `rigid_yuan`: what must be spent in any case; `there`: the chance of standing in the area at all; `place`: the
    column of the shares at which each stands; `village`: a number for each village, from 0.
    """

    size: Ints
    income_yuan: Floats
    wage_yuan: Floats
    rigid_yuan: Floats
    insured: Flags
    there: Floats
    place: Ints
    village: Ints

    def __len__(self) -> int:
        return len(self.size)

    def rows(self, kept: slice) -> "People":
        """Some of them."""
        return People(**{each.name: getattr(self, each.name)[kept] for each in fields(self)})


@dataclass(frozen=True, slots=True)
class Things:
    """What they own: whose it is (a place in People), of which class (a place in `names`), worth what a year."""

    of: Ints
    kind: Ints
    names: tuple[str, ...]
    value_yuan: Floats

    def sorted(self) -> "Things":
        """In the order of the households."""
        order = np.argsort(self.of, kind="stable")
        return Things(self.of[order], self.kind[order], self.names, self.value_yuan[order])

    def rows(self, kept: slice) -> "Things":
        """Those of a stretch of households, which are counted anew."""
        first, last = np.searchsorted(self.of, [kept.start, kept.stop])
        span = slice(int(first), int(last))
        return Things(self.of[span] - kept.start, self.kind[span], self.names, self.value_yuan[span])


@dataclass(frozen=True, slots=True)
class Terms:
    """The policy of a day as far as losses go."""

    insurance_pays_ratio: float
    local_wage_ratio: float
    work_days_a_year: float
    unsafe_home_loss_ratio: float
    loss_spread_ratio: float  # standard deviation by mean, where no curve says how far losses scatter

    @classmethod
    def of(cls, policy: Policy) -> "Terms":
        """As the policy of a day has them."""
        return cls(**{name: policy.number(name) for name in _POLICY})


@dataclass(frozen=True, slots=True)
class Hit:
    """What each member does to some households, were they in the area: (members, households), yuan and chances.

    `house` is the expected damage to the house; `rebuilding`, (households), what making an unsafe one safe would cost.
    `deviation` is that of the four losses of income together; `paid` is what insurers pay.
    """

    crop: Floats
    livestock: Floats
    stock: Floats
    work: Floats
    house: Floats
    rebuilding: Floats
    deviation: Floats
    paid: Floats
    home: Floats
    water: Floats

    @property
    def income(self) -> Floats:
        """The four losses of income together."""
        return np.asarray(self.crop + self.livestock + self.stock + self.work)

    @property
    def spread(self) -> Floats:
        """Their deviation by their mean; 0 where nothing is lost."""
        mean = self.income
        return np.divide(self.deviation, mean, out=np.zeros_like(mean), where=mean > 0)


@dataclass(frozen=True, slots=True)
class Tables:
    """The shares of all classes side by side, (members, classes × places): one look-up serves all assets."""

    loss: Floats
    deviation: Floats
    unsafe: Floats
    days: Floats
    roots: NDArray[np.str_]  # of each class: house, crop …
    places: int


def tables(names: tuple[str, ...], shares: Shares, shape: tuple[int, int]) -> Tables:
    """Lay the shares of these classes side by side; `shape` is members by places."""
    loss, deviation, unsafe, days = (
        _beside([getattr(shares.get((name, effect)), what, np.zeros(shape)) for name in names], shape)
        for effect, what in ((LOSS, "mean"), (LOSS, "deviation"), (UNSAFE, "mean"), (DAYS, "mean"))
    )
    roots = np.array([name.split(".")[0] for name in names], dtype=np.str_)
    return Tables(loss=loss, deviation=deviation, unsafe=unsafe, days=days, roots=roots, places=shape[1])


def hit(people: People, things: Things, table: Tables, terms: Terms) -> Hit:
    """What each member does to these households."""
    at = things.kind * table.places + people.place[things.of]
    roots = table.roots[things.kind] if len(table.roots) else np.zeros(0, dtype="U1")
    owned = {root: np.flatnonzero(roots == root) for root in ROOTS}
    ones = np.ones(len(things.of))
    parts = {
        name: _added(things.of[mine], row[:, at[mine]], worth[mine], len(people))
        for name, mine, row, worth in (
            *((root, owned[root], table.loss, things.value_yuan) for root in (*INCOME_ASSETS, "house")),
            *((f"{root} off", owned[root], table.deviation, things.value_yuan) for root in INCOME_ASSETS),
            ("days", owned["labour"], table.days, ones),
            ("home", owned["house"], table.unsafe, ones),
            ("water", owned["water"], table.unsafe, ones),
        )
    }
    work = people.wage_yuan * terms.local_wage_ratio * np.minimum(1.0, parts["days"] / terms.work_days_a_year)
    home = np.minimum(1.0, parts["home"])
    worth = np.bincount(things.of[owned["house"]], things.value_yuan[owned["house"]], len(people))
    rebuilding: Floats = np.asarray(worth * terms.unsafe_home_loss_ratio, dtype=np.float64)
    return Hit(
        crop=parts["crop"], livestock=parts["livestock"], stock=parts["stock"], work=work,
        house=np.maximum(parts["house"], home * rebuilding), rebuilding=rebuilding,
        deviation=sum((parts[f"{root} off"] for root in INCOME_ASSETS), work * terms.loss_spread_ratio),
        paid=np.where(people.insured, parts["crop"] * terms.insurance_pays_ratio, 0.0), home=home,
        water=np.minimum(1.0, parts["water"]),
    )  # fmt: skip


def _beside(found: Sequence[Floats], shape: tuple[int, int]) -> Floats:
    return np.concatenate(found, axis=1) if found else np.zeros(shape)


def _added(owner: Ints, share: Floats, worth: Floats, households: int) -> Floats:
    """Shares by member and asset times what each asset is worth, added up by member and household."""
    return np.stack([np.bincount(owner, member * worth, households) for member in share])
