"""Refused rows come back as the workbook they came in: same sheets, same columns, the wrong cells on red."""

import pytest
from openpyxl import load_workbook
from tests.county.registry.books import PEOPLE, book, csv_of, number, zipped
from tests.county.registry.conftest import A

from anlan.county.registry.actions import NotImported, import_workbook
from anlan.county.registry.models import Household, Person

RED = "FFFFC7CE"
ROWS = [
    ("安义县农户名册", None, None, None, None, None),
    (*PEOPLE, "备注"),
    ("1", A, "示例甲", number(1), "户主", "好"),
    ("2", A, "示例乙", "1", "户主", "坏"),
    ("2", A, "示例丙", number(3), "配偶", "陪"),
    ("3", "远方村", "示例丁", number(4), "户主", 7),
]


@pytest.fixture
def send(people, tmp_path):
    def send(path):
        back = tmp_path / "back.xlsx"
        done = import_workbook(path=path, by=people["administrator"], returned=back)
        return done, load_workbook(back) if back.exists() else None

    return send


def red(sheet):
    return {cell.coordinate for row in sheet.iter_rows() for cell in row if cell.fill.fgColor.rgb == RED}


def test_the_wrong_cells_and_only_these_are_marked(send, tmp_path):
    done, back = send(book(tmp_path / "a.xlsx", ROWS))
    sheet = back["名册"]
    assert (done.new, done.refused) == (1, 3)
    assert red(sheet) == {"D3", "B5"}
    assert [cell.value for cell in sheet[1]][:1] == ["安义县农户名册"]
    assert [cell.value for cell in sheet[2]] == [*ROWS[1], "导入问题"]
    assert [[cell.value for cell in sheet[at]][:6] for at in (3, 4, 5)] == [list(row) for row in ROWS[3:]]


def test_each_row_says_where_it_stood_and_why(send, tmp_path):
    _done, back = send(book(tmp_path / "a.xlsx", ROWS))
    said = [back["名册"].cell(at, 7).value for at in (3, 4, 5)]
    assert said[0].startswith("原第 4 行：身份证号：")
    assert said[1] == "原第 5 行：同一户的其他行有问题"
    assert said[2] == "原第 6 行：行政区划代码：本县没有这个村"


def test_put_right_it_comes_in_and_nothing_else_changes(send, tmp_path):
    _done, back = send(book(tmp_path / "a.xlsx", ROWS))
    sheet = back["名册"]
    sheet["D3"], sheet["B5"] = number(2), A
    back.save(tmp_path / "again.xlsx")
    done, nothing = send(tmp_path / "again.xlsx") if (tmp_path / "back.xlsx").unlink() is None else (None, None)
    assert (done.new, done.changed, done.refused, done.ignored) == (2, 0, 0, ["备注"])
    assert nothing is None
    assert (Household.objects.count(), Person.objects.count()) == (3, 4)


def test_a_file_without_refusals_returns_nothing(send, tmp_path):
    _done, back = send(book(tmp_path / "a.xlsx", ROWS[:3]))
    assert back is None


def test_a_csv_and_a_zip_come_back_as_a_workbook_with_their_names(send, tmp_path):
    bad = [PEOPLE, ("1", A, "示例甲", "x", "户主")]
    good = [PEOPLE, ("1", A, "示例甲", number(1), "户主")]
    path = zipped(tmp_path / "a.zip", **{"甲.csv": csv_of(good), "乙.csv": csv_of(bad, "gb18030")})
    done, back = send(path)
    assert (done.new, done.refused) == (1, 1)
    assert back.sheetnames == ["乙.csv", "甲.csv"]
    assert red(back["乙.csv"]) == {"D2"}
    assert back["甲.csv"].max_row == 1


def test_a_file_of_which_nothing_can_be_used_is_refused_with_all_places(send, tmp_path):
    with pytest.raises(NotImported) as caught:
        send(book(tmp_path / "a.xlsx", [*ROWS[:2], *ROWS[3:]]))
    assert [(each["row"], each["column"]) for each in caught.value.refusals] == [(3, "身份证号"), (5, "行政区划代码")]


def test_numbers_and_days_come_back_as_they_were(send, tmp_path):
    from datetime import date

    rows = [(*PEOPLE, "首次识别时间", "工资性收入"), ("1", A, "甲", "x", "户主", date(2025, 3, 4), 1.5),
            ("2", A, "乙", number(1), "户主", None, None)]  # fmt: skip
    _done, back = send(book(tmp_path / "a.xlsx", rows))
    assert [cell.value for cell in back["名册"][2]][5:7] == ["2025-03-04", 1.5]
