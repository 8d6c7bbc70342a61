"""What a cell may say, and where it is refused."""

import pytest

from anlan.engine.policy.tables.language import DEPTH_MAX, LENGTH_MAX, Node, Unreadable, parse, words


def shown(node: Node) -> str:
    """The condition with every bond bracketed."""
    if not node.parts:
        return f"{node.value:g}" if node.kind == "number" else str(node.value)
    return f"({' '.join([node.kind, *map(shown, node.parts)])})"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("人均收入 < 监测线", "(< 人均收入 监测线)"),
        ("人均收入<监测线 且 非 脱贫户", "(and (< 人均收入 监测线) (not 脱贫户))"),
        ("甲 或 乙 且 丙", "(or 甲 (and 乙 丙))"),
        ("（甲 或 乙）且 丙", "(and (or 甲 乙) 丙)"),
        ("not 甲 and 乙 or 丙", "(or (and (not 甲) 乙) 丙)"),
        ("非 非 甲", "(not (not 甲))"),
        ("1 + 2 * 3 - 4 / 5", "(- (+ 1 (* 2 3)) (/ 4 5))"),
        ("-甲 × 2 ÷ 乙", "(/ (* (minus 甲) 2) 乙)"),
        ("危房等级 在 (C, D)", "(in 危房等级 C D)"),
        ("危房等级 在（C，D）", "(in 危房等级 C D)"),
        ("甲 ≥ 50%", "(>= 甲 0.5)"),
        ("甲 ≤ 0.25", "(<= 甲 0.25)"),
        ("甲 ≠ 乙", "(!= 甲 乙)"),
        ("甲 == 乙", "(= 甲 乙)"),
        ("甲 − 1 > 乙", "(> (- 甲 1) 乙)"),
        ("是", "True"),
        ("否 或 甲", "(or False 甲)"),
        ("  甲  ", "甲"),
    ],
)
def test_a_cell_is_read_as_an_official_means_it(text: str, read: str) -> None:
    assert shown(parse(text)) == read


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "character 1, at the end: a word or a number is missing"),
        ("甲 <", "character 4, at the end: a word or a number is missing"),
        ("甲 < 乙 < 丙", "one comparison at a time"),
        ("甲 乙", "character 3, at 乙: nothing more is expected"),
        ("(甲", "character 3, at the end: ) is expected"),
        ("甲 在 C", "character 5, at C: ( is expected"),
        ("甲 在 (C D)", "character 8, at D: ) is expected"),
        ("甲 在 ()", "a word or a number is missing"),
        ("甲 且", "a word or a number is missing"),
        ("甲 & 乙", "character 3: '&' has no meaning here"),
        ("甲.乙", "character 2: '.' has no meaning here"),
        ("f('x')", 'character 3: "\'" has no meaning here'),
        ("甲[0]", "has no meaning here"),
        ("f(甲)", "character 2, at (: nothing more is expected"),
        ("甲 < 1 " + "且 甲 < 1 " * 60, f"longer than {LENGTH_MAX} characters"),
    ],
)
def test_whatever_else_is_refused_by_its_place(text: str, told: str) -> None:
    with pytest.raises(Unreadable) as refused:
        parse(text)
    assert told in str(refused.value)


def test_twenty_within_each_other_are_read_and_no_more() -> None:
    for opened, closed, read in (("(", ")", "甲"), ("非 ", "", "not"), ("-", "", "minus")):
        deep = opened * DEPTH_MAX + "甲" + closed * DEPTH_MAX
        assert shown(parse(deep)).strip("(").split()[0] == read
        assert parse(f"{deep} 且 {deep}").kind == "and"
        with pytest.raises(Unreadable, match=f"more than {DEPTH_MAX} within each other"):
            parse(opened + deep + closed)


def test_the_words_of_a_condition_are_told_in_order() -> None:
    assert list(words(parse("甲 < 乙 且 丙 在 (丁, 甲)"))) == ["甲", "乙", "丙", "丁", "甲"]
