"""Households and shocks for tests: plain unless told otherwise, single figures spread over all."""

from dataclasses import fields
from typing import Any

import numpy as np
from hypothesis import strategies as st

from anlan.engine.welfare.households import Households, Shock, shock
from anlan.engine.welfare.outcomes import Settings

LINE = 8_500.0
SURE = Settings(income_error_sd=0.0, debt_is_rigid=0.0)
UNSURE = Settings(income_error_sd=0.2, debt_is_rigid=0.5)


def households(**columns: Any) -> Households:
    """Three members with 30,000 yuan a year, unless told otherwise."""
    plain: dict[str, Any] = {
        "members": 3, "wage_yuan": 10_000.0, "business_yuan": 24_000.0, "business_cost_yuan": 4_000.0,
        "property_yuan": 0.0, "transfer_yuan": 0.0, "claims_yuan": 0.0, "rigid_yuan": 0.0, "savings_yuan": 0.0,
        "debt_yuan": 0.0, "line_yuan": LINE, "insured": False,
    }  # fmt: skip
    columns = {**plain, **columns}
    sizes = [np.size(column) for column in columns.values()]
    count = max(sizes) if min(sizes) else 0
    return Households(**{name: np.broadcast_to(column, count).copy() for name, column in columns.items()})


def hit(count: int = 1, **columns: Any) -> Shock:
    """A shock of the columns named."""
    return shock(count, **{name: np.asarray(column, dtype=np.float64) for name, column in columns.items()})


money = st.floats(0, 100_000)
chances = st.floats(0, 1)
HOUSEHOLD = [field.name for field in fields(Households)]
SHOCK = [field.name for field in fields(Shock)]


def _household(name: str) -> st.SearchStrategy[Any]:
    odd = {"members": st.integers(0, 9), "insured": st.booleans(), "line_yuan": st.floats(1_000, 20_000)}
    return odd.get(name, money)


def _shock(name: str) -> st.SearchStrategy[Any]:
    return {"spread": st.floats(0, 1.5), "home_unsafe": chances, "water_unsafe": chances}.get(
        name, st.floats(0, 50_000)
    )


# Households with what hits each of them, for properties: any figures, up to six of them.
rows = st.lists(
    st.tuples(
        st.tuples(*(_household(name) for name in HOUSEHOLD)), st.tuples(*(_shock(name) for name in SHOCK)),
    ), min_size=1, max_size=6,
)  # fmt: skip


def table(made: Any) -> tuple[Households, Shock]:
    """The households and the shock of generated rows."""
    own, hits = zip(*made, strict=True)
    return (
        Households(**{name: np.array(column) for name, column in zip(HOUSEHOLD, zip(*own, strict=True), strict=True)}),
        Shock(**{name: np.array(column) for name, column in zip(SHOCK, zip(*hits, strict=True), strict=True)}),
    )
