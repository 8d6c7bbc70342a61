"""The rules as data: their order, their words, and SQL that every database runs alike."""

import pytest

from anlan.engine.linkage.rules import RuleInvalid, read, rules

RULE = """
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
        (RULE.replace("0.9", "1.5"), "a: a precision lies between 0 and 1"),
        (RULE + RULE.partition("[[rule]]")[2].join(["[[rule]]", ""]), "a: stands twice"),
    ],
)
def test_a_rule_that_cannot_be_used_is_refused_by_name(wrong, why):
    with pytest.raises(RuleInvalid, match=why):
        read(wrong)
