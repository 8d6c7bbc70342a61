"""The rules as data: their order, their words, and SQL that every database runs alike."""

import pytest

from anlan.engine.linkage.rules import RuleInvalid, read, rules

RULE = """
[odds]
outsiders = 0.1
least = 0.98
[terms]
agreement = "0"
same = "l.name = r.name"
[[rule]]
name = "a"
evidence = "姓名一致"
precision = 0.9
auto = true
needs = ["name"]
source = "l JOIN r ON {same}"
"""


def test_the_rules_of_the_house_can_be_read():
    cascade = rules().cascade
    assert all(rule.evidence and rule.source.startswith("l JOIN") for rule in cascade)
    assert len({rule.evidence for rule in cascade}) == len(cascade)


def test_only_sure_rules_link():
    assert min(rule.precision for rule in rules().automatic) >= 0.98
    assert all(rule.precision < 0.98 for rule in rules().cascade if not rule.auto)
    assert [rule.auto for rule in rules().cascade] == sorted((rule.auto for rule in rules().cascade), reverse=True)


def test_terms_are_filled_in():
    (rule,) = read(RULE).cascade
    assert rule.source == "l JOIN r ON l.name = r.name"
    assert rule.needs == ("name",)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (RULE.replace("{same}", "{other}"), "a: no term other"),
        (RULE.replace("{same}", "levenshtein(l.name, r.name) < 2"), "a: levenshtein is not the same on every database"),
        (RULE.replace("auto = true", 'auto = true\nsuffers = "age"'), "a: suffers from age, which nobody measures"),
        (RULE.replace("precision = 0.9", "precision = 1.5"), "a: a precision lies between 0 and 1"),
        (RULE + RULE.partition("[[rule]]")[2].join(["[[rule]]", ""]), "a: stands twice"),
    ],
)
def test_a_rule_that_cannot_be_used_is_refused_by_name(wrong, why):
    with pytest.raises(RuleInvalid, match=why):
        read(wrong)


def test_a_rule_is_trusted_as_far_as_the_list_at_hand_lets_it():
    given = read(RULE.replace("precision = 0.9", 'precision = 0.995\nsuffers = "outsiders"'))
    (rule,) = given.cascade
    assert given.precision(rule, {}) == 0.995
    assert given.precision(rule, {"outsiders": 0.1}) == pytest.approx(0.995)
    assert given.precision(rule, {"outsiders": 0.01}) == 0.995  # never more than where it was measured
    assert given.precision(rule, {"outsiders": 0.5}) == pytest.approx(1 - 0.005 * 9)
    assert given.precision(rule, {"outsiders": 1.0}) == 0
    (rule,) = read(RULE.replace("precision = 0.9", 'precision = 0.99\nsuffers = "borrowed"')).cascade
    assert given.precision(rule, {"borrowed": 0.03, "outsiders": 0.5}) == pytest.approx(0.97)
    assert given.precision(rule, {"borrowed": 0.001}) == 0.99
