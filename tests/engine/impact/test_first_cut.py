"""The first cut, by examples."""

from dataclasses import fields, replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from anlan.engine import policy
from anlan.engine.impact import first_cut
from anlan.engine.impact.first_cut import STRUCTURES, WATER, Exposure, Impact, rank, share_below
from anlan.engine.impact.fragility import of

TODAY = policy.on(date(2026, 6, 18))
LINE = TODAY.number("monitoring_line_yuan")


def exposure(**columns: Any) -> Exposure:
    """One household of three with 30,000 yuan from crops and wages, unless told otherwise; scalars are spread out."""
    plain: dict[str, Any] = {
        "size": 3, "labourers": 2, "insured": False, "wage_yuan": 10_000.0, "business_yuan": 24_000.0,
        "business_cost_yuan": 4_000.0, "property_yuan": 0.0, "transfer_yuan": 0.0, "rigid_yuan": 0.0,
        "savings_yuan": 0.0, "crop_yuan": 24_000.0, "livestock_yuan": 0.0, "equipment_yuan": 0.0,
        "home_yuan": 100_000.0, "structure": 0, "water": 0, "location_m": 50.0, "confidence": 1.0,
    }  # fmt: skip
    columns = {**plain, **columns}
    count = max(np.size(column) for column in columns.values())
    return Exposure(**{name: np.broadcast_to(column, count).copy() for name, column in columns.items()})


def assess(severity: float = 4.0, hazard: str = "flood", **columns: Any) -> Impact:
    exposed = exposure(**columns)
    return first_cut.assess(exposed, np.full(len(exposed), severity), hazard, TODAY)


def test_without_the_hazard_nothing_is_lost_and_nothing_scores() -> None:
    impact = assess(0.0)
    assert (impact.loss_yuan[0], impact.p_home[0], impact.p_water[0], impact.score[0]) == (0, 0, 0, 0)
    assert impact.income_per_head_yuan[0] == 10_000


@pytest.mark.clause("W1")
def test_a_flood_takes_income_house_and_water() -> None:
    impact = assess()
    assert impact.income_per_head_yuan[0] < 10_000
    for chance in (impact.p_below, impact.p_home, impact.p_water, impact.score):
        assert 0 < chance[0] < 1


@pytest.mark.clause("P2")
def test_the_loss_of_a_house_is_not_a_loss_of_income() -> None:
    cheap, dear = assess(home_yuan=1_000.0), assess(home_yuan=500_000.0)
    assert dear.loss_yuan[0] > cheap.loss_yuan[0]
    assert dear.income_per_head_yuan[0] == cheap.income_per_head_yuan[0]
    assert dear.p_below[0] == cheap.p_below[0]


def test_losses_and_incomes_add_up_to_the_yuan_where_nothing_is_unsure() -> None:
    """Severity and income known exactly: a flood at 4 takes 65 % of crops, 30 % of animals, 40 % of equipment."""
    sure = _policy(severity_error_sd=0.0, severity_error_per_km=0.0, income_error_sd=0.0)
    exposed = exposure(livestock_yuan=1_000.0, equipment_yuan=2_000.0)
    impact = first_cut.assess(exposed, np.array([4.0]), "flood", sure)
    work = 10_000 * 0.5 * 18 / 250
    income_loss = 0.65 * 24_000 + 0.30 * 1_000 + 0.40 * 2_000 + work
    house = 0.10 * 0.15 * 100_000 * 0.5
    assert impact.loss_yuan[0] == pytest.approx(income_loss + house)
    assert impact.income_per_head_yuan[0] == pytest.approx((30_000 - income_loss) / 3)
    assert impact.p_below[0] == pytest.approx(1.0)


def test_insurance_pays_its_share_of_the_crop_to_those_who_have_it() -> None:
    without, insured = assess(), assess(insured=True)
    assert insured.income_per_head_yuan[0] > without.income_per_head_yuan[0]
    assert insured.p_below[0] < without.p_below[0]
    assert insured.loss_yuan[0] == without.loss_yuan[0]


@pytest.mark.clause("D5")
def test_a_household_below_the_line_before_does_not_crowd_out_one_pushed_below() -> None:
    wages = {"business_yuan": 0.0, "business_cost_yuan": 0.0, "crop_yuan": 0.0}
    long_poor = assess(2.0, "drought", **wages, wage_yuan=0.3 * LINE * 3)
    pushed = assess(2.0, "drought")
    assert long_poor.p_below[0] > pushed.p_below[0]
    assert pushed.score[0] > long_poor.score[0]


def test_a_household_that_hardly_stands_there_counts_by_that_chance() -> None:
    sure, half = assess(confidence=1.0), assess(confidence=0.5)
    for name in ("loss_yuan", "p_below", "p_home", "p_water", "score"):
        assert getattr(half, name)[0] == pytest.approx(getattr(sure, name)[0] / 2)
    assert not assess(confidence=0.0).score.any()


def test_a_household_whose_place_is_unsure_may_be_hit_harder_than_the_forecast_says() -> None:
    assert assess(1.0, location_m=5000.0).p_home[0] > assess(1.0, location_m=50.0).p_home[0]


def test_the_house_and_the_water_are_judged_by_their_kind() -> None:
    impact = assess(structure=np.arange(len(STRUCTURES)), water=np.arange(len(WATER)))
    assert impact.p_home.argmax() == STRUCTURES.index("adobe")
    assert impact.p_water.argmin() == WATER.index("central")


def test_a_household_without_members_on_record_counts_as_one_person() -> None:
    assert assess(0.0, size=0).income_per_head_yuan[0] == 30_000


def test_columns_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="of equal length"):
        replace(exposure(), size=np.array([1, 2]))


@pytest.mark.parametrize(
    ("income", "loss", "below"),
    [(8_500.0, 0.0, 0.0), (8_499.99, 0.0, 1.0), (9_000.0, 500.0, 0.0), (9_000.0, 500.01, 1.0), (-10.0, 0.0, 1.0)],
)
def test_at_the_line_is_not_below_it(income: float, loss: float, below: float) -> None:
    """Where the income is known exactly."""
    assert share_below(np.array([8_500.0]), np.array([income]), np.array([loss]), 0.0)[0] == below


def test_at_the_line_an_unsure_income_is_below_as_often_as_above() -> None:
    found = share_below(np.full(4, 8_500.0), np.array([8_500.0, 8_500.01, 0.0, -5.0]), np.zeros(4), 0.2)
    assert found[0] == pytest.approx(0.5)
    assert found[1] < found[0]
    assert found[2:].tolist() == [1.0, 1.0]


def test_below_a_line_of_nought_is_only_who_owes() -> None:
    found = share_below(np.zeros(3), np.array([10.0, 0.0, -1.0]), np.zeros(3), 0.2)
    assert found.tolist() == [0.0, 0.0, 1.0]


@pytest.mark.clause("D5")
def test_rank_puts_the_highest_score_first_then_key_groups_then_the_order_given() -> None:
    score = np.array([0.1, 0.5, 0.5, 0.5, 0.9])
    assert rank(score, np.array([0.0, 0.0, -2.0, 0.0, 0.0])).tolist() == [5, 3, 2, 4, 1]


def test_nobody_gets_a_list_of_nobody() -> None:
    assert rank(np.array([]), np.array([])).tolist() == []
    nobody = Exposure(**{field.name: getattr(exposure(), field.name)[:0] for field in fields(Exposure)})
    assert len(first_cut.assess(nobody, np.array([]), "flood", TODAY).score) == 0


def test_an_unknown_hazard_is_taken_for_a_middling_one() -> None:
    assert assess(hazard="meteorite").score[0] == assess(hazard="other").score[0]
    assert of("meteorite").hazard == "other"


def _policy(**numbers: float) -> policy.Policy:
    """Today's policy with some numbers replaced."""
    known = {key: TODAY.parameter(key) for key in policy.names()}
    known |= {key: replace(known[key], value=number) for key, number in numbers.items()}
    return policy.Policy(TODAY.day, known)
