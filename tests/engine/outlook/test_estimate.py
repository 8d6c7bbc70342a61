"""The outlook: by hand where nothing is unsure, equal to the exact tiers and to the explanation, and as it must be."""

from dataclasses import fields, replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engine import policy
from anlan.engine.hazard.warned import of_ensemble, of_warning
from anlan.engine.impact import curves, households, inversion, members
from anlan.engine.outlook import estimate
from anlan.engine.outlook.estimate import Line, Outlook
from anlan.engine.outlook.hits import People, Terms, Things, hit, tables
from anlan.engine.outlook.shares import Threat, Where, shares
from anlan.engine.welfare.explain import explain
from anlan.engine.welfare.households import Households, shock
from anlan.engine.welfare.outcomes import Settings

TODAY = policy.on(date(2026, 6, 18))
LINE = TODAY.number("monitoring_line_yuan")
TERMS, RULES = Terms.of(TODAY), Line.of(TODAY)
SURE = Line(RULES.line_yuan, 0.0, 0.0)
NAMES = ("crop.rice.tillering", "house.adobe.1", "labour", "livestock.pigs", "stock", "water.well")


def people(count: int = 1, **columns: Any) -> People:
    """Households of three, a little above the line, unless told otherwise."""
    plain = {
        "size": 3, "income_yuan": 30_000.0, "wage_yuan": 10_000.0, "rigid_yuan": 0.0, "insured": False, "there": 1.0,
        "place": 0, "village": 0,
    }  # fmt: skip
    return People(**{name: np.broadcast_to(np.asarray(each), count).copy() for name, each in (plain | columns).items()})


def things(count: int = 1, **worth: float) -> Things:
    """What each of them owns: crops and a house, unless told otherwise."""
    value = {"crop": 20_000.0, "house": 60_000.0, "labour": 10_000.0, "water": 0.0} | worth
    kinds = [place for place, name in enumerate(NAMES) if name.split(".")[0] in value]
    each = [value[NAMES[kind].split(".")[0]] for kind in kinds]
    return Things(np.repeat(np.arange(count), len(kinds)), np.tile(kinds, count), NAMES, np.tile(each, count))


def rain(*mm: float, weights: Any = None) -> list[Threat]:
    return [Threat("rainstorm", of_ensemble("rain24h_mm", np.array(mm)[:, None], weights))]


def outlook(threats: list[Threat], who: People, what: Things, rules: Any = None, terms: Terms = TERMS) -> Outlook:
    found = shares(what.names, threats, Where("anyi", TODAY.day, terms.loss_spread_ratio))
    return estimate.estimate(who, what, found, threats[0].field.weights, (terms, rules or RULES))[0]


def test_without_the_hazard_nothing_is_lost_and_nothing_scores() -> None:
    found = outlook(rain(0.0), people(), things())
    assert (found.loss_yuan[0], found.p_home[0], found.p_water[0], found.score[0]) == (0, 0, 0, 0)
    assert found.income_per_head_yuan[0] == 10_000
    assert 0 < found.p_below[0] < 0.5


@pytest.mark.clause("W1", "P2")
def test_a_storm_takes_income_house_and_water_each_on_its_own() -> None:
    found = outlook(rain(380.0), people(rigid_yuan=2_000.0), things())
    assert found.income_per_head_yuan[0] < 10_000
    for name in ("p_below", "p_hardship", "p_home", "p_water", "score"):
        assert 0 < getattr(found, name)[0] < 1, name
    assert found.p_hardship[0] > found.p_below[0]
    dear = outlook(rain(380.0), people(rigid_yuan=2_000.0), things(house=500_000.0))
    assert dear.p_below[0] == found.p_below[0], "the loss of a house is no loss of income"
    assert dear.p_hardship[0] > found.p_hardship[0], "but to make it safe costs money"


def test_losses_and_incomes_add_up_to_the_yuan_where_nothing_is_unsure() -> None:
    threats = rain(250.0)
    found = outlook(threats, people(insured=True), things(livestock=1_000.0, stock=2_000.0), SURE)
    table = shares(NAMES, threats, Where("anyi", TODAY.day, 0.9))
    crop = 20_000 * table["crop.rice.tillering", "loss"].mean[0, 0]
    animals = 1_000 * table["livestock.pigs", "loss"].mean[0, 0]
    stock = 2_000 * table["stock", "loss"].mean[0, 0]
    work = 10_000 * TERMS.local_wage_ratio * table["labour", "days"].mean[0, 0] / TERMS.work_days_a_year
    assert found.crop_yuan[0] == pytest.approx(crop)
    assert found.livestock_yuan[0] == pytest.approx(animals)
    assert found.stock_yuan[0] == pytest.approx(stock)
    assert found.work_yuan[0] == pytest.approx(work)
    kept = 30_000 - crop * (1 - TERMS.insurance_pays_ratio) - animals - stock - work
    assert found.income_per_head_yuan[0] == pytest.approx(kept / 3)
    assert found.loss_yuan[0] == pytest.approx(crop + animals + stock + work + found.house_yuan[0])


def test_a_household_that_hardly_stands_there_counts_by_that_chance() -> None:
    sure, half = (outlook(rain(300.0), people(there=there), things()) for there in (1.0, 0.5))
    for name in ("loss_yuan", "p_below", "p_below_low", "p_below_high", "p_hardship", "p_home", "p_water", "score"):
        assert getattr(half, name)[0] == pytest.approx(getattr(sure, name)[0] / 2), name
    assert not outlook(rain(300.0), people(there=0.0), things()).score.any()


@pytest.mark.clause("D5")
def test_a_household_below_the_line_before_does_not_crowd_out_one_pushed_below() -> None:
    found = outlook(rain(250.0), people(2, income_yuan=np.array([0.3 * LINE * 3, 30_000.0])), things(2))
    assert found.p_below[0] > found.p_below[1]
    assert found.score[1] > found.score[0]


def test_insurance_pays_its_share_of_the_crop_to_those_who_have_it() -> None:
    found = outlook(rain(300.0), people(2, insured=np.array([False, True])), things(2))
    assert found.p_below[1] < found.p_below[0]
    assert found.loss_yuan[0] == found.loss_yuan[1]


def test_the_bounds_lie_about_the_figure_and_close_where_curves_are_sure() -> None:
    found = outlook(rain(200.0, 300.0), people(), things())
    assert found.p_below_low[0] < found.p_below[0] < found.p_below_high[0]
    assert found.score_low[0] < found.score[0] < found.score_high[0]
    sure = outlook(rain(200.0, 300.0), people(), things(), replace(RULES, curve_error_sd=0.0))
    assert sure.p_below_low[0] == pytest.approx(sure.p_below_high[0])


def test_members_are_weighed() -> None:
    apart = [outlook(rain(mm), people(), things()) for mm in (100.0, 300.0)]
    both = outlook(rain(100.0, 300.0, weights=np.array([0.25, 0.75])), people(), things())
    for each in fields(Outlook):
        if each.name != "loss_sd_yuan":
            low, high = (getattr(found, each.name)[0] for found in apart)
            assert getattr(both, each.name)[0] == pytest.approx(0.25 * low + 0.75 * high, abs=1e-4), each.name
    assert both.loss_sd_yuan[0] > 0


def test_a_household_without_members_on_record_counts_as_one_person() -> None:
    assert outlook(rain(0.0), people(size=0), things()).income_per_head_yuan[0] == 30_000


def test_nobody_gets_an_outlook_of_nobody() -> None:
    found, numbers = estimate.of(people(0), things(0), rain(300.0), TODAY, "anyi")
    assert len(found.score) == 0
    assert len(numbers.expected) == 0


def test_who_owns_nothing_loses_nothing() -> None:
    nothing = Things(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), (), np.zeros(0))
    found, numbers = estimate.of(people(2), nothing, rain(300.0), TODAY, "anyi")
    assert found.loss_yuan.tolist() == [0, 0]
    assert numbers.expected.tolist() == [0]


def test_many_households_are_worked_through_in_stretches_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    luck = np.random.default_rng(3)
    who = people(11, income_yuan=luck.uniform(20_000, 60_000, 11), village=np.arange(11) % 3)
    whole = estimate.of(who, things(11), rain(150.0, 300.0), TODAY, "anyi")
    monkeypatch.setattr(estimate, "CHUNK", 4)
    parts = estimate.of(who, things(11), rain(150.0, 300.0), TODAY, "anyi")
    for each in fields(Outlook):
        assert getattr(parts[0], each.name) == pytest.approx(getattr(whole[0], each.name), abs=1e-12), each.name
    assert parts[1].expected == pytest.approx(whole[1].expected)
    assert whole[1].expected.sum() == pytest.approx(whole[0].score.sum())
    assert whole[1].households.tolist() == [4, 4, 3]


@settings(max_examples=60, deadline=None)
@given(
    less=st.floats(0, 500), more=st.floats(0, 500), income=st.floats(1_000, 200_000), crop=st.floats(0, 100_000),
    spend=st.floats(0, 20_000), insured=st.booleans(),
)  # fmt: skip
def test_more_rain_never_makes_it_better(
    less: float, more: float, income: float, crop: float, spend: float, insured: bool
) -> None:
    less, more = sorted((less, more))
    who = people(income_yuan=income, rigid_yuan=spend, insured=insured)
    mild, hard = (outlook(rain(mm), who, things(crop=crop)) for mm in (less, more))
    # An insurer pays by the expected loss, which a household's own may stay under: those insured may come out richer.
    always = ("loss_yuan", "p_home", "p_water")
    for name in always if insured else (*always, "p_below", "p_hardship", "score"):
        low, high = getattr(mild, name)[0], getattr(hard, name)[0]
        assert low <= high + 1e-6, name
        assert name == "loss_yuan" or -1e-9 <= low <= high + 1e-6 <= 1 + 2e-6, name
    assert hard.income_per_head_yuan[0] <= mild.income_per_head_yuan[0] + 1e-6


# --- held against the exact tiers and against the explanation ------------------------------------------


def exact(count: int) -> tuple[People, Things, Terms]:
    """Households whose losses do not scatter, and who lose crops alone."""
    luck = np.random.default_rng(11)
    who = people(count, income_yuan=luck.uniform(24_000, 40_000, count), place=np.arange(count) % 5)
    what = Things(np.arange(count), np.zeros(count, dtype=np.int64), NAMES, luck.uniform(0, 30_000, count))
    return who, what, replace(TERMS, loss_spread_ratio=0.0)


def test_in_one_cell_and_by_one_kind_it_is_the_critical_intensity_s_answer() -> None:
    """T2: `inversion` is exact; without spread and error the outlook must say the same of every household."""
    who, what, terms = exact(200)
    mm = np.random.default_rng(5).uniform(0, 420, (20, 5)).astype(np.float32).astype(np.float64)
    threats = [Threat("rainstorm", of_ensemble("rain24h_mm", mm))]
    found = outlook(threats, who, what, SURE, terms)
    entry = shares(NAMES, threats, Where("anyi", TODAY.day, 0.0))["crop.rice.tillering", "loss"].entries[0]
    curve = curves.Curve(entry.curve.intensity, entry.curve.ratio)
    rows = members.Members(
        np.arange(21) * 5, np.tile(np.arange(5), 20), mm.ravel().astype(np.float32), 5, np.full(20, 0.05)
    )  # fmt: skip
    listed = households.Households(who.income_yuan, who.size, np.full(200, LINE))
    owned = households.Assets(what.of, who.place[what.of], what.value_yuan, np.zeros(200, dtype=np.int64))
    prepared = inversion.critical(listed, owned, [curve], cells=5)
    falling = inversion.falling(prepared, rows)
    assert 20 < falling.p.sum() < 180, "a test in which all fall or none shows nothing"
    assert found.p_below == pytest.approx(falling.p, abs=1e-9)


def test_the_explanation_arrives_at_the_figure() -> None:
    """Every term of `welfare.explain`, with the house told apart into one that stands and one that does not."""
    who, what = people(rigid_yuan=3_000.0, insured=True), things(livestock=3_000.0, stock=1_000.0)
    threats = [Threat("rainstorm", of_warning("rainstorm", 4, 1))]
    found = outlook(threats, who, what)
    table = shares(NAMES, threats, Where("anyi", TODAY.day, TERMS.loss_spread_ratio))
    done = hit(who, what, tables(NAMES, table, (3, 1)), TERMS)
    told = []
    for number, weight in enumerate(threats[0].field.weights.tolist()):
        same = {
            "crop": done.crop, "livestock": done.livestock, "stock": done.stock, "work": done.work,
            "insurance": done.paid, "spread": done.spread, "water_unsafe": done.water,
        }  # fmt: skip
        columns = {name: float(each[number, 0]) for name, each in same.items()}
        broken = float(done.home[number, 0])
        told.append((weight * (1 - broken), shock(1, **columns)))
        told.append((weight * broken, shock(1, **columns, house=float(done.rebuilding[0]), home_unsafe=1.0)))
    one = Households(
        members=who.size, wage_yuan=who.income_yuan, rigid_yuan=who.rigid_yuan, insured=who.insured,
        line_yuan=np.array([LINE]),
        **{f"{name}_yuan": np.zeros(1) for name in
           ("business", "business_cost", "property", "transfer", "claims", "savings", "debt")},
    )  # fmt: skip
    outcomes = {each.outcome: each for each in explain(one, told, Settings(RULES.income_error_sd, 0.0), 0, {})}
    assert outcomes["p_below"].probability == pytest.approx(found.p_below[0], abs=5e-6)
    assert outcomes["p_below_after_spending"].probability == pytest.approx(found.p_hardship[0], abs=5e-6)
    assert outcomes["p_home"].probability == pytest.approx(found.p_home[0], abs=1e-9)
    assert outcomes["p_water"].probability == pytest.approx(found.p_water[0], abs=1e-9)
