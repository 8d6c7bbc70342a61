"""The small parts of an import, one by one: cells, headings, keys of households, what is compared."""

from datetime import date, datetime

import pytest
from tests.county.registry.books import HOUSES, PEOPLE
from tests.county.registry.conftest import A, B

from anlan.county.registry import cells, comparing, identity
from anlan.county.registry.assembly import Group
from anlan.county.registry.current import Current
from anlan.county.registry.files.table import Broken, Filled, spread
from anlan.county.registry.headings import FIELDS, joined, missing, normal, places
from anlan.county.registry.roll import apart, group_of, key_of
from anlan.county.registry.workbook import Refusal, Row, Sheet

TODAY = date(2026, 6, 18)


def sheet(*headings, index=0, source=0):
    return Sheet("名册", 1, headings, places(headings), index, source, 1)


def row(which, number=2, **said):
    return Row(which, number, {name: said.get(name) for name in which.places} | said)


# --- cells -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (None, ""),
        ("", ""),
        ("  甲  乙 ", "甲 乙"),
        ("１２３", "123"),
        ("ＡＢ", "AB"),
        ("甲，乙", "甲，乙"),
        ("甲\u3000乙", "甲 乙"),
        ("\ufeff甲\u200b", "甲"),
        (3.0, "3"),
        (3.5, "3.5"),
        (3, "3"),
        (True, "1"),
        (False, "0"),
        (Filled("甲"), "甲"),
        (date(2026, 6, 18), "2026-06-18"),
        ("1E5", "1E5"),
        ("3.6E+14", "3.6E+14"),
        ("E+17", "E+17"),
    ],
)
def test_the_words_of_a_cell(cell, words):
    assert cells.text(cell) == words


@pytest.mark.parametrize("cell", [1e15, -1e15, 10**17, "3.6E+17", "3.6e17", "1E+15", " 9E15 ", Broken("x")])
def test_a_cell_that_says_nothing_to_be_trusted(cell):
    with pytest.raises(cells.BadCell):
        cells.text(cell)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("", None),
        ("１２．５", 12.5),
        ("1，000元", 1000.0),
        ("2.4万元", 24000.0),
        ("4.5 亩", 4.5),
        (7, 7.0),
        ("0", 0.0),
    ],
)
def test_an_amount(cell, value):
    assert cells.number(cell) == value


@pytest.mark.parametrize("cell", ["很多", "-1", "1e3", "1.2.3", "约5", "5-6", "½"])
def test_what_is_no_amount(cell):
    with pytest.raises(cells.BadCell):
        cells.number(cell)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        (45000.0, date(2023, 3, 15)),
        ("45000", date(2023, 3, 15)),
        (datetime(2026, 6, 18, 9), date(2026, 6, 18)),  # noqa: DTZ001
        ("2026.6.18", date(2026, 6, 18)),
        ("2026-6-18 09:00", date(2026, 6, 18)),
        (20260618.0, date(2026, 6, 18)),
        ("", None),
    ],
)
def test_a_day(cell, day):
    assert cells.day(cell) == day


@pytest.mark.parametrize("cell", [1972, "1972", 99999, 5, "2026-02-30", "昨天", "0", -45000])
def test_what_is_no_day(cell):
    with pytest.raises(cells.BadCell):
        cells.day(cell)


@pytest.mark.parametrize(
    ("cell", "there"),
    [("", None), (None, None), ("无", False), ("否", False), ("肢体", True), ("是", True), (0, False), (1, True)],
)
def test_whether_anything_is_there_and_whether_anybody_said_so(cell, there):
    assert cells.present(cell) is there


# --- headings ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("above", "below", "expected"),
    [
        (["户主", "户主"], ["姓名", "身份证号"], ["户主姓名", "户主身份证号"]),
        (["姓名", "收入"], [None, "工资性收入"], ["姓名", "工资性收入"]),
        (["姓名", "收入"], ["姓名", "其他"], ["姓名", "其他"]),
        (["姓名"], ["姓名", "性别"], ["姓名", "性别"]),
        ([None, "备注"], ["村", None], ["村", "备注"]),
    ],
)
def test_two_rows_of_headings_become_one(above, below, expected):
    assert joined(above, below) == expected


def test_a_departments_own_names_come_before_ours():
    learned = {normal("名 字*"): "name", normal("姓名"): "", normal("村"): "township"}
    assert places(["姓名", "名字", "村"], learned) == {"name": 1, "township": 2}
    assert places(["姓名", "名字", "村"]) == {"name": 0, "village": 2}


@pytest.mark.parametrize(
    ("headings", "lacking"),
    [
        (PEOPLE, []),
        (HOUSES, []),
        (("户ID", "工资性收入(元)", "转移性收入(元)"), []),
        (("工资性收入(元)",), ["身份证号", "姓名", "行政区划代码"]),
        (("户编号", "姓名"), ["身份证号", "行政区划代码"]),
        (("姓名", "身份证号", "与户主关系", "村"), ["户编号"]),
    ],
)
def test_what_a_sheet_cannot_do_without(headings, lacking):
    assert missing(places(headings)) == lacking


# The forms of the 2023 survey of monitored households, under the names its tables carry.
SURVEY = {
    "基本信息": (
        "行政区域id", "户ID", "年度", "家庭住址", "联系电话", "居住在易地搬迁集中安置区", "安置区地址", "监测对象类别",
        "是否脱贫户",
        "整户无劳动能力兜底保障户", "致贫/返贫风险1", "因自然灾害子项", "因自然灾害备注", "户主签名",
    ),
    "家庭成员": (
        "行政区域id", "户id", "年度", "姓名", "性别", "证件号码(残疾人证)", "与户主关系", "民族", "政治面貌",
        "文化程度",
        "在校生情况",
        "健康状况", "劳动技能",
        "务工地点", "务工时长(月)",
        "是否参加居民医疗保险", "是否参加职工医疗保险",
        "是否参加大病保险",
        "是否享受最低生活保障", "是否特困供养人员", "是否易地扶贫搬迁人口",
    ),
    "收支情况": (
        "行政区域id", "户id", "年度", "处理类型", "工资性收入(元)", "生产经营性收入(元)", "财产性收入(元)",
        "转移性收入(元)",
        "生产经营性支出(元)", "家庭纯收入(元)", "家庭人均纯收入(元)", "家庭理赔收入(元)", "合规自付支出(元)",
        "纳入监测对象的收入参考范围(元)", "纳入监测对象的人均收入参考范围(元)",
    ),
    "三保障和饮水安全": (
        "行政区域id", "户id", "年度", "处理类型", "是否住房出现安全问题", "是否饮水出现安全问题",
    ),
    "风险消除": ("区域ID", "户ID", "年度", "风险消除方式", "风险消除时间", "监测联系人", "联系方式"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ("基本信息", {"division", "household", "address", "phone", "monitored", "ex_poor"}),
        (
            "家庭成员",
            {
                "division", "household", "name", "sex", "id_number", "relation", "student", "health", "labour",
                "medically_insured", "subsistence", "destitute",
            },
        ),
        (
            "收支情况",
            {
                "division", "household", "wage_yuan", "business_yuan", "property_yuan", "transfer_yuan",
                "business_cost_yuan", "rigid_yuan",
            },
        ),
        ("三保障和饮水安全", {"division", "household"}),
        ("风险消除", {"household"}),
    ],
)  # fmt: skip
def test_the_surveys_forms_are_known_by_their_headings(form, fields):
    found = places(SURVEY[form])
    assert found.keys() >= fields
    assert missing(found) == []


def test_every_field_has_names_in_both_languages():
    for names in FIELDS.values():
        assert any(name.isascii() for name in names)
        assert any(not name.isascii() for name in names)


# --- rows and households -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ({"household": "1"}, {"household": "1"}, True),
        ({"household": "1"}, {"household": "2"}, False),
        ({"household": "NATIONAL-1"}, {"household": "NATIONAL-1"}, True),
        ({"household": None, "id_number": "x"}, {"household": None, "id_number": "x"}, False),
    ],
)
def test_rows_of_one_household_have_one_key(one, other, alike):
    which = sheet(*PEOPLE)
    keys = {key_of(row(which, number, **said), ()) for number, said in ((2, one), (3, other))}
    assert (len(keys) == 1) is alike


def test_short_numbers_are_a_files_own_and_long_ones_everywhere():
    first, second = sheet(*PEOPLE), sheet(*PEOPLE, index=1, source=1)
    assert key_of(row(first, household="1"), ()) != key_of(row(second, household="1"), ())
    assert key_of(row(first, household="12345678"), ()) == key_of(row(second, household="12345678"), ())


def test_sheets_of_people_that_need_no_other_count_for_themselves():
    assert apart([sheet(*PEOPLE), sheet(*PEOPLE, index=1)]) == {0, 1}
    assert apart([sheet(*PEOPLE), sheet(*HOUSES, index=1)]) == set()
    assert apart([sheet("户编号", "姓名", "身份证号", "与户主关系"), sheet(*HOUSES, index=1)]) == set()


def test_what_the_heads_row_says_comes_first_and_a_clash_is_remembered():
    which = sheet(*PEOPLE, "组", "联系电话")
    head = row(which, 3, group_no=2, phone="")
    other = row(which, 2, group_no=1, phone="1")
    group = Group(head, [other, head], [other, head])
    assert (group.said("group_no"), group.said("phone"), group.said("lon")) == (2, "1", None)
    assert group.clashes == {"group_no": other}
    assert group.refuse("phone", "x") == Refusal("名册", 2, "联系电话", "x")
    assert group.refuse("lon", "x") == Refusal("名册", 3, "经度", "x")


def test_a_household_has_one_head_and_one_row_of_its_own():
    people, houses = sheet(*PEOPLE), sheet(*HOUSES, index=1)
    refusals = []
    two = [row(people, 2, relation="head"), row(people, 3, relation="head")]
    assert group_of(two, refusals) is None
    assert group_of([row(houses, 2), row(houses, 3)], refusals) is None
    assert [(each.row, each.column) for each in refusals] == [(3, "与户主关系"), (3, "户编号")]
    assert not group_of([row(people, 2, relation="child")], refusals).headed
    assert group_of([row(people, 2, relation="head"), row(houses, 2)], refusals).headed


def test_merged_ranges_are_given_once_and_only_within_their_bounds():
    lines = iter([(1, ["甲", None, "x"]), (2, [None, 1]), (4, [None, 2]), (5, [3])])
    found = list(spread(lines, [(1, 0, 4, 0), (1, 1, 1, 1), (9, 0, 9, 5)]))
    assert found == [(1, ["甲", None, "x"]), (2, ["甲", 1]), (4, ["甲", 2]), (5, [3])]


# --- comparing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "counts_under"),
    [
        ("rice", "crops"),
        ("crops", "crops"),
        ("fruit", "fruit"),
        ("pigs", "livestock"),
        ("livestock", "livestock"),
        ("equipment", "equipment"),
    ],
)
def test_what_a_holding_counts_under(kind, counts_under):
    assert comparing.use(kind) == counts_under


def test_what_a_land_column_would_say_of_a_household():
    held = [
        {"kind": "rice", "quantity": 3.0, "value_yuan": 30.0},
        {"kind": "rape", "quantity": 1.0, "value_yuan": 5.0},
        {"kind": "fruit", "quantity": 2.0, "value_yuan": 7.0},
        {"kind": "pigs", "quantity": 9.0, "value_yuan": 11.0},
    ]
    now = Current({"id": 1}, holdings=held)
    assert {name: comparing.total(now, name) for name in comparing.LAND} == {
        "farmland_mu": 4.0, "orchard_mu": 2.0, "crop_yuan": 35.0, "fruit_yuan": 7.0, "livestock_yuan": 11.0,
        "equipment_yuan": 0.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1.0, 1, True),
        (0.1 + 0.2, 0.3, True),
        (1.0, 1.01, False),
        (None, "", False),
        ("a", "a", True),
        (True, False, False),
        (None, None, True),
    ],
)
def test_two_decimals_are_what_a_sheet_says(one, other, same):
    assert comparing._same(one, other) is same


@pytest.mark.parametrize("village", [A, B])
def test_a_check_digit_is_found_for_any_body(village):
    body = f"990123{'19721111'}{village[-3:]}"
    assert identity.read(body + identity.check_digit(body))[1] == date(1972, 11, 11)
