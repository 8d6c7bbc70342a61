"""A department's list against the register: links, leads by the day's thresholds, what is left, what is refused."""

import logging
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.county.storm import VILLAGES, id_number

from anlan.county import clock
from anlan.county.discover.actions import dismiss
from anlan.county.discover.comparison.actions import compare
from anlan.county.discover.comparison.sources import source
from anlan.county.discover.models import Batch, Lead, Link, ListRow, Source, Statement
from anlan.county.discover.queries import reportable_events
from anlan.county.errors import BadInput, NotAllowed, NotFound
from anlan.county.ledger.models import Entry
from anlan.county.office.actions import appoint
from anlan.county.office.models import Clock
from anlan.county.sense.models import SCREENING, Event
from anlan.county.sense.queries import events, screenings

MEDICAL = ("姓名", "身份证号", "个人自付费用")


def july(day=10):
    return clock.held(datetime(2026, 7, day, 9, tzinfo=ZoneInfo("Asia/Shanghai")))


def counted(outcome, *names):
    return tuple(outcome.counts[name] for name in names)


@pytest.fixture
def clerk(people):
    return people["department_clerk"]


@pytest.mark.clause("D3", "M1")
def test_who_paid_more_than_the_threshold_becomes_a_lead(storm, clerk, medical):
    path = medical((0, 5, 30000), (1, 5, 15000), (1, 4, 15000))  # serial 4 was in poverty: half the threshold
    outcome = compare(source=source("medical_insurance"), path=path, by=clerk)
    assert counted(outcome, "rows", "linked", "leads", "below_threshold", "review", "not_found") == (3, 3, 2, 1, 0, 0)
    assert outcome.counts["by_rule"] == {"id_name": 3}
    leads = set(Lead.objects.values_list("household__code", flat=True))
    assert leads == {storm.household(0, 5).code, storm.household(1, 4).code}
    assert Link.objects.filter(reported=False).get().household == storm.household(1, 5)


@pytest.mark.clause("D3")
def test_a_lead_says_source_rule_value_threshold_basis_and_day(storm, clerk, medical):
    compare(source=source("medical_insurance"), path=medical((0, 5, 30000)), by=clerk)
    claim = Source.objects.get().claim
    reason = claim["reason"]
    assert claim["kinds"] == ["medical"]
    assert (reason["source"], reason["rule"], reason["value"], reason["threshold"]) == (
        "medical_insurance", "id_name", 30000.0, 20133.0,
    )  # fmt: skip
    assert reason["parameters"] == ["leads_medical_ratio_general", "rural_income_yuan"]
    assert not reason["verified"]
    assert "未核实" in claim["text"]
    assert "个人信息保护法" in reason["basis"]
    assert reason["day"] == "2026-06-18"


def test_leads_of_no_disaster_belong_to_the_months_screening(storm, clerk, medical):
    compare(source=source("medical_insurance"), path=medical((0, 5, 30000)), by=clerk)
    event = Lead.objects.get().event
    assert (event.code, event.hazard, event.title) == ("EV20260601-screening-1", SCREENING, "2026年6月部门数据比对")
    assert event.closed_at is not None  # nobody is warned and nothing estimated for it
    assert list(screenings()) == [event]
    assert event not in [*reportable_events(), *events()]


def test_a_list_of_a_disaster_adds_a_source_to_the_lead_that_is_there(storm, clerk, listed):
    rows = [("示例户05", id_number(0, 5), "倒塌"), ("示例户14", id_number(1, 4), "一般损坏")]
    path = listed(("姓名", "身份证号", "房屋受损"), *rows)
    from anlan.county.discover.actions import screen

    screen(event=storm.event, source="农业保险", by=clerk,
           rows=[{"name": "示例户05", "id_number": id_number(0, 5), "reason": "水稻绝收", "yuan": 1}])  # fmt: skip
    outcome = compare(source=source("emergency"), path=path, by=clerk, event=storm.event)
    assert counted(outcome, "linked", "leads", "merged", "below_threshold") == (2, 0, 1, 1)
    lead = Lead.objects.get()
    assert (lead.event, lead.sources.count(), lead.green) == (storm.event, 2, True)


@pytest.mark.clause("D3")
def test_the_same_list_again_adds_nothing(storm, clerk, medical):
    path = medical((0, 5, 30000))
    first = compare(source=source("medical_insurance"), path=path, by=clerk)
    before = Entry.objects.count()
    second = compare(source=source("medical_insurance"), path=path, by=clerk)
    assert (first.again, second.again, second.batch) == (False, True, first.batch)
    assert counted(second, "rows", "linked", "leads", "merged") == (1, 1, 0, 0)
    assert (Batch.objects.count(), Link.objects.count(), Source.objects.count()) == (1, 1, 1)
    assert Entry.objects.count() == before


def test_two_who_hand_in_the_same_list_at_once_make_one(storm, clerk, medical, monkeypatch):
    from anlan.county.discover.comparison import people

    path, register = medical((0, 5, 30000)), people.register

    def meanwhile(by):
        monkeypatch.setattr(people, "register", register)
        compare(source=source("medical_insurance"), path=path, by=clerk)
        return register(by)

    monkeypatch.setattr(people, "register", meanwhile)
    outcome = compare(source=source("medical_insurance"), path=path, by=clerk)
    assert outcome.again
    assert (Batch.objects.count(), Lead.objects.count()) == (1, 1)


def test_a_trial_says_the_same_and_writes_nothing(storm, clerk, medical):
    before = Entry.objects.count()
    outcome = compare(source=source("medical_insurance"), path=medical((0, 5, 30000)), by=clerk, trial=True)
    assert counted(outcome, "linked", "leads") == (1, 1)
    assert outcome.batch is None
    for model in (Batch, ListRow, Link, Lead, Statement, Clock):
        assert not model.objects.exists(), model
    assert not Event.objects.filter(hazard=SCREENING).exists()
    assert Entry.objects.count() == before


def test_an_unchanged_statement_next_month_is_no_second_lead_and_a_new_one_joins_it(storm, clerk, medical):
    compare(source=source("medical_insurance"), path=medical((0, 5, 30000)), by=clerk)
    with july():
        same = compare(source=source("medical_insurance"), path=medical((0, 5, 30000), name="b.csv"), by=clerk)
        more = compare(source=source("medical_insurance"), path=medical((0, 5, 31000), name="c.csv"), by=clerk)
    assert counted(same, "linked", "leads", "merged") == (1, 0, 0)
    assert counted(more, "linked", "leads", "merged") == (1, 0, 1)
    assert Lead.objects.get().sources.count() == 2


def test_after_a_lead_is_settled_a_new_statement_opens_one_in_its_own_month(storm, clerk, people, medical):
    compare(source=source("medical_insurance"), path=medical((0, 5, 30000)), by=clerk)
    dismiss(lead=Lead.objects.get(), reason="no_harm", by=people["township_officer_a"])
    with july():
        compare(source=source("medical_insurance"), path=medical((0, 5, 31000)), by=clerk)
    assert list(Lead.objects.order_by("event__code").values_list("event__code", "state")) == [
        ("EV20260601-screening-1", "dismissed"), ("EV20260701-screening-1", "open"),
    ]  # fmt: skip


def test_thresholds_are_those_of_the_day(storm, clerk, medical):
    path = medical((0, 5, 19500))
    with clock.held(datetime(2022, 6, 1, 9, tzinfo=ZoneInfo("Asia/Shanghai"))):
        from anlan.county.discover.comparison.signs import shown

        then = shown(source("medical_insurance"), {"yuan": 19500.0}, key_group=False, on=clock.today())
    assert [each.threshold for each in then] == [18931.0]
    assert counted(compare(source=source("medical_insurance"), path=path, by=clerk), "below_threshold") == (1,)


@pytest.mark.clause("D3")
def test_bad_rows_are_named_by_sheet_row_and_column_and_the_rest_goes_on(storm, clerk, listed):
    rows = [
        ("医保局6月名单",),
        MEDICAL,
        ("示例户05", id_number(0, 5), "30000"),
        ("示例户04", id_number(0, 4), "很多"),
        (),
        ("示例户14", id_number(1, 4), ""),
        ("", "", "100"),
    ]
    outcome = compare(source=source("medical_insurance"), path=listed(*rows), by=clerk)
    assert counted(outcome, "rows", "linked", "refused") == (4, 1, 3)
    places = [(each["sheet"], each["row"], each["column"]) for each in outcome.refused]
    assert places == [("", 4, "个人自付费用"), ("", 6, "个人自付费用"), ("", 7, "姓名")]
    assert id_number(0, 4) not in str(outcome.refused)
    assert "很多" not in str(outcome.refused)


def test_a_workbooks_sheet_is_named(storm, clerk, tmp_path):
    from anlan.county.registry.sheets import workbook

    path = tmp_path / "list.xlsx"
    path.write_bytes(workbook([["姓名", "身份证号", "鉴定等级"], ["示例户05", id_number(0, 5), "E"]]))
    outcome = compare(source=source("housing"), path=path, by=clerk)
    (refused,) = outcome.refused
    assert (refused["sheet"], refused["row"], refused["column"]) == ("农户名册", 2, "鉴定等级")


def test_who_is_in_no_household_is_listed_by_row(storm, clerk, medical):
    path = medical((0, 5, 1), more=[("赵不在", id_number(9, 9), 90000)])
    outcome = compare(source=source("medical_insurance"), path=path, by=clerk)
    assert outcome.not_found == [3]
    assert ListRow.objects.get(fate="not_found").number == 3


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "空"),
        (b"\x00\x01\x02\x03" * 50, "不是表格"),
        (b"PK\x03\x04 broken", "打不开"),
        ("姓名,身份证号\n甲,1\n".encode(), "个人自付费用"),
        ("个人自付费用\n1\n".encode(), "姓名"),
        (b"x,y\n1,2\n", "列名"),
        (b"=cmd|' /C calc'!A0," * 3, "列名"),
    ],
)
def test_a_hostile_file_is_refused_by_a_sentence(storm, clerk, tmp_path, data, word):
    path = tmp_path / "list.csv"
    path.write_bytes(data)
    with pytest.raises(BadInput, match=word):
        compare(source=source("medical_insurance"), path=path, by=clerk)
    assert not Batch.objects.exists()
    assert not Lead.objects.exists()


def test_what_looks_like_a_formula_is_text(storm, clerk, medical):
    evil = "=HYPERLINK(x)"
    outcome = compare(source=source("medical_insurance"), path=medical(more=[(evil, "", "9")]), by=clerk)
    assert outcome.not_found == [2]
    assert ListRow.objects.get().told["who"]["name"] == evil


def test_a_missing_or_huge_file_is_refused(storm, clerk, tmp_path, monkeypatch, medical):
    with pytest.raises(BadInput, match="打不开"):
        compare(source=source("medical_insurance"), path=tmp_path / "none.csv", by=clerk)
    monkeypatch.setattr("anlan.county.discover.comparison.reading.MOST_ROWS", 1)
    with pytest.raises(BadInput, match="超过"):
        compare(source=source("medical_insurance"), path=medical((0, 5, 1), (0, 4, 1)), by=clerk)
    monkeypatch.setattr("anlan.county.discover.comparison.reading.LARGEST_BYTES", 10)
    with pytest.raises(BadInput, match="MB"):
        compare(source=source("medical_insurance"), path=medical((0, 5, 1)), by=clerk)


def test_a_list_of_a_month_to_come_is_refused_and_one_of_an_earlier_month_is_not(storm, clerk, medical):
    path = medical((0, 5, 30000))
    with pytest.raises(BadInput, match="2026-07"):
        compare(source=source("medical_insurance"), path=path, by=clerk, month=date(2026, 7, 1))
    outcome = compare(source=source("medical_insurance"), path=path, by=clerk, month=date(2026, 5, 20))
    assert outcome.batch.month == date(2026, 5, 1)
    assert Lead.objects.get().event.code == "EV20260501-screening-1"


def test_only_a_departments_own_clerk_hands_its_list_in(storm, people, medical):
    path = medical((0, 5, 30000))
    for username in ("village_cadre_a", "auditor", "township_officer_a"):
        with pytest.raises(NotAllowed):
            compare(source=source("medical_insurance"), path=path, by=people[username])
    own = appoint(username="housing-clerk", name="住建经办", role="department_clerk", division="360123000000",
                  department="housing", since=date(2026, 1, 1))  # fmt: skip
    with pytest.raises(NotAllowed, match="不是您所在部门"):
        compare(source=source("medical_insurance"), path=path, by=own)
    assert not Batch.objects.exists()
    with pytest.raises(NotFound, match="没有“x”"):
        source("x")


def test_a_clerk_of_one_township_is_compared_with_its_people_alone(storm, people, medical):
    own = appoint(username="a-clerk", name="万埠经办", role="department_clerk", division="360123101000",
                  since=date(2026, 1, 1))  # fmt: skip
    outcome = compare(source=source("medical_insurance"), path=medical((0, 5, 30000), (2, 5, 30000)), by=own)
    assert counted(outcome, "linked", "not_found", "leads") == (1, 1, 1)
    assert Lead.objects.get().household.division_id == VILLAGES[0]
    assert not Batch.objects.visible_to(people["township_officer_b"]).exists()


@pytest.mark.clause("A2")
def test_the_ledger_and_the_logs_name_nobody(storm, clerk, medical, caplog):
    caplog.set_level(logging.DEBUG)
    path = medical((0, 5, 31234.5), more=[("赵不在", id_number(9, 9), 90000)])
    compare(source=source("medical_insurance"), path=path, by=clerk)
    lines = Entry.objects.filter(verb="discover.compare")
    assert lines.count() == 1
    told = " ".join(f"{entry.about} {entry.payload}" for entry in Entry.objects.all()) + caplog.text
    assert '"leads":1' in told
    assert "medical_insurance" in lines.get().payload
    for secret in ("示例户05", id_number(0, 5), "赵不在", id_number(9, 9), "31234", "31,234"):
        assert secret not in told


def test_a_list_starts_the_clock_of_the_next_one(storm, clerk, medical):
    compare(source=source("medical_insurance"), path=medical((0, 5, 1)), by=clerk)
    running = Clock.objects.get(kind="list")
    assert (running.about, running.unit, running.stopped_at) == (
        "list:medical_insurance", "medical_insurance", None,
    )  # fmt: skip
    assert running.due_at.date() == date(2026, 6, 28)  # every ten days for those in monitoring


def test_the_machine_may_and_paths_are_read_as_given(storm, people, medical):
    outcome = compare(source=source("medical_insurance"), path=Path(medical((0, 5, 1))), by=people["anlan"])
    assert outcome.batch.division_id == "360123000000"
