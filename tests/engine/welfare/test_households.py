"""Columns that can be reckoned with, and the few sums they allow."""

from dataclasses import replace

import numpy as np
import pytest
from tests.engine.welfare.making import hit, households

from anlan.engine.welfare.households import ColumnInvalid, changed, insurance_yuan, same_length, shock, spread_of


def test_income_is_net_with_claims_and_what_is_needed_is_the_line_by_heads() -> None:
    one = households(property_yuan=500.0, transfer_yuan=700.0, claims_yuan=300.0, members=np.array([3, 0]))
    assert one.income_yuan.tolist() == [31_500, 31_500]
    assert one.needed_yuan.tolist() == [25_500, 8_500]
    assert len(one) == 2


def test_a_shock_takes_from_income_what_earns_and_not_the_house() -> None:
    struck = hit(2, crop=1.0, livestock=20.0, stock=300.0, work=4_000.0, house=50_000.0, insurance=5.0, relief=6.0)
    assert struck.income_loss_yuan.tolist() == [4_321, 4_321]
    assert struck.paid_yuan.tolist() == [11, 11]
    assert len(struck) == 2
    assert changed(struck, crop=np.array([0.0, 1.0])).income_loss_yuan.tolist() == [4_320, 4_321]


@pytest.mark.parametrize(
    ("column", "value", "complaint"),
    [
        ("wage_yuan", np.array([1.0, np.nan]), "row 2: wage_yuan is no amount"),
        ("rigid_yuan", np.array([np.inf, 1.0]), "row 1: rigid_yuan is no amount"),
        ("savings_yuan", np.array([1.0]), "savings_yuan has 1 rows, not 2"),
    ],
)
def test_a_column_that_cannot_be_reckoned_with_is_refused(column: str, value: object, complaint: str) -> None:
    with pytest.raises(ColumnInvalid, match=complaint):
        replace(households(members=np.array([3, 3])), **{column: value})


@pytest.mark.parametrize(
    ("column", "value", "complaint"),
    [
        ("crop", -1.0, "row 1: crop is no amount"),
        ("relief", np.nan, "row 1: relief is no amount"),
        ("home_unsafe", 1.01, "row 1: home_unsafe is a chance above 1"),
        ("water_unsafe", 2.0, "row 1: water_unsafe is a chance above 1"),
        ("goats", 1.0, "goats is not a column of a shock"),
    ],
)
def test_a_shock_that_cannot_be_is_refused(column: str, value: float, complaint: str) -> None:
    with pytest.raises(ColumnInvalid, match=complaint):
        shock(2, **{column: value})


def test_insurers_pay_their_share_to_the_insured() -> None:
    own = households(insured=np.array([True, False]))
    assert insurance_yuan(own, np.array([1_000.0, 1_000.0]), 0.4).tolist() == [400, 0]


def test_a_shock_is_of_as_many_households() -> None:
    same_length(households(), hit(1))
    with pytest.raises(ColumnInvalid, match="a shock of 1 households for 2"):
        same_length(households(members=np.array([1, 2])), hit(1))


def test_deviations_of_one_hazard_add_up() -> None:
    means = [np.array([100.0, 0.0]), np.array([300.0, 0.0])]
    deviations = [np.array([50.0, 0.0]), np.array([30.0, 0.0])]
    assert spread_of(means, deviations).tolist() == [0.2, 0.0]
