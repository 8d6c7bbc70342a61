"""A department's list against the registry."""

import csv
import io
import string
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.county.storm import id_number

from anlan.county.discover import lists
from anlan.county.discover.actions import screen
from anlan.county.discover.models import Lead, Source
from anlan.county.errors import BadInput, NotAllowed
from anlan.county.ledger.models import Entry

SOURCE = "农业保险报案"


def a_row(village=0, serial=5, **change):
    given_ = {"name": f"示例户{village}{serial}", "id_number": id_number(village, serial), "reason": "水稻绝收",
              "yuan": "3000"}  # fmt: skip
    return {**given_, **change}


@pytest.fixture
def file(tmp_path):
    """Write a csv with the given rows and return its path."""

    def write(*rows, header=("姓名", "身份证号", "事由", "金额"), encoding="utf-8"):
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(header)
        writer.writerows(rows)
        path = tmp_path / "list.csv"
        path.write_bytes(text.getvalue().encode(encoding))
        return path

    return write


@pytest.mark.clause("D3", "M1")
def test_people_on_the_list_become_leads_of_their_households(storm, people):
    screened = screen(event=storm.event, rows=[a_row(0, 5), a_row(2, 4)], source=SOURCE, by=people["department_clerk"])
    assert (screened.rows, screened.leads, screened.unmatched, screened.refusals) == (2, 2, [], [])
    source = Source.objects.get(lead__household=storm.household(0, 5))
    assert (source.door, source.claim) == (
        "dept", {"kinds": ["crop"], "loss_yuan": 3000.0, "text": "农业保险报案：水稻绝收"},
    )  # fmt: skip


def test_the_same_list_again_adds_nothing(storm, people):
    for _time in range(2):
        screen(event=storm.event, rows=[a_row()], source=SOURCE, by=people["department_clerk"])
    assert Source.objects.count() == 1


def test_two_members_of_one_household_are_two_sources_of_one_lead(storm, people):
    rows = [a_row(), a_row(reason="住院")]
    screen(event=storm.event, rows=rows, source=SOURCE, by=people["department_clerk"])
    assert Lead.objects.get().sources.count() == 2


def test_the_name_must_agree_and_strangers_are_listed(storm, people):
    rows = [a_row(name="别人"), a_row(0, 4, id_number=id_number(9, 9)), a_row(1, 5)]
    screened = screen(event=storm.event, rows=rows, source=SOURCE, by=people["department_clerk"])
    assert screened.leads == 1
    assert screened.unmatched == [2]
    assert screened.refusals == [{"row": 1, "column": "姓名", "reason": "与名册登记的姓名不符"}]


def test_every_bad_cell_is_named_by_row_and_column_and_never_repeated(storm, people):
    bad = {"name": " ", "id_number": "999999197001010000", "reason": None, "yuan": "很多"}
    screened = screen(event=storm.event, rows=[a_row(), bad], source=SOURCE, by=people["department_clerk"])
    assert screened.leads == 1
    assert [(each["row"], each["column"]) for each in screened.refusals] == [
        (2, "姓名"), (2, "身份证号"), (2, "事由"), (2, "金额"),
    ]  # fmt: skip
    assert "999999197001010000" not in str(screened.refusals)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_of_any_office_is_read(storm, people, file, encoding):
    path = file((*a_row(yuan="1,200元").values(),), (), encoding=encoding)
    screened = screen(event=storm.event, path=path, source=SOURCE, by=people["department_clerk"])
    assert (screened.rows, screened.leads) == (1, 1)
    assert Source.objects.get().claim["loss_yuan"] == 1200.0


def test_row_numbers_are_those_of_the_sheets_margin(storm, people, file):
    path = file(list(a_row().values()), ["", "", "", ""], list(a_row(name="别人").values())[:3])
    screened = screen(event=storm.event, path=path, source=SOURCE, by=people["department_clerk"])
    assert [each["row"] for each in screened.refusals] == [4]


def test_an_xlsx_sheet_is_read(storm, people, tmp_path):
    path = tmp_path / "list.xlsx"
    path.write_bytes(xlsx([["姓名", "身份证号", "事由"], [*a_row().values()][:3]]))
    assert screen(event=storm.event, path=path, source=SOURCE, by=people["department_clerk"]).leads == 1
    assert "loss_yuan" not in Source.objects.get().claim


@pytest.mark.parametrize(
    ("name", "data"),
    [("x.csv", b""), ("x.csv", b"\xff\xfe\xff"), ("x.xlsx", b"not a sheet"), ("x.csv", "姓名,事由\n".encode()),
     ("x.csv", b'"' + b"a" * 140_000)],
)  # fmt: skip
def test_an_unreadable_list_is_refused_in_words(storm, people, tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(BadInput):
        screen(event=storm.event, path=path, source=SOURCE, by=people["department_clerk"])


def test_only_departments_hand_in_lists(storm, people):
    with pytest.raises(NotAllowed):
        screen(event=storm.event, rows=[], source=SOURCE, by=people["village_cadre_a"])


def test_the_ledger_counts_and_names_nobody(storm, people):
    screen(event=storm.event, rows=[a_row()], source=SOURCE, by=people["department_clerk"])
    text = "".join(Entry.objects.filter(verb__startswith="discover").values_list("payload", flat=True))
    assert id_number(0, 5) not in text
    assert "示例户05" not in text


@pytest.mark.parametrize(
    ("reason", "kind"),
    [("农房倒塌", "home"), ("饮水中断", "water"), ("生猪死亡", "livestock"), ("农业保险报案", "crop"),
     ("大病住院", "medical"), ("受伤", "people"), ("失学", "schooling"), ("务工停工", "work"),
     ("收割机农机损坏", "equipment"), ("其他", "other")],
)  # fmt: skip
def test_a_departments_words_say_what_was_hit(reason, kind):
    assert lists.claim("表", lists.Row(1, "甲", "x", reason, None))["kinds"] == [kind]


@settings(max_examples=50, deadline=None)
@given(st.tuples(*[st.text(alphabet=string.printable + "姓名稻Ⅹ９", max_size=20)] * 4))
def test_no_cell_crashes_the_reader(cells):
    read = lists.check([(1, dict(zip(lists.COLUMNS, cells, strict=True)))])
    assert read.count == 1
    assert bool(read.rows) != bool(read.refusals)


@given(st.integers(0, 16), st.integers(1, 9))
@settings(max_examples=50)
def test_one_wrong_digit_never_passes_as_an_id_number(place, shift):
    number = id_number(1, 1)
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert lists.is_id_number(number)
    assert not lists.is_id_number(wrong)


def xlsx(rows):
    """The smallest sheet there is, without a library that writes them."""
    cells = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row) + "</row>" for row in rows
    )
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    link = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType='
        '"application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{link}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {space} xmlns:r="{link}"><sheets><sheet name="1" sheetId="1" '
        'r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{link}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f"<worksheet {space}><sheetData>{cells}</sheetData></worksheet>",
    }
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        for name, text in parts.items():
            file.writestr(name, text)
    return held.getvalue()


def test_numbers_that_a_sheet_keeps_as_floats_are_read():
    (row,) = lists.check([(2, {**a_row(), "yuan": 3000.0, "reason": 12.0})]).rows
    assert (row.yuan, row.reason) == (3000.0, "12")
