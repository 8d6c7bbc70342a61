"""Lists of persons in whatever form offices send them; what is no table is refused by its name."""

import io
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from anlan.county.errors import BadInput
from anlan.county.registry.lists import KNOWN, placed, read
from anlan.county.registry.sheets import workbook

HEADINGS = "姓名,身份证号,性别,出生日期,手机号,行政区划,地址,户编号"
ROW = "示例甲,990123197211110033,男,1972-11-11,13912345678,360123101201,示例甲村3组,H1"
FIELDS = ("name", "id_number", "sex", "born", "phone", "division", "address", "household")


@pytest.fixture
def file(tmp_path):
    """Write a file and say where."""

    def write(data, name="list.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode(encoding))
        return path

    return write


def book(*rows, titles=()):
    workbook = Workbook()
    for title in titles:
        workbook.create_sheet(title, 0).append(["说明"])
    for row in rows:
        workbook["Sheet"].append(row)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t", ";", "，"])
def test_text_in_every_encoding_and_with_every_separator(file, encoding, mark):
    table = read(file(f"{HEADINGS}\r\n{ROW}\r\n".replace(",", mark), encoding=encoding))
    assert dict(zip(table.columns, table.row(0), strict=True)) == dict(zip(FIELDS, ROW.split(","), strict=True))


@pytest.mark.parametrize(
    "headings",
    [
        "name,id_number",
        "Name,ID Number",
        "姓 名,公民身份号码",
        "*姓名,身份证号码：",
        "户主姓名,证件号码",
        "人员姓名,idcard",
        "NAME,ID",
    ],
)
def test_columns_in_chinese_and_english(file, headings):
    assert read(file(f"{headings}\n示例甲,1\n")).columns == ["name", "id_number"]


def test_a_persons_name_counts_before_the_heads(file):
    assert read(file("户主姓名,姓名\n户主,本人\n")).rows() == [("本人",)]
    assert read(file("姓名,户主姓名\n本人,户主\n")).rows() == [("本人",)]


def test_other_columns_are_left_out_and_rows_may_be_ragged(file):
    table = read(file("序号,姓名,备注,身份证号\n1,示例甲,x,1\n2,示例乙\n3,示例丙,,3,4,5\n"))
    assert table.rows() == [("示例甲", "1"), ("示例乙", None), ("示例丙", "3")]


def test_rows_are_counted_as_they_stand(file):
    assert read(file("姓名,身份证号\n示例甲,1\n\n示例乙,2\n"))["name"].to_list() == ["示例甲", None, "示例乙"]


def test_a_title_above_the_headings_is_no_row(file):
    assert read(file("某某县困难群众名单\n\n姓名,身份证号\n示例甲,1\n")).rows() == [("示例甲", "1")]
    assert read(file(book(["名单"], ["姓名", "身份证号"], ["示例甲", "1"]), "a.xlsx")).rows() == [("示例甲", "1")]


def test_a_cell_may_hold_quotes_commas_and_lines(file):
    assert read(file('姓名,地址\n示例甲,"甲村,\n3组"\n示例乙,"说""好"""\n')).rows() == [
        ("示例甲", "甲村,\n3组"),
        ("示例乙", '说"好"'),
    ]


def test_township_and_village_are_a_division_where_there_is_none(file):
    assert read(file("姓名,乡镇,行政村\n示例甲,万埠镇,示例甲村\n"))["division"].to_list() == ["万埠镇示例甲村"]
    given = read(file("姓名,行政区划,村\n示例甲,360123101201,\n示例乙,,示例甲村\n"))["division"].to_list()
    assert given == ["360123101201", "示例甲村"]


def test_a_sheet_keeps_fifteen_digits_of_a_number_and_says_so(file):
    rows = (
        ["姓名", "身份证号", "手机号", "出生日期"],
        ["示例甲", 990123197211110033, 13912345678, date(1972, 11, 11)],
        ["示例乙", "990123197211110033", 1.5, datetime(1972, 11, 11)],  # noqa: DTZ001 (as a sheet has it)
        [None, None, True, None],
    )
    assert read(file(book(*rows), "a.xlsx")).rows() == [
        ("示例甲", "990123197211110***", "13912345678", "1972-11-11"),
        ("示例乙", "990123197211110033", "1.5", "1972-11-11"),
        (None, None, "True", None),
    ]


def test_the_sheet_with_the_columns_is_read(file):
    assert read(file(book(["姓名", "身份证号"], ["示例甲", "1"], titles=["封面"]), "a.xlsx")).height == 1


def test_a_table_without_rows_is_a_table(file):
    assert read(file("姓名,身份证号\n")).height == 0
    assert read(file(book(["姓名", "身份证号"]), "a.xlsx")).height == 0


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.csv", b""),
        ("blank.csv", b" \n\n"),
        ("picture.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(200)),
        ("letter.csv", "各位领导：\n现将有关情况汇报如下。\n".encode()),
        ("data.json", b'{"name": 1}'),
        ("page.xls", b"<html><table><tr><td>x</td></tr></table></html>"),
        ("broken.xlsx", b"PK\x03\x04" + b"x" * 100),
        ("other.csv", b"a,b\n1,2\n"),
        ("phones.csv", "手机号,地址\n1,2\n".encode()),
        ("odd.csv", b"\xff\xff\x81\x20" * 40),
        ("quote.csv", '姓名,身份证号\n"示例甲,1\n示例乙,2\n'.encode()),
        ("numbers.xlsx", book(["a", "b"], [1, 2])),
    ],
)
def test_what_is_no_list_is_refused_by_name(file, name, data):
    with pytest.raises(BadInput, match=name):
        read(file(data, name))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(BadInput, match=r"nowhere\.csv"):
        read(tmp_path / "nowhere.csv")


def test_a_table_says_its_sheet_its_first_row_and_its_headings_as_written(tmp_path):
    book = tmp_path / "list.xlsx"
    book.write_bytes(workbook([["示例名单"], ["姓 名", "身份证号"], ["甲", "1"]]))
    found = placed(book, KNOWN)
    assert (found.sheet, found.first) == ("农户名册", 3)
    assert found.headings == {"name": "姓 名", "id_number": "身份证号"}
    text = tmp_path / "list.csv"
    text.write_text("姓名，身份证号\n甲，1\n")
    found = placed(text, KNOWN)
    assert (found.sheet, found.first, found.headings["name"]) == ("", 2, "姓名")
    assert found.table.rows() == [("甲", "1")]
