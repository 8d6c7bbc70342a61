"""A second file about the same households: what it changes, what it leaves, whom it means."""

from datetime import date, timedelta

import numpy as np
import pytest
from tests.county.registry.books import HOUSES, PEOPLE, book, house, number, rows_of
from tests.county.registry.conftest import A, B, C, household, person

from anlan.county import clock
from anlan.county.ledger.models import Entry
from anlan.county.office.actions import appoint
from anlan.county.registry import queries
from anlan.county.registry.actions import (
    NotImported,
    enrol,
    enrol_reported,
    import_workbook,
    save_mapping,
)
from anlan.county.registry.history import after, before
from anlan.county.registry.models import Address, Batch, Category, Change, Household, Person
from anlan.county.registry.records import CategoryRecord, HoldingRecord


@pytest.fixture
def load(people, tmp_path):
    """Import households' rows as the administrator."""

    def load(*houses, by="administrator", **more):
        return import_workbook(path=book(tmp_path / "a.xlsx", rows_of(*houses)), by=people[by], **more)

    return load


@pytest.fixture
def sheet(people, tmp_path):
    """Import whole sheets."""

    def sheet(*sheets, **more):
        return import_workbook(path=book(tmp_path / "b.xlsx", *sheets), by=people["administrator"], **more)

    return sheet


def changes(batch=None):
    """What was written down, as (table, field, before, after)."""
    found = Change.objects.exclude(field="updated_at").exclude(table="household", field="")
    found = found.filter(batch=batch) if batch else found
    return [(each.table, each.field, before(each), after(each)) for each in found.order_by("id")]


def state():
    """Everything the register holds of households, without the keys of rows."""
    return [
        (
            each.code, each.head_name, each.size, each.phone, each.address, each.lon, each.insured,
            sorted(each.people.values_list("name", "id_number", "relation", "health", "born")),
            sorted(each.holdings.values_list("kind", "quantity", "value_yuan")),
            sorted(each.categories.values_list("kind", "since", "until")),
            [(i.wage_yuan, i.business_yuan, i.until) for i in [getattr(each, "income", None)] if i],
            [(h.structure, h.grade, h.area_m2) for h in [getattr(each, "home", None)] if h],
        )
        for each in Household.objects.order_by("code")
    ]  # fmt: skip


FULL = {
    "村民小组": 3, "家庭住址": "三组5号", "联系电话": "13800000000", "经度": 115.6, "纬度": 28.9, "家庭人口数": 4,
    "劳动力人数": 2, "是否参加农业保险": "是", "房屋结构": "砖木", "危房等级": "B", "住房面积": 90,
    "层数": 2, "建成年份": 1998, "房屋价值": 60000, "工资性收入": 20000, "生产经营性收入": 9000, "财产性收入": 10,
    "转移性收入": 20, "合规自付支出": 500, "存款": 3000, "耕地面积": 4, "林果面积": 2, "种植业收入": 4000,
    "林果业收入": 2000,
    "养殖业收入": 3000, "生产设备价值": 800, "健康状况": "健康", "劳动技能": "普通劳动力",
}  # fmt: skip


# --- twice, in any order -----------------------------------------------------------------------------


def test_the_same_file_twice_changes_nothing(load):
    houses = [house(at, **FULL) for at in range(1, 6)]
    first = load(*houses)
    held = state()
    second = load(*houses)
    assert (first.new, first.changed, first.unchanged) == (5, 0, 0)
    assert (second.new, second.changed, second.unchanged) == (0, 0, 5)
    assert state() == held
    assert changes() == []


def test_the_same_file_in_a_later_month_still_changes_nothing(load, now):
    load(house(**FULL))
    with clock.held(now + timedelta(days=100)):
        assert load(house(**FULL)).unchanged == 1


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_rows_changes_nothing(sheet, seed):
    rows = [
        (f"{key}", village, f"示例{key}{at}", number(key * 10 + at), relation)
        for key, village in ((1, A), (2, A), (3, B), (4, A))
        for at, relation in enumerate(("户主", "配偶", "之子"))
    ]
    rows += [("5", A, "坏", "1", "户主"), ("5", A, "好", number(99), "配偶"), ("6", A, "重", number(10), "户主")]
    rows = [rows[at] for at in np.random.default_rng(seed).permutation(len(rows))]
    done = sheet([PEOPLE, *rows])
    assert (done.new, done.refused) == (3, 6)
    assert [(each.code, each.head_name) for each in Household.objects.order_by("code")] == [
        (A + "00001", "示例20"), (A + "00002", "示例40"), (B + "00001", "示例30"),
    ]  # fmt: skip


def test_rows_are_independent_but_for_their_household(load):
    done = load(house(1), house(2, 户主身份证号="1"), house(3))
    assert (done.rows, done.new, done.refused) == (3, 2, 1)
    assert set(Household.objects.values_list("code", flat=True)) == {A + "00001", A + "00003"}


# --- field by field ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "cell", "table", "field", "old", "new"),
    [
        ("村民小组", 4, "household", "group_no", 3, 4),
        ("联系电话", "13900000000", "household", "phone", "13800000000", "13900000000"),
        ("经度", 115.61, "household", "lon", 115.6, 115.61),
        ("家庭人口数", 5, "household", "size", 4, 5),
        ("劳动力人数", 3, "household", "labourers", 2, 3),
        ("是否参加农业保险", "否", "household", "insured", True, False),
        ("房屋结构", "砖混", "home", "structure", "brick_timber", "brick_concrete"),
        ("危房等级", "D", "home", "grade", "B", "D"),
        ("住房面积", 91, "home", "area_m2", 90.0, 91.0),
        ("层数", 3, "home", "storeys", 2, 3),
        ("建成年份", 1999, "home", "built", 1998, 1999),
        ("房屋价值", 1, "home", "value_yuan", 60000.0, 1.0),
        ("工资性收入", "2.1万", "income", "wage_yuan", 20000.0, 21000.0),
        ("生产经营性收入", 1, "income", "business_yuan", 9000.0, 1.0),
        ("财产性收入", 11, "income", "property_yuan", 10.0, 11.0),
        ("转移性收入", 0, "income", "transfer_yuan", 20.0, 0.0),
        ("合规自付支出", 501, "income", "rigid_yuan", 500.0, 501.0),
        ("存款", 3001, "income", "savings_yuan", 3000.0, 3001.0),
        ("耕地面积", 5, "holding", "quantity", 4.0, 5.0),
        ("林果面积", 1, "holding", "quantity", 2.0, 1.0),
        ("种植业收入", 4001, "holding", "value_yuan", 4000.0, 4001.0),
        ("养殖业收入", 3001, "holding", "value_yuan", 3000.0, 3001.0),
        ("生产设备价值", 900, "holding", "value_yuan", 800.0, 900.0),
        ("健康状况", "患有大病", "person", "health", "healthy", "grave"),
        ("劳动技能", "丧失劳动力", "person", "labour", "ordinary", "lost"),
    ],
)
def test_one_changed_cell_is_one_change(load, heading, cell, table, field, old, new):
    load(house(**FULL))
    done = load(house(**{**FULL, heading: cell}))
    assert (done.new, done.changed, done.unchanged) == (0, 1, 0)
    assert changes(done.batch) == [(table, field, old, new)]
    assert load(house(**{**FULL, heading: cell})).unchanged == 1


def test_a_change_says_who_when_and_from_which_file(load, now, people):
    load(house(**FULL))
    with clock.held(now + timedelta(hours=1)):
        done = load(house(**{**FULL, "联系电话": "13900000000"}))
        (change,) = Change.objects.filter(field="phone")
        assert (change.by, change.at, change.batch_id) == ("administrator", clock.now(), done.batch)
        assert Household.objects.get().updated_at == clock.now()
    assert (change.code, change.row) == (A + "00001", Household.objects.get().pk)


def test_what_is_personal_stands_in_columns_of_its_own(load):
    load(house(**FULL))
    load(house(**{**FULL, "联系电话": "13900000000", "健康状况": "残疾", "村民小组": 9}))
    for change in Change.objects.exclude(field__in=("updated_at", "")):
        personal = change.field in {"phone", "health"}
        assert bool(change.personal_new) is personal
        assert bool(change.new) is not personal


def test_columns_that_are_not_there_change_nothing(load):
    load(house(**FULL))
    held = state()
    assert load(house()).unchanged == 1
    assert load({"户编号": A + "00001", "工资性收入": 20000}).unchanged == 1
    assert state() == held


def test_empty_cells_change_nothing(load):
    load(house(**FULL))
    held = state()
    assert load(house(**dict.fromkeys(FULL))).unchanged == 1
    assert state() == held


def test_empty_cells_take_out_what_the_departments_names_say_they_do(load, people):
    load(house(**FULL))
    save_mapping(
        name="民政", headings={}, clears=["phone", "grade", "wage_yuan", "address"], by=people["administrator"]
    )
    done = load(house(**dict.fromkeys(FULL)), mapping="民政")
    assert (done.changed, done.refused) == (1, 0)
    found = Household.objects.get()
    assert (found.phone, found.home.grade, found.income.wage_yuan, found.address) == ("", "", 0.0, "")
    assert (found.group_no, found.home.structure, found.income.rigid_yuan) == (3, "brick_timber", 500.0)
    assert load(house(), mapping="民政").unchanged == 1


def test_a_point_makes_a_place_exact_and_an_income_moves_with_its_months(load, now):
    load(house(工资性收入=1))
    with clock.held(now + timedelta(days=60)):
        done = load(house(经度=115.6, 纬度=28.9, 工资性收入=2))
    assert changes(done.batch) == [
        ("household", "lon", None, 115.6), ("household", "lat", None, 28.9),
        ("household", "location", "village", "point"),
        ("income", "wage_yuan", 1.0, 2.0), ("income", "until", date(2026, 5, 31), date(2026, 7, 31)),
    ]  # fmt: skip


def test_a_home_an_income_and_land_come_into_being(load):
    load(house())
    done = load(house(房屋结构="砖混", 工资性收入=5, 耕地面积=2, 养殖业收入=7))
    found = Household.objects.get()
    assert (found.home.structure, found.income.wage_yuan, found.income.business_yuan) == ("brick_concrete", 5, 7)
    assert sorted(found.holdings.values_list("kind", "quantity", "value_yuan")) == [
        ("crops", 2, 0),
        ("livestock", 0, 7),
    ]
    assert {(table, field) for table, field, _old, _new in changes(done.batch)} == {
        ("home", ""), ("income", ""), ("holding", ""),
    }  # fmt: skip
    assert load(house(危房等级="无", 生产经营性收入=7)).unchanged == 1


def test_crops_that_the_register_tells_apart_keep_their_shares(load, people):
    held = (HoldingRecord("rice", 3.0, 3000.0), HoldingRecord("rape", 1.0, 0.0), HoldingRecord("pigs", 2.0, 0.0))
    enrol(records=[household(A, 1, holdings=held)], by=people["anlan"], source="test")
    row = {"户编号": A + "00001", "耕地面积": 4, "种植业收入": 3000}
    assert load(row).unchanged == 1
    load(row | {"耕地面积": 8, "养殖业收入": 50})
    found = Household.objects.get().holdings
    assert sorted(found.values_list("kind", "quantity", "value_yuan")) == [
        ("pigs", 2.0, 50.0), ("rape", 2.0, 0.0), ("rice", 6.0, 3000.0),
    ]  # fmt: skip


# --- addresses and categories hold from a day until another ------------------------------------------


def test_addresses_keep_the_days_they_held(load, now):
    load(house(家庭住址="一组"))
    with clock.held(now + timedelta(days=10)):
        load(house(家庭住址="二组"))
    with clock.held(now + timedelta(days=20)):
        load(house(家庭住址="三组"))
    periods = [(each.address, each.since, each.until) for each in queries.addresses(Household.objects.get())]
    first, second = now.date() + timedelta(days=10), now.date() + timedelta(days=20)
    assert periods == [("一组", None, first), ("二组", first, second), ("三组", second, None)]
    assert Address.objects.count() == 2


@pytest.mark.parametrize(
    ("held", "said", "open_kinds"),
    [
        ({}, {"是否脱贫户": "是"}, {"ex_poor"}),
        ({"是否脱贫户": "是"}, {"是否脱贫户": "否"}, set()),
        ({"是否脱贫户": "是"}, {"是否脱贫户": ""}, {"ex_poor"}),
        ({"是否脱贫户": "是"}, {"户类型": "一般农户"}, {"ex_poor"}),
        ({"监测对象类别": "边缘易致贫户"}, {"监测对象类别": "突发严重困难户"}, {"hardship"}),
        ({"监测对象类别": "边缘易致贫户"}, {"监测对象类别": "无"}, {"marginal"}),
        ({"监测对象类别": "边缘易致贫户"}, {"监测对象类别": "边缘易致贫户", "风险是否消除": "是"}, set()),
        ({"监测对象类别": "边缘易致贫户"}, {"风险是否消除": "否"}, {"marginal"}),
        ({"是否低保": "是", "是否特困": "是"}, {"是否低保": "否"}, {"destitute"}),
        ({}, {"健康状况": "残疾"}, {"disabled"}),
        ({"户类型": "低收入家庭"}, {"是否脱贫户": "是"}, {"low_income", "ex_poor"}),
    ],
)
def test_a_category_begins_ends_or_stays_as_the_file_says(load, held, said, open_kinds):
    load(house(**held))
    load(house(**said))
    assert set(Category.objects.filter(until__isnull=True).values_list("kind", flat=True)) == open_kinds
    assert all(each.until > each.since for each in Category.objects.filter(until__isnull=False))
    assert load(house(**said)).unchanged == 1


def test_the_day_a_risk_was_found_can_be_put_right(load):
    load(house(监测对象类别="边缘易致贫户", 首次识别时间="2025-03-04"))
    done = load(house(监测对象类别="边缘易致贫户", 首次识别时间="2025-04-05"))
    assert changes(done.batch) == [("category", "since", date(2025, 3, 4), date(2025, 4, 5))]


def test_a_category_that_ended_can_begin_again(load, now):
    load(house(是否脱贫户="是"))
    load(house(是否脱贫户="否"))
    with clock.held(now + timedelta(days=9)):
        load(house(是否脱贫户="是"))
    assert sorted(Category.objects.values_list("since", "until")) == [
        (now.date(), now.date() + timedelta(days=1)), (now.date() + timedelta(days=9), None),
    ]  # fmt: skip


# --- people ------------------------------------------------------------------------------------------


def test_a_person_who_is_new_joins_and_the_household_grows(sheet):
    sheet([PEOPLE, ("1", A, "示例甲", number(1), "户主")])
    done = sheet([PEOPLE, ("1", A, "示例甲", number(1), "户主"), ("1", A, "示例乙", number(2), "配偶")])
    found = Household.objects.get()
    assert (done.changed, found.size, found.people.count()) == (1, 2, 2)
    assert [(table, field) for table, field, _old, _new in changes(done.batch)] == [
        ("household", "size"),
        ("person", ""),
    ]


def test_a_child_joins_by_the_households_number_alone(sheet):
    sheet([PEOPLE, (A + "00001", A, "示例甲", number(1), "户主")])
    done = sheet([PEOPLE, (A + "00001", A, "示例丁", number(7, "20260102"), "之子")])
    assert (done.changed, done.refused) == (1, 0)
    assert Person.objects.get(name="示例丁").relation == "child"


def test_who_is_not_in_the_file_stays(sheet):
    sheet([PEOPLE, ("1", A, "示例甲", number(1), "户主"), ("1", A, "示例乙", number(2), "配偶")])
    assert sheet([PEOPLE, ("1", A, "示例甲", number(1), "户主")]).unchanged == 1
    assert Person.objects.count() == 2


def test_a_name_can_be_put_right_and_a_number_be_learned(sheet):
    more = (*PEOPLE, "性别", "出生日期")
    sheet([more, ("1", A, "示例甲", number(1), "户主", None, None), ("1", A, "示例丁", "", "之子", "男", "2010-01-01")])
    child = number(9, "20100101")
    done = sheet([more, ("1", A, "示例新", number(1), "户主", None, None), ("1", A, "示例丁", child, "之子", "", "")])
    assert (done.changed, Person.objects.count()) == (1, 2)
    assert Household.objects.get().head_name == "示例新"
    assert Person.objects.get(name="示例丁").id_number == child


def test_a_new_person_without_a_name_is_refused_in_its_place(sheet):
    sheet([PEOPLE, ("1", A, "示例甲", number(1), "户主")])
    with pytest.raises(NotImported) as caught:
        sheet([PEOPLE, ("1", A, "示例甲", number(1), "户主"), ("1", A, "", number(2), "配偶")])
    assert [(each["row"], each["column"]) for each in caught.value.refusals] == [(3, "姓名")]


# --- which household is meant ------------------------------------------------------------------------


def test_a_household_is_known_by_the_people_in_it_whatever_number_it_has(sheet):
    sheet([PEOPLE, ("甲", A, "示例甲", number(1), "户主"), ("甲", A, "示例乙", number(2), "配偶")])
    done = sheet([PEOPLE, ("乙", A, "示例甲", number(1), "户主")], [("说明",)])
    assert (done.new, done.unchanged) == (0, 1)


def test_a_household_is_known_by_another_systems_number(sheet):
    sheet([PEOPLE, ("NATIONAL-0001", A, "示例甲", number(1), "户主")])
    assert Household.objects.get().number == "NATIONAL-0001"
    done = sheet([("户ID", "工资性收入(元)"), ("NATIONAL-0001", 9000)])
    assert (done.changed, Household.objects.get().income.wage_yuan) == (1, 9000)
    with pytest.raises(NotImported) as caught:
        sheet([("户ID", "工资性收入(元)"), ("NATIONAL-0002", 9000)])
    assert caught.value.refusals[0]["row"] == 2


def test_a_short_number_is_nobody_elses(sheet):
    sheet([PEOPLE, ("1", A, "示例甲", number(1), "户主")])
    assert sheet([PEOPLE, ("1", A, "示例丙", number(3), "户主")]).new == 1
    assert set(Household.objects.values_list("number", flat=True)) == {""}


def test_a_household_without_any_number_is_known_by_its_village_and_head(sheet):
    rows = [("村", "户主姓名", "身份证号", "家庭人口数"), ("示例甲村", "示例甲", "", 3)]
    sheet(rows)
    assert sheet(rows).unchanged == 1
    again = sheet([rows[0], ("示例甲村", "示例甲", number(1), 4)])
    assert (again.new, again.changed) == (0, 1)
    assert Person.objects.get().id_number == number(1)


def test_two_heads_of_one_name_must_be_told_apart(sheet, people):
    records = [household(A, at, head_name="示例同", people=()) for at in (1, 2)]
    enrol(records=records, by=people["anlan"], source="test")
    with pytest.raises(NotImported, match="几户同名"):
        sheet([("村", "户主姓名", "身份证号"), ("示例甲村", "示例同", "")])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ((A + "00001", A, "示例丙", number(3), "户主"), "属于另一户"),
        ((A + "00007", A, "示例甲", number(1), "户主"), "属于另一户"),
        (("x", B, "示例甲", number(1), "户主"), "另一个村"),
    ],
)
def test_whoever_stands_elsewhere_in_the_register_is_refused(sheet, row, said):
    sheet([PEOPLE, (A + "00001", A, "示例甲", number(1), "户主"), (A + "00002", A, "示例丙", number(3), "户主")])
    held = state()
    with pytest.raises(NotImported, match=said):
        sheet([PEOPLE, row])
    assert state() == held


def test_people_of_two_households_do_not_become_one(sheet):
    sheet([PEOPLE, ("1", A, "示例甲", number(1), "户主"), ("2", A, "示例丙", number(3), "户主")])
    with pytest.raises(NotImported, match=r"属于另一户|分属几户"):
        sheet([PEOPLE, ("9", A, "示例甲", number(1), "户主"), ("9", A, "示例丙", number(3), "配偶")])


def test_two_households_of_a_file_cannot_be_one_of_the_register(sheet):
    sheet([PEOPLE, ("1", A, "示例甲", number(1), "户主"), ("1", A, "示例乙", number(2), "配偶")])
    done = sheet([PEOPLE, ("7", A, "示例甲", number(1), "户主"), ("8", A, "示例乙", number(2), "户主")])
    assert (done.unchanged, done.refused) == (1, 1)
    assert "另一户对应" in done.refusals[0]["reason"]


def test_a_household_known_from_a_report_becomes_registered(load, people):
    enrol_reported(village=A, head_name="示例1", phone="", size=1, by=people["anlan"])
    assert load(house(户编号="x")).changed == 1
    assert Household.objects.get().registered


def test_a_village_of_its_own_is_not_needed_for_a_household_that_is_known(load):
    load(house())
    assert (
        load({"户编号": A + "00001", "户主姓名": "示例1", "户主身份证号": number(1), "行政区划代码": None}).unchanged
        == 1
    )


def test_sheets_that_count_for_themselves_are_not_joined(sheet):
    first = [PEOPLE, ("1", A, "示例甲", number(1), "户主")]
    second = [PEOPLE, ("1", B, "示例丙", number(3), "户主")]
    assert sheet(first, second).new == 2


# --- odd sheets --------------------------------------------------------------------------------------


def test_two_rows_of_headings_are_read_as_one(people, tmp_path):
    rows = [
        ["安义县农户名册", *[None] * 6],
        ["户编号", "行政区划代码", "户主", None, "收入", None, "备注"],
        [None, None, "姓名", "身份证号", "工资性收入", "转移性收入", None],
        ["1", A, "示例甲", number(1), 5, 6, "x"],
    ]
    merges = ("A1:G1", "A2:A3", "B2:B3", "C2:D2", "E2:F2", "G2:G3")
    done = import_workbook(path=book(tmp_path / "a.xlsx", rows, merges=merges), by=people["administrator"])
    assert (done.new, done.ignored) == (1, ["备注"])
    assert Household.objects.get().income.transfer_yuan == 6


def test_a_household_merged_over_its_people_is_one(people, tmp_path):
    rows = [
        PEOPLE,
        ("1", A, "示例甲", number(1), "户主"), (None, None, "示例乙", number(2), "配偶"),
        ("2", A, "示例丙", number(3), "户主"), (None, None, "示例丁", number(4), "之子"),
    ]  # fmt: skip
    merges = ("A2:A3", "B2:B3", "A4:A5", "B4:B5")
    done = import_workbook(path=book(tmp_path / "a.xlsx", rows, merges=merges), by=people["administrator"])
    assert (done.rows, done.new, Person.objects.count()) == (4, 2, 4)


@pytest.mark.parametrize(
    "words", ["合计", "合 计", "总计：2户", "小计", "填表人：示例", "审核：", "备注：以上", "Total"]
)
def test_totals_and_signatures_are_no_households(sheet, words):
    done = sheet([PEOPLE, ("1", A, "示例甲", number(1), "户主"), (words, None, 2, None, None)])
    assert (done.rows, done.new, done.refused) == (1, 1, 0)


def test_headings_repeated_on_every_printed_page_are_passed_over(sheet):
    done = sheet([PEOPLE, ("1", A, "示例甲", number(1), "户主"), PEOPLE, ("2", A, "示例丙", number(3), "户主")])
    assert (done.rows, done.new) == (2, 2)


def test_a_hidden_sheet_is_passed_over_and_named(people, tmp_path):
    path = book(
        tmp_path / "a.xlsx", [PEOPLE, ("1", A, "示例甲", number(1), "户主")], [PEOPLE, ("1", B, "旧", "x", "户主")]
    )
    from openpyxl import load_workbook

    made = load_workbook(path)
    made.worksheets[1].sheet_state = "hidden"
    made.save(path)
    done = import_workbook(path=path, by=people["administrator"])
    assert (done.new, done.ignored) == (1, ["隐藏的工作表“成员”"])
    made.worksheets[1].sheet_state, made.worksheets[0].sheet_state = "visible", "hidden"
    del made["成员"]
    made.create_sheet("空")
    made.save(path)
    with pytest.raises(NotImported, match="隐藏") as caught:
        import_workbook(path=path, by=people["administrator"])
    assert caught.value.refusals[0]["sheet"] == "名册"


@pytest.mark.parametrize(
    "cell", [3.6e17, 360123197211110033, "3.6E+17", "3.60123E+17", " 3.60123197211110E+17 ", 1e15],
)  # fmt: skip
def test_a_long_number_that_lost_its_digits_is_never_trusted(load, cell):
    with pytest.raises(NotImported, match="末位已丢失") as caught:
        load(house(户主身份证号=cell))
    assert caught.value.refusals[0]["column"] == "户主身份证号"


@pytest.mark.parametrize(
    ("heading", "cell", "field", "value"),
    [
        ("联系电话", "１３８００００００００", "phone", "13800000000"),
        ("联系电话", "\u200b13800000000\ufeff ", "phone", "13800000000"),
        ("家庭住址", "　三组　５号 ", "address", "三组 5号"),
        ("家庭人口数", "４人", "size", 4),
        ("村民小组", "第５组", "group_no", None),
        ("经度", "１１５．６", "lon", 115.6),
    ],
)
def test_wide_digits_and_stray_blanks_are_put_right(load, heading, cell, field, value):
    more = {"纬度": 28.9} if field == "lon" else {}
    if value is None:
        with pytest.raises(NotImported):
            load(house(**{heading: cell}))
        return
    load(house(**{heading: cell}, **more))
    assert getattr(Household.objects.get(), field) == value


@pytest.mark.parametrize(
    "cell", ["45000", 45000, "2023-03-15", "2023/3/15", "20230315", "2023年3月15日", "２０２３－０３－１５",
     date(2023, 3, 15)],
)  # fmt: skip
def test_a_day_may_be_written_in_any_way(load, cell):
    load(house(监测对象类别="边缘易致贫户", 首次识别时间=cell))
    assert Category.objects.get().since == date(2023, 3, 15)


# --- what is written down ----------------------------------------------------------------------------


def test_a_batch_counts_and_the_ledger_has_one_line_without_a_person(load):
    done = load(house(1), house(2), house(3, 户主身份证号="1"))
    batch = Batch.objects.get(pk=done.batch)
    assert (batch.rows, batch.new, batch.refused, batch.state) == (3, 2, 1, "merged")
    (line,) = Entry.objects.filter(verb="registry.import")
    assert line.about == f"batch:{batch.pk}"
    assert "示例" not in line.payload
    assert number(1) not in line.payload


def test_a_file_without_any_use_leaves_nothing(load):
    with pytest.raises(NotImported):
        load(house(户主身份证号="1"))
    assert (Batch.objects.count(), Change.objects.count(), Entry.objects.filter(verb="registry.import").count()) == (
        0,
        0,
        0,
    )


def test_whole_means_all_or_nothing(load):
    with pytest.raises(NotImported):
        load(house(1), house(2, 户主身份证号="1"), whole=True)
    assert not Household.objects.exists()
    assert load(house(1), whole=True).new == 1


def test_deeds_of_other_rooms_are_history_too(load, people):
    from anlan.county.registry.actions import categorise, end_categories, relocate

    load(house(**FULL))
    key = Household.objects.get().pk
    relocate(changes=[(key, 115.7, 28.8)], by=people["administrator"])
    categorise(changes=[(key, "unstable", date(2026, 6, 1))], by=people["administrator"], source="x")
    end_categories(changes=[(key, "unstable", date(2026, 6, 18))], by=people["administrator"])
    found = {(table, field) for table, field, _old, _new in changes()}
    assert found >= {("household", "lon"), ("household", "lat"), ("category", ""), ("category", "until")}
    listed = list(queries.history_of(Household.objects.get()))
    assert {each.by for each in listed} == {"administrator"}
    assert [each.pk for each in listed] == sorted((each.pk for each in listed), reverse=True)


def test_a_category_known_from_elsewhere_is_not_begun_again(load, people):
    enrol(
        records=[household(A, 1, people=(person(),), categories=(CategoryRecord("ex_poor", date(2020, 1, 1)),))],
        by=people["anlan"], source="test",
    )  # fmt: skip
    assert load({"户编号": A + "00001", "是否脱贫户": "是"}).unchanged == 1


# --- who may touch what ------------------------------------------------------------------------------


def test_a_township_touches_only_its_own(load):
    load(house(3, village=C))
    held = state()
    done = load(house(1, village=A), house(3, village=C, 村民小组=9), house(2, village=C, 户主身份证号=number(5)),
                by="township_officer_a")  # fmt: skip
    assert (done.new, done.changed, done.refused) == (1, 0, 2)
    assert {each["reason"] for each in done.refusals} == {"这不在您负责的区划内"}
    assert [each for each in state() if each[0].startswith(C)] == held


def test_a_township_cannot_reach_another_by_a_person_or_a_number(load, sheet, people, tmp_path):
    load(house(1, village=C, 户编号="NATIONAL-0009"))
    rows = [{"户编号": "NATIONAL-0009", "村民小组": 8}, house(9, 户编号="x", 户主身份证号=number(1), 行政区划代码=None)]
    for row in rows:
        with pytest.raises(NotImported, match="不在您负责的区划内"):
            load(row, by="township_officer_a")
    assert Household.objects.get().group_no == 1


def test_a_departments_names_are_used_by_its_own_people_without_being_asked_for(sheet, people):
    clerk = appoint(
        username="clerk", name="clerk", role="administrator", division="360123000000", since=date(2026, 1, 1),
        department="civil_affairs",
    )  # fmt: skip
    save_mapping(name="民政局", headings={"名字": "name"}, department="civil_affairs", by=people["administrator"])
    assert queries.mapping_of(clerk).name == "民政局"
    assert queries.mapping_of(people["administrator"]) is None
    rows = [("名字", *HOUSES[:2], "身份证号"), ("示例甲", "1", A, number(1))]
    with pytest.raises(NotImported):
        sheet(rows)
    assert sheet(rows, mapping="民政局").new == 1
