"""What is kept, for how long, what contradicts, what is late, and what goes back to a department."""

import logging
from datetime import date, timedelta

import pytest
from tests.county.storm import VILLAGES, id_number

from anlan.county import clock
from anlan.county.discover import jobs
from anlan.county.discover.comparison import queries
from anlan.county.discover.comparison.actions import compare, decide, forget, share
from anlan.county.discover.comparison.sources import source
from anlan.county.discover.models import Batch, Lead, Link, ListRow, Pair, Review, Source, Statement
from anlan.county.errors import NotAllowed, NotFound
from anlan.county.ledger.models import Entry
from anlan.county.office.actions import appoint


@pytest.fixture
def clerk(people):
    return people["department_clerk"]


def later(days):
    return clock.held(clock.now() + timedelta(days=days))


def saying(key, path, by):
    return compare(source=source(key), path=path, by=by)


# --- retention -----------------------------------------------------------------------------------------
@pytest.fixture
def kept(storm, clerk, medical):
    """A list with a lead, a stranger and a pair that waits."""
    more = [("赵不在", id_number(9, 9), 90000), ("王某某", id_number(1, 5), 30000)]
    return saying("medical_insurance", medical((0, 5, 30000), more=more), clerk).batch


@pytest.mark.clause("M1")
def test_when_its_time_is_over_a_lists_rows_go_and_links_and_leads_stay(kept, people):
    with later(90):
        assert forget(by=people["anlan"]) == 0  # the last day still counts
    with later(91):
        assert jobs.forget_lists() == 1
        assert jobs.forget_lists() == 0
    assert not ListRow.objects.exists()
    assert not Statement.objects.exists()
    assert not Review.objects.exists()
    assert (Link.objects.count(), Lead.objects.count(), Source.objects.count()) == (1, 1, 1)
    batch = Batch.objects.get()
    assert batch.deleted_at is not None
    assert batch.counts["rows"] == 3
    line = Entry.objects.get(verb="discover.forget_list")
    assert '"rows":3' in line.payload


def test_what_people_decided_outlives_the_list(kept, clerk, people):
    decide(review=Review.objects.get(), decision="different", by=clerk)
    forget(by=people["anlan"], on=date(2027, 1, 1))
    assert (Pair.objects.count(), Review.objects.count()) == (1, 1)


def test_a_list_that_is_gone_is_still_known(kept, clerk, medical, people):
    forget(by=people["anlan"], on=date(2027, 1, 1))
    more = [("赵不在", id_number(9, 9), 90000), ("王某某", id_number(1, 5), 30000)]
    again = saying("medical_insurance", medical((0, 5, 30000), more=more), clerk)
    assert (again.again, again.not_found) == (True, [])


# --- contradictions ----------------------------------------------------------------------------------------
@pytest.fixture
def contradicted(storm, clerk, listed):
    """Police: dead. Human resources: draws a pension. Two grades of disability, and two villages."""
    who = ("示例户05", id_number(0, 5))
    saying("police", listed(("姓名", "身份证号", "变动类别", "变动日期"), (*who, "死亡注销", "2026-06-01")), clerk)
    saying("human_resources", listed(("姓名", "身份证号", "状态", "村"), (*who, "领取", "示例乙村")), clerk)
    heads = ("姓名", "身份证号", "残疾等级", "村")
    saying("disabled_federation", listed(heads, (*who, "二级", "示例甲村")), clerk)
    return listed


@pytest.mark.clause("M1")
def test_departments_that_contradict_each_other_are_listed_with_both_words_and_days(contradicted, clerk):
    found = {each.topic: each for each in queries.conflicts(clerk)}
    assert set(found) == {"alive", "village"}
    alive = found["alive"]
    assert (alive.name, alive.household[:12]) == ("示例户05", VILLAGES[0])
    assert [(said.source.key, said.value, said.on) for said in alive.said] == [
        ("human_resources", "yes", date(2026, 6, 18)), ("police", "no", date(2026, 6, 1)),
    ]  # fmt: skip
    assert {said.value for said in found["village"].said} == {VILLAGES[0], VILLAGES[1]}


def test_a_departments_next_list_can_end_a_contradiction(contradicted, clerk):
    path = contradicted(("姓名", "身份证号", "变动类别"), ("示例户05", id_number(0, 5), "正常"), name="n.csv")
    saying("police", path, clerk)
    assert [each.topic for each in queries.conflicts(clerk)] == ["village"]


def test_contradictions_come_with_the_list_that_made_them_and_only_there(contradicted, clerk):
    heads = ("姓名", "身份证号", "救助类别", "残疾等级")
    path = contradicted(heads, ("示例户05", id_number(0, 5), "低保", "1级"), name="n.csv")
    outcome = saying("civil_affairs", path, clerk)
    assert "disability" in {each.topic for each in outcome.conflicts}
    other = contradicted(heads, ("示例户15", id_number(1, 5), "低保", "1级"), name="m.csv")
    assert saying("civil_affairs", other, clerk).conflicts == []


def test_contradictions_are_scoped(contradicted, people):
    assert queries.conflicts(people["township_officer_a"])
    assert queries.conflicts(people["township_officer_b"]) == []


# --- the calendar ---------------------------------------------------------------------------------------------
def test_before_any_list_nothing_is_late(county, people):
    rows = queries.calendar(people["county_director"], date(2026, 6, 18))
    assert len(rows) == 11
    assert not any(row.late for row in rows)


@pytest.mark.clause("M1")
def test_what_came_what_is_due_and_what_is_late(storm, clerk, people, listed):
    path = listed(("姓名", "身份证号", "等级"), ("示例户05", id_number(0, 5), "A"))
    compare(source=source("housing"), path=path, by=clerk, month=date(2026, 5, 1))
    rows = {row.source.key: row for row in queries.calendar(people["county_director"], date(2026, 7, 25))}
    housing, water = rows["housing"], rows["water"]
    assert (housing.last, housing.due, housing.late_days) == (date(2026, 6, 18), date(2026, 7, 19), 6)
    assert (water.last, water.due, water.late_days) == (None, date(2026, 5, 31), 55)
    months = {month.month: month for month in housing.months}
    assert months[date(2026, 5, 1)].came == (date(2026, 6, 18),)
    assert not months[date(2026, 5, 1)].late
    assert months[date(2026, 6, 1)].late
    assert not months[date(2026, 7, 1)].late  # not over yet
    assert not months[date(2026, 4, 1)].late  # before the first list of all
    assert next(iter(rows)) in {"water", "police", "banks", "civil_affairs", "education"}
    assert housing.department == "县住房和城乡建设局"


def test_a_clerk_counts_the_own_departments_late_lists_and_the_director_all(storm, clerk, people, listed):
    path = listed(("姓名", "身份证号", "等级"), ("示例户05", id_number(0, 5), "A"))
    compare(source=source("housing"), path=path, by=clerk, month=date(2026, 5, 1))
    own = appoint(username="w", name="w", role="department_clerk", division="360123000000", department="water",
                  since=date(2026, 1, 1))  # fmt: skip
    assert queries.late_lists(own, date(2026, 6, 20)) == 1
    assert queries.late_lists(people["county_director"], date(2026, 6, 20)) == 10


@pytest.mark.parametrize(
    ("month", "end"), [(date(2026, 2, 1), date(2026, 2, 28)), (date(2026, 12, 15), date(2026, 12, 31))]
)
def test_a_months_end(month, end):
    assert queries.month_end(month) == end


# --- sharing back --------------------------------------------------------------------------------------------------
@pytest.mark.clause("M1")
def test_a_department_gets_its_own_lists_people_and_the_fields_it_may_see(kept, storm, clerk, listed):
    saying("water", listed(("姓名", "身份证号", "饮水问题"), ("示例户14", id_number(1, 4), "断水")), clerk)
    shared = share(department="medical_insurance", by=clerk)
    assert shared.rows == [
        ["名单", "姓名", "身份证号", "所在村", "类别", "线索办理情况"],
        ["医疗费用个人自付名单", "示例户05", id_number(0, 5), "示例甲村", "", "待受理"],
    ]
    water = share(department="water", by=clerk)
    assert water.rows == [
        ["名单", "姓名", "所在村", "线索办理情况"],
        ["饮水安全问题名单", "示例户14", "示例乙村", "待受理"],
    ]
    assert not any(id_number(1, 4) in row for row in water.rows)


def test_categories_go_back_in_words(storm, clerk, listed):
    saying("civil_affairs", listed(("姓名", "身份证号", "救助类别"), ("示例户14", id_number(1, 4), "低保")), clerk)
    (row,) = share(department="civil_affairs", by=clerk).rows[1:]
    assert row[4] == "脱贫户"


def test_nobody_exports_what_is_not_theirs(kept, clerk, people):
    own = appoint(username="w", name="w", role="department_clerk", division="360123000000", department="water",
                  since=date(2026, 1, 1))  # fmt: skip
    before = Entry.objects.count()
    with pytest.raises(NotAllowed):
        share(department="medical_insurance", by=own)
    with pytest.raises(NotAllowed):
        share(department="medical_insurance", by=people["village_cadre_a"])
    with pytest.raises(NotFound):
        share(department="meteorology", by=clerk)
    assert Entry.objects.count() == before


@pytest.mark.clause("A2")
def test_an_export_is_a_ledger_line_that_names_nobody(kept, clerk, caplog):
    caplog.set_level(logging.DEBUG)
    share(department="medical_insurance", by=clerk)
    line = Entry.objects.get(verb="discover.share")
    assert line.about == "department:medical_insurance"
    assert '"rows":1' in line.payload
    assert "示例户05" not in line.payload + caplog.text
