"""A flood and two households, from their receipts to what would help, with figures to check by hand."""

from datetime import date

import numpy as np
import pytest
from tests.engine.welfare.making import SURE, hit

from anlan.engine import policy
from anlan.engine.impact.library import Case, Choice, choose
from anlan.engine.welfare.aftermath import after
from anlan.engine.welfare.explain import Ground, explain
from anlan.engine.welfare.households import Households, Shock, insurance_yuan
from anlan.engine.welfare.income import CODES, Totals, totals, window
from anlan.engine.welfare.measures import effect, measure, rank
from anlan.engine.welfare.outcomes import assess
from anlan.engine.welfare.recovery import Economy

DAY = date(2026, 6, 18)
POLICY = policy.on(DAY)
LINE = POLICY.number("monitoring_line_yuan")
DEPTH = np.array([1.0, 0.0])  # metres of water at the two houses
RECEIPTS = [
    (0, "b1", "2025-10-20", 24_000.0), (0, "e1", "2025-07-01", 4_000.0), (0, "a1", "2026-02-10", 18_000.0),
    (0, "hgzfzc", "2026-03-01", 2_000.0), (1, "a1", "2025-12-31", 40_000.0), (1, "a1", "2026-06-01", 99_000.0),
]  # fmt: skip


def income() -> Totals:
    household, item, day, yuan = zip(*RECEIPTS, strict=True)
    places = np.array([CODES.index(code) for code in item])
    return totals(2, np.array(household), places, np.array(day, dtype="datetime64[D]"), np.array(yuan), window(DAY))


def households() -> Households:
    year = income()
    return Households(
        members=np.array([4, 3]), wage_yuan=year.wage_yuan, business_yuan=year.business_yuan,
        business_cost_yuan=year.business_cost_yuan, property_yuan=year.property_yuan, transfer_yuan=year.transfer_yuan,
        claims_yuan=year.claims_yuan, rigid_yuan=year.rigid_yuan, savings_yuan=np.array([6_000.0, 0.0]),
        debt_yuan=np.zeros(2), line_yuan=np.full(2, LINE), insured=np.array([True, False]),
    )  # fmt: skip


def curve(asset: str, effect: str = "loss") -> Choice:
    return choose("flood_depth_m", asset, "anyi", DAY, Case(effect))


def flood(own: Households) -> Shock:
    crop = own.business_yuan * curve("crop.rice").entry.curve.at(DEPTH)
    unsafe = curve("house.adobe.1", "unsafe").entry.curve.at(DEPTH)
    return hit(
        2, crop=crop, home_unsafe=unsafe, house=30_000.0 * unsafe,
        insurance=insurance_yuan(own, crop, POLICY.number("insurance_pays_ratio")),
    )  # fmt: skip


def test_the_year_ends_with_may_and_the_fourth_member_counts() -> None:
    assert income().net_yuan.tolist() == [38_000, 40_000]
    assert (income().reference_yuan / [4, 3]).tolist() == pytest.approx([9_000, 40_000 / 3])


@pytest.mark.clause("P2", "W1")
def test_a_metre_of_water_takes_a_third_of_the_crop_and_puts_the_first_household_below() -> None:
    own = households()
    struck = flood(own)
    assert struck.crop.tolist() == pytest.approx([0.37 * 24_000, 0])
    assert struck.insurance.tolist() == pytest.approx([0.40 * 0.37 * 24_000, 0])
    assert struck.home_unsafe.tolist() == pytest.approx([0.15, 0])
    found = assess(own, [(1.0, struck)], SURE)
    left = 38_000 - 0.37 * 24_000 * 0.60
    assert found.p_below.tolist() == [1, 0]
    assert found.gap_yuan[0] == pytest.approx(4 * LINE - left)
    assert found.gap_after_spending_yuan[0] == pytest.approx(4 * LINE - left + 2_000 + 0.15 * 30_000)


def test_the_explanation_names_the_crop_its_curve_and_what_the_insurer_paid() -> None:
    own, rice = households(), curve("crop.rice").entry
    grounds = {"crop": Ground(curve=rice.id, source=rice.source, trust=rice.trust)}
    income_below, *_others = explain(own, [(1.0, flood(own))], SURE, 0, grounds)
    crop, insurance = (next(term for term in income_below.terms if term.code == code) for code in ("crop", "insurance"))
    assert (crop.moved, crop.ground.curve, crop.ground.trust) == (1.0, "jrc_asia_agriculture@1", "general")
    assert (insurance.moved, insurance.value) == (0.0, pytest.approx(3_552))


@pytest.mark.clause("M6")
def test_the_cheapest_way_over_the_line_comes_first() -> None:
    own, economy = households(), Economy.of(POLICY)
    members = [(1.0, flood(own))]
    options = {
        "cash": measure("cash", 2, 1_400.0, 1_400.0),
        "replant": measure("replant", 2, 0.2, 900.0),
        "truck": measure("water_truck", 2, 1.0, 50.0),
    }
    effects = [effect(own, members, each, SURE, economy) for each in options.values()]
    found = rank(effects, own, "p_below")
    assert [list(options)[option] for option in found.option] == ["replant", "cash"]
    assert found.household.tolist() == [0, 0]
    assert found.per_yuan.tolist() == pytest.approx([4 / 900, 4 / 1_400])


def test_savings_carry_the_household_through_and_it_is_not_below_for_years() -> None:
    own = households()
    assert after(own, flood(own), Economy.of(POLICY)).years_below.tolist()[1] == 0
    broke = Households(**{**{name: getattr(own, name) for name in own.__slots__}, "savings_yuan": np.zeros(2)})
    with_savings, without = (after(each, flood(own), Economy.of(POLICY)).years_below[0] for each in (own, broke))
    assert with_savings < without
