"""The first cut, by what must hold for any household."""

from dataclasses import fields, replace
from datetime import date
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from anlan.engine import policy
from anlan.engine.impact import first_cut, fragility
from anlan.engine.impact.first_cut import Exposure, Impact

TODAY = policy.on(date(2026, 6, 18))
NAMES = [field.name for field in fields(Exposure)]
COUNTS = {"size": (1, 9), "labourers": (0, 6), "structure": (0, 3), "water": (0, 3)}
LAST_BITS = 1e-9

hazards = st.sampled_from(sorted(fragility.curves()))
severities = st.floats(0, 5)
money = st.floats(0, 200_000)


def column(name: str) -> st.SearchStrategy[Any]:
    if name in COUNTS:
        return st.integers(*COUNTS[name])
    if name == "insured":
        return st.booleans()
    return {"location_m": st.floats(0, 5000), "confidence": st.floats(0, 1)}.get(name, money)


households = st.lists(st.tuples(*[column(name) for name in NAMES]), min_size=1, max_size=8)


def exposure(rows: list[tuple[Any, ...]]) -> Exposure:
    return Exposure(**{name: np.array(values) for name, values in zip(NAMES, zip(*rows, strict=True), strict=True)})


def with_line(line_yuan: float) -> policy.Policy:
    known = {key: TODAY.parameter(key) for key in policy.names()}
    known["monitoring_line_yuan"] = replace(known["monitoring_line_yuan"], value=line_yuan)
    return policy.Policy(TODAY.day, known)


def assess(exposed: Exposure, severity: float | NDArray[np.float64], hazard: str) -> Impact:
    return first_cut.assess(exposed, np.broadcast_to(severity, len(exposed)), hazard, TODAY)


def pick(exposed: Exposure, places: Any) -> Exposure:
    return Exposure(**{name: getattr(exposed, name)[places] for name in NAMES})


@settings(max_examples=50, deadline=None)
@given(households, severities, hazards)
def test_probabilities_are_probabilities_and_losses_are_no_gains(rows: Any, severity: float, hazard: str) -> None:
    exposed = exposure(rows)
    impact = assess(exposed, severity, hazard)
    for name in ("p_below", "p_home", "p_water", "score"):
        chance = getattr(impact, name)
        assert ((chance >= 0) & (chance <= exposed.confidence + LAST_BITS)).all()
    assert (impact.loss_yuan >= 0).all()
    before = exposed.income_yuan / exposed.size
    assert (impact.income_per_head_yuan <= before + LAST_BITS * np.abs(before)).all()


@settings(max_examples=50, deadline=None)
@given(households, severities, severities, hazards)
def test_more_severity_never_makes_anything_better(rows: Any, one: float, other: float, hazard: str) -> None:
    exposed = exposure(rows)
    mild, severe = (assess(exposed, severity, hazard) for severity in sorted((one, other)))
    for name in ("loss_yuan", "p_below", "p_home", "p_water", "score"):
        assert (getattr(severe, name) >= getattr(mild, name) - LAST_BITS * (1 + getattr(mild, name))).all()
    slack = LAST_BITS * (1 + np.abs(mild.income_per_head_yuan))
    assert (severe.income_per_head_yuan <= mild.income_per_head_yuan + slack).all()


@settings(max_examples=50, deadline=None)
@given(households, severities, hazards, st.floats(0, 50_000), st.floats(0, 50_000))
def test_a_higher_line_never_lowers_the_chance_to_be_below_it(
    rows: Any, severity: float, hazard: str, one: float, other: float
) -> None:
    exposed = exposure(rows)
    lower, higher = (
        first_cut.assess(exposed, np.full(len(exposed), severity), hazard, with_line(line))
        for line in sorted((one, other))
    )
    assert (higher.p_below >= lower.p_below - LAST_BITS).all()
    assert (higher.p_home == lower.p_home).all()


@settings(max_examples=50, deadline=None)
@given(households, severities, hazards, money)
def test_more_income_never_raises_the_chance_to_be_below_the_line(
    rows: Any, severity: float, hazard: str, more: float
) -> None:
    exposed = exposure(rows)
    richer = replace(exposed, transfer_yuan=exposed.transfer_yuan + more)
    assert (assess(richer, severity, hazard).p_below <= assess(exposed, severity, hazard).p_below + LAST_BITS).all()


@settings(max_examples=50, deadline=None)
@given(households, severities, hazards, money)
def test_the_value_of_the_house_never_touches_the_income(rows: Any, severity: float, hazard: str, more: float) -> None:
    exposed = exposure(rows)
    plain = assess(exposed, severity, hazard)
    dearer = assess(replace(exposed, home_yuan=exposed.home_yuan + more), severity, hazard)
    assert (dearer.income_per_head_yuan == plain.income_per_head_yuan).all()
    assert (dearer.p_below == plain.p_below).all()
    assert (dearer.score == plain.score).all()


@settings(max_examples=50, deadline=None)
@given(households, st.data(), hazards)
def test_neither_the_order_nor_the_company_of_households_matters(rows: Any, data: Any, hazard: str) -> None:
    """One at a time, shuffled, or in two batches: each household gets the same answer."""
    exposed = exposure(rows)
    count = len(exposed)
    severity = np.array(data.draw(st.lists(severities, min_size=count, max_size=count)))
    order = np.array(data.draw(st.permutations(range(count))))
    together = assess(exposed, severity, hazard)
    shuffled = assess(pick(exposed, order), severity[order], hazard)
    alone = [assess(pick(exposed, [place]), severity[[place]], hazard) for place in range(count)]
    for field in fields(Impact):
        values = getattr(together, field.name)
        np.testing.assert_allclose(getattr(shuffled, field.name), values[order], rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose([getattr(one, field.name)[0] for one in alone], values, rtol=1e-12, atol=1e-12)


@settings(max_examples=50, deadline=None)
@given(households, severities, hazards)
def test_two_fields_of_half_the_worth_lose_what_one_whole_field_does(rows: Any, severity: float, hazard: str) -> None:
    exposed = exposure(rows)
    whole = assess(exposed, severity, hazard).loss_yuan
    names = [name for name in NAMES if name.endswith("_yuan")]
    half = replace(exposed, **{name: getattr(exposed, name) / 2 for name in names})
    np.testing.assert_allclose(2 * assess(half, severity, hazard).loss_yuan, whole, rtol=1e-9, atol=1e-9)


@settings(max_examples=50, deadline=None)
@given(households, severities, hazards)
def test_the_score_is_at_most_the_sum_of_its_parts_and_at_least_the_house_and_the_water(
    rows: Any, severity: float, hazard: str
) -> None:
    impact = assess(exposure(rows), severity, hazard)
    assert (impact.score <= impact.p_below + impact.p_home + impact.p_water + LAST_BITS).all()
    assert (impact.score >= np.maximum(impact.p_home, impact.p_water) - LAST_BITS).all()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(-3, 0)), max_size=20))
def test_ranks_are_a_numbering_that_follows_score_and_tiebreak(rows: list[tuple[float, int]]) -> None:
    score, tiebreak = np.array([row[0] for row in rows]), np.array([float(row[1]) for row in rows])
    places = first_cut.rank(score, tiebreak)
    assert sorted(places.tolist()) == list(range(1, len(rows) + 1))
    expected = sorted(range(len(rows)), key=lambda place: (-rows[place][0], rows[place][1], place))
    assert np.argsort(places).tolist() == expected


@settings(max_examples=25, deadline=None)
@given(households, severities, hazards, st.floats(0.01, 1.0))
def test_the_nodes_stand_for_many_draws(rows: Any, severity: float, hazard: str, seed: float) -> None:
    """The closed forms against twenty thousand simulated seasons of one household."""
    exposed = pick(exposure(rows), [0])
    impact = assess(exposed, severity, hazard)
    luck = np.random.default_rng(int(seed * 1e6))
    many = pick(exposed, np.zeros(20_000, dtype=int))
    spread = np.hypot(0.20, 0.05 * exposed.location_m[0] / 1000)
    drawn = severity * np.exp(spread * luck.normal(size=20_000))
    sure = {"severity_error_sd": 0.0, "severity_error_per_km": 0.0}
    known = {key: TODAY.parameter(key) for key in policy.names()}
    known |= {key: replace(known[key], value=number) for key, number in sure.items()}
    simulated = first_cut.assess(many, drawn, hazard, policy.Policy(TODAY.day, known))
    for name in ("p_below", "p_home", "p_water"):
        assert abs(getattr(simulated, name).mean() - getattr(impact, name)[0]) < 0.08
