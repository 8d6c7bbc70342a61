"""The example cases that officials sign are the tables' tests."""

from dataclasses import replace
from datetime import date

import pytest

from anlan.engine.policy import tables
from anlan.engine.policy.tables import Case, Version

CASES = tables.cases()


@pytest.mark.clause("P2", "M3", "A1")
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.place.split('/')[-1]} {case.title}")
def test_the_tables_answer_as_the_case_says(case: Case) -> None:
    assert tables.differences([case], tables.book()) == []


def test_every_table_has_a_case_and_every_row_one_that_fires_it_or_needs_it() -> None:
    assert {key for case in CASES for key in case.tables} == set(tables.book().tables)


def test_a_case_that_is_answered_otherwise_is_told_with_both_answers() -> None:
    case = next(each for each in CASES if "category" in each.gives and each.gives["category"] == "边缘易致贫户")
    wrong = replace(case, gives={"category": "脱贫不稳定户", "identification": []})
    found = {each.table: each for each in tables.differences([wrong], tables.book())}
    assert (found["category"].expected, found["category"].found) == ("unstable", "marginal")
    assert (found["identification"].expected, found["identification"].found) == ([], ["below_line"])


def test_a_draft_is_held_against_the_book_it_would_change() -> None:
    line = Version("anyi", date(2026, 3, 1), None, "试", "人均收入 < 30000", "below_line", "县文件", "县文件", "design",
                   axis="income", line="monitoring_line_yuan", place="试")  # fmt: skip
    revised = tables.book().revised([("identification", "below_line", line)])
    changed = tables.differences(CASES, revised, tables.book())
    assert {each.case.title for each in changed} >= {"样样都好的一般农户，不提出"}
    assert all(each.case.on >= date(2026, 3, 1) for each in changed)
    assert tables.differences(CASES, tables.book(), tables.book()) == []
    later = tables.moved(CASES, date(2026, 3, 1))
    assert len(later) == len(CASES)
    assert len(tables.differences(later, revised, tables.book())) > len(changed)
