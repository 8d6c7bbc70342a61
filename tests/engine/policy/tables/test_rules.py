"""One household and a million by the same tables; unknown is never silently safe; every reason is told."""

from datetime import date, timedelta
from math import isnan, nan
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.engine import policy
from anlan.engine.hazard.taxonomy import HAZARDS
from anlan.engine.policy import PolicyUnknown, tables
from anlan.engine.policy.tables import columns, single
from anlan.engine.policy.tables.facts import facts
from anlan.engine.policy.tables.language import Node

DAY = date(2026, 6, 18)
ALL = tuple(tables.book().tables)
FACTS = {key: each for key, each in facts().items() if each.kind != "note"}


def value(key: str) -> st.SearchStrategy[Any]:
    """Anything that may be known of a household, or nothing."""
    fact = FACTS[key]
    if fact.kind == "yes_no":
        return st.sampled_from([True, False, None])
    if fact.kind == "text":
        return st.sampled_from([*fact.choices, None])
    amounts = st.sampled_from([0.0, 1.0, 2.0, 6.0, 4_250.0, 8_500.0, 12_750.0, 180.0, 0.5]) | st.floats(-1e5, 1e5)
    return amounts | st.just(nan)


households = st.fixed_dictionaries({key: value(key) for key in FACTS})
days = st.dates(date(2023, 2, 17), date(2026, 12, 31))


def column(key: str, values: list[Any]) -> Any:
    if FACTS[key].kind == "text":
        choices = list(FACTS[key].choices)
        return np.array([nan if each is None else choices.index(each) for each in values])
    return np.array([nan if each is None else float(each) for each in values])


def written(rules: tables.Rules, judged: tables.Judged, key: str) -> dict[str, Any]:
    """One household's answer of a table, as the columns have it."""
    table, answer = tables.book().table(key), judged[key]
    if table.hit == "first":
        return {key: -1 if answer.result is None else rules.results(key).index(answer.result)}
    if table.hit == "each":
        return dict(answer.values or {})
    fired, unknown = {each.row for each in answer.fired}, {each.row for each in answer.unknown}
    rows = {f"{key}.{row.key}": 2 if row.key in fired else 1 if row.key in unknown else 0 for row in table.rows}
    return {key: max(rows.values()), **rows}


def same(found: Any, expected: Any) -> bool:
    if expected is None:
        return found == 1 if found.dtype == np.int8 else isnan(found)
    if isinstance(expected, bool):
        return bool(found == 2 * expected)
    return bool(found == expected)


@pytest.mark.clause("P2", "M3")
@settings(max_examples=60, deadline=None)
@given(st.lists(households, min_size=1, max_size=6), days)
def test_columns_answer_what_each_household_is_answered(households: list[dict[str, Any]], day: date) -> None:
    rules = tables.on(policy.on(day))
    given_columns = {key: column(key, [each[key] for each in households]) for key in FACTS}
    found = rules.columns(given_columns, ALL, len(households))
    for place, household in enumerate(households):
        judged = rules.judge(household, ALL)
        for key in ALL:
            for name, expected in written(rules, judged, key).items():
                assert same(found[name][place], expected), (name, found[name][place], expected, household)


# --- the operations themselves ------------------------------------------------------------------------------------

amounts = st.sampled_from([nan, 0.0, 1.0, -1.0, 2.0, 1e308, 0.5])
truths = st.sampled_from([0, 1, 2])


def leaf(kind: str) -> st.SearchStrategy[Node]:
    return st.sampled_from([Node(kind, f"{kind}{number}") for number in range(3)])


numbers = st.recursive(
    leaf("amount") | st.builds(Node, st.just("number"), st.floats(-3, 3)),
    lambda part: (
        st.builds(lambda sign, a, b: Node(sign, parts=(a, b)), st.sampled_from("+-*/"), part, part)
        | st.builds(lambda a: Node("minus", parts=(a,)), part)
    ),
    max_leaves=4,
)
compared = st.builds(
    lambda sign, a, b: Node(sign, parts=(a, b)), st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), numbers, numbers
)
conditions = st.recursive(
    leaf("yes") | compared | st.builds(Node, st.just("truth"), st.booleans()),
    lambda part: (
        st.builds(lambda sign, a, b: Node(sign, parts=(a, b)), st.sampled_from(["and", "or"]), part, part)
        | st.builds(lambda a: Node("not", parts=(a,)), part)
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(conditions, st.lists(amounts, min_size=3, max_size=3), st.lists(truths, min_size=3, max_size=3))
def test_any_condition_has_one_answer_both_ways(condition: Node, told: list[float], said: list[int]) -> None:
    known = {f"amount{at}": each for at, each in enumerate(told)} | {f"yes{at}": each for at, each in enumerate(said)}
    dense: dict[str, Any] = {key: np.array([each]) for key, each in known.items()}
    with np.errstate(all="ignore"):
        found = columns.evaluate(condition, dense)
    assert np.ravel(found)[0] == single.reckoning(condition)(known)


@settings(max_examples=200, deadline=None)
@given(conditions, st.lists(amounts, min_size=3, max_size=3), st.lists(truths, min_size=3, max_size=3))
def test_an_answer_that_is_given_although_something_is_unknown_holds_whatever_that_is(
    condition: Node, told: list[float], said: list[int]
) -> None:
    known = {f"amount{at}": each for at, each in enumerate(told)} | {f"yes{at}": each for at, each in enumerate(said)}
    answer = single.reckoning(condition)(known)
    if answer == single.UNKNOWN:
        return
    for value in (0.0, 1.0, 2.0):
        filled = {key: value if each != each else each for key, each in known.items()}
        for place in range(3):
            for truth in (0, 2):
                sure = filled | ({f"yes{place}": truth} if known[f"yes{place}"] == single.UNKNOWN else {})
                assert single.reckoning(condition)(sure) in {answer, single.UNKNOWN}


codes = st.lists(st.tuples(truths, st.integers(1, 3)), max_size=5)


@given(codes)
def test_the_first_row_that_holds_gives_the_result_unless_an_unknown_one_might_come_before(
    rows: list[tuple[int, int]],
) -> None:
    held, results = [each for each, _code in rows], [code for _each, code in rows]
    found = single.first(held, results)
    assert columns.first([np.array([each], np.int8) for each in held], results, 1)[0] == found
    possible = {next((code for each, code in zip(sure, results, strict=True) if each == 2), 0) for sure in filled(held)}
    assert found in possible if len(possible) == 1 else found == -1


def filled(held: list[int]) -> list[list[int]]:
    """Every way in which what is unknown may turn out."""
    ways: list[list[int]] = [[]]
    for each in held:
        ways = [[*way, sure] for way in ways for sure in ((0, 2) if each == 1 else (each,))]
    return ways


@given(st.lists(truths, max_size=6), st.integers(0, 4))
def test_no_more_results_are_given_than_the_limit(held: list[int], most: int) -> None:
    kept = single.limited(held, most)
    assert sum(each == 2 for each in kept) == min(most, sum(each == 2 for each in held))
    dense = columns.limited([np.array([each], np.int8) for each in held], most)
    assert [int(each[0]) for each in dense] == kept


# --- asking -------------------------------------------------------------------------------------------------------


def test_a_trial_supposes_another_line_and_leaves_the_policy_as_it_was() -> None:
    today = policy.on(DAY)
    other = today.supposing({"monitoring_line_yuan": 9_500.0})
    told = {"income_per_head_yuan": 9_000.0, "ex_poor": False}
    assert tables.on(today).judge(told, ("identification",))["identification"].fired == ()
    answers = tables.on(other).judge(told, ("identification", "category"))
    assert answers["category"].result == "marginal"
    supposed = other.parameter("monitoring_line_yuan")
    assert (supposed.source, supposed.verified, other != today) == ("试算", False, True)
    assert other.supposing({"hardship_drop_ratio": 0.4}).changes == (
        ("hardship_drop_ratio", 0.4), ("monitoring_line_yuan", 9_500.0),
    )  # fmt: skip
    with pytest.raises(TypeError):
        today.supposing({"monitoring_line_yuan": "很多"})
    with pytest.raises(PolicyUnknown):
        today.supposing({"no_such": 1.0})


@pytest.mark.clause("P2", "M3", "A1")
def test_every_row_is_explained_with_its_values_and_the_source_of_every_figure() -> None:
    rules = tables.on(policy.on(DAY))
    told = {
        "income_per_head_yuan": 5_000.0,
        "ex_poor": True,
        "home": None,
        "home_grade": "D",
        "cleared_how": "assisted",
    }
    found = rules.explain(told, ALL)
    below = found["identification"][0]
    assert (below.row, below.outcome, below.decisive) == ("below_line", "yes", True)
    assert below.basis.startswith("中农组发〔2021〕7号")
    income, line = below.used
    assert (income.value, income.parameter, income.unit) == (5_000.0, None, "元/人·年")
    assert line.parameter is not None
    assert (line.value, line.parameter.trust, line.parameter.verified) == (8_500.0, "seen", False)
    assert found["identification"][1].outcome == "no"  # below the line is not within the error above it
    assert {each.outcome for each in found["identification"][2:]} == {"unknown", "yes"}
    home = next(each for each in found["axes"] if each.row == "home")
    assert (home.value, home.used[0].value) == (False, "D")
    assert next(each for each in found["axes"] if each.row == "income").value is None
    unstable, marginal, hardship = found["category"]
    assert (unstable.decisive, marginal.decisive, hardship.decisive) == (True, False, False)
    assert (marginal.outcome, hardship.outcome) == ("no", "yes")
    (soon,) = found["suspicious_clearance"]
    assert (soon.outcome, soon.used[0].value) == ("unknown", "assisted")
    assert found["cleared"][0].outcome == "unknown"
    assert found["object_name"][0].basis == "2026年中央一号文件第（八）条"


def test_no_row_is_decisive_where_one_before_it_may_come_first() -> None:
    found = tables.on(policy.on(DAY)).explain({"home": False}, ("identification", "category"))
    assert [(each.outcome, each.decisive) for each in found["category"]] == [
        ("unknown", False), ("unknown", False), ("yes", False),
    ]  # fmt: skip


def test_a_row_that_rests_on_a_figure_without_a_value_on_the_day_says_which() -> None:
    with pytest.raises(PolicyUnknown, match=r"3_identification.toml.*rigid_spending.*hardship_rigid_ratio has no"):
        tables.on(policy.on(date(2022, 6, 1))).judge({}, ("identification",))
    before = date(2021, 5, 14) - timedelta(days=1)
    assert tables.on(policy.on(before)).judge({}, ("category",))["category"].result == ""


def test_a_text_that_is_none_of_its_choices_is_refused() -> None:
    with pytest.raises(ValueError, match="home_grade: 'E' is none of A, B, C, D"):
        tables.on(policy.on(DAY)).judge({"home_grade": "E"}, ("axes",))


def test_a_wording_of_2025_and_one_of_2026_stand_side_by_side() -> None:
    before, after = (tables.on(policy.on(date(2026, 2, day))).decision("identification") for day in (2, 3))
    assert before.rules[0].version.trust == "seen"
    assert after.rules[0].version.trust == "weak"
    assert "原文未见" in after.rules[0].version.source
    names = [tables.on(policy.on(date(2026, 2, day))).judge({}, ("object_name",)) for day in (2, 3)]
    assert [each["object_name"].result for each in names] == ["before_2026", "from_2026"]


def test_nothing_that_the_tables_say_is_ours_stands_above_the_county() -> None:
    versions = [v for table in tables.book().tables.values() for row in table.rows for v in row.versions]
    assert {each.level for each in versions if each.trust == "design"} <= {"anyi"}
    assert all(len(each.source) > 3 for each in versions)


def test_hazards_are_told_apart_in_the_order_of_the_sub_items() -> None:
    items = tables.book().table("disaster_item").results
    assert list(items.values()) == list(facts()["hazard"].choices.values())
    assert {each.sub_item for each in HAZARDS.values()} <= set(items)
    assert list(items) == sorted(items)


def test_columns_of_yes_and_no_may_be_plain_truths() -> None:
    rules = tables.on(policy.on(DAY))
    told = {"home": np.array([True, False]), "income_per_head_yuan": np.array([9_000.0, 9_000.0])}
    found = rules.columns(told, ("identification", "category"), 2)
    assert found["identification.no_home"].tolist() == [0, 2]
    assert found["category"].tolist() == [-1, rules.results("category").index("hardship")]
    assert found["identification"].tolist() == [1, 2]
