"""Every rule by examples that an official can read (`cases.toml`), and what holds for all rules together."""

import tomllib
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from anlan.engine.quality import (
    CHECKS,
    RULES,
    SEVERITIES,
    Register,
    Roll,
    RulesInvalid,
    identity_keys,
    judge,
    judge_register,
    number_keys,
    skipped,
)
from anlan.engine.quality.catalogue import read

TOLD = tomllib.loads(Path(__file__).with_name("cases.toml").read_text(encoding="utf-8"))
FAMILY, CASES = TOLD["family"], TOLD["case"]
HOME = ("head_name", "size", "labourers", "phone", "location", "placed", "income_until", "subsistence", "disabled")
MEMBER = (
    "name", "id_number", "sex", "born", "relation", "health", "labour", "student", "insured", "education",
)  # fmt: skip


def told(case) -> tuple[dict, list[dict]]:
    changes = case.get("change", {})
    members = [{**member, **changes.get(str(number), {})} for number, member in enumerate(FAMILY["members"], 1)]
    return {**FAMILY, **case.get("home", {})}, case.get("members", members)


def roll(*cases) -> Roll:
    """The households of some cases, one after the other."""
    homes, members = zip(*map(told, cases), strict=True)
    facts = {name: np.array([case["facts"][name] for case in cases]) for name in cases[0].get("facts", {})}
    return Roll.of(
        TOLD["day"],
        [tuple(home[name] for name in HOME) for home in homes],
        [(place, *(each[name] for name in MEMBER)) for place, several in enumerate(members) for each in several],
        facts=facts, knows_education=True,
    )  # fmt: skip


def register(case) -> Register:
    """A case's household as number 0, the others each a household of their own."""
    home, members = told(case)
    others = case.get("others", [])
    count = range(1, len(others) + 1)
    numbers = [each["id_number"] for each in (*members, *others)]
    return Register(
        identity_keys(np.array(numbers, dtype=np.str_)),
        np.array([0] * len(members) + [-1] * len(others)), np.array([0] * len(members) + [*count]),
        number_keys(np.array([home["phone"], *(each["phone"] for each in others)])),
        np.array([0] + [-1] * len(others)), np.array([0, *count]),
    )  # fmt: skip


def broken(case):
    """Every rule this case breaks, with the members' numbers."""
    found = [*judge(roll(case)), *judge_register(register(case))]
    return {each.rule: sorted(int(member) + 1 for member in each.member) for each in found if len(each.home)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['rule']}: {case['why']}")
def test_an_example_keeps_its_rule_or_breaks_it(case):
    found = broken(case)
    assert (case["rule"] in found) == case["broken"]
    if case["broken"]:
        assert found[case["rule"]] == case.get("member", [0])


@pytest.mark.parametrize("key", RULES)
def test_every_rule_has_an_example_of_each_kind(key):
    assert {case["broken"] for case in CASES if case["rule"] == key} == {True, False}


def test_the_family_itself_breaks_nothing():
    assert broken({}) == {}


def test_every_rule_is_either_code_or_facts():
    assert {key for key, rule in RULES.items() if not rule.when} == CHECKS


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.key)
def test_a_rules_words_are_whole_in_both_languages(rule):
    assert rule.title
    assert rule.title_en.isascii()
    assert rule.reason_en.isascii()
    figures = {"a": 1, "b": 2}
    assert "{" not in rule.reason.format(**figures) + rule.reason_en.format(**figures)
    assert rule.source
    assert rule.severity in SEVERITIES


def test_the_order_of_the_rules_changes_nothing():
    whole = roll(*[case for case in CASES if not case.get("facts")])
    few = [RULES[key] for key in ("no_head", "id_check", "size_differs", "income_missing")]
    outcomes = [
        {each.rule: (each.home.tolist(), each.member.tolist()) for each in judge(whole, order)}
        for order in permutations(few)
    ]
    assert all(outcome == outcomes[0] for outcome in outcomes)
    assert outcomes[0]["no_head"][0]
    forwards = {each.rule: each.home.tolist() for each in judge(whole)}
    assert forwards == {each.rule: each.home.tolist() for each in judge(whole, reversed(RULES.values()))}


def test_households_judged_together_are_judged_as_they_are_alone():
    cases = [case for case in CASES if not case.get("facts")]
    together: dict[int, set[str]] = {}
    for each in judge(roll(*cases)):
        for home in each.home:
            together.setdefault(int(home), set()).add(each.rule)
    for place, case in enumerate(cases):
        assert {each.rule for each in judge(roll(case)) if len(each.home)} == together.get(place, set())


def test_a_finding_tells_its_figures():
    (found,) = judge(roll({"home": {"size": 5}}), [RULES["size_differs"]])
    assert found.figures(0) == {"a": 5, "b": 3}
    assert RULES["size_differs"].reason.format(**found.figures(0)) == "登记人口 5 人，成员 3 人"
    (none,) = judge(roll({"change": {"1": {"relation": "other"}}}), [RULES["no_head"]])
    assert none.figures(0) == {}


def test_an_empty_roll_breaks_nothing():
    assert not any(len(each.home) for each in judge(Roll.of(20260618, [], [])))
    nothing = np.zeros(0, dtype=np.int64)
    assert not any(len(each.home) for each in judge_register(Register(*[nothing] * 6)))
    assert identity_keys(np.zeros(0, dtype=np.str_)).tolist() == []


def test_rules_whose_facts_are_unknown_are_left_out_and_named():
    plain = Roll.of(20260618, [("x", 1, 0, "", "point", True, 0, False, False)], [])
    asked = {each.rule for each in judge(plain)}
    left = skipped(["monitored"], RULES.values())
    assert "education_or_study" in left
    assert left["risk_missing"] == ["risk_known"]
    assert not asked & set(left)


def test_numbers_of_one_telephone_are_one_key():
    assert len(set(number_keys(np.array(["0791-8341234", "0791 8341234", "07918341234"])))) == 1
    assert number_keys(np.array(["", "示例"])).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("change", "named"),
    [({"severity": "grave"}, "severity"), ({"looks_at": "street"}, "looks_at"), ({"trust": "sure"}, "trust")],
)
def test_a_rule_of_no_known_kind_is_refused(change, named):
    words = dict.fromkeys(("title", "title_en", "reason", "reason_en", "source"), "x")
    words |= {"looks_at": "household", "severity": "note", "trust": "seen"} | change
    with pytest.raises(RulesInvalid, match=named):
        read("[odd]\n" + "\n".join(f'{name} = "{value}"' for name, value in words.items()))


def test_a_rule_without_a_title_is_refused():
    with pytest.raises(RulesInvalid, match="odd"):
        read('[odd]\nseverity = "note"\n')
