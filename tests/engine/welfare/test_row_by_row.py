"""The outcomes on columns, against the same rules written out for one household at a time."""

from collections.abc import Iterator
from math import erf, exp, isnan, log, nan, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.welfare.making import SURE, UNSURE, rows, table

from anlan.engine.impact.normal import nodes
from anlan.engine.welfare.households import Households, Shock, changed
from anlan.engine.welfare.outcomes import NAMES, Settings, assess


def cdf(z: float) -> float:
    return 0.5 * (1 + erf(z / sqrt(2)))


def falls(income: float, bar: float, how: Settings) -> tuple[float, float]:
    """The chance that the income is below a bar, and by how much it is expected to be."""
    sd = how.income_error_sd
    if sd == 0 and abs(income - bar) < 1e-6:
        return nan, nan  # the last bit decides on which side of the bar it is
    if sd == 0 or income <= 0 or bar <= 0:
        return float(income < bar), max(0.0, bar - income)
    d = (log(bar) - log(income)) / sd
    return cdf(d), max(0.0, bar * cdf(d) - income * exp(sd**2 / 2) * cdf(d - sd))


def spread_losses(loss: float, spread: float) -> Iterator[tuple[float, float]]:
    points, weights = nodes(5)
    factors = [exp(sqrt(log(1 + spread**2)) * point) for point in points]
    mean = sum(weight * factor for weight, factor in zip(weights, factors, strict=True))
    yield from ((float(weight), loss * factor / mean) for weight, factor in zip(weights, factors, strict=True))


def one_by_one(own: Households, struck: Shock, weight: float, how: Settings, place: int) -> dict[str, float]:
    def of(thing: Any, name: str) -> float:
        return float(getattr(thing, name)[place])

    income = of(own, "wage_yuan") + of(own, "business_yuan") - of(own, "business_cost_yuan")
    income += of(own, "property_yuan") + of(own, "transfer_yuan") + of(own, "claims_yuan")
    need = of(own, "line_yuan") * max(1, int(own.members[place]))
    must = of(own, "rigid_yuan") + how.debt_is_rigid * of(own, "debt_yuan")
    loss = of(struck, "crop") + of(struck, "livestock") + of(struck, "stock") + of(struck, "work")
    paid = of(struck, "insurance") + of(struck, "relief")
    cases = [(1 - weight, 0.0, 0.0)]
    cases += [
        (weight * share, each - paid, of(struck, "house")) for share, each in spread_losses(loss, of(struck, "spread"))
    ]
    found = dict.fromkeys(NAMES, 0.0)
    found["p_home"], found["p_water"] = weight * of(struck, "home_unsafe"), weight * of(struck, "water_unsafe")
    for share, net, house in cases:
        for ending, bar in (("", need + net), ("_after_spending", need + net + must + house)):
            below, gap = falls(income, bar, how)
            found[f"p_below{ending}"] += share * below
            found[f"gap{ending}_yuan"] += share * gap
    return found


@settings(max_examples=100, deadline=None)
@given(rows, st.sampled_from([SURE, UNSURE]), st.floats(0, 1))
def test_columns_and_rows_agree(made: Any, how: Settings, weight: float) -> None:
    own, struck = table(made)
    whole = assess(own, [(weight, struck)], how)
    for place in range(len(own)):
        for name, value in one_by_one(own, struck, weight, how, place).items():
            near = {"abs": 2e-6} if name.startswith("p_") else {"abs": 1.0, "rel": 1e-5}
            assert isnan(value) or getattr(whole, name)[place] == pytest.approx(value, **near), name


@settings(max_examples=40, deadline=None)
@given(rows)
def test_a_member_may_be_split_into_parts(made: Any) -> None:
    own, struck = table(made)
    whole = assess(own, [(0.8, struck)], UNSURE)
    parts = assess(own, [(0.3, struck), (0.5, changed(struck, crop=np.copy(struck.crop)))], UNSURE)
    for name in NAMES:
        assert getattr(parts, name) == pytest.approx(getattr(whole, name), rel=1e-9, abs=1e-9)
