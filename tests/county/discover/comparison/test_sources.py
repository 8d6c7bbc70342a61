"""The sources as data, their rows as read, and the signs in them."""

from datetime import date
from pathlib import Path

import pytest

from anlan.county.discover import rules
from anlan.county.discover.comparison import people, queries, reading, signs, words
from anlan.county.discover.comparison.sources import SourceInvalid, read, source, sources
from anlan.county.office.models import Department
from anlan.county.registry.places import Places, Village
from anlan.engine import policy

DAY = date(2026, 6, 18)
ALL = sorted(sources())
TOML = """
title = "t"
department = "water"
cadence = "c"
retention = "r"
basis = ["b"]
share = ["name"]
[columns.x]
headings = ["X"]
kind = "number"
[says]
village = "village"
[[signs]]
kind = "water"
title = "s"
column = "x"
test = "above"
"""


def test_the_plans_eleven_sources_are_there():
    assert ALL == [
        "banks", "civil_affairs", "disabled_federation", "education", "emergency", "housing", "human_resources",
        "medical_insurance", "natural_resources", "police", "water",
    ]  # fmt: skip


@pytest.mark.parametrize("key", ALL)
def test_a_source_has_a_department_days_a_basis_and_kinds_that_exist(county, key):
    found = source(key)
    today = policy.on(DAY)
    assert Department.objects.on(DAY).filter(key=found.department).exists()
    assert 0 < today.number(found.cadence) <= 366
    assert 0 < today.number(found.retention) <= 366
    assert queries.basis(found, DAY)
    assert {sign.kind for sign in found.signs} <= set(rules.KINDS)
    assert {said.topic for said in found.says} <= set(words.TOPICS)


@pytest.mark.parametrize("key", ALL)
def test_nothing_that_nobody_has_seen_is_called_verified(key):
    for each in queries.parameters(source(key), DAY):
        assert each.source
        assert each.verified is (each.trust == "seen" and not each.stale)


@pytest.mark.parametrize("key", ALL)
def test_no_two_columns_of_a_source_have_one_heading_and_no_word_two_meanings(key):
    headings = [heading for column in source(key).columns for heading in column.headings]
    assert len(headings) == len(set(headings))
    for column in source(key).columns:
        written = [word for each in column.choices.values() for word in each]
        assert len(written) == len(set(written))
        assert bool(column.choices) is (column.kind == "choice")


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('column = "x"', 'column = "y"', "columns"),
        ('kind = "number"', 'kind = "money"', "kinds"),
        ('test = "above"', 'test = "below"', "tests"),
        ("[says]", '[says]\nmood = "x"', "topics"),
        ('["name"]', '["phone"]', "shared fields"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_by_its_place(old, new, place):
    assert read("k", TOML).columns[0].name == "x"
    with pytest.raises(SourceInvalid, match=f"k: unknown {place}"):
        read("k", TOML.replace(old, new))


# --- rows ------------------------------------------------------------------------------------------------
def read_rows(tmp_path: Path, key: str, text: str) -> reading.Read:
    path = tmp_path / "list.csv"
    path.write_text(text)
    return reading.read(path, source(key))


@pytest.mark.parametrize(
    ("cell", "value"), [("1200", 1200.0), ("1,200元", 1200.0), ("１２００.５", 1200.5), ("0", 0.0)]
)
def test_an_amount_is_read_as_offices_write_it(tmp_path, cell, value):
    found = read_rows(tmp_path, "medical_insurance", f'姓名,个人自付\n甲乙,"{cell}"\n')
    assert found.lines[0].said == {"yuan": value}


@pytest.mark.parametrize("cell", ["-5", "1e5", "nan", "inf", "九百", "1" * 13, "1.2.3"])
def test_what_is_no_amount_is_refused(tmp_path, cell):
    found = read_rows(tmp_path, "medical_insurance", f"姓名,个人自付\n甲乙,{cell}\n")
    assert (found.lines, found.refused[0]["row"], found.refused[0]["column"]) == ([], 2, "个人自付")


@pytest.mark.parametrize(("cell", "share"), [("30%", 0.3), ("30", 0.3), ("0.3", 0.3), ("1", 1.0), ("100%", 1.0)])
def test_a_share_is_a_percentage_or_a_fraction(tmp_path, cell, share):
    found = read_rows(tmp_path, "emergency", f"姓名,农作物损失比例\n甲乙,{cell}\n")
    assert found.lines[0].said == {"crop": share}


def test_a_share_above_the_whole_is_refused(tmp_path):
    assert "100%" in read_rows(tmp_path, "emergency", "姓名,减产比例\n甲乙,130%\n").refused[0]["reason"]


@pytest.mark.parametrize(
    ("cell", "day"),
    [("2026-06-01", "2026-06-01"), ("2026年6月1日", "2026-06-01"), ("20260601", "2026-06-01"),
     ("2026/6/1", "2026-06-01")],
)  # fmt: skip
def test_a_day_is_read_as_offices_write_it(tmp_path, cell, day):
    found = read_rows(tmp_path, "police", f"姓名,状态,变动日期\n甲乙,死亡,{cell}\n")
    assert found.lines[0].said["day"] == day


@pytest.mark.parametrize("cell", ["去年", "2026-13-01", "2026-06-45"])
def test_what_is_no_day_is_refused(tmp_path, cell):
    found = read_rows(tmp_path, "police", f"姓名,状态,变动日期\n甲乙,死亡,{cell}\n")
    assert found.refused[0]["column"] == "变动日期"


def test_an_unknown_word_is_refused_with_those_that_are_known(tmp_path):
    (refused,) = read_rows(tmp_path, "housing", "姓名,等级\n甲乙,丁\n").refused
    assert refused["reason"] == "不是认得的写法，应为：A、B、C、D"


def test_an_empty_cell_that_may_be_empty_is_left_out_and_long_texts_are_cut(tmp_path):
    found = read_rows(tmp_path, "water", f"姓名,问题,断水天数\n甲乙,{'断' * 300},\n")
    assert found.lines[0].said == {"problem": "断" * 200}


def test_a_key_changes_with_the_person_and_with_the_source_alone(tmp_path):
    one, two = read_rows(tmp_path, "water", "姓名,身份证号,问题\n甲乙,1,x\n甲 乙,1,y\n").lines
    other = read_rows(tmp_path, "natural_resources", "姓名,身份证号,隐患点\n甲乙,1,x\n").lines[0]
    assert one.key == two.key != other.key
    assert "甲" not in one.key


# --- signs -----------------------------------------------------------------------------------------------------
def told(key, said, *, key_group=False, on=DAY):
    found = source(key)
    return [signs.told(found, each) for each in signs.shown(found, said, key_group=key_group, on=on)]


@pytest.mark.parametrize(
    ("key", "said", "sentences"),
    [
        ("housing", {"grade": "D"}, ["危房等级：D（标准 C、D，未核实）"]),
        ("housing", {"grade": "B"}, []),
        ("disabled_federation", {"level": "1"}, ["残疾等级：一级（标准 一级、二级，未核实）"]),
        ("disabled_federation", {"level": "3"}, []),
        ("medical_insurance", {"yuan": 20133.0}, []),
        ("medical_insurance", {"yuan": 20133.5}, ["个人自付费用：20,133.5元（标准 20,133元，未核实）"]),
        ("medical_insurance", {"yuan": 1.0, "insured": "no"}, ["未参加基本医疗保险：否"]),
        ("water", {"problem": "断水", "days": 3.0}, ["断水天数：3天（未设标准，凡有即为线索）"]),
        ("water", {"problem": "断水"}, ["饮水问题：断水（未设标准，凡有即为线索）"]),
        ("water", {"problem": "断水", "days": 0.0}, []),
        ("emergency", {"crop": 0.3}, ["农作物损失比例：0.3（标准 0.3，未核实）"]),
        ("emergency", {"crop": 0.29}, []),
        ("emergency", {"damage": "collapsed"}, ["房屋受损：倒塌（标准 倒塌、严重损坏，未核实）"]),
        ("natural_resources", {"point": "后山"}, ["受地质灾害隐患点威胁：后山（未设标准，凡有即为线索）"]),
        ("banks", {"days": 1.0}, ["贷款逾期天数：1天（未设标准，凡有即为线索）"]),
        ("police", {"state": "moved"}, []),
        ("education", {"state": "out"}, ["失学辍学：失学"]),
    ],
)
def test_the_sign_in_a_row_says_value_and_threshold(key, said, sentences):
    assert told(key, said) == sentences


def test_thresholds_are_lower_for_those_the_plan_puts_first():
    assert told("medical_insurance", {"yuan": 11000.0}) == []
    assert told("medical_insurance", {"yuan": 11000.0}, key_group=True) != []


def test_a_threshold_holds_from_its_day_and_before_it_anything_is_a_sign():
    (before,) = told("housing", {"grade": "A"}, on=date(2020, 1, 1))
    assert "未设标准" in before
    assert told("housing", {"grade": "A"}) == []


def test_statements_leave_out_what_a_row_leaves_open():
    police = source("police")
    assert signs.statements(police, {"state": "died"}, "") == {"alive": "no"}
    assert signs.statements(police, {"state": "missing"}, "360123101201") == {"village": "360123101201"}


# --- places and words ----------------------------------------------------------------------------------------------
PLACES = Places([Village("1", "东村", "万埠镇"), Village("2", "东村", "石鼻镇"), Village("3", "西村", "石鼻镇")])


@pytest.mark.parametrize(
    ("who", "village"),
    [
        ({"village": "西村"}, "3"),
        ({"village": "东村"}, ""),
        ({"village": "东村", "township": "石鼻镇"}, "2"),
        ({"address": "安义县万埠镇东村3组12号"}, "1"),
        ({"division": "没有的村", "address": "西村"}, "3"),
        ({}, ""),
    ],
)
def test_the_village_a_row_names(who, village):
    assert people.village_of(who, PLACES) == village


def test_words_for_topics_and_reasons():
    assert words.value("alive", "no", {}) == "已死亡"
    assert words.value("grade", "C", {}) == "C"
    assert words.value("village", "1", {"1": "东村"}) == "东村"
    assert (words.reason("phone_same"), words.reason("born_differs"), words.reason("name_sound")) == (
        "电话一致", "出生日期不同", "姓名同音",
    )  # fmt: skip
    assert words.agrees("name_sound")
    assert not words.agrees("sex_differs")
    assert not words.agrees("taken")


def test_what_differs_is_marked_character_by_character():
    assert words.marked("张建国", "张健国") == [("张", False), ("建", True), ("国", False)]
    assert words.marked("", "张") == []
    assert words.marked("张", "") == [("张", False)]
