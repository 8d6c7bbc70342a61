"""Workbooks as county offices send them: what is understood, what is refused and how it is named."""

from datetime import date

import pytest
from openpyxl import Workbook
from tests.county.registry.conftest import A, B, household

from anlan.county.errors import NotAllowed
from anlan.county.ledger.models import Entry
from anlan.county.registry import queries
from anlan.county.registry.actions import NotImported, enrol, enrol_water_sources, import_workbook
from anlan.county.registry.identity import check_digit
from anlan.county.registry.models import Category, Household, Person
from anlan.county.registry.sheets import template
from anlan.county.registry.sheets import workbook as written

PEOPLE = ("户编号", "行政区划代码", "姓名", "身份证号", "与户主关系")


def number(serial, born="19721111", male=True):
    """An identity number nobody has."""
    body = f"990123{born}{serial * 2 + male:03d}"
    return body + check_digit(body)


def book(path, *sheets, names=("名册", "成员", "说明")):
    """A workbook of these sheets, each a list of rows, with row 1 first."""
    made = Workbook()
    made.remove(made.active)
    for name, rows in zip(names, sheets, strict=False):
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    made.save(path)
    return path


@pytest.fixture
def load(people, tmp_path):
    """Import sheets as the administrator."""

    def load(*sheets):
        return import_workbook(path=book(tmp_path / "a.xlsx", *sheets), by=people["administrator"])

    return load


@pytest.fixture
def refused(load):
    """The refusals of sheets that hold something to be refused, as (sheet, row, column)."""

    def refused(*sheets):
        try:
            found = load(*sheets).refusals
        except NotImported as nothing:
            assert not Household.objects.exists()
            assert not Entry.objects.filter(verb="registry.import").exists()
            found = nothing.refusals
        return [(each["sheet"], each["row"], each["column"]) for each in found]

    return refused


# --- what is understood ------------------------------------------------------------------------------


@pytest.mark.clause("M1")
def test_one_row_per_person_becomes_households_with_their_people(load, now):
    done = load([
        PEOPLE,
        ("甲1", A, "示例甲", number(1), "户主"),
        ("乙1", B, "示例丙", number(3), "户主"),
        ("甲1", A, "示例乙", number(2, "19750203", male=False), "配偶"),
        ("甲1", A, "示例丁", number(4, "20100101"), "之孙子"),
    ])  # fmt: skip
    assert (done.rows, done.new, Person.objects.count(), done.refusals) == (4, 2, 4, [])
    first, second = Household.objects.order_by("code")
    assert (first.code, first.head_name, first.size, first.location) == (A + "00001", "示例甲", 3, "village")
    assert second.code == B + "00001"
    assert sorted(first.people.values_list("name", "relation", "sex", "born")) == [
        ("示例丁", "grandchild", "m", date(2010, 1, 1)),
        ("示例乙", "spouse", "f", date(1975, 2, 3)),
        ("示例甲", "head", "m", date(1972, 11, 11)),
    ]


def test_one_row_per_household_carries_the_head_and_all_that_is_the_households(load, people, now):
    enrol_water_sources(rows=[("W1", A, "well", "东头井")], by=people["administrator"])
    headings = (
        "村", "户主姓名", "户主身份证号", "家庭人口数", "村民小组", "联系电话", "家庭住址", "经度", "纬度",
        "工资性收入(元)", "生产经营性收入（元）", "生产经营性支出", "财产性收入", "转移性收入", "合规自付支出", "存款",
        "耕地面积（亩）", "林果面积", "房屋结构", "危房等级", "住房面积（平方米）", "建成年份", "户类型",
        "监测对象类别", "首次识别时间", "是否参加农业保险", "水源编号", "健康状况",
    )  # fmt: skip
    row = (
        "示例甲村", "示例甲", number(1), 4, 7, 13800000000, "示例甲村7组", 115.61, "28.91",
        "2.4万", "9,000元", 1000, 10, 20.5, 300, 4000,
        6, 3, "砖木结构", "C级", 96, 1988, "脱贫户", "边缘易致贫户",
        date(2025, 3, 4), "是", "W1", "长期慢性病",
    )  # fmt: skip
    done = load([headings, row])
    assert (done.new, Person.objects.count(), done.ignored) == (1, 1, [])
    (found,) = Household.objects.all()
    assert (found.size, found.group_no, found.phone, found.insured) == (4, 7, "13800000000", True)
    assert (found.lon, found.lat, found.location, found.water_source_id) == (115.61, 28.91, "point", "W1")
    assert (found.income.wage_yuan, found.income.business_yuan, found.income.transfer_yuan) == (24_000, 9_000, 20.5)
    assert (found.income.rigid_yuan, found.income.savings_yuan, found.income.until) == (300, 4000, date(2026, 5, 31))
    assert sorted(found.holdings.values_list("kind", "quantity", "value_yuan")) == [
        ("crops", 6, 6000), ("fruit", 3, 3000),
    ]  # fmt: skip
    assert (found.home.structure, found.home.grade, found.home.area_m2, found.home.built) == (
        "brick_timber", "C", 96, 1988,
    )  # fmt: skip
    assert sorted(found.categories.values_list("kind", "since", "source")) == [
        ("ex_poor", now.date(), "名册导入"), ("marginal", date(2025, 3, 4), "名册导入"),
    ]  # fmt: skip
    assert found.people.get().health == "chronic"


@pytest.mark.parametrize(
    "headings",
    [
        ("household", "division", "name", "id_number", "relation"),
        ("户ID", "行政区划", "成员姓名", "证件号码", "与户主关系"),
        (" 户 编 号 *", "行政区划代码（12位）", "姓名：", "公民身份号码", "关系"),
        ("Household", "DIVISION CODE", "Name", "ID number", "Relation"),
    ],
)
def test_headings_may_be_called_what_they_are_called(load, headings):
    assert load([headings, ("1", A, "示例甲", number(1), "户主")]).new == 1


def test_columns_stand_in_any_order_and_unknown_ones_are_named(load):
    row = dict(zip(PEOPLE, ("1", A, "示例甲", number(1), "户主"), strict=True)) | {"备注": "无", "血型": "O"}
    order = ("备注", "与户主关系", "身份证号", "血型", "姓名", "户编号", "行政区划代码")
    done = load([order, tuple(row[name] for name in order)])
    assert done.ignored == ["备注", "血型"]
    assert Person.objects.get().id_number == number(1)


def test_titles_above_the_headings_empty_rows_and_notes_beside_are_passed_over(load):
    notes = [("填表说明",), ("姓名要与户口簿一致",)]
    rows = [("安义县农户信息表",), (), PEOPLE, (), ("1", A, "示例甲", number(1), "户主"), ("", None, " ")]
    done = load(rows, notes, [])
    assert (done.rows, done.new) == (1, 1)


def test_two_sheets_that_share_household_numbers_complete_each_other(load):
    households = [
        ("户编号", "行政区划代码", "户主姓名", "监测对象类别"),
        ("1", A, "示例甲", "突发严重困难户"),
        ("2", B, "示例丙", "无"),
    ]
    members = [
        ("户编号", "姓名", "证件号码", "与户主关系"),
        ("2", "示例丙", number(3), "户主"),
        ("1", "示例乙", number(2), "之父"),
        ("1", "示例甲", number(1), "户主"),
    ]
    done = load(households, members)
    assert (done.rows, done.new, Person.objects.count()) == (5, 2, 3)
    first = Household.objects.get(division_id=A)
    assert (first.head_name, first.size) == ("示例甲", 2)
    assert first.categories.get().kind == "hardship"
    assert first.people.get(relation="parent").name == "示例乙"


@pytest.mark.parametrize(
    ("words", "township", "code"),
    [
        (A, "", A),
        (int(A), "", A),
        (float(A), "", A),
        ("示例甲村", "", A),
        ("万埠镇示例甲村", "", A),
        ("江西省南昌市安义县万埠镇示例甲村", "", A),
        ("示例甲村", "安义县万埠镇", A),
    ],
)
def test_a_village_is_found_by_code_or_name(load, words, township, code):
    headings = ("行政区划", "乡镇", "姓名", "身份证号")
    load([headings, (words, township, "示例甲", number(1))])
    assert Household.objects.get().division_id == code


def test_numbers_that_are_ours_are_kept_and_others_get_the_next_of_their_village(load, people):
    enrol(records=[household(A, 4, people=())], by=people["anlan"], source="test")
    rows = [(A + "00006", number(1)), ("77", number(2)), ("78", number(3)), (B + "00001", number(4))]
    load([PEOPLE, *((key, A, f"示例{key}", who, "户主") for key, who in rows)])
    codes = dict(Household.objects.exclude(code=A + "00004").values_list("head_name", "code"))
    assert codes == {
        f"示例{A}00006": A + "00006", f"示例{B}00001": A + "00005", "示例77": A + "00007", "示例78": A + "00008",
    }  # fmt: skip


def test_kinds_of_income_from_the_land_are_told_apart_where_the_sheet_does(load):
    headings = ("村", "姓名", "身份证号", "耕地面积", "种植业收入", "养殖业收入", "设备价值", "劳动力人数")
    load([headings, ("示例甲村", "示例甲", number(1), 4, 5000, 3000, 800, 2)])
    (found,) = Household.objects.all()
    assert found.income.business_yuan == 8000
    assert found.labourers == 2
    assert sorted(found.holdings.values_list("kind", "value_yuan")) == [
        ("crops", 5000), ("equipment", 800), ("livestock", 3000),
    ]  # fmt: skip
    columns = queries.columns([A], date(2026, 6, 18))
    assert (columns.crop_yuan[0], columns.livestock_yuan[0], columns.equipment_yuan[0]) == (5000, 3000, 800)


def test_categories_come_from_every_column_that_names_one(load, now):
    headings = (
        *PEOPLE,
        "是否脱贫户",
        "是否享受最低生活保障",
        "是否特困供养人员",
        "残疾类别",
        "监测对象类别",
        "风险是否消除",
    )
    load([
        headings,
        ("1", A, "示例甲", number(1), "户主", "是", "否", "否", "", "脱贫不稳定户", "否"),
        ("1", A, "示例乙", number(2), "配偶", "", "是", "否", "肢体", "", ""),
        ("2", A, "示例丙", number(3), "户主", "否", "否", "是", "无", "边缘易致贫户", "是"),
    ])  # fmt: skip
    kinds = {
        each.head_name: set(each.categories.values_list("kind", flat=True)) for each in Household.objects.all()
    }  # fmt: skip
    assert kinds == {"示例甲": {"ex_poor", "subsistence", "disabled", "unstable"}, "示例丙": {"destitute"}}
    assert Person.objects.get(name="示例乙").health == "disabled"
    assert set(Category.objects.values_list("since", flat=True)) == {now.date()}


def test_a_disability_certificate_names_its_bearer(load):
    load([PEOPLE, ("1", A, "示例甲", number(1) + "43", "户主")])
    assert Person.objects.get().id_number == number(1)


def test_an_x_may_be_small_and_blanks_may_stand_in_a_number(load):
    ending = next(number(serial) for serial in range(1, 50) if number(serial).endswith("X"))
    load([PEOPLE, ("1", A, "示例甲", f" {ending[:6]} {ending[6:].lower()}", "户主")])
    assert Person.objects.get().id_number == ending


def test_who_has_no_number_yet_is_known_by_sex_and_birthday(load):
    load([
        (*PEOPLE, "性别", "出生日期"),
        ("1", A, "示例甲", number(1), "户主", "男", "1972年11月11日"),
        ("1", A, "示例乙", "", "之女", "女", "2026-01-02"),
    ])  # fmt: skip
    child = Person.objects.get(relation="child")
    assert (child.sex, child.born, child.id_number) == ("f", date(2026, 1, 2), "")


def test_a_household_of_whose_head_only_the_name_is_known_has_no_person_yet(load):
    done = load([("村", "户主姓名", "身份证号", "家庭人口数"), ("示例甲村", "示例甲", "", 3)])
    assert (done.new, Person.objects.count()) == (1, 0)
    assert Household.objects.get().size == 3


def test_a_head_may_be_known_by_name_where_relations_are_not_given(load):
    headings = ("户编号", "村", "户主姓名", "姓名", "身份证号")
    load([
        headings,
        ("1", "示例甲村", "示例甲", "示例乙", number(2)),
        ("1", "示例甲村", "示例甲", "示例甲", number(1)),
    ])  # fmt: skip
    assert Household.objects.get().head_name == "示例甲"
    assert Person.objects.get(name="示例乙").relation == "other"


def test_the_template_we_give_out_is_understood_and_its_example_goes_nowhere(people, tmp_path):
    path = tmp_path / "template.xlsx"
    path.write_bytes(template())
    with pytest.raises(NotImported, match="本县没有这个村") as caught:
        import_workbook(path=path, by=people["administrator"])
    assert len(caught.value.refusals) == 1


def test_numbers_written_by_the_template_keep_their_digits(people, tmp_path):
    path = tmp_path / "filled.xlsx"
    path.write_bytes(written([PEOPLE, ("1", A, "示例 <甲> & 乙", number(1), "户主")]))
    import_workbook(path=path, by=people["administrator"])
    assert (Person.objects.get().id_number, Person.objects.get().name) == (number(1), "示例 <甲> & 乙")


def test_one_line_names_the_file_by_its_digest_and_no_person(load):
    load([PEOPLE, ("1", A, "示例甲", number(1), "户主")])
    (line,) = Entry.objects.filter(verb="registry.import")
    assert '"source":"' in line.payload
    assert "示例甲" not in line.payload


# --- what is refused, and how it is named ------------------------------------------------------------


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\x02", b"PK\x03\x04broken", b"%PDF-1.7", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1broken"]
)
def test_what_is_no_excel_file_is_refused(people, tmp_path, content):
    path = tmp_path / "list.xlsx"
    path.write_bytes(content)
    with pytest.raises(NotImported, match="Excel"):
        import_workbook(path=path, by=people["administrator"])


def test_a_file_that_is_not_there_or_is_a_folder_is_refused(people, tmp_path):
    for path in (tmp_path / "none.xlsx", tmp_path):
        with pytest.raises(NotImported, match="Excel"):
            import_workbook(path=path, by=people["administrator"])


@pytest.mark.parametrize("sheets", [([],), ([], []), ([(), ("", None)],)])
def test_an_empty_workbook_is_refused(refused, sheets):
    assert refused(*sheets) == [("", 0, "")]


def test_headings_alone_are_refused(refused):
    assert refused([PEOPLE]) == [("名册", 0, "")]


@pytest.mark.parametrize("place", range(4))
def test_a_missing_column_is_named(refused, place):
    headings = [heading for at, heading in enumerate(PEOPLE) if at != place]
    row = [cell for at, cell in enumerate(("1", A, "示例甲", number(1), "户主")) if at != place]
    assert refused([("标题",), headings, row]) == [("名册", 2, PEOPLE[place])]


def test_columns_nobody_knows_at_all_are_refused_by_what_is_missing(refused):
    columns = [column for _sheet, _row, column in refused([("甲", "乙"), (1, 2)])]
    assert columns == ["身份证号", "姓名", "行政区划代码"]


def test_a_column_that_stands_there_twice_is_refused(refused):
    assert refused([(*PEOPLE, "姓名"), ("1", A, "示例甲", number(1), "户主", "示例乙")]) == [("名册", 1, "姓名")]


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("经度", 28.9), ("经度", 200), ("经度", "东"), ("纬度", 115.6), ("纬度", -1), ("出生日期", "不详"),
        ("出生日期", "2026-13-01"), ("出生日期", "2099-01-01"), ("出生日期", "1850-01-01"), ("性别", "不详"),
        ("家庭人口数", "三"), ("家庭人口数", 2.5), ("家庭人口数", -1), ("家庭人口数", 99_999), ("工资性收入", "很多"),
        ("工资性收入", -5), ("健康状况", "一般"), ("劳动技能", "天才"), ("危房等级", "E"), ("监测对象类别", "是"),
        ("户类型", "富户"), ("是否脱贫户", "也许"), ("水源编号", "W9"), ("首次识别时间", "2099-01-01"),
        ("联系电话", 1e15), ("性别", "女"), ("出生日期", "1972-11-12"), ("纬度", 28.9),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_read_is_named_by_sheet_row_and_column(refused, heading, cell):
    good, bad = ("1", A, "示例甲", number(1), "户主"), ("2", A, "示例乙", number(2), "户主", cell)
    column = "经度" if (heading, cell) == ("纬度", 28.9) else heading
    headings = (*PEOPLE, heading) if column == heading else (*PEOPLE, heading, "经度")
    assert refused([("标题",), headings, good, (), bad]) == [("名册", 5, column)]


@pytest.mark.parametrize(
    "wrong",
    [
        number(1)[:17] + ("0" if number(1)[17] != "0" else "1"),
        number(1)[:17],
        "990123197213410030",
        "99012319721341003" + check_digit("99012319721341003"),
        "无",
        990123197211110033,
        9.9e17,
    ],
)
def test_an_identity_number_that_cannot_be_one_is_refused(refused, wrong):
    assert refused([PEOPLE, ("1", A, "示例甲", wrong, "户主")]) == [("名册", 2, "身份证号")]


def test_a_person_stands_once_in_the_workbook(refused):
    rows = [("1", A, "示例甲", number(1), "户主"), ("2", A, "示例乙", number(1), "户主")]
    assert refused([PEOPLE, *rows]) == [("名册", 2, "身份证号"), ("名册", 3, "身份证号")]


def test_a_number_of_ours_that_stands_for_other_people_is_refused(load, people):
    row = (A + "00009", A, "示例甲", number(1), "户主")
    load([PEOPLE, row])
    with pytest.raises(NotImported, match="对不上") as caught:
        load([PEOPLE, (A + "00009", A, "示例乙", number(2), "户主")])
    assert [(each["row"], each["column"]) for each in caught.value.refusals] == [(2, "户编号")]
    assert Household.objects.get().head_name == "示例甲"


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (("1", "360123109999", "示例甲", number(1), "户主"), "行政区划代码"),
        (("1", "360123000000", "示例甲", number(1), "户主"), "行政区划代码"),
        (("1", "远方村", "示例甲", number(1), "户主"), "行政区划代码"),
        (("1", "村", "示例甲", number(1), "户主"), "行政区划代码"),
        (("1", "", "示例甲", number(1), "户主"), "行政区划代码"),
        (("", A, "示例甲", number(1), "户主"), "户编号"),
        ((1e16, A, "示例甲", number(1), "户主"), "户编号"),
        (("1", A, "", number(1), "户主"), "姓名"),
        (("1", A, "示例甲", "", "户主"), "身份证号"),
        (("1", A, "示例甲", number(1), "配偶"), "与户主关系"),
        (("1", A, "示例甲", number(1), ""), "与户主关系"),
    ],
)
def test_what_a_row_must_say_and_does_not_is_named(refused, row, column):
    assert refused([PEOPLE, row]) == [("名册", 2, column)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("户主", 3, ""), ("户主", "", "")], [(3, "与户主关系")]),
        ([("户主", 1, ""), ("配偶", "", "")], [(2, "家庭人口数")]),
        ([("户主", 3, ""), ("配偶", 4, "")], [(3, "家庭人口数")]),
        ([("户主", "", 7), ("配偶", "", 8)], [(3, "组")]),
    ],
)
def test_rows_of_one_household_may_not_contradict_each_other(refused, rows, expected):
    lines = [
        ("1", A, f"示例{at}", number(at), relation, size, group) for at, (relation, size, group) in enumerate(rows, 1)
    ]
    found = refused([(*PEOPLE, "家庭人口数", "组"), *lines])
    assert [(row, column) for _sheet, row, column in found] == expected


def test_one_household_has_one_row_where_rows_are_households(refused):
    headings = ("户编号", "村", "户主姓名", "身份证号")
    rows = [("1", "示例甲村", "示例甲", number(1)), ("1", "示例甲村", "示例乙", number(2))]
    assert refused([headings, *rows]) == [("名册", 3, "户编号")]


def test_a_village_whose_name_two_townships_share_must_be_told_apart(load, people, county):
    from anlan.county.office.actions import enrol_divisions

    enrol_divisions([("360123102203", "示例甲村", 115.5, 28.8)], synthetic=True)
    headings = ("村", "姓名", "身份证号")
    with pytest.raises(NotImported, match="同名"):
        load([headings, ("示例甲村", "示例甲", number(1))])
    load([headings, ("石鼻镇示例甲村", "示例甲", number(1))])
    assert Household.objects.get().division_id == "360123102203"


def test_all_places_are_named_and_the_sentence_shows_the_first_without_what_they_hold(load):
    rows = [(str(at), A, "示例甲", f"bad{at}", "户主") for at in range(1, 9)]
    with pytest.raises(NotImported) as caught:
        load([PEOPLE, *rows])
    assert [each["row"] for each in caught.value.refusals] == list(range(2, 10))
    text = str(caught.value)
    assert "有 8 处要改" in text
    assert "“名册”第 2 行“身份证号”" in text
    assert "另有 3 处" in text
    assert "bad" not in text


def test_who_may_not_import_does_not(people, tmp_path):
    path = book(tmp_path / "a.xlsx", [PEOPLE, ("1", A, "示例甲", number(1), "户主")])
    with pytest.raises(NotAllowed):
        import_workbook(path=path, by=people["village_cadre_a"])
    assert not Household.objects.exists()
